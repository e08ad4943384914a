#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The probes on older kernels: the same objects load, each with the programs for that kernel's tracepoints.
. "$(dirname "$0")/lib.sh"
guest_or_skip "probes on older kernels"

for kernel in "${KERNELS[@]}"; do
	name=$(basename "$kernel")
	guest_start "$name" "$kernel" "0-1:768M" <<'END'
job explain faultscale run --config /configs/smoke --name e --results /tmp --set PFT_ITERATIONS=1 --set PFT_CLIENTS=2 \
	--set PFT_WARMUP=0 --set PFT_PREFAULT=no --set PFT_MAPPING_SIZE=8M --explain=all
for table in probes offcpu contention mmap_lock alignment latency explained; do
	job $table cat /tmp/e/$table.tsv
done
END
done
guest_wait "${KERNELS[@]##*/}"

# probe GUEST NAME: its status
probe() { awk -F'\t' -v name="$2" '$5 == name {print $6}' "$TMP/$1/probes/out"; }
for kernel in "${KERNELS[@]}"; do
	name=$(basename "$kernel")
	same "$name: explained" 0 "$(said "$name/explain" rc)"
	for probe in offcpu contention mmap_lock alignment latency; do
		same "$name: $probe" ok "$(probe "$name" $probe)"
	done
	# With a CPU for each worker there may be none.
	check "$name: off-CPU stacks have names" sh -c '! grep -q "^0" "$1" || grep -q ";__schedule" "$1"' - "$TMP/$name/offcpu/out"
	check "$name: VMAs are found" grep -q $'\tvm_area_struct\t' "$TMP/$name/alignment/out"
	check "$name: each fault is timed" awk -F'\t' 'NR > 2 {n += $6} END {exit n < 2048}' "$TMP/$name/latency/out"
done
# Before 6.4 every fault takes mmap_lock; since then few do.
in_fault() { awk -F'\t' '$5 == "read" {print $12}' "$TMP/$1/mmap_lock/out"; }
for kernel in "${KERNELS[@]}"; do
	name=$(basename "$kernel")
	case $name in
	*-6.12-*) check "$name: few faults take mmap_lock" test "$(in_fault "$name")" -lt 200 ;;
	*) check "$name: all faults take mmap_lock" test "$(in_fault "$name")" -ge 2048 ;;
	esac
done

# The same by the command, of a workload whose threads want each other's mmap_lock; read here.
new=${KERNELS[-1]}
run "$FAULTSCALE" guest --kernel "$(image "$new")" --append "$QUICK" --accel tcg --nodes 2 --cpus 2 --memory 1G --config "$TOP/configs/smoke" \
	--name churn --results "$TMP" --explain=all --set PFT_WORKLOADS=churn --set PFT_ITERATIONS=1 --set PFT_CLIENTS=2 \
	--set PFT_WARMUP=0 --set PFT_PREFAULT=no --set PFT_MAPPING_SIZE=8M
same "faultscale guest --explain" 0 "$rc"
check "off-CPU rows come back" grep -qP '\tblocked\trwsem-(read|write)\t.*;rwsem_down_[a-z]*_slowpath' "$TMP/churn/offcpu.tsv"
check "and contention rows, with the lock's name" grep -qP '^0\tchurn\t2\t0\trwsem-write\tmmap_lock\t' "$TMP/churn/contention.tsv"
run "$FAULTSCALE" contention --results "$TMP" churn
check "which read as any other run's" grep -qE 'rwsem-write +mmap_lock' <<<"$out"
finish
