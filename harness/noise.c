/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/noise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/machine.h"

#define WARN_STEAL_PERCENT     1.0
#define WARN_STEAL_NOW_PERCENT 5.0 /* in the short look before a run, of some dozen ticks */
#define WARN_PROCESS_PERCENT   25.0 /* of one CPU */
#define WARN_LOAD_PER_CPU      0.5

static bool is_set(const struct meta *meta, const char *key, const char *value)
{
	const char *text = meta_get(meta, key);

	return text && !strcmp(text, value);
}

static void warn_frequency(struct meta *meta)
{
	const char *governor = meta_get(meta, "governor");

	if (governor && strncmp(governor, "unavailable", 11) && strcmp(governor, "performance"))
		meta_add(meta, "warning",
			 "the frequency governor is '%s', so the clock follows the load: "
			 "cpupower frequency-set -g performance",
			 governor);
	if (is_set(meta, "turbo", "on"))
		meta_add(meta, "warning",
			 "turbo is on, so few clients run at a higher clock than many: write 1 to "
			 "/sys/devices/system/cpu/intel_pstate/no_turbo or 0 to "
			 "/sys/devices/system/cpu/cpufreq/boost");
}

static void warn_memory(struct meta *meta, const char *root, bool prefault)
{
	char *balloon = machine_page_reporting(root);

	if (is_set(meta, "thp", "always"))
		meta_add(
			meta, "warning",
			"transparent huge pages are 'always': workloads other than anon may take a "
			"fault per 2 MiB; write madvise to "
			"/sys/kernel/mm/transparent_hugepage/enabled");
	if (is_set(meta, "numa_balancing", "1") || is_set(meta, "numa_balancing", "2"))
		meta_add(meta, "warning",
			 "automatic NUMA balancing is on and takes hinting faults of its own: "
			 "sysctl kernel.numa_balancing=0");
	if (balloon && !prefault)
		meta_add(
			meta, "warning",
			"this guest hands its free pages back to the host (%s, free page "
			"reporting), so the first touch of a page also faults in the host and "
			"costs several times more: set PFT_PREFAULT=yes",
			balloon);
	free(balloon);
}

static void warn_busy(struct meta *meta, const struct activity *before,
		      const struct activity *after, unsigned nr_cpus)
{
	const char *load = meta_get(meta, "load");
	const struct activity_process *busiest;
	double percent, average = 0;

	busiest = activity_busiest(before, after, nr_cpus, getpid(), &percent);
	if (busiest && percent >= WARN_PROCESS_PERCENT)
		meta_add(meta, "warning",
			 "process %d (%s) uses %.0f%% of a CPU: stop it, or wait for its end",
			 (int)busiest->pid, busiest->name, percent);
	else if (load && sscanf(load, "%lf", &average) == 1 &&
		 average > WARN_LOAD_PER_CPU * nr_cpus)
		meta_add(
			meta, "warning",
			"the machine was busy in the last minute (load %.2f on %u CPUs): wait "
			"until it is quiet",
			average, nr_cpus);
	percent = activity_steal(before, after);
	if (percent >= WARN_STEAL_NOW_PERCENT)
		meta_add(meta, "warning",
			 "the host takes %.0f%% of this guest's CPU time (steal): use a machine of "
			 "your own, or more iterations",
			 percent);
}

void noise_before(struct meta *meta, const char *root, const struct activity *before,
		  const struct activity *after, unsigned nr_cpus, bool prefault)
{
	struct machine_limits limits;

	warn_frequency(meta);
	warn_memory(meta, root, prefault);
	warn_busy(meta, before, after, nr_cpus);
	machine_limits(&limits, root);
	if (limits.cpus > 0 && limits.cpus < nr_cpus)
		meta_add(
			meta, "warning",
			"a cgroup limits this run to %.2f of %u CPUs and stops it when they are "
			"used up: raise cpu.max, or run outside the container",
			limits.cpus, nr_cpus);
}

char *noise_stolen(const struct activity *before, const struct activity *after)
{
	double percent = activity_steal(before, after);

	if (!before->total || percent < WARN_STEAL_PERCENT)
		return NULL;
	return xasprintf(
		"the host took %.1f%% of this guest's CPU time during the run (steal): compare "
		"it with care",
		percent);
}
