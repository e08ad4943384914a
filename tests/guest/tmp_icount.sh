#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft and tests of the engine, built for arm64, on an emulated machine with two CPUs and a PMU of 7 counters: cycles,
# user and kernel mode, groups that fit and that do not, events that take turns, Debian's perf_event_paranoid of 3;
# with -icount instructions as well. So the counters are proven without a PMU of our own, and the engine runs where
# the compiler may reorder what x86 may not (how the host orders memory, the emulator does not change).
. "$(dirname "$0")/lib.sh"
name="pft on arm64"
for tool in qemu-system-aarch64 aarch64-linux-gnu-gcc cpio; do
	command -v $tool >/dev/null || { skip "$name" "no $tool here; make check-guest installs it"; finish; }
done
engine=(pft_seqcount pft_spinlock pft_rcu pft_lock_conformance)
units=(pft_counters sample_spe "${engine[@]}")
why=$("$TOP/scripts/arm64" 2>&1) || { skip "$name" "$why"; finish; }
check "pft and its tests build for arm64" "$TOP/scripts/arm64" pft "${units[@]/#/tests/unit/}"
built=$TOP/build/arm64 sysroot=$CACHE/arm64/sysroot

# needed FILE...: names of the shared libraries that they load
needed() { aarch64-linux-gnu-readelf -d "$@" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u; }
# libraries FILE...: copy these, and what they load themselves, into the initramfs
libraries() {
	local lib
	for lib in $(needed "$@"); do
		[ -e "$TMP/root/lib/$lib" ] && continue
		cp -L "$(find "$sysroot/lib" "$sysroot/usr/lib" -name "$lib" | head -n 1)" "$TMP/root/lib/$lib"
		libraries "$TMP/root/lib/$lib"
	done
}
mkdir -p "$TMP/root"/{bin,etc,lib}
cp "$TOP/tests/guest/init" "$TMP/root/init"
chmod 755 "$TMP/root/init"
printf '%s\n' 'root:x:0:0::/:/bin/sh' 'user:x:1000:1000::/:/bin/sh' >"$TMP/root/etc/passwd"
cp "$sysroot/bin/busybox" "$built/pft" "${units[@]/#/$built/tests/unit/}" "$TMP/root/bin"
libraries "$built/pft" "${units[@]/#/$built/tests/unit/}"

# boot DIR QEMU-OPTIONS...: run the script on standard input to its end
boot() {
	local dir=$TMP/$1
	shift
	mkdir -p "$dir"
	cat >"$TMP/root/script"
	(cd "$TMP/root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$dir/initramfs"
	timeout -k 5 400 qemu-system-aarch64 -M virt -cpu max -m 1024M -nodefaults -no-user-config \
		-no-reboot -display none -kernel "$CACHE/arm64/vmlinuz" -initrd "$dir/initramfs" \
		-append "console=ttyAMA0 panic=-1 quiet mitigations=off" -serial "file:$dir/console" \
		-chardev "file,id=tar,path=$dir/tar" -device pci-serial,chardev=tar "$@" >"$dir/qemu" 2>&1 </dev/null
	tar -x -i -f "$dir/tar" -C "$dir" 2>>"$dir/qemu"
	if [ -e "$dir/end/rc" ]; then ok "${dir##*/}: the guest ran to its end"; else
		not_ok "${dir##*/}: the guest ran to its end" "$(tail -n 6 "$dir/qemu"; tail -n 12 "$dir/console")"
		finish
	fi
}

# 12 spellings of cycles, and 36 with raw codes, so that no name is there twice.
turns=cycles,cycles:u,cycles:k,cpu-cycles,cpu-cycles:u,cpu-cycles:k
turns=$turns,perf::CYCLES,perf::CYCLES:u,perf::CYCLES:k,armv8_pmuv3/cpu_cycles/,r11:u,r11:k
many=$turns
for code in r011 r0011 r00011 r000011 r0000011 r00000011 r000000011 r0000000011; do many=$many,$code,$code:u,$code:k; done
cat >"$TMP/script" <<END
job level cat /proc/sys/kernel/perf_event_paranoid
job dmesg sh -c 'dmesg | grep perfevents'
pft_job modes -m 4M -t 2 --pin compact --events cycles:u,cycles:k,cycles,page-faults,instructions
pft_job processes -m 4M -n 2 --pin compact --events '{cycles,cycles:u,cycles:k},page-faults'
pft_job full -m 2M -t 1 --events '{cycles,cycles:u,cycles:k,cpu-cycles,cpu-cycles:u,cpu-cycles:k,r11,r011},page-faults'
pft_job turns -m 8M -t 2 --pin compact --events $turns
pft_job many -m 8M -t 2 --pin compact --events $many
pft_job default -m 2M -t 1 --events default
mkdir -m 777 /tmp/user
job user su user -c 'pft -m 2M -t 1 --counters all --rows /tmp/user/rows'
job userrows cat /tmp/user/rows
for p in arm_n1 arm_v1; do
	job \$p env LIBPFM_FORCE_PMU=\$p pft -m 1M -t 1 --rows rows --events default
done
for t in ${units[*]}; do job \$t env CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 \$t; done
END
boot icount -smp 1 -accel tcg,thread=single -icount shift=0,sleep=off <<'END'
for i in 1 2; do
pft_job none$i -m 4M -t 1 --counters none --events instructions:k
pft_job rusage$i -m 4M -t 1 --counters rusage --events instructions:k
pft_job soft$i -m 4M -t 1 --counters software --events instructions:k
pft_job sched$i -m 4M -t 1 --counters schedstat --events instructions:k
pft_job vm$i -m 4M -t 1 --counters proc-vmstat --events instructions:k
pft_job pf$i -m 4M -t 1 --counters none --events instructions:k,page-faults
pft_job maj$i -m 4M -t 1 --counters none --events instructions:k,major-faults
pft_job clk$i -m 4M -t 1 --counters none --events instructions:k,task-clock
pft_job cs$i -m 4M -t 1 --counters none --events instructions:k,context-switches
done
END
for i in 1 2; do for k in none rusage soft sched vm pf maj clk cs; do echo "$k $(row icount/$k$i hardware.instructions:k/fault)"; done; done
