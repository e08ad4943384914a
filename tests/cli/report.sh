#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# faultscale report and plot: pages of all kinds of runs are sound HTML with sound SVG, hold no foreign markup, ask
# for nothing from outside; what is missing is said. In a real browser: no complaint, no request.
. "$(dirname "$0")/../lib.sh"
cd "$TMP" || exit 1
mkdir results

# make_run NAME [FACTOR [CLIENTS [VARIANT [ITERATIONS]]]]: a run with workers, counters, pins and settings
make_run() {
	mkdir -p "results/$1"
	awk -v factor="${2:-1}" -v clients="${3:-1 2 4 8}" -v variant="${4:-anon}" -v iterations="${5:-6}" \
		-v dir="results/$1" 'BEGIN {
		OFS = "\t"
		nr = split(clients, count, " ")
		samples = dir "/samples.tsv"
		plan = dir "/plan.tsv"
		print "# faultscale samples 1" >samples
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status" >samples
		print "# faultscale plan 1" >plan
		print "step", "variant", "workload", "pin", "mem", "pagesize", "mode", "clients", "iteration", "bytes", "cpus", "nodes", "extra" >plan
		for (i = 0; i < iterations; i++)
			for (k = 1; k <= nr; k++) {
				n = count[k]
				rate = factor * 400000 * n / (1 + 0.1 * (n - 1)) * (1 + 0.01 * ((7 * i + k) % 5 - 2))
				list = ""
				for (w = 0; w < n; w++)
					list = list (w ? "," : "") w % 2
				print step + 0, variant, "anon", "compact", "default", "base", "threads", n, i, 4096000, list, "-", "-" >plan
				head = step + 0 OFS variant OFS n OFS i
				print head, "faults/cpu", "all", "1/s", rate / n * 1.1, "ok" >samples
				print head, "faults/sec", "all", "1/s", rate, "ok" >samples
				print head, "user_s", "all", "s", 0.1 * n, "ok" >samples
				print head, "system_s", "all", "s", 0.6 * n, "ok" >samples
				print head, "wall_s", "all", "s", 1, "ok" >samples
				for (w = 0; w < n; w++) {
					print head, "worker_wall_s", w, "s", 1 - w / n / 10, "ok" >samples
					print head, "worker_faults", w, "1", 1000, "ok" >samples
				}
				print head, "rusage.system_ns/fault", "all", "ns", 600 * n, "ok" >samples
				print head, "hardware.cycles:k/fault", "all", "1", "-", "unsupported: no PMU" >samples
				print head, "time_started", "all", "s", 1795365755 + 2 * step, "ok" >samples
				print head, "step", "all", "text", "done", "ok" >samples
				step++
			}
	}'
	printf '%s\t%s\n' '# faultscale meta 1' '' key value name "$1" kernel 'Linux 6.18' status complete \
		config_text '# A sweep\n\nexport PFT_ITERATIONS=6' | sed '1s/\t//' >"results/$1/meta.tsv"
	cp "$TOP/tests/golden/report/topology.xml" "results/$1"
}
# ids FILE: those of the sections
ids() { grep -oE '<section id="[a-z]+"' "$1" | cut -d '"' -f 2 | xargs; }
# pictures FILE: how many SVGs are drawn
pictures() { grep -c '<svg xmlns=' "$1"; }
# svgs_well_formed FILE: every SVG of the page, those of the legends too
svgs_well_formed() {
	perl -0777 -ne 'print "<all>", join("\n", /<svg .*?<\/svg>/gs), "</all>"' "$1" >svgs.xml
	xmllint --noout svgs.xml
}
# sound NAME FILE: what holds for every page
sound() {
	check "$1: HTML without errors" bash -c 'text=$(tidy -q -e --custom-tags blocklevel "$1" 2>&1 | grep -v "<title> proprietary attribute"); [ -z "$text" ] || { echo "$text"; exit 1; }' - "$2"
	check "$1: each SVG is well-formed XML" svgs_well_formed "$2"
	same "$1: every id is there once" "" "$(grep -oE ' id=["'\''][^"'\'']+' "$2" | sort | uniq -d)"
	same "$1: no script, nothing from outside" "" \
		"$(grep -oiE '<(script|img|iframe|object|embed|base|form)|[^:]href="[^#d][^"]*|@import|url\([^#]' "$2")"
	same "$1: no attribute that runs or loads something" "" \
		"$(sed 's/="[^"]*"/=""/g' "$2" | grep -oiE '<[^>]* (on[a-z]+|src|srcset|action|data|poster)=')"
	same "$1: no colour of gnuplot's own" "" "$(grep -oE "rgb\([^)]*\)|color=\"(black|white|gray)\"" "$2" | sort -u)"
	same "$1: what is referred to exists" "" \
		"$(comm -23 <(grep -oE "(href=['\"]#|url\(#|aria-labelledby=\")[^'\") ]+" "$2" | sed -E "s/.*[#\"]//" | sort -u) \
			<(grep -oE " id=[\"'][^\"']+" "$2" | sed "s/^.....//" | sort -u))"
}
# report NAME ARGUMENT...: NAME.html, which has to be sound
report() {
	local name=$1
	shift
	run "$FAULTSCALE" report -o "$name.html" "$@"
	same "$name: exit" 0 "$rc"
	sound "$name" "$name.html"
}

