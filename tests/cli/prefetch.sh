#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale prefetch, on directories that look like machines with MSRs.
. "$(dirname "$0")/../lib.sh"

# machine NAME VENDOR FAMILY MODEL MSR VALUE...: a machine whose CPUs have these values in their MSR.
machine() {
	local root=$TMP/$1 vendor=$2 family=$3 model=$4 msr=$5 cpu=0 value
	shift 5
	mkdir -p "$root/proc" "$root/sys/devices/system/cpu" "$root/run"
	printf 'processor\t: 0\nvendor_id\t: %s\ncpu family\t: %s\nmodel\t\t: %s\nmodel name\t: A Processor\n' \
		"$vendor" "$family" "$model" >"$root/proc/cpuinfo"
	for value; do
		mkdir -p "$root/dev/cpu/$cpu"
		put "$root" "$cpu" "$msr" "$value"
		cpu=$((cpu + 1))
	done
	echo "0-$((cpu - 1))" >"$root/sys/devices/system/cpu/online"
}
# bytes NUMBER: as 8 bytes, little endian
bytes() {
	local i
	for i in 0 8 16 24 32 40 48 56; do printf "\\x$(printf %02x $((($1 >> i) & 255)))"; done
}
put() { bytes "$4" | dd of="$1/dev/cpu/$2/msr" bs=1 seek=$(($3)) conv=notrunc status=none; }
# values ROOT MSR: of all CPUs
values() {
	local cpu
	for cpu in "$1"/dev/cpu/*; do
		printf '%d ' "$(od -An -tu8 -j $(($2)) -N 8 "$cpu/msr")"
	done
}
notes() { ls "$1/run"; }

machine intel GenuineIntel 6 79 0x1a4 0 0 32 34
machine amd AuthenticAMD 25 1 0xc0000108 0 0
{ bytes $((1 << 13)); bytes 0; } | dd of="$TMP/amd/dev/cpu/0/cpuid" bs=1 seek=$((0x80000021)) conv=notrunc status=none
machine oldamd AuthenticAMD 23 49 0xc0000108 0
machine hybrid GenuineIntel 6 151 0x1a4 0
I=$TMP/intel
prefetch() { "$FAULTSCALE" prefetch "$@"; }

run prefetch status --root "$I"
same "status shows each prefetcher, and where CPUs differ" "Intel Core and Xeon, MSR 0x1a4, 4 CPUs
  l2-stream  on   lines that follow, into L2
  adjacent   both the other line of a 128-byte pair, into L2; off on CPU 3
  dcu-next   on   the next line, into L1
  dcu-ip     on   strides of an instruction, into L1" "$out"
run prefetch off --only adjacent --dry-run --root "$I"
same "a dry run says what it would write" "CPU 0: MSR 0x1a4 0 -> 0x2
CPU 1: MSR 0x1a4 0 -> 0x2
CPU 2: MSR 0x1a4 0x20 -> 0x22
CPU 3: MSR 0x1a4 0x22 -> 0x22 (no change)" "$out"
same "and writes nothing" "0 0 32 34 " "$(values "$I" 0x1a4)"

run prefetch off --only adjacent --root "$I" -- bash -c 'echo "$1"; shift; "$@"; exit 7' - begin \
	"$FAULTSCALE" prefetch status --root "$I"
same "while a command runs the bit is set" "  adjacent   off  the other line of a 128-byte pair, into L2" \
	"$(grep adjacent <<<"$out")"
same "its exit code is ours" 7 "$rc"
same "and all is as it was, other bits too" "0 0 32 34 " "$(values "$I" 0x1a4)"
same "no note is left" "" "$(notes "$I")"
run prefetch off --root "$I" -- "$TMP/none"
same "a command that is not there" 127 "$rc"
same "changes nothing" "0 0 32 34 " "$(values "$I" 0x1a4)"

run prefetch off --only dcu-ip,dcu-next --root "$I"
same "without a command it is for good" "12 12 44 46 " "$(values "$I" 0x1a4)"
run prefetch on --root "$I"
same "and on clears those four bits alone" "0 0 32 32 " "$(values "$I" 0x1a4)"
put "$I" 3 0x1a4 34

run prefetch off --only adjacent --root "$TMP/amd" -- "$FAULTSCALE" prefetch status --root "$TMP/amd"
check "AMD's nearest to adjacent is switched, and named" grep -q '^  up-down    off' <<<"$out"
check "as what it is" grep -q 'has no adjacent-line prefetcher' <<<"$out"
run prefetch off --root "$TMP/amd"
same "all of AMD's" "47 47 " "$(values "$TMP/amd" 0xc0000108)"

# started COMMAND...: begin a switched command and wait until the bit is set; its process is $pid.
started() {
	"$FAULTSCALE" prefetch off --only adjacent --root "$I" -- "$@" &
	pid=$!
	until [ "$(values "$I" 0x1a4)" = "2 2 34 34 " ]; do sleep 0.02; done
}
restored() {
	local i
	for ((i = 0; i < 250; i++)); do
		[ "$(values "$I" 0x1a4)" = "0 0 32 34 " ] && [ -z "$(notes "$I")" ] && return
		sleep 0.02
	done
	values "$I" 0x1a4; notes "$I"; return 1
}
for signal in TERM HUP KILL; do
	started sleep 60
	kill -$signal "$pid"
	{ wait "$pid"; } 2>/dev/null
	check "all is as it was after SIG$signal" restored
done
# guard: the process that puts back
guard() { pgrep -f "prefetch off --only adjacent --root $I" | grep -vx "$pid" | head -n 1; }
started sleep 60
kill -TERM "$(guard)"
kill -KILL "$pid"
{ wait "$pid"; } 2>/dev/null
check "who puts back does not listen to SIGTERM" restored
set -m # a group of its own, as a step that takes too long is ended with
started sleep 60
set +m
kill -KILL -- "-$pid"
{ wait "$pid"; } 2>/dev/null
check "all is as it was after SIGKILL to the whole group" restored

# kill_both: the guard and who started it; then the command, which nobody else ends.
kill_both() {
	local guard command
	guard=$(guard)
	command=$(pgrep -P "$pid" | grep -vx "$guard")
	kill -KILL "$guard" "$pid"
	wait "$pid" 2>/dev/null
	while grep -q '^State:.*[^ZX] (' "/proc/$guard/status" 2>/dev/null; do sleep 0.02; done
	[ -z "$command" ] || kill "$command" 2>/dev/null
}
started sleep 60
run prefetch off --root "$I"
same "two at once: the second is refused" 2 "$rc"
check "with the reason" grep -q 'switched by another process' <<<"$err"
kill_both
same "with both killed the bits stay" "2 2 34 34 " "$(values "$I" 0x1a4)"
run prefetch off --only dcu-ip --root "$I" -- true
check "until the next call, which says so" grep -q 'a call that was killed had left' <<<"$err"
same "and puts them back first" "0 0 32 34 " "$(values "$I" 0x1a4)"
# Each CPU is put back, the last one as well.
started sleep 60
kill_both
sed -i 's/\t3\t0x22$/\t3\t0x20/' "$I/run/faultscale-prefetch.tsv"
run prefetch off --only dcu-ip --root "$I" -- true
same "each CPU to what the note says of it" "0 0 32 32 " "$(values "$I" 0x1a4)"
put "$I" 3 0x1a4 34
started sleep 60
kill_both
sed -i '$d' "$I/run/faultscale-prefetch.tsv"
run prefetch on --only dcu-ip --root "$I"
same "a torn note is none: it was written before anything was switched" "2 2 34 34 " "$(values "$I" 0x1a4)"
machine intel GenuineIntel 6 79 0x1a4 0 0 32 34

# refused NAME ARG... : exit 2, one line that holds the text
refused() {
	local name=$1 text=$2
	shift 2
	run prefetch "$@"
	if [ "$rc" = 2 ] && [ "$(wc -l <<<"$err")" = 1 ] && grep -qF -- "$text" <<<"$err"; then ok "$name"; else
		not_ok "$name" "exit $rc: $err"
	fi
}
refused "an unknown prefetcher is refused" "no such prefetcher, with 'l3'; there are adjacent, l2-stream, dcu-next, dcu-ip" \
	off --only l3 --root "$I"
refused "an AMD without the register" "no known switches of prefetchers on this processor, 'AuthenticAMD' family 23 model 49" \
	status --root "$TMP/oldamd"
refused "a hybrid Intel" "'GenuineIntel' family 6 model 151" off --root "$TMP/hybrid"
refused "no verb" "say what to do" --root "$I"
refused "a wrong verb" "with prefetchers, 'of'" of --root "$I"
refused "status of a command" "status takes no command" status --root "$I" -- true
rm "$I/dev/cpu/3/msr"
refused "a CPU without the driver" "cannot read MSR 0x1a4 of CPU 3" off --root "$I"
same "then nothing is switched" "0 0 32 " "$(values "$I" 0x1a4 2>/dev/null | sed 's/0 $//')"
same "and no note is left" "" "$(notes "$I")"

if [ -e /dev/cpu/0/msr ]; then
	skip "a run says why it cannot switch" "this machine has MSRs, which a test leaves alone"
else
	run "$FAULTSCALE" run --config "$TOP/configs/smoke" --set PFT_PREFETCH=adjacent=off --set PFT_WORKLOADS=null \
		--name prefetch --results "$TMP/results"
	check "a run says why it cannot switch" grep -qE "^faultscale run: .*prefetch" <<<"$err"
fi
finish
