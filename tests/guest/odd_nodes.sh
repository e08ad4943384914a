#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines with holes: a node without memory, one without CPUs, SMT switched off, CPUs taken offline.
. "$(dirname "$0")/lib.sh"
guest_or_skip "odd nodes"

# pages JOB: NODE=PAGES of the sample, for each node that has any
pages() { awk -F '\t' '$1 ~ /^pages_node_/ {sub("pages_node_", "", $1); print $1 "=" $4}' "$TMP/$1/rows" 2>&1 | xargs; }

nodes=()
for kernel in "${KERNELS[@]}"; do
	nodes+=("nodes-${kernel##*/linux-image-}")
	guest_start "${nodes[-1]}" "$kernel" "0:384M 1:256M 2:0 -:256M" <<'END'
job topology faultscale topology --pin spread --clients 4
for mem in local remote interleave bind:3 bind:1,3; do
	pft_job mem-$mem -m 6M -t 3 --pin spread --mem $mem
done
job bind2 pft -m 1M -t 1 --mem bind:2
job node3 pft -m 1M -t 1 --pin node:3
END
done

# The emulator has SMT siblings only of Intel's CPUs.
guest_start holes "$KERNEL" "0-3:384M 4-7:384M" nosmt "-smp 8,sockets=2,cores=2,threads=2 -cpu max,vendor=GenuineIntel" <<'END'
job nosmt faultscale topology
pft_job nosmt-compact -m 1M -t 5 --pin compact
job nosmt-sibling pft -m 1M -t 1 --pin cpus:1
echo on >/sys/devices/system/cpu/smt/control
job smt faultscale topology
for pin in compact cores spread; do pft_job smt-$pin -m 2M -t 8 --pin $pin; done
echo 0 >/sys/devices/system/cpu/cpu2/online
job hole faultscale topology
pft_job hole-compact -m 2M -t 8 --pin compact
pft_job hole-none -m 2M -t 8
job hole-cpu pft -m 1M -t 1 --pin cpus:2
for cpu in 4 5 6 7; do echo 0 >/sys/devices/system/cpu/cpu$cpu/online; done
job empty faultscale topology
pft_job empty-remote -m 2M -t 2 --pin spread --mem remote
job empty-node pft -m 1M -t 1 --pin node:1
END
guest_wait "${nodes[@]}" holes

for n in "${nodes[@]}"; do
	same "$n: topology of nodes without memory or CPUs" "3 packages, 4 nodes, 3 cores, 3 CPUs" \
		"$(said "$n/topology" out | head -n 1 | sed 's/, [^,]*$//')"
	check "$n: the node without memory is drawn" grep -q '^package 2, node 2, 0 B$' <(said "$n/topology" out)
	check "$n: the node without CPUs is drawn" grep -qE '^node 3, .* MiB, without CPUs$' <(said "$n/topology" out)
	same "$n: local: a worker without memory of its own gets another node's" "0=64 1=64 0" \
		"$(pages "$n/mem-local" | cut -d ' ' -f 1,2) $(said "$n/mem-local" rc)"
	check "$n: and local_pages says so" grep -qE '^6[67](\.|$)' <(row "$n/mem-local" local_pages)
	same "$n: remote: never the own node" "0 0" "$(row "$n/mem-remote" local_pages) $(said "$n/mem-remote" rc)"
	same "$n: interleave: over the three nodes with memory" "0 1 3" "$(pages "$n/mem-interleave" | sed 's/=[0-9]*//g')"
	for node in 0 1 3; do
		pages=$(row "$n/mem-interleave" pages_node_$node)
		check "$n: a third of them on node $node, $pages of 192" test "${pages:-0}" -gt 40 -a "${pages:-0}" -lt 88
	done
	same "$n: bind:3: the node without CPUs" "3=192" "$(pages "$n/mem-bind:3")"
	same "$n: bind:1,3: no other than these" "1 3" "$(pages "$n/mem-bind:1,3" | sed 's/=[0-9]*//g')"
	refused "$n: memory of a node without" "$n/bind2" "no memory that pft may use on NUMA node 2"
	refused "$n: CPUs of a node without" "$n/node3" "a node without any CPU to use, with '3'"
done

# first JOB: the first line that the job printed, without the amount of memory
first() { said "$1" out | head -n 1 | sed 's/, [^,]*$//'; }
same "nosmt: topology" "2 packages, 2 nodes, 4 cores, 4 CPUs" "$(first holes/nosmt)"
check "nosmt: siblings are named" grep -qx 'not used: CPU 1-7:2, offline or kept from this process' <(said holes/nosmt out)
same "nosmt: compact" "0 2 4 6 0" "$(by_worker holes/nosmt-compact worker_cpu_start)"
refused "nosmt: a sibling" holes/nosmt-sibling "may not run on CPU 1"
same "SMT: topology" "2 packages, 2 nodes, 4 cores, 8 CPUs" "$(first holes/smt)"
same "SMT: compact" "0 2 1 3 4 6 5 7" "$(by_worker holes/smt-compact worker_cpu_start)"
same "SMT: cores" "0 2 4 6 1 3 5 7" "$(by_worker holes/smt-cores worker_cpu_start)"
same "SMT: spread" "0 4 2 6 1 5 3 7" "$(by_worker holes/smt-spread worker_cpu_start)"
same "CPU 2 offline: topology" "2 packages, 2 nodes, 4 cores, 7 CPUs" "$(first holes/hole)"
check "CPU 2 offline: it is named" grep -q '^not used: CPU 2, ' <(said holes/hole out)
same "CPU 2 offline: compact" "0 3 1 4 6 5 7 0" "$(by_worker holes/hole-compact worker_cpu_start)"
same "CPU 2 offline: unpinned workers are clipped" "7 clipping nr_tests to nr_cpus_allowed [7]" \
	"$(by_worker holes/hole-none worker_cpu_start | wc -w) $(said holes/hole-none err)"
refused "CPU 2 offline: --pin cpus:2" holes/hole-cpu "may not run on CPU 2"
check "node 1 without CPUs: topology" grep -qE '^node 1, .*, without CPUs$' <(said holes/empty out)
same "node 1 without CPUs: it is the remote memory" "0 3 1=128" \
	"$(by_worker holes/empty-remote worker_cpu_start) $(pages holes/empty-remote)"
refused "node 1 without CPUs: --pin node:1" holes/empty-node "a node without any CPU to use, with '1'"
finish
