/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slab_page: the pages under a kmem_cache and their free lists; for slab.c alone. */
#ifndef PFT_BASE_SLAB_PAGE_H
#define PFT_BASE_SLAB_PAGE_H

#include "pft/base/rcu.h"
#include "pft/base/slab.h"

/* A page of objects: lies in its struct node_page. The node's lock guards all but ->cache, which is
 * constant while the page is the cache's. */
struct slab {
	struct kmem_cache *cache;
	union {
		struct list_head link; /* slab_node's partial or slabs_full */
		struct rcu_head rcu; /* on its way back */
	};
	void *free; /* first free object */
	uint16_t nr_free;
};

_Static_assert(sizeof(struct slab) <= sizeof(struct node_page), "a slab lies in a descriptor");

/* The slab that @object lies in. */
static inline struct slab *slab_of(const void *object)
{
	return (struct slab *)node_page_of(object);
}

/* From one plain object of @size to the next: its size rounded up to what @flags ask for. */
unsigned slab_stride(size_t size, unsigned flags);

/* Whether objects may start at @offset of a page of the cache. */
bool slab_offset_issued(const struct kmem_cache *cache, unsigned offset);

/* Take up to @want objects of @node's slabs, new ones where none has any; returns how many. */
unsigned slab_take(struct kmem_cache *cache, unsigned node, void **objects, unsigned want);

/* Give @nr objects back to their slabs. */
void slab_give(struct kmem_cache *cache, void *const *objects, unsigned nr);

/* Give back the pages of all empty slabs. */
void slab_discard_empty(struct kmem_cache *cache);

/* The next object on a slab's free list after @object, or NULL. */
void *slab_next_free(const struct kmem_cache *cache, const void *object);

#endif
