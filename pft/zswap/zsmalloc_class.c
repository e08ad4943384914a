/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zsmalloc.h"

/* Pages of a zspage for objects of @size, so that the least is wasted at its end; the fewest of those:
 * calculate_zspage_chain_size(). */
static unsigned chain_size(unsigned size)
{
	unsigned pages, best = 1, waste, least = ZPOOL_PAGE;

	if (!(size & (size - 1)))
		return 1;
	for (pages = 1; pages <= ZS_CHAIN; pages++) {
		waste = pages * ZPOOL_PAGE % size;
		if (waste < least) {
			least = waste;
			best = pages;
		}
	}
	return best;
}

static void class_init(struct size_class *class, unsigned pages, unsigned objects)
{
	unsigned i;

	spin_lock_init(&class->lock);
	class->pages = pages;
	class->objects = objects;
	for (i = 0; i < ZS_GROUPS; i++)
		list_init(&class->groups[i]);
}

/* zs_create_pool(): neighbours with the same pages and objects in a zspage are one class, of the largest
 * of their sizes (can_merge()). */
void zs_init_classes(struct zs_pool *pool)
{
	struct size_class *class = NULL;
	unsigned i, size, pages, objects;

	for (i = 0; i < ZS_SIZES; i++) {
		size = ZS_LEAST + i * ZS_STEP;
		pages = chain_size(size);
		objects = pages * ZPOOL_PAGE / size;
		if (!class || class->pages != pages || class->objects != objects) {
			class = &pool->classes[pool->nr_classes++];
			class_init(class, pages, objects);
		}
		class->size = size;
		pool->class_of[i] = class;
	}
}

uint64_t zs_can_compact(const struct size_class *class)
{
	uint64_t unused = class->zspages * class->objects - class->used;

	return unused / class->objects * class->pages;
}
