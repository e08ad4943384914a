#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft-sim: the engine on a simulated machine. Its results are the same bytes wherever the program and its
# stack lie, whatever else the host does, and whichever compiler made it.
. "$(dirname "$0")/../lib.sh"
simulator
SIM=$BUILD/pft-sim
MODEL=$TOP/configs/machines/broadwell-2x14x2

# simulate FILE COMMAND...: rows and the line of one cell in FILE
simulate() {
	"${@:2}" --rows "$1.rows" >"$1" 2>"$1.err" && cat "$1.rows" >>"$1"
}
# refuses NAME TEXT ARGS...: exit 2, nothing on stdout, the one line TEXT on stderr
refuses() {
	local name=$1 text=$2
	shift 2
	run "$SIM" "$@"
	same "$name" "2  pft-sim: $text" "$rc $out $err"
}
# value METRIC FILE: of all workers together
value() { awk -F '\t' -v m="$1" '$1 == m && $2 == "all" {print $4}' "$2"; }

last=$(taskset -cp $$ | sed 's/.*[-, ]//') # CPU that we may use
swap="--working-set 4M --limit 2M --swap-size 64M"
cells=("engine-anon vma-refcnt" "engine-anon-many vma-rwsem-split" "engine-mixed mmap-lock" "engine-fork spf"
	"engine-swap vma-refcnt $swap" "engine-memcgs vma-refcnt $swap")
for cell in "${cells[@]}"; do
	read -r workload lock more <<<"$cell"
	# shellcheck disable=SC2206  # options
	args=(--machine "$MODEL" -t 5 -m 2M --workload "$workload" --lock "$lock" --counters all $more)
	check "$cell runs" simulate "$TMP/a" "$SIM" "${args[@]}"
	check "$cell runs again" simulate "$TMP/b" "$SIM" "${args[@]}"
	same_file "$cell: the same bytes" "$TMP/a" "$TMP/b"
	if setarch -R true 2>"$TMP/err"; then
		simulate "$TMP/b" setarch -R "$SIM" "${args[@]}"
		same_file "$cell: the same bytes without random addresses" "$TMP/a" "$TMP/b"
	else
		skip "$cell: the same bytes without random addresses" "$(head -n 1 "$TMP/err")"
	fi
	(cd "$TMP" && simulate "$TMP/b" env -i A="$(printf 'x%.0s' {1..5000})" taskset -c "$last" nice -n 19 "$SIM" "${args[@]}") &
	simulate "$TMP/c" "$SIM" "${args[@]}"
	wait
	same_file "$cell: the same bytes with another environment, on one CPU" "$TMP/a" "$TMP/b"
	same_file "$cell: the same bytes beside another run" "$TMP/a" "$TMP/c"
done

# Both compilers; the lint builds with the other one as well.
other=clang
case $("${CC:-gcc}" --version) in *clang*) other=gcc ;; esac
if make -s -C "$TOP" BUILD="$BUILD/$other" CC="$other" "$BUILD/$other/pft-sim" >"$TMP/err" 2>&1; then
	for cell in "${cells[@]}"; do
		read -r workload lock more <<<"$cell"
		# shellcheck disable=SC2206  # options
		args=(--machine "$MODEL" -t 5 -m 2M --workload "$workload" --lock "$lock" --counters all $more)
		simulate "$TMP/a" "$SIM" "${args[@]}"
		simulate "$TMP/b" "$BUILD/$other/pft-sim" "${args[@]}"
		same_file "$cell: the same bytes by $other" "$TMP/a" "$TMP/b"
	done
else
	not_ok "pft-sim is built by $other" "$(tail -n 5 "$TMP/err")"
fi

simulate "$TMP/a" "$SIM" --machine "$MODEL" -t 4 -m 4M --lock vma-rwsem-split --counters all
check "with the prefetcher off" simulate "$TMP/b" "$SIM" --machine "$MODEL" -t 4 -m 4M --lock vma-rwsem-split --counters all \
	--prefetch adjacent=off
same "nothing is prefetched" "0" "$(value sim.prefetches "$TMP/b.rows")"
same "all faults are counted" 1024 "$(value faults "$TMP/a.rows")"
same "the rows say the lock" vma-rwsem-split "$(value lock "$TMP/a.rows")"
check "lines change hands" [ "$(value sim.transfers_llc "$TMP/a.rows")" -gt 1000 ]
check "between the sockets too" [ "$(value sim.transfers_cross "$TMP/a.rows")" -gt 1000 ]
simulate "$TMP/b" "$SIM" --machine "$MODEL" -t 4 -m 4M --lock spf --counters all
check "less of them under speculative faults" \
	[ "$(value sim.transfers_cross "$TMP/b.rows")" -lt "$(value sim.transfers_cross "$TMP/a.rows")" ]
sed 's/^cross_ns.*/cross_ns = 300/' "$MODEL" >"$TMP/far"
simulate "$TMP/b" "$SIM" --machine "$TMP/far" -t 4 -m 4M --lock vma-rwsem-split --counters all
check "a machine whose sockets are farther apart is slower" \
	[ "$(value faults/sec "$TMP/b.rows" | cut -d. -f1)" -lt "$(value faults/sec "$TMP/a.rows" | cut -d. -f1)" ]

# Each round starts its workers anew: more than a simulation has at a time.
check "many rounds" simulate "$TMP/c" "$SIM" --machine "$MODEL" -t 56 -m 56P --warmup 37
same "only the last counts" 56 "$(value faults "$TMP/c.rows")"

refuses "no such prefetcher" "not adjacent=on, adjacent=off or default, with '--prefetch all=off'" --machine "$MODEL" --prefetch all=off
refuses "no machine" "which machine? give --machine and a model of configs/machines"
run "$SIM" --machine none
same "no such machine" "2  pft-sim: cannot read the machine 'none'" "$rc $out ${err%%: No such*}"
refuses "too many CPUs" "machine 'broadwell-2x14x2' has 56 CPUs, not 57" --machine "$MODEL" --cpus 57
refuses "too many workers" "3 workers, and 2 CPUs: simulated ones are not shared" --machine "$MODEL" --cpus 2 -t 3
run "$SIM" --machine "$MODEL" -t 2 --pin cpus:0
same "two on a CPU" "1  pft-sim: worker 1: two workers on CPU 0: simulated CPUs are not shared, so give at most as \
many workers as CPUs" "$rc $out $(tail -n 1 <<<"$err")" # ASan wonders at leaving from a stack of ours
printf 'sockets = 2\ncores = x\n' >"$TMP/bad"
refuses "too many writers" "4 workers and 117 writers are more than the 120 that the engine has room for" --machine "$MODEL" -t 4 \
	--workload engine-mixed --writers 117
check "as many as there may be" simulate "$TMP/c" "$SIM" --machine "$MODEL" -t 4 -m 1M --workload engine-mixed --writers 116
refuses "a model with an error" "$TMP/bad:2: cores: not a number, with 'x'" --machine "$TMP/bad"
run "$PFT" --machine "$MODEL"
same "pft has no machine" "2  pft: --machine, --cpus and --prefetch are for pft-sim, which simulates machines" "$rc $out $err"
run "$SIM" --list machine-keys
check "the keys are listed" grep -q '^same_llc_ns .* ns ' <<<"$out"
finish
