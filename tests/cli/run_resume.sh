#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that is killed, interrupted or out of disk loses at most the step under way, and --resume ends it.
. "$(dirname "$0")/../lib.sh"
FAKE_PFT=$TOP/tests/fake/pft
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MAPPING_SIZE=1M
export PFT_CLIENTS="1 2 4"
export PFT_ITERATIONS=4
export PFT_ORDER=random
export PFT_TIMEOUT=100
END
start() { "$FAULTSCALE" run --config "$TMP/config" --name "$1" --results "$R" --pft "$FAKE_PFT" >"$TMP/out" 2>"$TMP/err" & }
resume() { run "$FAULTSCALE" run --resume "$1" --results "${2:-$R}" --pft "$FAKE_PFT"; }
# closed NAME: how many steps are closed
closed() { awk -F'\t' '$5 == "step"' "$R/$1/samples.tsv" 2>/dev/null | wc -l; }
# until COMMAND...: wait for it to hold, a minute at most
until_() { for _ in $(seq 600); do "$@" && return; sleep 0.1; done; return 1; }
has() { [ "$(closed "$1")" -ge "$2" ]; }
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.*[ZX]' "/proc/$1/status" 2>/dev/null; }
fact() { awk -F'\t' -v k="$2" '$1 == k {print $2}' "$R/$1/meta.tsv"; }
# whole NAME: every step is there once, closed, in file order, with its rate; and the logs are made of it
whole() {
	same "$1: each of the 12 steps once" "0 1 2 3 4 5 6 7 8 9 10 11" \
		"$(awk -F'\t' '$5 == "step" && $8 == "done" {print $1}' "$R/$1/samples.tsv" | xargs)"
	same "$1: with one rate each" 12 "$(awk -F'\t' '$5 == "faults/sec"' "$R/$1/samples.tsv" | wc -l)"
	same "$1: complete" complete "$(fact "$1" status)"
	same "$1: as many lines in mmtests' logs" 12 "$(cat "$R/$1"/iter-0/pft/logs/pft-?.log | wc -l)"
}

for n in 0 1 5 11; do
	# The step behind these never ends.
	rm -f "$TMP/pid"
	FAKE=hang FAKE_PID=$TMP/pid FAKE_TRACE=$TMP/trace.$n FAKE_FROM=$((n + 1)) start "kill$n"
	pid=$!
	until_ test -s "$TMP/pid"
	same "kill$n: so many steps are on disk" $n "$(closed "kill$n")"
	kill -9 $pid
	wait $pid 2>/dev/null
	same "kill$n: no status" "" "$(fact "kill$n" status)"
	resume "kill$n"
	same "kill$n: resumed" 0 "$rc"
	whole "kill$n"
done
same "a resume is on record" 1 "$(fact kill5 resumed | wc -l)"
check "and said, with what was done" grep -qF "going on with '$R/kill11', 11 of 12 steps are done" <<<"$err"

# What a cut-off write or a power cut can leave behind.
start torn
wait $!
cp -r "$R/torn" "$TMP/torn"
whole torn
i=0
grep $'^7\t' "$TMP/torn/samples.tsv" | head -n 5 >"$TMP/tail2"
head -c 50 "$TMP/tail2" >"$TMP/tail1"
printf '\0\0\0\0\0\0\n\0\0\0' >"$TMP/tail3"
for tail in "$TMP"/tail[123]; do
	i=$((i + 1))
	cp -r "$TMP/torn" "$R/torn$i"
	sed -i '/^status/d; /^ended/d' "$R/torn$i/meta.tsv"
	rm -r "$R/torn$i/iter-0"
	awk -F'\t' 'NR <= 2 || $1 < 7' "$TMP/torn/samples.tsv" >"$R/torn$i/samples.tsv"
	cat "$tail" >>"$R/torn$i/samples.tsv"
	resume "torn$i"
	same "torn$i: resumed" 0 "$rc"
	check "torn$i: says what it dropped" grep -qE 'dropped [0-9]+ bytes' <<<"$err"
	whole "torn$i"
done
cp -r "$TMP/torn" "$R/unclosed"
sed -i '/^status/d' "$R/unclosed/meta.tsv"
rm -r "$R/unclosed/iter-0"
resume unclosed
same "a kill after the last step leaves only the closing to do" "0 complete" "$rc $(fact unclosed status)"
whole unclosed

