#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The options of the engine's workloads, --list locks and --layout, as people type and mistype them.
. "$(dirname "$0")/../lib.sh"

# refuses NAME TEXT ARGS...: exit 2, nothing on stdout, the one line TEXT on stderr
refuses() {
	local name=$1 text=$2
	shift 2
	run "$PFT" "$@"
	same "$name" "2  pft: $text" "$rc $out $err"
}

run "$PFT" --list locks
same "--list locks: exit 0" "0 locks:" "$rc $(head -n 1 <<<"$out")"
designs=$(awk '/^  [a-z]/ {print $1}' <<<"$out")
check "there are designs" [ "$(wc -w <<<"$designs")" -ge 9 ]
same "the sweep over the designs has all but the floor" "$(grep -vx none <<<"$designs" | sort | xargs)" \
	"$(sed -n 's/^export PFT_LOCKS="\(.*\)"$/\1/p' "$TOP/configs/vma-lock-designs" | tr ' ' '\n' | sort | xargs)"
for design in $(sed -n 's/^export PFT_LOCKS="\(.*\)"$/\1/p' "$TOP/configs/vma-lock-writers"); do
	check "the sweep over writers has a design '$design'" grep -qx "$design" <<<"$designs"
done

for design in $designs; do
	run "$PFT" --layout "$design"
	same "--layout $design: prints a VMA and an mm" "0 1 1" \
		"$rc $(grep -c '^struct vm_area_struct ' <<<"$out") $(grep -c '^struct mm_struct ' <<<"$out")"
done
run "$PFT" --layout
same "--layout: prints all designs" "$(wc -w <<<"$designs")" "$(grep -c '^struct vm_area_struct ' <<<"$out")"
refuses "--layout of nothing" "no such lock design, with 'x'; 'pft --list locks' names them" --layout x

refuses "no such design" "no such lock design, with 'x'; 'pft --list locks' names them" --lock x
refuses "--rwsem-spin" "neither on nor off, with '--rwsem-spin 1'" --rwsem-spin 1
refuses "--writers" "--writers: number not in 0..1021, with '1022'" --writers 1022
refuses "--nodes" "--nodes: number not in 1..64, with '0'" --nodes 0
refuses "--vma-class" "--vma-class: number not in 0..127, with '128'" --vma-class 128
for option in "--lock spf" "--rwsem-spin off" "--writers 1" "--nodes 2" "--vma-class mix"; do
	# shellcheck disable=SC2086  # two words
	refuses "a kernel workload refuses $option" "workload 'cow' has no use for option ${option% *}" \
		--workload cow $option
done
finish
