#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale plan as people call it: configs, overrides, machines in words, mistakes.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
seed="pack:2 [numa(memory=4GiB)] core:14 pu:2"

plan() { run "$FAULTSCALE" plan "$@"; }
# fails NAME TEXT ARGS...: exit 2, nothing on stdout, one line on stderr that holds TEXT
fails() {
	local name=$1 text=$2
	shift 2
	plan "$@"
	same "$name: exit 2" 2 "$rc"
	case $err in *"$text"*) ok "$name: says why" ;; *) not_ok "$name: says why" "$err" ;; esac
	same "$name: one line" "1 0" "$(wc -l <<<"$err") ${#out}"
}
# has NAME TEXT: stdout holds TEXT
has() { case $out in *"$2"*) ok "$1" ;; *) not_ok "$1" "$out" ;; esac; }

for config in configs/*; do
	[ -f "$config" ] || continue
	plan --topology "$seed" "$config"
	same "$config plans" "0 " "$rc $err"
	same "$config opens with a question" '#?' "$(head -n 1 "$config" | grep -o '^#\|?' | tr -d '\n')"
done
for config in threads process; do
	plan "configs/config-workload-pft-$config"
	same "config-workload-pft-$config plans for this machine" 0 "$rc"
done
plan configs/smoke
has "smoke is planned for less than ten seconds" "steps "
seconds=$(sed -n 's/^steps .* about \([0-9]*\)[0-9.]* s;.*/\1/p' <<<"$out")
check "smoke takes ${seconds:-?} s" test "${seconds:-99}" -lt 10

# The form of mmtests' own file, down to its monitors.
cat >"$TMP/mmtests" <<'END'
export MMTESTS="pft"

export RUN_MONITOR=yes
export MONITORS_ALWAYS=
export MONITORS_GZIP="proc-vmstat mpstat"
export MONITOR_UPDATE_FREQUENCY=10

export PFT_ITERATIONS=30
export PFT_MAPPING_SIZE=$((MEMTOTAL_BYTES/5))
export PFT_MIN_CLIENTS=1
export PFT_MAX_CLIENTS=$NUMCPUS
export PFT_USE_PROCESSES=yes
export PFT_PAGESIZES="default base"
END
plan --topology "$seed" --format tsv "$TMP/mmtests"
same "mmtests' form is taken" 0 "$rc"
same "and gives a step per page size, client count and iteration" 482 "$(wc -l <<<"$out")"
same "the size is a fifth of the memory" 1717986918 "$(awk -F'\t' 'NR == 3 {print $10}' <<<"$out")"
same "what means nothing here is named" "faultscale plan: warning: '$TMP/mmtests' sets what means nothing here: MMTESTS, RUN_MONITOR, MONITORS_ALWAYS, MONITORS_GZIP, MONITOR_UPDATE_FREQUENCY" "$err"

plan --topology "$seed" --set PFT_CLIENTS="2 60" --set 'PFT_MAPPING_SIZE=$((MEMTOTAL_BYTES/8))' \
	--set PFT_PIN=spread --set PFT_MEM="local remote" --set PFT_ITERATIONS=1 --format tsv configs/smoke
same "overrides win" "anon-local 2 0 1073741824 0,28 0-1 --prefault" \
	"$(awk -F'\t' 'NR == 3 {print $2, $8, $9, $10, $11, $12, $13}' <<<"$out")"
plan --topology "pack:8 [numa] core:32 pu:2" --set PFT_PIN=spread configs/smoke --set PFT_MAX_CLIENTS=512
has "512 CPUs" "512 CPUs"
same "no line is wider than a terminal" "" "$(awk 'length > 80' <<<"$out" | head -n 3)"
same "no blanks at line ends" "" "$(grep ' $' <<<"$out")"
plan --list-variables
has "variables are listed" "PFT_ITERATIONS "
undocumented=$(while read -r name _; do
	grep -qE "^\.B $name\$" docs/man/faultscale-config.5 || echo "$name"
done <<<"$out")
same "the man page names each" "" "$undocumented"
plan --help
same "--help: exit 0" 0 "$rc"
has "--help: names itself" "Usage: faultscale plan [OPTION...] CONFIG"

printf 'X=1\nPFT_ITERATION=3\n' >"$TMP/typo"
fails "unknown name" "$TMP/typo:2: no such variable, with 'PFT_ITERATION': did you mean 'PFT_ITERATIONS'?" "$TMP/typo"
printf 'PFT_SEED=$(touch %s/executed)\n' "$TMP" >"$TMP/execute"
fails "execution" "$TMP/execute:1: a config computes but does not execute, with '\$('" "$TMP/execute"
check "and nothing was executed" test ! -e "$TMP/executed"
fails "no config" "no config named"
fails "missing config" "cannot open the config 'no/such': No such file or directory" no/such
fails "two configs" "one config at a time, with 'b'" configs/smoke b
fails "bad override" "--set: PFT_ITERATIONS: not a number, with 'x'" --set PFT_ITERATIONS=x configs/smoke
fails "no override" "not NAME=VALUE, with 'x'" --set x configs/smoke
fails "bad topology" "not a topology, with 'pack:x'" --topology pack:x configs/smoke
fails "bad format" "no such format, with 'json'" --format json configs/smoke
fails "bad pin plan" "configs/numa-placement:7: PFT_MEM: 'remote' needs a second node" \
	--topology "core:4 pu:1" configs/numa-placement
# What only pft knows is asked of the pft beside, for this machine.
printf 'X=1\nPFT_WORKLOADS="anon nosuch"\n' >"$TMP/unknown"
fails "unknown workload" "$TMP/unknown:2: PFT_WORKLOADS: cannot run 'nosuch' with 1 client: exit 2: pft: no such workload, with 'nosuch'" \
	"$TMP/unknown"
printf 'PFT_WORKLOADS=file-shared\n\nPFT_PAGESIZES=transhuge\n' >"$TMP/useless"
fails "unfit page size" "$TMP/useless:3: PFT_PAGESIZES: cannot run 'file-shared'" "$TMP/useless"
printf 'PFT_WORKLOADS="anon null"\nPFT_EXTRA="-c 1 --nosuch"\n' >"$TMP/extra"
fails "unknown option of pft" "$TMP/extra:2: PFT_EXTRA: cannot run 'anon' with 1 client: exit 2: $BUILD/pft: unrecognized option '--nosuch'" \
	"$TMP/extra"
plan --topology "$seed" "$TMP/unknown"
same "not for a machine in words" 0 "$rc"
mkdir "$TMP/alone"
cp "$FAULTSCALE" "$TMP/alone"
run "$TMP/alone/faultscale" plan "$TMP/unknown"
same "nor where there is no pft" 0 "$rc"
plan --no-such-option
same "unknown option: exit 2" 2 "$rc"
run sh -c '"$0" plan configs/smoke >/dev/full' "$FAULTSCALE"
same "a full disk is noticed" 1 "$rc"
finish
