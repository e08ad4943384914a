#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# uffd-swap: real memory, of which a third may be there, through the engine's zswap and a swap file. Every page that is
# read is verified, and all of them at the end; then check=yes holds all books against each other.
. "$(dirname "$0")/../lib.sh"

reason=$("$PFT" --list workloads | grep -A 1 '^  uffd-swap ' | sed -n 's/^ *unavailable: //p')
if [ -n "$reason" ]; then
	run "$PFT" --workload uffd-swap
	same "unavailable: says why" "2  pft: workload 'uffd-swap' is not available here: $reason" "$rc $out $err"
	skip "uffd-swap" "$reason"
	finish
fi
SWAP=(--oversubscribe --workload uffd-swap --swap-file "$TMP/swap" --rows "$TMP/rows" --param check=yes)
FULL=(-m 24M --working-set 48M --limit 16M "${SWAP[@]}")
SMALL=(-m 12M --working-set 6M --limit 2M "${SWAP[@]}")

# value METRIC: of all workers
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/rows"; }
# good NAME ARGS...: all pages are as they were
good() {
	local name=$1
	shift
	run timeout 60 "$PFT" "$@"
	same "$name: pages as they were" "0 " "$rc $err"
}
# some NAME METRIC...: each of them is above 0
some() {
	local name=$1 metric few=
	shift
	for metric; do [ "$(value "$metric")" -gt 0 ] || few+=" $metric"; done
	same "$name: there are some of $*" "" "$few"
}

for workers in 1 2; do
	for access in uniform zipf seq; do
		good "$access, $workers" "${FULL[@]}" -t $workers --access $access
		# What went out in the fill, less what the limit leaves.
		some "$access, $workers" fill_zswpout zswpin zswpout uffd_fault uffd_evict zswap_stored_pages
		same "$access, $workers: all went through zswap" "6144 $(value zswpin) $(value zswpout) 0 0" \
			"$(value faults) $(value swapin) $(value swapout) $(value pswpin) $(value pswpout)"
	done
done
check "seq reads ahead: $(value swap_ra) of $(value swapin)" [ "$(value swap_ra)" -gt $(($(value swapin) / 2)) ]
check "a page that is read alone: $(value ahead)" [ "$(value ahead)" = 16 ]
good "seq, one at a time" "${SMALL[@]}" -t 2 --access seq --param ahead=1
same "seq, one at a time: nothing is read ahead" 0 "$(value swap_ra)"

# One worker's stores against the other's evictions, which take whichever pages the hand comes to.
good "stores meet evictions" -m 128M -t 2 --working-set 3M --limit 1M "${SWAP[@]}" --param write=50
some "stores meet evictions" uffd_wait

for policy in global memcg memcg-second-chance; do
	good "$policy, a full pool" "${SMALL[@]}" -t 2 --lru $policy --param write=30 --param memory=16M --pool-max 5
	some "$policy, a full pool" zswap_pool_limit_hit zswpwb pswpin pswpout
	same "$policy, a full pool: the policy" $policy "$(value lru)"
	good "$policy, a group at its limit" "${SMALL[@]}" -t 2 --lru $policy --param write=30 --zswap-max 512K
	some "$policy, a group at its limit" zswap_memcg_limit_hit pswpin pswpout
	back=$(value zswpwb)
	[ $policy != global ] || back=$((!back)) # before the series such a group writes nothing back
	check "$policy, a group at its limit: $(value zswpwb) written back" [ "$back" -gt 0 ]
done
good "nothing goes into zswap" "${SMALL[@]}" -t 2 --zswap-max 0
same "nothing goes into zswap: all is on the disk" "0 $(value swapin) $(value swapout)" \
	"$(value zswpout) $(value pswpin) $(value pswpout)"
for codec in null lz4 zstd:1 deflate; do
	good "$codec" "${SMALL[@]}" -t 2 --codec $codec --pool zbud --zswap-shrinker on
done
good "contents of a file, and warm-up rounds" "${SMALL[@]}" -t 2 --content "$PFT" --warmup 2 --param verify=accessed
check "the swap file is gone" [ ! -e "$TMP/swap" ]

run timeout 60 "$PFT" "${SMALL[@]}" -t 2 --param corrupt=300
same "one wrong bit: exit 1 and no result" "1  1" "$rc $out $(grep -c '^pft: worker [01]: page [0-9]*, version 1: byte 2049 is' <<<"$err")"
run timeout 60 "$PFT" "${SMALL[@]}" -t 2 --swap-size 2M
same "swap is full: exit 1" "1 1" "$rc $(grep -c 'No space left on device; give a larger --swap-size$' <<<"$err")"
run "$PFT" "${SMALL[@]}" -t 2 --limit 512K
same "too small a limit" "1 pft: 128 pages may be in memory, and 2 workers need 128 each; give a larger --limit" "$rc $err"
run "$PFT" "${SMALL[@]}" -t 2 --lru x
same "no such policy" "1 pft: no such policy, with '--lru x'; use global, memcg or memcg-second-chance" "$rc $err"
for param in write=101 ahead=17 ahead=0 verify=x check=x memory=x corrupt=x; do
	run "$PFT" "${SMALL[@]}" -t 1 --param $param
	same "bad --param $param: one line" "1 1 1" "$rc $(wc -l <<<"$err") $(grep -c -- "--param ${param%=*}" <<<"$err")"
done
echo precious >"$TMP/precious"
run "$PFT" "${SMALL[@]}" -t 1 --swap-file "$TMP/precious"
same "somebody's file is left alone" "1 precious" "$rc $(cat "$TMP/precious")"

# kill -9: nothing is left but the file, which the next run takes over and removes.
"$PFT" -m 4096G -t 2 --working-set 6M --limit 2M "${SWAP[@]}" >"$TMP/out" 2>&1 &
pid=$!
for _ in $(seq 100); do
	[ ! -s "$TMP/swap" ] || break
	sleep 0.05
done
sleep 0.2
run "$PFT" "${SMALL[@]}" -t 1
same "a second run with the same file is refused" "1 1" "$rc $(wc -l <<<"$err")"
kill -KILL $pid
wait $pid 2>/dev/null
check "after kill -9 the file is there" [ -e "$TMP/swap" ]
# Its lock goes when the kernel has ended what the process had in its io_uring.
timeout 10 flock "$TMP/swap" true
good "the next run" "${SMALL[@]}" -t 1
same "the next run takes it over" yes "$(value swap_taken_over)"
check "and removes it" [ ! -e "$TMP/swap" ]
finish
