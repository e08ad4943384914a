#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale guest: a sweep on two nodes of a kernel of one's choice comes back as an ordinary run; a kernel that
# crashes leaves its last lines. boots.sh has what takes several boots.
. "$(dirname "$0")/lib.sh"
guest_or_skip "faultscale guest"
cat >"$TMP/config" <<'END'
export PFT_PIN="compact spread" PFT_CLIENTS="1 2" PFT_MAPPING_SIZE=2M PFT_ITERATIONS=2 PFT_WARMUP=0
END
# guest ARGS...: with the results of this test
guest() { run "$FAULTSCALE" guest --results "$TMP/results" --accel tcg "$@"; }
# fact RUN KEY
fact() { awk -F '\t' -v k="$2" '$1 == k {print $2}' "$TMP/results/$1/meta.tsv"; }
# values RUN METRIC THREAD: VARIANT CLIENTS VALUE, each once
values() { awk -F '\t' -v m="$2" -v t="$3" '$5 == m && $6 == t {print $2, $3, $8}' "$TMP/results/$1/samples.tsv" | sort -u; }

guest --kernel "$KERNEL/vmlinuz" --nodes 2 --cpus 4 --memory 1G --config "$TMP/config" --name two
same "exit 0" "0 " "$rc $(grep -v warning <<<"$err")"
same "the run says what it did" "$TMP/results/two: 8 of 8 steps done, 0 failed" "$(head -n 1 <<<"$out" | sed 's/, in .*//')"
same "the facts are the guest's" "complete tcg packages 2, nodes 2, cores 4, CPUs 4" \
	"$(fact two status) $(fact two accel) $(fact two cpus)"
same "the config is kept as it was named" "$TMP/config" "$(fact two config)"
same "all steps came back" 8 "$(awk -F '\t' '$5 == "step" && $8 == "done"' "$TMP/results/two/samples.tsv" | wc -l)"
same "workers ran where the plan says" "anon-compact 2 1,anon-spread 2 2" "$(values two worker_cpu_end 1 | paste -sd ,)"
same "mmtests' logs are there" 2 "$(grep -c . "$TMP/results/two/anon-spread/iter-0/pft/logs/pft-2.log")"
check "and nothing else is" test -z "$(find "$TMP/results/two" -name '*.new')"
run "$FAULTSCALE" compare --results "$TMP/results" two --by pin
same "compare reads it" 0 "$rc"

guest --kernel "$(image "$KERNEL")" --append "$QUICK loglevel=7" --config "$TMP/config" --name panic --write /proc/sysrq-trigger=c
same "the kernel crashes: exit 2" 2 "$rc"
check "its last lines are shown" grep -q '^  | .*sysrq' <<<"$err"
same "40 of them" 40 "$(grep -c '^  | ' <<<"$err")"
check "nothing is left of the run" test ! -e "$TMP/results/panic"
finish
