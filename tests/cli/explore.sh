#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft-sim --explore: no schedule of a small search breaks a lock design, and planted bugs are found: a re-check
# that is left out, the order of 6.4.0, a wake-up that is missed, an object that has become another one.
. "$(dirname "$0")/../lib.sh"
simulator
SIM=$BUILD/pft-sim

run "$SIM" --explore 40
same "every design but the floor holds under 40 schedules" "0 $("$PFT" --list locks | grep -c '^  [a-z]' | awk '{print $1 - 1}')" \
	"$rc $(grep -c ': 40 schedules, none breaks a promise$' <<<"$out")"
run "$SIM" --explore 3 --lock x
same "no such design" "2  pft-sim: no such lock design, with 'x'; 'pft --list locks' names them" "$rc $out $err"
run "$SIM" --explore 0
same "no schedules" "2  pft-sim: --explore: number not in 1..4294967295, with '0'" "$rc $out $err"
run "$SIM" --explore 1 --preemptions 17
same "more preemptions than it has" "2  pft-sim: --preemptions: number not in 0..16, with '17'" "$rc $out $err"
run "$SIM" --explore 1 spf
same "a word too many" "2  pft-sim: unexpected argument, with 'spf'; see pft(1)" "$rc $out $err"
run "$SIM" --replay 7
same "a seed alone" "2  pft-sim: --replay needs --lock: a seed is of one design" "$rc $out $err"
run "$SIM" --replay 7 --lock spf
same "a good schedule, again" "0  " "$rc $out $err"

# A program of its own has the bugs: the search must find each, and find it again by its seed.
BUGGY=$BUILD/seeded/pft-sim
if make -s -C "$TOP" BUILD="$BUILD/seeded" CFLAGS="-O2 -g -DSEEDED_BUGS" "$BUGGY" >"$TMP/err" 2>&1; then
	while read -r bug lock name; do
		run timeout 60 "$BUGGY" --explore 5000 --bug "$bug" --lock "$lock"
		seed=$(sed -n 's/.*: schedule \([0-9]*\) breaks lock design .*/\1/p' <<<"$err")
		same "$name: found under $lock" "1 1" "$rc $(grep -c "breaks lock design '$lock'" <<<"$err")"
		run "$BUGGY" --replay "${seed:-0}" --bug "$bug" --lock "$lock"
		check "$name: again by its seed" [ "$rc" != 0 ]
		run "$BUGGY" --replay "${seed:-0}" --lock "$lock"
		same "$name: not there without the bug" 0 "$rc"
	done <<'END'
1 vma-refcnt a dropped re-check
1 vma-rwsem-split a dropped re-check
2 vma-rwsem-split the order of 6.4.0
3 vma-refcnt a missed wake-up
4 vma-refcnt a typesafe object that is reused
END
else
	not_ok "pft-sim is built with bugs" "$(tail -n 5 "$TMP/err")"
fi
finish
