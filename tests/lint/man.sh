#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The man pages render without a warning, and know every option that --help knows.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 1
for page in docs/man/*.[1-8]; do
	text=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
	if [ -z "$text" ]; then ok "$page renders"; else not_ok "$page renders" "$text"; fi
done

# knows PAGE COMMAND...: every long option of the command's --help stands in the page
knows() {
	local page=$1 missing='' option
	shift
	for option in $("$@" --help 2>/dev/null | grep -oE '(^|[ ,(])--[a-z][a-z-]+' | grep -oE '[a-z][a-z-]+' | sort -u); do
		sed 's/\\-/-/g' "$page" | grep -qE -- "--$option\b" || missing="$missing --$option"
	done
	if [ -z "$missing" ]; then ok "$page has the options of ${*##*/}"; else
		not_ok "$page has the options of ${*##*/}" "missing:$missing"
	fi
}
knows docs/man/pft.1 "$PFT"
for command in $("$FAULTSCALE" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	knows docs/man/faultscale.1 "$FAULTSCALE" "$command"
done
finish
