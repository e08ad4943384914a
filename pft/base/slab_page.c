/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/slab_page.h"

#include "common/rng.h"

/* Partial slabs that a node keeps even when they are empty: min_partial. */
#define KEEP_PARTIAL 5

/* The free-list pointer lies in a freed object: poisoned, and under the eyes of RCU readers. */
__attribute__((no_sanitize("address"))) void *slab_next_free(const struct kmem_cache *cache,
							     const void *object)
{
	return arch_read_once((void **)((uintptr_t)object + cache->freeptr));
}

__attribute__((no_sanitize("address"))) static void
set_next_free(const struct kmem_cache *cache, void *object, void *next)
{
	arch_write_once((void **)((uintptr_t)object + cache->freeptr), next);
}

bool slab_offset_issued(const struct kmem_cache *cache, unsigned offset)
{
	return offset % cache->size == 0 && offset + cache->size <= NODE_MEMORY_PAGE &&
	       (!cache->args.force_class || offset % ARCH_PAIR == cache->args.start_mod_128);
}

/* Construct the objects of a fresh page and chain them: allocate_slab(). @nth is this slab's number. */
static void fill(struct kmem_cache *cache, struct slab *slab, char *page, uint64_t nth)
{
	uint16_t offsets[NODE_MEMORY_PAGE / 8];
	unsigned offset, nr = 0;
	struct rng rng;

	for (offset = 0; offset < NODE_MEMORY_PAGE; offset += cache->size)
		if (slab_offset_issued(cache, offset))
			offsets[nr++] = offset;
	if (cache->args.shuffle_seed) {
		rng_init(&rng, cache->args.shuffle_seed + nth);
		rng_shuffle(&rng, offsets, nr, sizeof(*offsets));
	}
	*slab = (struct slab){.cache = cache, .nr_free = nr};
	while (nr--) {
		if (cache->args.ctor)
			cache->args.ctor(page + offsets[nr]);
		set_next_free(cache, page + offsets[nr], slab->free);
		slab->free = page + offsets[nr];
		slab_poison(cache, page + offsets[nr]);
	}
}

/* A new slab of @node, in no list yet; NULL if memory is short. */
static struct slab *slab_new(struct kmem_cache *cache, unsigned node)
{
	char *page = node_page_alloc(node);
	struct slab *slab;

	if (!page)
		return NULL;
	slab = (struct slab *)node_page_of(page);
	fill(cache, slab, page, arch_xadd_relaxed(&cache->nodes[node].nr_new_slabs, 1));
	return slab;
}

static void slab_free_page(struct slab *slab)
{
	void *page = node_page_address(slab);

#ifdef __SANITIZE_ADDRESS__
	__asan_unpoison_memory_region(page, NODE_MEMORY_PAGE);
#endif
	node_page_free(page);
}

static void slab_free_rcu(struct rcu_head *head)
{
	slab_free_page(container_of(head, struct slab, rcu));
}

/* Give the pages of a list of slabs that nobody can find any more back; discard_slab(). */
static void discard(struct kmem_cache *cache, struct list_head *slabs)
{
	struct slab *slab;

	while ((slab = list_first_entry_or_null(slabs, struct slab, link))) {
		list_del(&slab->link);
		if (cache->typesafe)
			call_rcu(&slab->rcu, slab_free_rcu);
		else
			slab_free_page(slab);
	}
}

/* Pop up to @want objects off the first partial slab. With the lock. */
static unsigned take_partial(struct kmem_cache *cache, struct slab_node *node, void **objects,
			     unsigned want)
{
	struct slab *slab = list_first_entry(&node->partial, struct slab, link);
	unsigned got = 0;

	while (got < want && slab->free) {
		objects[got++] = slab->free;
		slab->free = slab_next_free(cache, slab->free);
	}
	slab->nr_free -= got;
	if (!slab->free) {
		node->nr_partial--;
		list_move(&slab->link, &node->slabs_full);
	}
	return got;
}

unsigned slab_take(struct kmem_cache *cache, unsigned nid, void **objects, unsigned want)
{
	struct slab_node *node = &cache->nodes[nid];
	struct slab *slab;
	unsigned got = 0;

	spin_lock(&node->lock);
	while (got < want) {
		if (!list_empty(&node->partial)) {
			got += take_partial(cache, node, objects + got, want - got);
			continue;
		}
		spin_unlock(&node->lock);
		slab = slab_new(cache, nid);
		spin_lock(&node->lock);
		if (!slab)
			break;
		list_add(&slab->link, &node->partial);
		node->nr_partial++;
		node->nr_slabs++;
	}
	spin_unlock(&node->lock);
	return got;
}

/* Put one object back: __slab_free(). A slab that got empty goes to @empty if the node has enough.
 * With the lock. */
static void give_one(struct kmem_cache *cache, struct slab_node *node, void *object,
		     struct list_head *empty)
{
	struct slab *slab = slab_of(object);

	if (slab->cache != cache || slab->nr_free >= cache->per_page)
		BUG("object %p freed twice, or not of cache '%s'", object, cache->name);
	set_next_free(cache, object, slab->free);
	slab->free = object;
	if (!slab->nr_free++) {
		node->nr_partial++;
		list_move_tail(&slab->link, &node->partial);
	}
	if (slab->nr_free == cache->per_page && node->nr_partial > KEEP_PARTIAL) {
		node->nr_partial--;
		node->nr_slabs--;
		list_move(&slab->link, empty);
	}
}

void slab_give(struct kmem_cache *cache, void *const *objects, unsigned nr)
{
	struct list_head empty = LIST_HEAD_INIT(empty);
	struct slab_node *node = NULL, *next;
	unsigned i;

	for (i = 0; i < nr; i++) {
		next = &cache->nodes[node_page_node(objects[i])];
		if (next != node) {
			if (node)
				spin_unlock(&node->lock);
			node = next;
			spin_lock(&node->lock);
		}
		give_one(cache, node, objects[i], &empty);
	}
	if (node)
		spin_unlock(&node->lock);
	discard(cache, &empty);
}

void slab_discard_empty(struct kmem_cache *cache)
{
	struct list_head empty = LIST_HEAD_INIT(empty);
	struct slab *slab, *spare;
	struct slab_node *node;

	for (node = cache->nodes; node < cache->nodes + cache->nr_nodes; node++) {
		spin_lock(&node->lock);
		list_for_each_entry_safe(slab, spare, &node->partial, link) {
			if (slab->nr_free < cache->per_page)
				continue;
			node->nr_partial--;
			node->nr_slabs--;
			list_move(&slab->link, &empty);
		}
		spin_unlock(&node->lock);
	}
	discard(cache, &empty);
}
