#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pft --counters and --events, faultscale events, and both through a run to its comparison.
. "$(dirname "$0")/../lib.sh"

# rows ARGS...: run and leave the rows in $TMP/rows
rows() { run "$PFT" --rows "$TMP/rows" -m 64M "$@"; }
# row METRIC THREAD: value and status
row() { awk -F '\t' -v m="$1" -v t="$2" '$1 == m && $2 == t {print $4 " " $5}' "$TMP/rows"; }
pages=$((67108864 / $(getconf PAGESIZE)))
paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
pmu=$(find /sys/bus/event_source/devices -maxdepth 1 -name 'cpu*' -o -name 'armv*' 2>/dev/null)

rows -t 2 --pin none
same "without options only rusage counts" rusage "$(sed -n 's/^\([a-z-]*\)\..*/\1/p' "$TMP/rows" | sort -u)"
same "rusage and the classic rows agree" 1 "$(awk -F '\t' '{v[$1 " " $2] = $4} END {
	d = v["rusage.system_ns all"] / 1e9 - v["system_s all"]; print (d * d < 1e-12)}' "$TMP/rows")"
line=$out
rows -t 2 --pin none --counters all
same "the classic line keeps its form" "$(sed 's/[0-9]/N/g' <<<"$line" | tr -s 'N ')" "$(sed 's/[0-9]/N/g' <<<"$out" | tr -s 'N ')"
same "all sources have rows" "hardware proc-vmstat rusage schedstat software" \
	"$(sed -n 's/^\([a-z-]*\)\..*/\1/p' "$TMP/rows" | sort -u | xargs)"
same "no row twice" "" "$(cut -f 1,2 "$TMP/rows" | sort | uniq -d)"
same "every row has 5 fields" "" "$(awk -F '\t' 'NR > 1 && NF != 5' "$TMP/rows")"
same "a row without a value has a reason" "" \
	"$(awk -F '\t' '$4 == "-" && $5 !~ /^(unsupported|lost|unavailable): ./' "$TMP/rows")"
same "what is unsupported has no value" "" "$(awk -F '\t' '$5 ~ /^unsupported/ && $4 != "-"' "$TMP/rows")"
check "vmstat sees at least our faults" test "$(row proc-vmstat.pgfault all | sed 's/ ok//')" -ge "$pages"
same "vmstat is of the system, not of a worker" "" "$(row proc-vmstat.pgfault 0)"

if [ "$(id -u)" = 0 ] || [ "$paranoid" -lt 2 ]; then
	for mode in -t -n; do
		rows $mode 2 --pin none --warmup 1 --prefault --counters software --events page-faults,page-faults:u
		exact same "page faults are counted exactly ($mode)" "$pages ok" "$(row hardware.page-faults all)"
		exact same "and per worker ($mode)" "$((pages / 2)) ok, $((pages / 2)) ok" \
			"$(row hardware.page-faults 0), $(row hardware.page-faults 1)"
		exact same "and per fault ($mode)" "1 ok" "$(row hardware.page-faults/fault all)"
		exact same "and in user mode ($mode)" "$pages ok" "$(row hardware.page-faults:u all)"
		same "none of them is major ($mode)" "0 ok" "$(row software.major-faults all)"
		check "the row says how it was encoded ($mode)" grep -qP '^hardware.page-faults:u.event\tall\ttext\tperf::PERF_COUNT_SW_PAGE_FAULTS:u=1:k=0' "$TMP/rows"
	done
else
	skip "page faults are counted exactly" "kernel.perf_event_paranoid is $paranoid, and this is not root"
fi

if [ -z "$pmu" ]; then
	rows -t 1 --events default
	same "without a PMU the run is good" 0 "$rc"
	same "and every event says so" "" "$(grep '^hardware\.' "$TMP/rows" | grep -vE '	unsupported: (no hardware PMU in this machine|this processor has no)|\.event	')"
	check "also per fault" grep -q '^hardware.cycles:k/fault	all	1	-	unsupported: no hardware PMU' "$TMP/rows"
else
	skip "without a PMU the run is good" "this machine has one"
	skip "and every event says so" "this machine has one"
	skip "also per fault" "this machine has one"
fi
rows -t 1 --events none --counters none
same "none counts nothing" "0 " "$rc $(grep -E '^[a-z-]+\.' "$TMP/rows")"

for bad in "--events nosuch" "--events cycles:z" "--events {cycles" "--events cycles,," "--counters nosuch" \
	"--events {task-clock,cycles}" "--events cycles,cycles" "--events cpu-migrations:u"; do
	# shellcheck disable=SC2086  # two words
	run "$PFT" -m 1M -t 1 $bad
	same "'$bad' is a usage error of one line" "2  1" "$rc $out $(grep -c '^pft: [^w]' <<<"$err")"
	# shellcheck disable=SC2086  # two words
	run "$PFT" --check -m 1M -t 1 $bad
	same "so with --check" 2 "$rc"
