#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale history on made-up runs: the index and its rebuilding, changes along a branch, a file that is damaged, in use or
# read-only, names that are no SQL, kills and two at once.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/made_runs.sh"
cd "$TMP" || exit 1
mkdir results
history() { run "$FAULTSCALE" history "$@"; }
listed() { "$FAULTSCALE" history list --format tsv | sed 1,2d | cut -f "${1:-1}" | tr '\t\n' ' ,'; }
# day N: of January 2026
day() { printf '2026-01-%02d' "$1"; }

history list
same "no history: exit 2" "2 faultscale history: no history in 'results': 'faultscale history add RUN' begins one" "$rc $err"
make_run one 1 $'started\t2026-01-05T12:00:00Z'
history add one
same "no commit: exit 2" 2 "$rc"
check "no commit: says what to do" grep -q "nobody knows the commit of run 'one': --commit" <<<"$err"
history add nosuch --commit abc123
same "no such run: exit 2" 2 "$rc"
check "neither leaves a history behind" test ! -e results/history.db
# not_for VERB OPTION WHOSE
not_for() {
	history "$1" $2
	same "$1 $2: exit 2" "2 faultscale history: ${2%% *} is for $3, not for '$1'" "$rc $err"
}
not_for list "--commit abc" add
not_for add "--metric faults/sec" trend
not_for show "--format tsv" "list, trend"
not_for rebuild "--branch main" "add, list, trend"
not_for trend "--time 5" add
not_for list --same-kernel trend
history add one --commit abc123 --time "$(day 5)"
same "added" "0 " "$rc $out$err"
same "with its label" "one abc123 main 1767571200," "$(listed 1-4)"
check "which the run keeps" grep -q $'^commit\tabc123$' results/one/meta.tsv
history add one
same "added again as it is labelled" "0 one abc123 main 1767571200," "$rc $(listed 1-4)"
history add one --branch 'topic/x' --commit def
same "labelled anew: the branch and the commit" "one def topic/x 1767571200," "$(listed 1-4)"
history add one --branch main --commit abc123
make_run two 1 $'started\t2026-01-04T12:00:00Z'
history add --commit 'a"b'"'"'); DROP TABLE runs; --' --branch "it's" two
same "quotes are nothing but quotes" "0 two a\"b'); DROP TABLE runs; -- it's,one abc123 main," "$rc $(listed 1-3)"
make_run "o'clock" 1
history add --commit c --time 1 "o'clock"
same "in a run's name too" "0 o'clock,two,one," "$rc $(listed)"
history list
check "a table for people" grep -qE '^abc123 +2026-01-05 +main +one +1 +[0-9a-f]{8} *' <<<"$out"
history list --branch "it's"
same "of one branch" 2 "$(wc -l <<<"$out")"
history show one
check "one run: its machine" grep -q '^  cpu_model: Xeon$' <<<"$out"
check "one run: its means" grep -qE '^faults/cpu +2 +anon +99998.2 +0.6% +12$' <<<"$out"
history show nosuch
same "no such run: exit 2" "2 faultscale history: no run 'nosuch' in history 'results/history.db': 'faultscale history list' lists them" "$rc $err"

make_run odd 1
sed -i "s/^kernel.*/kernel\tLi$(printf '\033')[2Jnux/" results/odd/meta.tsv
history add odd --commit $'c\033[2J' --branch $'odd\033[2J' --time 2
for words in list "show odd" "trend --branch odd$(printf '\033')[2J" "trend --branch $(printf '\033')[2J"; do
	history $words
	same "${words%% *}: no escape sequence gets to a terminal" "" "$(grep $'\x1b' <<<"$out$err")"
done
rm -r results/odd
history rebuild

# Machines: alike ones are one.
make_run other 1
sed -i 's/Xeon/EPYC/' results/other/meta.tsv
history add other --commit o --time "$(day 6)"
make_run kernel 1
sed -i 's/6.18/6.19/; s/24684092/24684000/' results/kernel/meta.tsv
sed -i '3,$s/\t-\t-\t-$/\t0-3\t0\t-/' results/kernel/plan.tsv
history add kernel --commit k --time "$(day 7)"
same "where they ran is no part of the config" "0-3 1" \
	"$(cut -f 11 results/kernel/plan.tsv | tail -n 1) $(listed 8 | tr , '\n' | sed /^$/d | sort -u | wc -l)"
same "another CPU is another machine, another kernel is not" "o'clock 1,two 1,one 1,other 2,kernel 1," "$(listed 1,6)"
before=$(listed 1-4 | tr ',' '\n' | grep -v '^other ')
rm results/history.db
history rebuild
same "rebuilt: says how many" "0 5 runs with a commit in 'results'" "$rc $out"
make_run unlabelled 1
rm -r results/other
history rebuild
same "rebuilt again: all but what is gone, or has no commit" "$before" "$(listed 1-4 | tr ',' '\n')"