all="verdict change scaling time counters workers drift placement numbers settings absent"
make_run base
make_run new 1.1
report one base
same "one: all sections but the change" "${all/change /}" "$(ids one.html)"
same "one: charts" 6 "$(pictures one.html)"
check "one: the verdict is a sentence" grep -q "<b>base</b>: 1.89M faults/sec with 8 clients, 399k with 1 client: 4.73 times as many, 59% of the ideal" one.html
check "one: absent counters have their reason" grep -q '<td class="w">unsupported: no PMU</td>' one.html
check "one: workers are on their CPUs" grep -q 'CPU 1 <b>workers 1, 3, 5, 7</b>' one.html
check "one: the config is shown as it is" grep -qx 'export PFT_ITERATIONS=6</pre></dd>' one.html
check "one: an image has a title and a description" grep -q '<desc id="scaling-1-words">faults/sec by clients. base: 399261 at 1, 1888210 at 8. ' one.html
check "one: tables have scopes" grep -q '<tr><th scope="row" class="n">1</th>' one.html
report two base new
same "two: all sections" "$all" "$(ids two.html)"
check "two: the verdict" grep -q "improvement</span> &#39;new&#39; is better than &#39;base&#39; (cells: 8 improvement of 8)" two.html
check "two: nothing differs but usual things" grep -q 'In nothing that is recorded' two.html
report slower new base
check "slower: the verdict" grep -q "regression</span> &#39;base&#39; is worse than &#39;new&#39;" slower.html

sed -i 's/Linux 6.18/Linux 6.19/' results/new/meta.tsv
report unlike base new
check "unlike: no verdict, and why" grep -q "There is no verdict: .* were not measured alike: kernel &#39;Linux 6.19&#39;, not" unlike.html
check "unlike: the difference" grep -q '<th scope="row" class="w">kernel</th><td class="w">Linux 6.18</td><td class="w">Linux 6.19</td>' unlike.html
report forced --force base new
check "forced: a verdict all the same" grep -q 'improvement</span>' forced.html
make_run once 1 1 anon 1
report once once
same "once: all charts are drawn" "0 0" "$(grep -c 'Not drawn' once.html) $(grep -c 'not be drawn' <<<"$err")"
make_run third 0.9
sed -i '/kernel/d' results/third/meta.tsv
report many base third new
same "many: a verdict for each run but the first" 2 "$(grep -c '<p class="verdict' many.html)"

# Sides of ab: the verdict is that of the rounds.
make_run t-a 1 "1 2" anon 10
make_run t-b 0.8 "1 2" anon 10
for side in a b; do
	printf '%s\n' "ab_side	$side" "ab_other	t-$(tr ab ba <<<$side)" "ab_delta	0.02" "ab_alpha	0.05" "ab_min_rounds	10" \
		"ab_look_every	5" "ab_max_rounds	10" >>results/t-$side/meta.tsv