done
run "$PFT" --list counters
same "--list counters" "0 counters:" "$rc $(head -n 1 <<<"$out")"
check "says what a source needs" grep -q 'needs kernel.perf_event_paranoid=1 or CAP_PERFMON' <<<"$out"

# As an ordinary user: what works, and one line of reason for what does not.
if [ "$(id -u)" = 0 ] && [ "$paranoid" = 2 ] && chmod 755 "$TMP" && cp "$PFT" "$FAULTSCALE" "$TMP"; then
	user() { run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all "$@"; }
	user "$TMP/pft" -m 64M -t 2 --counters all --events page-faults:u,cpu-migrations --rows /dev/fd/3 3>"$TMP/rows"
	same "an ordinary user can run all counters" 0 "$rc"
	exact same "and faults of user mode" "$pages ok" "$(row hardware.page-faults:u all)"
	for metric in software.context-switches hardware.cpu-migrations; do
		check "$metric says what it needs" grep -qE '^- unsupported: .*CAP_PERFMON.*sysctl kernel.perf_event_paranoid=1' <<<"$(row $metric all)"
	done
	check "schedstat needs nothing" grep -qE '^[0-9]+ ok' <<<"$(row schedstat.run_ns all)"
	user "$TMP/faultscale" events
	check "events lists what a user may count" grep -q '^  perf::PAGE-FAULTS:u$' <<<"$out"
	check "and not what would always be 0" sh -c '! grep -q "^  .*MIGRATIONS:u"' <<<"$out"
else
	skip "an ordinary user can run all counters" "not root, or kernel.perf_event_paranoid is not 2"
fi

run "$FAULTSCALE" events
same "events" 0 "$rc"
check "names the level of paranoia" grep -q "^kernel.perf_event_paranoid is $paranoid: " <<<"$out"
check "lists software events" grep -q 'perf::PAGE-FAULTS' <<<"$out"
same "as many as it says" "$(sed -n 's/^perf: .*, \([0-9]*\) of [0-9]* events.*/\1/p' <<<"$out")" "$(grep -c '^  perf::' <<<"$out")"
[ -n "$pmu" ] || check "says why there are no others" grep -q 'not [0-9]* of [0-9]*: no hardware PMU in this machine' <<<"$out"
if [ "$(uname -m)" = x86_64 ]; then
	run "$FAULTSCALE" events --pmu amd64_fam19h_zen3
	check "--pmu names each event of any processor, with its meaning" \
		grep -qE 'amd64_fam19h_zen3::ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_RMT +[A-Z]' <<<"$out"
	run env LIBPFM_FORCE_PMU=spr "$FAULTSCALE" events --pmu spr
	check "a processor that libpfm4 believes in is opened all the same" grep -qE '^spr: .* [0-9]+ of [0-9]+ events' <<<"$out"
fi
run "$FAULTSCALE" events --pmu nosuch
same "a PMU that nobody has is a usage error" 2 "$rc"

# Through a run.
cat >"$TMP/config" <<'END'
PFT_CLIENTS=2 PFT_ITERATIONS=3 PFT_MAPPING_SIZE=4M
PFT_COUNTERS="software schedstat"
PFT_EVENTS="{cycles:k,instructions:k} page-faults:u"
END
run "$FAULTSCALE" plan "$TMP/config"
check "a plan shows them" grep -q -- '--counters software,schedstat --events {cycles:k,instructions:k},page-faults:u' <<<"$out"
run "$FAULTSCALE" run --config "$TMP/config" --results "$TMP/results" --name one
same "a run with them" 0 "$rc"
run "$FAULTSCALE" compare -d "$TMP/results" --metric hardware.page-faults:u/fault,hardware.page-faults:u,hardware.cycles:k one one
same "compare shows them" 0 "$rc"
if [ "$(id -u)" = 0 ] || [ "$paranoid" -lt 2 ]; then
	exact check "per fault" grep -qE '^Amean +hardware.page-faults:u/fault-2 +1.0000 ' <<<"$out"
	exact check "in all" grep -qE '^Amean +hardware.page-faults:u-2 +1024.0000 ' <<<"$out"
fi
if [ -z "$pmu" ]; then
	check "what is unsupported is no number" grep -qE '^Amean +hardware.cycles:k-2 +- ' <<<"$out"
	check "and says why" grep -q "'hardware.cycles:k-2': unsupported: no hardware PMU" <<<"$err"
fi
sed 's/^PFT_EVENTS=.*/PFT_EVENTS=nosuch/' "$TMP/config" >"$TMP/bad"
run "$FAULTSCALE" plan "$TMP/bad"
check "a bad event is found with its line" grep -q "$TMP/bad:3: PFT_EVENTS: .*no such event, with 'nosuch'" <<<"$err"
sed 's/^PFT_COUNTERS=.*/PFT_COUNTERS=nosuch/' "$TMP/config" >"$TMP/bad"
run "$FAULTSCALE" plan "$TMP/bad"
check "so are bad counters" grep -q "$TMP/bad:2: PFT_COUNTERS: .*no such counters" <<<"$err"
finish
