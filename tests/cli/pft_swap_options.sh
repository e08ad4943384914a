#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The options of the workloads that swap, as people mistype them, and workloads that have no use for them.
. "$(dirname "$0")/../lib.sh"

# refuses NAME TEXT ARGS...: exit 2, nothing on stdout, the one line TEXT on stderr
refuses() {
	local name=$1 text=$2
	shift 2
	run "$PFT" "$@"
	same "$name" "2  pft: $text" "$rc $out $err"
}

refuses "--limit" "--limit: not a number, with 'x'" --limit x
refuses "no --limit at all" "--limit: no memory at all, with '0'" --limit 0
refuses "--working-set" "--working-set: no memory at all, with '0K'" --working-set 0K
refuses "--codec" "--codec: not a name, with 'LZ4'" --codec LZ4
refuses "--memcgs" "--memcgs: number not in 1..4096, with '0'" --memcgs 0
refuses "--pool-max" "--pool-max: number not in 0..100, with '101'" --pool-max 101
refuses "--zswap-shrinker" "neither on nor off, with '--zswap-shrinker yes'" --zswap-shrinker yes
refuses "--lru-lock" "not node, list or policy, with '--lru-lock both'" --lru-lock both
refuses "--access" "--access: no such access, with 'random'; use uniform, zipf, zipf:THETA or seq" --access random
refuses "--compressibility" "--compressibility: not a ratio in 1..12, with '0.5'" --compressibility 0.5
for option in "--limit 1M" "--working-set 1M" "--codec lzo" "--pool zbud" "--lru global" "--lru-lock node" "--memcgs 2" \
	"--zswap-max 1M" "--pool-max 1" "--accept-threshold 50" "--zswap-shrinker on" "--swap-file x" \
	"--swap-size 1M" "--access seq" "--compressibility 2" "--content x"; do
	# shellcheck disable=SC2086  # two words
	refuses "another workload refuses $option" "workload 'cow' has no use for option ${option% *}" \
		--workload cow $option
done
finish
