#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale gate on made-up runs: exit codes, guards, unlike machines, formats and bad input.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/made_runs.sh"
cd "$TMP" || exit 1
mkdir results
make_run base 1
make_run same 1
make_run slow 0.9
make_run fast 1.1
gate() { run "$FAULTSCALE" gate "$@"; }

gate base same
same "nothing changed: exit 0" 0 "$rc"
same "nothing changed: says so" "faults/cpu-1         no change beyond ±2%" "$(head -n 1 <<<"$out" | cut -d '(' -f 1 | sed 's/ $//')"
check "with its minimum detectable effect" grep -q 'p 1, detects [0-9.]*%, 12 and 12 iterations worth 12 and 12)' <<<"$out"
same "the last line says what the code means" "exit 0: no regression was found" "$(tail -n 1 <<<"$out")"
gate base slow
same "slower: exit 10" "10 exit 10: regression" "$rc $(tail -n 1 <<<"$out")"
check "slower: by how much" grep -q '^faults/sec-2 *slower by 10.0% \[' <<<"$out"
gate base fast
same "faster: exit 0" 0 "$rc"
check "faster: by how much" grep -q '^faults/cpu-1 *faster by 10.0% \[' <<<"$out"
gate nosuch same
same "no baseline: exit 13" "13 exit 13: no baseline to compare with" "$rc $(tail -n 1 <<<"$out")"
gate --allow-missing-baseline nosuch same
same "no baseline, allowed: exit 0" 0 "$rc"
gate base nosuch
same "no new run: exit 2" 2 "$rc"

# What a run calls its variants, and why it has no value, is a file's text.
for run in base slow; do
	cp -r "results/$run" "results/odd-$run"
	sed -i "s/\tanon\t\([12]\)\t/\tan$(printf '\033')[2J\xc2\x9bon\t\1\t/" "results/odd-$run/samples.tsv"
	sed -n "3,\$ s/$(printf '\033')\[2J\xc2\x9bon/other/p" "results/odd-$run/samples.tsv" >others.tsv
	cat others.tsv >>"results/odd-$run/samples.tsv"
done
gate --force odd-base odd-slow
same "a variant that would clear the screen: is judged" 10 "$rc"
check "and named" grep -q '^faults/cpu-1 an?\[2J??on *slower by 10' <<<"$out"
same "and does not get to" "" "$(grep -P '\x1b|\xc2\x9b' <<<"$out$err")"
for style in text markdown html; do
	run "$FAULTSCALE" compare --metric faults/cpu --format $style odd-base odd-slow
	same "compare, $style: neither" "0 " "$rc $(grep -P '\x1b|\xc2\x9b' <<<"$out$err")"
done
rm -r results/odd-*

# A config: thresholds by metric and client count, other metrics, blindness.
conf() { printf '%s\n' "$@" >gate.conf; }
conf 'GATE_DELTA="2% faults/cpu=15% faults/sec-1=15% faults/sec-2=15%"'
gate --config gate.conf base slow
same "a larger threshold lets it pass" "0 11" "$rc $(gate --config gate.conf --fail-on inconclusive --require-mde 0.1% base slow; echo "$rc")"
conf 'GATE_METRICS="hardware.cycles/fault"'
gate --config gate.conf base slow
check "lower is better where it is a cost" grep -q '^hardware.cycles/fault-1 *worse by 11.1%' <<<"$out"
gate --metric cycles/fault base slow
check "the PMU's, without its source, and not those of the config" test "$(grep -c '^[a-z]*[./].*-1 ' <<<"$out") $(grep -c '^hardware.cycles/fault-1 *worse' <<<"$out")" = "1 1"
gate --metric instructions/fault base slow
same "what the PMU did not count" "2 faultscale gate: no run has the metric 'instructions/fault'" "$rc $(cut -d ';' -f 1 <<<"$err")"
sed -i 's,hardware.cycles/fault,hardware.cycles:k/fault,' results/base/samples.tsv results/slow/samples.tsv
gate --metric cycles/fault base slow
check "in the kernel alone where it has only that" grep -q '^hardware.cycles:k/fault-1 *worse by 11.1%' <<<"$out"
sed -i 's,hardware.cycles:k/fault,hardware.cycles/fault,' results/base/samples.tsv results/slow/samples.tsv
conf 'GATE_METRICS=odd'
gate --config gate.conf base slow
same "a metric without a direction" "2 faultscale gate: nobody knows which way is better, with 'odd': say GATE_BETTER=odd=lower or =higher in the config" "$rc $err"
conf 'GATE_METRICS=odd' 'GATE_BETTER=odd=lower'
gate --config gate.conf base slow
same "a direction of one's own" 0 "$rc"
conf '' 'GATE_DELTA=much'
gate --config gate.conf base slow
same "a bad config: file and line" "2 faultscale gate: gate.conf:2: GATE_DELTA: not a percentage between 0 and 100 (5%), with 'much'" "$rc $err"

