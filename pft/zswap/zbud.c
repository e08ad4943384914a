/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zbud: at most two objects in a page, one from each end; mm/zbud.c up to 6.14. Space is counted in
 * chunks of 64 bytes. Nothing moves and nothing straddles, so a handle is an address, and objects
 * are read where they are; the price is that a pool is never smaller than half of its objects' pages.
 *
 * What the kernel has in the page's first chunk is here in its descriptor; the first chunk stays unused,
 * so that pages hold what the kernel's do.
 */
#include "pft/zswap/zpool.h"

#include <errno.h>
#include <string.h>

#include "pft/base/list.h"
#include "pft/base/memory.h"
#include "pft/base/node_memory.h"
#include "pft/base/spinlock.h"

enum {
	CHUNK = 64,
	CHUNKS = NODE_MEMORY_PAGE / CHUNK - 1, /* of a page, for objects: NCHUNKS */
	LARGEST = (CHUNKS - 1) * CHUNK,
};

struct zbud_pool {
	struct zpool zpool;
	/* Guards the lists, all struct zbud_page on them and nr_objects; outside node_memory's. */
	struct spinlock lock __attribute__((aligned(ARCH_PAIR)));
	struct list_head unbuddied[CHUNKS]; /* pages with one object, by their free chunks */
	struct list_head buddied; /* pages with two */
	uint64_t nr_objects;
};

/* struct zbud_header: lies in its struct node_page. */
struct zbud_page {
	struct list_head link;
	unsigned first, last; /* chunks of the object at either end; 0: none */
};
_Static_assert(sizeof(struct zbud_page) <= sizeof(struct node_page), "it lies in a descriptor");

static struct zbud_pool *zbud_of(struct zpool *pool)
{
	return container_of(pool, struct zbud_pool, zpool);
}

static struct zpool *zbud_new(struct why *why)
{
	struct zbud_pool *pool = memory_alloc(sizeof(*pool));
	unsigned i;

	if (!pool) {
		why_not(why, ENOMEM, "no memory for a pool");
		return NULL;
	}
	pool->zpool.ops = &zpool_zbud;
	spin_lock_init(&pool->lock);
	list_init(&pool->buddied);
	for (i = 0; i < CHUNKS; i++)
		list_init(&pool->unbuddied[i]);
	return &pool->zpool;
}

static void zbud_free(struct zpool *zpool)
{
	struct zbud_pool *pool = zbud_of(zpool);

	if (pool->nr_objects || zpool->pages)
		BUG("%lu objects of a zbud pool are still allocated",
		    (unsigned long)pool->nr_objects);
	memory_free(pool);
}

/* The page with the least room that is enough, off its list; NULL if there is none. With the lock. */
static struct zbud_page *take_unbuddied(struct zbud_pool *pool, unsigned chunks)
{
	struct zbud_page *page;
	unsigned i;

	for (i = chunks; i < CHUNKS; i++) {
		page = list_first_entry_or_null(&pool->unbuddied[i], struct zbud_page, link);
		if (page) {
			list_del(&page->link);
			return page;
		}
	}
	return NULL;
}

/* Put a page that has objects on its list. With the lock. */
static void list_page(struct zbud_pool *pool, struct zbud_page *page)
{
	struct list_head *list = &pool->buddied;

	if (!page->first || !page->last)
		list = &pool->unbuddied[CHUNKS - page->first - page->last];
	list_add(&page->link, list);
}

/* A fresh page, without the lock; NULL if memory is short. */
static struct zbud_page *new_page(struct zbud_pool *pool, unsigned node)
{
	struct zbud_page *page;
	void *address;

	if (fault_inject_fails(&fault_inject_zpool, NULL))
		return NULL;
	address = node_page_alloc(node);
	if (!address)
		return NULL;
	page = (struct zbud_page *)node_page_of(address);
	*page = (struct zbud_page){.first = 0};
	arch_xadd_relaxed(&pool->zpool.pages, 1);
	return page;
}

/* zbud_alloc() */
static int zbud_malloc(struct zpool *zpool, size_t size, unsigned node, uint64_t *handle)
{
	struct zbud_pool *pool = zbud_of(zpool);
	unsigned chunks = (size + CHUNK - 1) / CHUNK, offset = CHUNK;
	struct zbud_page *page;

	if (!size)
		return -EINVAL;
	if (size > LARGEST)
		return -ENOSPC;
	spin_lock(&pool->lock);
	page = take_unbuddied(pool, chunks);
	if (!page) {
		spin_unlock(&pool->lock);
		page = new_page(pool, node);
		if (!page)
			return -ENOMEM;
		spin_lock(&pool->lock);
	}
	if (!page->first) {
		page->first = chunks;
	} else {
		page->last = chunks;
		offset = NODE_MEMORY_PAGE - chunks * CHUNK;
	}
	pool->nr_objects++;
	list_page(pool, page);
	spin_unlock(&pool->lock);
	*handle = (uintptr_t)node_page_address(page) + offset;
	return 0;
}