done
awk -F'\t' -v OFS='\t' 'BEGIN { print "# faultscale rounds 1"
	print "round", "variant", "clients", "metric", "first", "a", "b", "status" }
	$5 == "faults/sec" { print $4, $2, $3, $5, "a", $8, $8 * (0.8 + $4 / 1000), "ok" }' results/t-a/samples.tsv >results/t-a/rounds.tsv
report pair t-a t-b
check "pair: judged by its rounds" grep -q 'From 10 randomised rounds' pair.html
check "pair: the verdict" grep -q 'regression</span> .* slower by 19.6% \[' pair.html

# Runs that lack something.
make_run single 1 4
report single single
make_run once 1 "1 2" anon 1
report once once
report wide-one single base
make_run wide 1 "$(seq -s ' ' 1 256)" anon 2
report wide wide
check "wide: boxes that can be told apart, and it is said" grep -q '<p>One of 11 client counts is shown.</p>' wide.html
check "wide: a list of workers has an end" grep -q 'CPU 0 <b>workers 0, 2, 4, 6, 8, 10, 12, 14, ... (128 in all)</b>' wide.html
same "wide: 256 bars, a name for some" 256 "$(grep -oE "polygon *fill *= *'url\(#time-1-" wide.html | wc -l)"
mkdir results/bare
grep -v 'worker_\|/fault\|time_started\|user_s\|wall_s' results/base/samples.tsv >results/bare/samples.tsv
report bare bare
same "bare: what needs more is left out" "verdict scaling drift numbers absent" "$(ids bare.html)"
same "bare: or named, in one place" "Waits Counters Workers Machine and pin plan Settings and machine" "$(sed -n 's/^<li><b>\(.*\)<.b>: \(one\|no\) run .*/\1/p' bare.html | xargs)"
cp -r results/base results/torn
truncate -s -30 results/torn/samples.tsv
sed -i /status/d results/torn/meta.tsv
report torn torn
check "torn: it is said" grep -q 'the last line is torn' torn.html
check "torn: that it did not end as well" grep -q 'has not ended: it was killed, or is still running' torn.html
report mmtests -d "$TOP/tests/golden/mmtests/02-synthetic-8clients" 6.18.0-vanilla 6.18.0-patched
check "mmtests: curves as well" grep -q 'id="scaling-1"' mmtests.html
for v in a b c d e f g h i; do
	make_run "v$v" 1 "1 2" "anon-$v" 3
	[ $v = a ] && { mkdir results/variants; head -n 2 results/va/samples.tsv >results/variants/samples.tsv; }
	tail -n +3 results/v$v/samples.tsv | sed "s/^/$(printf '%d' "'$v")/" >>results/variants/samples.tsv
done
report variants variants
same "variants: no chart of more than eight lines" 2 "$(grep -cE '^<figure id="scaling-[12]"' variants.html)"
check "variants: charts that can be told apart" grep -q '<figcaption><h3>faults/sec, 2 of 2</h3>' variants.html
same "variants: eight are told of at once" 8 "$(sed '/More variants/,$d' variants.html | grep -c '^<li><b>variants, anon')"
mkdir results/cells
head -n 2 results/va/samples.tsv >results/cells/samples.tsv
for v in {100..126}; do tail -n +3 results/va/samples.tsv | sed "s/^/$v/; s/anon-a/anon-$v/" >>results/cells/samples.tsv; done
report cells cells
same "cells: a section draws no more than 24 charts, and says so" "24 1" \
	"$(grep -c '^<figure id="time-' cells.html) $(sed -n '/<section id="time"/,/<\/section>/p' cells.html | grep -c 'There are more charts')"
for run in base third; do
	cp -r "results/$run" "results/warned-$run"
	printf 'warning\tthe moon is full\nswaps\tFilename\\tSize\\n%s\\t7\n' "$run" >>"results/warned-$run/meta.tsv"
