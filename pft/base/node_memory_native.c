/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node_memory_native: the nodes of the machine itself, and memory of theirs by mbind(2). */
#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <string.h>
#include <sys/mman.h>

#include "pft/base/compiler.h"
#include "pft/base/node_memory.h"

unsigned node_memory_usable(unsigned real[NODE_MEMORY_MAX])
{
	struct bitmask *allowed;
	unsigned i, nr = 0;

	if (numa_available() < 0)
		return 0;
	allowed = numa_get_mems_allowed();
	for (i = 0; i < allowed->size && nr < NODE_MEMORY_MAX; i++)
		if (numa_bitmask_isbitset(allowed, i) && numa_node_size64(i, NULL) > 0)
			real[nr++] = i;
	numa_bitmask_free(allowed);
	return nr;
}

/* Tell the kernel where the pages of a fresh mapping are to come from. */
static int bind_to(unsigned real, void *area, size_t size, struct why *why)
{
	unsigned long mask[4096 / (8 * sizeof(long))] = {0};

	mask[real / (8 * sizeof(long))] = 1UL << real % (8 * sizeof(long));
	if (mbind(area, size, MPOL_BIND, mask, 8 * sizeof(mask), 0))
		return why_not(why, errno, "cannot bind memory to node %u: %s", real,
			       strerror(errno));
	return 0;
}

void *node_memory_map(unsigned real, bool bind, size_t size, bool prefault, struct why *why)
{
	size_t mapped = size + NODE_MEMORY_CHUNK, i;
	char *start, *area;

	start = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED) {
		why_not(why, errno, "cannot map %zu bytes for node %u: %s", size, real,
			strerror(errno));
		return NULL;
	}
	area = (char *)round_up_to((uintptr_t)start, NODE_MEMORY_CHUNK);
	if (area > start)
		munmap(start, area - start);
	munmap(area + size, start + mapped - (area + size));

	madvise(area, size, MADV_HUGEPAGE); /* refused by a kernel without them: no harm */
	if (bind && bind_to(real, area, size, why)) {
		munmap(area, size);
		return NULL;
	}
	for (i = 0; prefault && i < size; i += NODE_MEMORY_PAGE)
		*(volatile char *)(area + i) = 0;
	return area;
}

void node_memory_unmap(void *area, size_t size)
{
	munmap(area, size);
}
