#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale export: each format against its schema and a golden file, hostile texts, limits, bad input.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
GOLDEN=$TOP/tests/golden/export
mkdir results

# make_run NAME [VARIANT [SED]]: two variants at 1, 2 and 4 clients, 10 iterations; NAME-b has other rates, by cell.
make_run() {
	mkdir -p "results/$1"
	awk -v side="${1##*-}" -v one="${2-anon-compact}" -v rounds="results/$1/rounds.tsv" 'BEGIN {
		OFS = "\t"
		print "# faultscale samples 1"
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status"
		print "# faultscale rounds 1" >rounds
		print "round", "variant", "clients", "metric", "first", "a", "b", "status" >rounds
		split("0.9 1.0 1.15 1.0 0.8 1.0", factor, " ")
		for (s = 0; s < 60; s++) {
			i = int(s / 6); c = s % 6
			variant = c < 3 ? one : "anon-spread"; clients = 2 ^ (c % 3)
			a = 100000 * (c + 1) + 700 * ((i * 7) % 10) * (c + 1)
			f = factor[c + 1] + (c == 3 ? 0.03 * ((i * 3) % 7 - 3) : 0.0001 * ((i * 3) % 7 - 3))
			b = a * f
			failed = c == 5 && i == 4
			print i, variant, clients, "faults/sec", i % 2 ? "b" : "a", a, failed ? "-" : b, failed ? "side b failed: no memory" : "ok" >rounds
			rate = side == "b" ? b : a
			head = s OFS variant OFS clients OFS i
			print head, "faults/cpu", "all", "1/s", rate / clients, "ok"
			print head, "faults/sec", "all", "1/s", rate, "ok"
			print head, "system_s", "all", "s", 1e6 / rate, "ok"
			print head, "minor_faults", "all", "1", 1000, "ok"
			print head, "hardware.cycles:k/fault", "all", "1", "-", "unsupported: no PMU", ""
			print head, "step", "all", "text", "done", "ok"
		}
	}' >"results/$1/samples.tsv"
	{
		printf '# faultscale meta 1\nkey\tvalue\nversion_pft\tpft 1\nstatus\tcomplete\n'
		printf 'ab_side\t%s\nab_other\tt-%s\n' "${1##*-}" "$(tr ab ba <<<"${1##*-}")"
		printf 'ab_delta\t0.02\nab_alpha\t0.05\nab_min_rounds\t10\nab_look_every\t5\nab_max_rounds\t10\n'
	} >"results/$1/meta.tsv"
}
make_run t-a
make_run t-b
rm results/t-b/rounds.tsv
cp -r results/t-a results/old
cp -r results/t-b results/new
sed -i /ab_/d results/{old,new}/meta.tsv
export_() { run "$FAULTSCALE" export "$@"; }

run "$FAULTSCALE" export --list
formats=$(awk '{print $1}' <<<"$out" | xargs)
same "--list" "google-benchmark benchstat bencher github-action-benchmark tsv junit github-annotations github-summary" "$formats"

# Golden files: a run alone, a pair of ab, two runs recorded apart. UPDATE=1 writes them anew.
for format in $formats; do
	for what in "run old" "pair t-b t-a" "apart new old"; do
		read -r name args <<<"$what"
		# shellcheck disable=SC2086
		export_ --format "$format" $args
		same "$format, $name: exit 0, nothing on stderr" "0 " "$rc $err"
		[ -z "${UPDATE-}" ] || cp "$TMP/.out" "$GOLDEN/$format.$name"
		same_file "$format, $name" "$GOLDEN/$format.$name" "$TMP/.out"
	done
done

# holds NAME FILE JQ: the JSON has the form that its readers want
holds() { check "$1" jq -e "$3" "$2"; }
google='(.context | type == "object") and (.benchmarks | length > 0 and all(
	(.name | type == "string") and .run_type == "iteration" and (.real_time > 0) and (.cpu_time > 0) and .time_unit == "ns" and
	.items_per_second > 0 and .repetition_index < .repetitions and (.iterations | type == "number")))'
