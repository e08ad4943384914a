#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale ab: verdicts and exit codes on made-up rates, the order of the sides, what a kill leaves behind.
. "$(dirname "$0")/../lib.sh"
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MAPPING_SIZE=1M
export PFT_CLIENTS="1 4"
END
# A pft per kind of side.
for side in "good 100 0" "steady 100 1" "slow 90 1" "fast 115 1" "noisy 100 40"; do
	read -r name percent noise <<<"$side"
	printf '#!/bin/bash\nFAKE_PERCENT=%s FAKE_NOISE=%s exec %s "$@"\n' "$percent" "$noise" "$TOP/tests/fake/pft" >"$TMP/$name"
done
printf '#!/bin/bash\nFAKE=exit FAKE_AT=4 exec %s "$@"\n' "$TOP/tests/fake/pft" >"$TMP/broken"
chmod +x "$TMP"/{good,steady,slow,fast,noisy,broken}
# What else this machine does is no matter for rates that are made up.
calm=(--max-steal 100% --max-foreign 100%)
# The same noise in the same order each time: one verdict in twenty would be a false alarm.
export FAKE_DRAWS=$TMP/draws
ab() { rm -f "$FAKE_DRAWS"; run "$FAULTSCALE" ab --config "$TMP/config" --results "$R" "${calm[@]}" --seed 1 "$@"; }
sides() { ab --name "$1-$2" --pft-a "$TMP/$1" --pft-b "$TMP/$2" "${@:3}"; }
fact() { awk -F'\t' -v k="$2" '$1 == k {print $2}' "$R/$1/meta.tsv"; }

sides steady slow
same "slower: exit 10" 10 "$rc"
check "in a sentence for each client count" test "$(grep -cE '^anon-[14] +slower by (9|10|11)\.[0-9]% \[[0-9.]+, [0-9.]+\] ' <<<"$out")" = 2
check "and as a whole" grep -q ', 10 rounds, 5% of false alarms: regression$' <<<"$out"
same "ended after ten rounds" "20 complete" \
	"$(awk -F'\t' '$5 == "step"' "$R/steady-slow-a/samples.tsv" | wc -l) $(fact steady-slow-a status)"
same "a pair a line" 22 "$(wc -l <"$R/steady-slow-a/rounds.tsv")"
check "nothing rewritten in a pipe" test "$(tr -dc '\r' <<<"$err" | wc -c)" = 0
run "$FAULTSCALE" compare -d "$R" steady-slow-a steady-slow-b
same "compare reads both runs" 0 "$rc"
check "with their difference" grep -qE 'Hmean +faults/sec-4 .* -(9|10|11)\.' <<<"$out"

# On a terminal one line is rewritten, with the interval so far.
script -qec "'$FAULTSCALE' ab --config '$TMP/config' --results '$R' ${calm[*]} --name tty --pft-a '$TMP/steady' --pft-b '$TMP/slow'" /dev/null \
	>"$TMP/tty" </dev/null
check "a terminal shows the running interval" \
	grep -qaE $'\r\\[round 10, at most 30\\] [ab] anon, [14] clients?; anon-[14]: -[0-9.]+% \\[-[0-9.]+, -[0-9.]+\\]; ' "$TMP/tty"

sides steady fast
same "faster: exit 0" 0 "$rc"
check "improvement" grep -q ': improvement$' <<<"$out"
ab --aa --pft "$TMP/good" --name aa
same "the same twice: exit 0" 0 "$rc"
check "no change" test "$(grep -c 'no change beyond ±2%' <<<"$out")" = 2
check "says what it was" grep -q 'a false alarm$' <<<"$out"
sides noisy steady --max-rounds 10
same "cannot tell: exit 0" 0 "$rc"
check "what noise hides, and what more rounds would show" \
	grep -qE 'cannot tell: noise hides anything below [0-9.]+%; [0-9]+ more rounds would show [0-9.]+%' <<<"$out"
ab --name noisy2 --pft-a "$TMP/noisy" --pft-b "$TMP/steady" --max-rounds 10 --fail-on inconclusive
same "or 11" 11 "$rc"
sides good broken
same "a step that fails: exit 12" 12 "$rc"
check "says which" grep -q "^anon-4 .*invalid: side b failed: .*no memory" <<<"$out"
check "the pair is kept" grep -qP '^0\tanon\t4\t.*\t-\tside b failed' "$R/good-broken-a/rounds.tsv"

