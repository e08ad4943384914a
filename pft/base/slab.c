/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/slab.h"

#include <errno.h>
#include <stdio.h>

#include "pft/base/memory.h"
#include "pft/base/slab_page.h"

/* Full sheaves that a node's barn takes: MAX_FULL_SHEAVES. */
#define BARN_FULL 10

/* A sheaf's room in a page of sheaves: whole lines. The first room holds the link to the next page. */
#define SHEAF_ROOM round_up_to(sizeof(struct slab_sheaf), ARCH_LINE)
#define SHEAVES_PER_PAGE (NODE_MEMORY_PAGE / SHEAF_ROOM - 1)

struct fault_inject fault_inject_slab;

/* calculate_alignment(): small objects share a line, but none crosses one. */
static unsigned alignment(size_t size, unsigned flags, unsigned align)
{
	unsigned line = ARCH_LINE;

	if (flags & SLAB_HWCACHE_ALIGN) {
		while (size <= line / 2)
			line /= 2;
		if (align < line)
			align = line;
	}
	return align < sizeof(void *) ? sizeof(void *) : align;
}

unsigned slab_stride(size_t size, unsigned flags)
{
	return round_up_to(size, (size_t)alignment(size, flags, 0));
}

/* calculate_sizes(): where the free-list pointer goes, and how far apart objects lie. */
static int lay_out(struct kmem_cache *cache, struct why *why)
{
	const struct kmem_cache_args *args = &cache->args;
	unsigned offset;

	if (args->align & (args->align - 1))
		return why_not(why, EINVAL, "alignment %u of cache '%s' is not a power of two",
			       args->align, cache->name);
	cache->align = alignment(cache->object_size, args->flags, args->align);
	cache->size = round_up_to(cache->object_size, (unsigned)sizeof(void *));
	if (!cache->typesafe && !args->ctor) {
		/* Off the edges, where overruns of the neighbours would hit it. */
		cache->freeptr = round_down_to(cache->object_size / 2, (unsigned)sizeof(void *));
	} else if (args->use_freeptr_offset) {
		cache->freeptr = args->freeptr_offset;
	} else {
		cache->freeptr = cache->size;
		cache->size += sizeof(void *);
	}
	cache->size = round_up_to(cache->size, cache->align);
	if (cache->freeptr % sizeof(void *) || cache->freeptr + sizeof(void *) > cache->size)
		return why_not(why, EINVAL, "free-list pointer of cache '%s' cannot lie at %u",
			       cache->name, cache->freeptr);
	for (offset = 0; offset < NODE_MEMORY_PAGE; offset += cache->size)
		cache->per_page += slab_offset_issued(cache, offset);
	if (!cache->per_page)
		return why_not(why, EINVAL,
			       "no object of %u bytes in a page starts at %u mod 128: cache '%s'",
			       cache->size, args->start_mod_128, cache->name);
	return 0;
}

static void slots_unmap(struct kmem_cache *cache)
{
	memory_unmap(cache->slots, ARCH_SLOTS * sizeof(*cache->slots));
}

/* Make the per-worker and per-node parts. */
static int make_parts(struct kmem_cache *cache)
{
	size_t bytes = ARCH_SLOTS * sizeof(*cache->slots);
	unsigned i;

	cache->slots = memory_map(bytes);
	if (!cache->slots)
		return -ENOMEM;
	cache->nr_nodes = node_memory_nodes();
	cache->many_nodes = cache->nr_nodes > 1;
	cache->nodes = memory_alloc(cache->nr_nodes * sizeof(*cache->nodes));
	if (!cache->nodes) {
		slots_unmap(cache);
		return -ENOMEM;
	}
	for (i = 0; i < cache->nr_nodes; i++) {
		list_init(&cache->nodes[i].full);
		list_init(&cache->nodes[i].empty);
		list_init(&cache->nodes[i].partial);
		list_init(&cache->nodes[i].slabs_full);
	}
	return 0;
}

