#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale run --sample and faultscale misses: real samples of this machine, what stands at the top, what is
# refused, and what is left without rights.
. "$(dirname "$0")/../lib.sh"
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MAPPING_SIZE=$((64*1024*1024))
export PFT_CLIENTS="1 2"
export PFT_ITERATIONS=1
export PFT_WORKLOADS="anon"
END
# go NAME ARGS...: run the config as NAME
go() { run "$FAULTSCALE" run --config "$TMP/config" --name "$1" --results "$R" --pft "$PFT" "${@:2}"; }
# misses ARGS...: print misses
misses() { run "$FAULTSCALE" misses --results "$R" "$@"; }
# count RUN VARIANT CLIENTS SIDE SYMBOL: samples of a row, summed over offsets
count() { awk -F'\t' -v v="$2" -v c="$3" -v s="$4" -v y="$5" '$2 == v && $3 == c && $6 == s && $7 == y {n += $12} END {print n + 0}' "$R/$1/misses.tsv"; }

paranoid=$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo none)
if [ "$paranoid" = none ]; then
	skip "samples" "this kernel has no perf events"
	finish
fi
if [ "$paranoid" -gt 2 ] && [ "$(id -u)" != 0 ]; then
	skip "samples" "kernel.perf_event_paranoid is $paranoid and this is not root"
	finish
fi

# Each fault of a pass is one software event, so the samples of the measured region are the faults, exactly. All of them
# fit into the ring buffer, however late somebody comes to empty it.
go faults --set PFT_MAPPING_SIZE=16M --sample page-faults,period=1
same "a run with page faults sampled exits 0" 0 "$rc"
check "and says what it did" grep -q "^$R/faults: 2 sampled steps, 0 failed$" <<<"$out"
for n in 1 2; do
	same "no record is lost, $n clients" 0 "$(count faults anon "$n" all lost)"
	made=$(count faults anon "$n" all faults)
	exact same "each of the $made faults is a sample, $n clients" "$made" \
		"$(awk -F'\t' -v c="$n" '$3 == c && $6 != "all" {n += $12} END {print n}' "$R/faults/misses.tsv")"
	same "and nearly all in the loop that touches pages, $n clients" yes \
		"$([ "$(count faults anon "$n" user fill_pages)" -ge $((made * 99 / 100)) ] && echo yes)"
done
same "with its source line and build id" 1 "$(awk -F'\t' '$7 == "fill_pages" && $9 ~ /^pft\/touch.h:[0-9]+$/ && $11 ~ /^pft\[[0-9a-f]+\]:0x/' "$R/faults/misses.tsv" | awk -F'\t' '{print $9}' | sort -u | wc -l)"
misses faults --top 1 --clients 2
check "the table has it on top, once per fault" grep -qP '^ *\d+\.\d\d% +\d+ +(1000\.00|999\.\d\d)  user    fill_pages\+0x\w+/0x\w+  pft/touch\.h:\d+$' <<<"$out"

go hot --set PFT_WORKLOADS=engine-anon --sample cpu-clock,period=200003,iterations=2
same "a run with its clock sampled exits 0" 0 "$rc"
misses hot --by symbol --top 1 --clients 1
check "the engine's fault is its hottest function" grep -qP 'user    mm_fault$' <<<"$out"
check "shown as ns per fault" grep -q 'ns/fault' <<<"$out"
same "every sample of the kernel has a symbol" 0 "$(awk -F'\t' '$6 == "kernel" && $18 != "ok"' "$R/hot/misses.tsv" | wc -l)"
misses hot hot --clients 1 --by symbol --top 3
check "a run differs from itself by nothing" grep -qP '^ +(\d+\.\d\d) +\1 +[+-]0\.00 .* mm_fault$' <<<"$out"
misses hot --by lock --clients 2
check "locks have their shares" grep -qP '^ +\d+\.\d\d% +\d+ +\d+\.\d\d  user    spinlock in \w+$' <<<"$out"
check "beside the rest" grep -qP '  user    no lock$' <<<"$out"
misses hot --by lock --clients 1 --variant engine-anon,engine-anon
check "two variants of a run are compared" grep -qP '^ +(\d+\.\d\d) +\1 +[+-]0\.00 .* no lock$' <<<"$out"
misses hot --by data
check "no address, no data" grep -q "no address of a sample lies in an object that pft knows" <<<"$out"