# A drift of 0.1 % leaves a verdict on 10 %, which says so.
make_run steady 1
awk -F'\t' -v OFS='\t' '$5 ~ /^faults\// {$8 = 100000 + 10 * $4} 1' results/steady/samples.tsv >drifts.tsv
cp drifts.tsv results/steady/samples.tsv
gate --metric faults/cpu steady slow
same "a small drift: the verdict stands" 10 "$rc"
check "a small drift: and what was allowed for" grep -qE '^faults/cpu-1 .*slower by .*, wander of [0-9.]+% allowed for\)$' <<<"$out"

# Too few iterations, and a run that drifts.
few() { awk -F '\t' 'NR < 3 || $4 < 3' results/base/samples.tsv >results/few/samples.tsv; }
make_run few 1
few
gate base few
same "few iterations: exit 0" 0 "$rc"
check "few iterations: says so" grep -q 'cannot tell: there are too few rounds (12 and 3 iterations)$' <<<"$out"
gate --fail-on inconclusive base few
same "few iterations, --fail-on: exit 11" 11 "$rc"
make_run drift 1
awk -F '\t' -v OFS='\t' '$5 ~ /^faults/ {$8 *= 1 + $4 / 20} {print}' results/base/samples.tsv >results/drift/samples.tsv
gate --fail-on inconclusive base drift
same "drift: exit 11" 11 "$rc"
check "drift: advises ab" grep -q "'drift' drifts (Kendall's p .*: measure both side by side with 'faultscale ab'" <<<"$out"

