#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Budgets: .c files 500 lines, headers 200, functions 100, main() 60, lines 100 columns (110 in a comment).
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
mapfile -t files < <(sources '*.c' '*.h')

# none NAME TEXT: passes if TEXT is empty
none() { if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2"; fi; }

none "files of 500 lines at most" "$(wc -l "${files[@]}" | awk '$2 != "total" && ($2 ~ /\.c$/ && $1 > 500 || $2 ~ /\.h$/ && $1 > 200)')"
none "functions of 100 lines at most, main() of 60" "$(
	ctags --fields=+ne -x --kinds-C=f --_xformat='%{input} %N %n %{end}' "${files[@]}" |
		awk '{l = $4 - $3 + 1} l > 100 || ($2 == "main" && $1 !~ /^tests/ && l > 60) {print $1 ": " $2 "() has " l " lines"}')"
none "lines of 100 columns at most" "$(
	for f in "${files[@]}"; do
		expand -t 8 "$f" | awk -v f="$f" '{m = ($0 ~ /^[ \t]*\*|\/\*/) ? 110 : 100}
			length($0) > m && $0 !~ /"[^"]{60,}"/ {print f ":" NR ": " length($0) " columns"}'
	done)"
finish
