#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The engine's workloads under every lock design: the faults are all served and counted once, mm_check()
# finds all in order behind them, and the rows say what was asked for.
. "$(dirname "$0")/../lib.sh"
designs=$("$PFT" --list locks | awk '/^  [a-z]/ && $1 != "none" {print $1}')
check "there are designs" [ "$(wc -w <<<"$designs")" -ge 8 ]
sanitized=$(nm "$PFT" | grep -c -m 1 '__asan_init\|__tsan_init\|__ubsan_handle')

# engine NAME ARGS...: runs with rows in $TMP/rows; leaves $rc and $err
engine() {
	local name=$1
	shift
	run "$PFT" -m 8M --oversubscribe --workload "$name" --param check=yes --rows "$TMP/rows" "$@"
}
# value METRIC: of all workers
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/rows"; }
# sum METRIC...
sum() { awk -F '\t' -v m=" $* " '$2 == "all" && index(m, " " $1 " ") {s += $4} END {print s + 0}' "$TMP/rows"; }

for design in $designs; do
	for name in engine-anon engine-anon-many; do
		engine "$name" -t 3 --lock "$design"
		same "$name $design: 3 workers" "0  $design 2049 2049" \
			"$rc $err $(value lock) $(value faults) $(value fault_anon)"
		same "$name $design: each fault was served once, some way" "2049 2049" \
			"$(value pgfault) $(sum vma_lock_success mmap_lock_fast mmap_lock_slow)"
		[ "$sanitized" = 0 ] || continue
		check "$name $design: hardly a fault of the kernel ($(value minor_faults))" \
			[ "$(value minor_faults)" -lt 64 ]
	done
	engine engine-fork -t 2 --lock "$design"
	same "engine-fork $design: a copy of each page" "0  2048 2048" "$rc $err $(value faults) $(value fault_cow)"
	for mib in 8 64 512; do # the writers must get a CPU while the workers fault
		engine engine-mixed -m ${mib}M -t 2 --lock "$design" --writers 2 --param rate=0
		same "engine-mixed $design: the workers' faults" "0  $((mib * 256))" "$rc $err $(value faults)"
		[ "$(value writer_ops)" -le 3 ] || break
	done
	check "engine-mixed $design: the writers wrote: $(value writer_ops)" [ "$(value writer_ops)" -gt 3 ]
	engine engine-mixed -t 1 --lock "$design" --param rate=0 --param writes=fork
	same "engine-mixed $design: forks beside the faults" "0  2048" "$rc $err $(value faults)"
done

engine engine-anon -t 1 --lock none
same "none: one worker" "0  none 2048" "$rc $err $(value lock) $(value faults)"
for args in "engine-anon -t 2" "engine-mixed -t 1"; do
	# shellcheck disable=SC2086
	engine $args --lock none
	same "none: not $args" "2 1" "$rc $(grep -c "^pft: lock design 'none' is for one worker and no writer, not " <<<"$err")"
done
engine engine-mixed -t 1 --writers 0 --lock none
same "none: no writer" "0  0 0" "$rc $err $(value writers) $(value writer_ops)"

engine engine-anon -t 2 --rwsem-spin off --vma-class 64 --nodes 2 --mem interleave --warmup 2
same "options are in the rows" "0  vma-refcnt off 64 2" \
	"$rc $err $(value lock) $(value rwsem_spin) $(value vma_class) $(value engine_nodes)"
engine engine-anon-many -t 3 --nodes 3
same "emulated nodes" "0  3 2049" "$rc $err $(value engine_nodes) $(value faults)"
engine engine-anon -t 1 --vma-class 8
same "no such class: exit 2, one line" \
	"2 pft: no VMA of lock design 'vma-refcnt' starts at 8 modulo 128; 'pft --layout vma-refcnt' shows where they do" \
	"$rc $err"
engine engine-anon -t 2 --mem bind:0
same "no such policy" "2 pft: the engine has memory policies default, local and interleave, not 'bind:LIST'" \
	"$rc $err"
run "$PFT" -m 4000G -t 2 --workload engine-anon
same "too much memory: says so" "1 1" "$rc $(grep -c '^pft: the engine wants .* for page frames and .* are available; give a smaller -m$' <<<"$err")"
for param in stages=x memcg=9 check=maybe; do
	engine engine-anon -t 1 --param "$param"
	same "bad --param $param: one line" "1 1 1" "$rc $(wc -l <<<"$err") $(grep -c -- "--param ${param%=*}" <<<"$err")"
done
for param in rate=x region=1 region=0 writes=x; do
	engine engine-mixed -t 1 --param "$param"
	same "bad --param $param: one line" "1 1 1" "$rc $(wc -l <<<"$err") $(grep -c -- "--param ${param%=*}" <<<"$err")"
done

engine engine-anon -t 2 --param stages=yes
same "stages: faults" "0  2048" "$rc $err $(value faults)"
check "stages: clearing took its time" awk -v ns="$(value stage_clear_ns)" 'BEGIN {exit !(ns > 0)}'
same "stages: a row each" 11 "$(grep -c '^stage_' "$TMP/rows")"
engine engine-anon -t 1 --param memcg=0
same "no memcg: nothing charged" "0  0 0" "$rc $err $(value memcg_pages) $(value memcg_stock_refill)"
engine engine-anon -t 1 --param memcg=2
check "memcg: charged, with stocks" [ "$(value memcg_pages)" -ge 2048 ]
finish