# guard NAME MESSAGE: run g is invalid, and says why
guard() {
	gate base g
	same "$1: exit 12" 12 "$rc"
	if [[ $out = *"invalid: $2"* ]]; then ok "$1: says why"; else not_ok "$1: says why" "$out"; fi
}
# spoil METRIC VALUE STATUS: one value of run g
spoil() {
	make_run g 1
	awk -F '\t' -v OFS='\t' -v metric="$1" -v value="$2" -v status="$3" \
		'$5 == metric && $1 == 5 {$8 = value; $9 = status} {print}' results/base/samples.tsv >results/g/samples.tsv
}
make_run g 1 $'warning\tthe host took 3.4% of this guest\'s CPU time during the run (steal): compare it with care'
guard steal "steal in 'g': the host took 3.4% of its CPU time, more than 1%; GATE_MAX_STEAL and GATE_MAX_FOREIGN allow more"
conf 'GATE_MAX_STEAL=5%'
gate --config gate.conf base g
same "steal: as much as is allowed" 0 "$rc"
make_run g 1 $'warning\tprocess 28161 (cc1) uses 35% of a CPU: stop it, or wait for its end'
guard "foreign CPU time" "foreign CPU time in 'g': other processes used 35% of a CPU, more than 25%"
make_run g 1 $'warning\tprocess 28161 (make (x)) uses 135% of a CPU: stop it, or wait for its end'
guard "foreign CPU time of several threads" "foreign CPU time in 'g': other processes used 135% of a CPU, more than 25%"
conf 'GATE_MAX_FOREIGN=100%'
gate --config gate.conf base g
same "foreign CPU time: 100% allows any" 0 "$rc"
# others METRIC PERCENT: what the steps of run g say of others
others() {
	make_run g 1
	awk -F '\t' -v OFS='\t' -v metric="$1" -v value="$2" \
		'{print} $5 == "odd" {$5 = metric; $7 = "%"; $8 = $4 % 2 ? value : 0; print}' results/base/samples.tsv >results/g/samples.tsv
}
others time_steal 3
guard "steal in the steps" "steal in 'g': the host took 1.5% of its CPU time, more than 1%"
others time_foreign 80
guard "foreign CPU time in the steps" "foreign CPU time in 'g': other processes used 40% of a CPU, more than 25%; GATE_MAX_STEAL and GATE_MAX_FOREIGN allow more"
others time_foreign 48
gate base g
same "foreign CPU time in the steps: as much as is allowed" 0 "$rc"
make_run g 1 $'failed_steps\t2'
guard "failed steps" "failed steps in 'g': 2"
make_run g 1
sed -i '/^status/d' results/g/meta.tsv
guard "a run that was killed" "run 'g' is not complete"
spoil migrations 3 ok
guard migrations "migrations of pinned workers in 'g': 3 in a step"
spoil minor_faults 128 ok
guard "faults not as planned" "faults not as planned in 'g': 50% off, more than 1%"
spoil local_pages 40 ok
guard placement "placement in 'g': 40% of pages local, less than 99%"
# allowed NAME: run g is compared
allowed() {
	gate base g
	same "$1" "0 0" "$rc $(grep -c invalid: <<<"$out")"
}
spoil migrations 3 ok
sed -i 's/\tcompact\t/\tnone\t/' results/g/plan.tsv
allowed "migrations of workers without a pin"
spoil local_pages 40 ok
sed -i 's/\tcompact\t/\tnone\t/' results/g/plan.tsv
allowed "remote pages of workers without a pin"
spoil local_pages 40 ok
sed -i 's/\tdefault\t/\tinterleave\t/' results/g/plan.tsv
allowed "remote pages that were asked for"
spoil minor_faults 128 ok
sed -i 's/\tanon\tanon\t/\tanon\tshm\t/' results/g/plan.tsv
allowed "fewer minor faults where a fault a page is not all"
make_run g 1
awk -F '\t' -v OFS='\t' '$5 == "minor_faults" {$8 = 200; print; $5 = "major_faults"; $8 = 56} {print}' results/base/samples.tsv >results/g/samples.tsv
allowed "major faults are faults as well"
spoil faults/cpu 0 ok
guard "a rate of 0" "a value that is not above 0 in 'g': 0"
spoil faults/cpu 99000 'scaled: 0.5'
guard "a multiplexed counter" "multiplexed counter in 'g': counted for 50% of the time, less than 100%"
spoil faults/cpu - 'failed: no reason'
guard "a value that is missing" "no value in 1 iterations of 'g': failed: no reason"
make_run g 1
awk -F '\t' 'NR < 3 || $3 == 1' results/base/samples.tsv >results/g/samples.tsv
guard "a client count that is missing" "not measured in 'g'"
gate g same
same "a client count that is new: exit 13" 13 "$rc"
check "a client count that is new: says so" grep -q '^faults/cpu-2 *no baseline$' <<<"$out"

# Unlike machines.
make_run other 1
sed -i 's/Xeon/EPYC/; s/madvise/always/; s/Not affected/Vulnerable/; s/24684092/24684000/' results/other/meta.tsv
gate base other
same "unlike machines: exit 12" 12 "$rc"
same "unlike machines: what differs" \
	"faultscale gate: warning: the runs were not measured alike (--force compares them all the same): CPU 'EPYC', not 'Xeon'; THP 'always', not 'madvise'; mitigation mds 'Vulnerable', not 'Not affected'" "$err"
make_run small 1
sed -i 's/24684092/24000000/' results/small/meta.tsv
gate base small
same "less memory: exit 12" 12 "$rc"
check "less memory: named" grep -q "memory '24000000 kB', not '24684092 kB'" <<<"$err"
gate --force base other
same "unlike machines, --force: exit 0" 0 "$rc"
check "unlike machines, --force: named all the same" grep -q "CPU 'EPYC', not 'Xeon'" <<<"$err"
conf 'GATE_MAY_DIFFER="cpu_model thp mitigation_*"'
gate --config gate.conf base other
same "what may differ" "0 " "$rc $err"

