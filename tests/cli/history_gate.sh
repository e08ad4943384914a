#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale gate --baseline history:BRANCH~N on made-up runs: which are picked, which are not and why, five as units, fewer.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/made_runs.sh"
cd "$TMP" || exit 1
mkdir results
gate() { run "$FAULTSCALE" gate "$@"; }
# add NAME DAY [BRANCH]: to the history, with commit c-NAME
add() { "$FAULTSCALE" history add "$1" --commit "c-$1" --time "2026-01-$2" --branch "${3:-main}"; }

make_run new 1
gate --baseline history:main~10 new
same "no history: exit 13" 13 "$rc"
check "no history: says so" grep -q "no history in 'results'" <<<"$err"
for i in 1 2 3 4 5 6 7 8; do
	make_run "r$i" "$(awk -v i="$i" 'BEGIN {print 1 + ((i * 3) % 7 - 3) / 300}')"
	add "r$i" "0$i"
done
make_run slow 0.9
gate --baseline history:main~10 new
same "as ever: exit 0" 0 "$rc"
same "as ever: by which runs" "baseline: 8 runs of the last 10 commits of 'main', 'r1' to 'r8'" "$(head -n 1 <<<"$out")"
check "as ever: what it rests on" grep -qE '^faults/cpu-1 .*detects [0-9.]+%, 8 runs worth [0-9], and 12 iterations\)$' <<<"$out"
gate --baseline history:main~10 slow
same "a tenth slower: exit 10" 10 "$rc"
check "a tenth slower: by how much" grep -qE '^faults/sec-2 +slower by (9|10)\.[0-9]% \[' <<<"$out"
make_run less 0.978
gate --baseline history:main~10 less
same "hardly more than what runs differ by: exit 0" 0 "$rc"
gate r8 less
same "which two runs alone do not know" 10 "$rc"
make_run drift 1
awk -F '\t' -v OFS='\t' '$5 ~ /^faults/ {$8 *= 1 + ($4 - 5.5) / 100} {print}' results/r4/samples.tsv >results/drift/samples.tsv
gate --baseline history:main~10 drift
same "a run that drifts is one value all the same" "0 0" "$rc $(grep -c drifts <<<"$out")"
gate --baseline history:main~3 drift
check "but not where its iterations count" grep -q "cannot tell: 'drift' drifts" <<<"$out"
cp -r results/r1 results/cal
sed -i $'2a ended\t2026-01-05T12:00:00Z' results/cal/meta.tsv
{
	printf '# faultscale calibration 1\nvariant\tclients\tmetric\twhat\tvalue\n'
	printf 'anon\t1\tfaults/cpu\t%s\t0.2\n' spread deviation
} >results/cal/calibration.tsv
gate --baseline history:main~10 new
same "an iteration's usual noise says nothing of runs" "0" "$(grep -c 'as calibrated' <<<"$out")"
gate --baseline history:main~3 new
check "but of iterations" grep -q '^faults/cpu-1 .* as calibrated' <<<"$out"
rm -r results/cal
gate --baseline history:main~3 new
same "three runs: the newest alone" "0 baseline: run 'r8', the newest of 3 in the last 3 commits of 'main'; from 5 on each run would count as one value" \
	"$rc $(head -n 1 <<<"$out")"
check "three runs: by iterations" grep -q '12 and 12 iterations' <<<"$out"
gate --baseline r3 new
same "one run by name" 0 "$rc"
check "one run by name: by iterations" grep -q '12 and 12 iterations' <<<"$out"
gate --format json --baseline history:main~10 slow
same "json: the baseline is beside" "10 baseline: 8 runs" "$(perl -MJSON::PP -0777 -ne 'print decode_json($_)->{exit}' <<<"$out") $(head -n 1 <<<"$err" | cut -c 1-16)"

