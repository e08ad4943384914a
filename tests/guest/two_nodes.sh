#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft and faultscale topology on a kernel with 2 nodes of 2 CPUs, for each kernel that there is: every pin
# plan puts each worker on the CPU that it names, every memory policy the pages on the nodes that it names.
. "$(dirname "$0")/lib.sh"
guest_or_skip "two nodes"

# start DIR KERNEL
start() {
	guest_start "$1" "$2" "0-1:512M 2-3:512M" <<'END'
job topology faultscale topology --pin spread --clients 3
for mode in -t -n; do
	for pin in compact spread cores node:1 node:1,0 cpus:3,0,2; do
		pft_job "pin$mode-$pin" -m 2M $mode 4 --pin $pin
	done
	for mem in default local remote interleave bind:1 bind:0-1; do
		pft_job "mem$mode-$mem" -m 8M $mode 4 --pin spread --mem $mem
	done
done
pft_job many -m 4M -t 9 --pin spread
pft_job p -m 8M -t 4 -p --pin compact
pft_job private -m 8M -t 2 --workload anon-private-map --pin cpus:0,2 --mem remote
pft_job cow -m 8M -n 2 --workload cow --pin cpus:1,3 --mem remote
pft_job shmem -m 8M -t 2 --workload shmem --pin cpus:1,3 --mem remote
pft_job unpinned -m 8M -t 4
job membind numactl --membind=1 pft --rows rows -m 4M -t 2 --pin cpus:0,1
job nodebind numactl --cpunodebind=1 pft --rows rows -m 4M -t 2 --pin compact
job maps pft -m 4M -t 2 --mem bind:1 -N
job cpu4 pft -m 1M -t 1 --pin cpus:4
job node2 pft -m 1M -t 1 --pin node:2
job bind2 pft -m 1M -t 1 --mem bind:2
job masked numactl --physcpubind=2 pft -m 1M -t 1 --pin node:0
END
}

# nodes JOB: pages of the sample on node 0 and node 1, and which per cent of them are local; or the error
nodes() {
	[ "$(said "$1" rc)" = 0 ] || { echo "exit $(said "$1" rc): $(said "$1" err)"; return; }
	echo "$(row "$1" pages_node_0) $(row "$1" pages_node_1) $(row "$1" local_pages)%" | sed 's/^ /0 /; s/  / 0 /'
}

judge() {
	local d=$1 mode pin cpus n
	same "$d: topology sees both nodes" "2 packages, 2 nodes, 4 cores, 4 CPUs" \
		"$(said "$d/topology" out | head -n 1 | sed 's/, [^,]*$//')"
	same "$d: their CPUs, and workers" "  cpu     0 1   worker  0 2   cpu     2 3   worker  1 ." \
		"$(said "$d/topology" out | grep -E '^  (cpu|worker)' | paste -sd ' ')"

	for mode in -t -n; do
		while read -r pin cpus; do
			same "$d: $mode 4 --pin $pin" "$cpus; $cpus; 0" "$(by_worker "$d/pin$mode-$pin" worker_cpu_start
				); $(by_worker "$d/pin$mode-$pin" worker_cpu_end); $(row "$d/pin$mode-$pin" migrations)"
		done <<'END'
compact 0 1 2 3
spread 0 2 1 3
cores 0 1 2 3
node:1 2 3 2 3
node:1,0 2 3 0 1
cpus:3,0,2 3 0 2 3
END
		for mem in default local bind:0-1; do
			same "$d: $mode 4 --mem $mem is local" "128 128 100%" "$(nodes "$d/mem$mode-$mem")"
		done
		same "$d: $mode 4 --mem remote is the other node" "128 128 0%" "$(nodes "$d/mem$mode-remote")"
		same "$d: $mode 4 --mem bind:1" "0 256 50%" "$(nodes "$d/mem$mode-bind:1")"
		n=$(row "$d/mem$mode-interleave" pages_node_0)
		check "$d: $mode 4 --mem interleave is half and half, $n of 256" test "${n:-0}" -gt 96 -a "${n:-0}" -lt 160
		n=$(row "$d/mem$mode-interleave" local_pages)
		check "$d: and half local, $n %" awk -v n="$n" 'BEGIN {exit !(n > 35 && n < 65)}'
	done

	same "$d: 9 workers on 4 CPUs" "0 2 1 3 0 2 1 3 0" "$(by_worker "$d/many" worker_cpu_start)"
	same "$d: -p is local" "128 128 100%" "$(nodes "$d/p")"
	for job in private cow shmem; do
		same "$d: $job remote" "64 64 0%" "$(nodes "$d/$job")"
	done
	same "$d: unpinned workers ran on some CPU" "0 4 4" "$(said "$d/unpinned" rc
		) $(by_worker "$d/unpinned" worker_cpu_start | grep -o '[0-3]' | wc -l
		) $(by_worker "$d/unpinned" worker_cpu_end | grep -o '[0-3]' | wc -l)"
	check "$d: unpinned workers' migrations are counted" grep -qE '^[0-9]+$' <<<"$(row "$d/unpinned" migrations)"
	same "$d: unpinned workers' pages have nodes" 256 "$(row "$d/unpinned" pages_sampled)"
	same "$d: the default policy is the one of numactl" "0 128 0%" "$(nodes "$d/membind")"
	same "$d: --pin inside numactl's CPUs" "2 3" "$(by_worker "$d/nodebind" worker_cpu_end)"
	# From 6.7 on the kernel may merge the mapping with the stacks of the threads, which were there before.
	check "$d: numa_maps agrees with bind:1" grep -qE '( N0=[0-9])? N1=10(2[4-9]|3[0-9]) ' <(said "$d/maps" out)
	refused "$d: --pin cpus:4" "$d/cpu4" "may not run on CPU 4"
	refused "$d: --pin node:2" "$d/node2" "no such node here, with '2'"
	refused "$d: --mem bind:2" "$d/bind2" "no memory that pft may use on NUMA node 2"
	refused "$d: --pin node:0 where CPU 2 is allowed" "$d/masked" "a node without any CPU to use, with '0'"
}

names=()
for kernel in "${KERNELS[@]}"; do
	names+=("${kernel##*/linux-image-}")
	start "${names[-1]}" "$kernel"
done
guest_wait "${names[@]}"
for name in "${names[@]}"; do judge "$name"; done
finish
