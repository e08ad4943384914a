/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zsmalloc.h"

/* Chain all objects as free ones: init_zspage(). */
static void chain_objects(struct zspage *zspage)
{
	unsigned i;

	for (i = 0; i < zspage->class->objects; i++)
		*zspage_word(zspage, i) = (uint64_t)(i + 1) << 1;
}

/* alloc_zspage() */
struct zspage *zspage_new(struct zs_pool *pool, struct size_class *class, unsigned node)
{
	struct zspage *zspage = kmem_cache_alloc(pool->zspages);
	unsigned i;

	if (!zspage)
		return NULL;
	*zspage = (struct zspage){.class = class};
	for (i = 0; i < class->pages; i++) {
		if (!fault_inject_fails(&fault_inject_zpool, NULL))
			zspage->pages[i] = node_page_alloc(node);
		if (!zspage->pages[i]) {
			zspage_free(pool, zspage);
			return NULL;
		}
		node_page_of(zspage->pages[i])->data[0] = (uintptr_t)zspage;
	}
	chain_objects(zspage);
	return zspage;
}

/* __free_zspage() */
void zspage_free(struct zs_pool *pool, struct zspage *zspage)
{
	unsigned i;

	if (zspage->used || arch_read_once(&zspage->readers))
		BUG("a zspage with %u objects and %u readers is freed", zspage->used,
		    zspage->readers);
	for (i = 0; i < ZS_CHAIN && zspage->pages[i]; i++)
		node_page_free(zspage->pages[i]);
	kmem_cache_free(pool->zspages, zspage);
}

void zspage_enter(struct zs_pool *pool, struct zspage *zspage)
{
	zspage->class->zspages++;
	arch_xadd_relaxed(&pool->zpool.pages, zspage->class->pages);
}

void zspage_leave(struct zs_pool *pool, struct zspage *zspage)
{
	zspage->class->zspages--;
	arch_xadd_relaxed(&pool->zpool.pages, -(uint64_t)zspage->class->pages);
}

void zspage_take(struct zspage *zspage, uint64_t handle)
{
	struct size_class *class = zspage->class;
	unsigned index = zspage->free;
	uint64_t *word = zspage_word(zspage, index);
	char *page = zspage->pages[(size_t)index * class->size / ZPOOL_PAGE];

	zspage->free = *word >> 1;
	zspage->used++;
	*word = handle | ZS_USED;
	/* record_obj(): plain readers of the word hold migrate_lock, or do not know the handle yet. */
	arch_write_once((uint64_t *)(uintptr_t)handle, (uintptr_t)page | index);
}

void zspage_give(struct zspage *zspage, unsigned index)
{
	*zspage_word(zspage, index) = (uint64_t)zspage->free << 1;
	zspage->free = index;
	zspage->used--;
}

/* One object of 127 is 0 %, and yet not empty: the tens are counted from 1. */
unsigned zspage_group(const struct zspage *zspage)
{
	if (!zspage->used)
		return ZS_EMPTY;
	if (zspage->used == zspage->class->objects)
		return ZS_FULL;
	return 100 * zspage->used / zspage->class->objects / 10 + ZS_FEWEST;
}

void zspage_insert(struct zspage *zspage)
{
	zspage->group = zspage_group(zspage);
	list_add(&zspage->link, &zspage->class->groups[zspage->group]);
}

void zspage_regroup(struct zspage *zspage)
{
	if (zspage_group(zspage) == zspage->group)
		return;
	list_del(&zspage->link);
	zspage_insert(zspage);
}
