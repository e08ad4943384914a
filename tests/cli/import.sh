#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale import: recorded output of the real programs (tests/golden/import), and bad input.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
real=$TOP/tests/golden/import

import() { run "$FAULTSCALE" import "$@"; }
# values RUN VARIANT CLIENTS METRIC: in the order of the iterations
values() { awk -F '\t' -v v="$2" -v c="$3" -v m="$4" '$2 == v && $3 == c && $5 == m {print $8}' "results/$1/samples.tsv" | xargs; }
fact() { awk -F '\t' -v k="$2" '$1 == k {print $2}' "results/$1/meta.tsv"; }
# empty NAME: no run and no remains of one
empty() { same "$1: nothing is left" "" "$(ls -A results 2>/dev/null)"; }

# will-it-scale: the table of runtest.py
import will-it-scale "$real/page_fault1.csv" --name table
same "will-it-scale's table: exit 0" 0 "$rc"
same "it says so" "results/table: 4 steps measured by will-it-scale" "$out"
same "threads" 619238 "$(values table page_fault1-threads 2 operations/sec)"
same "processes" 303477 "$(values table page_fault1-processes 1 operations/sec)"
same "a page fault test has page faults" 619238 "$(values table page_fault1-threads 2 faults/sec)"
same "idle CPUs" 0.5 "$(values table page_fault1-threads 2 idle)"
same "who measured" will-it-scale "$(fact table measured_by)"
same "where it is from" "$real/page_fault1.csv" "$(fact table imported_from)"
check "what an operation is" grep -q 'touches of a page of a 128 MiB mapping' <(fact table import_remark)
check "a plan tells the dimensions" grep -qP '^3\tpage_fault1-threads\tpage_fault1\t-\t-\t-\tthreads\t2\t0\t' results/table/plan.tsv
printf '1,%s,5.0,-1,7.0,100\n' 200 | cat <(head -n 2 "$real/page_fault1.csv") - >page_fault2.csv
import will-it-scale page_fault2.csv --name minus
check "a test that printed no average failed" grep -qP '\tfaults/sec\tall\t1/s\t-\tfailed: ' results/minus/samples.tsv
check "and has no number in a comparison" grep -qP '^Hmean +faults/sec-1 +200\.0000 .* - \( +-\)$' \
	<("$FAULTSCALE" compare --by mode minus 2>/dev/null)

# will-it-scale: what a test prints
import will-it-scale "$real/page_fault1_threads.log" --name console
same "a test's own output: exit 0" 0 "$rc"
same "its measured seconds are iterations" "$(sed -n '/^measurement/,$ s/.*total://p' "$real/page_fault1_threads.log" | xargs)" \
	"$(values console page_fault1-threads 2 faults/sec)"
same "the slowest task" "$(sed -n '/^measurement/,$ s/min:\([0-9]*\).*/\1/p' "$real/page_fault1_threads.log" | xargs)" \
	"$(values console page_fault1-threads 2 operations_min/sec)"
import will-it-scale "1=$real/page_fault3_threads.1.log" "2=$real/page_fault3_threads.2.log" --name files
same "one run of several files" "0 1 2" "$(awk -F '\t' '$3 == 2 && $5 == "step" {print $4}' results/files/samples.tsv | xargs)"
import will-it-scale "$real/malloc1_threads.1.log" --name malloc
same "one task is seen to be one" 2 "$(values malloc malloc1-threads 1 operations/sec | wc -w)"
check "operations of other tests are not page faults" \
	grep -qP '\tfaults/sec\tall\t1/s\t-\tunavailable: ' results/malloc/samples.tsv
head -n -1 "$real/page_fault1_threads.log" | cat "$real/page_fault1_threads.log" - >cut.log
import will-it-scale "2=cut.log" --name cut
check "a test without its average is left out, with a warning" grep -q 'the last test has no average' <<<"$err"
same "the others are not" 3 "$(values cut cut 2 faults/sec | wc -w | sed s/0/3/)"

