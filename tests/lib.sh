# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by every shell test: reports in TAP, one line a check, and knows where things are.
# A test calls ok/not_ok/skip or check, and ends with `finish`.
set -u
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
PFT=$BUILD/pft
FAULTSCALE=$BUILD/faultscale
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
_n=0 _failed=0

# sources PATTERN...: the files of the tree whose path matches one of the patterns (as find -path, without
# "./"), by find, as there may be no git and no .git here. Not what was built or measured.
sources() {
	local args=() p
	for p; do args+=(-o -path "./$p"); done
	(cd "$TOP" && find . \( -path ./.git -o -path './build*' -o -path './results/*' -o -path './tests/golden/*/*' \) \
		-prune -o -type f \( "${args[@]:1}" \) -printf '%P\n' | LC_ALL=C sort)
}

ok() { _n=$((_n + 1)); echo "ok $_n - $1"; }
# not_ok NAME [WHY]: WHY is shown below, as TAP comments.
not_ok() {
	_n=$((_n + 1)) _failed=$((_failed + 1))
	echo "not ok $_n - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
}
# skip NAME REASON
skip() { _n=$((_n + 1)); echo "ok $_n - $1 # SKIP $2"; }
# sanitized: pft is built with one whose shadow memory faults as well
sanitized() { nm "$PFT" | grep -q '__asan_init\|__tsan_init'; }
# tsan: pft is built with ThreadSanitizer
tsan() { nm "$PFT" | grep -q __tsan_init; }
# simulator: ends a test of pft-sim where that cannot run
simulator() {
	tsan || return 0
	skip "the simulator" "it is one thread, and ThreadSanitizer keeps the addresses that it needs"
	finish
}
# exact COMMAND NAME ARG...: same or check, for figures that a sanitizer's own faults would change
exact() { if sanitized; then skip "$2" "with a sanitizer its shadow memory faults as well"; else "$@"; fi; }
# check NAME COMMAND...: passes if the command exits 0; shows its output if not.
check() {
	local name=$1 text
	shift
	if text=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "exit $?: $text"; fi
}
# same NAME EXPECTED ACTUAL: two texts
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else
		not_ok "$1" "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3"))"
	fi
}
# same_file NAME EXPECTED ACTUAL: two files, byte for byte
same_file() {
	if cmp -s "$2" "$3"; then ok "$1"; else not_ok "$1" "$(diff "$2" "$3" | head -n 12)"; fi
}
# run COMMAND...: leaves $out, $err and $rc
# shellcheck disable=SC2034  # read by the tests
run() {
	rc=0
	"$@" >"$TMP/.out" 2>"$TMP/.err" || rc=$?
	out=$(cat "$TMP/.out") err=$(cat "$TMP/.err")
}
finish() { echo "1..$_n"; [ "$_failed" = 0 ]; exit; }
