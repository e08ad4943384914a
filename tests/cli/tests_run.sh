#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/run: what counts as passed, failed and skipped. Programs that print what a test would stand in for one.
. "$(dirname "$0")/../lib.sh"
fake=$TMP/tests/unit/rng
mkdir -p "$(dirname "$fake")"
# said NAME RC EXPECTED TEXT...: a test that prints these lines and exits with RC is counted so
said() {
	{ echo '#!/bin/sh'; printf "echo '%s'\n" "${@:4}"; echo "exit $2"; } >"$fake"
	chmod 755 "$fake"
	run env BUILD="$TMP" "$TOP/tests/run" tests/unit/rng
	same "$1" "$3" "$(tail -n 1 <<<"$out")"
}
said "what passes" 0 "2 passed, 0 failed, 0 skipped" "1..2" "ok 1 - a" "ok 2 - b"
said "what fails" 1 "1 passed, 1 failed, 0 skipped" "ok 1 - a" "not ok 2 - b"
said "a skip" 0 "0 passed, 0 failed, 1 skipped" "ok 1 - a # SKIP no network"
said "a skip of cmocka's" 0 "1 passed, 0 failed, 1 skipped" "1..2" "ok 1 - a" "no PMU here" "not ok 2 # SKIP b"
same "is shown with its reason" "     ok 2 - b # SKIP no PMU here" "$(grep SKIP <<<"$out")"
same "and is no failure" 0 "$rc"
said "a skip without a reason fails" 0 "1 passed, 1 failed, 0 skipped" "ok 1 - a" "not ok 2 # SKIP b"
same "the run too" 1 "$rc"
said "so does a second one" 0 "0 passed, 1 failed, 1 skipped" "no PMU here" "not ok 1 # SKIP a" "not ok 2 # SKIP b"
said "an exit that no line explains" 3 "1 passed, 1 failed, 0 skipped" "ok 1 - a"
said "a crash" 134 "1 passed, 1 failed, 0 skipped" "ok 1 - a" "# corpus/b" "prog: BUG at x.c:1: why"
same "tells its signal and its last words" "     not ok - exit 134 (ABRT), last lines:
     # ok 1 - a
     # # corpus/b
     # prog: BUG at x.c:1: why" "$(grep '^     ' <<<"$out")"
said "a crash behind a failure" 139 "0 passed, 2 failed, 0 skipped" "not ok 1 - a" "last words"
check "tells its last words too" grep -q '^     # last words' <<<"$out"
said "nothing at all" 0 "0 passed, 1 failed, 0 skipped" ""

# Tests of guests can run two at a time.
mkdir "$TMP/bin"
printf '#!/bin/sh\necho riscv64\n' >"$TMP/bin/uname"
chmod 755 "$TMP/bin/uname"
run env PATH="$TMP/bin:$PATH" TEST_JOBS=2 "$TOP/tests/run" guest/memory.sh guest/sweep.sh
same "two at a time are counted" "0 passed, 0 failed, 2 skipped" "$(tail -n 1 <<<"$out")"
same "each is shown with its reason" 2 "$(grep -c 'SKIP the guest runs programs of an x86_64 machine' <<<"$out")"
finish
