#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale offcpu and contention: flame graphs, what is refused, and bad input.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
mkdir results
cp -r "$TOP/tests/golden/where/before" "$TOP/tests/golden/where/after" results

# spoil NAME: a copy of run after to break
spoil() { rm -rf "results/$1"; cp -r results/after "results/$1"; }
# count_of REGEX FILE
count_of() { grep -cE "$1" "$2"; }

run "$FAULTSCALE" offcpu --svg one.svg after
same "with a flame graph: exit 0" 0 "$rc"
same "with a flame graph: the report as well" "$(cat "$TOP/tests/golden/where/expected/offcpu.txt")" "$out"
run "$FAULTSCALE" offcpu --svg two.svg before after
run "$FAULTSCALE" contention --svg locks.svg before after
for svg in one two locks; do
	check "$svg.svg is well-formed XML" xmllint --noout "$svg.svg"
	same "$svg.svg needs nothing from outside and no script" 0 "$(count_of '<script|href|url\(|<image|@import' "$svg.svg")"
done
# at XPATH FILE: a string value
at() { xmllint --xpath "string($1)" "$2"; }
same "one.svg: a title for readers" "Off-CPU time, after" "$(at '/*/*[@id="flame-title"]' one.svg)"
same "one.svg: is an image with a name" "img flame-title flame-words" "$(at '/*/@role' one.svg) $(at '/*/@aria-labelledby' one.svg)"
same "one.svg: all is as wide as the picture" 1180.0 "$(at '(//*[local-name()="g"])[1]/*[local-name()="rect"]/@width' one.svg)"
same "one.svg: a frame says its numbers" "lock_mm_and_find_vma: 3240.0 us per 1000 faults, 87.1% of all" \
	"$(grep -oE 'lock_mm_and_find_vma: [^<]*' one.svg)"
same "two.svg: a frame says the change" "__vm_munmap: 60.0 to 360.0 us per 1000 faults (+300.0)" \
	"$(grep -oE '__vm_munmap: [^<]*' two.svg)"
check "two.svg: what grew is red" grep -q '__vm_munmap: .*class="more3"' two.svg
run "$FAULTSCALE" offcpu --svg back.svg after before
check "the other way round it is blue" grep -q '__vm_munmap: .*class="less3"' back.svg
check "colours for dark pages" grep -q 'prefers-color-scheme:dark' one.svg

spoil x && sed -i 's/fill_pages+0x8/<script>alert(1)<\/script>/; s/__vm_munmap/a\&b"c/' results/x/offcpu.tsv
run "$FAULTSCALE" offcpu --svg x.svg x
check "markup in a stack: well-formed" xmllint --noout x.svg
same "markup in a stack: is text" 0 "$(count_of '<script' x.svg)"
check "markup in a stack: can be read" grep -q '<title>&lt;script&gt;alert(1)&lt;/script&gt;: ' x.svg
run "$FAULTSCALE" offcpu --format markdown x
same "markup in a stack: none in markdown" 0 "$(grep -c '<script' <<<"$out")"

esc=$(printf '\033')
spoil x && sed -i "3,\$ s/fill_pages/fi${esc}[2Jll/; 3,\$ s/anon/an${esc}[2Jon/; 3,\$ s/mutex/mu${esc}[2Jtex/; 3,\$ s/unsupported:/unsupported:${esc}[2J/" results/x/*.tsv
for what in "offcpu x" "offcpu before x" "contention x" "offcpu --format markdown x"; do
	run "$FAULTSCALE" $what
	check "$what: clears no screen" grep -qF '?[2J' <<<"$out"
	same "$what: lets no escape sequence out" "" "$(grep -F "$esc" <<<"$out$err")"
done

run "$FAULTSCALE" offcpu --folded before after
same "folded: three columns, as difffolded.pl has them" 3 "$(grep -cE '^12 clients;[^;]+;.*\] [0-9]+ [0-9]+$' <<<"$out")"

mkdir results/less
for file in results/after/*.tsv; do awk -F'\t' 'NR < 3 || $3 == 1' "$file" >"results/less/${file##*/}"; done
run "$FAULTSCALE" offcpu --folded less after
same "folded: a client count that one run lacks is no change" "0 " "$rc $out"
run "$FAULTSCALE" offcpu less after
same "tables: it is absent, not 0" "12 all - 31.0% - 3720.0 - -" "$(grep -E '^ +12  all' <<<"$out" | xargs | cut -d ' ' -f 1-8)"
check "words: of the largest count that both have" grep -q '^At 1 client ' <<<"$out"

