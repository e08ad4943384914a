#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each header compiles alone, and twice.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
bad=
for h in $(sources '*.h'); do
	compiler=(gcc -I"$BUILD")
	case $h in *.bpf.h) compiler=(clang -target bpf -I"/usr/include/$(gcc -print-multiarch)") ;; esac
	printf '#include "%s"\n#include "%s"\n' "$h" "$h" |
		"${compiler[@]}" -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -I. -fsyntax-only -xc - 2>"$TMP/err" ||
		bad="$bad$h: $(head -n 2 "$TMP/err")"$'\n'
done
if [ -z "$bad" ]; then ok "each header compiles alone"; else not_ok "each header compiles alone" "$bad"; fi
finish
