/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/node_memory.h"

#include <errno.h>
#include <string.h>

#include "pft/base/spinlock.h"

#define CHUNK_PAGES (NODE_MEMORY_CHUNK / NODE_MEMORY_PAGE)
/* The first pages of a chunk hold the descriptors; that of page 0 is the chunk's head. */
#define HEAD_PAGES (CHUNK_PAGES * sizeof(struct node_page) / NODE_MEMORY_PAGE)

_Static_assert(sizeof(struct node_chunk) <= sizeof(struct node_page), "the head has its place");

/* What one logical node has. */
struct node {
	struct spinlock lock; /* guards the rest; innermost */
	unsigned real;
	unsigned unused; /* page of the newest chunk that was never given out; CHUNK_PAGES: none */
	struct node_chunk *chunks; /* newest first */
	struct node_page *free; /* given back, linked through data[0] */
	uint64_t nr_given; /* pages that are not free */
} __attribute__((aligned(ARCH_PAIR)));

static struct node nodes[NODE_MEMORY_MAX];
static unsigned nr_nodes = 1;
static bool bound; /* the machine has nodes to tell apart */

uint8_t node_memory_of_slot[ARCH_SLOTS] __attribute__((aligned(ARCH_PAIR)));

int node_memory_init(unsigned wanted, struct why *why)
{
	unsigned i, real[NODE_MEMORY_MAX] = {0}, nr_real;

	if (wanted > NODE_MEMORY_MAX)
		return why_not(why, EINVAL, "%u nodes: at most %u can be served", wanted,
			       NODE_MEMORY_MAX);
	for (i = 0; i < nr_nodes; i++)
		if (nodes[i].chunks)
			return why_not(why, EBUSY, "memory of node %u is already in use", i);
	nr_real = node_memory_usable(real);
	bound = nr_real > 1;
	if (!nr_real)
		nr_real = 1;
	nr_nodes = wanted ? wanted : nr_real;
	for (i = 0; i < nr_nodes; i++)
		nodes[i].real = real[i * nr_real / nr_nodes];
	memset(node_memory_of_slot, 0, sizeof(node_memory_of_slot));
	return 0;
}

void node_memory_release(void)
{
	struct node_chunk *chunk, *next;
	unsigned i;

	for (i = 0; i < nr_nodes; i++) {
		for (chunk = nodes[i].chunks; chunk; chunk = next) {
			next = chunk->next;
			node_memory_unmap(chunk, NODE_MEMORY_CHUNK);
		}
		nodes[i] = (struct node){.real = 0};
	}
	nr_nodes = 1;
	bound = false;
	memset(node_memory_of_slot, 0, sizeof(node_memory_of_slot));
}

unsigned node_memory_nodes(void)
{
	return nr_nodes;
}

unsigned node_memory_real(unsigned node)
{
	return nodes[node].real;
}

void node_memory_enter(unsigned node)
{
	if (node >= nr_nodes)
		BUG("node %u of %u", node, nr_nodes);
	arch_write_once(&node_memory_of_slot[arch_slot()], (uint8_t)node);
}

void *node_memory_area(unsigned node, size_t size, bool prefault, struct why *why)
{
	if (size % NODE_MEMORY_CHUNK || !size)
		BUG("an area of %zu bytes is not a number of chunks", size);
	return node_memory_map(nodes[node].real, bound, size, prefault, why);
}

void node_memory_area_free(void *area, size_t size)
{
	node_memory_unmap(area, size);
}

/* Take a page that was given back, or the next of the newest chunk. With the lock. */
static struct node_page *page_take(struct node *node)
{
	struct node_page *page = node->free;

	if (page) {
		node->free = (struct node_page *)(uintptr_t)page->data[0];
		return page;
	}
	if (!node->chunks || node->unused == CHUNK_PAGES)
		return NULL;
	return (struct node_page *)node->chunks + node->unused++;
}

void *node_page_alloc(unsigned nid)
{
	struct node *node = &nodes[nid];
	struct node_chunk *chunk;
	struct node_page *page;

	spin_lock(&node->lock);
	while (!(page = page_take(node))) {
		spin_unlock(&node->lock); /* not over a system call */
		chunk = node_memory_area(nid, NODE_MEMORY_CHUNK, false, NULL);
		if (!chunk)
			return NULL;
		spin_lock(&node->lock);
		if (node->chunks && node->unused < CHUNK_PAGES) {
			/* Another worker was faster; one more would waste its rest. */
			spin_unlock(&node->lock);
			node_memory_area_free(chunk, NODE_MEMORY_CHUNK);
			spin_lock(&node->lock);
			continue;
		}
		chunk->node = nid;
		chunk->next = node->chunks;
		node->chunks = chunk;
		node->unused = HEAD_PAGES;
	}
	node->nr_given++;
	spin_unlock(&node->lock);
	return node_page_address(page);
}

void node_page_free(void *address)
{
	struct node *node = &nodes[node_page_node(address)];
	struct node_page *page = node_page_of(address);

	spin_lock(&node->lock);
	page->data[0] = (uintptr_t)node->free;
	node->free = page;
	node->nr_given--;
	spin_unlock(&node->lock);
}

uint64_t node_pages_given(unsigned nid)
{
	struct node *node = &nodes[nid];
	uint64_t nr;

	spin_lock(&node->lock);
	nr = node->nr_given;
	spin_unlock(&node->lock);
	return nr;
}