/* zbud_free() */
static void zbud_free_object(struct zpool *zpool, uint64_t handle)
{
	struct zbud_pool *pool = zbud_of(zpool);
	struct zbud_page *page = (struct zbud_page *)node_page_of((void *)(uintptr_t)handle);
	unsigned *chunks = handle % NODE_MEMORY_PAGE == CHUNK ? &page->first : &page->last;
	bool empty;

	spin_lock(&pool->lock);
	if (!*chunks)
		BUG("object %lx is not allocated", (unsigned long)handle);
	*chunks = 0;
	pool->nr_objects--;
	list_del(&page->link);
	empty = !page->first && !page->last;
	if (!empty)
		list_page(pool, page);
	spin_unlock(&pool->lock);
	if (empty) {
		arch_xadd_relaxed(&zpool->pages, -1);
		node_page_free(node_page_address(page));
	}
}

/* zbud_map(): nothing moves, so there is nothing to hold. */
static const void *zbud_read_begin(struct zpool *zpool, uint64_t handle, void *scratch)
{
	(void)zpool;
	(void)scratch;
	return (void *)(uintptr_t)handle;
}

/* zbud_unmap() */
static void zbud_read_end(struct zpool *zpool, uint64_t handle)
{
	(void)zpool;
	(void)handle;
}

static void zbud_write(struct zpool *zpool, uint64_t handle, const void *data, size_t size)
{
	(void)zpool;
	memcpy((void *)(uintptr_t)handle, data, size);
	arch_work(ARCH_WORK_COPY, (void *)(uintptr_t)handle, size);
}

static uint64_t zbud_compact(struct zpool *zpool)
{
	(void)zpool;
	return 0;
}

static void zbud_stats(struct zpool *zpool, struct zpool_stats *stats)
{
	struct zbud_pool *pool = zbud_of(zpool);

	spin_lock(&pool->lock);
	stats->objects = pool->nr_objects;
	spin_unlock(&pool->lock);
}

static bool zbud_class_stats(struct zpool *zpool, unsigned nr, struct zpool_class *stats)
{
	(void)zpool;
	(void)nr;
	(void)stats;
	return false;
}

/* The pages of one list have @room free chunks and one object, or two objects where @room < 0. Counts
 * their objects. */
static uint64_t check_list(struct list_head *list, int room, uint64_t *objects)
{
	struct zbud_page *page;
	uint64_t pages = 0;

	list_for_each_entry(page, list, link) {
		unsigned nr = !!page->first + !!page->last;

		if (nr != (room < 0 ? 2 : 1))
			BUG("a page with %u objects is on the list of %d free chunks", nr, room);
		if (page->first + page->last > CHUNKS ||
		    (room >= 0 && page->first + page->last + room != CHUNKS))
			BUG("a page of %u and %u chunks is on the list of %d free ones",
			    page->first, page->last, room);
		*objects += nr;
		pages++;
	}
	return pages;
}

static void zbud_check(struct zpool *zpool)
{
	struct zbud_pool *pool = zbud_of(zpool);
	uint64_t pages, objects = 0;
	int i;

	pages = check_list(&pool->buddied, -1, &objects);
	for (i = 0; i < CHUNKS; i++)
		pages += check_list(&pool->unbuddied[i], i, &objects);
	if (pages != zpool_pages(zpool) || objects != pool->nr_objects)
		BUG("%lu pages and %lu objects are there, %lu and %lu are counted",
		    (unsigned long)pages, (unsigned long)objects,
		    (unsigned long)zpool_pages(zpool), (unsigned long)pool->nr_objects);
}

const struct zpool_ops zpool_zbud = {
	.name = "zbud",
	.summary = "at most two objects in a page, in chunks of 64 bytes",
	.new = zbud_new,
	.free = zbud_free,
	.malloc = zbud_malloc,
	.free_object = zbud_free_object,
	.read_begin = zbud_read_begin,
	.read_end = zbud_read_end,
	.write = zbud_write,
	.compact = zbud_compact,
	.stats = zbud_stats,
	.class_stats = zbud_class_stats,
	.check = zbud_check,
};
