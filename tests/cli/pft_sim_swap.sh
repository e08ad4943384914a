#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft-sim: zswap's lists with a lock per node and per list.
. "$(dirname "$0")/../lib.sh"
simulator
SIM=$BUILD/pft-sim
MODEL=$TOP/configs/machines/broadwell-2x14x2

# simulate FILE ARGS...: rows and the line of one cell in FILE, but for the option itself
simulate() {
	"$SIM" --machine "$MODEL" --workload engine-memcgs -t 8 -m 2M --limit 512K --param greedy=all --param verify=accessed \
		--counters sim --rows "$TMP/rows" "${@:2}" >"$1" 2>"$1.err" && grep -v '^lru_lock' "$TMP/rows" >>"$1"
}

for lru in "memcg node" "memcg-second-chance list"; do
	read -r policy own <<<"$lru"
	for scope in policy node list; do
		check "$policy, a lock per $scope" simulate "$TMP/$scope" --lru "$policy" --lru-lock $scope
		same "$policy: the rows say $scope" "lru_lock all text $scope ok" "$(grep '^lru_lock' "$TMP/rows" | tr '\t' ' ')"
	done
	same_file "$policy: one per $own, as its kernel" "$TMP/policy" "$TMP/$own"
	check "$policy: the other scope costs something else" test "$(cmp "$TMP/node" "$TMP/list" 2>&1 | wc -l)" = 1
done

{ cat "$MODEL" && echo "spin_looks = 100000"; } >"$TMP/model"
# many SCOPE ARGS...: 28 workers, each with a group at its limit
many() {
	run "$SIM" --machine "$TMP/model" --workload engine-memcgs -t 28 --working-set 28M --limit 14M -m 14M --lru memcg \
		--lru-lock "$1" --param greedy=all --param verify=accessed --param memory=28M --rows "$TMP/$1" "${@:2}"
}
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/$2"; }
many node --pool-max 100
same "28 workers, a lock per node: nobody sleeps on a spinlock" "0  0" "$rc $err $(value spinlock_slept node)"
many list --pool-max 100
same "28 workers, a lock per list: nobody sleeps on a spinlock" "0  0" "$rc $err $(value spinlock_slept list)"
check "they wait less: $(value spinlock_queued list), not $(value spinlock_queued node)" \
	test "$(value spinlock_queued list)" -lt "$(value spinlock_queued node)"
many node --pool-max 10
check "a full pool: the shrink worker wrote $(value zswpwb node) pages back" test "$rc" = 0 -a "$(value zswpwb node)" -gt 0
finish
