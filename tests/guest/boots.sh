#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes several boots of faultscale guest: a run that was cut short goes on in a guest of the same kind; two
# kernels take turns. Only `make check-guest` runs it, or its name.
. "$(dirname "$0")/lib.sh"
guest_or_skip "boots"
# guest ARGS...: with the results of this test
guest() { run "$FAULTSCALE" guest --results "$TMP/results" --accel tcg "$@"; }
# fact RUN KEY
fact() { awk -F '\t' -v k="$2" '$1 == k {print $2}' "$TMP/results/$1/meta.tsv"; }

# A guest that dies or hangs at a step, and a kill: what was done stays, no emulator does, and the run goes on.
cat >"$TMP/long" <<'END'
export PFT_CLIENTS=1 PFT_MAPPING_SIZE=2M PFT_ITERATIONS=30 PFT_WARMUP=0
END
# gone: the emulator is, or is a zombie that nobody has waited for
gone() { case $(ps -o stat= -p "$emulator") in '' | Z*) true ;; *) false ;; esac; }
done_steps() { awk -F '\t' '$5 == "step"' "$TMP/results/$1/samples.tsv" 2>/dev/null | wc -l; }
# start NAME ARGS...: in the background, until a step is done; sets $pid and $emulator
start() {
	local name=$1
	shift
	"$FAULTSCALE" guest --results "$TMP/results" --accel tcg --cpus 2 --memory 512M "$@" >"$TMP/$name.out" 2>"$TMP/$name.err" &
	pid=$!
	for _ in $(seq 600); do
		[ "$(done_steps "$name")" -gt "${before:-0}" ] && break
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	emulator=$(pgrep -P $pid)
}
start dies --kernel "$(image "$KERNEL")" --append "$QUICK" --config "$TMP/long" --name dies
kill -KILL "$emulator"
wait $pid
same "the emulator dies: exit 2" 2 $?
check "says so" grep -q "^faultscale guest: the emulator ended: killed by signal 9" "$TMP/dies.err"
check "and how to go on" grep -q "go on with: faultscale guest --resume dies --results $TMP/results" "$TMP/dies.err"
before=$(done_steps dies)
check "steps that were done are there, $before of 30" test "$before" -gt 0 -a "$before" -lt 30

# What guest it was stands where no guest can write.
printf 'guest_rootfs\t/nope\n' >>"$TMP/results/dies/meta.tsv"
start dies --resume dies --timeout 10
kill -STOP "$emulator"
wait $pid
same "the guest is silent: exit 2" 2 $?
check "says so, too" grep -q "^faultscale guest: the guest said nothing for 10 s$" "$TMP/dies.err"
check "the emulator is gone" gone
before=$(done_steps dies)

start dies --resume dies
kill -KILL $pid
wait $pid 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do gone && break; sleep 0.1; done
check "killed, it leaves no emulator" gone
guest --resume dies
same "the run goes on to its end" "0 30 complete" "$rc $(done_steps dies) $(fact dies status | tail -n 1)"
same "each step is there once" 30 "$(awk -F '\t' '$5 == "step" {print $1}' "$TMP/results/dies/samples.tsv" | sort -u | wc -l)"
guest --resume dies
same "a complete run has nothing to do" 0 "$rc"

[ ${#KERNELS[@]} = 2 ] || { skip "two kernels" "there is one"; finish; }
compare() {
	run "$FAULTSCALE" guest compare --kernel "$(image "${KERNELS[0]}")" --kernel "$(image "${KERNELS[1]}")" --append "$QUICK" --boots 2 \
		--nodes 2 --cpus 2 --memory 1G --config "$TMP/long" --set PFT_ITERATIONS=3 --name ab \
		--results "$TMP/results" --accel tcg
}
compare
same "two kernels: exit 0" "0 " "$rc $(grep -v warning <<<"$err")"
same "both runs are complete" "complete complete" "$(fact ab-a status | tail -n 1) $(fact ab-b status | tail -n 1)"
check "each is of its kernel" test "$(fact ab-a kernel)" != "$(fact ab-b kernel)"
same "and says so" "ab-a: $(fact ab-a kernel)
ab-b: $(fact ab-b kernel)" "$(head -n 2 <<<"$out")"
check "a table is there" grep -q '^Hmean .*faults/sec-1' <<<"$out"
check "no verdict by an emulator's times" grep -q "^no verdict: an emulator translated the code of 'ab-a', 'ab-b'" <<<"$out"
first=$(fact ab-a started) second=$(fact ab-b started) third=$(fact ab-b resumed) fourth=$(fact ab-a resumed)
same "boots took turns: A B B A" "$first
$second
$third
$fourth" "$(printf '%s\n' "$first" "$second" "$third" "$fourth" | sort)"
compare
check "once more it only compares" grep -q '^Hmean' <<<"$out"
same "and boots nothing" "$fourth" "$(fact ab-a resumed)"
finish
