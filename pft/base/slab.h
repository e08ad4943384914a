/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slab: kmem_cache. Objects lie in 4 KiB pages as the kernel's do (mm/slub.c, order 0): back to
 * back at their size rounded up to the alignment, first at the page's start. So 40-byte objects
 * share lines, 176-byte ones start at 0, 16, 32 or 48 mod 64, and 192-byte ones at 0 (11 of a
 * page's 21) or 64 (10) mod 128.
 *
 * Above the pages each worker has two sheaves of 32 objects (the kernel's per-CPU sheaves of
 * 6.18), and each node a barn of full and empty ones. An object of another node goes back to its
 * page, not into a sheaf.
 *
 * Lock order: a node's lock (barn, partial slabs, their free lists), then node_memory's.
 */
#ifndef PFT_BASE_SLAB_H
#define PFT_BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/fault_inject.h"
#include "pft/base/list.h"
#include "pft/base/node_memory.h"
#include "pft/base/spinlock.h"

/* AddressSanitizer sees the use of a freed object, but where RCU readers may look at it. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define slab_poison(cache, object) \
	((cache)->typesafe ? (void)0 : __asan_poison_memory_region((object), (cache)->object_size))
#define slab_unpoison(cache, object) __asan_unpoison_memory_region((object), (cache)->object_size)
#else
#define slab_poison(cache, object) ((void)0)
#define slab_unpoison(cache, object) ((void)0)
#endif

enum slab_flags {
	SLAB_HWCACHE_ALIGN = 1 << 0, /* start at cache lines, or halves of one for small objects */
	SLAB_TYPESAFE_BY_RCU = 1 << 1, /* a page is given back only after a grace period; its objects
					* may be reused at once, but only for the same type */
};

/* How a cache differs from the plain one; all zero is plain. */
struct kmem_cache_args {
	unsigned flags; /* enum slab_flags */
	unsigned align; /* at least this, a power of two; 0: natural, 8 */
	void (*ctor)(void *object); /* once per object when its page is new */
	bool use_freeptr_offset; /* typesafe or with ctor: the free-list pointer may overlay the */
	unsigned freeptr_offset; /* object here; else the object grows by 8 bytes, as in SLUB */
	bool force_class; /* hand out only objects that start at */
	unsigned start_mod_128; /* this, modulo 128; the others of a page are wasted */
	uint64_t shuffle_seed; /* order of a fresh page's objects (CONFIG_SLAB_FREELIST_RANDOM); 0:
				* ascending */
};

#define SLAB_SHEAF 32

/* Objects at hand. */
struct slab_sheaf {
	struct list_head link; /* in a barn */
	unsigned nr;
	void *objects[SLAB_SHEAF];
};

/* A worker's part of a cache, alone on its pair of lines; zero before its first call. */
struct slab_slot {
	void **objects; /* of the main sheaf */
	unsigned nr, capacity; /* of the main sheaf; its own nr is stale meanwhile */
	struct slab_sheaf *main, *spare;
	uint64_t allocs, frees; /* that succeeded */
	uint64_t refills, flushes; /* of a sheaf, from and to pages */
	uint64_t remote_frees; /* of another node's objects */
	uint64_t failed; /* allocations */
} __attribute__((aligned(ARCH_PAIR)));

/* A node's part of a cache. */
struct slab_node {
	struct spinlock lock; /* guards all of this and the free lists of this node's slabs */
	unsigned nr_full, nr_empty; /* sheaves of the barn */
	struct list_head full, empty;
	unsigned nr_partial;
	struct list_head partial; /* slabs with free objects */
	struct list_head slabs_full; /* slabs without */
	uint64_t nr_slabs; /* all */
	uint64_t nr_new_slabs; /* ever made; an atomic of its own, not under the lock */
	void *sheaf_pages; /* what sheaves are cut from, linked through their first word */
	unsigned sheaves_left; /* not yet cut from the first of them */
} __attribute__((aligned(ARCH_PAIR)));