run "$FAULTSCALE" run --resume hot --results "$R" --pft "$PFT" --sample page-faults
same "a complete run can be sampled later" 0 "$rc"
check "anew" grep -q page-faults "$R/hot/misses.tsv"

# What is left without a PMU, or without rights.
go plain --set PFT_CLIENTS=1 --sample cache-misses
same "cache misses are sampled, or something in their place" 0 "$rc"
if [ -d /sys/bus/event_source/devices/cpu ] || [ -d /sys/bus/event_source/devices/armv8_pmuv3_0 ]; then
	skip "without a PMU the clock is sampled, and said so" "this machine has a PMU"
else
	check "without a PMU the clock is sampled, and said so" \
		grep -q "warning: cannot sample 'cache-misses': .*; cpu-clock instead: hot instructions, not missing ones" <<<"$err"
fi
if [ "$(id -u)" = 0 ] && [ "$paranoid" -le 2 ] && [ "$paranoid" -ge 2 ]; then
	install -d -m 777 "$TMP/others"
	chmod 755 "$TMP"
	cp "$FAULTSCALE" "$PFT" "$TMP/config" "$TMP/others"
	run setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$TMP/others/faultscale" run --config "$TMP/others/config" \
		--name mine --results "$TMP/others/results" --set PFT_CLIENTS=1 --sample cpu-clock
	same "without rights the user's side is sampled" "0 0" "$rc $(awk -F'\t' '$6 == "kernel"' "$TMP/others/results/mine/misses.tsv" | wc -l)"
	check "which is said, with what would help" grep -q "CAP_PERFMON" <<<"$err"
else
	skip "without rights the user's side is sampled" "needs root and kernel.perf_event_paranoid=2"
fi

# Import of what perf script printed.
misses --import "$TOP/tests/fuzz/perf_script.corpus/memory" --name perf --clients 8 --variant mine --faults 1000
same "perf script's text is imported" "0 $R/perf: 3 samples of cpu/mem-loads,ldlat=30/P" "$rc $out"
misses perf
check "and shown as a run" grep -qP '^ +66\.67% +2 +2018\.00  kernel  down_read_trylock\+0x1a$' <<<"$out"
misses --import "$TOP/tests/fuzz/perf_script.corpus/memory" --name perf
same "but not over another" 2 "$rc"
check "which is said" grep -q "run 'perf' has samples already" <<<"$err"
misses --import "$TMP/config" --name text
same "text of another kind is refused" 2 "$rc"

# What is refused.
refused() {
	run "$FAULTSCALE" "${@:3}"
	same "$1 is refused" 2 "$rc"
	check "$1: with the reason" grep -q -- "$2" <<<"$err"
}
mkdir "$R/unsampled"
refused "a run that is not there" "no run 'nowhere'" misses --results "$R" nowhere
refused "a run without samples" "no samples in run 'unsampled'" misses --results "$R" unsampled
refused "no run" "no run; name one" misses
refused "an unknown other variant" "nothing to compare" misses --results "$R" hot --variant engine-anon,none
refused "lines of data of two variants" "for one run and variant" misses --by data hot --variant a,b
refused "an import of two variants" "not a name for a variant, with '--variant a,b'" misses --import x --name y --variant a,b
refused "three runs" "one more" misses a b c
refused "an unknown kind of rows" "no such kind of rows, with '--by cell'" misses --by cell a
refused "an import without a name" "go together" misses --import x
refused "a name that is a path" "cannot name a run" misses --import x --name ../x
go bad --sample nosuchevent
same "an unknown event is refused" 2 "$rc"
check "before anything runs" [ ! -e "$R/bad" ]
go bad --sample cpu-clock,period=0
same "so is a period of 0" 2 "$rc"
finish
