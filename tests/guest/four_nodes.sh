#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 4 nodes of one core with two threads each, on every kernel that there is: plans over SMT siblings, policies over
# more than one other node, a CPU that is unplugged, and the classic tools: pft's line, a sweep, its comparison.
. "$(dirname "$0")/lib.sh"
guest_or_skip "four nodes"

# start DIR KERNEL
start() {
	guest_start "$1" "$2" "0-1:256M 2-3:256M 4-5:256M 6-7:256M" "" \
		"-smp 8,sockets=4,cores=1,threads=2 -cpu max,vendor=GenuineIntel" <<'END'
job topology faultscale topology
for pin in compact spread cores node:3,1 cpus:7,0; do pft_job pin-$pin -m 2M -t 8 --pin $pin; done
for mem in local remote interleave bind:2 bind:1,3; do
	pft_job mem-$mem -m 8M -t 4 --pin spread --mem $mem
	job maps-$mem pft -m 8M -t 1 --pin cpus:0 --mem $mem -N
done
echo 0 >/sys/devices/system/cpu/cpu5/online
pft_job hole-spread -m 2M -t 7 --pin spread
job hole-cpu pft -m 1M -t 1 --pin cpus:5
job hole-some pft -m 1M -t 2 --pin cpus:4-5
echo 0 >/sys/devices/system/cpu/cpu4/online
job empty-node pft -m 1M -t 1 --pin node:2
pft_job empty-bind -m 4M -t 2 --pin spread --mem bind:2
echo 1 >/sys/devices/system/cpu/cpu4/online
echo 1 >/sys/devices/system/cpu/cpu5/online
job classic pft -m 4M -t 4
job classic-n pft -m 4M -n 4
cat >/tmp/config <<'CONFIG'
export PFT_PIN="compact spread" PFT_CLIENTS="1 4" PFT_MAPPING_SIZE=2M PFT_ITERATIONS=2 PFT_WARMUP=0
CONFIG
job run faultscale run --config /tmp/config --name r --results /tmp
job compare faultscale compare --results /tmp r --by pin
job copy cp -r /tmp/r .
END
}

# nodes JOB: NODE=PAGES of the sample, and which per cent of them are local
nodes() {
	echo "$(awk -F '\t' '$1 ~ /^pages_node_/ {sub("pages_node_", "", $1); print $1 "=" $4}' "$TMP/$1/rows" 2>&1 | xargs
		) $(row "$1" local_pages)%"
}
# mapped JOB: the nodes that numa_maps names in the line of the 8 MiB
mapped() { said "$1" out | grep -oE '( N[0-9]=[0-9]+)+' | awk '{n = 0; for (i = 1; i <= NF; i++) {split($i, p, "="); n += p[2]}
	if (n >= 2048 && n < 2100) {s = ""; for (i = 1; i <= NF; i++) {split($i, p, "="); if (p[2] > 50) s = s " " p[1]} print substr(s, 2)}}'; }

judge() {
	local d=$1 pin cpus
	same "$d: topology" "4 packages, 4 nodes, 4 cores, 8 CPUs" "$(said "$d/topology" out | head -n 1 | sed 's/, [^,]*$//')"
	while read -r pin cpus; do
		same "$d: --pin $pin" "$cpus; $cpus; 0" "$(by_worker "$d/pin-$pin" worker_cpu_start
			); $(by_worker "$d/pin-$pin" worker_cpu_end); $(row "$d/pin-$pin" migrations)"
	done <<'END'
compact 0 1 2 3 4 5 6 7
spread 0 2 4 6 1 3 5 7
cores 0 2 4 6 1 3 5 7
node:3,1 6 7 2 3 6 7 2 3
cpus:7,0 7 0 7 0 7 0 7 0
END
	same "$d: local" "0=64 1=64 2=64 3=64 100%" "$(nodes "$d/mem-local")"
	check "$d: remote is never the own node: $(nodes "$d/mem-remote")" grep -q ' 0%$' <(nodes "$d/mem-remote")
	same "$d: bind:2" "2=256 25%" "$(nodes "$d/mem-bind:2")"
	same "$d: bind:1,3, of two nodes" "1 3" "$(nodes "$d/mem-bind:1,3" | grep -oE '[0-9]+=' | tr -d = | xargs)"
	same "$d: interleave, of all nodes" "0 1 2 3" "$(nodes "$d/mem-interleave" | grep -oE '[0-9]+=' | tr -d = | xargs)"
	same "$d: numa_maps, local" "N0" "$(mapped "$d/maps-local")"
	check "$d: numa_maps, remote: $(mapped "$d/maps-remote")" grep -q '^N[1-3]' <(mapped "$d/maps-remote" | grep -v N0)
	same "$d: numa_maps, interleave" "N0 N1 N2 N3" "$(mapped "$d/maps-interleave")"
	same "$d: numa_maps, bind:2" "N2" "$(mapped "$d/maps-bind:2")"
	same "$d: without CPU 5 the others" "0 2 4 6 1 3 7" "$(by_worker "$d/hole-spread" worker_cpu_start)"
	refused "$d: --pin of the CPU that is gone" "$d/hole-cpu" "may not run on CPU 5"
	refused "$d: and of it with another" "$d/hole-some" "may not run on CPU 5"
	refused "$d: --pin of a node whose CPUs are gone" "$d/empty-node" "a node without any CPU to use, with '2'"
	same "$d: its memory is there" "2=128 0%" "$(nodes "$d/empty-bind")"
	for job in classic classic-n; do
		check "$d: $job: pft's line" grep -qE '^ +[0-9]+ +4 +[0-9]+ +[0-9.]+s +[0-9.]+s +[0-9.]+s' <(said "$d/$job" out)
	done
	same "$d: a sweep" "0 8" "$(said "$d/run" rc) $(awk -F '\t' '$5 == "step" && $8 == "done"' "$TMP/$d/copy/r/samples.tsv" | wc -l)"
	same "$d: compare, in the guest" "faults/cpu-1 faults/cpu-4 faults/sec-1 faults/sec-4" \
		"$(said "$d/compare" out | awk '/^Hmean/ && NF >= 6 {print $2}' | xargs)"
	run "$FAULTSCALE" compare --results "$TMP/$d/copy" r --by pin
	same "$d: compare, here" "$(said "$d/compare" out)" "$out"
}

names=()
for kernel in "${KERNELS[@]}"; do
	names+=("${kernel##*/linux-image-}")
	start "${names[-1]}" "$kernel"
done
guest_wait "${names[@]}"
for name in "${names[@]}"; do judge "$name"; done
finish
