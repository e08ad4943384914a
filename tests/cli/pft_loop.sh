#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The inner loop of anon -c 1: at most 4 instructions a touch and no call, as gcc and clang make it with the
# project's flags. docs/design.md shows it.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
command -v objdump >/dev/null || { skip "the inner loop" "no objdump"; finish; }
case $(uname -m) in x86_64 | aarch64) ;; *) skip "the inner loop" "not written for $(uname -m)"; finish ;; esac

# loop OBJECT: the instructions between the target of the (only) backward jump and that jump
loop() {
	objdump -d --no-show-raw-insn "$1" | awk '
		/^[0-9a-f]+ <fill_pages>:/ {inside = 1; next}
		inside && NF == 0 {exit}
		inside {
			at = $1; sub(/:/, "", at); order[n] = at; text[n] = substr($0, index($0, ":") + 1); n++
			if ($2 ~ /^(j[a-z]+|b\.[a-z]+|b|cbz|cbnz)$/ && $3 in where) {first = where[$3]; last = n - 1}
			where[at] = n - 1
		}
		END {if (last) for (i = first; i <= last; i++) print text[i]}'
}
for cc in gcc clang; do
	command -v $cc >/dev/null || { skip "$cc" "not installed"; continue; }
	make -s CC=$cc BUILD="$TMP/$cc" "$TMP/$cc/obj/pft/workloads/anon.o" >/dev/null || not_ok "$cc builds anon.c"
	body=$(loop "$TMP/$cc/obj/pft/workloads/anon.o")
	# Compilers may unroll: instructions are counted per store.
	read -r n stores calls < <(awk '{n++; s += /mov[a-z]* +\$0x1,|strb/; c += /call|bl[r]? /} END {print n + 0, s + 0, c + 0}' <<<"$body")
	if [ "$stores" -gt 0 ] && [ "$n" -le $((4 * stores)) ]; then
		ok "$cc: $n instructions for $stores touches"
	else
		not_ok "$cc: $n instructions for $stores touches" "$body"
	fi
	same "$cc: no call in the loop" 0 "$calls"
done
finish
