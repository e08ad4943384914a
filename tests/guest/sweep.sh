#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale run and compare on a machine with 2 nodes: a sweep over pins and memory policies, the committed
# numa-placement config, and the comparison of what they wrote, in the guest and outside.
. "$(dirname "$0")/lib.sh"
guest_or_skip "sweep"

guest_start sweep "$KERNEL" "0-1:512M 2-3:512M" <<'END'
echo 0 >/proc/sys/kernel/numa_balancing
cat >/tmp/config <<'CONFIG'
export PFT_PIN="compact spread" PFT_MEM="local remote" PFT_CLIENTS="1 2" PFT_MAPPING_SIZE=2M PFT_ITERATIONS=2
CONFIG
job small faultscale run --config /tmp/config --name small --results /tmp
job by-pin faultscale compare --results /tmp small --by pin --only mem=remote
job by-mem faultscale compare --results /tmp small --by mem --only pin=spread
job copy cp -r /tmp/small .
job plan faultscale plan /configs/numa-placement
job numa faultscale run --config /configs/numa-placement --name numa --results . --set PFT_ITERATIONS=1 \
	--set PFT_MAPPING_SIZE=2M --set PFT_WARMUP=0 --set PFT_CLIENTS=3
END
guest_wait sweep

# ran JOB RUN: its exit code, and how many steps were done and failed
ran() { echo "$(said "sweep/$1" rc) $(awk -F '\t' '$5 == "step" {n[$8]++} END {print n["done"] + 0, n["failed"] + 0}' "$TMP/sweep/$2/samples.tsv")"; }
# values RUN METRIC THREAD: VARIANT CLIENTS VALUE, each once
values() { awk -F '\t' -v m="$2" -v t="$3" '$5 == m && $6 == t {print $2, $3, $8}' "$TMP/sweep/$1/samples.tsv" | sort -u; }

same "2 pins x 2 policies x 2 counts x 2 iterations" "0 16 0" "$(ran small copy/small)"
same "workers ran where the plan says" "anon-compact-local 1 0
anon-compact-local 2 0 1
anon-compact-remote 1 0
anon-compact-remote 2 0 1
anon-spread-local 1 0
anon-spread-local 2 0 2
anon-spread-remote 1 0
anon-spread-remote 2 0 2" "$( { values copy/small worker_cpu_end 0; values copy/small worker_cpu_end 1; } | sort -s -k 1,2 |
	awk '{k = $1 " " $2; v[k] = v[k] " " $3} END {for (k in v) print k v[k]}' | sort)"
same "and the pages are where it says" "anon-compact-local 1 100
anon-compact-local 2 100
anon-compact-remote 1 0
anon-compact-remote 2 0
anon-spread-local 1 100
anon-spread-local 2 100
anon-spread-remote 1 0
anon-spread-remote 2 0" "$(values copy/small local_pages all)"
for by in "pin compact spread" "mem local remote"; do
	# shellcheck disable=SC2086  # words
	set -- $by
	same "compare --by $1: its columns" "0 small small $2 $3" \
		"$(said "sweep/by-$1" rc) $(said "sweep/by-$1" out | head -n 2 | xargs)"
	same "compare --by $1: its rows" "faults/cpu-1 faults/cpu-2 faults/sec-1 faults/sec-2" \
		"$(said "sweep/by-$1" out | awk '/^Hmean/ && NF >= 6 {print $2}' | xargs)"
done
run "$FAULTSCALE" compare --results "$TMP/sweep/copy" small --by pin --only mem=remote
same "the same comparison outside the guest" "$(said sweep/by-pin out)" "$out"

check "numa-placement: CPUs by node in the plan" grep -qE ' 4 .* N0: 0-1  N1: 2-3$' <(said sweep/plan out)
same "numa-placement: 3 pins x 3 policies" "0 9 0" "$(ran numa numa/numa)"
same "numa-placement: local and remote" "0 100" "$(values numa/numa local_pages all | grep -v interleave | cut -d ' ' -f 3 | sort -u | xargs)"
same "numa-placement: interleaved over both nodes" 6 "$( { values numa/numa pages_node_0 all; values numa/numa pages_node_1 all; } |
	grep interleave | awk '$3 > 60' | wc -l)"
finish
