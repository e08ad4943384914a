#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# engine-swap and engine-memcgs: pages go through the engine's zswap and its swap file and come back as they
# were, under every codec and policy; the rows count what was asked for; who is written back under which
# policy; nothing stays but what kill -9 leaves, and that goes with the next run.
. "$(dirname "$0")/../lib.sh"
SWAP=$TMP/swap

# swaps NAME ARGS...: runs the workload with rows in $TMP/rows
swaps() {
	local name=$1
	shift
	run timeout 60 "$PFT" -m 4M --oversubscribe --workload "$name" --param check=yes --swap-file "$SWAP" \
		--rows "$TMP/rows" "$@"
}
# value METRIC: of all workers
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/rows"; }
# between METRIC LOW HIGH
between() { awk -v v="$(value "$1")" -v l="$2" -v h="$3" 'BEGIN {exit !(v != "" && v >= l && v <= h)}'; }

for codec in $("$PFT" --list codecs | awk '/^  [a-z]/ {c = $1; print c} /unavailable/ {print "-" c}' |
	sort | awk '/^-/ {no[substr($0, 2)]} !/^-/ {yes[$0]} END {for (c in yes) if (!(c in no)) print c}' | sort) zstd:1; do
	swaps engine-swap -t 2 --codec "$codec"
	same "$codec: pages as they were, each access a fault" "0  $codec 1024 0" \
		"$rc $err $(value codec) $(value faults) $(value zswap_decompress_fail)"
	check "$codec: $(value fill_zswpout) out, $(value zswpin) in, ratio $(value codec_ratio), density $(value density)" \
		test "$(value fill_zswpout)" -ge 682 -a "$(value zswpin)" -gt 250 -a "$(value pswpin)" = 0
	case $codec in
	null) check "null: all are kept as they are" test "$(value zswap_stored_incompressible)" = "$(value zswap_stored_pages)" ;;
	*) check "$codec: the ratio is about what was asked for" between codec_ratio 2.6 3.4 ;;
	esac
	same "$codec: what is stored is what went out and did not come in" \
		"$(value zswap_stored_pages)" "$(($(value fill_zswpout) - $(value fill_zswpin) + $(value zswpout) - $(value zswpin)))"
done
for access in uniform zipf:0.9 seq; do
	swaps engine-swap -t 1 --access $access --compressibility 4 --warmup 1 --param page-cluster=3
	same "$access: read ahead" "0  $access 3 1024" "$rc $err $(value access) $(value page_cluster) $(value faults)"
done
check "seq: 7 of 8 pages are read ahead: $(value swap_ra)" between swap_ra 500 1024
swaps engine-swap -t 1 --content "$PFT" --codec lz4
same "a file's contents" "0  $PFT" "$rc $err $(value content)"
check "a file's contents: ratio $(value codec_ratio)" between codec_ratio 1.05 12

# The pool has 40 % of what would go into it.
for policy in $("$PFT" --list policies | awk '/^  / {print $1}'); do
	for shrinker in on off; do
		swaps engine-swap -t 2 --lru "$policy" --zswap-shrinker $shrinker --pool-max 10 --param memory=4M
		same "$policy, shrinker $shrinker: the pool's limit holds" "0  $policy $shrinker yes" \
			"$rc $err $(value lru) $(value zswap_shrinker) $(between zswap_pool_bytes 0 450000 && echo yes)"
		check "$policy, shrinker $shrinker: the rest is in the file: $(value fill_zswpwb)+$(value zswpwb) written back, $(value pswpin) read" \
			test $(($(value fill_zswpwb) + $(value zswpwb))) -gt 0 -a "$(value pswpin)" -gt 0
	done
done
swaps engine-swap -t 1 --pool-max 0
same "no pool: all pages by the device" "0  0 0" "$rc $err $(value fill_zswpout) $(value zswpin)"
check "no pool: $(value fill_pswpout) out, $(value pswpin) in" test "$(value fill_pswpout)" -ge 682 -a "$(value pswpin)" -gt 250
same "the device says how" "1 1" "$(value device_direct | grep -c 'yes\|no') $(value device_uring | grep -c 'yes\|no')"
swaps engine-swap -t 1 --pool-max 0 --param io=pwrite
same "without io_uring" "0  no 0" "$rc $err $(value device_uring) $(value device_writes_async)"
swaps engine-swap -t 1 --pool zbud
same "zbud" "0  zbud" "$rc $err $(value pool)"
check "zbud: at most two in a page" between stored_ratio 1 2
swaps engine-swap -t 2 --zswap-max 256K
check "a group's zswap.max: $(value group_zswap_bytes) B" between group_zswap_bytes 50000 280000
check "a group's zswap.max: $(value fill_zswpwb) written back" test "$rc" = 0 -a "$(value fill_zswpwb)" -gt 0
swaps engine-swap -t 1 --limit 2500K --param charge=all
same "compressed bytes in the group's limit" "0  all" "$rc $err $(value charge)"
check "compressed bytes in the group's limit: peak $(value group_peak_bytes)" between group_peak_bytes 2500000 2700000
swaps engine-swap -t 1 --limit 512K --param charge=all
same "a limit that cannot be kept: one line" "1 1" \
	"$rc $(grep -c '^pft: worker 0: cannot write page [0-9]*: nothing more can be swapped out: ' <<<"$err")"
check "it leaves no file" test ! -e "$SWAP"

