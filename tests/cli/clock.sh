#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Times that an emulator made: compare says it above its table, a gate refuses them unless forced; numbers of
# instructions are told as such. A fact of the run's own marks them, as faultscale guest does.
. "$(dirname "$0")/../lib.sh"
measure() {
	"$FAULTSCALE" run --config "$TOP/configs/smoke" --results "$TMP" --set PFT_ITERATIONS=4 --set PFT_CLIENTS=1 \
		--set PFT_MAPPING_SIZE=1M --set PFT_WARMUP=0 --set PFT_PREFAULT=no "$@" >/dev/null 2>&1
}
check "a run" measure --name real
check "one with a fact" measure --name tcg --fact accel=tcg
check "one with two facts" measure --name icount --fact accel=tcg --fact icount=shift=0
# nothing else about this machine is to be judged
echo 'GATE_MAX_STEAL=100% GATE_MAX_FOREIGN=100% GATE_MAX_FAULTS_OFF=100% GATE_MAX_MIGRATIONS=1000000' >"$TMP/gate"
sed -i '/^warning/d' "$TMP"/*/meta.tsv
sed -i '/\ttime_\(steal\|foreign\)\t/d' "$TMP"/*/samples.tsv
same "facts are kept" "accel	tcg icount	shift=0" "$(grep -E '^(accel|icount)' "$TMP/icount/meta.tsv" | xargs -d '\n')"
run "$FAULTSCALE" run --config "$TOP/configs/smoke" --results "$TMP" --name bad --fact accel
same "a fact needs a value" 2 "$rc"
run "$FAULTSCALE" run --config "$TOP/configs/smoke" --results "$TMP" --name bad --fact kernel=x --set PFT_MAPPING_SIZE=1M
same "a fact of the run's own is refused" "2 --fact: 'kernel' is a fact of the run's own" "$rc $(sed -n 's/^faultscale run: --/--/p' <<<"$err")"
run "$FAULTSCALE" run --resume real --results "$TMP" --fact a=b
same "a run that goes on has its facts" 2 "$rc"

none="an emulator translated the code of 'tcg' (accel tcg): its times mean nothing"
counted="times of 'icount' are numbers of instructions (icount), 1 ns each"
for format in text markdown; do
	run "$FAULTSCALE" compare --format $format --results "$TMP" tcg icount
	same "$format: a sentence above the table" "$none; $counted" "$(head -n 1 <<<"$out")"
done
run "$FAULTSCALE" compare --format html --results "$TMP" tcg
same "html: above the table" "<p>$none</p>" "$(head -n 1 <<<"$out")"
run "$FAULTSCALE" compare --format csv --results "$TMP" tcg
check "csv: as a warning" grep -qF "warning: $none" <<<"$err"
run "$FAULTSCALE" compare --results "$TMP" real
check "no sentence about real times" test "$(grep -c translated <<<"$out$err")" = 0
run "$FAULTSCALE" show --results "$TMP" tcg
check "show warns" grep -qF "warning: $none" <<<"$err"

run "$FAULTSCALE" gate --results "$TMP" tcg tcg
same "the gate refuses them" 12 "$rc"
check "and says why" grep -qF "$none" <<<"$out"
run "$FAULTSCALE" gate --force --config "$TMP/gate" --results "$TMP" tcg tcg
check "forced it judges" test "$rc" != 12
run "$FAULTSCALE" gate --config "$TMP/gate" --results "$TMP" icount icount
check "it judges numbers of instructions" test "$rc" != 12
echo 'GATE_METRICS=minor_faults GATE_BETTER=minor_faults=lower' >>"$TMP/gate"
run "$FAULTSCALE" gate --config "$TMP/gate" --results "$TMP" tcg tcg
check "it judges counts, which need no clock" test "$rc" != 12
run "$FAULTSCALE" run --config "$TOP/configs/smoke" --results "$TMP" --name part --max-iterations 1 \
	--set PFT_MAPPING_SIZE=1M --set PFT_WARMUP=0 --set PFT_PREFAULT=no --set PFT_CLIENTS="1 2" --set PFT_ITERATIONS=3 \
	--order sequential
same "--max-iterations: one of each cell" "interrupted 1:0 2:0" \
	"$(awk '$1 == "status" {print $2}' "$TMP/part/meta.tsv") $(awk -F '\t' '$5 == "step" {print $3 ":" $4}' "$TMP/part/samples.tsv" | xargs)"
run "$FAULTSCALE" run --results "$TMP" --resume part --max-iterations 5
same "and the others" "0 1:0 2:0 1:1 1:2 2:1 2:2" \
	"$rc $(awk -F '\t' '$5 == "step" {print $3 ":" $4}' "$TMP/part/samples.tsv" | xargs)"
finish
