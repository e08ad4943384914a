#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command of tests/golden/where/cmd prints the expected bytes; one check a command.
. "$(dirname "$0")/../lib.sh"
cd "$TOP/tests/golden/where" || exit 1

while IFS=$'\t' read -r file command; do
	# The commands have no quotes: their words are their arguments.
	# shellcheck disable=SC2086
	if ! "$FAULTSCALE" $command >"$TMP/out" 2>"$TMP/err" || [ -s "$TMP/err" ]; then
		not_ok "$command" "$(cat "$TMP/err")"
	else
		same_file "$command" "expected/$file" "$TMP/out"
	fi
done <cmd
finish
