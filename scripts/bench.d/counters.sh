#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What counting costs: faults/sec and CPU time of a fault of anon by 2 workers with each source, against none,
# interleaved; and CPU ns of a fault in the best tenth of the rounds, which others on the machine disturb least.
# ROUNDS (31), SIZE (64M); PROCESSES=yes for worker processes.
set -eu
rounds=${ROUNDS:-31} size=${SIZE:-64M} mode=-t
[ "${PROCESSES:-no}" = no ] || mode=-n
variants=("none" "null" "rusage" "schedstat" "software" "proc-vmstat" "none --events default" "all")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"${BUILD:?}/pft" -m "$size" $mode 2 --prefault --pin compact >/dev/null 2>&1
for ((i = 0; i < rounds; i++)); do
	# Each round begins elsewhere, so that no variant always follows the same one.
	for ((k = 0; k < ${#variants[@]}; k++)); do
		v=$(((k + i) % ${#variants[@]}))
		# shellcheck disable=SC2086  # a name, and an option
		"$BUILD/pft" -m "$size" $mode 2 --pin compact --counters ${variants[v]} --rows "$tmp/rows" >/dev/null
		awk -F '\t' -v i=$i -v v=$v '$2 == "all" && ($1 == "faults/sec" || $1 == "faults/cpu") {x[$1] = $4}
			END {print i, v, x["faults/sec"], x["faults/cpu"]}' "$tmp/rows" >>"$tmp/all"
	done
done
# median FILE: of its first column
median() { sort -g "$1" | awk '{x[NR] = $1} END {print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2}'; }
# best FILE: CPU ns of a fault, from faults/cpu
best() { sort -gr "$1" | awk -v n="$(((rounds + 9) / 10))" 'NR <= n {s += $1} END {printf "%.0f", 1e9 * n / s}'; }
printf '%-24s %14s %14s %14s   ratio to none of the same round, median\n' counters faults/sec faults/cpu 'best ns/fault'
for v in "${!variants[@]}"; do
	for column in 3 4; do
		awk -v v="$v" -v c=$column '$2 == v {print $c}' "$tmp/all" >"$tmp/value$column"
		awk -v v="$v" -v c=$column '$2 == 0 {base[$1] = $c} $2 == v {mine[$1] = $c}
			END {for (i in mine) print mine[i] / base[i]}' "$tmp/all" >"$tmp/ratio$column"
	done
	printf '%-24s %14.0f %14.0f %14s   %.3f %.3f\n' "${variants[v]}" "$(median "$tmp/value3")" "$(median "$tmp/value4")" \
		"$(best "$tmp/value4")" "$(median "$tmp/ratio3")" "$(median "$tmp/ratio4")"
done