# stress-ng
import stress-ng "$real/fault-1.yaml" "$real/fault-2.yaml" --name stress
same "stress-ng: exit 0" 0 "$rc"
same "the instances are told from the shares of CPU" "1 2" \
	"$(awk -F '\t' '$5 == "step" {print $3}' results/stress/samples.tsv | xargs)"
same "faults/sec are of all instances" "$(awk '/minor-page-faults-per-sec/ {print 2 * $2}' "$real/fault-2.yaml")" \
	"$(values stress fault 2 faults/sec | awk '{printf "%.2f", $1}' | sed 's/\.\?0*$//')"
same "ns per fault" "$(awk '/nanosecs-per-page-fault/ {print $2}' "$real/fault-1.yaml")" "$(values stress fault 1 fault_ns)"
same "the kernel is a fact" "Linux 6.18.44" "$(fact stress kernel)"
import stress-ng "$real/mixed.yaml" --name mixed
same "stressors are variants" "fault mmap userfaultfd" "$(awk -F '\t' '$5 == "step" {print $2}' results/mixed/samples.tsv | xargs)"
check "one that counts no faults has none" grep -qP '\tmmap\t1\t0\tfaults/sec\tall\t1/s\t-\tunavailable: ' results/mixed/samples.tsv
sed '/cpu-usage-per-instance/d' "$real/fault-2.yaml" >shares.yaml
import stress-ng shares.yaml --name shares
same "without the shares: exit 2" 2 "$rc"
check "N=FILE is asked for" grep -q "shares.yaml:28: nothing tells how many instances of 'fault' ran: say it as N=FILE" <<<"$err"
import stress-ng 2=shares.yaml --name shares
same "and taken" 2 "$(awk -F '\t' '$5 == "step" {print $3}' results/shares/samples.tsv)"

# classic pft
import pft "$real/pft.txt" --name lines
same "result lines of pft: exit 0" 0 "$rc"
same "their rates" "$(awk '$2 == 2 {print $7 + 0}' CONVFMT=%.15g OFMT=%.15g "$real/pft.txt" | xargs)" "$(values lines pft 2 faults/cpu)"
import pft - --name stdin <"$real/pft.txt"
same_file "standard input is a file too" results/lines/samples.tsv results/stdin/samples.tsv
tree=$TOP/tests/golden/mmtests/09-garbage-lines
tree=$(dirname "$(find "$tree" -name iter-0 -print -quit)")
import pft "$tree" --name tree
same "a directory of mmtests: exit 0" 0 "$rc"
"$FAULTSCALE" compare --metric faults/cpu,system_s "$tree" 2>/dev/null | sed 's/  *$//' | tail -n +3 >want
"$FAULTSCALE" compare --metric faults/cpu,system_s tree 2>/dev/null | sed 's/  *$//' | tail -n +3 >got
same_file "its means are those of the logs" want got
check "there are some" grep -q Hmean want

# published tables
printf '# faultscale means 1\nvariant\tclients\tmetric\tvalue\tsource\n' >columns
{ cat columns; printf '6.12\t%s\tfaults/sec\t%s\tsomebody, 2025\n' 1 500000 4 1600000; printf '6.12\t1\tfaults/cpu\t510000\t-\n'; } >means.tsv
import published means.tsv --name means
same "published means: exit 0" 0 "$rc"
same "metrics of a cell are one step" 2 "$(grep -cP '\tstep\t' results/means/samples.tsv)"
check "the source is kept" grep -qx 'somebody, 2025' <(fact means import_remark)
check "they are marked" grep -q 'published means without iterations' <(fact means import_remark)
import published "$TOP/configs/machines/published.tsv" --name designs
same "published figures of lock designs: exit 0" 0 "$rc"
same "one of them" 471264 "$(values designs rfc-2024-vma-rwsem-split 1 faults/cpu)"
run "$FAULTSCALE" show --only clients=1 --only clients=4 means lines
check "the shape of published means is shown" grep -qP '^faults/sec +4 +1600000 +- +80%' <<<"$out"

