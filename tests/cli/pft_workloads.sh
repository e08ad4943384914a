#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One conformance test over the table of workloads: each that is available here runs with threads and with
# processes and makes the faults that it plans; each that is not says why. Those of the engine have threads only. The unit test pft_workload looks
# at the table itself.
. "$(dirname "$0")/../lib.sh"

"$PFT" --list workloads >"$TMP/list"
mapfile -t names < <(awk '/^  [a-z0-9]/ {print $1}' "$TMP/list")
check "there are workloads" [ ${#names[@]} -ge 2 ]

for name in "${names[@]}"; do
	if [ "$name" = thp ] && tsan; then
		skip "thp" "under ThreadSanitizer its shadow pages fault as well"
		continue
	fi
	if [ "$name" = kernel-swap ] && tsan; then
		skip "kernel-swap" "ThreadSanitizer's shadow memory goes over the group's limit, and the group is killed"
		continue
	fi
	reason=$(grep -A 1 "^  $name " "$TMP/list" | sed -n 's/^ *unavailable: //p')
	if [ -n "$reason" ]; then
		run "$PFT" -m 4M -t 1 --workload "$name"
		same "$name is unavailable: exit 2" "2 " "$rc $out"
		case $err in *"$reason"*) ok "$name says why: $reason" ;; *) not_ok "$name says why" "$err" ;; esac
		continue
	fi
	modes=("-t 1" "-t 2" "-n 2")
	case $name in engine-* | uffd-* | kernel-*)
		modes=("-t 1" "-t 2")
		run "$PFT" -m 8M -n 2 --workload "$name"
		same "$name has threads only" "2  pft: workload '$name' is for threads (-t), not processes (-n): the memory that it manages is in one process" \
			"$rc $out $err"
		;;
	esac
	for mode in "${modes[@]}"; do
		# shellcheck disable=SC2086  # two words
		run "$PFT" -m 8M $mode --workload "$name" --pin none --rows "$TMP/rows"
		counts=$(awk -F '\t' '$1 == "planned_faults" {p = $4} $1 == "faults" {f = $4}
			END {print (p > 0 && f > 0 && f <= p)}' "$TMP/rows")
		if [ "$rc $counts" = "0 1" ]; then ok "$name $mode"; else not_ok "$name $mode" "exit $rc: $err"; fi
	done
	# shellcheck disable=SC2086
	run "$PFT" -m 8M -t 2 --workload "$name" --pin none --warmup 2 --prefault
	same "$name can be repeated" "0" "$rc$(grep -v 'gives free pages back' <<<"$err")"
done

# Aligned mappings: 8 huge pages are 8 faults, and not one more for every end of a slice. A few base pages
# are allowed for, where memory is in pieces.
if grep -q '\[never\]' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null ||
	[ "$(cat /sys/kernel/mm/transparent_hugepage/hpage_pmd_size 2>/dev/null)" != 2097152 ]; then
	skip "slices of huge pages are aligned" "no transparent huge pages of 2 MiB"
elif sanitized; then
	skip "slices of huge pages are aligned" "with a sanitizer its shadow pages fault as well"
else
	for name in anon anon-private-map; do
		for _ in 1 2 3; do
			run "$PFT" -m 16M -t 2 --workload $name --pagesize transhuge --rows "$TMP/rows"
			faults=$(awk -F '\t' '$1 == "faults" {print $4}' "$TMP/rows")
			[ "$faults" -gt 100 ] || break
			{ echo 1 >/proc/sys/vm/compact_memory; } 2>/dev/null # memory was in pieces
		done
		check "slices of huge pages are aligned: $name" test "$rc" = 0 -a "$faults" -ge 8 -a "$faults" -le 100
	done
fi
finish
