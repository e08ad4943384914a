#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The plan for the machine of plan-two-sockets/README.md equals the one worked out there by hand.
. "$(dirname "$0")/../lib.sh"
case=$TOP/tests/golden/plan-two-sockets
machine="pack:2 [numa] core:14 pu:2"

# unfold LIST: "0-2,5" as "0 1 2 5"
unfold() { tr , '\n' <<<"$1" | awk -F- 'NF == 2 {for (i = $1; i <= $2; i++) print i; next} {print}' | xargs; }
# nodes CPU...: the node of each, by the rule of the README
nodes() { for c; do echo $((c < 28 ? 0 : 1)); done | xargs; }

run "$FAULTSCALE" plan --topology "$machine" --format tsv "$case/config"
same "plan exits 0" 0 "$rc"
plan=$out
same "first line" "# faultscale plan 1" "$(head -n 1 <<<"$plan")"
same "18 steps" 20 "$(wc -l <<<"$plan")"
step=0
while read -r pin clients cpus; do
	line=$(awk -F'\t' -v s="$step" '$1 == s' <<<"$plan")
	IFS=$'\t' read -r _ variant workload got_pin mem pagesize mode got_clients iteration bytes got_cpus \
		got_nodes extra <<<"$line"
	same "$pin $clients: what runs" \
		"anon-$pin anon $pin default base threads $clients 0 1073741824 -" \
		"$variant $workload $got_pin $mem $pagesize $mode $got_clients $iteration $bytes $extra"
	same "$pin $clients: CPUs" "$cpus" "$(unfold "$got_cpus")"
	# shellcheck disable=SC2086  # a list of words
	same "$pin $clients: nodes" "$(nodes $cpus)" "$(unfold "$got_nodes")"
	step=$((step + 1))
done <"$case/cpus"
"$FAULTSCALE" plan --topology "$machine" "$case/config" >"$TMP/text"
same_file "as text" "$case/text" "$TMP/text"
finish
