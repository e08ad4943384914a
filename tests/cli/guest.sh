#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What faultscale guest refuses before it boots anything: one line, exit 2.
. "$(dirname "$0")/../lib.sh"
echo 'export PFT_CLIENTS=1 PFT_MAPPING_SIZE=1M' >"$TMP/config"
: >"$TMP/kernel"

# no TEXT ARGS...
no() {
	local text=$1
	shift
	run timeout 20 "$FAULTSCALE" guest "$@" --results "$TMP/results"
	same "$text: exit 2, one line" "2 1" "$rc $(grep -c '^faultscale guest' <<<"$err")"
	check "$text: says so" grep -qF -- "$text" <<<"$err"
}
k=(--kernel "$TMP/kernel")
c=(--config "$TMP/config" --name x)
no "no kernel to boot" "${c[@]}"
no "no config" "${k[@]}"
no "cannot read the kernel '/nope': No such file" --kernel /nope "${c[@]}"
no "two kernels are for faultscale guest compare" "${k[@]}" "${k[@]}" "${c[@]}"
no "--boots is for faultscale guest compare" "${k[@]}" "${c[@]}" --boots 2
no "'/nope' cannot name a run" "${k[@]}" --config "$TMP/config" --name /nope
no "there is no run" --resume x
no "--accel is kvm or tcg, not 'xen'" "${k[@]}" "${c[@]}" --accel xen
no "--icount counts under tcg" "${k[@]}" "${c[@]}" --accel kvm --icount
no "--write takes PATH=VALUE, not 'x=1'" "${k[@]}" "${c[@]}" --write x=1
no "--timeout takes seconds, 10 at least" "${k[@]}" "${c[@]}" --timeout 1
no "a line break" "${k[@]}" "${c[@]}" --append $'a\nb'
no "--cpus: CPUs are a number or SOCKETS,CORES,THREADS, not '1,2'" "${k[@]}" "${c[@]}" --cpus 1,2
no "--nodes: 3 CPUs cannot be shared evenly by 2 nodes" "${k[@]}" "${c[@]}" --nodes 2 --cpus 3
no "--nodes: a node is CPUS:SIZE" "${k[@]}" "${c[@]}" --nodes 0:1G/1
no "--nodes: CPUs of the nodes are 0 to 1, each once, but there is CPU 2" "${k[@]}" "${c[@]}" --nodes 0:1G/2:1G
no "leave out --memory" "${k[@]}" "${c[@]}" --nodes 0:1G/1:1G --memory 1G
no "memory comes in multiples of 2M" "${k[@]}" "${c[@]}" --memory 1M
no "--distance: distances are one number, or 2 rows of 2" "${k[@]}" "${c[@]}" --nodes 2 --cpus 2 --distance 10,20
no "--distance: " "${k[@]}" "${c[@]}" --nodes 2 --cpus 2 --distance 10
echo 'export PFT_PIN=nonsense' >"$TMP/bad"
no "$TMP/bad:1: PFT_PIN" "${k[@]}" --config "$TMP/bad" --name x
no "cannot open the config '$TMP/none': No such file" "${k[@]}" --config "$TMP/none" --name x
no "name two kernels: --kernel A --kernel B" compare "${k[@]}" "${c[@]}"
no "goes on when the same command is given again" compare "${k[@]}" "${k[@]}" --resume x
no "cannot read '$TMP/pft'" "${k[@]}" "${c[@]}" --pft "$TMP/pft"
run env PATH="$TMP" "$FAULTSCALE" guest "${k[@]}" "${c[@]}" --accel tcg --results "$TMP/results"
same "without the emulator: exit 2" 2 "$rc"
check "and the name of its package" grep -q "there is no 'qemu-system-.*install it (Debian: apt-get install qemu-system-" <<<"$err"
"$FAULTSCALE" run --config "$TMP/config" --name host --results "$TMP/results" --set PFT_ITERATIONS=1 >/dev/null 2>&1
no "it was not measured in a guest" --resume host
check "nothing was made" test "$(ls "$TMP/results")" = host

# An emulator that only waits: whenever faultscale is killed or stopped, nothing of it stays.
mkdir "$TMP/bin" "$TMP/temp"
for processor in x86_64 aarch64; do
	printf '#!/bin/sh\necho $$ >"%s/emulator"\n[ "$1" = --version ] || exec sleep 60\n' "$TMP" >"$TMP/bin/qemu-system-$processor"
done
chmod 755 "$TMP"/bin/*
# stopped SIGNAL SECONDS: whether the guest, and all that it had started after so long, are gone
stopped() {
	rm -f "$TMP/emulator"
	PATH=$TMP/bin:$PATH TMPDIR=$TMP/temp "$FAULTSCALE" guest "${k[@]}" "${c[@]}" --accel tcg \
		--results "$TMP/results" >"$TMP/out" 2>&1 &
	local pid=$! child left p
	sleep "$2"
	case $1$2 in TERM* | KILL1) for _ in $(seq 300); do [ -s "$TMP/emulator" ] && break; sleep 0.1; done ;; esac
	left=$(pgrep -P $pid)
	kill -s "$1" $pid
	wait $pid
	rc=$?
	for _ in $(seq 50); do
		child=
		for p in $left; do case $(ps -o stat= -p "$p") in '' | Z*) ;; *) child=$p ;; esac; done
		[ -z "$child" ] && break
		sleep 0.1
	done
	[ -z "$child" ] && [ -z "$(ls "$TMP/temp")" ] && [ "$(ls "$TMP/results")" = host ]
}
for seconds in 0.01 0.03 0.1 0.3 1; do check "kill -9 after $seconds s leaves nothing" stopped KILL $seconds; done
check "it was the emulator's turn" test -s "$TMP/emulator"
stopped TERM 0.1
same "asked to stop: exit 1, and nothing is left" "1 0" "$rc $(stopped TERM 0.1; echo $?)"
check "and says so" grep -q '^faultscale guest: interrupted$' "$TMP/out"
if command -v qemu-system-x86_64 >/dev/null && [ "$(uname -m)" = x86_64 ]; then
	run timeout 20 "$FAULTSCALE" guest --accel tcg --results "$TMP/results" --kernel "$TMP/config" "${c[@]}"
	same "what is no kernel: exit 2" 2 "$rc"
	check "the emulator says so" grep -q "^faultscale guest: the emulator ended: exit 1: qemu: " <<<"$err"
else
	skip "what is no kernel" "no qemu-system-x86_64 here, or another processor"
fi
finish
