#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft and tests of the engine, built for arm64, on an emulated machine with two CPUs and a PMU of 7 counters: cycles,
# user and kernel mode, groups that fit and that do not, events that take turns, Debian's perf_event_paranoid of 3;
# with -icount instructions as well. So the counters are proven without a PMU of our own, and the engine runs where
# the compiler may reorder what x86 may not (how the host orders memory, the emulator does not change). And pft-sim
# says there what it says here, bit for bit.
. "$(dirname "$0")/lib.sh"
name="pft on arm64"
for tool in qemu-system-aarch64 aarch64-linux-gnu-gcc cpio; do
	command -v $tool >/dev/null || { skip "$name" "no $tool here; make check-guest installs it"; finish; }
done
engine=(pft_seqcount pft_spinlock pft_rcu pft_lock_conformance)
units=(pft_counters sample_spe "${engine[@]}")
why=$("$TOP/scripts/arm64" 2>&1) || { skip "$name" "$why"; finish; }
check "pft and its tests build for arm64" "$TOP/scripts/arm64" pft pft-sim "${units[@]/#/tests/unit/}"
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
cp "$sysroot/bin/busybox" "$built/pft" "$built/pft-sim" "${units[@]/#/$built/tests/unit/}" "$TMP/root/bin"
cp "$TOP/configs/machines/broadwell-2x14x2" "$TMP/root/model"
libraries "$built/pft" "$built/pft-sim" "${units[@]/#/$built/tests/unit/}"

# boot DIR QEMU-OPTIONS...: run the script on standard input to its end
boot() {
	local dir=$TMP/$1
	shift
	mkdir -p "$dir"
	cat >"$TMP/root/script"
	(cd "$TMP/root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$dir/initramfs"
	timeout -k 5 400 qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -m 1024M -nodefaults -no-user-config \
		-no-reboot -display none -kernel "$CACHE/arm64/vmlinuz" -initrd "$dir/initramfs" \
		-append "console=ttyAMA0 panic=-1 quiet mitigations=off $QUICK" -serial "file:$dir/console" \
		-chardev "file,id=tar,path=$dir/tar" -device pci-serial,chardev=tar "$@" >"$dir/qemu" 2>&1 </dev/null
	tar -x -i -f "$dir/tar" -C "$dir" 2>>"$dir/qemu"
	if [ -e "$dir/end/rc" ]; then ok "${dir##*/}: the guest ran to its end"; else
		not_ok "${dir##*/}: the guest ran to its end" "$(tail -n 6 "$dir/qemu"; tail -n 12 "$dir/console")"
		finish
	fi
}

# A machine is simulated: the cells, and where its model is here and there.
cells=(vma-rwsem-split vma-refcnt spf mmap-lock)
simulate() { echo "-t 12 -m 8M --workload engine-mixed --writers 2 --rows rows --lock $1 --machine"; }

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
pft_job turns -m 24M -t 2 --pin compact --events $turns
pft_job many -m 8M -t 2 --pin compact --events $many
pft_job default -m 2M -t 1 --events default
mkdir -m 777 /tmp/user
job user su user -c 'pft -m 2M -t 1 --counters all --rows /tmp/user/rows'
job userrows cat /tmp/user/rows
for p in arm_n1 arm_v1; do
	job \$p env LIBPFM_FORCE_PMU=\$p pft -m 1M -t 1 --rows rows --events default
done
$(for c in "${cells[@]}"; do echo "job sim_$c pft-sim $(simulate "$c") /model"; done)
job explore pft-sim --explore 40
for t in ${units[*]}; do job \$t env CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 \$t; done
END
boot pmu -smp 2 <"$TMP/script"
boot icount -smp 1 -accel tcg,thread=single -icount shift=0,sleep=off <<'END'
for i in 1 2 3; do pft_job i$i -m 4M -t 1 --events instructions:k,instructions:u,cycles:k; done
for source in none rusage schedstat software proc-vmstat; do
	pft_job $source -m 4M -t 1 --counters $source --events instructions:k
done
pft_job page-faults -m 4M -t 1 --counters none --events instructions:k,page-faults
END

# near NAME A B PERCENT
near() {
	check "$1: $2 and $3" awk -v a="$2" -v b="$3" -v p="$4" 'BEGIN {d = a - b; exit !(a > 0 && b > 0 && (d < 0 ? -d : d) <= b * p / 100)}'
}
# kinds JOB: status words of its counters, each once
kinds() { awk -F '\t' '/^hardware/ && $3 != "text" {sub(":.*", "", $5); print $5}' "$TMP/$1/rows" | sort -u | xargs; }

same "the machine has a PMU" "1" "$(said pmu/dmesg out | grep -c 'armv8_pmuv3.* 7 .*counters')"
same "Debian's level of paranoia" 3 "$(said pmu/level out)"
for job in modes processes full turns many default user; do same "$job: exit 0" 0 "$(said pmu/$job rc)"; done

for job in modes processes; do
	u=$(row pmu/$job hardware.cycles:u) k=$(row pmu/$job hardware.cycles:k) both=$(row pmu/$job hardware.cycles)
	near "$job: user and kernel mode are all cycles" "$(awk "BEGIN {printf \"%.0f\", $u + $k}")" "$both" 5
	check "$job: faults are the kernel's" test "$k" -gt "$u"
	same "$job: a software event beside them is exact" 1024 "$(row pmu/$job hardware.page-faults)"
	near "$job: the sum is that of the workers" \
		"$(by_worker pmu/$job hardware.cycles:k | awk 'BEGIN {RS = " "} {s += $1} END {printf "%.0f", s}')" "$k" 0.01
done
check "what the PMU does not count says so" grep -q '^- unsupported: this PMU does not count it' <<<"$(row pmu/modes hardware.instructions)"

same "a group for 7 counters has 7 of its 8 members" "7 1" "$(awk -F '\t' '/^hardware/ && $2 == "0" && $1 !~ /page/ {
	$5 == "ok" ? ok++ : $5 ~ /does not fit into its group: the PMU takes 7 of these/ ? no++ : 0} END {print ok, no}' "$TMP/pmu/full/rows")"

