#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale run: what it records, what it does about a pft that fails, and what it refuses.
. "$(dirname "$0")/../lib.sh"
FAKE_PFT=$TOP/tests/fake/pft
R=$TMP/results
cat >"$TMP/config" <<'END'
export PFT_MAPPING_SIZE=$((1024*1024))
export PFT_CLIENTS="1 2 4"
export PFT_ITERATIONS=3
export PFT_TIMEOUT=60
END
# go NAME ARGS...: run the config as NAME with the fake
go() { run "$FAULTSCALE" run --config "$TMP/config" --name "$1" --results "$R" --pft "$FAKE_PFT" "${@:2}"; }
# ends NAME: how many steps samples.tsv closes as done and failed
ends() { awk -F'\t' '$5 == "step" {n[$8]++} END {printf "%d %d", n["done"], n["failed"]}' "$R/$1/samples.tsv"; }
fact() { awk -F'\t' -v k="$2" '$1 == k {print $2}' "$R/$1/meta.tsv"; }

FAKE_TRACE=$TMP/trace go good
same "a good run exits 0" 0 "$rc"
same "with every step recorded" "9 0" "$(ends good)"
same "in the plan's order" "0 1 2 3 4 5 6 7 8" "$(awk -F'\t' '$5 == "step" {print $1}' "$R/good/samples.tsv" | xargs)"
same "and complete" complete "$(fact good status)"
same "a plain cell gets mmtests' options" "-m 1048576 -t 1 --rows /dev/fd/3" "$(grep -- '-t 1 ' "$TMP/trace" | sort -u)"
same "its last words name the run" "$R/good: 9 of 9 steps done, 0 failed" "$(sed 's/, in .*//;q' <<<"$out")"
same "and the next command" "next: faultscale compare -d $R -n good" "$(tail -n 1 <<<"$out")"
same "steps have what time(1) says" \
	"time_boot time_cpu time_elapsed_s time_involuntary_switches time_major_faults time_max_rss time_minor_faults time_started time_system_s time_user_s time_voluntary_switches" \
	"$(awk -F'\t' '$5 ~ /^time_/ && $5 !~ /steal|foreign/ {print $5}' "$R/good/samples.tsv" | sort -u | xargs)"
same "the rates are kept" 3 "$(grep -cP '\t2\t\d\tfaults/sec\tall\t1/s\t2000.5\tok$' "$R/good/samples.tsv")"
same "the config is kept" "$(cat "$TMP/config")" "$(printf '%b' "$(fact good config_text)")"
same "the version of pft is kept" "pft fake" "$(fact good version_pft)"
check "and the topology as XML" grep -q '<topology' "$R/good/topology.xml"
same "mmtests' logs hold the result lines" 3 "$(grep -c '^   0    4   1 ' "$R/good/iter-0/pft/logs/pft-4.log")"
same "one log per client count" "commands.log pft-1.log pft-2.log pft-4.log" "$(cd "$R/good/iter-0/pft/logs" && echo *)"
check "the timestamps hold the times" grep -qP '^time :: pft \d+\.\d\d user \d+\.\d\d system \d+\.\d\d elapsed$' "$R/good/iter-0/tests-timestamp"
check "nothing is left beside the files" test -z "$(find "$R" -name '*.new')"

go good
same "a name is used once" 2 "$rc"
check "and the message says what to do" grep -q -- "--resume good" <<<"$err"
run "$FAULTSCALE" run --config "$TMP/nowhere" --name good --results "$R" --pft "$FAKE_PFT"
check "before the config is read, and the machine looked at" grep -q "the run '$R/good' exists" <<<"$err"
run "$FAULTSCALE" run --resume good --results "$R" --pft "$FAKE_PFT"
same "a complete run has nothing to resume" "0 $R/good is complete: 9 steps, 0 failed; nothing to do" "$rc $(head -n 1 <<<"$out")"
same "but to be compared" "next: faultscale compare -d $R -n good" "$(tail -n 1 <<<"$out")"
run "$FAULTSCALE" run --config "$TMP/config" --name blank --results "$TMP/it's mine" --pft "$FAKE_PFT"
same "the next command is one for a shell" "$TMP/it's mine" "$(eval "set -- $(sed -n 's/^next: faultscale//p' <<<"$out")"; echo "$3")"

