/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_memory: memory of a NUMA node. Nodes here are logical, 0..nodes-1: as many as the machine
 * has, or more (--nodes N), which share the machine's nodes in blocks. On a machine of one node
 * nothing is bound. From it come areas for page frames (the mm has its own allocator on top) and
 * the 4 KiB pages of the slabs, each with a descriptor as the kernel's pages have.
 */
#ifndef PFT_BASE_NODE_MEMORY_H
#define PFT_BASE_NODE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/arch.h"

#define NODE_MEMORY_MAX	  64
#define NODE_MEMORY_PAGE  4096
#define NODE_MEMORY_CHUNK (2UL << 20) /* what is mapped and bound at once, aligned to itself */

/*
 * Set up @nodes logical nodes, 0 for as many as the machine has; before the first worker and the
 * first kmem_cache. Without a call there is one node. Returns 0, or -errno with the reason in @why.
 */
int node_memory_init(unsigned nodes, struct why *why);

/* Unmap every page chunk and forget the nodes. Areas stay with their owners; a page or area that is
 * still in use must not be touched any more. */
void node_memory_release(void);

/* How many logical nodes there are. */
unsigned node_memory_nodes(void);

/* The kernel's number of the node behind logical @node. */
unsigned node_memory_real(unsigned node);

/* Say that the worker in the calling thread's slot lives on @node; node 0 before that. */
void node_memory_enter(unsigned node);

extern uint8_t node_memory_of_slot[ARCH_SLOTS];

/* The node of the calling worker: numa_mem_id(). */
static inline unsigned node_memory_here(void)
{
	return node_memory_of_slot[arch_slot()];
}

/*
 * Map @size bytes (a multiple of NODE_MEMORY_CHUNK), aligned to a chunk, bound to @node, in huge pages
 * where the kernel has some, as its own direct map is; @prefault touches all of it now. Returns
 * NULL with the reason in @why (may be NULL).
 */
void *node_memory_area(unsigned node, size_t size, bool prefault, struct why *why);
void node_memory_area_free(void *area, size_t size);

/* What is behind the door of arch.h, natively or in a simulator. The nodes whose memory this process may
 * use; returns their number, 0 if the machine knows none. */
unsigned node_memory_usable(unsigned real[NODE_MEMORY_MAX]);

/* The same as an area above, of the machine's node @real if it is to @bind. */
void *node_memory_map(unsigned real, bool bind, size_t size, bool prefault, struct why *why);
void node_memory_unmap(void *area, size_t size);

/* The descriptor of a 4 KiB page, at its user's disposal while the page is allocated. */
struct node_page {
	uint64_t data[8];
};

/* A page of @node, contents undefined, or NULL if the machine has no more. Takes a spinlock. */
void *node_page_alloc(unsigned node);
void node_page_free(void *page);

/* How many pages of @node are not free: for tests, that look for leaks. Takes a spinlock. */
uint64_t node_pages_given(unsigned node);

/* The head of each chunk of pages; the descriptors follow it. */
struct node_chunk {
	unsigned node;
	struct node_chunk *next;
};

/* The node that the page around @address (from node_page_alloc()) belongs to. */
static inline unsigned node_page_node(const void *address)
{
	const struct node_chunk *chunk =
		(const void *)((uintptr_t)address & ~(NODE_MEMORY_CHUNK - 1));

	return chunk->node;
}

/* The descriptor of the page around @address. */
static inline struct node_page *node_page_of(const void *address)
{
	uintptr_t chunk = (uintptr_t)address & ~(NODE_MEMORY_CHUNK - 1);

	return (struct node_page *)chunk + ((uintptr_t)address - chunk) / NODE_MEMORY_PAGE;
}

/* The page that @page describes. */
static inline void *node_page_address(const void *page)
{
	uintptr_t chunk = (uintptr_t)page & ~(NODE_MEMORY_CHUNK - 1);

	return (void *)(chunk +
			((uintptr_t)page - chunk) / sizeof(struct node_page) * NODE_MEMORY_PAGE);
}

#endif
