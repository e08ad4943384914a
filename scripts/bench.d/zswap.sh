#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# zswap: a page's store and load beside the bare codec, and the pool's density; then, by whole runs of pft in
# turns, medians: --lru memcg beside --lru global with one group, and with 8 groups and 2 workers; and the table
# of who is written back when one of two groups is over its limit.
set -eu
"${BUILD:?}/scripts/bench.d/zswap"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
policies="global memcg memcg-second-chance"

# pft POLICY ARGS...: the rows METRIC VALUE of one run
pft() {
	"$BUILD/pft" --oversubscribe --swap-file "$tmp/swap" --rows "$tmp/rows" --lru "$1" "${@:2}" >/dev/null
	awk -F '\t' '$2 == "all" {print $1, $4}' "$tmp/rows"
}
# median METRIC FILE
median() { awk -v m="$1" '$1 == m {print $2}' "$2" | sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# turns NAME ARGS...: each policy, again and again; the ratios are of memcg to global in the same turn
turns() {
	local name=$1 policy
	shift
	rm -f "$tmp"/*.all "$tmp/ratio"
	for _ in $(seq 15); do
		for policy in $policies; do
			pft "$policy" "$@" >"$tmp/$policy"
			cat "$tmp/$policy" >>"$tmp/$policy.all"
		done
		for policy in memcg memcg-second-chance; do
			for metric in faults/cpu faults/sec; do
				awk -v m=$metric -v p=$policy '$1 == m {v[FILENAME] = $2}
					END {for (f in v) if (f ~ /global$/) g = v[f]; else o = v[f]; print p ":" m, o / g}' \
					"$tmp/global" "$tmp/$policy" >>"$tmp/ratio"
			done
		done
	done
	for policy in $policies; do
		printf '%-22s %-20s %10.0f accesses/cpu %10.0f accesses/sec' "$name" "$policy" \
			"$(median faults/cpu "$tmp/$policy.all")" "$(median faults/sec "$tmp/$policy.all")"
		[ "$policy" = global ] || printf '  %.3f and %.3f of global' \
			"$(median "$policy:faults/cpu" "$tmp/ratio")" "$(median "$policy:faults/sec" "$tmp/ratio")"
		printf '\n'
	done
}
turns "1 group, 1 worker" -m 64M --working-set 16M -t 1 --workload engine-swap --param verify=accessed
turns "8 groups, 2 workers" -m 64M --working-set 16M -t 2 --workload engine-memcgs --memcgs 8 --param greedy=all \
	--param verify=accessed

printf '\nGroup A wants 4 times its limit, half of group B is cold; pages, and ns of an access\n'
printf '%-20s %10s %10s %10s %10s %12s %12s %12s\n' policy "A zswpout" "A zswpwb" "B zswpout" "B zswpwb" \
	"A access" "B access" "B cold page"
for policy in $policies; do
	pft "$policy" -m 48M -t 1 --workload engine-memcgs --memcgs 2 --limit 12M --zswap-shrinker on \
		--param memory=48M >"$tmp/one"
	printf '%-20s' "$policy"
	for metric in greedy_zswpout greedy_zswpwb others_zswpout others_zswpwb; do
		printf ' %10.0f' "$(median $metric "$tmp/one")"
	done
	for metric in greedy_access_ns others_access_ns others_cold_read_ns; do
		printf ' %12.0f' "$(median $metric "$tmp/one")"
	done
	echo
done
