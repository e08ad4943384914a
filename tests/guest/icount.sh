#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The quiet gate: an arm64 kernel in an emulator that counts instructions. Three boots of the same are the same;
# counting NUMA events, which lengthens a fault by less than 1 %, is found, and so is charging to groups.
. "$(dirname "$0")/../lib.sh"
name="instructions of a fault"
for tool in qemu-system-aarch64 aarch64-linux-gnu-gcc; do
	command -v $tool >/dev/null || { skip "$name" "no $tool here; make check-guest installs it"; finish; }
done
why=$("$TOP/scripts/arm64" 2>&1) || { skip "$name" "$why"; finish; }
check "pft, faultscale and the guest's init build for arm64" "$TOP/scripts/arm64" pft faultscale faultscale-init
CACHE=${CACHE:-$TOP/build/guest}

# boot NAME APPEND OPTIONS...: a run of that name, with these words for the kernel, without a self-test that takes a second
boot() {
	local run=$1 append=$2
	shift 2
	timeout 600 "$FAULTSCALE" guest --icount --kernel "$CACHE/arm64/vmlinuz" --sysroot "$CACHE/arm64/sysroot" \
		--pft "$TOP/build/arm64/pft" --cpus 1 --memory 1G --config "$TOP/configs/fault-path" \
		--append "initcall_blacklist=jent_mod_init $append" --results "$TMP" --name "$run" "$@" >"$TMP/$run.log" 2>&1
}
# longer BASE: boot what has the shorter path
longer() {
	case $1 in
	no-numa-stat*) boot "$1" "" --write /proc/sys/vm/numa_stat=0 ;;
	*) boot "$1" cgroup_disable=memory ;;
	esac
}
# two at once
{ boot same-1 ""; boot same-2 ""; boot same-3 ""; } &
{ longer no-numa-stat; longer no-memcg; } &
wait
for run in same-1 same-2 same-3 no-numa-stat no-memcg; do
	same "$run: all steps" "20 complete shift=0" "$(awk -F '\t' '$5 == "step" && $8 == "done"' "$TMP/$run/samples.tsv" | wc -l
		) $(awk -F '\t' '$1 == "status" || $1 == "icount" {print $2}' "$TMP/$run/meta.tsv" | sort | xargs)"
done
gate() { run "$FAULTSCALE" gate --results "$TMP" --metric instructions/fault "$@"; }
for pair in "same-1 same-2" "same-1 same-3" "same-2 same-3"; do
	# shellcheck disable=SC2086  # two words
	gate $pair
	same "$pair: $(head -n 1 <<<"$out")" 0 "$rc"
	check "nothing is found" grep -qE '^hardware.instructions:k/fault-1 (no change|cannot tell)' <<<"$out"
done
check "it says what instructions do not tell" grep -q 'tell of the code path, not of locks or caches' <<<"$err"

# Where the iterations of a run happen to go up and down together the gate does not judge it: one in ten does.
found() {
	local base new
	for base in "$1" "$1-again"; do
		[ -d "$TMP/$base" ] || longer "$base"
		for new in same-1 same-2 same-3; do
			gate "$base" "$new"
			[ "$rc" = 0 ] && grep -q 'cannot tell: .* wanders' <<<"$out" || return 0
		done
	done
}
found no-numa-stat
same "counting NUMA events: $(head -n 1 <<<"$out")" 10 "$rc"
check "it is less than 1 %" awk '{v = $4 + 0; exit !(v > 0.3 && v < 1)}' <<<"$out"
found no-memcg
same "charging to groups: $(head -n 1 <<<"$out")" 10 "$rc"
finish
