#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft as a drop-in for gormanm/pft: options, messages, output line and exit codes as mmtests and old scripts
# know them. Our deliberate differences (pft(1), COMPATIBILITY) are marked with 'differs'.
. "$(dirname "$0")/../lib.sh"

line='^ *[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+\.[0-9]{2}s +[0-9]+\.[0-9]{2}s +[0-9]+\.[0-9]{2}s  +([0-9]+\.[0-9]{3}|inf) +([0-9]+\.[0-9]{3}|inf)$'
title='  Gb  Thr CLine   User     System     Wall    flt/cpu/s fault/wsec'
mapfile -t cpus < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' | while IFS=- read -r a b; do seq "$a" "${b:-$a}"; done)
allowed=${#cpus[@]}
few=$((allowed < 2 ? allowed : 2))

# good NAME WORKERS STDERR ARGS...: exit 0, one result line of WORKERS workers, exactly STDERR
good() {
	local name=$1 workers=$2 messages=$3
	shift 3
	run "$PFT" "$@"
	if [ "$rc" = 0 ] && [[ $out =~ $line ]] && [ "$err" = "$messages" ] &&
		[ "$(awk '{print $2}' <<<"$out")" = "$workers" ]; then ok "$name"; else
		not_ok "$name" "exit $rc, stdout '$out', stderr '$err'"
	fi
}
# bad NAME CODE STDERR-REGEX ARGS...: exit CODE, nothing on stdout
bad() {
	local name=$1 code=$2 messages=$3
	shift 3
	run "$PFT" "$@"
	if [ "$rc" = "$code" ] && [ -z "$out" ] && [[ $err =~ $messages ]]; then ok "$name"; else
		not_ok "$name" "exit $rc, stdout '$out', stderr '$err'"
	fi
}
clip="clipping nr_tests to nr_cpus_allowed [$allowed]"

good "no options: 1 page, 1 thread" 1 "Using 1 thread"
good "-m 64M" 1 "Using 1 thread" -m 64M
good "-m 64M -t 1" 1 "" -m 64M -t 1
good "-m 64M -n 1" 1 "" -m 64M -n 1
good "-t 0" 1 "Using 1 thread" -t 0
good "-t abc" 1 "Using 1 thread" -t abc
good "-n 0 -t 0" 1 "Using 1 thread" -n 0 -t 0
good "-t 3 -n 0" 1 "nr_proc overriding nr_thread -- switching to process mode
Using 1 thread" -t 3 -n 0
if [ "$allowed" -ge 2 ]; then
	good "-m 64M -t 2" 2 "" -m 64M -t 2
	good "-m 64M -n 2" 2 "" -m 64M -n 2
	good "-m 64M -t 2 -a" 2 "" -m 64M -t 2 -a
	good "-zm64M -t2" 2 "" -zm64M -t2
	good "-t 2x" 2 "" -t 2x
	good "-n overrides -t" 2 "nr_proc overriding nr_thread -- switching to process mode" -t 2 -n 2
	good "differs: -t overrides -n" 2 "nr_thread overriding nr_proc -- switching to thread mode" -n 2 -t 2
	good "-s sleeps after the measured region" 2 "" -s 1 -t 2
else
	skip "-t 2" "one allowed CPU"
fi
good "more workers than allowed CPUs are clipped" "$allowed" "$clip" -t $((allowed + 1))
good "differs: no cap at 128" "$allowed" "$clip" -n $((allowed + 200))
good "differs: a mask that does not start at CPU 0" 1 "" -t 1 -m 1M
run taskset -c "${cpus[-1]}" "$PFT" -t 2 -m 1M
if [ "$rc" = 0 ] && [[ $out =~ $line ]] && [ "$err" = "clipping nr_tests to nr_cpus_allowed [1]" ]; then
	ok "differs: a mask of the last CPU alone"
else
	not_ok "differs: a mask of the last CPU alone" "exit $rc, stdout '$out', stderr '$err'"
fi
bad "differs: -t -1 is an error" 2 "not a number in" -t -1

run "$PFT" -c 8 -t 1
same "-c 8 shows in column 3" 8 "$(awk '{print $3}' <<<"$out")"
bad "differs: -c 0 is an error" 2 "-c 0" -c 0
bad "differs: -c -3 is an error" 2 "-c -3" -c -3
lines=$(($(getconf PAGESIZE) / $(getconf LEVEL1_DCACHE_LINESIZE | sed 's/^0*$/64/')))
good "-c with all lines of a page" 1 "" -t 1 -c $lines
bad "differs: -c past the end of the page is an error" 2 "-c $((lines + 1))" -c $((lines + 1))
for option in -z -l -Z -p -C -F -S -L; do
	good "$option" 1 "" -m 1M -t 1 $option
done
good "-l then -L" 1 "Option -L [SHM_LOCK] overriding '-l' [mlock]" -t 1 -l -L
good "-L then -l" 1 "Option -l [mlock] overriding '-L' [SHM_LOCK]" -t 1 -L -l
if [ "$(id -u)" = 0 ]; then
	run bash -c 'ulimit -l 64; exec setpriv --reuid 65534 --clear-groups "$0" -m 1M -t 1 -l' "$PFT"
	if [ "$rc" = 1 ] && [ -z "$out" ]; then ok "differs: -l above the limit fails"; else
		not_ok "differs: -l above the limit fails" "exit $rc, stdout '$out', stderr '$err'"
	fi
	run setpriv --reuid 65534 --clear-groups "$PFT" -m 1M -t 1 -f
	if [ "$rc" = 0 ] && [[ $out =~ $line ]]; then ok "-f without privilege goes on"; else
		not_ok "-f without privilege goes on" "exit $rc, stdout '$out', stderr '$err'"
	fi
	same "and says so" "sched_setscheduler: Operation not permitted" "$err"
else
	skip "-l above the limit, -f without privilege" "needs root to become nobody"
fi

run "$PFT" -t 1 -T
same "-T prints the title" "$title" "$(head -n 1 <<<"$out")"
run "$PFT" -t 1 -T tag
same "-T TAG prints a TAG line and the title" "TAG pft:anon-sys-default:tag
$title" "$(head -n 2 <<<"$out")"
run "$PFT" -t 1 -T -p -l tag
same "TAG line with -p and -l" "TAG pft:anon-vma-policy-mlocked:tag" "$(head -n 1 <<<"$out")"
run "$PFT" -t 1 -T -p -S tag
same "TAG line with -p and -S" "TAG pft:shmem-vma-policy:tag" "$(head -n 1 <<<"$out")"
run "$PFT" -t 1 -T -L tag
same "TAG line with -L" "TAG pft:shmem-sys-default-shm_locked:tag" "$(head -n 1 <<<"$out")"
good "a tag without -T is ignored" 1 "" -t 1 tag second
if [ -e /proc/self/numa_maps ]; then
	run "$PFT" -m 16M -t 1 -N
	check "-N prints the numa_maps line" grep -Eq "^[0-9a-f]+ .*(anon|dirty)=[1-9][0-9]{2,}" <<<"$out"
else
	skip "-N" "no /proc/self/numa_maps"
fi
run "$PFT" -m 64M -t 1 -v
same "-v" "Using RUSAGE_THREAD" "$(head -n 1 <<<"$err")"
check "-v tells the real faults" grep -Eq '^Calculated faults=16384\. Real minor faults=[1-9][0-9]{4,}, major faults=[0-9]+$' <<<"$err"
run "$PFT" -V
check "-V prints a version on stderr" grep -q '^pft_mpol 0.12x' <<<"$err"
same "-V exits 0 and measures nothing" "0 " "$rc $out"

run "$PFT" -h
same "differs: -h exits 0" 0 "$rc"
check "-h prints the usage on stdout" grep -q '^Usage:' <<<"$out"
bad "differs: unknown letter exits 2, usage on stderr" 2 "invalid option -- 'x'.*Usage:" -x
bad "-M is not an option" 2 "invalid option -- 'M'" -M
bad "-m without a size" 2 "option requires an argument -- 'm'.*Usage:" -m
for size in foo 64Q 1.5G -1; do
	bad "differs: bogus size $size names -m, exits 2" 2 "^Bogus size:  -m $size.*Usage:" -m $size
done
bad "-m 0" 2 "^Memory size too small.  Need at least 1 page per test$" -m 0 -t 1
bad "-m ''" 2 "^Memory size too small.  Need at least 1 page per test$" -m "" -t 1
bad "differs: an impossible size fails" 1 "cannot map" -m 300000G -t 1

# faults ARGS...: how many faults the run made
faults() { "$PFT" "$@" -t 1 --rows /dev/fd/3 3>&1 >/dev/null 2>/dev/null | awk '$1 == "faults" {print $4}'; }
page=$(getconf PAGESIZE)
for size in 1 64k 64K 65536 0x10000 0200000 16p 16P 1m 1MB 1MiB " 1M"; do
	case $size in 1) n=1 ;; *1[mM]*) n=$((1048576 / page)) ;; 16*) n=16 ;; *) n=$((65536 / page)) ;; esac
	same "-m '$size' is $n pages" "$n" "$(faults -m "$size")"
done
same "3 pages for 2 workers are rounded up to 4" 4 \
	"$("$PFT" -m 3p -t 2 --oversubscribe --rows /dev/fd/3 3>&1 >/dev/null 2>&1 | awk '$1 == "faults" {print $4}')"

# What mmtests' reader takes from a line (shellpack and parse in mmtests 09b91ce9).
run "$PFT" -m 64M -t $few
same "mmtests' reader finds 8 numbers behind a leading blank" "8 1" "$(sed 's/s//g' <<<"$out" |
	awk '{n = 0; for (i = 1; i <= NF; i++) n += $i ~ /^[0-9.]+$/; print n, /^ /}')"
"$PFT" -t 1 >/dev/full 2>"$TMP/err"
same "differs: a full standard output fails" 1 $?
finish