# Beside a run of our own: numbers, and what is unlike.
"$FAULTSCALE" run --config "$TOP/configs/smoke" --results results --name native --set PFT_ITERATIONS=2 \
	--set PFT_MAX_CLIENTS=1 --set PFT_MAPPING_SIZE=4194304 >/dev/null 2>&1
run "$FAULTSCALE" compare --only mode=threads,clients=1 native table
same "compare with a run of our own: exit 0" 0 "$rc"
check "has numbers of both" grep -qP '^Hmean +faults/sec-1 +\d+\.\d+ \( +0\.00%\) +316774\.0000 \( ' <<<"$out"
check "says who measured" grep -q "run 'table' was not measured as 'native': program 'will-it-scale', not 'pft'" <<<"$err"
check "says what is unlike" grep -q "run 'table': faults/sec are operations" <<<"$err"
check "says that there is no noise to judge by" grep -q "run 'table': one average for each number of tasks" <<<"$err"
check "nothing else of it is held against it" test -z "$(grep -E "page size|bytes of a step|further pft" <<<"$err")"
native=$(awk -F '\t' 'NR == 3 {print $2}' results/native/plan.tsv)
sed -i 's/-$/--delay-ns 0/' results/native/plan.tsv
import pft "$real/pft.txt" --name alike --variant "$native"
run "$FAULTSCALE" compare --only "variant=$native" native alike
same "nor of a variant of the same name" "program 'classic pft', not 'pft'" "$(sed -n "s/.*run 'alike' was not measured as 'native': //p" <<<"$err")"
check "no star for published means" test -z "$("$FAULTSCALE" compare native means 2>/dev/null | grep '\*')"
run "$FAULTSCALE" gate native table
same "a gate refuses to judge another program's numbers" 12 "$rc"
run "$FAULTSCALE" show table
check "show says where it is from" grep -q '^table, measured by will-it-scale, imported 20' <<<"$out"
same "and once what is unlike" 1 "$(grep -c 'touches of a page' <<<"$out$err")"

# What is refused: one line with file and line, and nothing is left.
rm -rf results
# refused NAME TEXT ARG...
refused() {
	import "${@:3}"
	same "$1: exit 2" 2 "$rc"
	check "$1: with the reason" grep -qF -- "$2" <<<"$err"
	same "$1: in one line" 1 "$(grep -vc '^Try ' <<<"$err" | sed 's/^2$/1/')"
	empty "$1"
}
refused "no kind" "no such kind, with 'perf': there are will-it-scale, stress-ng, pft, published" perf x --name n
refused "no file" "cannot read 'nofile'" pft nofile --name n
refused "no name" "say it with --name" pft nofile
refused "a name with a slash" "cannot name a run" pft nofile --name a/b
refused "a directory of nothing" "no run in '.'" pft . --name n
refused "a directory for a table" "it is a directory" will-it-scale . --name n
: >nothing
refused "an empty table" "nothing:1: empty file" will-it-scale nothing --name n
refused "no results" "no measurement" pft nothing --name n
refused "an empty YAML file" "nothing: no metrics of stressors" stress-ng nothing --name n
refused "an empty table of means" "nothing:1: empty file" published nothing --name n
refused "pft's lines as a table" "pft.txt:1: neither the head of runtest.py's table" will-it-scale "$real/pft.txt" --name n
refused "a table as pft's lines" "page_fault1_threads.log:3: not the eight numbers" pft "$real/page_fault1_threads.log" --name n
for kind in pft will-it-scale; do
	refused "$kind without end" "cannot read '/dev/zero': it has more than 64 MiB" $kind /dev/zero --name n
