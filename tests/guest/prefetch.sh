#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale prefetch and a real msr driver. The emulator answers MSR 0x1a4 with 0 and drops what is written, as
# hypervisors do: it has to be noticed, and nothing may be left behind.
. "$(dirname "$0")/lib.sh"
guest_or_skip "prefetchers" guest-full
names=()
for kernel in "${KERNELS[@]}"; do
	names+=("$(basename "$kernel")")
	guest_start "${names[-1]}" "$kernel" "0-1:384M" "" "-cpu Broadwell" <<'END'
mkdir /run
job none faultscale prefetch status
modprobe msr
job status faultscale prefetch status
job dry faultscale prefetch off --only adjacent --dry-run
job off faultscale prefetch off
job while faultscale prefetch off --only adjacent -- echo ran
job run faultscale run --config /configs/smoke --set PFT_PREFETCH=adjacent=off --set PFT_WORKLOADS=null --name r --results /tmp
job left ls /run
as_user() { su -s /bin/sh user -c "$1"; }
job user as_user 'faultscale prefetch status'
END
done
guest_wait "${names[@]}"
dropped="cannot write MSR 0x1a4 of CPU 0 in '/dev/cpu/0/msr': what was written does not read back; a hypervisor drops it"
for n in "${names[@]}"; do
	refused "$n: without the driver" "$n/none" "there is no msr driver; load it: modprobe msr"
	same "$n: with it all are on" "0 4 on" "$(said "$n/status" rc) $(said "$n/status" out | awk '$2 == "on" {n++} END {print n, "on"}')"
	same "$n: what would be written" "CPU 0: MSR 0x1a4 0 -> 0x2 CPU 1: MSR 0x1a4 0 -> 0x2" "$(said "$n/dry" out | xargs)"
	for job in off while; do refused "$n: $job" "$n/$job" "$dropped"; done
	same "$n: the command did not run" "" "$(said "$n/while" out)"
	refused "$n: a run with it" "$n/run" "what was written does not read back"
	same "$n: no note is left" "" "$(said "$n/left" out)"
	refused "$n: an ordinary user" "$n/user" "only root may"
done
finish
