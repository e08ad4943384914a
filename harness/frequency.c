/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/frequency.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/sysfs.h"

/* Of one CPU in Hz, 0 where it is not told: what was measured (since 6.15), or what may only have been
 * set. Both are in kHz. */
static double frequency_of(const char *root, unsigned cpu)
{
	static const char *const files[] = {"cpuinfo_avg_freq", "scaling_cur_freq"};
	long long khz = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && khz <= 0; i++) {
		char *path = xasprintf("/sys/devices/system/cpu/cpu%u/cpufreq/%s", cpu, files[i]);

		if (!sysfs_number(root, path, &khz))
			khz = 0;
		free(path);
	}
	return khz > 0 ? 1000.0 * (double)khz : 0;
}

static int by_speed(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? 1 : *x > *y ? -1 : 0;
}

double frequency_look(const char *root, const unsigned *cpus, size_t nr)
{
	long configured = sysconf(_SC_NPROCESSORS_CONF);
	size_t asked = cpus ? nr : (size_t)(configured > 0 ? configured : 1), known = 0;
	double *all = xcalloc(asked + 1, sizeof(*all)), mean = 0;

	for (size_t i = 0; i < asked; i++) {
		all[known] = frequency_of(root, cpus ? cpus[i] : (unsigned)i);
		known += all[known] > 0;
		if (!i && !known && cpus)
			break; /* nor will the others */
	}
	qsort(all, known, sizeof(*all), by_speed);
	if (nr > known)
		nr = known;
	for (size_t i = 0; i < nr; i++)
		mean += all[i] / (double)nr;
	free(all);
	return mean;
}
