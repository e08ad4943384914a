#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale whatif: what it asks the simulator, what becomes of the answers, and what is told when that fails.
# A made-up simulator answers; what the real one says is pft_sim's matter.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
SIM=$TOP/tests/fake/pft

whatif() { run "$FAULTSCALE" whatif --pft "$SIM" "$@"; }
fails() {
	local name=$1 text=$2
	shift 2
	whatif "$@"
	same "$name: exit 2, one line" "2 1 0" "$rc $(wc -l <<<"$err") ${#out}"
	case $err in *"$text"*) ok "$name: says why" ;; *) not_ok "$name: says why" "$err" ;; esac
}
has() { case $out in *"$2"*) ok "$1" ;; *) not_ok "$1" "$out$err" ;; esac; }

export FAKE_TRACE=$TMP/trace
whatif --machine broadwell-2x14x2 --designs vma-rwsem-split,vma-refcnt --prefetch adjacent=on,off --clients 1,4 --pages 800 -j 2
same "four cells of two states" "0 8" "$rc $(wc -l <"$FAKE_TRACE")"
check "the simulator gets all it has to know" grep -qx -- "-m 3276800 -t 4 --workload engine-anon --rows /dev/fd/3 \
--machine broadwell-2x14x2 --counters sim --prefetch adjacent=off --lock vma-refcnt" "$FAKE_TRACE"
has "a table for each state" "broadwell-2x14x2, adjacent=off"
has "changes against the first design, and what was published" \
	"faults/sec-4             4001        4001  (0.00%)   [0.34%]"
has "agreement of the table" "2 of 2 signs right, error 0.3 points on average and 0.3 at worst"
has "and in all" "in all 1 tables: 2 of 2 signs right"
run "$FAULTSCALE" compare --by lock --only prefetch=adjacent=off whatif-broadwell-2x14x2
has "a run like any other" "Hmean     faults/sec-4"
has "with its designs as columns" "vma-refcnt"

first=$(cut -f 2,3,5,6,7,8 results/whatif-broadwell-2x14x2/samples.tsv | grep -v time_ | sort)
rm "$FAKE_TRACE"
whatif --machine broadwell-2x14x2 --designs vma-rwsem-split,vma-refcnt --prefetch adjacent=on,off --clients 1,4 --pages 800 -j 1
same "more clients first" "4 4 4 4 1 1 1 1" "$(grep -o -- '-t [0-9]*' "$FAKE_TRACE" | cut -d' ' -f2 | xargs)"
same "again: the earlier run is replaced, one at a time gives the same" "0 $first" \
	"$rc $(cut -f 2,3,5,6,7,8 results/whatif-broadwell-2x14x2/samples.tsv | grep -v time_ | sort)"
run "$FAULTSCALE" whatif --print whatif-broadwell-2x14x2 --format markdown
has "prints what there is, in markdown" "| faults/sec-4 |"
whatif --machine laptop-8x2 --clients 1 --pages 4096
check "without --designs all, each against the tree's" grep -qE '^ +vma-rwsem-split +mmap-lock .* vma-refcnt-near-seq' <<<"$out"
whatif --machine laptop-8x2 --designs spf --pages 4096
same "mmtests' ladder on the model's CPUs" "1 3 5 7 12 16" "$(awk '$3 ~ /[0-9]/ {print $3}' results/whatif-laptop-8x2/samples.tsv | sort -nu | xargs)"
"$FAULTSCALE" whatif --pft "$SIM" --machine rome-2x64x2 --designs spf --pages 4096 --name ladder >/dev/null
same "which ends at 128, as published tables do" "110 128" \
	"$(awk '$3 ~ /[0-9]/ {print $3}' results/ladder/samples.tsv | sort -nu | tail -n 2 | xargs)"
has "nothing published is said" "nothing was published of these designs on this machine"
cat >config <<'C'
# Does a config name a machine?
PFT_MACHINE=skylake-2x28x2
PFT_WORKLOADS=engine-anon
PFT_LOCKS=spf
PFT_CLIENTS="1 $NUMCPUS"
PFT_ITERATIONS=1
PFT_MAPPING_SIZE=$((NUMCPUS*4096))
C
run "$FAULTSCALE" run --pft "$SIM" --config config --name simulated
same "a config can name a machine: its CPUs count" "0 1 112" "$rc $(awk '$3 ~ /[0-9]/ {print $3}' results/simulated/samples.tsv | sort -nu | xargs)"

same "no steps while a simulator refuses" "$(FAKE_CHECK=2 "$FAULTSCALE" whatif --pft "$SIM" --machine laptop-8x2 --clients 1 2>&1 | wc -l)" 1
fails "no machine" "name the machine with --machine NAME"
fails "unknown machine" "cannot read the machine 'pdp-11'" --machine pdp-11
fails "bad clients" "PFT_CLIENTS: " --machine laptop-8x2 --clients 1,x
fails "bad design" "PFT_LOCKS: not the name of a lock design, with 'Spin!'" --machine laptop-8x2 --designs 'Spin!'
fails "no workload of the engine's" "pft-sim: no such workload, with 'anon'; 'pft-sim --list workloads' names them" \
	--machine laptop-8x2 --clients 1 --workload anon --pft "$BUILD/pft-sim"
fails "more clients than CPUs" "17 workers, and 16 CPUs: simulated ones are not shared" --machine laptop-8x2 --clients 1,17 \
	--pft "$BUILD/pft-sim"
fails "bad prefetch" "--prefetch takes adjacent=on" --machine laptop-8x2 --prefetch all=off
fails "bad pages" "--pages: not a number, with 'x'" --machine laptop-8x2 --pages x
fails "fewer pages than workers" "less than a page for each" --machine laptop-8x2 --pages 3 --clients 4
fails "name taken" "the run 'results/simulated' exists" --machine laptop-8x2 --clients 1 --name simulated
fails "no such run" "no run 'nowhere'" --print nowhere
fails "both" "--print simulates nothing" --machine laptop-8x2 --print simulated
fails "bad format" "no such format, with 'pdf'" --print simulated --format pdf
run "$FAULTSCALE" whatif --pft "$TMP/none" --machine laptop-8x2
same "no simulator" "2 1" "$rc $(wc -l <<<"$err")"

# One of those that run steps is killed: the others are not waited for, nor is its answer.
FAKE=hang FAKE_PID=$TMP/pid "$FAULTSCALE" whatif --pft "$SIM" --machine laptop-8x2 --clients 1,2,3 --designs spf -j 2 \
	>/dev/null 2>"$TMP/killed" &
pid=$!
for ((i = 0; i < 1500; i++)); do
	workers=$(pgrep -P $pid -x faultscale | paste -sd,)
	[ -n "$workers" ] && [ "$(pgrep -c -P "$workers" -x sleep)" = 2 ] && break
	sleep 0.02
done
whatif --machine laptop-8x2 --clients 1 --designs spf
same "a run that is being run is not replaced" "1 1" "$rc $(grep -c "'results/whatif-laptop-8x2' is being run now" <<<"$err")"
kill -KILL "${workers%,*}"
rc=0
wait $pid || rc=$?
same "a killed process ends it: exit 1, and why" "1 1" "$rc $(grep -c 'a process that ran steps was killed' "$TMP/killed")"

FAKE='exit' whatif --machine laptop-8x2 --clients 1 --designs spf
same "a step that fails: exit 1" 1 "$rc"
case $err in *"'engine-anon' with 1 clients: "*"no memory, with '1G'"*) ok "and its reason" ;; *) not_ok "and its reason" "$err" ;; esac
finish