# A branch whose rates fall by a tenth with commit c12.
rm -r results/*
for i in $(seq 24); do
	factor=$(awk -v i="$i" 'BEGIN {print (i < 12 ? 1 : 0.9) * (1 + ((i * 7) % 5 - 2) / 400)}')
	make_run "r$i" "$factor"
	"$FAULTSCALE" history add "r$i" --commit "c$i" --time "$(day "$i")" || break
done
history trend --metric faults/cpu
same "trend: exit 0" 0 "$rc"
same "trend: a change, in each client count" \
	"faults/cpu-1 anon, machine 1 24 commits,faults/cpu-2 anon, machine 1 24 commits," "$(grep -v '^ ' <<<"$out" | sed 's/ config [0-9a-f]*://' | tr '\n' , | sed 's/,  *24/ 24/g')"
same "trend: where, and by how much" 2 \
	"$(grep -cE "^  worse by -(9|10)\.[0-9]% \[-1[01]\.[0-9], -9\.[0-9]\] from c12 on \(2026-01-12, run 'r12'\), last before it c11$" <<<"$out")"
history trend --metric faults/cpu --clients 2 --format tsv
same "trend: as a table" "faults/cpu 2 anon 1 24 shown c12 c11 r12" "$(sed -n 3p <<<"$out" | cut -f 1-4,7-11 | tr '\t' ' ')"
same "the same twice" "$out" "$("$FAULTSCALE" history trend --metric faults/cpu --clients 2 --format tsv)"
history trend --metric faults/cpu --clients 2 --last 10
check "nothing to see in the last ten" grep -q ': 10 commits, no change$' <<<"$out"
history trend --branch nosuch
same "no such branch: exit 2" 2 "$rc"
make_run again 0.9
history add again --commit c12 --time "$(day 12)"
history trend --metric faults/cpu --clients 2 --format tsv
same "two runs of a commit are one point" "24 shown c12" "$(sed -n 3p <<<"$out" | cut -f 7,8,9 | tr '\t' ' ')"
history trend --metric faults/cpu --clients 2 --same-kernel
check "by kernel" grep -q ', Linux 6.18: 24 commits' <<<"$out"

# The file.
cp results/history.db good.db
printf 'junk' | dd of=results/history.db bs=1 seek=4096 conv=notrunc status=none
head -c 3000 results/history.db >results/short && mv results/short results/history.db
history list
same "damaged: exit 2" 2 "$rc"
check "damaged: says what to do" grep -q "history 'results/history.db' is damaged (.*): 'faultscale history rebuild' makes it anew" <<<"$err"
history add r1
same "damaged: adds nothing" 2 "$rc"
history rebuild
same "damaged, rebuilt" "0 25 runs with a commit in 'results'" "$rc $out"
echo "not at all" >results/history.db
history list
same "no database: exit 2" 2 "$rc"
history rebuild
same "no database, rebuilt" 0 "$rc"
if [ "$(id -u)" = 0 ]; then
	chmod -R a+rX "$TMP" && chmod 644 results/history.db && chmod 755 results
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$FAULTSCALE" history list
	same "read-only: can be read" 0 "$rc"
	chmod 600 results/history.db
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$FAULTSCALE" history list
	same "unreadable: exit 2" "2 faultscale history: cannot open history 'results/history.db': unable to open database file" "$rc $err"
	chmod 644 results/history.db
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$FAULTSCALE" history rebuild
	same "read-only: cannot be written" "1 faultscale history: cannot write history 'results/history.db': it is read-only" "$rc $err"
else
	skip "read-only" "needs root to become somebody else"
fi

# Two at once, many times; then kills at any time: the history is whole, and adding goes on.
rm results/history.db
for half in "1 2 3 4 5 6 7 8 9 10 11 12" "13 14 15 16 17 18 19 20 21 22 23 24"; do
	for i in $half; do "$FAULTSCALE" history add "r$i" || echo "r$i" >>lost; done &
done
wait
same "two at once: none is lost" "24 " "$(listed | tr ',' '\n' | grep -c .) $(cat lost 2>/dev/null)"
bad=0
for i in $(seq 30); do
	"$FAULTSCALE" history add r{1..24} 2>/dev/null &
	pid=$!
	sleep "0.0$((i % 10))$((RANDOM % 10))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ "$(listed | tr ',' '\n' | grep -c .)" = 24 ] || bad=$((bad + 1))
done
same "killed 30 times: always whole" 0 "$bad"
history add r{1..24}
same "and goes on" "0 24" "$rc $(listed | tr ',' '\n' | grep -c .)"

# What a person has to mend.
# bad NAME MESSAGE ARG...
bad() {
	run "$FAULTSCALE" history "${@:3}"
	same "$1: exit 2" 2 "$rc"
	if [[ $err = *"$2"* ]] && [ "$(wc -l <<<"$err")" -le 3 ]; then ok "$1: says why"; else not_ok "$1: says why" "$err"; fi
}
bad "nothing to do" "say what to do: there are add, list, show, trend, rebuild"
bad "no such action" "no such action, with 'drop': there are add"  drop
bad "no run" "name the runs to add" add
bad "a run too many" "'list' takes no run, with 'x'" list x
bad "no such run" "no run 'nosuch' in 'results'" add nosuch --commit x
make_run planless 1
rm results/planless/plan.tsv
cp results/planless/meta.tsv meta.before
bad "a run without a plan" "cannot open 'results/planless/plan.tsv'" add planless --commit x --time 1
same_file "which gets no label" meta.before results/planless/meta.tsv
bad "no such directory" "no directory '/nowhere' of runs: -d says where they are" add r1 -d /nowhere
bad "a file for a directory" "no directory 'good.db' of runs" rebuild -d good.db
echo >results/file
bad "a file for a run" "cannot open 'results/file/meta.tsv': Not a directory" add file
bad "a path" "not the name of a run in 'results', with '../results/r1'" add ../results/r1 --commit x
bad "a time" "--time: neither seconds since 1970 nor a date" add r1 --time yesterday
bad "a format" "no such format, with 'odd'" list --format odd
make_run ended 1
sed -i 's/^status.*/status\tinterrupted/' results/ended/meta.tsv
bad "a run that is not complete" "run 'ended' is not complete" add ended --commit x
finish
