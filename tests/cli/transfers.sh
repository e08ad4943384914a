#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run --sample transfers, and misses of it: which field's accesses take which lines from whom, simulated.
. "$(dirname "$0")/../lib.sh"
simulator
cd "$TMP" || exit 1
cat >config <<'END'
export PFT_MACHINE="broadwell-2x14x2"
export PFT_WORKLOADS="engine-anon"
export PFT_LOCKS="vma-rwsem-split vma-rwsem-aligned"
export PFT_CLIENTS="8"
export PFT_MAPPING_SIZE=4M
export PFT_ITERATIONS=1
END
mkdir -p configs && cp -r "$TOP/configs/machines" configs/
check "two layouts are sampled" "$FAULTSCALE" run -c config -n a --sample transfers
run "$FAULTSCALE" misses --top 0 a
same "misses: exit 0" 0 "$rc"
check "the count of the split lock is told" grep -q 'vma_lock.lock.count @0 line 0$' <<<"$out"
prefetched='vm_area_struct.vm_policy @152 line 2 -> prefetch took vm_area_struct.lock.count @192 line 3$'
check "the prefetcher takes the RFC's lock for being beside vm_policy" grep -q "$prefetched" <<<"$out"
run "$FAULTSCALE" misses --top 0 --variant engine-anon-vma-rwsem-split,engine-anon-vma-rwsem-aligned a
check "the difference of the two layouts has it as new" grep -q "$prefetched" <<<"$out"
run "$FAULTSCALE" misses --top 0 --by data --variant engine-anon-vma-rwsem-aligned a
check "by lines: the lock's" grep -q 'vm_area_struct line 3$' <<<"$out"
cp -r results/a results/odd
sed -i "3,\$ s/vma_lock/vma$(printf '\033')[2Jlock/g; 3,\$ s/\tengine-anon/\ten$(printf '\033')[2Jgine/" results/odd/misses.tsv
for by in "" "--by data" "--variant en$(printf '\033')[2Jgine-vma-rwsem-split,en$(printf '\033')[2Jgine-vma-rwsem-aligned"; do
	run "$FAULTSCALE" misses --top 0 $by odd
	check "misses ${by%% *}: shows names that would clear the screen" grep -qF '?[2J' <<<"$out$err"
	same "misses ${by%% *}: and they do not" "" "$(grep -F $'\x1b' <<<"$out$err")"
done
cp -r results/a results/b
"$FAULTSCALE" run --resume b --sample transfers >/dev/null 2>&1
same_file "the same counts in another run" results/a/misses.tsv results/b/misses.tsv
sed -i 's/^export PFT_MACHINE.*//' config
run "$FAULTSCALE" run -c config -n c --set PFT_CLIENTS=1 --sample transfers
check "a run on the machine itself has no such rows" grep -q "simulated machines belong" <<<"$err"
finish