bencher='type == "object" and length > 0 and all(keys[]; length <= 1024) and all(.[]; length > 0 and all(keys[]; length <= 64) and
	all(.[]; (keys - ["value", "lower_value", "upper_value"] == []) and .lower_value <= .value and .value <= .upper_value))'
github='type == "array" and length > 0 and all(.[]; (keys - ["name", "unit", "value", "range", "extra"] == []) and
	(.name | type == "string") and (.unit | type == "string") and (.value | type == "number") and ([.range, .extra] | all(type == "string")))'
# schemas NAME ARGUMENT...: all formats that have a schema, of these runs
schemas() {
	local name=$1
	shift
	"$FAULTSCALE" export --format google-benchmark "$@" >g.json 2>/dev/null
	holds "$name: google-benchmark as its readers want it" g.json "$google"
	"$FAULTSCALE" export --format bencher "$@" >b.json 2>/dev/null
	holds "$name: BMF" b.json "$bencher"
	"$FAULTSCALE" export --format github-action-benchmark "$@" >a.json 2>/dev/null
	holds "$name: github-action-benchmark" a.json "$github"
	"$FAULTSCALE" export --format junit "$@" >j.xml 2>/dev/null
	check "$name: JUnit" xmllint --noout --schema "$GOLDEN/junit.xsd" j.xml
	"$FAULTSCALE" export --format benchstat "$@" >s.txt 2>/dev/null
	check "$name: benchstat" test "$(grep -cvE '^(pkg: faultscale|Unit [^ ]+ better=(higher|lower)|Benchmark[^ ]+ 1( [0-9.e+-]+ [^ ]+)+)$' s.txt)" = 0
	"$FAULTSCALE" export --format github-annotations "$@" >c.txt 2>/dev/null
	check "$name: annotations" test "$(grep -cvE '^::(error|warning|notice) title=[^:,]*::' c.txt)" = 0
}
schemas "a run" old
schemas "a pair" t-b t-a
holds "an iteration's times are those of one fault" g.json '.benchmarks[0] | .real_time * .items_per_second > 999999999 and .real_time * .items_per_second < 1000000001'

# Verdicts reach the formats.
export_ --format tsv t-b t-a
same "verdicts of the rounds" "regression same improvement inconclusive regression invalid" "$(awk -F'\t' 'NR > 2 {print $12}' <<<"$out" | xargs)"
check "in a sentence" grep -qP '\tregression\tslower by 10\.0% \[' <<<"$out"
same "of the metric that was judged, and no other" "faults/sec" "$(awk -F'\t' 'NR > 2 {print $3}' <<<"$out" | sort -u)"
verdicts=$out
sed -i 's/\tanon-compact\t/\tanon-compact | anon-other\t/' results/t-a/rounds.tsv
export_ --format tsv t-b t-a
same "of side a, where the sides have other variants" "$verdicts" "$out"
sed -i 's/ | anon-other//' results/t-a/rounds.tsv
export_ --format tsv --metric faults/cpu t-b t-a
same "another metric has none" "-" "$(awk -F'\t' 'NR > 2 {print $12}' <<<"$out" | sort -u)"
export_ --format tsv new old
same "runs recorded apart: what the gate says" "$("$FAULTSCALE" gate --format tsv old new 2>/dev/null | awk -F'\t' 'NR > 2 {print $2, $3, $1, $4}' | sort)" \
	"$(awk -F'\t' 'NR > 2 {print $1, $2, $3, $12}' <<<"$out" | sort)"