# What others took of the rounds, from samples that say so: a disturbed round is told, disturbed rounds are invalid.
# disturb NAME PERCENT: 60 % of a CPU in the rounds below PERCENT of all
disturb() {
	for s in a b; do
		awk -F'\t' -v OFS='\t' -v limit=$(($2 / 10)) '$5 !~ /^time_(steal|foreign)$/ {print}
			$5 == "faults/sec" {$5 = "time_steal"; $7 = "%"; $8 = "0.0"; print; $5 = "time_foreign"; $8 = $4 < limit ? 60 : 3; print}' \
			"$R/$1-$s/samples.tsv" >"$TMP/samples" && cp "$TMP/samples" "$R/$1-$s/samples.tsv"
		sed -i 's/^ab_max_foreign.*/ab_max_foreign\t0.25/' "$R/$1-$s/meta.tsv"
	done
	run "$FAULTSCALE" ab --results "$R" --resume "$1"
}
sides steady slow --name once
disturb once 20
same "two disturbed rounds: exit 10 all the same" 10 "$rc"
check "two disturbed rounds: told" grep -qE '^anon-4 +2 of 10 rounds were disturbed by the host or other programs; all count$' <<<"$out"
same "and on record" "0.6 0.03" "$(awk -F'\t' 'NR == 3 || NR == 21 {print $10}' "$R/once-a/rounds.tsv" | xargs)"
sides steady slow --name often
disturb often 100
same "all rounds disturbed: exit 12" 12 "$rc"
check "all rounds disturbed: says what to do" grep -q \
	'^anon-1 .*invalid: foreign CPU time in the rounds: other processes used 60% of a CPU, more than 25%; 10 of 10 rounds were disturbed; --max-steal and --max-foreign allow more$' <<<"$out"
sed -i 's/^ab_max_foreign.*/ab_max_foreign\t1/' "$R"/often-?/meta.tsv
run "$FAULTSCALE" ab --results "$R" --resume often
same "all rounds disturbed, allowed: exit 10" 10 "$rc"
sed -i '/^ab_max_\(steal\|foreign\)/d' "$R"/often-?/meta.tsv
sed -i '/\ttime_\(steal\|foreign\)\t/d' "$R"/often-?/samples.tsv
cut -f 1-8 "$R/often-a/rounds.tsv" >"$TMP/rounds" && cp "$TMP/rounds" "$R/often-a/rounds.tsv"
rm "$R"/often-?/topology.xml
run "$FAULTSCALE" ab --results "$R" --resume often
same "from before there were guards: exit 10" 10 "$rc"
check "from before there were guards: says so in a line" grep -q \
	"^faultscale ab: warning: 'often' was begun before there were guards: what .* is not judged$" <<<"$err"
sed -i 's/^ab_delta\t.*/ab_delta\t2%/' "$R/often-a/meta.tsv"
run "$FAULTSCALE" ab --results "$R" --resume often
same "settings that cannot be read: exit 2, why" "2 faultscale ab: meta.tsv, ab_delta: not a share, with '2%'" "$rc $err"

# The order of the sides: drawn from the seed, and kept to.
firsts() { awk -F'\t' 'NR > 2 && $3 == 4 {printf "%s", $5}' "$R/$1/rounds.tsv"; }
seeded() { ab --name "$1" --pft-a "$TMP/good" --pft-b "$TMP/good" --prep-b true --seed "$2" --min-rounds 8 --max-rounds 8; }
seeded s1 7
seeded s2 7
seeded s3 8
same "seed on record" "7 7 8" "$(fact s1-a ab_seed) $(fact s2-b ab_seed) $(fact s3-a ab_seed)"
same "the same seed, the same order" "$(firsts s1-a)" "$(firsts s2-a)"
check "another one, another order" test "$(firsts s1-a)" != "$(firsts s3-a)"
check "either side comes first now and then" grep -q "ab.*ba\|ba.*ab" <<<"$(firsts s1-a)$(firsts s3-a)"
same "as they were run" "$(firsts s1-a)" "$(
	for s in a b; do awk -F'\t' -v s=$s '$5 == "time_started" && $3 == 4 {print $4, $8, s}' "$R/s1-$s/samples.tsv"; done |
		sort -n -k1,1 -k2,2 | awk 'NR % 2 {printf "%s", $3}')"

# Overrides and preparations.
FAKE_TRACE=$TMP/trace ab --name over --pft "$TMP/good" --a "PFT_PIN=none" --b "PFT_CLIENTS='1 4' PFT_EXTRA=--prefault" \
	--prep-a "echo a >>$TMP/preps" --prep-b "echo b >>$TMP/preps" --min-rounds 2 --max-rounds 2
same "overrides reach one side only" 5 "$(grep -c -e --prefault "$TMP/trace")"
same "preparations run before each step and each warm-up" "5 a 5 b" "$(sort "$TMP/preps" | uniq -c | xargs)"
same "overrides are on record" "PFT_CLIENTS=1 4,PFT_EXTRA=--prefault" "$(fact over-b set | paste -sd,)"
ab --name noprep --pft "$TMP/good" --a "" --prep-b false
same "a preparation that fails ends it" 1 "$rc"
check "by name" grep -q "cannot prepare 'noprep-b' by 'false'" <<<"$err"

