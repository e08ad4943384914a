#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale compare and extract on runs of our own, and on bad input.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
mkdir results

# make_run NAME FACTOR: variants anon-compact and anon-spread at 1 and 2 clients, 5 iterations, rates times FACTOR.
make_run() {
	mkdir -p "results/$1"
	awk -v factor="$2" -v plan="results/$1/plan.tsv" 'BEGIN {
		OFS = "\t"
		print "# faultscale plan 1" >plan
		print "step", "variant", "workload", "pin", "mem", "pagesize", "mode", "clients", "iteration", "bytes", "cpus", "nodes", "extra" >plan
		print "# faultscale samples 1"
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status"
		for (s = 0; s < 20; s++) {
			pin = s % 2 ? "spread" : "compact"; clients = 1 + int(s / 2) % 2; i = int(s / 4)
			print s, "anon-" pin, "anon", pin, "default", "base", "threads", clients, i, 1048576, "-", "-", "-" >plan
			head = s OFS "anon-" pin OFS clients OFS i
			rate = (100000 + 1000 * i + 50000 * (pin == "spread")) * factor
			print head, "faults/cpu", "all", "1/s", rate, "ok"
			print head, "faults/sec", "all", "1/s", rate * clients, "ok"
			print head, "system_s", "all", "s", 1e6 / rate, "ok"
			print head, "minor_faults", "all", "1", 1000, "ok"
			print head, "major_faults", "all", "1", "-", "unavailable: not counted"
			print head, "worker_wall_s", 0, "s", 1, "ok"
			print head, "time_elapsed_s", "all", "s", 2, "ok"
			print head, "step", "all", "text", "done", "ok"
		}
	}' >"results/$1/samples.tsv"
	printf '# faultscale meta 1\nkey\tvalue\nkernel\tLinux %s\nversion_pft\tpft 1\nwarmup\t2\n' "$1" >"results/$1/meta.tsv"
}
make_run old 1
make_run new 1.1
# spoil NAME: a copy of run old to break
spoil() { rm -rf "results/$1"; cp -r results/old "results/$1"; }

run "$FAULTSCALE" compare old new
same "good runs: exit 0" 0 "$rc"
same "good runs: nothing on stderr" "" "$err"
same "variants are rows" "Hmean     faults/cpu-1 anon-compact   101980.3895 (   0.00%)   112178.4285 *  10.00%*" \
	"$(grep '^Hmean.*cpu-1 anon-compact' <<<"$out")"
same "a name without dash is not cut" "new" "$(sed -n 2p <<<"$out" | awk '{print $2}')"
run "$FAULTSCALE" compare results/old "$TMP/results/new"
same "paths do as well" 0 "$rc"
run "$FAULTSCALE" compare --results results --only pin=compact old new
same "--only one variant leaves plain names" "Min       faults/cpu-1" "$(sed -n 3p <<<"$out" | cut -c1-22)"
run "$FAULTSCALE" compare --by pin old
same "--by pin" "Hmean     faults/cpu-1   101980.3895 (   0.00%)   151986.8413 *  49.04%*" \
	"$(grep '^Hmean.*cpu-1' <<<"$out")"
same "--by pin: header" "compact spread" "$(sed -n 2p <<<"$out" | xargs)"
spoil e
awk -F '\t' -v OFS='\t' 'NR > 2 {$13 = "--prefault --lock " ($4 == "compact" ? "spf" : "vma-refcnt"); $4 = "none"} {print}' \
	results/old/plan.tsv >results/e/plan.tsv
run "$FAULTSCALE" compare --by lock e
same "--by lock: from the plan's options" "spf vma-refcnt" "$(sed -n 2p <<<"$out" | xargs)"
same "--by lock: the same numbers" "Hmean     faults/cpu-1   101980.3895 (   0.00%)   151986.8413 *  49.04%*" \
	"$(grep '^Hmean.*cpu-1' <<<"$out")"
run "$FAULTSCALE" compare --by lock old
same "--by lock: a plan without has one column" "-" "$(sed -n 2p <<<"$out" | xargs)"
run "$FAULTSCALE" compare --by variant --only clients=2 --metric 'minor faults,sys_s' old
same "--metric, --only clients" "4" "$(grep -cE '(Max|Min) +(minor_faults|system_s)-2 ' <<<"$out")"
run "$FAULTSCALE" compare --metric nosuch old new
same "unknown metric: exit 2" 2 "$rc"
same "unknown metric: lists what there is" \
	"faultscale compare: no run has the metric 'nosuch'; there is faults/cpu, faults/sec, system_s, minor_faults, major_faults, time_elapsed_s" "$err"