same "several kinds of it" "improvement inconclusive regression same" "$(awk -F'\t' 'NR > 2 {print $12}' <<<"$out" | sort -u | xargs)"
printf 'GATE_METRICS=faults/sec\nGATE_DELTA=12%%\n' >gate.config
export_ --format tsv --config gate.config new old
same "by the gate's config" "same same improvement same regression same" "$(awk -F'\t' 'NR > 2 {print $12}' <<<"$out" | xargs)"
cp -r results/new results/unlike
sed -i 's/pft 1/pft 2/' results/unlike/meta.tsv
export_ --format tsv unlike old
check "runs that were not measured alike are invalid" test "$(grep -cP "\tinvalid\tnot measured alike: .*'pft 2'" <<<"$out")" = 12
same "JUnit counts" "6 2 1 1" "$("$FAULTSCALE" export --format junit t-b t-a | xmllint --xpath 'concat(//testsuite/@tests, " ", //testsuite/@failures, " ", //testsuite/@errors, " ", //testsuite/@skipped)' -)"
cp -r results/new results/gap
sed -i 's/^\([0-9]*\tanon-spread\t4\t.*faults\/sec.*\t\)[0-9.]*\tok$/\1-\tunavailable: gone/' results/gap/samples.tsv
export_ --format junit --metric faults/sec gap old
same "a number that only the base has is an error" "1 invalid: no value in 10 iterations of 'gap': unavailable: gone" \
	"$(xmllint --xpath 'concat(//testsuite/@errors, " ", //error/@message)' - <<<"$out")"
export_ --format junit --metric 'hardware.cycles:k/fault' old
same "no PMU is skipped" "6 unsupported: no PMU" "$(xmllint --xpath 'concat(//testsuite/@skipped, " ", //skipped/@message)' - <<<"$out")"

# Texts from a run are escaped: in XML, JSON, workflow commands, markdown and tables.
evil=$(printf '<script>alert("1")</script>]]>&|`*,:%%0A::error::x\001\033[31m\377')
make_run h-a "$evil"
cp -r results/h-a "results/h<&\"b"
schemas "hostile texts" "h<&\"b" --metric faults/sec,faults/cpu
same "XML: nothing of it is an element" 0 "$(xmllint --xpath 'count(//script)' j.xml)"
same "XML: the text is whole" '<script>alert("1")</script>]]>&|`*,:%0A::error::x��[31m�' "$(xmllint --xpath 'string(//testcase[1]/@classname)' j.xml)"
same "JSON: the text is whole" 'pft/<script>alert("1")</script>]]>&|`*,:%0A::error::x��[31m�/clients:1' "$(jq -r '.benchmarks[0].name' g.json)"
check "annotations: one command a line, the text escaped" grep -q '^::notice title=.*%2C%3A%250A%3A%3Aerror%3A%3Ax' c.txt
same "annotations: none that the text made" 0 "$(grep -c '^::error' c.txt)"
"$FAULTSCALE" export --format github-summary "h<&\"b" >m.md
same "markdown: no tag, no bar that ends a cell" "0 4" "$(grep -c '<script' m.md) $(grep -m 1 script m.md | tr -dc '|' | wc -c)"
same "no control character in any" 0 "$(cat g.json b.json a.json j.xml s.txt c.txt m.md | LC_ALL=C tr -d '\n' | LC_ALL=C grep -c '[[:cntrl:]]')"

# Limits of GitHub. big NAME VARIANTS LENGTH FACTOR: a run of one client count with long names
big() {
	mkdir -p "results/$1"
	awk -v n="$2" -v len="$3" -v factor="$4" 'BEGIN {
		OFS = "\t"
		print "# faultscale samples 1"
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status"
		long = sprintf("%*s", len, ""); gsub(/ /, "x", long)
		for (s = 0; s < 2 * n; s++) {
			print s, "v" s % n long, 1, int(s / n), "faults/sec", "all", "1/s", (100 + s % n) * (1 - factor * (s % n)), "ok"
			print s, "v" s % n long, 1, int(s / n), "step", "all", "text", "done", "ok"
		}
	}' >"results/$1/samples.tsv"
}
big long 1100 1100 0
"$FAULTSCALE" export --format github-summary --metric faults/sec long >m.md
check "a summary of less than 1 MiB" test "$(wc -c <m.md)" -gt 890000 -a "$(wc -c <m.md)" -lt 910000
check "and how much is not there" grep -qE '^[0-9]+ more rows are left out, .*artifact' m.md
same "every row is either" 1100 "$(($(grep -c '^| faults' m.md) + $(sed -n 's/ more rows.*//p' m.md)))"
"$FAULTSCALE" export --format bencher --metric faults/sec long >b.json
holds "names of BMF are cut, and stay apart" b.json "$bencher"' and length == 1100'
big many 30 0 0
export_ --format github-annotations --metric faults/sec many
same "ten annotations of a kind" 10 "$(wc -l <<<"$out")"
same "the first says what is left out" "::notice title=page faults::30 figures, no verdict; 21 more are not shown here" "$(head -n 1 <<<"$out")"
sed 's/\t[0-9.e+]*\tok$/\t-\tunavailable: gone/; s/\tdone\t.*/\tdone\tok/' results/many/samples.tsv >many.tsv
mkdir results/none && mv many.tsv results/none/samples.tsv
export_ --format github-annotations --metric faults/sec none many
same "the worst kind first" "10 ::error title=page faults::30 invalid of 30; 21 more are not shown here" "$(wc -l <<<"$out") $(head -n 1 <<<"$out")"