done
report warned --force warned-base warned-third
same "warned: what several runs warn of is told once" "<li>runs &#39;warned-base&#39;, &#39;warned-third&#39;: the moon is full</li>" \
	"$(grep 'moon is full</li>' warned.html)"
same "warned: facts of several lines stay so" "<tr><th scope=\"row\" class=\"w\">swaps</th><td class=\"w\">Filename	Size|base	7</td>" \
	"$(grep -A 1 '^<tr><th scope="row" class="w">swaps' warned.html | paste -sd '|' | sed 's/<\/td>.*/<\/td>/')"
same "warned: no column for notes that are not there" 0 "$(grep -c '>note</th>' warned.html)"

# Means that were imported are all of one moment.
printf '# faultscale means 1\nvariant\tclients\tmetric\tvalue\tsource\nbase\t1\tfaults/sec\t400000\ta post\nbase\t8\tfaults/sec\t1900000\ta post\n' >means.tsv
check "means: imported" "$FAULTSCALE" import published means.tsv --name means --results results
report means means
same "means: every chart can be drawn" "" "$(grep 'could not be drawn' <<<"$err")"

# Runs that were explained: flame graphs with their tables.
for run in before after; do
	cp -r "$TOP/tests/golden/where/$run" results
	awk -F'\t' -v OFS='\t' '$5 == "wall_s" { $5 = "faults/sec"; $7 = "1/s"; $8 = 1000000 / $8; print }' "results/$run/samples.tsv" >rates
	cat rates >>"results/$run/samples.tsv"
done
# explained NAME ARGUMENT...: a report of runs that were explained
explained() { report "$@" && sed -n '/<section id="waits"/,/<\/section>/p' "$1.html" >section.html; }
explained waits after
check "waits: the words" grep -q '<p>At 12 clients 31% of thread time is off-CPU' section.html
check "waits: a graph with its caption" grep -q '<figure id="waits-1">' section.html
check "waits: which says what its colours are" grep -q '<p>Flame graph; width: time per fault; blue: user,' section.html
check "waits: a frame says its numbers" grep -q 'lock_mm_and_find_vma: 3240.0 us per 1000 faults, 87.1% of all' section.html
same "waits: it brings no style of its own, which would be that of all pictures" 0 "$(grep -c '<style' section.html)"
check "waits: the same as a table" grep -q '<caption>12 clients, the largest 3 of 3 stacks</caption>' section.html
check "waits: by cause" grep -q '<caption>Causes of waits</caption>' section.html
same "waits: all is drawn" 0 "$(grep -c 'Too narrow' section.html)"
explained waits-two before after
check "waits of two: what grew" grep -q '__vm_munmap: 60.0 to 360.0 us per 1000 faults (+300.0)</title><rect class="more3".*>▲ ' section.html
check "waits of two: which is which" grep -q 'red ▲: more in after, blue ▼: less than in before' section.html
check "waits of two: heads that are clear by themselves" grep -q '>us/1000 faults after</th>' section.html
explained waits-back after before
check "waits of two: what shrank" grep -q 'class="less3".*>▼ ' section.html
cp -r results/after results/lost && sed -i 's/\(offcpu\tok\t41200\t\)0/\11000/' results/lost/probes.tsv
explained waits-lost lost
check "waits: what was lost is said" grep -q 'class="missing">run &#39;.*lost 2.4% of its events' section.html
cp -r results/after results/off &&
	sed -i 's/offcpu\tok\t41200\t[0-9]*/offcpu\tunsupported: no BTF in this kernel\t-\t-/' results/off/probes.tsv