# Killed, and gone on with: every step once, and the verdict as if nothing had been.
for n in 1 12; do
	FAKE_SLEEP=0.02 "$FAULTSCALE" ab --config "$TMP/config" --results "$R" "${calm[@]}" --name "kill$n" --seed 3 \
		--pft-a "$TMP/good" --pft-b "$TMP/slow" >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 3000); do
		[ "$(grep -c $'\tstep\t' "$R/kill$n-a/samples.tsv" 2>/dev/null)" -ge $n ] 2>/dev/null && break
		sleep 0.02
	done
	kill -9 $pid
	wait $pid 2>/dev/null
	run "$FAULTSCALE" ab --results "$R" --resume "kill$n"
	same "kill$n: exit 10 after all" 10 "$rc"
	for s in a b; do
		same "kill$n-$s: each step once" "$(seq 0 19 | xargs)" \
			"$(awk -F'\t' '$5 == "step" {print $1}' "$R/kill$n-$s/samples.tsv" | sort -n | xargs)"
	done
done
run "$FAULTSCALE" ab --results "$R" --resume kill12
same "one that is over says so again" 10 "$rc"
ab --name brief --pft-a "$TMP/noisy" --pft-b "$TMP/good" --max-time 1 --max-rounds 10000 --min-rounds 10000
check "--max-time ends it" grep -q 'inconclusive$' <<<"$out"

# What has to be mended by a person: one line, exit 2, nothing made.
# bad NAME REGEX OPTION...
bad() {
	run "$FAULTSCALE" ab --results "$TMP/none" --pft "$TMP/good" "${@:3}"
	same "$1: exit 2" 2 "$rc"
	check "$1: says why" grep -qE -- "$2" <<<"$err"
	check "$1: in a line, and makes nothing" test "$(wc -l <<<"$err")" = 1 -a ! -e "$TMP/none"
}
bad "nothing differs" "both sides are the same"
bad "another side with --aa" "--aa makes side b the same" --aa --pft-b /bin/true
bad "a quote" "--b: a quote does not end" --b "PFT_PIN='none"
bad "no assignment" "--a: not NAME=VALUE, with 'PFT_PIN'" --a PFT_PIN
bad "an unknown variable" "--b: .*PFT_PINS" --b PFT_PINS=none
bad "a metric without a direction" "nobody knows which way is better, with 'minor_faults'" --aa --metric minor_faults
bad "a share" "not a share like 2% or 0.02, with 'two'" --aa --delta two
bad "looks" "no such looks: first at 40 rounds" --aa --min-rounds 40
bad "a fail-on" "not 'regression'" --aa --fail-on regression
bad "resume and more" "goes on with 'x' as it is" --resume x
bad "cells that are no pairs" "side a has 1 cells and side b 2" --a PFT_CLIENTS=1 --b "PFT_CLIENTS='1 2'"
bad "overrides that change nothing" "both sides run the same steps" --a PFT_PIN=none
bad "a number" "--max-rounds: number not in 1\.\.100000, with '0'" --aa --max-rounds 0
bad "a value" "--b: PFT_CLIENTS: not a number, with 'x'" --b PFT_CLIENTS=x
# again NAME REGEX OPTION...: one line and exit 2, where there are comparisons
again() {
	run "$FAULTSCALE" ab --results "$R" "${@:3}"
	same "$1: exit 2, in a line" "2 1" "$rc $(wc -l <<<"$err")"
	check "$1: says what to do" grep -qE -- "$2" <<<"$err"
}
again "no such comparison" "there is no comparison 'nothere', for " --resume nothere
again "a side's name" "--resume takes the name without -a or -b" --resume steady-slow-a --max-time 1
again "a name that is taken" "go on by --resume aa, or" --aa --name aa --pft "$TMP/good"
rm -r "$R/brief-b"
again "a lost side" "there is '$R/brief-a', but not its other side 'brief-b': " --resume brief
printf 'PFT_CLIENTS=1\nMONITORS_GZIP=\nPFT_MAPPING_SIZE=1M\n' >"$TMP/mmtests"
run "$FAULTSCALE" ab --config "$TMP/mmtests" --results "$R" --name once2 --aa --pft "$TMP/good" --max-rounds 1 --min-rounds 1 "${calm[@]}"
same "what means nothing is said once" "0 1" "$rc $(grep -c "'$TMP/mmtests' sets what means nothing here: MONITORS_GZIP" <<<"$err")"
run "$FAULTSCALE" report --force --results "$R" -o "$TMP/page.html" once2-a once2-b
check "a report draws the machine" grep -q 'class="cpu' "$TMP/page.html"
finish