done
refused "YAML without end" "/dev/zero:1: no YAML" stress-ng /dev/zero --name n
refused "a published table without end" "has to be a file" published /dev/zero --name n
refused "text without end" "cannot read '/dev/fd/3': it has more than 64 MiB" pft /dev/fd/3 --name n 3< <(yes text)
truncate -s 65M large
refused "a file too large" "cannot read 'large': it has more than 64 MiB" stress-ng large --name n
rm large
sed '4 s/,[^,]*$//' "$real/page_fault1.csv" >short.csv
refused "a row cut off" "short.csv:4: 5 numbers, want six" will-it-scale short.csv --name n
sed '3 s/^1/1.5/' "$real/page_fault1.csv" >half.csv
refused "half a task" "half.csv:3: not a number of tasks, with '1.5'" will-it-scale half.csv --name n
refused "tasks that nothing tells" "page_fault3_threads.2.log:13: nothing tells the number of tasks" will-it-scale "$real/page_fault3_threads.2.log" --name n
sed 's/^average:.*/average:7/' "$real/page_fault1_threads.log" >average.log
refused "an average of other seconds" "the average is not that of the seconds" will-it-scale average.log --name n
{ cat "$real/pft.txt"; echo '   0    1   1     0.00s'; } >torn.txt
refused "a result cut off" "torn.txt:7: not the eight numbers" pft torn.txt --name n
refused "one bad file of two" "torn.txt:7: not the eight numbers" pft "$real/pft.txt" torn.txt --name n
sed 's/bogo-ops: .*/bogo-ops: many/' "$real/fault-1.yaml" >many.yaml
refused "a word for a number" "many.yaml:29: not a number, with 'many'" stress-ng many.yaml --name n
printf 'metrics:\n  - stressor: [fault\n' >broken.yaml
refused "broken YAML" "broken.yaml:3: no YAML" stress-ng broken.yaml --name n
{ cat columns; printf 'a\t1\tfaults/sec\t1\t-\na\t1\tfaults/sec\t2\t-\n'; } >twice.tsv
refused "two means of a cell" "twice.tsv:4: another faults/sec of 'a' with 1 clients" published twice.tsv --name n
{
	printf '# faultscale published 1\ntable\tmachine\tmetric\tclients\tprefetch\tbase\tdesign\tbase_value\tvalue\tchange\tsource\n'
	printf 't\tm\tfaults/cpu\t1\t-\tx\ty\t100\t110\t10\tme\nt\tm\tfaults/cpu\t1\t-\tx\ty\t100\t120\t20\tme\n'
} >designs.tsv
refused "two figures of a design" "designs.tsv: table 't' has two faults/cpu of y with 1 clients" published designs.tsv --name n
{ cat columns; printf 'a\t1\tfaults/sec\tnan\t-\n'; } >nan.tsv
refused "no number" "nan.tsv:3: not a number, with 'nan'" published nan.tsv --name n
printf '# faultscale meta 1\nkey\tvalue\n' >meta.tsv
refused "a table of another kind" "meta.tsv:1: wrong kind of table: found 'meta 1', want 'means'" published meta.tsv --name n
import pft "$real/pft.txt" --name n
import pft "$real/pft.txt" --name n
same "a run that exists: exit 2" 2 "$rc"
check "a run that exists: says so" grep -q "the run 'results/n' exists" <<<"$err"
rm -rf results
run bash -c "trap '' XFSZ; ulimit -f 0; exec '$FAULTSCALE' import pft '$real/pft.txt' --name n"
same "a full disk: exit 1" 1 "$rc"
empty "a full disk"
(ulimit -f 0; "$FAULTSCALE" import pft "$real/pft.txt" --name n; true) >/dev/null 2>&1
check "a kill leaves no run" test ! -e results/n
cat >means.tsv <<'END'
# faultscale means 1
variant	clients	metric	value	source
a	1	faults/sec	5	-
END
run "$FAULTSCALE" import published <(cat means.tsv) -n piped
same "a published table through a pipe: exit 2, and why" \
	"2 faultscale import: a published table has to be a file, not standard input or a pipe" "$rc $err"
finish
