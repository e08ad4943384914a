#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale run --explain: explained steps beside the measured ones, what is refused, what is left without rights or
# after a kill. What the probes themselves count is tested in tests/unit/probes.c.
. "$(dirname "$0")/../lib.sh"
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MAPPING_SIZE=$((8<<20))
export PFT_CLIENTS="1 2"
export PFT_ITERATIONS=2
END
# go NAME ARGS...; by way of $on, if that is set
on=()
go() { run "${on[@]}" "$FAULTSCALE" run --config "$TMP/config" --name "$1" --results "$R" "${@:2}"; }
# column FILE NAME: the values of a column
column() { awk -F'\t' -v name="$2" 'NR == 2 {for (i = 1; i <= NF; i++) if ($i == name) c = i} NR > 2 {print $c}' "$1"; }
# where FILE COLUMN VALUE: the records that have it
where() { awk -F'\t' -v name="$2" -v value="$3" 'NR == 2 {for (i = 1; i <= NF; i++) if ($i == name) c = i} NR > 2 && $c == value' "$1"; }
ends() { awk -F'\t' '$5 == "step" {n[$8]++} END {printf "%d %d", n["done"], n["failed"]}' "$1"; }

go bad --explain=offcpu,nothing
same "an unknown probe is refused" "2 faultscale run: no such probe, with 'nothing'; there are all, offcpu, contention, mmap_lock, alignment, latency" "$rc $err"
go bad --explain=
same "and an empty list" "2 faultscale run: no probe is named behind --explain=" "$rc $err"
go bad --explain-iterations=2
same "iterations of nothing too" "2 faultscale run: --explain-iterations is for --explain" "$rc $err"
check "before there is a run" test ! -e "$R/bad"

probes_work() { bpftool prog show >/dev/null 2>&1 && [ -e /sys/kernel/btf/vmlinux ] && [ "$(id -u)" = 0 ]; }
if ! PATH=$PATH:/usr/sbin probes_work; then
	skip "explained runs" "no BPF here: root and /sys/kernel/btf/vmlinux are needed"
	finish
fi
PATH=$PATH:/usr/sbin
ours() { bpftool prog show | grep -cE ' name (mark|offcpu|contention|mmap_lock|alignment|latency)_'; }
# left: how many of our programs stay; the kernel frees those of a process that has ended a little later.
left() {
	for ((i = 0; i < 250; i++)); do [ "$(ours)" = 0 ] && break; sleep 0.02; done
	ours
}

go plain
check "without --explain nothing is explained" test ! -e "$R/plain/explained.tsv" -a ! -e "$R/plain/offcpu.tsv"

go good --explain=all --explain-iterations=2
same "an explained run exits 0" 0 "$rc"
same "the measured steps are what they were" "4 0" "$(ends "$R/good/samples.tsv")"
same "the explained ones are apart" "4 0" "$(ends "$R/good/explained.tsv")"
same "each cell in each round" "1 0 2 0 1 1 2 1" \
	"$(awk -F'\t' '$5 == "step" {print $3, $4}' "$R/good/explained.tsv" | xargs)"
check "compare reads the run" "$FAULTSCALE" compare -d "$R" -n good
same "each probe tells of each step" "20 ok" "$(wc -l < <(column "$R/good/probes.tsv" status)) $(column "$R/good/probes.tsv" status | sort -u)"
for table in offcpu waits contention mmap_lock alignment latency probes; do
	same "$table.tsv says what it is" "# faultscale $table 1" "$(head -n 1 "$R/good/$table.tsv")"
	same "$table.tsv begins as samples.tsv does" "step variant clients iteration" "$(sed -n 2p "$R/good/$table.tsv" | cut -f1-4 | tr '\t' ' ')"
done
exact same "each page fault of the region has a latency" ok "$(awk -F'\t' '
	FNR == NR && $5 == "faults" && $6 == "all" {faults[$1] = $8}
	FNR != NR && FNR > 2 {timed[$1] += $6}
	END {for (s in faults) if (timed[s] < faults[s] || timed[s] > faults[s] + 200) bad = 1; print bad ? "no" : "ok"}' \
	"$R/good/explained.tsv" "$R/good/latency.tsv")"
