/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be seen of a kmem_cache from outside: counts, classes, and the invariant walk. */
#include <errno.h>
#include <string.h>

#include "pft/base/slab_page.h"

void kmem_cache_stats(struct kmem_cache *cache, struct kmem_cache_stats *stats)
{
	struct slab_slot *slot;
	unsigned i;

	*stats = (struct kmem_cache_stats){0};
	for (i = 0; i < ARCH_SLOTS; i++) {
		slot = &cache->slots[i];
		stats->allocs += arch_read_once(&slot->allocs);
		stats->frees += arch_read_once(&slot->frees);
		stats->failed += arch_read_once(&slot->failed);
		stats->refills += arch_read_once(&slot->refills);
		stats->flushes += arch_read_once(&slot->flushes);
		stats->remote_frees += arch_read_once(&slot->remote_frees);
	}
	stats->live = stats->allocs - stats->frees;
	for (i = 0; i < cache->nr_nodes; i++) {
		spin_lock(&cache->nodes[i].lock);
		stats->slabs += cache->nodes[i].nr_slabs;
		spin_unlock(&cache->nodes[i].lock);
		stats->new_slabs += arch_read_once(&cache->nodes[i].nr_new_slabs);
	}
}

/* Call @each with every object that lies in a sheaf. */
static void each_in_sheaves(struct kmem_cache *cache, void (*each)(const void *object, void *arg),
			    void *arg)
{
	const struct slab_sheaf *sheaf;
	const struct slab_slot *slot;
	unsigned i, n;

	for (i = 0; i < ARCH_SLOTS; i++) {
		slot = &cache->slots[i];
		for (n = 0; n < slot->nr; n++)
			each(slot->objects[n], arg);
		for (n = 0; slot->spare && n < slot->spare->nr; n++)
			each(slot->spare->objects[n], arg);
	}
	for (i = 0; i < cache->nr_nodes; i++)
		list_for_each_entry(sheaf, &cache->nodes[i].full, link)
			for (n = 0; n < sheaf->nr; n++)
				each(sheaf->objects[n], arg);
}

static void uncount(const void *object, void *classes)
{
	((uint64_t *)classes)[(uintptr_t)object % ARCH_PAIR]--;
}

/* Add the objects of a list of slabs to @classes and take off those on the free lists. */
static void count_slabs(const struct kmem_cache *cache, const struct list_head *slabs,
			uint64_t classes[ARCH_PAIR])
{
	const struct slab *slab;
	const void *object;
	unsigned offset;

	list_for_each_entry(slab, slabs, link) {
		for (offset = 0; offset < NODE_MEMORY_PAGE; offset += cache->size)
			if (slab_offset_issued(cache, offset))
				classes[offset % ARCH_PAIR]++;
		for (object = slab->free; object; object = slab_next_free(cache, object))
			uncount(object, classes);
	}
}

void kmem_cache_classes(struct kmem_cache *cache, uint64_t classes[ARCH_PAIR])
{
	unsigned i;

	memset(classes, 0, ARCH_PAIR * sizeof(*classes));
	for (i = 0; i < cache->nr_nodes; i++) {
		count_slabs(cache, &cache->nodes[i].partial, classes);
		count_slabs(cache, &cache->nodes[i].slabs_full, classes);
	}
	each_in_sheaves(cache, uncount, classes);
}

void kmem_cache_pages(const struct kmem_cache *cache, void (*each)(const void *page, void *arg),
		      void *arg)
{
	const struct slab *slab;
	unsigned i;

	for (i = 0; i < cache->nr_nodes; i++) {
		list_for_each_entry(slab, &cache->nodes[i].partial, link)
			each(node_page_address(slab), arg);
		list_for_each_entry(slab, &cache->nodes[i].slabs_full, link)
			each(node_page_address(slab), arg);
	}
}

/* How far a check came. */
struct check {
	struct kmem_cache *cache;
	struct why *why;
	uint64_t objects, free, in_sheaves; /* objects of all slabs, on free lists, in sheaves */
	int rc;
};

static bool is_object(const struct kmem_cache *cache, const void *object)
{
	return slab_of(object)->cache == cache &&
	       slab_offset_issued(cache, (uintptr_t)object % NODE_MEMORY_PAGE);
}

static void check_in_sheaf(const void *object, void *arg)
{
	struct check *check = arg;

	check->in_sheaves++;
	if (!is_object(check->cache, object))
		check->rc = why_not(check->why, EINVAL, "cache '%s': %p in a sheaf is no object",
				    check->cache->name, object);
}

static int check_slab(struct check *check, const struct slab *slab, bool full)
{
	const struct kmem_cache *cache = check->cache;
	const void *object = slab->free;
	unsigned n = 0;

	for (; object && n <= cache->per_page; object = slab_next_free(cache, object), n++)
		if (slab_of(object) != slab || !is_object(cache, object))
			return why_not(check->why, EINVAL,
				       "cache '%s': free list of slab %p leads to %p", cache->name,
				       (const void *)slab, object);
	if (slab->cache != cache || n != slab->nr_free || full != !n)
		return why_not(check->why, EINVAL,
			       "cache '%s': slab %p has %u free objects, says %u, listed as %s",
			       cache->name, (const void *)slab, n, slab->nr_free,
			       full ? "full" : "partial");
	check->objects += cache->per_page;
	check->free += n;
	return 0;
}

static int check_node(struct check *check, const struct slab_node *node)
{
	const struct slab_sheaf *sheaf;
	const struct slab *slab;
	uint64_t slabs = 0;
	unsigned partial = 0, full = 0;

	list_for_each_entry(slab, &node->partial, link) {
		if (check_slab(check, slab, false))
			return -EINVAL;
		partial++;
	}
	slabs = partial;
	list_for_each_entry(slab, &node->slabs_full, link) {
		if (check_slab(check, slab, true))
			return -EINVAL;
		slabs++;
	}
	list_for_each_entry(sheaf, &node->full, link)
		full++;
	if (partial != node->nr_partial || slabs != node->nr_slabs || full != node->nr_full)
		return why_not(check->why, EINVAL,
			       "cache '%s': a node's counts are not those of its lists",
			       check->cache->name);
	return 0;
}

int kmem_cache_check(struct kmem_cache *cache, struct why *why)
{
	struct check check = {.cache = cache, .why = why};
	struct kmem_cache_stats stats;
	unsigned i;

	for (i = 0; i < cache->nr_nodes && !check.rc; i++)
		check.rc = check_node(&check, &cache->nodes[i]);
	if (check.rc)
		return check.rc;
	each_in_sheaves(cache, check_in_sheaf, &check);
	if (check.rc)
		return check.rc;
	kmem_cache_stats(cache, &stats);
	if (check.objects - check.free - check.in_sheaves != stats.live)
		return why_not(why, EINVAL,
			       "cache '%s': %llu objects are out, allocations less frees are %llu",
			       cache->name,
			       (unsigned long long)(check.objects - check.free - check.in_sheaves),
			       (unsigned long long)stats.live);
	return 0;
}

unsigned kmem_cache_page_classes(size_t size, unsigned flags, unsigned classes[ARCH_PAIR])
{
	unsigned n, step = slab_stride(size, flags);

	memset(classes, 0, ARCH_PAIR * sizeof(*classes));
	for (n = 0; (n + 1) * step <= NODE_MEMORY_PAGE; n++)
		classes[n * step % ARCH_PAIR]++;
	return n;
}
