#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# uffd-anon: the engine serves the real faults of the process; check=yes lets each worker look whether the
# pages are those that the engine made: its mark, and zeroes.
. "$(dirname "$0")/../lib.sh"

reason=$("$PFT" --list workloads | grep -A 1 '^  uffd-anon ' | sed -n 's/^ *unavailable: //p')
if [ -n "$reason" ]; then
	run "$PFT" --workload uffd-anon
	same "unavailable: says why" "2  pft: workload 'uffd-anon' is not available here: $reason" "$rc $out $err"
	skip "uffd-anon" "$reason"
	finish
fi

# value METRIC: of all workers
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/rows"; }

for handler in sigbus thread; do
	for design in mmap-lock spf vma-rwsem-split vma-refcnt; do
		run timeout 60 "$PFT" -m 8M -t 3 --oversubscribe --workload uffd-anon --lock "$design" --warmup 1 \
			--param handler=$handler --param check=yes --rows "$TMP/rows"
		same "$handler $design: each page is the engine's" "0  $design 2049 2049 2049" \
			"$rc $err $(value lock) $(value faults) $(value pgfault) $(value fault_anon)"
	done
done
check "the pages have a node: $(value pages_sampled) of the sample" [ "$(value pages_sampled)" -gt 0 ]
run timeout 60 "$PFT" -m 8M -t 1 --workload uffd-anon --lock none --param check=yes --rows "$TMP/rows"
same "the floor for one worker" "0 " "$rc $err"
run timeout 60 "$PFT" -m 8M -t 2 --workload uffd-anon --param handler=thread --param handlers=1 --param check=yes --rows "$TMP/rows"
same "one handler thread for two workers" "0 " "$rc $err"

run timeout 60 "$PFT" -m 8M -t 900 --oversubscribe --workload uffd-anon --param handler=thread --param handlers=200 --rows "$TMP/rows"
same "more threads than slots" "1 pft: 900 workers and 200 threads beside them are more than the 1022 that the engine has room for" \
	"$rc $err"

for param in handler=x handlers=300; do
	run "$PFT" -t 1 --workload uffd-anon --param "$param" --rows "$TMP/rows"
	same "bad --param $param: one line" "1 1 1" "$rc $(wc -l <<<"$err") $(grep -c -- "--param ${param%=*}" <<<"$err")"
done
run "$PFT" -t 1 --workload uffd-anon --writers 1
same "no writers" "2 pft: workload 'uffd-anon' has no use for option --writers" "$rc $err"
finish
