#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# zswap under cgroup version 2, of a kernel from before it knew whose pages it has (6.1) and of one from after that
# (6.12): at a group's limit, whose pages are written to the swap file? The engine answers for the same stream.
. "$(dirname "$0")/lib.sh"
export GUEST_TIMEOUT=240
guest_or_skip "zswap of groups" guest-full
command -v mke2fs >/dev/null || { skip "zswap of groups" "no mke2fs here"; finish; }

names=()
for kernel in "${KERNELS[@]}"; do
	name=$(basename "$kernel")
	names+=("$name")
	truncate -s 128M "$TMP/$name.disk"
	mke2fs -q -F -t ext2 "$TMP/$name.disk"
	guest_start "$name" "$kernel" "0-1:384M" "" \
		"-drive if=virtio,format=raw,cache=unsafe,file=$TMP/$name.disk" <<'END'
for module in virtio_pci virtio_blk crc32c_generic ext4; do modprobe $module; done
mkdir -p /var/tmp /run
mount -t ext4 /dev/vda /var/tmp
state() {
	cat /proc/swaps /sys/fs/cgroup/cgroup.subtree_control /proc/self/cgroup
	grep -r . /sys/module/zswap/parameters /proc/sys/vm/page-cluster
	ls -d /sys/fs/cgroup/pft-* /var/tmp/pft-* /run/pft-*
}
job early pft -m 1M -t 1 --workload kernel-memcgs
mount -t cgroup2 cgroup2 /sys/fs/cgroup
job before state
pft_job swap -m 12M -t 2 --workload kernel-swap --limit 6M --codec lzo --pool zbud --zswap-max 1M
small="-m 24M -t 1 --working-set 16M --limit 5M --codec lzo --pool zbud --accept-threshold 100 --param cold=20"
pft_job max $small --workload kernel-memcgs --zswap-max 800K
pft_job pool $small --workload kernel-memcgs --pool-max 1
pft_job many -m 8M -t 2 --memcgs 4 --param greedy=2 --working-set 16M --limit 10M --codec lzo --pool zbud --workload kernel-memcgs
roomy="-m 12M -t 1 --working-set 16M --limit 6600K --codec lzo --pool zbud --workload kernel-memcgs"
pft_job shrink $roomy --zswap-shrinker on
pft_job nowb $roomy --zswap-shrinker on --param zswap-writeback=off
pft_job nowb-old $roomy --param zswap-writeback=off
job after state
case $(uname -r) in
6.1.*) for lru in global memcg memcg-second-chance; do
	pft_job engine-$lru $small --workload engine-memcgs --zswap-max 800K --param charge=all --lru $lru
done ;;
*) job config faultscale run --config /configs/zswap-kernel-memcgs --name c --results . --set PFT_ITERATIONS=1 \
	--set PFT_MAPPING_SIZE=8M ;;
esac
END
done
guest_wait "${names[@]}"

# pages JOB METRIC...: their values
pages() {
	local job=$1 metric
	shift
	for metric; do row "$job" "$metric"; done | xargs
}
# more NAME JOB METRIC: above 0
more() { check "$1: $(pages "$2" "$3")" test "$(row "$2" "$3" | grep -x '[0-9]*' || echo 0)" -gt 0; }

for n in "${names[@]}"; do
	for job in swap max pool many; do same "$n: $job, pages as they were" "0 " "$(said "$n/$job" rc) $(said "$n/$job" err)"; done
	check "$n: without version 2 it says so" grep -q 'no mounted cgroup hierarchy has the memory controller' "$TMP/$n/early/err"
	same_file "$n: all is taken back" "$TMP/$n/before/out" "$TMP/$n/after/out"
	same "$n: version 2" 2 "$(row "$n/swap" cgroup_version)"
	check "$n: the group has no more compressed than it may" test "$(row "$n/swap" group_zswap_bytes)" -le $((1100 << 10))
	more "$n: the group's pages into zswap" "$n/swap" fill_group_zswpout
	more "$n: and out of it" "$n/swap" group_zswpin
	more "$n: and to the device, by the io controller" "$n/swap" fill_group_written_bytes
	same "$n: cold pages are compressed before" 409 "$(row "$n/max" others_zswpout)"
	more "$n: the greedy group goes to the device" "$n/max" greedy_device_writes
	same "$n: at its own limit nothing of the others does" 0 "$(row "$n/max" others_device_writes)"
	same "$n: four groups, two greedy: the others are left alone" "0 0" \
		"$(pages "$n/many" group_2_device_writes group_3_device_writes)"
done

old=linux-image-amd64 new=linux-image-6.12-amd64
more "$new: at its limit a group's own pages are written back" $new/max greedy_zswpwb
same "$new: and none of the others" "0 0 409" "$(pages $new/max others_zswpwb others_device_writes others_stored_pages)"
more "$new: the shrinker writes back the group's own" $new/shrink greedy_zswpwb
same "$new: and none of the others" "0 0" "$(pages $new/shrink others_zswpwb others_device_writes)"
same "$new: zswap-writeback=off keeps it from that" "0 0 0" "$(said $new/nowb rc) $(pages $new/nowb greedy_zswpwb greedy_device_writes)"
same "$new: the config" "0 0 failed" "$(said $new/config rc) $(grep -o '[0-9]* failed' "$TMP/$new/config/out")"
same "$new: kernel and engine side by side" 3 "$(awk -F '\t' '$5 == "others_zswpwb" && $8 == 0' "$TMP/$new/config/c/samples.tsv" | wc -l)"

same "$old: it cannot tell whose was written back" "- unavailable: this kernel does not count it for a group" "$(row $old/max greedy_zswpwb)"
same "$old: at a group's limit zswap writes back nothing" "0 0" "$(pages $old/max fill_zswap_written_back_pages zswap_written_back_pages)"
more "$old: with a full pool it does" $old/pool fill_zswap_written_back_pages
same "$old: all of that is the others', which wanted nothing" "$(row $old/pool fill_zswap_written_back_pages)" \
	"$(($(row $old/pool others_device_writes) - $(row $old/pool zswap_written_back_pages)))"
same "$old: zswap-writeback=off" "1 pft: cgroups of this kernel have no 'memory.zswap.writeback'" "$(said $old/nowb-old rc) $(said $old/nowb-old err)"
same "$old: --zswap-shrinker" "1 pft: zswap of this kernel has no parameter 'shrinker_enabled', and cannot do 'Y'" "$(said $old/shrink rc) $(said $old/shrink err)"

# within NAME A B: of 10 per cent and 20 pages
within() { check "$1: $2 and $3" awk -v a="$2" -v b="$3" 'BEGIN {d = a - b; exit !((d < 0 ? -d : d) <= 20 + 0.1 * b)}'; }
same "the engine, global: nothing is written back at a group's limit either" 0 "$(row $old/engine-global greedy_zswpwb)"
within "the engine, memcg-second-chance: as many of the greedy group as $new" \
	"$(row $old/engine-memcg-second-chance greedy_zswpwb)" "$(row $new/max greedy_zswpwb)"
within "and as many compressed" "$(row $old/engine-memcg-second-chance greedy_zswpout)" "$(row $new/max greedy_zswpout)"
same "none of the others, by every policy" "0 0 0" \
	"$(for lru in global memcg memcg-second-chance; do row $old/engine-$lru others_zswpwb; done | xargs)"
finish
