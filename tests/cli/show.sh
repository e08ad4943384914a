#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale show: the table in a pipe, and the curves on terminals of several widths and locales.
# Golden files: tests/golden/show. UPDATE=1 writes them anew.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
golden=$TOP/tests/golden/show
unset NO_COLOR LANG LC_ALL LC_CTYPE

# make_run NAME KNEE VARIANT...: 1 to 56 clients, which share KNEE of something
make_run() {
	mkdir -p "results/$1"
	awk -v knee="$2" -v variants="${*:3}" 'BEGIN {
		OFS = "\t"
		print "# faultscale samples 1"
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status"
		nv = split(variants, v, " ")
		nc = split("1 2 3 5 8 12 20 28 56", c, " ")
		for (a = 1; a <= nv; a++) for (b = 1; b <= nc; b++) for (i = 0; i < 4; i++) {
			rate = (500000 + 5000 * i) / (1 + c[b] / (knee * a))
			head = s++ OFS v[a] OFS c[b] OFS i
			print head, "faults/cpu", "all", "1/s", rate, "ok"
			print head, "faults/sec", "all", "1/s", rate * c[b], "ok"
			print head, "system_s", "all", "s", 1000 / rate, "ok"
			print head, "step", "all", "text", "done", "ok"
		}
	}' >"results/$1/samples.tsv"
}
make_run base 10 anon
make_run new 40 anon
make_run locks 10 vma-refcnt spf rwsem
printf '# faultscale meta 1\nkey\tvalue\n%s\n' "started	2026-01-31T12:00:00Z" "status	complete" "kernel	Linux 6.18.1" \
	"cpus	packages 2, nodes 2, cores 28, CPUs 56" "cpu_model	Some CPU" "machine	bare metal" "warning	a governor" | sed '4,$ {/^#/d; /^key/d}' >results/base/meta.tsv

# golden NAME: what is on stdin
golden() {
	cat >"$TMP/got"
	[ -z "${UPDATE:-}" ] || { mkdir -p "$golden" && cp "$TMP/got" "$golden/$1"; }
	same_file "$1" "$golden/$1" "$TMP/got"
}
# tty COLUMNS COMMAND...: its output on a terminal so wide, to $TMP/tty
tty() {
	local columns=$1 words
	shift
	words=$(printf ' %q' "$@")
	script -qec "stty cols $columns rows 40; exec$words" /dev/null </dev/null | tr -d '\r' >"$TMP/tty"
}
# widest FILE: columns of its longest line, by characters, without what only colours it
widest() { sed 's/\x1b\[[0-9;]*m//g' "$1" | LC_ALL=C.UTF-8 wc -L; }

export TERM=xterm
"$FAULTSCALE" show base >"$TMP/out"
golden pipe <"$TMP/out"
check "a pipe has no blocks and no colours" test -z "$(LC_ALL=C tr -d '\n -~' <"$TMP/out")"
LC_ALL=C.UTF-8 "$FAULTSCALE" show base new | golden pipe.two
LC_ALL=C.UTF-8 "$FAULTSCALE" show base new >"$TMP/out"
check "neither has one in a UTF-8 locale" test -z "$(LC_ALL=C tr -d '\n -~' <"$TMP/out")"

for columns in 40 60 80 132; do
	NO_COLOR=1 LC_ALL=C.UTF-8 tty $columns "$FAULTSCALE" show base new
	sed -n '/^faults\/cpu, base/,$p' "$TMP/tty" | golden "tty.$columns"
	sed -n '/^faults\/cpu, base/,$p' "$TMP/tty" >"$TMP/curves"
	check "$columns columns are kept" test "$(sed '$d' "$TMP/curves" | widest /dev/stdin)" -le $columns
	check "$columns columns are used" test "$(sed '$d' "$TMP/curves" | widest /dev/stdin)" -ge $((columns * 9 / 10 - 1))
done
NO_COLOR=1 LC_ALL=C.UTF-8 tty 80 "$FAULTSCALE" show locks --metric faults/sec
sed -n '/^$/,$p' "$TMP/tty" | golden tty.variants
check "a tty shows the table too" grep -q '^faults/sec  spf ' "$TMP/tty"
NO_COLOR=1 LC_ALL=C tty 80 "$FAULTSCALE" show base
golden tty.ascii <"$TMP/tty"
check "the C locale gets ASCII" test -z "$(LC_ALL=C tr -d '\n -~' <"$TMP/tty")"
LC_ALL=C.UTF-8 tty 80 "$FAULTSCALE" show base new
check "a terminal gets colours" grep -q $'\x1b\[34m' "$TMP/tty"
check "the second run another one" grep -q $'\x1b\[33m' "$TMP/tty"
check "the ideal is made bold once in a row of its dots" grep -q $'\x1b\\[34m[^\x1b]*\x1b\\[1m·*··' "$TMP/tty"
same "and not dot by dot" 0 "$(grep -c $'·\x1b\\[m\x1b\\[3[34]m\x1b\\[1m' "$TMP/tty")"
check "colours take no room" test "$(widest "$TMP/tty")" -le 80
LC_ALL=C.UTF-8 NO_COLOR='' tty 80 "$FAULTSCALE" show base
check "an empty NO_COLOR is none" grep -q $'\x1b' "$TMP/tty"
LC_ALL=C.UTF-8 TERM=dumb tty 80 "$FAULTSCALE" show base
check "a dumb terminal has no colours" test "$(grep -c $'\x1b' "$TMP/tty")" = 0
NO_COLOR=1 LC_ALL=C.UTF-8 tty 80 "$FAULTSCALE" show --metric system_s base
check "without an ideal none is explained" test "$(grep -c ideal: "$TMP/tty")" = 0
check "and the curve is there" grep -q '█' "$TMP/tty"
NO_COLOR=1 LC_ALL=C.UTF-8 tty 80 "$FAULTSCALE" show --only clients=8 base
check "one client count is a curve too" grep -q '█' "$TMP/tty"

