#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# uffd-swap beside kernel-swap (its zswap before a swap file): the same pages in the same order, a third of them
# in memory, interleaved; medians of the repeats, in pages a second, and engine over kernel. fill: pages out while the
# working set is filled; then accesses, pages in and pages out of the pass; and accesses in a second of CPU time, which
# others on the machine disturb least.
set -eu
PFT=${BUILD:?}/pft
REPEATS=${BENCH_REPEATS:-5}
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

why_not() { "$PFT" --list workloads | grep -A 1 "^  $1 " | sed -n 's/^ *unavailable: //p'; }
reason=$(why_not uffd-swap)
[ -z "$reason" ] || { echo "uffd-swap: $reason"; exit 0; }
reason=$(why_not kernel-swap)
[ -z "$reason" ] || echo "kernel-swap: $reason; the engine alone"

metrics=(fill_swapout/sec faults/sec swapin/sec swapout/sec faults/cpu)
# once KIND ARGS...: a run of uffd-swap or kernel-swap; its figures become lines "KIND metric value"
once() {
	local kind=$1
	shift
	timeout 120 "$PFT" -m 384M --working-set 192M --limit 64M --codec lzo --param verify=accessed --oversubscribe \
		--rows "$TMP/rows" --workload "$kind-swap" "$@" >/dev/null || return 0
	for metric in "${metrics[@]}"; do
		awk -F '\t' -v kind="$kind" -v m="$metric" '$1 == m && $2 == "all" {print kind, m, $4}' "$TMP/rows"
	done >>"$TMP/all"
}
# median KIND METRIC: 0 if there is none
median() {
	awk -v k="$1" -v m="$2" '$1 == k && $2 == m {print $3}' "$TMP/all" | sort -g |
		awk '{v[NR] = $1} END {print NR ? (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 : 0}'
}

printf '%-9s %7s %-16s %9s %9s %7s\n' access workers pages uffd kernel ratio
for access in uniform zipf seq; do
	for workers in 1 2; do
		: >"$TMP/all"
		for _ in $(seq "$REPEATS"); do
			once uffd -t "$workers" --access $access
			[ -n "$reason" ] || once kernel -t "$workers" --access $access
		done
		for metric in "${metrics[@]}"; do
			awk -v a=$access -v w="$workers" -v m="$metric" -v u="$(median uffd "$metric")" \
				-v k="$(median kernel "$metric")" 'BEGIN {
				printf "%-9s %7d %-16s %9.0f", a, w, m, u
				if (k > 0) printf " %9.0f %7.2f\n", k, u / k; else printf " %9s %7s\n", "-", "-"
			}'
		done
	done
done