# Two values of a dimension of one run.
printf '# faultscale plan 1\nstep\tvariant\tworkload\tpin\tmem\tpagesize\tmode\tclients\titeration\tbytes\tcpus\tnodes\textra\n' >plan
mkdir results/two
for file in samples offcpu waits probes mmap_lock; do
	cp "results/before/$file.tsv" results/two
	sed '1,2d; s/\tanon\t/\tanon2\t/; s/^[0-9]*/1&/' "results/after/$file.tsv" >>"results/two/$file.tsv"
done
{ cat plan; printf '%s\n' 0,anon,anon,none 1,anon2,anon,spread | tr , '\t' |
	sed 's/$/\tdefault\tbase\tthreads\t12\t0\t4096\t-\t-\t-/'; } >results/two/plan.tsv
run "$FAULTSCALE" offcpu --by pin two
same "--by: before and after are the two values" \
	"$(sed -n 1p "$TOP/tests/golden/where/expected/offcpu-change.txt")" "$(head -n 1 <<<"$out")"
run "$FAULTSCALE" offcpu two
same "several variants: a paragraph each" "anon: at 12 clients 4.0% anon2: at 12 clients 31%" \
	"$(grep -oE '^anon2?: at 12 clients [0-9.]+%' <<<"$out" | xargs)"

# bad NAME MESSAGE ARGUMENT...: exit 2, one line on stderr that holds MESSAGE
bad() {
	local name=$1 message=$2
	shift 2
	run "$FAULTSCALE" "$@"
	if [ "$rc" = 2 ] && [ "$(wc -l <"$TMP/.err")" = 1 ] && [ -z "$out" ] && [[ $err = *"$message"* ]]; then
		ok "$name"
	else
		not_ok "$name" "exit $rc: $out $err"
	fi
}
spoil l && sed -i 's/\(offcpu\tok\t41200\t\)0/\11000/' results/l/probes.tsv
bad "more than 1% lost" "probe 'offcpu' lost 2.4% of its events with clients=1" offcpu l
run "$FAULTSCALE" offcpu --lossy l
same "--lossy prints it" "0 1" "$rc $(grep -c "lost 2.4% of its events" <<<"$err")"
run "$FAULTSCALE" contention l
same "what another probe lost does not matter" "0 " "$rc $err"
spoil p && sed -i 's/offcpu\tok\t41200\t[0-9]*/offcpu\tunsupported: no BTF in this kernel\t-\t-/' results/p/probes.tsv
run "$FAULTSCALE" offcpu p
same "a probe that did not run is one line" "p: probe 'offcpu' did not run: no BTF in this kernel" \
	"$(grep "'offcpu'" <<<"$out")"
same "and there are no waits, not even 0%" 0 "$(grep -c 'of thread time is' <<<"$out")"
bad "but no flame graph" "the probe did not run in p: no BTF" offcpu --folded p
mkdir results/plain && cp results/after/samples.tsv results/plain
bad "a run that was not explained" "run 'results/plain' was not explained" offcpu plain
bad "three runs" "3 columns ('before', 'after', ...): one or two" offcpu before after two
bad "--only of nothing" "no explained iteration is left" offcpu --only clients=7 after
bad "a file that cannot be written" "cannot write 'no/dir.svg'" offcpu --svg no/dir.svg after
spoil b && sed -i '3s/blocked/stuck/' results/b/offcpu.tsv
bad "an unknown kind" "results/b/offcpu.tsv:3: unknown kind 'stuck'" offcpu b
spoil n && sed -i '3s/\t40000\t/\tmany\t/' results/n/offcpu.tsv
bad "not a number" "results/n/offcpu.tsv:3: column 'count': not a whole number" offcpu n
spoil v && sed -i '1s/1$/9/' results/v/contention.tsv
bad "an unknown version" "results/v/contention.tsv:1: version '9' of contention is unknown" contention v
spoil t && truncate -s -9 results/t/offcpu.tsv
run "$FAULTSCALE" offcpu t
same "a torn last line: left out and told" \
	"0 faultscale offcpu: warning: results/t/offcpu.tsv: the last line is torn (the run was killed): left out" "$rc $err"
finish