# What is not the same run any more.
spoil() { # spoil NAME FILE SED RC REGEX
	cp -r "$TMP/torn" "$R/$1"
	awk -F'\t' 'NR <= 2 || $1 < 7' "$TMP/torn/samples.tsv" >"$R/$1/samples.tsv"
	sed -i "$3" "$R/$1/$2"
	cp "$R/$1/samples.tsv" "$TMP/before"
	resume "$1"
	same "$1: refused" "$4" "$rc"
	check "$1: says why" grep -qE "$5" <<<"$err"
	same_file "$1: samples untouched" "$TMP/before" "$R/$1/samples.tsv"
}
spoil kernel meta.tsv 's/^kernel\t.*/kernel\tLinux 2.4.1/' 2 "the kernel is not the one the run began with: .* 'Linux 2.4.1' then"
spoil pft meta.tsv 's/^version_pft\t.*/version_pft\tpft 0.0/' 2 "the version_pft is not"
spoil cpu meta.tsv 's/^cpu_model\t.*/cpu_model\tZ80/' 2 "the cpu_model is not"
spoil plan plan.tsv '/^3\t/d' 2 "plan.tsv"
spoil samples samples.tsv '/^3\t/s/anon/cow/' 2 "step '3' of 'cow' is not in plan.tsv"
spoil version samples.tsv '1s/1$/7/' 2 "version '7'"
spoil twice samples.tsv '$p' 2 'is there twice'
spoil settings meta.tsv '/^timeout_s/d' 2 "no 'timeout_s'"

# Two at once.
rm -f "$TMP/pid"
FAKE=hang FAKE_PID=$TMP/pid start lock
pid=$!
until_ test -s "$TMP/pid"
resume lock
same "a run that goes on cannot be resumed" 1 "$rc"
check "and the message says so" grep -q 'is being run now' <<<"$err"
kill -9 $pid
wait $pid 2>/dev/null
check "pft ends with a killed faultscale" until_ gone "$(cat "$TMP/pid")"
resume lock
same "then it can" 0 "$rc"
whole lock

# Signals.
for signal in INT TERM HUP; do
	rm -f "$TMP/pid"
	FAKE=hang FAKE_AT=4 FAKE_PID=$TMP/pid start "sig$signal"
	pid=$!
	until_ test -s "$TMP/pid"
	kill -s $signal $pid
	rc=0
	wait $pid || rc=$?
	same "SIG$signal: exit 1, recorded" "1 interrupted" "$rc $(fact "sig$signal" status)"
	check "SIG$signal: pft is gone" gone "$(cat "$TMP/pid")"
	check "SIG$signal: says how to go on" grep -q -- "go on with: faultscale run --resume sig$signal --results $R\$" "$TMP/err"
	resume "sig$signal"
	same "SIG$signal: resumed" "0 1" "$rc $(fact "sig$signal" status | wc -l)"
	whole "sig$signal"
done
(
	trap '' HUP
	FAKE_SLEEP=0.2 start nohup
	pid=$!
	until_ has nohup 1
	kill -HUP $pid
	wait $pid
)
same "a SIGHUP that nohup(1) ignores stays ignored" complete "$(fact nohup status)"
rm -f "$TMP/pid" "$TMP/trace"
FAKE=deaf FAKE_PID=$TMP/pid FAKE_TRACE=$TMP/trace start twice2
pid=$!
until_ test -s "$TMP/trace"
kill -INT $pid
until_ test -s "$TMP/pid" # it has heard of the first one
kill -INT $pid
rc=0
wait $pid || rc=$?
same "a second SIGINT does not wait for a deaf pft" "1 interrupted" "$rc $(fact twice2 status)"

# A full disk.
mkdir "$TMP/small"
if mount -t tmpfs -o size=160k tmpfs "$TMP/small" 2>/dev/null; then
	run "$FAULTSCALE" run --config "$TMP/config" --name full --results "$TMP/small" --pft "$FAKE_PFT" --set PFT_ITERATIONS=200
	same "a full disk ends the run" 1 "$rc"
	check "with one line that says so" grep -qE "cannot write '.*samples.tsv': No space left on device; mend it and go on" <<<"$err"
	same "and no half step" "step" "$(tail -n 1 "$TMP/small/full/samples.tsv" | cut -f 5)"
	mount -o remount,size=4m "$TMP/small"
	resume full "$TMP/small"
	same "with more room it goes on" "0 600" "$rc $(awk -F'\t' '$5 == "step" && $8 == "done" {print $1}' "$TMP/small/full/samples.tsv" | sort -u | wc -l)"
	umount "$TMP/small"
	mount -t tmpfs -o size=4k tmpfs "$TMP/small"
	run "$FAULTSCALE" run --config "$TMP/config" --name none --results "$TMP/small" --pft "$FAKE_PFT"
	same "a disk full from the start leaves nothing" "1 " "$rc $(ls "$TMP/small")"
	umount "$TMP/small"
else
	skip "a full disk ends the run" "cannot mount a tmpfs here"
fi

# Progress is for terminals.
check "no progress in a pipe" test -z "$(grep $'\r' "$TMP/err")"
command="$FAULTSCALE run --config $TMP/config --name tty --results $R --pft $FAKE_PFT"
TERM=xterm script -qec "$command" "$TMP/tty" >/dev/null </dev/null
check "progress on a terminal: step, cell, time left, rate" \
	grep -qE $'\r''\[12/12\] anon, [124] clients?, iteration 3; .* gone, .* left' "$TMP/tty"
finish
