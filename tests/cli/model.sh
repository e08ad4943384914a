#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The protocols of tests/model/ (VMA locks, zswap's cursor) under spin: each as it should be, in all its configurations, searched
# to the end without an error and with every statement reached; without what it does not rest on
# (SPARE_*), the same; and with each of its seeded bugs (BUG_*) ending in the error that the bug must
# cause: an invalid end state for BUG_SLEEP_* (a sleeper that nobody wakes), a failed assertion else.
. "$(dirname "$0")/../lib.sh"
models=$TOP/tests/model
declare -A configs=(
	[vma_rwsem_split]="plain"
	[vma_refcnt]="plain READERS_IN_A SAME_MM"
	[spf]="plain DOWNGRADE"
	[zswap_cursor]="plain"
)

# search NAME MODEL MACRO: leaves $TMP/NAME.out, what spin, gcc or the search said
search() {
	local dir=$TMP/$1.dir level=-O1
	case $3 in BUG_*) level=-O0 ;; esac # soon over: compiling is what takes time
	mkdir "$dir" && cp "$models"/*.pml "$dir" && cd "$dir" || return
	{
		spin -a -D"$3" "$2.pml" &&
			gcc $level -w -DSAFETY -DCOLLAPSE -DMEMLIM=900 -o pan pan.c &&
			./pan -m10000 -w22
	} >"$TMP/$1.out" 2>&1
	rm -rf "$dir"
}

# judge NAME MACRO: what is wrong with $TMP/NAME.out, nothing if it is as it should be
judge() {
	local out=$TMP/$1.out want
	case $2 in
	BUG_SLEEP_*) want='pan:1: invalid end state' ;;
	BUG_*) want='pan:1: assertion violated' ;;
	*)
		grep -q 'errors: 0$' "$out" || { echo "errors, or no search:"; cat "$out"; }
		grep -E 'max search depth|truncated|not completed|memory (limit|exhausted)|out of memory' "$out"
		return
		;;
	esac
	grep -qF "$want" "$out" || { echo "no '$want':"; cat "$out"; }
}

if ! command -v spin >/dev/null; then
	skip "models" "spin is not installed"
	finish
fi

names=()
for model in "${!configs[@]}"; do
	mapfile -t macros < <(grep -oE '\<(BUG|SPARE)_[A-Z0-9_]*[A-Z0-9]\>' "$models/$model.pml" | LC_ALL=C sort -u)
	for macro in ${configs[$model]} "${macros[@]}"; do
		names+=("$model-$macro")
		while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n; done
		search "$model-$macro" "$model" "$macro" &
	done
done
wait

for name in "${names[@]}"; do
	wrong=$(judge "$name" "${name#*-}")
	if [ -z "$wrong" ]; then ok "$name"; else not_ok "$name" "$wrong"; fi
done

# A statement that no configuration reaches proves nothing.
for model in "${!configs[@]}"; do
	n=0
	for config in ${configs[$model]}; do
		n=$((n + 1))
		sed -n '/^unreached in/,$p' "$TMP/$model-$config.out" | grep -oE '\.pml:[0-9]+, state [0-9]+.*' | sort -u
	done >"$TMP/unreached"
	unreached=$(sort "$TMP/unreached" | uniq -c | awk -v n=$n '$1 == n')
	if [ -z "$unreached" ]; then ok "$model: every statement reached"; else
		not_ok "$model: every statement reached" "$unreached"
	fi
done
finish