go sets --set PFT_ITERATIONS=1 --set PFT_CLIENTS=2 --order sequential --time
same "--set overrides and --order is known" "1 0 PFT_ITERATIONS=1 PFT_CLIENTS=2 PFT_ORDER=sequential sequential" \
	"$(ends sets) $(fact sets set | xargs) $(fact sets order)"
check "--time prints a line per cell" grep -qP '^anon +2 +1 ' <<<"$out"
go many --set PFT_WORKLOADS="anon null" --set PFT_PIN="none compact" --set PFT_CLIENTS=1 --set PFT_ITERATIONS=1
same "each variant is an mmtests run of its own" 4 "$(find "$R/many" -name pft-1.log | wc -l)"
FAKE_TRACE=$TMP/trace.o go over --set PFT_CLIENTS=4096 --set PFT_ITERATIONS=1 --set PFT_MAPPING_SIZE=1G
check "more clients than CPUs are not clipped" grep -q -- --oversubscribe "$TMP/trace.o"
FAKE_TRACE=$TMP/trace.w go warm --set PFT_WARMUP=2 --set PFT_ITERATIONS=1
same "warm-up steps run and leave no sample" "5 3 0" "$(wc -l <"$TMP/trace.w") $(ends warm)"

# What pft could not run in any step is found before the first.
run "$FAULTSCALE" run --config "$TMP/config" --name unknown --results "$R" --pft "$PFT" --set "PFT_WORKLOADS=anon nosuch"
same "an unknown workload ends the run before it begins" 2 "$rc"
check "and is named, with where and what to do" \
	grep -q "^faultscale run: --set: PFT_WORKLOADS: cannot run 'nosuch' with 1 client: .*pft --list workloads" <<<"$err"
check "and leaves nothing" [ ! -e "$R/unknown" ]
for code in 1 2; do
	FAKE_CHECK=$code go unknown
	same "a pft that exits $code when asked" "$code faultscale run: cannot run 'anon' with 1 client: exit $code" "$rc $err"
done

# A pft that fails: the step is recorded with the reason, the run goes on and exits 1.
while IFS=$'\t' read -r mode reason; do
	limit=60
	case $mode in hang | deaf) limit=2 ;; esac
	FAKE=$mode FAKE_AT=2 FAKE_PID=$TMP/pid go "f-$mode" --set PFT_ITERATIONS=1 --set PFT_TIMEOUT=$limit
	same "'$mode' fails its step and no other" "1 2 1" "$rc $(ends "f-$mode")"
	check "'$mode' is recorded" grep -qP "\t2\t0\tstep\tall\ttext\tfailed\tfailed: $reason" "$R/f-$mode/samples.tsv"
	check "'$mode' is told" grep -qP "step 1 failed \(anon, 2 clients, iteration 0\): $reason" <<<"$err"
done <<'END'
hang	not done after 2 s
deaf	not done after 2 s
signal	killed by signal 11 \(Segmentation fault\)$
killed	killed by signal 9 \(Killed\) \(out of memory\? see dmesg\)$
exit	exit 1: pft: no memory, with '1G'$
garbage	rows:1: not a faultscale table
words	rows:3: 'many' of faults/sec is not a number
forged	rows:3: no name for a metric of pft, 'step'
fewer	it did not run 2 workers, but says
half	rows:4: half a row
norows	it wrote no rows
noline	it printed no result line
END
same "a failed step leaves its reason in mmtests' log" "pft: iteration 0 failed: exit 1: pft: no memory, with '1G'" \
	"$(cat "$R/f-exit/iter-0/pft/logs/pft-2.log")"
same "a failed step leaves no rate" "" "$(grep -P '\t2\t0\tfaults' "$R/f-half/samples.tsv")"
same "the failed steps are counted" "complete 1" "$(fact f-half status) $(fact f-half failed_steps)"
check "a hung pft is gone" test ! -e "/proc/$(cat "$TMP/pid")"
FAKE="exit" go f-all --set PFT_ITERATIONS=5
same "failures are told up to ten" 11 "$(grep -cE ' failed \(|and 5 more' <<<"$err")"
check "nothing to compare where all failed" [ -z "$(grep '^next:' <<<"$out")" ]
check "but how to run them again" grep -q -- "--resume f-all .* --retry-failed" <<<"$out"

