#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale ab on simulated machines: the same steps as 'faultscale run', one round, an exact verdict; what is no
# comparison; and what becomes of such a run afterwards.
. "$(dirname "$0")/../lib.sh"
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MACHINE=broadwell-2x14x2
export PFT_WORKLOADS=engine-anon
export PFT_CLIENTS="1 $((NUMCPUS-16))"
export PFT_PIN=compact
export PFT_MAPPING_SIZE=$((800*4096))
export PFT_COUNTERS=sim
END
ab() { run "$FAULTSCALE" ab --config "$TMP/config" --results "$R" "$@"; }
fact() { awk -F'\t' -v k="$2" '$1 == k {print $2}' "$R/$1/meta.tsv"; }
# What a run says of the simulated machine; ab draws the order of its cells.
virtual() { awk -F'\t' 'NR > 2 && $4 == 0 && $5 !~ /^(time_|step)/ {print $2, $3, $5, $6, $8}' "$R/$1/samples.tsv" | sort; }
rate() { awk -F'\t' -v n="$2" '$3 == n && $5 == "faults/sec" && $6 == "all" {print $8}' "$R/$1/samples.tsv"; }

ab --name locks --a PFT_LOCKS=vma-rwsem-split --b PFT_LOCKS=vma-rwsem-aligned
same "slower: exit 10, nothing said beside" "10 " "$rc $err"
wanted=$(awk -v a="$(rate locks-a 40)" -v b="$(rate locks-b 40)" 'BEGIN {printf "%.3g", (1 - b / a) * 100}')
check "by the exact difference" grep -qE "^engine-anon-40 +slower by $wanted%$" <<<"$out"
check "as a whole" grep -q '^b against a by faults/sec, simulated, so exact: regression$' <<<"$out"
same "one round, no warm-up" "2 2 0" "$(for s in a b; do grep -c $'\tstep\t' "$R/locks-$s/samples.tsv"; done | xargs) $(fact locks-a warmup)"
for side in "a vma-rwsem-split" "b vma-rwsem-aligned"; do
	read -r s lock <<<"$side"
	run "$FAULTSCALE" run --config "$TMP/config" --results "$R" --name "run-$s" --set PFT_LOCKS="$lock" --set PFT_ITERATIONS=1
	same "side $s is what 'run' does with it" "0 $(virtual "run-$s")" "$rc $(virtual "locks-$s")"
	same "topology as with 'run'" "$(fact "run-$s" topology), $(fact "run-$s" cpus)" "$(fact "locks-$s" topology), $(fact "locks-$s" cpus)"
	same_file "its drawing too" "$R/run-$s/topology.xml" "$R/locks-$s/topology.xml"
done
check "a worker sits on a CPU that is not here" awk -F'\t' '$8 == 40 && $11 ~ /(^|[,-])3[0-9]/ {found = 1} END {exit !found}' "$R/locks-a/plan.tsv"

ab --name better --a "PFT_LOCKS=vma-rwsem-aligned PFT_CLIENTS=40" --b "PFT_LOCKS=vma-rwsem-split PFT_CLIENTS=40"
same "faster: exit 0" "0 1" "$rc $(grep -c '^engine-anon-40 *faster by' <<<"$out")"
ab --name little --a PFT_LOCKS=vma-rwsem-split --b PFT_LOCKS=vma-rwsem-aligned --delta 60%
same "a change that does not count: exit 0" 0 "$rc"
check "is told all the same" grep -qE "^engine-anon-40 +no change beyond ±60%: slower by $wanted%$" <<<"$out"
ab --aa --name aa
same "the same twice: exit 0" "0 2" "$rc $(grep -cE '^engine-anon-(1|40) +the same$' <<<"$out")"
check "says what it was" grep -q '^both sides are the same: any change is a fault of the simulator$' <<<"$out"
ab --name two --a PFT_CLIENTS=4 --b "PFT_CLIENTS=4 PFT_MACHINE=skylake-2x28x2"
check "of two machines" grep -qE '^engine-anon-4 +(faster|slower) by ' <<<"$out"
check "each side has its own" test "$(fact two-a cpus)" != "$(fact two-b cpus)"

