#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale calibrate on made-up rates of known spread.
. "$(dirname "$0")/../lib.sh"
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MAPPING_SIZE=1M
export PFT_CLIENTS="1 4"
END
# The same noise in the same order each time.
export FAKE_DRAWS=$TMP/draws
calibrate() { rm -f "$FAKE_DRAWS"; FAKE_NOISE=$1 run "$FAULTSCALE" calibrate --seed 1 --config "$TMP/config" --results "$R" --pft "$TOP/tests/fake/pft" "${@:2}"; }
# value WHAT: of 4 clients
value() { awk -F'\t' -v w="$1" '$2 == 4 && $4 == w {print $5}' "$R/$name-a/calibration.tsv"; }
# between WHAT LOW HIGH
between() { check "$name: $1 in $2 .. $3" awk -v v="$(value "$1")" -v low="$2" -v high="$3" 'BEGIN {exit !(v != "" && v >= low && v <= high)}'; }

# Evenly spread over +-20 %: a round's ratio deviates by 0.2 * sqrt(2/3) = 0.163, 40 rounds.
name=wide
calibrate 20 --name wide --max-rounds 40
same "exit" 0 "$rc"
between deviation 0.09 0.26
between spread 0.08 0.25
between lag1 -0.4 0.4
between outliers 0 0.05
between false_alarms 0.01 0.06
between detects_30 0.05 0.16
check "more rounds show less" awk -v a="$(value detects_10)" -v b="$(value detects_120)" 'BEGIN {exit !(a > 2 * b)}'
check "in words" grep -qE '^anon-4: one measurement varies by [0-9.]+%, .*false alarms [0-9.]+%$' <<<"$out"
check "with advice" grep -q '30 rounds do not show 5%' <<<"$out"
same "all rounds" 82 "$(wc -l <"$R/wide-a/rounds.tsv")"
run "$FAULTSCALE" calibrate --results "$R" --resume wide
same "again" 0 "$rc"
between deviation 0.09 0.26

# ab says what is usual here, where that is more than it saw; what is of another machine is not believed.
steady() {
	printf '#!/bin/bash\nFAKE_NOISE=1 exec %s "$@"\n' "$TOP/tests/fake/pft" >"$TMP/steady"
	chmod +x "$TMP/steady"
	rm -f "$FAKE_DRAWS"
	run "$FAULTSCALE" ab --aa --seed 1 --config "$TMP/config" --results "$R" --pft "$TMP/steady" --name "$1" \
		--max-steal 100% --max-foreign 100%
}
steady first
check "ab: which calibration" grep -qE "^calibration 'wide-a' of this machine, [0-9]+ minutes old, at most [0-9.]+% of false alarms: " <<<"$out"
check "ab: what is usual" grep -qE '^anon-4 .*, detects [12][0-9]\.[0-9]% as calibrated\)$' <<<"$out"
sed -i 's/^cpu_model.*/cpu_model\tAbacus/' "$R/wide-a/meta.tsv"
steady second
check "ab: another machine's is ignored, by name" \
	grep -qE "^calibration 'wide-a' \([0-9]+ minutes old\) is ignored, its machine or steps are unlike: CPU '.*', not '.*'" <<<"$out"
check "ab: and nothing is as calibrated" test "$(grep -c 'as calibrated' <<<"$out")" = 0
sed -i 's/^# .*/# no table/' "$R/wide-a/calibration.tsv"
steady third
same "ab: what cannot be read is none" 0 "$(grep -c '^calibration' <<<"$out")"

name=still
calibrate 0 --name still --max-rounds 10
same "no noise: exit" 0 "$rc"
between deviation 0 0
between false_alarms 0 0
between lag1 0 0
check "no advice but for the gate" test "$(grep -c '^  [^dfgo]' <<<"$out")" = 0
calibrate 0 --name x --b "PFT_PIN=none"
same "another side b: exit 2" 2 "$rc"
check "says why" grep -q "leave out --b" <<<"$err"
finish