# Failed steps can be run again, and only they are.
again="faultscale run --resume f-exit --results $R"
run "$FAULTSCALE" ${again#faultscale } --pft "$FAKE_PFT"
same "failed steps stay failed" "1 2 1" "$rc $(ends f-exit)"
check "how to run them again is told" grep -qxF "to run failed steps again: $again --retry-failed" <<<"$out"
FAKE="exit" run "$FAULTSCALE" ${again#faultscale } --retry-failed --pft "$FAKE_PFT"
same "what fails again is recorded again" "1 2 1" "$rc $(ends f-exit)"
cp "$R/f-exit/samples.tsv" "$TMP/failed"
FAKE_TRACE=$TMP/trace.r run "$FAULTSCALE" ${again#faultscale } --retry-failed --pft "$FAKE_PFT"
same "--retry-failed runs them" "0 3 0 1" "$rc $(ends f-exit) $(wc -l <"$TMP/trace.r")"
same "and keeps what was good" "$(grep -v $'^1\t' "$TMP/failed")" "$(grep -v $'^1\t' "$R/f-exit/samples.tsv")"
same "and is on record" "1 1 - complete" "$(fact f-exit retried_steps | xargs) $(fact f-exit failed_steps | grep . || echo -) $(fact f-exit status)"
same "mmtests' log is made anew" "   0    2   1" "$(cut -c 1-13 "$R/f-exit/iter-0/pft/logs/pft-2.log")"
run "$FAULTSCALE" ${again#faultscale } --retry-failed --pft "$FAKE_PFT"
same "without failed steps there is nothing to do" "0 1" "$rc $(grep -c 'nothing to do' <<<"$out")"

# What is refused leaves nothing behind.
refuse() { # refuse NAME RC REGEX ARGS...
	run "$FAULTSCALE" run "${@:4}"
	same "refused: $1" "$2" "$rc"
	check "refused: $1: one line says why" grep -qE "^faultscale run: $3" <<<"$err"
}
refuse "no config" 2 "no config" --name x
refuse "no name" 2 "the run has no name" --config "$TMP/config"
refuse "no such config" 2 ".*/nowhere" --config "$TMP/nowhere" --name x --results "$R" --pft "$FAKE_PFT"
refuse "unknown option" 2 "unrecognized option" --nowhere
refuse "too many words" 2 "unexpected argument, with 'x'" --config "$TMP/config" --name x x
refuse "no such order" 2 ".*PFT_ORDER" --config "$TMP/config" --name x --order up --results "$R" --pft "$FAKE_PFT"
refuse "no pft" 2 "cannot run '/nonexistent/pft'" --config "$TMP/config" --name x --results "$R" --pft /nonexistent/pft
refuse "resume with a config" 2 "--resume goes on" --resume x --config "$TMP/config"
refuse "retry without resume" 2 "--retry-failed needs" --config "$TMP/config" --name x --retry-failed
refuse "resume of nothing" 2 "there is no run '$R/nothing'" --resume nothing --results "$R" --pft "$FAKE_PFT"
refuse "results below a file" 1 "cannot make the directory" --config "$TMP/config" --name x --results "$TMP/config/r" --pft "$FAKE_PFT"
for name in -x .x a/b 'a b' '' ..; do
	refuse "the name '$name'" 2 "'.*' cannot name a run" --config "$TMP/config" --name="$name" --results "$R" --pft "$FAKE_PFT"
done
check "a refused run leaves no directory" test ! -e "$R/x"
mkdir "$R/empty"
refuse "resume of a run without a plan" 2 "'$R/empty' has no plan.tsv" --resume empty --results "$R" --pft "$FAKE_PFT"

run "$FAULTSCALE" run --help
same "--help" 0 "$rc"
for option in config name results set order resume retry-failed pft time; do
	check "--help has --$option" grep -q -- "--$option" <<<"$out"
done
finish
