#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale machine lists, shows and measures models of machines.
. "$(dirname "$0")/../lib.sh"

fails() {
	local name=$1 text=$2
	shift 2
	run "$FAULTSCALE" machine "$@"
	same "$name: exit 2" "2 1 0" "$rc $(wc -l <<<"$err") ${#out}"
	case $err in *"$text"*) ok "$name: says why" ;; *) not_ok "$name: says why" "$err" ;; esac
}

run "$FAULTSCALE" machine list
same "lists what is in configs/machines" "$(find "$TOP/configs/machines" -type f ! -name '*.*' -printf '%f\n' | LC_ALL=C sort)" "$(awk '{print $1}' <<<"$out")"
same "each with a question" "$(wc -l <<<"$out")" "$(grep -c '?$' <<<"$out")"

run "$FAULTSCALE" machine show broadwell-2x14x2
same "shows the file" "$(cat "$TOP/configs/machines/broadwell-2x14x2")" "$(grep -v '^# default: ' <<<"$out")"
check "and what it leaves to defaults" grep -q '^# default: llc_cores = 0 #' <<<"$out"

# every number is measured or says that it is not; how large it is nobody can know here
check "measures this machine" "$FAULTSCALE" machine measure -o "$TMP/here"
check "it is a model" "$FAULTSCALE" machine show "$TMP/here"
same "of the right shape" "$(nproc)" "$(awk -F' = ' '{v[$1] = $2} END {print v["sockets"] * v["cores"] * v["threads"]}' "$TMP/here")"
for key in l1_ns l2_ns llc_ns same_llc_ns memory_ns atomic_ns clear_gbs copy_gbs memory_gbs; do
	check "$key is a number above 0" awk -F'[ =]+' -v key="$key" '$1 == key && $2 > 0 {found = 1} END {exit !found}' "$TMP/here"
done
check "what is not measured is said" grep -q '^# Not measured' "$TMP/here"

"$FAULTSCALE" machine measure >/dev/full 2>"$TMP/err"
same "a full disk is told" 1 $?
if sanitized; then
	skip "a measurement that fails leaves no file" "a sanitizer needs more address space than this leaves"
else
	run bash -c 'ulimit -v 150000; exec "$0" machine measure -o "$1"' "$FAULTSCALE" "$TMP/none"
	same "a measurement that fails leaves no file" "1 1" "$rc $(grep -c '^faultscale machine: no memory to measure with' <<<"$err")"
	check "a measurement that fails leaves no file: indeed" test ! -e "$TMP/none"
fi

fails "nothing to do" "say what to do"
fails "unknown verb" "no such thing to do, with 'draw'" draw
fails "show without a name" "show needs the name of a model" show
fails "too much" "unexpected argument, with 'here'" list here
fails "unknown model" "cannot read the machine 'nowhere': No such file" show nowhere
fails "output of a list" "--output is for measure, not for 'list'" list -o x
fails "file exists" "cannot write '$TMP/here': File exists" measure -o "$TMP/here"
printf 'sockets = 1\ncolour = red\n' >"$TMP/bad"
fails "bad model" "$TMP/bad:2: no such key, with 'colour'" show "$TMP/bad"
finish