same "12 events on 7 counters take turns" scaled "$(kinds pmu/turns)"
# row says "VALUE scaled: SHARE"
check "each counted for about 7/12 of the time" awk -F '\t' '/^hardware/ && $2 == "all" && $3 != "text" {
	split($5, s, " "); if (s[2] < 0.4 || s[2] > 0.8) bad = 1; n++} END {exit bad || n != 24}' "$TMP/pmu/turns/rows"
u=$(row pmu/turns hardware.cycles:u) k=$(row pmu/turns hardware.cycles:k) both=$(row pmu/turns hardware.cycles)
near "extrapolated they still add up" "$(awk "BEGIN {printf \"%.0f\", ${u%% *} + ${k%% *}}")" "${both%% *}" 30
check "36 events on 7 counters: some are lost and have no value" grep -qP '^hardware.*\t-\tlost: counted 0\.[01]' "$TMP/pmu/many/rows"
same "and none is 0" "" "$(awk -F '\t' '/^hardware/ && $4 == "0"' "$TMP/pmu/many/rows")"
same "default counts cycles" "ok unsupported" "$(kinds pmu/default)"

check "an ordinary user has no perf events at level 3" grep -qP \
	'^software.major-faults\tall\t1\t-\tunsupported: kernel.perf_event_paranoid is 3: needs CAP_PERFMON, or' "$TMP/pmu/userrows/out"
check "but schedstat" grep -qP '^schedstat.run_ns\tall\tns\t[0-9]+\tok' "$TMP/pmu/userrows/out"

for c in "${cells[@]}"; do
	# shellcheck disable=SC2046  # a list of words
	(cd "$TMP" && "$BUILD/pft-sim" $(simulate "$c") "$TOP/configs/machines/broadwell-2x14x2" >out)
	same "a simulation of $c is the same here, bit for bit" "$(cat "$TMP/out" "$TMP/rows")" \
		"$(cat "$TMP/pmu/sim_$c"/{out,rows})"
done
same "a search for bad schedules finds none" 0 "$(said pmu/explore rc)"

# The tables of ARM, which only an ARM build of libpfm4 has.
while read -r pmu event code; do
	check "$pmu: $event is $code" grep -qP "^hardware.$event.event\tall\ttext\t$pmu::$code:" "$TMP/pmu/$pmu/rows"
done <<'END'
arm_n1 llc-misses LL_CACHE_MISS_RD
arm_n1 remote-dram REMOTE_ACCESS
arm_n1 page-walks DTLB_WALK
arm_v1 llc-misses LL_CACHE_MISS_RD
arm_v1 remote-dram REMOTE_ACCESS
END

for job in 1 2 3; do same "icount $job: exit 0" 0 "$(said icount/i$job rc)"; done
first=$(row icount/i1 hardware.instructions:k/fault)
near "icount: instructions of a fault in the kernel, twice" "$first" "$(row icount/i2 hardware.instructions:k/fault)" 5
near "icount: and again" "$first" "$(row icount/i3 hardware.instructions:k/fault)" 5

# What counting costs, where no other process and no cache is in the way.
none=$(row icount/none hardware.instructions:k/fault)
for source in rusage schedstat software proc-vmstat; do
	near "icount: $source costs less than 1 % of a fault" "$(row icount/$source hardware.instructions:k/fault)" "$none" 1
done
check "an event of every fault costs more" awk -v a="$(row icount/page-faults hardware.instructions:k/fault)" \
	-v b="$none" 'BEGIN {exit !(a > b * 1.02)}'

for t in "${units[@]}"; do
	if [ "$(said "pmu/$t" rc)" = 0 ]; then ok "$t passes"; else not_ok "$t passes" "$(said "pmu/$t" out | grep -A 5 '^not ok'; said "pmu/$t" err | tail -n 5)"; fi
done
finish