# Where it goes.
export_ --format bencher -o out.json old
same "-o: nothing on stdout" "0 " "$rc $out"
same_file "-o: the same bytes" "$GOLDEN/bencher.run" out.json
export_ --format bencher -o - old
same_file "-o -: on stdout" "$GOLDEN/bencher.run" "$TMP/.out"
export_ --format bencher -o nosuch/out.json old
same "a file that cannot be written" "1 faultscale export: cannot write 'nosuch/out.json': No such file or directory" "$rc $err"
export_ --format bencher -o /dev/full old
same "a full disk is told" "1 faultscale export: cannot write '/dev/full': No space left on device" "$rc $err"

# bad NAME MESSAGE ARGUMENT...: exit 2 and a first line that holds MESSAGE, nothing on stdout
bad() {
	local name=$1 message=$2
	shift 2
	export_ "$@"
	if [ "$rc" = 2 ] && [ -z "$out" ] && [[ $(head -n 1 <<<"$err") = *"$message"* ]]; then ok "$name"; else not_ok "$name" "exit $rc: $out $err"; fi
}
bad "an unknown format" "no such format, with 'xml': there are google-benchmark, benchstat, bencher, github-action-benchmark, tsv, junit" --format xml old
same "in one line" 1 "$(wc -l <<<"$err")"
bad "no format" "which --format? --list names them" old
bad "three runs" "there can be 2 runs" --format tsv old new t-a
bad "no such run" "no run 'nosuch'" --format tsv nosuch
bad "nothing of which more is better" "'old' has no number of which more is better" --format github-action-benchmark --metric system_s old
bad "no number" "'none' has no number" --format bencher --metric faults/sec none
bad "no times" "'many' has no iteration with faults/sec and faults/cpu" --format google-benchmark --metric faults/sec many
bad "the sides the wrong way round" "'t-b' is side b of the comparison with 't-a', which is the base: name it first" --format tsv t-a t-b
# broken NAME MESSAGE SED: rounds.tsv after this edit
broken() {
	rm -rf results/keep && cp -r results/t-a results/keep
	sed -i "$3" results/t-a/rounds.tsv
	bad "$1" "$2" --format tsv t-b t-a
	rm -rf results/t-a && mv results/keep results/t-a
}
broken "rounds: not a number" "results/t-a/rounds.tsv:5: not a number, with 'fast'" '5s/\t[0-9]*\t[0-9.]*\tok/\tfast\t1\tok/'
broken "rounds: another order" "results/t-a/rounds.tsv:9: not the cells of the first round" '9d'
broken "rounds: two metrics" "results/t-a/rounds.tsv:4: two metrics, 'faults/sec' and 'faults/cpu'" '4s/sec/cpu/'
broken "rounds: torn" "rounds.tsv: the last round lacks cells" '$d'
broken "rounds: none" "no rounds of a metric that has a better" '3,$d'
sed -i '/^ab_alpha/d' results/t-a/meta.tsv
bad "a rule without alpha" "results/t-a/meta.tsv: the share of false alarms is not between" --format tsv t-b t-a
finish