int kmem_cache_create(struct kmem_cache **made, const char *name, size_t size,
		      const struct kmem_cache_args *args, struct why *why)
{
	struct kmem_cache *cache;
	int rc;

	if (size < sizeof(void *) || size > NODE_MEMORY_PAGE)
		return why_not(why, EINVAL, "cache '%s': objects of %zu bytes, not 8..%u", name,
			       size, NODE_MEMORY_PAGE);
	cache = memory_alloc(sizeof(*cache));
	if (!cache)
		return why_not(why, ENOMEM, "no memory for cache '%s'", name);
	snprintf(cache->name, sizeof(cache->name), "%s", name);
	cache->object_size = size;
	if (args)
		cache->args = *args;
	cache->typesafe = cache->args.flags & SLAB_TYPESAFE_BY_RCU;
	rc = lay_out(cache, why);
	if (!rc && make_parts(cache))
		rc = why_not(why, ENOMEM, "no memory for cache '%s'", name);
	if (rc) {
		memory_free(cache);
		return rc;
	}
	*made = cache;
	return 0;
}

/* An empty sheaf of the caller's node, or NULL if memory is short. They live until the cache dies. */
static struct slab_sheaf *sheaf_new(struct slab_node *node)
{
	struct slab_sheaf *sheaf;
	void **page;

	spin_lock(&node->lock);
	if (!node->sheaves_left) {
		spin_unlock(&node->lock);
		page = node_page_alloc(node_memory_here());
		if (!page)
			return NULL;
		spin_lock(&node->lock);
		*page = node->sheaf_pages;
		node->sheaf_pages = page;
		node->sheaves_left = SHEAVES_PER_PAGE;
	}
	sheaf = (void *)((char *)node->sheaf_pages + node->sheaves_left-- * SHEAF_ROOM);
	spin_unlock(&node->lock);
	sheaf->nr = 0;
	return sheaf;
}

/* Work from @sheaf from now on. */
static void slot_use(struct slab_slot *slot, struct slab_sheaf *sheaf)
{
	slot->main = sheaf;
	slot->objects = sheaf->objects;
	slot->nr = sheaf->nr;
	slot->capacity = SLAB_SHEAF;
}

/* Exchange main and spare. */
static void slot_swap(struct slab_slot *slot)
{
	struct slab_sheaf *old = slot->main;

	old->nr = slot->nr;
	slot_use(slot, slot->spare);
	slot->spare = old;
}

/* Whether the slot has its two sheaves, made at its first call; false if memory is short. */
static bool slot_ready(struct slab_slot *slot, struct slab_node *node)
{
	struct slab_sheaf *sheaf;

	if (slot->main)
		return true;
	if (!slot->spare)
		slot->spare = sheaf_new(node);
	sheaf = slot->spare ? sheaf_new(node) : NULL;
	if (!sheaf)
		return false;
	slot_use(slot, sheaf);
	return true;
}

/* Have objects in the main sheaf, which is empty: the spare's, the barn's, or a page's;
 * __pcs_replace_empty_main(). */
static void slot_refill(struct kmem_cache *cache, struct slab_slot *slot, struct slab_node *node)
{
	struct slab_sheaf *full = NULL;

	if (slot->spare->nr) {
		slot_swap(slot);
		return;
	}
	slot->main->nr = 0;
	if (arch_read_once(&node->nr_full)) {
		spin_lock(&node->lock);
		full = list_first_entry_or_null(&node->full, struct slab_sheaf, link);
		if (full) {
			list_del(&full->link);
			arch_write_once(&node->nr_full, node->nr_full - 1);
			list_add(&slot->main->link, &node->empty);
		}
		spin_unlock(&node->lock);
	}
	if (!full) {
		full = slot->main;
		full->nr = slab_take(cache, node - cache->nodes, full->objects, SLAB_SHEAF);
		arch_write_once(&slot->refills, slot->refills + 1);
	}
	slot_use(slot, full);
}

void *kmem_cache_alloc_slow(struct kmem_cache *cache, struct slab_slot *slot)
{
	struct slab_node *node = &cache->nodes[node_memory_here()];
	void *object = NULL;

	if (fault_inject_fails(&fault_inject_slab, cache)) {
		arch_write_once(&slot->failed, slot->failed + 1);
		return NULL;
	}
	if (slot_ready(slot, node)) {
		if (!slot->nr)
			slot_refill(cache, slot, node);
		if (slot->nr)
			object = slot->objects[--slot->nr];
	} else {
		slab_take(cache, node - cache->nodes, &object, 1);
	}
	if (!object) {
		arch_write_once(&slot->failed, slot->failed + 1);
		return NULL;
	}
	arch_write_once(&slot->allocs, slot->allocs + 1);
	slab_unpoison(cache, object);
	return object;
}

