#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft's long options: rows, placement, lists, warm-up, and what happens to a run that goes wrong.
. "$(dirname "$0")/../lib.sh"
mapfile -t cpus < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' | while IFS=- read -r a b; do seq "$a" "${b:-$a}"; done)

# rows ARGS...: run and leave the rows in $TMP/rows
rows() { run "$PFT" --rows "$TMP/rows" "$@"; }
# row METRIC THREAD: value and status
row() { awk -F '\t' -v m="$1" -v t="$2" '$1 == m && $2 == t {print $4 " " $5}' "$TMP/rows"; }

rows -m 16M -t 2 --pin none
same "exit 0" 0 "$rc"
same "head lines" "# faultscale rows 1
metric	thread	unit	value	status" "$(head -n 2 "$TMP/rows")"
same "every row has 5 fields" "" "$(awk -F '\t' 'NR > 1 && NF != 5' "$TMP/rows")"
same "no row twice" "" "$(cut -f 1,2 "$TMP/rows" | sort | uniq -d)"
for metric in faults/cpu faults/sec user_s system_s wall_s setup_s teardown_s minor_faults major_faults gib \
	cachelines spread_min_s spread_max_s spread_gini spread_cov pages_sampled local_pages migrations; do
	check "row $metric" grep -q "^$metric	all	" "$TMP/rows"
done
pages=$((16777216 / $(getconf PAGESIZE)))
same "faults are counted" "$pages ok" "$(row faults all)"
same "faults of worker 1" "$((pages / 2)) ok" "$(row worker_faults 1)"
same "faults/sec is faults over wall_s" 1 "$(awk -F '\t' '{v[$1 $2] = $4}
	END {r = v["faults/secall"] * v["wall_sall"] / v["faultsall"]; print (r > 0.999999 && r < 1.000001)}' "$TMP/rows")"
same "the line and the rows agree" 1 "$(awk -F '\t' -v line="$out" '$1 == "faults/sec" {split(line, f, " ");
	d = $4 - f[8]; print (d * d < 0.01)}' "$TMP/rows")"

# Faster than any tick: getrusage() alone would show no time, or a whole tick of it.
told=0
for _ in 1 2 3 4 5; do
	rows -m 64K -t 1
	[[ $(row faults/cpu all) == *" ok" ]] && told=$((told + 1))
done
same "CPU time shorter than a tick is told" 5 $told
"$PFT" -m 1M -t 1 --rows /dev/fd/3 3>"$TMP/fd" >/dev/null 2>&1
check "rows into an open descriptor" grep -q '^faults/sec' "$TMP/fd"
"$PFT" -m 1M -t 1 --rows /dev/fd/3 3> >(cat >"$TMP/pipe") >/dev/null 2>&1
wait $! # for the reader
check "rows into a pipe" grep -q '^faults/sec' "$TMP/pipe"
run "$PFT" -m 1M -t 1 --rows /dev/full
same "rows that cannot be written fail" 1 "$rc"
run "$PFT" -m 1M -t 1 --rows "$TMP/no/such"
same "rows that cannot be opened fail before the run" "1 " "$rc $out"

# Placement.
first=${cpus[0]} last=${cpus[-1]}
rows -m 16M -t 2 --pin "cpus:$last,$first"
same "worker 0 ran on the first CPU of the list" "$last ok" "$(row worker_cpu_end 0)"
same "worker 1 ran on the second" "$first ok" "$(row worker_cpu_end 1)"
same "a pinned worker does not migrate" 0 "$(row migrations all | sed -n 's/ ok//p; s/^- unavailable.*/0/p')"
check "pages are on a node" grep -Eq '^pages_node_[0-9]+	all	1	[0-9]+	ok' "$TMP/rows"
same "1 % of the pages of each worker, but 64 at least" "128 ok" "$(row pages_sampled all)"
rows -m 16M -n 2 --pin "cpus:$last,$first"
same "so with processes" "$last ok" "$(row worker_cpu_end 0)"
for plan in none compact spread cores; do
	rows -m 4M -t 3 --pin $plan --mem local
	same "--pin $plan: 3 workers, whatever the number of CPUs" "0 3" "$rc $(awk '{print $2}' <<<"$out")"
done
run taskset -c "$last" "$PFT" -m 1M -t 2 --pin compact
same "--pin compact inside an affinity mask" 0 "$rc"
if [ "$first" != "$last" ]; then
	run taskset -c "$last" "$PFT" -m 1M -t 1 --pin "cpus:$first"
	same "a CPU outside the mask is an error" "2 " "$rc $out"
else
	skip "a CPU outside the mask is an error" "one allowed CPU"
fi
for bad in "--pin foo" "--pin cpus:" "--mem foo" "--mem bind:999" "--workload foo" "--param x=1" "--param x" \
	"--pagesize huge" "--list foo" "--warmup x" "--file /tmp" "--workload null -z" "-a --pin none" "--foo"; do
	# shellcheck disable=SC2086  # a list of words
	run "$PFT" -m 1M -t 1 $bad
	same "'$bad' is a usage error" "2 " "$rc $out"
