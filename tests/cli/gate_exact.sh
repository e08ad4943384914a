#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale gate on simulated runs: any change counts, and the count that changed most is named.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1

# made NAME RATE COUNT [OPTION...]: a run whose simulator is made up
made() {
	FAKE_PERCENT=$2 FAKE_COUNT=$3 "$FAULTSCALE" whatif --pft "$TOP/tests/fake/pft" --machine laptop-8x2 --designs spf \
		--clients 4 --name "$1" "${@:4}" >/dev/null
}
echo GATE_METRICS=faults/sec >config # the made-up simulator tells no faults/cpu
gate() { run "$FAULTSCALE" gate --config config "$@"; }
made base 100 3
made again 100 3
made worse 99 5
made better 101 2
made other 100 3 --pages 100

gate base again
same "the same" $'0 faults/sec-4         the same\nexit 0: no regression was found' "$rc $out"
gate base worse
same "a change below any noise, and its reason" "10 faults/sec-4         worse by 1%: transfers_cross, 3 to 5 a fault" "$rc ${out%%$'\n'*}"
gate base better
same "for the better" "0 faults/sec-4         better by 1%: transfers_cross, 3 to 2 a fault" "$rc ${out%%$'\n'*}"
gate --fail-on change base better
same "which --fail-on change does not let pass" 10 "$rc"
printf 'GATE_METRICS=sim.transfers_cross/fault\nGATE_BETTER=sim.transfers_cross/fault=lower\n' >less
run "$FAULTSCALE" gate --config less base better
same "of a cost less is better" "0 better by 33.3%" "$rc $(grep -o 'better by [0-9.]*%' <<<"$out")"
run "$FAULTSCALE" gate --config less --fail-on change base better
same "which is a change, too" 10 "$rc"
for run in base again; do
	sed -i "/^status/i cpu_model\tCPU of $run\nwarning\tthe host took 9.0% of this guest's CPU time during the run (steal)" results/$run/meta.tsv
	sed -i $'/\tstep\tall/i 0\tengine-anon\t4\t0\ttime_steal\tall\t%\t50\tok' results/$run/samples.tsv
done
gate --fail-on change base again
same "what did not change passes, on whatever host it was simulated, and however busy that was" "0 " "$rc $err"
gate --format tsv base worse
same "for programs" "regression -0.9998 transfers_cross, 3 to 5 a fault" \
	"$(awk -F'\t' 'NR == 3 {print $4, $5, $15}' <<<"$out" | sed 's/-0\.99[0-9]*/-0.9998/')"
gate --format json base worse
same "in JSON too" "worse by 1%: transfers_cross, 3 to 5 a fault" "$(jq -r '.cells[0].sentence' <<<"$out")"
# fields RUN COUNT...: of 1000 faults so many transfers of the fields first, second, third
fields() {
	local run=$1 name
	local row='0\tengine-anon\t4\t0\ttransfers\t%s\t%s\t-\t-\t%s\t-\t%s\t0\t0\t0\t0\t0\tok\n'
	shift
	{
		head -n 2 "$TOP/tests/golden/simulated/misses.tsv"
		# shellcheck disable=SC2059
		{
			printf "$row" all faults - 1000 all period - 1
			for name in first second third; do
				printf "$row" simulated "mm.$name" "mm.$name" "$1"
				shift
			done
		}
	} >"results/$run/misses.tsv"
}
fields base 300 400 500
fields worse 320 100 510
gate base worse
same "the field that changed most, more or less, comes before any count" \
	"10 faults/sec-4         worse by 1%: transfers of mm.second, 0.4 to 0.1 a fault" "$rc ${out%%$'\n'*}"
fields worse 320 410 900
gate base worse
same "another field" "faults/sec-4         worse by 1%: transfers of mm.third, 0.5 to 0.9 a fault" "${out%%$'\n'*}"
rm results/{base,worse}/misses.tsv
gate base other
same "other pages are another measurement" 12 "$rc"
made 16 100 3 --designs mmap-lock
gate base 16
same "what is not there now is no success" 12 "$rc"
gate --fail-on sometimes base again
same "unknown condition" 2 "$rc"
echo GATE_DELTA=2% >>config
gate base worse
same "a threshold that was set holds" 0 "$rc"
finish