/* Have room in the main sheaf, which is full: the spare, an empty one of the barn, or none and then
 * its objects go back to their pages; __pcs_replace_full_main(). */
static void slot_flush(struct kmem_cache *cache, struct slab_slot *slot, struct slab_node *node)
{
	struct slab_sheaf *empty = NULL;

	if (!slot->spare->nr) {
		slot_swap(slot);
		return;
	}
	slot->main->nr = slot->nr;
	if (arch_read_once(&node->nr_full) < BARN_FULL) {
		spin_lock(&node->lock);
		empty = list_first_entry_or_null(&node->empty, struct slab_sheaf, link);
		if (empty)
			list_del(&empty->link);
		spin_unlock(&node->lock);
		if (!empty)
			empty = sheaf_new(node);
	}
	if (!empty) {
		slab_give(cache, slot->objects, slot->nr);
		arch_write_once(&slot->flushes, slot->flushes + 1);
		slot->nr = 0;
		return;
	}
	spin_lock(&node->lock);
	list_add(&slot->main->link, &node->full);
	arch_write_once(&node->nr_full, node->nr_full + 1);
	spin_unlock(&node->lock);
	empty->nr = 0;
	slot_use(slot, empty);
}

void kmem_cache_free_slow(struct kmem_cache *cache, struct slab_slot *slot, void *object)
{
	struct slab_node *node = &cache->nodes[node_memory_here()];

	if (node_page_node(object) != node_memory_here()) {
		arch_write_once(&slot->remote_frees, slot->remote_frees + 1);
		slab_give(cache, &object, 1);
		return;
	}
	if (!slot_ready(slot, node)) {
		slab_give(cache, &object, 1);
		return;
	}
	if (slot->nr == slot->capacity)
		slot_flush(cache, slot, node);
	slot->objects[slot->nr++] = object;
}

/* Give the objects of one worker's sheaves back to their pages. */
static void slot_drain(struct kmem_cache *cache, struct slab_slot *slot)
{
	if (!slot->main)
		return;
	slab_give(cache, slot->objects, slot->nr);
	slab_give(cache, slot->spare->objects, slot->spare->nr);
	slot->nr = 0;
	slot->spare->nr = 0;
}

/* The same for the full sheaves of a node's barn. */
static void barn_drain(struct kmem_cache *cache, struct slab_node *node)
{
	struct list_head full = LIST_HEAD_INIT(full);
	struct slab_sheaf *sheaf;

	spin_lock(&node->lock);
	list_splice(&node->full, &full);
	arch_write_once(&node->nr_full, 0);
	spin_unlock(&node->lock);
	list_for_each_entry(sheaf, &full, link)
		slab_give(cache, sheaf->objects, sheaf->nr);
	spin_lock(&node->lock);
	list_splice(&full, &node->empty);
	spin_unlock(&node->lock);
}

void kmem_cache_shrink(struct kmem_cache *cache)
{
	unsigned i;

	slot_drain(cache, &cache->slots[arch_slot()]);
	for (i = 0; i < cache->nr_nodes; i++)
		barn_drain(cache, &cache->nodes[i]);
	slab_discard_empty(cache);
}

int kmem_cache_destroy(struct kmem_cache *cache, struct why *why)
{
	struct kmem_cache_stats stats;
	unsigned i;
	void **page, **next;

	for (i = 0; i < ARCH_SLOTS; i++)
		slot_drain(cache, &cache->slots[i]);
	kmem_cache_shrink(cache);
	kmem_cache_stats(cache, &stats);
	if (stats.slabs)
		return why_not(why, EBUSY, "%llu objects of cache '%s' are still allocated",
			       (unsigned long long)stats.live, cache->name);
	if (cache->typesafe)
		rcu_barrier();
	for (i = 0; i < cache->nr_nodes; i++) {
		for (page = cache->nodes[i].sheaf_pages; page; page = next) {
			next = *page;
			node_page_free(page);
		}
	}
	slots_unmap(cache);
	memory_free(cache->nodes);
	memory_free(cache);
	return 0;
}