# Group 0 wants four times its limit, half of group 1's pages are cold.
for policy in global memcg memcg-second-chance; do
	swaps engine-memcgs -m 24M -t 1 --memcgs 2 --limit 6M --zswap-shrinker on --param memory=24M --lru $policy
	same "fairness, $policy: pages as they were" "0  6144 1536" "$rc $err $(value faults) $(value cold_pages)"
	case $policy in
	global) check "fairness, global: the other group is written back: $(value others_zswpwb)" between others_zswpwb 50 1536 ;;
	*)
		same "fairness, $policy: the other group is not" "0 0 1536" \
			"$(value others_zswpwb) $(value others_pswpin) $(value others_zswpout)"
		check "fairness, $policy: the greedy one is: $(value greedy_zswpwb)" between greedy_zswpwb 500 4500
		;;
	esac
	same "fairness, $policy: a row of each" "$(value greedy_zswpwb) $(value others_zswpwb)" \
		"$(value group_0_zswpwb) $(value group_1_zswpwb)"
done
swaps engine-memcgs -t 2 --memcgs 8 --param greedy=all
same "8 greedy groups, 2 workers" "0  8 1024" "$rc $err $(value greedy) $(value greedy_accesses)"
check "each at its limit" test "$(value group_7_pgscan)" -gt 0 -a "$(value group_7_usage_bytes)" -le 350000
swaps engine-memcgs -t 2 --memcgs 5 --param greedy=2 --param cold=0 --lru memcg --param memcg=0
same "5 groups of the root, none cold" "0  2 0 0" "$rc $err $(value greedy) $(value cold_pages) $(value others_pgscan)"

# refuses TEXT ARGS...: exit 1 and the one line TEXT
refuses() {
	local text=$1
	shift
	swaps "$@"
	same "refused: ${*:2}" "1  pft: $text" "$rc $out $err"
}
refuses "no such codec, with 'none-such'; 'pft --list codecs' names them" engine-swap -t 1 --codec none-such
refuses "no such policy, with '--lru x'; 'pft --list policies' names them" engine-swap -t 1 --lru x
refuses "no such allocator, with '--pool x'; 'pft --list pools' names them" engine-swap -t 1 --pool x
refuses "there is no group to limit, with '--param memcg=0'" engine-swap -t 1 --param memcg=0
refuses "no such word, with '--param charge=x'; see 'pft --list workloads'" engine-swap -t 1 --param charge=x
refuses "--param memory: not a number, with 'x'" engine-swap -t 1 --param memory=x
refuses "2 workers for 1 groups: give --memcgs at least as many" engine-memcgs -t 2 --memcgs 1
refuses "--limit: less than a page for each of 8 groups, with 16384 bytes" engine-memcgs -t 1 --memcgs 8 --limit 16K
refuses "--param greedy: number not in 0..2, with '3'" engine-memcgs -t 1 --memcgs 2 --param greedy=3
echo precious >"$SWAP"
refuses "'$SWAP' exists and is no swap file of pft: remove it or name another file" engine-swap -t 1
same "it is left alone" precious "$(cat "$SWAP")"
rm "$SWAP"

# Killed while it swaps: the file stays, and goes with the next run.
"$PFT" -m 4096G --working-set 8M -t 1 --workload engine-swap --pool-max 0 --swap-file "$SWAP" >/dev/null 2>&1 &
pid=$!
for _ in $(seq 100); do
	[ -s "$SWAP" ] && break
	sleep 0.05
done
swaps engine-swap -t 1
same "a second run with its file: one line" "1 1" "$rc $(grep -c "^pft: swap file '$SWAP' is in use by process $pid: " <<<"$err")"
kill -KILL $pid
wait $pid 2>/dev/null
check "after kill -9 the file is left" test -s "$SWAP"
# Its lock goes when the kernel has ended what the process had in its io_uring.
timeout 10 flock "$SWAP" true
swaps engine-swap -t 1
same "the next run takes it" "0 " "$rc $err"
check "and removes it" test ! -e "$SWAP"

# Paused after the pass, with all pages in memory, a byte of page 5 turned over before all are verified.
"$PFT" -P -m 8M -t 2 --oversubscribe --workload engine-swap --limit 16M --swap-file "$SWAP" >"$TMP/out" 2>"$TMP/err" &
pid=$!
for _ in $(seq 200); do
	grep -q pausing "$TMP/err" && break
	sleep 0.05
done
# A page begins with its number and its version.
check "page 5 is found in its memory" perl -e 'open my $maps, "<", "/proc/$ARGV[0]/maps" or die;
	open my $mem, "+<", "/proc/$ARGV[0]/mem" or die;
	for (<$maps>) {
		/^(\w+)-(\w+) rw-[ps] / && hex($2) - hex($1) >= 2 << 20 or next;
		hex($2) - hex($1) < 1 << 30 or next; # the shadow of a sanitizer
		for ($at = hex $1; $at < hex $2; $at += 4096) {
			sysseek $mem, $at, 0;
			next if sysread($mem, $head, 16) != 16 || $head ne pack("QQ", 5, 1);
			sysseek $mem, $at + 3000, 0; sysread $mem, $byte, 1;
			sysseek $mem, $at + 3000, 0; exit(syswrite($mem, ~$byte & "\xff") != 1);
		}
	}
	die "no page 5"' $pid
kill -USR1 $pid
wait $pid
same "one wrong byte: exit 1 and no result" "1 0 1" "$? $(wc -l <"$TMP/out") $(grep -c '^pft: worker 0: page 5' "$TMP/err")"
check "and no file" test ! -e "$SWAP"
finish
