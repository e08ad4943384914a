#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the probes of `faultscale run --explain` cost: anon at 2 workers with none, each and all that are attached by
# default, and those by request, interleaved. For faults/cpu, which other processes disturb least, and faults/sec: the
# median of the ratios to the round's run without any probe, with the quartiles. ROUNDS (10) rounds.
set -eu
cd "$(dirname "$0")/../.."
faultscale=${BUILD:-build}/faultscale
rounds=${ROUNDS:-10}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
kinds="none offcpu contention mmap_lock alignment offcpu,contention,mmap_lock,alignment latency"

cat >"$tmp/config" <<END
export PFT_MAPPING_SIZE=$((1 << 29))
export PFT_CLIENTS=2
export PFT_ITERATIONS=1
export PFT_PREFAULT=yes
END
# rate FILE METRIC: of its last step
rate() { awk -F'\t' -v m="$2" '$5 == m && $6 == "all" {v = $8} END {print v}' "$1"; }
for ((round = 0; round < rounds; round++)); do
	for kind in $(tr ' ' '\n' <<<"$kinds" | shuf); do
		explain=--explain=$kind file=explained.tsv name=$round-${kind//,/-}
		# The step that counts is the second of its run in any case: memory is warmer then.
		[ "$kind" != none ] || { explain='--set PFT_ITERATIONS=2' file=samples.tsv; }
		# shellcheck disable=SC2086  # two words, or one
		"$faultscale" run --config "$tmp/config" --results "$tmp" --name "$name" $explain >/dev/null 2>&1 || {
			echo "cannot run with '$kind'"
			exit 0
		}
		for metric in faults/cpu faults/sec; do
			echo "$round $metric:$kind $(rate "$tmp/$name/$file" $metric)" >>"$tmp/rates"
		done
	done
done
awk '{rate[$1, $2] = $3; if (!($2 in seen)) {seen[$2]; kinds[n++] = $2}; rounds = $1 + 1}
	END {for (k = 0; k < n; k++) for (r = 0; r < rounds; r++) {
		none = kinds[k]
		sub(":.*", ":none", none)
		if (rate[r, none] && rate[r, kinds[k]]) print kinds[k], rate[r, kinds[k]] / rate[r, none]
	}}' "$tmp/rates" |
	sort -k1,1 -k2,2n | awk '
	$1 != kind {if (n) show(); kind = $1; n = 0}
	{v[n++] = $2}
	function show() {
		printf "%-56s %.3f  [%.3f, %.3f]\n", kind, v[int(n / 2)], v[int(n / 4)], v[int(3 * n / 4)]
	}
	END {if (n) show()}'
