#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft --delay-ns: a busy wait cannot be shorter than asked for, and the faults stay what they were.
. "$(dirname "$0")/../lib.sh"
# row METRIC
row() { awk -F'\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/rows"; }
# slow SECONDS OPTION...: at least so long, and 256 faults
slow() {
	run "$PFT" -m 1M --rows "$TMP/rows" "${@:2}"
	check "${*:2}: $1 s at least" awk -v s="$(row wall_s)" -v least="$1" 'BEGIN {exit !(s >= least)}'
	same "${*:2}: all faults" 256 "$(row faults)"
}
slow 0.0512 --delay-ns 200000
slow 0.0128 --delay-ns 200000 --delay-fraction 0.25
slow 0.0256 --delay-ns 200000 -t 2
slow 0.0512 --delay-ns 200000 -c 3
slow 0.0512 --delay-ns 200000 -z
slow 0.0512 --delay-ns 200000 --workload shmem
# bad REGEX OPTION...
bad() {
	run "$PFT" -m 1M "${@:2}"
	same "${*:2}: exit 2" 2 "$rc"
	check "${*:2}: says why" grep -qE -- "$1" <<<"$err"
}
bad "--delay-ns" --delay-ns soon
bad "--delay-fraction needs a delay" --delay-fraction 0.5
bad "-l touches no pages" --delay-ns 10 -l
bad "workload 'null' has no use for option --delay-ns" --delay-ns 10 --workload null
finish