# What is usual on this machine.
make_run cal 1 $'ended\t2026-01-05T12:00:00Z'
{
	printf '# faultscale calibration 1\nvariant\tclients\tmetric\twhat\tvalue\n'
	for what in spread:0.1 lag1:0 deviation:0.15 false_alarms:0.04; do
		printf 'anon\t%s\tfaults/cpu\t%s\t%s\n' 1 "${what%:*}" "${what#*:}"
	done
} >results/cal/calibration.tsv
gate base same
same "calibrated: exit 0" 0 "$rc"
check "calibrated: what it would have seen at best" grep -qE '^faults/cpu-1 +no change .*detects 1[0-9]\.[0-9]% as calibrated,' <<<"$out"
check "calibrated: only where that is known" grep -qE '^faults/cpu-2 +no change .*detects [0-2]\.[0-9]%, ' <<<"$out"
check "calibrated: by what" grep -qE "^calibration 'cal' of this machine, [0-9]+ days old, at most 4.0% of false alarms: " <<<"$out"
gate base same/
check "calibrated: a slash behind the name does not matter" grep -q "^calibration 'cal' of this machine" <<<"$out"
gate --require-mde 5% --fail-on inconclusive base same
same "calibrated: blind is inconclusive" 11 "$rc"
cp -r results/cal results/newer
sed -i 's/^ended.*/ended\t2026-01-06T00:00:00Z/' results/newer/meta.tsv
cp -r results/cal results/older
sed -i 's/^ended.*/ended\t2025-12-31T00:00:00Z/' results/older/meta.tsv
gate base same
check "calibrated: by the newest" grep -q "^calibration 'newer' of this machine" <<<"$out"
rm -r results/{newer,older}
sed -i 's/Xeon/EPYC/' results/cal/meta.tsv
gate --require-mde 5% --fail-on inconclusive base same
same "calibrated elsewhere: exit 0" 0 "$rc"
check "calibrated elsewhere: told" grep -q "^calibration 'cal' (.*) is ignored, its machine or steps are unlike: CPU " <<<"$out"
rm -r results/cal

# Boots: their iterations are one value.
# boots NAME FACTOR N: a run whose iterations took N boots, each with a change of its own
boots() {
	make_run "$1" "$2"
	awk -F '\t' -v OFS='\t' -v name="$1" -v n="$3" 'BEGIN {split("0 3 -2 1 -3 2", chance, " ")}
		{boot = int($4 * n / 12)} $5 ~ /^faults/ {$8 *= 1 + chance[boot + 1] / 100} {print}
		$5 == "odd" {$5 = "time_boot"; $8 = length(name) * 100 + boot; print}' "results/$1/samples.tsv" >samples
	mv samples "results/$1/samples.tsv"
}
boots six 1 6
boots seven 0.975 6
boots four 0.8 4
gate --metric faults/cpu six seven
same "boots: 2.5 %, chances of 3 %: exit 0" 0 "$rc"
check "boots: says so" grep -q '^faults/cpu-1 .*cannot tell.*6 and 6 boots' <<<"$out"
same "boots: a line for each run, a value for each boot" "six 6 seven 6" \
	"$(sed -n '2,3s/^  //p' <<<"$out" | awk '{print $1, NF - 1}' | xargs)"
gate --metric faults/cpu --fail-on inconclusive six four
check "boots: four are too few" grep -q '^faults/cpu-1 .*cannot tell: there are too few boots (6 and 4 boots)$' <<<"$out"
boots one 1 1
boots next 1 1
conf 'GATE_MAY_DIFFER=kernel'
gate --config gate.conf one next
check "boots: one of each kernel is told" grep -q 'warning: each run is of one boot' <<<"$err"
gate one next
same "boots: but not of one kernel" "" "$err"
rm -r results/one results/next results/six results/seven results/four

# Formats.
gate --format tsv base slow
same "tsv: head" "# faultscale gate 1" "$(head -n 1 <<<"$out")"
same "tsv: a record" "faults/cpu anon 1 regression -10" "$(sed -n 3p <<<"$out" | cut -f 1-5 | tr '\t' ' ')"
same "tsv: the code's meaning is beside" "exit 10: regression" "$err"
gate --format json base slow
same "json" "10 regression 12" "$(perl -MJSON::PP -0777 -ne '$j = decode_json($_); print "$j->{exit} $j->{cells}[3]{verdict} $j->{cells}[0]{base}{n}"' <<<"$out")"
gate --format odd base slow
same "no such format: exit 2" 2 "$rc"
gate base
same "one run: exit 2" 2 "$rc"
gate --self-test
same "self-test: exit 0" 0 "$rc"
same "self-test: every code" "0 10 11 12 12 13" "$(grep -oE 'exit [0-9]+' <<<"$out" | cut -d ' ' -f 2 | xargs)"
finish