mkdir results/long
awk -F'\t' -v OFS='\t' 'NR > 2 && $5 == "system_s" {for (i = 10; i < 70; i++) {$5 = "metric_" i; print}} {print}' \
	results/old/samples.tsv >results/long/samples.tsv
run "$FAULTSCALE" compare --metric nosuch long
check "unknown metric: a list cut off says so" grep -q ', metric_[0-9]*, \.\.\.$' <<<"$err"
run "$FAULTSCALE" compare --print-monitor duration old new
same "duration is the sum over the steps" "Duration Elapsed       40.00       40.00" "$(tail -n 1 <<<"$out")"

run "$FAULTSCALE" compare --format json --metric major_faults old new
same "absent is null in JSON" "null" "$(perl -MJSON::PP -0777 -ne 'print decode_json($_)->{rows}[0]{cells}[0]{value}{Amean} // "null"' <<<"$out")"
same "with the reason" "unavailable: not counted" "$(perl -MJSON::PP -0777 -ne 'print decode_json($_)->{rows}[0]{cells}[0]{absent}' <<<"$out")"
cp -r results/new results/$'n\xffw'
run "$FAULTSCALE" compare --format json old $'n\xffw'
same "a name that is no UTF-8 is one in JSON" 'n\ufffdw' "$(perl -MJSON::PP -0777 -ne 'print JSON::PP->new->ascii->encode([decode_json($_)->{runs}[1]{name}])' <<<"$out" | tr -d '["]')"
rm -r results/$'n\xffw'
run "$FAULTSCALE" compare --format csv --metric major_faults old new
same "absent is empty in CSV" "major_faults,anon-compact,1,lower,Amean,old,0,,,,,,,unavailable: not counted" "$(grep -m 1 Amean <<<"$out")"
run "$FAULTSCALE" compare --metric major_faults old new
same "absent is - in text" "Amean     major_faults-1 anon-compact             - (       -)             - (       -)" "$(grep -m 1 Amean <<<"$out")"
run "$FAULTSCALE" compare --format markdown old new
same "markdown" "| Hmean | faults/cpu-1 anon-compact | 101980.3895 | 0.00% | 112178.4285 | **10.00%** |" "$(grep -m 1 Hmean <<<"$out")"
run "$FAULTSCALE" compare --stats ci --seed 7 --only pin=compact old new
first=$out
run "$FAULTSCALE" compare --stats ci --seed 7 --only pin=compact old new
same "the same seed gives the same intervals" "$first" "$out"
same "the seed is shown" "95% BCa bootstrap intervals of the ratio to 'old', 2000 resamples, seed 7" "$(tail -n 1 <<<"$out")"
run "$FAULTSCALE" compare --stats ci --seed 7 --only pin=compact --sub-heading faults/sec-2 old new
same "a row's interval does not depend on the other rows" "$(grep 'Median.*sec-2' <<<"$first")" "$(grep Median <<<"$out")"
# intervals ARGS...: the columns with the numbers of faults/cpu of 2 clients, compact
intervals() { "$FAULTSCALE" compare --stats ci --format csv "$@" | sed -n 's/^faults.cpu,\(anon-compact\)\?,2,//p'; }
same "nor on what the table calls it" "$(intervals old new)" "$(intervals --only pin=compact old new)"
run "$FAULTSCALE" extract --only pin=compact old
same "extract" "faults/cpu-1   0              1     100000.00" "$(head -n 1 <<<"$out")"
run "$FAULTSCALE" extract -a time --print-plot --sub-heading system-1 --only pin=compact old
same "extract: candlesticks" \
	"1                   9.654        9.615       10.000        9.958        9.806"$'\t'"# stddev=0.152       " "$out"

