# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by tests that read runs: makes some in results/ of the current directory.

# make_run NAME FACTOR [META...]: results/NAME with 1 and 2 clients, 12 iterations, rates times FACTOR with 1% of noise; lines
# of meta.tsv.
make_run() {
	local name=$1 factor=$2
	shift 2
	mkdir -p "results/$name"
	awk -v factor="$factor" -v plan="results/$name/plan.tsv" 'BEGIN {
		OFS = "\t"
		print "# faultscale plan 1" >plan
		print "step", "variant", "workload", "pin", "mem", "pagesize", "mode", "clients", "iteration", "bytes", "cpus", "nodes", "extra" >plan
		print "# faultscale samples 1"
		print "step", "variant", "clients", "iteration", "metric", "thread", "unit", "value", "status"
		split("0 3 -4 1 -2 4 -1 -3 2 0 -2 2", noise, " ")
		for (s = 0; s < 24; s++) {
			clients = 1 + int(s / 12); i = s % 12
			print s, "anon", "anon", "compact", "default", "base", "threads", clients, i, 1048576, "-", "-", "-" >plan
			head = s OFS "anon" OFS clients OFS i
			rate = 100000 * factor * (1 + noise[i + 1] / 400)
			print head, "faults/cpu", "all", "1/s", rate, "ok"
			print head, "faults/sec", "all", "1/s", rate * clients, "ok"
			print head, "planned_faults", "all", "1", 256, "ok"
			print head, "minor_faults", "all", "1", 256, "ok"
			print head, "migrations", "all", "1", 0, "ok"
			print head, "local_pages", "all", "%", 100, "ok"
			print head, "hardware.cycles/fault", "all", "1", 1e9 / rate, "ok"
			print head, "odd", "all", "1", 7, "ok"
			print head, "step", "all", "text", "done", "ok"
		}
	}' >"results/$name/samples.tsv"
	{
		printf '# faultscale meta 1\nkey\tvalue\nkernel\tLinux 6.18\ncpu_model\tXeon\nmemory_total\t24684092 kB\n'
		printf 'thp\tmadvise\nmitigation_mds\tNot affected\n'
		[ $# = 0 ] || printf '%s\n' "$@"
		printf 'status\tcomplete\n'
	} >"results/$name/meta.tsv"
}
