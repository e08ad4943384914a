/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "common/say.h"
#include "pft/base/compiler.h"
#include "pft/base/memory.h"
#include "pft/base/node_memory.h"
#include "pft/sim/model.h"

#define CHUNKS (ARENA_BYTES / NODE_MEMORY_CHUNK)
#define SMALL  NODE_MEMORY_CHUNK /* most of an object that is cut from a common chunk */

/* Pieces of the same size that were given back, linked through their first word. */
struct pieces {
	size_t size;
	void *first;
};

static uint64_t used; /* bytes from the arena's start on */
static char *rest, *rest_end; /* of the chunk that small objects are cut from */
static struct pieces given_back[1024];
static uint8_t node_of_chunk[CHUNKS];

/* What small objects begin with: their size, on a pair of lines of its own. */
struct head {
	size_t size;
} __attribute__((aligned(ARCH_PAIR)));

static struct pieces *pieces_of(size_t size)
{
	unsigned i;

	for (i = 0; given_back[i].size && given_back[i].size != size; i++)
		if (i + 1 == sizeof(given_back) / sizeof(*given_back) - 1)
			BUG("objects of too many sizes are given back");
	given_back[i].size = size;
	return &given_back[i];
}

static void *take(size_t size)
{
	struct pieces *pieces = pieces_of(size);
	void **piece = pieces->first;

	if (piece)
		pieces->first = *piece;
	return piece;
}

static void give(void *piece, size_t size)
{
	struct pieces *pieces = pieces_of(size);

	*(void **)piece = pieces->first;
	pieces->first = piece;
}

/* Map @size bytes in whole chunks, zeroed. */
static void *map(unsigned node, size_t size)
{
	size_t whole = round_up_to(size, NODE_MEMORY_CHUNK), i;
	char *memory = take(whole);

	if (memory) {
		/* Zero again, and no memory of the host. */
		madvise(memory, whole, MADV_DONTNEED);
	} else if (used + whole <= ARENA_BYTES) {
		memory = (char *)ARENA_BASE + used;
		if (mmap(memory, whole, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
			 0) != memory)
			return NULL;
		used += whole;
	} else {
		return NULL;
	}
	for (i = 0; i < whole / NODE_MEMORY_CHUNK; i++)
		node_of_chunk[arena_offset(memory) / NODE_MEMORY_CHUNK + i] = (uint8_t)node;
	return memory;
}

unsigned arena_node(uint64_t offset)
{
	return node_of_chunk[offset / NODE_MEMORY_CHUNK];
}

void *memory_map(size_t size)
{
	return map(0, size);
}

void memory_unmap(void *memory, size_t size)
{
	if (memory)
		give(memory, round_up_to(size, NODE_MEMORY_CHUNK));
}

void *memory_alloc(size_t size)
{
	size_t whole = round_up_to(size, (size_t)ARCH_PAIR) + sizeof(struct head);
	struct head *head = take(whole);

	if (head) {
		memset(head, 0, whole);
	} else if (whole > SMALL) {
		head = map(0, whole);
	} else {
		if (whole > (size_t)(rest_end - rest)) {
			rest = map(0, SMALL);
			rest_end = rest ? rest + SMALL : rest;
		}
		head = (struct head *)rest;
		rest = rest ? rest + whole : rest;
	}
	if (!head)
		return NULL;
	head->size = whole;
	return head + 1;
}

void memory_free(void *memory)
{
	struct head *head = memory ? (struct head *)memory - 1 : NULL;

	if (head)
		give(head, head->size);
}

unsigned node_memory_usable(unsigned real[NODE_MEMORY_MAX])
{
	unsigned nr = model_nodes();

	for (unsigned i = 0; i < nr; i++)
		real[i] = i;
	return nr;
}

void *node_memory_map(unsigned real, bool bind, size_t size, bool prefault, struct why *why)
{
	void *area = map(real, size);

	(void)bind;
	(void)prefault; /* memory of the host, whose faults cost no virtual time */
	if (!area)
		why_not(why, ENOMEM, "cannot map %zu bytes for node %u", size, real);
	return area;
}

void node_memory_unmap(void *area, size_t size)
{
	give(area, size);
}
