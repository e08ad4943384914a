#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel-swap, for real: the pages go through the kernel's zswap, zram and a swap file, and come back as they
# were; and the machine is afterwards what it was before, however the run ended.
. "$(dirname "$0")/../lib.sh"
LOG=/run/pft-kernel-swap
SMALL=(-m 12M -t 2 --oversubscribe --workload kernel-swap --limit 6M)

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if [ "$(id -u)" = 0 ] && "${nobody[@]}" "$PFT" --version >/dev/null 2>&1; then
	run "${nobody[@]}" "$PFT" "${SMALL[@]}"
	same "not root: one line" "2  pft: workload 'kernel-swap' is not available here: only root may make cgroups and swap" \
		"$rc $out $err"
else
	skip "not root" "not root here, or others may not run $PFT"
fi
reason=$("$PFT" --list workloads | grep -A 1 '^  kernel-swap ' | sed -n 's/^ *unavailable: //p')
if [ -n "$reason" ]; then
	skip "kernel-swap" "$reason"
	finish
fi
if tsan; then
	skip "kernel-swap" "ThreadSanitizer's shadow memory goes over the group's limit, and the group is killed"
	finish
fi

# What a run changes of the machine. Not the contents of zswap's files: others may write them.
state() {
	cut -d ' ' -f 1 /proc/swaps # not how much of the machine's own is in use
	grep -r . /sys/module/zswap/parameters /proc/sys/vm/page-cluster 2>/dev/null
	find /sys/fs/cgroup -type d -name 'pft-*'
	ls -d /sys/block/zram* /var/tmp/pft-* "$LOG" 2>/dev/null
	ps -e -o stat=,comm= | grep -v ^Z | grep -o pft-undo
	grep debugfs /proc/mounts
	cat /proc/self/cgroup
}
# What another test may be doing just now does not count.
exec 9>/run/lock/pft-kernel-swap-test
flock 9
for _ in $(seq 100); do
	[ -e $LOG ] || break
	sleep 0.1
done
state >"$TMP/before"
# unchanged NAME: wait for the watcher, then nothing may be other than before
unchanged() {
	for _ in $(seq 100); do
		[ -e $LOG ] || break
		sleep 0.1
	done
	state >"$TMP/after"
	same_file "$1: all as before" "$TMP/before" "$TMP/after"
}
# value METRIC: of all workers
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$TMP/rows"; }
# refuses NAME TEXT ARGS...: exit 1 and the one line TEXT, nothing changed
refuses() {
	local name=$1 text=$2
	shift 2
	run "$PFT" "${SMALL[@]}" --rows "$TMP/rows" "$@"
	same "$name" "1  pft: $text" "$rc $out $err"
	unchanged "$name"
}

zswap=no codec=lzo zram=no
[ ! -d /sys/module/zswap/parameters ] || zswap=yes codec=$(cat /sys/module/zswap/parameters/compressor)
[ ! -e /sys/class/zram-control ] || zram=yes
if [ $zswap = yes ]; then
	for access in uniform zipf:0.9 seq; do
		run timeout 60 "$PFT" "${SMALL[@]}" --codec "$codec" --access $access --warmup 1 \
			--rows "$TMP/rows"
		same "zswap $access: pages as they were" "0  zswap $codec 0 3072" \
			"$rc $err $(value backend) $(value kernel_codec) $(value page_cluster) $(value faults)"
		check "zswap $access: $(value fill_zswpout) out, $(value zswpin) in, ratio $(value stored_ratio)" \
			test "$(value fill_zswpout)" -ge 1024 -a "$(value zswpin)" -gt 0
		unchanged "zswap $access"
	done
	refuses "unknown codec" "zswap of this kernel has no codec 'none-such', see '/proc/crypto'" --codec none-such
else
	refuses "no zswap" "the kernel has no zswap (CONFIG_ZSWAP)"