done
if [ "$(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' 2>/dev/null | wc -l)" -lt 2 ]; then
	run "$PFT" -m 1M -t 1 --mem remote
	same "--mem remote without a second node is an error" "2 " "$rc $out"
fi
rows -m 1M -t 4 --oversubscribe
same "--oversubscribe does not clip" "0 4" "$rc $(awk '{print $2}' <<<"$out")"
rows -m 4M -t 2 --warmup 3 --prefault --pin none
same "warm-up rounds are not counted" "0 1024 ok" "$rc $(row faults all)"

# --check looks and does nothing.
run "$PFT" --check -m 1G -t 2 --rows "$TMP/none"
same "--check says nothing of what can run" "0  " "$rc $out $err"
check "and does not run it" [ ! -e "$TMP/none" ]
run "$PFT" --check --workload foo
same "--check refuses what cannot" "2 " "$rc $out"
run "$PFT" --check -t 1 --pin cpus:65000
same "so with a CPU that is not there" "2 " "$rc $out"
allowed=$(awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status)
check "and names those that are" grep -q "may not run on CPU 65000, but on $allowed; see taskset(1)" <<<"$err"
run "$PFT" -m 1M -t 1 --mem bind:999
check "so with a node" grep -qE "NUMA node 999; there is on 0|no NUMA memory policies" <<<"$err"

small() { run bash -c 'ulimit -v 40000; exec "$@"' pft "$PFT" "$@"; }
small --version
if [ "$rc" = 0 ]; then
	small -m 1G -t 65536 --oversubscribe
	same "no memory for the workers' own data is a failure" "1 1" "$rc $(grep -c 'cannot map .* for 65536 workers' <<<"$err")"
	small -m 1G -t 65536 --oversubscribe --check
	same "so with --check" "1 1" "$rc $(grep -c 'cannot map .* for 65536 workers' <<<"$err")"
else
	skip "no memory for the workers' own data is a failure" "a pft with a sanitizer needs more address space"
fi

# Lists.
for kind in workloads pins mems codecs; do
	run "$PFT" --list $kind
	same "--list $kind" "0 $kind:" "$rc $(head -n 1 <<<"$out")"
done
run "$PFT" --version
check "--version" grep -Eq '^pft .' <<<"$out"
"$PFT" --list >/dev/full 2>/dev/null
same "--list into a full disk fails" 1 $?

# A worker that dies. Rounds follow each other, so that there is always one to kill. LeakSanitizer would look for
# leaks in a child of its own at the end, and wait for ever if that is the one.
ASAN_OPTIONS=detect_leaks=0 "$PFT" -m 32M -n 2 --warmup 100000 --pin none >"$TMP/out" 2>"$TMP/err" &
pid=$!
for _ in $(seq 500); do
	child=$(pgrep -P $pid | head -n 1)
	[ -n "$child" ] && kill -KILL "$child" 2>/dev/null && break
	sleep 0.01
done
# The one killed may have been at its very end: go on until pft has noticed.
for _ in $(seq 500); do
	kill -0 $pid 2>/dev/null || break
	child=$(pgrep -P $pid | head -n 1)
	[ -n "$child" ] && kill -KILL "$child" 2>/dev/null
	sleep 0.01
done
wait $pid
same "a killed worker fails the run" 1 $?
same "and there is no result line" "" "$(cat "$TMP/out")"
check "and the message says who and why" grep -Eq '^pft: worker [01] was killed by signal 9' "$TMP/err"

# A page that cannot be had when it is touched.
mkdir "$TMP/small"
if mount -t tmpfs -o size=1M none "$TMP/small" 2>/dev/null; then
	for mode in -t -n; do
		run "$PFT" -m 16M $mode 2 --workload file-shared --param cache=cold --file "$TMP/small"
		same "a full tmpfs fails the run ($mode)" "1 " "$rc $out"
		check "and the message says so ($mode)" grep -q '^pft: no memory or file space left' <<<"$err"
	done
	umount "$TMP/small"
else
	skip "a full tmpfs fails the run" "may not mount a tmpfs"
fi

# The parent killed: no worker is left.
"$PFT" -m 32M -n 2 -P >/dev/null 2>"$TMP/err" &
pid=$!
for _ in $(seq 500); do grep -q pausing "$TMP/err" && break; sleep 0.01; done
children=$(pgrep -P $pid)
kill -KILL $pid
wait $pid 2>/dev/null
for _ in $(seq 200); do
	left=0
	for child in $children; do kill -0 "$child" 2>/dev/null && left=1; done
	[ $left = 0 ] && break
	sleep 0.01
done
same "kill -9 of pft leaves no worker behind" "2 0" "$(wc -w <<<"$children") $left"

# -P waits until it is told to go on.
"$PFT" -m 1M -n 2 -P >"$TMP/out" 2>"$TMP/err" &
pid=$!
for _ in $(seq 500); do grep -q pausing "$TMP/err" && break; sleep 0.01; done
same "-P says that it pauses" "pausing..." "$(tail -n 1 "$TMP/err")"
kill -USR1 $pid
wait $pid
same "-P goes on after SIGUSR1" "0 1" "$? $(wc -l <"$TMP/out")"
finish