# Afterwards.
run "$FAULTSCALE" export --format tsv --results "$R" locks-b locks-a
check "exported with that verdict" grep -qP "^\t40\tfaults/sec\t.*\tregression\tslower by $wanted%$" <<<"$out"
run "$FAULTSCALE" report --force --results "$R" -o "$TMP/page.html" locks-a locks-b
check "the report says why it is sure, and draws the machine" grep -Pzoq \
	"(?s)slower by $wanted%.*their numbers have no noise.*Machine and pin plan.*package 1, node 1" "$TMP/page.html"
run "$FAULTSCALE" gate --force --results "$R" locks-a locks-b
check "the gate names what moved" grep -qE "^faults/sec-40 +worse by $wanted%: [a-z_]+, .* a fault" <<<"$out"

# zswap's list locks.
swap=(--set PFT_WORKLOADS=engine-memcgs --set PFT_CLIENTS=2 --set PFT_LRU=memcg --set PFT_LIMIT=1M --set PFT_WORKING_SET=2M)
run "$FAULTSCALE" run --config "$TMP/config" --results "$R" --name zswap "${swap[@]}" --set PFT_ITERATIONS=1 --set PFT_LRU_LOCK="node list"
same "PFT_LRU_LOCK reaches the steps" "0 list node" "$rc $(awk -F'\t' '$5 == "lru_lock" {print $8}' "$R/zswap/samples.tsv" | sort | xargs)"
run "$FAULTSCALE" compare --results "$R" --by lru-lock zswap
same "and is a dimension" "node list" "$(sed -n 2p <<<"$out" | xargs)"

# What others do to the host is no matter, and a kill neither.
cat >"$TMP/slow" <<END
#!/bin/bash
[[ " \$* " == *" --check "* || \$1 = --version ]] || sleep 0.3
exec $BUILD/pft-sim "\$@"
END
chmod +x "$TMP/slow"
"$FAULTSCALE" ab --config "$TMP/config" --results "$R" --name killed --pft "$TMP/slow" --a PFT_LOCKS=vma-rwsem-split --b PFT_LOCKS=vma-rwsem-aligned \
	>/dev/null 2>&1 &
pid=$!
for _ in $(seq 3000); do
	[ "$(cat "$R"/killed-?/samples.tsv 2>/dev/null | grep -c $'\tstep\t')" -ge 1 ] 2>/dev/null && break
	sleep 0.02
done
kill -9 $pid
wait $pid 2>/dev/null
run "$FAULTSCALE" ab --results "$R" --resume killed
same "killed, and gone on with: exit 10" 10 "$rc"
same "each step once" "0 1 0 1" "$(for s in a b; do awk -F'\t' '$5 == "step" {print $1}' "$R/killed-$s/samples.tsv" | sort -n; done | xargs)"
run "$FAULTSCALE" run --config "$TMP/config" --results "$R" --name run --set PFT_ITERATIONS=2 --set PFT_CLIENTS=2 --max-iterations 1
run "$FAULTSCALE" run --results "$R" --resume run
same "run goes on on its machine as well" "0 2" "$rc $(grep -c $'\tstep\t' "$R/run/samples.tsv")"

# What is no comparison: one line, exit 2, nothing made.
# bad NAME TEXT OPTION...
bad() {
	run "$FAULTSCALE" "$3" --results "$TMP/none" "${@:4}"
	same "$1: exit 2, in a line" "2 1" "$rc $(wc -l <<<"$err")"
	case $err in *"$2"*) ok "$1: says why" ;; *) not_ok "$1: says why" "$err" ;; esac
	check "$1: makes nothing" test ! -e "$TMP/none"
}
printf 'PFT_MACHINE=laptop-8x2\nPFT_WORKLOADS=anon\n' >"$TMP/anon"
bad "one side measured" "side b is simulated and side a is not: they cannot be compared" ab \
	--a "PFT_WORKLOADS=engine-anon PFT_CLIENTS=1" --b "PFT_WORKLOADS=engine-anon PFT_CLIENTS=1 PFT_MACHINE=laptop-8x2"
bad "no such machine" "--b: PFT_MACHINE: cannot read the machine 'pdp-11'" ab --b PFT_MACHINE=pdp-11
bad "a metric of the host" "'time_elapsed_s' is about this machine, not about the simulated one" ab \
	--config "$TMP/config" --aa --metric time_elapsed_s
bad "nothing to calibrate" "a simulated machine makes no noise" calibrate --config "$TMP/config"
bad "what cannot be simulated" "anon:2: PFT_WORKLOADS: cannot run 'anon'" ab --config "$TMP/anon" --aa
finish