# bad NAME MESSAGE ARGUMENT...: exit 2, one line on stderr that holds MESSAGE
bad() {
	local name=$1 message=$2
	shift 2
	run "$FAULTSCALE" compare "$@"
	if [ "$rc" = 2 ] && [ "$(wc -l <"$TMP/.err")" = 1 ] && [ -z "$out" ] && [[ $err = *"$message"* ]]; then
		ok "$name"
	else
		not_ok "$name" "exit $rc: $out $err"
	fi
}
bad "no such run" "no run 'nosuch': neither 'results/nosuch' nor 'nosuch' exists" old nosuch
mkdir results/empty
bad "an empty directory" "no run in 'results/empty': neither samples.tsv nor iter-*/pft/logs" old empty
bad "no run named" "name the runs to read"
bad "an absent directory" "cannot read directory 'nosuch'" -d nosuch -n a,b
bad "a broken expression" "not a regular expression, with '('" --sub-heading '(' old new
bad "an expression without match" "no row of 'old' begins like 'x'" --sub-heading x old new
bad "--only of nothing" "--only leaves nothing of it" --only pin=nosuch old
bad "names and words" "use one of the two" -n old new
spoil v && sed -i '1s/1$/9/' results/v/samples.tsv
bad "an unknown version" "results/v/samples.tsv:1: version '9' of samples is unknown" old v
spoil c && sed -i '7s/\tall.*//' results/c/samples.tsv
bad "too few columns" "results/c/samples.tsv:7: 5 fields, want 9" old c
spoil n && sed -i '5s/\t[0-9.]*\tok$/\tfast\tok/' results/n/samples.tsv
bad "not a number" "results/n/samples.tsv:5: value of 'system_s': not a number, with 'fast'" old n
spoil u && sed -i '5s/ok$/fine/' results/u/samples.tsv
bad "an unknown status" "results/u/samples.tsv:5: unknown status 'fine'" old u
spoil s && sed -i '4s/^0/zero/' results/s/samples.tsv
bad "a step that is no number" "results/s/samples.tsv:4: column 'step': not a whole number, with 'zero'" old s
run "$FAULTSCALE" compare --no-such-option
same "unknown option: exit 2" 2 "$rc"

# What a kill leaves behind is left out and told.
spoil t && head -c -3 results/old/samples.tsv >results/t/samples.tsv
run "$FAULTSCALE" compare old t
same "torn last line: goes on" 0 "$rc"
same "torn last line: told" "2" "$(grep -cE 'last line is torn|steps without a closing record left out: 1, the first is step 19' <<<"$err")"
same "torn last line: its step does not count" "4" \
	"$("$FAULTSCALE" extract t --only pin=spread,clients=2 2>/dev/null | grep -c faults/cpu)"
spoil f && sed -i 's/^\(3\t.*step\tall\ttext\t\)done\tok/\1failed\tkilled by signal 9/' results/f/samples.tsv
run "$FAULTSCALE" compare old f
same "failed step: told" \
	"faultscale compare: warning: results/f/samples.tsv: failed steps left out: 1, the first is step 3: killed by signal 9" "$err"

# Runs that differ in more than what is compared; the kernel, which differs in the good ones above, is no such thing.
# unlike NAME TEXT FILE SED ARGUMENT...: one warning that ends in TEXT after this edit of FILE, and the same table
unlike() {
	local before
	spoil other
	before=$("$FAULTSCALE" compare "${@:5}" old other)
	sed -i "$4" "results/other/$3"
	run "$FAULTSCALE" compare "${@:5}" old other
	same "unlike: $1" "${2:+faultscale compare: warning: run 'other' was not measured as 'old': $2}" "$err"
	same "unlike: $1: the table is the same" "$before" "$out"
}
unlike "nothing" "" plan.tsv ""
unlike "bytes" "bytes of a step '2097152', not '1048576'" plan.tsv 's/1048576/2097152/'
unlike "bytes of one variant" "bytes of a step '2097152', not '1048576'" plan.tsv '/spread/s/1048576/2097152/'
unlike "page size, mode, options" "page size 'default', not 'base'; mode 'processes', not 'threads'; further pft options '--prefault', not '-'" \
	plan.tsv 's/base\tthreads/default\tprocesses/; 3,$s/-$/--prefault/'
unlike "pft, warm-up" "version 'pft 2', not 'pft 1'; steps of warm-up '0', not '2'" meta.tsv 's/pft 1/pft 2/; s/^warmup.*/warmup\t0/'
unlike "pin and memory policy on purpose" "" plan.tsv 's/\t\(compact\|spread\)\tdefault/\tcores\tlocal/'
run "$FAULTSCALE" compare --only pin=compact old new
same "runs that are alike: nothing on stderr" "" "$err"

mkdir -p results/d/samples.tsv
bad "an unreadable run" "cannot read 'results/d/samples.tsv': Is a directory" old d
"$FAULTSCALE" compare old new >/dev/full 2>"$TMP/full.err"
same "a full disk is told" "1" "$?"
finish
