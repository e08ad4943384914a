#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The sweeps of compressed swap, run for real with little memory: every step ends well, and the tables answer
# what the first line of each asks.
. "$(dirname "$0")/../lib.sh"
R=$TMP/results

# sweep NAME ARGS...: configs/zswap-NAME
sweep() {
	run timeout 60 "$FAULTSCALE" run --config "$TOP/configs/zswap-$1" --name "$1" --results "$R" --pft "$PFT" \
		--set PFT_ITERATIONS=1 --set PFT_MAX_CLIENTS=1 --set PFT_MAPPING_SIZE=8M "${@:2}"
	same "$1: every step ends well" "0 0 failed" "$rc $(grep -o '[0-9]* failed' <<<"$out")"
}
# table ARGS...: compare's, of one run
table() {
	run "$FAULTSCALE" compare --results "$R" "$@"
	same "compare $*" 0 "$rc"
}
# samples NAME METRIC: variant and value of each step, one a line
samples() { awk -F '\t' -v m="$2" '$5 == m && $6 == "all" {print $2, $8}' "$R/$1/samples.tsv"; }

sweep lru-policies --set PFT_EXTRA="--pool-max 15 --param memory=8M --swap-file $TMP/swap"
table --by lru --metric swapin/sec,zswpwb lru-policies
same "three policies, three orders of access" 9 "$(samples lru-policies swapin/sec | wc -l)"
same "each writes back, or did while the set was filled" 9 \
	"$({ samples lru-policies zswpwb; samples lru-policies fill_zswpwb; } | awk '$2 > 0 {print $1}' | sort -u | wc -l)"

sweep compressors --set PFT_EXTRA="--swap-file $TMP/swap"
table --by codec --metric faults/sec,stored_ratio compressors
same "six codecs, null stores as is" "6 1" \
	"$(samples compressors codec_ratio | wc -l) $(samples compressors codec_ratio | awk '$2 == 1' | wc -l)"

sweep memcg-fairness --set PFT_LIMIT=2M --set PFT_EXTRA="--param memory=8M --swap-file $TMP/swap"
table --by lru --metric greedy_zswpwb,others_zswpwb memcg-fairness
check "under global the other group is written back" \
	awk '$1 ~ /global/ {v = $2} END {exit !(v > 0)}' <(samples memcg-fairness others_zswpwb)
same "under the others it is not" "0 0" "$(samples memcg-fairness others_zswpwb | awk '$1 !~ /global/ {print $2}' | xargs)"

codec=$(cat /sys/module/zswap/parameters/compressor 2>/dev/null)
workloads="engine-swap" missing=
for workload in uffd-swap kernel-swap; do
	if "$PFT" --workload $workload -m 8M -t 1 --codec lzo --check >/dev/null 2>&1 &&
		! { [ $workload = kernel-swap ] && [ -z "$codec" ]; }; then
		workloads+=" $workload"
	else
		missing+=" $workload"
	fi
done
# Another test may have the kernel's zswap just now.
exec 9>/run/lock/pft-kernel-swap-test 2>/dev/null && flock 9
sweep vs-kernel --set PFT_WORKLOADS="$workloads" --set PFT_ACCESS=uniform
table --by workload --metric swapin/sec,fill_swapout/sec vs-kernel
for workload in $workloads; do
	check "$workload is in the table" grep -q "$workload" <<<"$out"
done
same "each with a figure of pages that came in" "$(wc -w <<<"$workloads")" \
	"$(samples vs-kernel swapin/sec | awk '$2 > 0' | wc -l)"
[ -z "$missing" ] || skip "beside the engine:$missing" "not available here"
finish
