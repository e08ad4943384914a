#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# compare.sh: how long `faultscale compare` takes, and its largest RSS. `make bench` calls it.
#   - the 8-client, 2x30-iteration comparison that takes compare-mmtests.pl 13 to 17 s (want: under 20 ms)
#   - two runs of our own with 1,000,000 sample rows together (want: under 2 s, 200 MiB)
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# make_run DIR STEPS SEED: samples.tsv and plan.tsv of 2 pin plans x 10 client counts; 20 rows a step.
make_run() {
	mkdir -p "$1"
	awk -v steps="$2" -v seed="$3" -v plan="$1/plan.tsv" 'BEGIN {
		srand(seed); OFS = "\t"
		n = split("user_s system_s wall_s minor_faults major_faults planned_faults gib cachelines " \
			"spread_min_s spread_max_s spread_gini local_pages migrations time_user_s time_system_s " \
			"time_elapsed_s time_max_rss", metric, " ")
		print "# faultscale samples 1"
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status"
		print "# faultscale plan 1" >plan
		print "step", "variant", "workload", "pin", "mem", "pagesize", "mode", "clients", "iteration" >plan
		for (s = 0; s < steps; s++) {
			pin = s % 2 ? "spread" : "compact"; clients = 1 + int(s / 2) % 10; iteration = int(s / 20)
			head = s OFS "anon-" pin OFS clients OFS iteration
			print s, "anon-" pin, "anon", pin, "default", "base", "threads", clients, iteration >plan
			print head, "faults/cpu", "all", "1/s", 400000 / clients ^ 0.3 * (1 + 0.05 * rand()), "ok"
			print head, "faults/sec", "all", "1/s", 380000 * clients ^ 0.7 * (1 + 0.05 * rand()), "ok"
			for (m = 1; m <= n; m++)
				print head, metric[m], "all", "1", rand(), "ok"
			print head, "step", "all", "text", "done", "ok"
		}
	}' >"$1/samples.tsv"
}

# timed NAME REPEATS COMMAND...: medians of wall and CPU time, and the largest RSS
timed() {
	local name=$1 repeats=$2
	shift 2
	perl -e '
		use Time::HiRes qw(time);
		my ($name, $repeats, @cmd) = @ARGV;
		my (@wall, @cpu, $rss);
		for (1 .. $repeats) {
			my ($start, $used) = (time, (times)[2] + (times)[3]);
			my $pid = fork // die;
			if (!$pid) { open STDOUT, ">", "/dev/null"; open STDERR, ">", "/dev/null"; exec @cmd or exit 127 }
			my $status = "";
			while (1) {
				my $left = waitpid $pid, 1;
				last if $left == $pid;
				if (open my $f, "<", "/proc/$pid/status") { while (<$f>) { $rss = $1 if /^VmHWM:\s+(\d+)/ && $1 > ($rss // 0) } }
				select undef, undef, undef, 0.0005;
			}
			die "$name: exit ", $? >> 8, "\n" if $?;
			push @wall, time - $start;
			push @cpu, (times)[2] + (times)[3] - $used;
		}
		@wall = sort { $a <=> $b } @wall;
		@cpu = sort { $a <=> $b } @cpu;
		printf "%-44s %9.1f ms %9.0f ms %8.1f MiB\n", $name, 1000 * $wall[$#wall / 2], 1000 * $cpu[$#cpu / 2], ($rss // 0) / 1024;
	' "$name" "$repeats" "$@"
}

logs=tests/golden/mmtests/02-synthetic-8clients
printf '%-44s %12s %12s %12s\n' "faultscale compare" "wall, median" "CPU, median" "largest RSS"
timed "8 clients, 2 runs x 30 (mmtests logs)" 9 "$BUILD/faultscale" compare -d $logs -n 6.18.0-vanilla,6.18.0-patched
timed "the same with --stats ci" 9 "$BUILD/faultscale" compare -d $logs -n 6.18.0-vanilla,6.18.0-patched --stats ci
make_run "$tmp/a" 25000 1
make_run "$tmp/b" 25000 2
timed "1,000,000 sample rows, 2 runs" 3 "$BUILD/faultscale" compare "$tmp/a" "$tmp/b"
timed "1,000,000 sample rows, 2 runs, --by pin" 3 "$BUILD/faultscale" compare --by pin "$tmp/a" "$tmp/b"