# What is no baseline.
add slow 09
gate --baseline history:main~20 r5
same "none of later commits, nor itself" "baseline: run 'r4', the newest of 4" "$(head -n 1 <<<"$out" | cut -d ' ' -f 1-7)"
gate --baseline history:main slow
same "nor itself when it is the last" "baseline: run 'r8', the newest of 1" "$(head -n 1 <<<"$out" | cut -d ' ' -f 1-7)"
make_run slow2 0.9
"$FAULTSCALE" history add slow2 --commit c-slow --time 2026-01-09
gate --baseline history:main slow
same "nor of its own commit" "baseline: run 'r8', the newest of 1" "$(head -n 1 <<<"$out" | cut -d ' ' -f 1-7)"
rm -r results/slow2
"$FAULTSCALE" history rebuild >/dev/null
make_run topic 0.5
add topic 09 topic
gate --baseline history:main~10 topic
same "of another branch: exit 10" 10 "$rc"
gate --baseline history:nosuch new
same "no such branch: exit 13" "13 exit 13: no baseline to compare with" "$rc $(tail -n 1 <<<"$out")"
gate --allow-missing-baseline --baseline history:nosuch new
same "no such branch, allowed: exit 0" 0 "$rc"
make_run epyc 1
sed -i 's/Xeon/EPYC/' results/epyc/meta.tsv
gate --baseline history:main~4 epyc
same "another machine: exit 13" 13 "$rc"
check "another machine: counted" grep -q "no baseline in the last 4 commits of 'main': of 4 runs before this one 4 are of another machine, 0 of" <<<"$err"
make_run bytes 1
sed -i 's/1048576/2097152/' results/bytes/plan.tsv
gate --baseline history:main~4 bytes
check "another config: counted" grep -q '0 are of another machine, 4 of another config, 0 cannot' <<<"$err"
make_run kernel 1
sed -i 's/6.18/6.19/' results/kernel/meta.tsv
gate --baseline history:main~4 kernel
check "another kernel: exit 13" test "$rc" = 13
check "another kernel: named" grep -q "run 'r8' is no baseline: kernel 'Linux 6.18', not 'Linux 6.19'\|run 'r8' is no baseline: kernel 'Linux 6.19', not 'Linux 6.18'" <<<"$err"
echo 'GATE_MAY_DIFFER=kernel' >gate.conf
gate --config gate.conf --baseline history:main~9 kernel
same "another kernel that may differ" 0 "$rc"
sed -i $'2a warning\tthe host took 9.0% of this guest\'s CPU time during the run (steal): compare it with care' results/r7/meta.tsv
rm results/r6/samples.tsv
gate --baseline history:main~9 new
same "what a guard failed, or is gone, is passed over" "baseline: 7 runs of the last 9 commits of 'main', 'r1' to 'slow'" "$(head -n 1 <<<"$out")"
check "and named" grep -q "run 'r7' is no baseline: steal in 'r7'" <<<"$err"
check "and named" grep -q "run 'r6' is no baseline: no run in" <<<"$err"

# A run is the mean of its iterations, of their logarithms.
for i in 1 2 3 4 5 8; do
	awk -F '\t' -v OFS='\t' '$5 ~ /^faults/ {$8 *= $4 ? 1.0205 : 0.8} {print}' "results/r$i/samples.tsv" >samples && mv samples "results/r$i/samples.tsv"
done
gate --baseline history:main~9 new
same "the mean of a run, not one of its iterations" "0 0" "$rc $(grep -cE 'faster|slower' <<<"$out")"

# What a person has to mend.
bad() {
	gate "${@:3}"
	same "$1: exit 2" 2 "$rc"
	if [[ $err = *"$2"* ]]; then ok "$1: says why"; else not_ok "$1: says why" "$err"; fi
}
bad "no branch" "no branch in 'history:': write history:BRANCH~COMMITS" --baseline history: new
bad "no commits" "--baseline 'history:main~0'" --baseline history:main~0 new
bad "not a number" "--baseline 'history:main~x'" --baseline history:main~x new
bad "two baselines" "name one run, NEW, with --baseline" --baseline history:main r1 new
echo junk >results/history.db
bad "a damaged history" "'results/history.db' is damaged" --baseline history:main new
finish
