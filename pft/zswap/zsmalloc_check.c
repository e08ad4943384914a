/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zsmalloc.h"

/* The free objects are as many as are not used, each once, and marked as free. */
static void check_free(struct zspage *zspage)
{
	unsigned index = zspage->free, nr, objects = zspage->class->objects;
	uint64_t word;

	for (nr = 0; index < objects; nr++) {
		word = *zspage_word(zspage, index);
		if (word & ZS_USED || nr == objects)
			BUG("object %u of a zspage is on its free list, and is not free", index);
		index = word >> 1;
	}
	if (index != objects || nr + zspage->used != objects)
		BUG("%u objects of a zspage are free, %u of %u are used", nr, zspage->used,
		    objects);
}

/* Each used object and its handle know each other. */
static void check_used(struct zspage *zspage)
{
	unsigned index, at, nr = 0;
	uint64_t word;

	for (index = 0; index < zspage->class->objects; index++) {
		word = *zspage_word(zspage, index);
		if (!(word & ZS_USED))
			continue;
		if (zs_locate(word & ~ZS_USED, &at) != zspage || at != index)
			BUG("the handle of object %u of a zspage leads elsewhere", index);
		nr++;
	}
	if (nr != zspage->used)
		BUG("a zspage has %u objects and counts %u", nr, zspage->used);
}

static void check_zspage(struct size_class *class, struct zspage *zspage, unsigned group)
{
	unsigned i;

	if (zspage->class != class || zspage->group != group || zspage_group(zspage) != group)
		BUG("a zspage with %u of %u objects is in group %u", zspage->used, class->objects,
		    group);
	if (arch_read_once(&zspage->readers))
		BUG("%u workers read a zspage", zspage->readers);
	for (i = 0; i < class->pages; i++)
		if (!zspage->pages[i] ||
		    node_page_of(zspage->pages[i])->data[0] != (uintptr_t)zspage)
			BUG("page %u of a zspage is not its own", i);
	check_free(zspage);
	check_used(zspage);
}

/* Returns how many pages the class has. */
static uint64_t check_class(struct size_class *class)
{
	uint64_t zspages = 0, used = 0;
	struct zspage *zspage;
	unsigned group;

	if (!list_empty(&class->groups[ZS_EMPTY]))
		BUG("an empty zspage of class %u was kept", class->size);
	for (group = 0; group < ZS_GROUPS; group++)
		list_for_each_entry(zspage, &class->groups[group], link) {
			check_zspage(class, zspage, group);
			zspages++;
			used += zspage->used;
		}
	if (zspages != class->zspages || used != class->used)
		BUG("class %u counts %lu objects in %lu zspages, and has %lu in %lu", class->size,
		    (unsigned long)class->used, (unsigned long)class->zspages, (unsigned long)used,
		    (unsigned long)zspages);
	return zspages * class->pages;
}

void zs_check(struct zpool *zpool)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	uint64_t pages = 0, used = 0, zspages = 0;
	struct kmem_cache_stats handles, descriptors;
	unsigned i;

	for (i = 0; i < pool->nr_classes; i++) {
		pages += check_class(&pool->classes[i]);
		used += pool->classes[i].used;
		zspages += pool->classes[i].zspages;
	}
	kmem_cache_stats(pool->handles, &handles);
	kmem_cache_stats(pool->zspages, &descriptors);
	if (pages != zpool_pages(zpool))
		BUG("the pool counts %lu pages and has %lu", (unsigned long)zpool_pages(zpool),
		    (unsigned long)pages);
	if (handles.live != used || descriptors.live != zspages)
		BUG("%lu handles for %lu objects, %lu descriptors for %lu zspages",
		    (unsigned long)handles.live, (unsigned long)used,
		    (unsigned long)descriptors.live, (unsigned long)zspages);
}
