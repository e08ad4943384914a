/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/numa_maps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Lines start with the first address of a mapping, ascending: the last one that is not above
 * counts. */
int numa_maps_print(FILE *out, int pid, const void *address, struct why *why)
{
	char path[64], *line = NULL, *best = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/numa_maps", pid);
	f = fopen(path, "re");
	if (!f)
		return why_not(why, errno, "cannot read '%s': %s", path, strerror(errno));
	while (getline(&line, &size, f) > 0) {
		if (strtoull(line, NULL, 16) > (uintptr_t)address)
			break;
		free(best);
		best = line;
		line = NULL;
		size = 0;
	}
	if (best && address)
		fputs(best, out);
	free(line);
	free(best);
	fclose(f);
	return best && address ? 0 : why_not(why, ENOENT, "the workload keeps no memory mapped");
}