struct kmem_cache {
	/* Read by every call, written by none. */
	struct slab_slot *slots; /* [ARCH_SLOTS] */
	unsigned object_size; /* what the user asked for */
	bool typesafe;
	bool many_nodes;
	unsigned size; /* from one object to the next */
	unsigned freeptr; /* offset of the free-list pointer in a free object */
	unsigned align;
	unsigned per_page; /* objects of a page that are handed out */
	struct kmem_cache_args args;
	struct slab_node *nodes; /* [node_memory_nodes()] */
	unsigned nr_nodes;
	char name[32];
};

/* Every allocation of every cache asks it; the kernel's failslab. */
extern struct fault_inject fault_inject_slab;

/*
 * Make a cache of objects of @size bytes, 8..4096. @args may be NULL. Returns 0; -EINVAL with the
 * reason in @why (may be NULL) for an impossible alignment or class; -ENOMEM.
 */
int kmem_cache_create(struct kmem_cache **cache, const char *name, size_t size,
		      const struct kmem_cache_args *args, struct why *why);

/*
 * Give all pages back and free the cache (after an rcu_barrier()); no other worker may use it any
 * more. Returns 0, or -EBUSY with name and number in @why if objects are still allocated: then the
 * cache stays as it is.
 */
int kmem_cache_destroy(struct kmem_cache *cache, struct why *why);

/* Give back the empty pages: of the caller's sheaves and the barns. */
void kmem_cache_shrink(struct kmem_cache *cache);

void *kmem_cache_alloc_slow(struct kmem_cache *cache, struct slab_slot *slot);
void kmem_cache_free_slow(struct kmem_cache *cache, struct slab_slot *slot, void *object);

/*
 * An object from the caller's node, or NULL if memory is short or an injected failure says so.
 * Contents are undefined (constructed where there is a ctor). Only the caller's sheaf is touched,
 * so nothing here is atomic.
 */
static inline void *kmem_cache_alloc(struct kmem_cache *cache)
{
	struct slab_slot *slot = &cache->slots[arch_slot()];
	void *object;

	if (unlikely(!slot->nr) || fault_inject_armed(&fault_inject_slab))
		return kmem_cache_alloc_slow(cache, slot);
	object = slot->objects[--slot->nr];
	arch_write_once(&slot->allocs, slot->allocs + 1);
	slab_unpoison(cache, object);
	return object;
}

/* Free an object of this cache, on any worker. */
static inline void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	struct slab_slot *slot = &cache->slots[arch_slot()];

	slab_poison(cache, object);
	arch_write_once(&slot->frees, slot->frees + 1);
	if (unlikely(slot->nr == slot->capacity) ||
	    (cache->many_nodes && node_page_node(object) != node_memory_here())) {
		kmem_cache_free_slow(cache, slot, object);
		return;
	}
	slot->objects[slot->nr++] = object;
}

/* What a cache holds. Sums of the workers' counters, a little late while they run. */
struct kmem_cache_stats {
	uint64_t allocs, frees, failed, refills, flushes, remote_frees;
	uint64_t live; /* allocs - frees */
	uint64_t slabs, new_slabs; /* pages held, pages ever taken */
};
void kmem_cache_stats(struct kmem_cache *cache, struct kmem_cache_stats *stats);

/* How many live objects start at each byte modulo 128 (and so modulo 64). No worker may use the cache
 * meanwhile. */
void kmem_cache_classes(struct kmem_cache *cache, uint64_t classes[ARCH_PAIR]);

/* How many of one page's objects start at each byte modulo 128: what a layout can give, without a
 * cache. Returns the objects per page. */
unsigned kmem_cache_page_classes(size_t size, unsigned flags, unsigned classes[ARCH_PAIR]);

/* Call @each with every page of the cache; objects lie in it from its start on, cache->size apart. No
 * worker may use the cache meanwhile. */
void kmem_cache_pages(const struct kmem_cache *cache, void (*each)(const void *page, void *arg),
		      void *arg);

/* Walk over all sheaves and slabs. Returns 0, or -EINVAL with the broken invariant in @why. No worker
 * may use the cache meanwhile. */
int kmem_cache_check(struct kmem_cache *cache, struct why *why);

#endif