explained waits-off off
check "waits: why a probe did not run" grep -q 'The probe did not run in off: no BTF in this kernel' section.html
cp -r results/after results/cracked && sed -i 's/blocked/bl<b>ocked/' results/cracked/offcpu.tsv
explained waits-cracked cracked
check "waits: a table that cannot be read is named" grep -q "Nothing to show: .*/offcpu.tsv:3: .*bl&lt;b&gt;ocked" section.html
cp -r results/after results/deep
awk 'BEGIN { OFS = "\t"; for (i = 0; i < 2000; i++) {
	print 7, "anon", 12, 0, "blocked", "other", 1, 1000 + i * i, 9, 0, "a;b" i % 50 ";c" i, "main;d" i % 7, "-" } }' >>results/deep/offcpu.tsv
explained waits-deep deep
check "waits: many frames are bounded, and it is said" awk '{ n += gsub(/<g><title>/, "") } /Too narrow to be drawn: [0-9]+ frames, each with less than/ { said = 1 }
	END { exit !(n > 100 && n <= 500 && said) }' section.html
cp -r results/after results/vicious
sed -i "s/fill_pages+0x8/<script>alert(3)<\/script>/; s/__vm_munmap/a\&b\"c'<\/title>/" results/vicious/offcpu.tsv
explained waits-vicious vicious
same "waits: no markup of a stack's" 0 "$(grep -ciE "<script|c'</title>" section.html)"
check "waits: but its text" grep -q '<title>&lt;script&gt;alert(3)&lt;/script&gt;: ' section.html

# Texts of a run are text, whatever they hold.
evil="x<script>alert(1)</script>'\"\\n{a}^b_c@d%s&amp;\`~\$d0"
make_run evil 1 "1 2" x 5
cp -r results/evil "results/<img src=q onerror=alert(2)>'"
for run in results/evil results/\<img*; do
	EVIL=$evil awk -F'\t' -v OFS='\t' 'NR > 2 { $2 = ENVIRON["EVIL"] } { print }' "$run/samples.tsv" >s && mv s "$run/samples.tsv"
	EVIL=$evil awk -F'\t' -v OFS='\t' 'NR > 2 { $2 = ENVIRON["EVIL"] } { print }' "$run/plan.tsv" >s && mv s "$run/plan.tsv"
	printf 'warning\t%s\nthp\t\033]0;x\a\xff</pre></dl><b>\n' "$evil" >>"$run/meta.tsv"
done
sed -i "s/rusage.system_ns\/fault/<b>'\\\\n%\"\/fault/" results/evil/samples.tsv results/\<img*/samples.tsv
report evil evil "<img src=q onerror=alert(2)>'"
same "evil: no markup of the run's" 0 "$(grep -ciE '<script|<img|<b>.%|</pre></dl><b>' evil.html)"
check "evil: the name can be read" grep -qF "<span>&lt;img src=q onerror=alert(2)&gt;&#39;</span>" evil.html

# plot
for chart in $("$FAULTSCALE" plot --list | awk '{ print $1 }'); do
	run "$FAULTSCALE" plot --chart "$chart" -o "$chart.svg" base third
	same "plot $chart: exit" 0 "$rc"
	check "plot $chart: well-formed" xmllint --noout "$chart.svg"
	check "plot $chart: has a name" grep -q '<title id="plot-title">' "$chart.svg"
done
run "$FAULTSCALE" plot --metric faults/cpu -o x.png base
same "plot: a PNG" "0 89504e47" "$rc $(od -An -tx1 -N4 x.png | tr -d ' ')"
run "$FAULTSCALE" plot -o evil.svg evil "<img src=q onerror=alert(2)>'"
check "plot: names are text" xmllint --noout evil.svg
same "plot: no markup of the run's" 0 "$(grep -ciE '<script|<img' evil.svg)"
check "plot: the name in the legend" grep -q "<text>.*&lt;img src=q onerror=alert(2)>'</text>" evil.svg
run "$FAULTSCALE" plot --list base
same "plot --list of a run" "scaling:1	faults/sec" "$(head -n 1 <<<"$out")"

run bash -c '"$1" report -o - once | cmp - once.html' - "$FAULTSCALE"
same "the standard output gets the same page" "0 " "$rc $out"