# Names that do not fit, characters of several bytes, rates of which nothing can be drawn, one simulated run.
make_run long 10 a-variant-with-quite-a-long-name-one a-variant-with-quite-a-long-name-two
NO_COLOR=1 LC_ALL=C.UTF-8 tty 40 "$FAULTSCALE" show --metric faults/sec long
check "a title that is too long keeps its ends" grep -qE '^faults/sec \.\.[a-z-]*long-name-two *$' "$TMP/tty"
make_run letters 10 größe anon
"$FAULTSCALE" show letters >"$TMP/out"
same "characters of several bytes are one column wide" 1 \
	"$(sed -n '/größe\|anon/p' "$TMP/out" | sed 's/ö\|ß/x/g' | LC_ALL=C awk '{ print length($0) }' | sort -u | wc -l)"
mkdir -p results/nothing
awk -F'\t' -v OFS='\t' '$5 ~ /^faults/ { $8 = 0 } { print }' results/base/samples.tsv >results/nothing/samples.tsv
NO_COLOR=1 LC_ALL=C.UTF-8 tty 80 "$FAULTSCALE" show nothing
same "without a curve no ideal is explained" "0 0" "$(grep -c ideal: "$TMP/tty") $(grep -c '█' "$TMP/tty")"
check "but why there is none" grep -q 'no harmonic mean: a sample is not above zero' "$TMP/tty"
mkdir -p results/little
awk -F'\t' -v OFS='\t' '$2 ~ /one$/ && $5 == "system_s" { $8 /= 1e6 } { print }' results/long/samples.tsv >results/little/samples.tsv
NO_COLOR=1 LC_ALL=C.UTF-8 tty 132 "$FAULTSCALE" show --metric system_s little
check "little is not nothing" env LC_ALL=C.UTF-8 grep -qE '│▁{20}.*│[▂▃▄▅▆▇█]' "$TMP/tty"
mkdir -p results/sim
awk -F'\t' 'NR < 3 || $4 == 0' results/base/samples.tsv >results/sim/samples.tsv
cp results/base/meta.tsv results/sim
{ printf '# faultscale plan 1\nstep\tvariant\tworkload\tpin\tmem\tpagesize\tmode\tclients\titeration\tbytes\tcpus\tnodes\textra\n'
	awk -F'\t' -v OFS='\t' '$5 == "step" { print $1, $2, "engine-anon", "compact", "default", "base", "threads", $3, 0, 4096, "-", "-", "--machine broadwell-2x14x2" }' \
		results/sim/samples.tsv; } >results/sim/plan.tsv
run "$FAULTSCALE" show sim
same "a simulated run: no word of missing samples" "0 " "$rc $err"
check "but of the machine" grep -qx '  simulated broadwell-2x14x2' <<<"$out"

# What is in a file does not steer a terminal.
mkdir -p results/odd
sed "s/vma-refcnt/an$(printf '\033')[2Jon/" results/locks/samples.tsv >results/odd/samples.tsv
printf '# faultscale meta 1\nkey\tvalue\nkernel\tLinux \033[2J\n' >results/odd/meta.tsv
cp -r results/odd results/odd2
NO_COLOR=1 LC_ALL=C.UTF-8 tty 80 "$FAULTSCALE" show odd odd2
check "escape sequences in a run are not printed" test "$(grep -c $'\x1b' "$TMP/tty")" = 0

# refused NAME TEXT ARG...
refused() {
	run "$FAULTSCALE" show "${@:3}"
	same "$1: exit 2" 2 "$rc"
	check "$1: with the reason" grep -qF -- "$2" <<<"$err"
}
refused "no run" "name the runs"
refused "three runs" "there can be 2 runs, 'c' is one more" a b c
echo >results/file
refused "a file" "no run in 'results/file': it is no directory" file
refused "no such run" "no run 'nowhere'" nowhere
refused "no such metric" "no run has the metric 'x'" --metric x base
finish