fi
run timeout 60 "$PFT" "${SMALL[@]}" --param backend=file --param verify=accessed --swap-file "$TMP/swap" --rows "$TMP/rows"
same "file: pages as they were" "0  file 3072" "$rc $err $(value backend) $(value faults)"
check "file: $(value fill_pswpout) out, $(value pswpin) in" test "$(value fill_pswpout)" -ge 1024 -a "$(value pswpin)" -gt 0
check "file: it is gone" test ! -e "$TMP/swap"
unchanged "file"
if [ $zram = yes ]; then
	zcodec=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/block/zram0/comp_algorithm 2>/dev/null || echo lzo-rle)
	run timeout 60 "$PFT" "${SMALL[@]}" --param backend=zram --codec "$zcodec" --rows "$TMP/rows"
	same "zram: pages as they were" "0  zram $zcodec 3072" "$rc $err $(value backend) $(value kernel_codec) $(value faults)"
	check "zram: $(value fill_pswpout) out, $(value pswpin) in, density $(value density)" \
		test "$(value fill_pswpout)" -ge 1024 -a "$(value pswpin)" -gt 0
	unchanged "zram"
	run "$PFT" "${SMALL[@]}" --param backend=zram --codec none-such --rows "$TMP/rows"
	same "zram, unknown codec" "1 1" "$rc $(grep -c "^pft: zram of this kernel does not offer codec 'none-such', only '.*$zcodec" <<<"$err")"
	unchanged "zram, unknown codec"
else
	skip "zram" "the kernel has none"
fi

echo precious >"$TMP/precious"
refuses "a swap file that exists" "cannot make the swap file '$TMP/precious': File exists" --param backend=file --swap-file "$TMP/precious"
same "it is left alone" precious "$(cat "$TMP/precious")"
refuses "no such directory" "no directory '$TMP/none' for a swap file: No such file or directory" \
	--param backend=file --swap-file "$TMP/none/swap"
mkdir "$TMP/memory"
mount -t tmpfs none "$TMP/memory"
refuses "no swap on tmpfs" "cannot swap to '$TMP/memory/swap': Invalid argument; name a file on ext4 or xfs with --swap-file" \
	--param backend=file --swap-file "$TMP/memory/swap"
umount "$TMP/memory"
refuses "no such backend" "no such backend, with 'x'; use zswap, zram or file" --param backend=x
refuses "what another backend has" "backend 'file' has no use for option --codec" --param backend=file --codec lzo
refuses "levels" "the kernel's codecs are used at their own level, not 'zstd:3'" --codec zstd:3

# endless: start a run that does not end by itself, and wait until it swaps and is filled; its number in $pid
endless() {
	"$PFT" -m 4096G --working-set 32M -t 2 --oversubscribe --workload kernel-swap --param backend=file --limit 16M \
		--rows "$TMP/rows" >"$TMP/out" 2>"$TMP/err" &
	pid=$!
	for _ in $(seq 100); do
		[ "$(awk '/pft-kernel-swap/ && $4 > 5000' /proc/swaps | wc -l)" = 0 ] || break
		sleep 0.1
	done
	watcher=$(pgrep -P $pid -x pft-undo)
}

endless
check "it swaps: $(grep pft-kernel-swap /proc/swaps)" grep -q pft-kernel-swap /proc/swaps
check "a watcher is there" test -n "$watcher"
timeout 30 "$PFT" "${SMALL[@]}" --param backend=file --rows "$TMP/rows2" >"$TMP/out2" 2>&1 &
second=$!
sleep 0.5
check "a second run waits" kill -0 $second
kill -TERM $pid
wait $pid 2>/dev/null
wait $second
same "and goes on when the first has ended by SIGTERM" "0 1" "$? $(wc -l <"$TMP/out2")"
unchanged "after SIGTERM"

endless
kill -KILL $pid
wait $pid 2>/dev/null
unchanged "after SIGKILL"

endless
kill -KILL "$watcher"
kill -KILL $pid
wait $pid 2>/dev/null
check "with the watcher killed too, the swap stays" grep -q pft-kernel-swap /proc/swaps
run timeout 60 "$PFT" "${SMALL[@]}" --param backend=file --rows "$TMP/rows"
same "and the next run goes well" "0 " "$rc $err"
unchanged "after the run that follows"

# Paused after the pass, with a byte of page 5 turned over before all pages are verified once more.
"$PFT" -P -m 32M -t 2 --oversubscribe --workload kernel-swap --param backend=file --limit 16M --rows "$TMP/rows" \
	>"$TMP/out" 2>"$TMP/err" &
pid=$!
for _ in $(seq 200); do
	grep -q pausing "$TMP/err" && break
	sleep 0.05
done
# A page begins with its number and its version.
check "page 5 is found in its memory" perl -e 'open my $maps, "<", "/proc/$ARGV[0]/maps" or die;
	open my $mem, "+<", "/proc/$ARGV[0]/mem" or die;
	for (<$maps>) {
		/^(\w+)-(\w+) rw-p / or next;
		$size = hex($2) - hex($1);
		$size >= 32 << 20 && $size < 1 << 30 or next; # a sanitizer has terabytes
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
unchanged "after a wrong byte"
finish