# bad NAME CODE MESSAGE ARGUMENT...: one line on stderr that holds MESSAGE
bad() {
	local name=$1 code=$2 message=$3
	shift 3
	run "$@"
	if [ "$rc" = "$code" ] && [ "$(wc -l <"$TMP/.err")" = 1 ] && [[ $err = *"$message"* ]]; then
		ok "$name"
	else
		not_ok "$name" "exit $rc: $out $err"
	fi
}
echo old >kept.html
bad "an output that cannot be written" 1 "cannot write 'no/dir.html'" "$FAULTSCALE" report -o no/dir.html base
bad "a run that does not exist" 2 "no run 'nothing'" "$FAULTSCALE" report -o kept.html nothing
same "and the old page is as it was" old "$(cat kept.html)"
ln -s kept.html link.html && mkfifo pipe.html
run "$FAULTSCALE" report -o link.html base
check "a link stays one, its file gets the page" bash -c '[ -L link.html ] && grep -q "</html>" kept.html'
cat pipe.html >piped.html &
run "$FAULTSCALE" report -o pipe.html base
same "a pipe stays one" "0 yes" "$rc $([ -p pipe.html ] && echo yes)"
[ -p pipe.html ] || kill $!
wait
check "and passes the page on" grep -q '</html>' piped.html
if [ "$(id -u)" = 0 ] && mknod null.html c 1 3; then
	run "$FAULTSCALE" report -o null.html base
	same "a device stays one" "0 yes" "$rc $([ -c null.html ] && echo yes)"
else
	skip "a device stays one" "no device can be made here"
fi
bad "no such chart" 2 "no such chart, with 'pie': there are change, scaling, time, " "$FAULTSCALE" plot --chart pie -o x.svg base
bad "a chart too many" 2 "no chart 'scaling:9': the last one is 2" "$FAULTSCALE" plot --chart scaling:9 -o x.svg base
bad "a chart without numbers" 2 "the runs have nothing for chart 'change'" "$FAULTSCALE" plot --chart change -o x.svg base
# usage NAME MESSAGE ARGUMENT...: exit 2
usage() {
	local name=$1 message=$2
	shift 2
	run "$FAULTSCALE" "$@"
	same "$name: exit 2" 2 "$rc"
	check "$name: says why" grep -q "$message" <<<"$err"
}
usage "report without -o" "where to" report base
usage "plot without -o" "where to" plot base
usage "plot to a PDF" "neither NAME.svg nor NAME.png, with 'x.pdf'" plot -o x.pdf base

# Without gnuplot, and with one that fails.
mkdir empty broken
printf '#!/bin/sh\necho "some line\n\n         ^\n         line 0: no such terminal\nWarning: odd" >&2\nexit 1\n' >broken/gnuplot
chmod +x broken/gnuplot
bad "report without gnuplot: a warning" 0 "there is no gnuplot to draw with: apt-get install gnuplot-nox" \
	env PATH="$TMP/empty" "$FAULTSCALE" report -o none.html base
sound "without gnuplot" none.html
same "without gnuplot: the page says so, the numbers are there" "1 5 0" \
	"$(grep -c 'Charts are missing: there is no gnuplot' none.html) $(grep -c '<details open><summary>Numbers' none.html) $(pictures none.html)"
bad "plot without gnuplot" 1 "apt-get install gnuplot-nox" env PATH="$TMP/empty" "$FAULTSCALE" plot -o x.svg base
bad "plot with one that fails" 1 "gnuplot failed (exit 1): line 0: no such terminal" env PATH="$TMP/broken:$PATH" "$FAULTSCALE" plot -o x.svg base

