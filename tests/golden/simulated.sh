#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a fault costs in the engine, number by number, on a simulated machine: a change that changes it has to say so.
# Should this fail and be meant: scripts/simulated-baseline, and commit what it wrote with the change.
. "$(dirname "$0")/../lib.sh"
KEPT=$TOP/tests/golden/simulated
cd "$TOP" || exit 1

simulate() { "$FAULTSCALE" run --config configs/simulated-designs --results "$TMP" --sample transfers "$@" 2>&1; }
check "the designs are simulated" simulate --name new
run "$FAULTSCALE" gate --fail-on change "$KEPT" "$TMP/new"
if [ "$rc" = 0 ]; then ok "every number is what it was"; else
	not_ok "every number is what it was" "$(grep -v ' the same$' <<<"$out")$err
if this is meant: scripts/simulated-baseline, and commit what it wrote"
fi
same "all cells were compared" 24 "$(grep -c ' the same$' <<<"$out")"

# With the prefetcher off it is another machine: the fields whose lines it took are named.
check "without the prefetcher" simulate --name off --set PFT_PREFETCH=adjacent=off --set PFT_LOCKS=vma-rwsem-aligned --set PFT_CLIENTS=40
mkdir "$TMP/on"
for table in plan samples misses; do
	awk -F '\t' 'NR < 3 || $2 ~ /aligned$/ && $3 == 40 || /aligned\t.*\t40\t/' "$TMP/new/$table.tsv" >"$TMP/on/$table.tsv"
done
cp "$KEPT/meta.tsv" "$TMP/on"
run "$FAULTSCALE" gate --force "$TMP/off" "$TMP/on"
same "it is slower with it" 10 "$rc"
check "and a field is the reason" grep -qE "faults/cpu-40 .*worse by .*: transfers of vm_area_struct.* took .*, [0-9.]+ to [0-9.]+ a fault" <<<"$out"
finish
