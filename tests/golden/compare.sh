#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command of tests/golden/mmtests/*/cmd prints the expected bytes; one check a command.
. "$(dirname "$0")/../lib.sh"

# one CASE FILE STATUS TOOL ARGUMENT...: run the command of a line of cmd in its case
one() {
	local case=$1 file=$2 status=$3 tool=$4
	shift 4
	case $tool in
	compare-mmtests.pl) tool=compare ;;
	extract-mmtests.pl) tool=extract ;;
	esac
	local name="$case: $tool $*" rc=0
	(cd "$TOP/tests/golden/mmtests/$case" && "$FAULTSCALE" "$tool" "$@") >"$TMP/out" 2>"$TMP/err" || rc=$?
	if [ "$rc" != "${status#*=}" ]; then
		not_ok "$name" "exit $rc: $(cat "$TMP/err")"
	elif [ "${status%=*}" = ours ] && ! cmp -s "$TMP/err" "$TOP/tests/golden/mmtests/$case/$file.err"; then
		not_ok "$name" "on stderr: $(cat "$TMP/err")"
	else
		same_file "$name" "$TOP/tests/golden/mmtests/$case/$file" "$TMP/out"
	fi
}

cd "$TOP/tests/golden/mmtests" || exit 1
for case in */; do
	while IFS=$'\t' read -r file status command; do
		# The commands have no quotes: their words are their arguments.
		# shellcheck disable=SC2086
		one "${case%/}" "$file" "$status" $command
	done <"$case/cmd"
done
finish