# A real browser.
browser=$(command -v chromium-headless-shell || command -v chromium || true)
# browse FILE: leaves dom, console (what it complained of) and requests (to anything but the file)
browse() {
	rm -f net.json
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$TMP/profile" \
		--enable-logging=stderr --log-net-log="$TMP/net.json" --dump-dom "file://$TMP/$1" >dom 2>log || echo "browser failed: $?" >>log
	console=$(grep -E 'CONSOLE|browser failed' log)
	requests=$(grep -oE '"(url|host)":"[^"]+"' net.json | grep -v '"file:')
}
# eyed NAME WIDTH SED: a frame with a copy of page NAME, changed by SED, in which report.js looks at it
eyed() {
	{ sed -e '/http-equiv/d; /^<\/body>/,$d' -e "$3" "$1.html" && echo '<script>' && cat "$TOP/tests/cli/report.js" &&
		echo '</script></body></html>'; } >"eyed-$1.html"
	echo "<iframe width=$2 height=900 src=eyed-$1.html></iframe>" >>frames.html
}
dark='s/@media(prefers-color-scheme:dark)/@media all/g'
print='s/@media print/@media all/'
# found PAGE: what report.js complained of in it
found() { grep -F "eyed-$1.html" log | grep -oE '"FOUND .*", source' | sed 's/^"FOUND //; s/", source$//'; }
if [ -z "$browser" ]; then
	skip "in a browser" "no chromium-headless-shell, no chromium"
else
	printf '<!DOCTYPE html><title>x</title><img src="http://127.0.0.1:9/x"><script>console.error("oh")</script>' >control.html
	browse control.html
	check "browser: an error of the control shows" grep -q CONSOLE <<<"$console"
	check "browser: a request of the control shows" grep -q 127.0.0.1:9 <<<"$requests"
	sed 's|<main |<script>document.title = "run"</script><img src="http://127.0.0.1:9/x"><main |' one.html >planted.html
	browse planted.html
	same "browser: whatever got into a page, no script runs and no request leaves" "2 base: page-fault scalability " \
		"$(grep -c 'Content Security Policy' <<<"$console") $(sed -n 's|^<title>\(.*\)</title>|\1|p' dom) $requests"
	pages="one two many pair evil none waits-two waits-deep waits-vicious"
	{
		echo '<!DOCTYPE html><title>frames</title>'
		printf '<iframe src=%s.html></iframe>\n' $pages
	} >frames.html
	browse frames.html
	same "browser: no complaint" "" "$console"
	same "browser: no request" "" "$requests"

	echo '<!DOCTYPE html><title>frames</title>' >frames.html
	eyed one 1200 ''
	eyed two 1200 "$dark"
	eyed many 390 ''
	eyed evil 390 "$dark"
	eyed pair 700 "$print"
	eyed none 390 ''
	eyed waits-two 1200 "$dark"
	eyed waits-deep 390 ''
	eyed waits-vicious 1200 ''
	sed -E 's/--muted:#5a6069/--muted:#999/; s/--s1:#1a5fb4/--s1:#ddd/; s/<(.?)h3>/<\1h5>/g; s/<caption>.*<.caption>//; s/ scope="col"//
		s/outline:2px/outline:1px/; s/margin:0 auto/margin:0 auto;transition:all 1s/; s/(class="table" .*) tabindex="0"/\1/; s/<nav /<div /
		s/ id="verdict-head"//; s/<footer>/<footer style="width:99rem">/; s/ id="scaling-1-words"//
		s/<pre role="region"/<pre/; s/<g transform="translate\([0-9.]+,/<g transform="translate(-9,/' one.html >wrong.html
	eyed wrong 390 ''
	browse frames.html
	for page in $pages; do
		same "looked at $page: nothing to complain of" "" "$(found "$page" | grep -v '^looked at')"
		same "looked at $page: all of it" "sections $(ids "$page.html"), pictures $(pictures "$page.html")" \
			"$(found "$page" | sed -n 's/^looked at \(.*\), least.*/\1/p')"
	done
	same "looked at: whatever is wrong is found" "a level of headings is left out before, a picture without a name, a section without a name, a table without a caption, a table without scopes, contrast, cut off, looked at sections verdict, may move, no ring round what is in focus, not one of, one over the other, reached by keyboard, scrolls, the page scrolls sideways," \
		"$(found wrong | sed -E 's/:.*|,.*//; s/(verdict|contrast|over the other|cut off) .*/\1/' | sort -u | sed 's/$/,/' | xargs)"
fi
finish