exact same "and is shown beside those that getrusage counted" "ok ok" "$("$FAULTSCALE" offcpu -d "$R" --lossy good 2>/dev/null |
	awk '/^latency of single/ {at = NR} at && NR > at + 2 && NF {d = $3 - $4; print (d >= -20 && d < 400) ? "ok" : $0} NR > at + 2 && !NF {at = 0}' | xargs)"
same "and those of the kernel" "" "$(cut -f11 "$R/good/offcpu.tsv" | grep -F '[unknown]')"
same "without the tracing's own frames" "" "$(cut -f11 "$R/good/offcpu.tsv" | grep -E 'bpf|__traceiter')"
same "no program is left behind" 0 "$(left)"

run "$FAULTSCALE" run --resume plain --results "$R" --explain=mmap_lock
same "a complete run is explained later" "0 2 0" "$rc $(ends "$R/plain/explained.tsv")"
same "by what is named only" mmap_lock "$(column "$R/plain/probes.tsv" probe | sort -u)"

# Six workers of one CPU for longer than a turn of the scheduler: one or another is taken off it as it faults.
on=(taskset -c "$(taskset -cp $$ | sed 's/.*[-, ]//')")
go crowd --explain=offcpu --set PFT_CLIENTS=6 --set PFT_ITERATIONS=1 --set PFT_MAPPING_SIZE=$((256 << 20)) \
	--set PFT_PIN=none
on=()
check "stacks of pft have names" grep -qE $'\t[^\t]*worker_round;[^\t]*\t[^\t]*$' "$R/crowd/offcpu.tsv"

# The engine's own waits, by the function that waits.
go engine --explain=offcpu --set PFT_WORKLOADS=engine-mixed --set PFT_LOCKS=mmap-lock --set PFT_CLIENTS=2 \
	--set PFT_ITERATIONS=1 --set PFT_MAPPING_SIZE=$((256 << 20))
check "a wait for the engine's lock is named" grep -qE $'\trwsem-(read|write) in [a-z_]+$' "$R/engine/offcpu.tsv"
same "and is a futex to the kernel" futex "$(grep -E $'\trwsem-(read|write) in' "$R/engine/offcpu.tsv" | cut -f6 | sort -u | head -n 1)"

# Killed in the midst of a step, nothing of it stays in the kernel.
same "none is there before" 0 "$(left)"
"$FAULTSCALE" run --config "$TMP/config" --name killed --results "$R" --explain --explain-iterations=1000 \
	--set PFT_ITERATIONS=1 >/dev/null 2>&1 &
pid=$!
for ((i = 0; i < 500; i++)); do [ "$(ours)" -gt 0 ] && break; sleep 0.02; done
check "while it runs its programs are there" test "$(ours)" -gt 0
kill -KILL "$pid"
{ wait "$pid"; } 2>/dev/null
same "after kill -9 they are gone" 0 "$(left)"

# Interrupted, it says how to go on.
"$FAULTSCALE" run --config "$TMP/config" --name int --results "$R" --explain --explain-iterations=1000 \
	--set PFT_ITERATIONS=1 >/dev/null 2>"$TMP/int" &
pid=$!
for ((i = 0; i < 500; i++)); do [ "$(ours)" -gt 0 ] && break; sleep 0.02; done
kill -INT "$pid"
rc=0
wait "$pid" || rc=$?
same "interrupted, it fails" 1 "$rc"
check "and says so" grep -q '^faultscale run: interrupted' "$TMP/int"
same "the run itself is complete" "2 0" "$(ends "$R/int/samples.tsv")"

# Without the rights: a line for each probe, and the measured run as ever.
run setpriv --bounding-set=-bpf,-perfmon,-sys_admin,-syslog "$FAULTSCALE" run --config "$TMP/config" --name weak \
	--results "$R" --explain
same "without the rights the run goes on" "0 4 0" "$rc $(ends "$R/weak/samples.tsv")"
same "each probe says in a line what it needs" 4 "$(grep -c "^faultscale run: warning: no probe '.*CAP_BPF and CAP_PERFMON" <<<"$err")"
run setpriv --bounding-set=-sys_admin,-syslog "$FAULTSCALE" run --config "$TMP/config" --name half \
	--results "$R" --explain --set PFT_ITERATIONS=1
same "with CAP_BPF and CAP_PERFMON alone they work" "0 2 0" "$rc $(ends "$R/half/explained.tsv")"
same "only what they cost is not known" "-" "$(column "$R/half/probes.tsv" ns | sort -u)"
finish
