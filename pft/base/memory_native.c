/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/memory.h"

void *memory_alloc(size_t size)
{
	void *memory = aligned_alloc(ARCH_PAIR, round_up_to(size, (size_t)ARCH_PAIR));

	return memory ? memset(memory, 0, size) : NULL;
}

void memory_free(void *memory)
{
	free(memory);
}

void *memory_map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void memory_unmap(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}
