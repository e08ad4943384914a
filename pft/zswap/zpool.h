/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zpool: where compressed pages lie. An object is reached by its handle only, so that an allocator may
 * move it; mm/zpool.c up to 6.17, with the calls that zsmalloc has since 6.16. A variant is one
 * file with one const struct zpool_ops, and a row of zpool_table.c.
 *
 *	zpool_malloc(pool, length, node, &handle);
 *	zpool_write(pool, handle, compressed, length);
 *	...
 *	from = zpool_read_begin(pool, handle, scratch);		decompress from there
 *	zpool_read_end(pool, handle);
 *	zpool_free_object(pool, handle);
 *
 * All calls but those that say otherwise may be made by several workers at once. Whoever has the handle
 * keeps read, write and free of one object apart; different objects need no care. The calls may
 * sleep: no spinlock may be held. Workers are registered with RCU; zpool_compact() waits for a grace
 * period, so it may not be called in an RCU read section.
 */
#ifndef PFT_ZSWAP_ZPOOL_H
#define PFT_ZSWAP_ZPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/fault_inject.h"

/* Largest object of any allocator, and bytes of the buffer for zpool_read_begin(). */
#define ZPOOL_PAGE 4096

struct zpool;

/* What a pool holds now. Exact while no other worker uses the pool. */
struct zpool_stats {
	uint64_t pages; /* 4 KiB pages with objects in them: zs_get_total_pages() */
	uint64_t objects;
	uint64_t pages_compacted; /* ever freed by compaction: zs_pool_stats */
	double density; /* bytes of pages over bytes of payload; 0 if that was not told */
};

/* A size class: a row of the kernel's /sys/kernel/debug/zsmalloc/POOL/classes. */
struct zpool_class {
	unsigned size; /* bytes of an object and of what the allocator adds to it */
	unsigned pages, objects; /* of one zspage */
	uint64_t zspages;
	uint64_t used; /* objects allocated */
	uint64_t freeable; /* pages that compaction could free */
};

/* A kind of pool. The functions are those below, and have their contracts. */
struct zpool_ops {
	const char *name, *summary;
	struct zpool *(*new)(struct why *why);
	void (*free)(struct zpool *pool);
	int (*malloc)(struct zpool *pool, size_t size, unsigned node, uint64_t *handle);
	void (*free_object)(struct zpool *pool, uint64_t handle);
	const void *(*read_begin)(struct zpool *pool, uint64_t handle, void *scratch);
	void (*read_end)(struct zpool *pool, uint64_t handle);
	void (*write)(struct zpool *pool, uint64_t handle, const void *data, size_t size);
	uint64_t (*compact)(struct zpool *pool);
	void (*stats)(struct zpool *pool, struct zpool_stats *stats);
	bool (*class_stats)(struct zpool *pool, unsigned nr, struct zpool_class *stats);
	void (*check)(struct zpool *pool);
};

/* What every pool begins with. */
struct zpool {
	const struct zpool_ops *ops;
	uint64_t pages __attribute__((aligned(ARCH_PAIR))); /* in use; atomic, exact at all times */
};

extern const struct zpool_ops zpool_zsmalloc, zpool_zbud;

/* In the order in which they are to be tried. */
extern const struct zpool_ops *const zpools[];
extern const unsigned nr_zpools;

/* Every page that a pool takes asks it. Handles and descriptors come from slabs: fault_inject_slab. */
extern struct fault_inject fault_inject_zpool;

/* The kind named @name, or NULL. */
const struct zpool_ops *zpool_find(const char *name);

/* Make an empty pool of the kind @name; its pages come from node_memory. NULL with the reason in
 * @why. */
struct zpool *zpool_new(const char *name, struct why *why);

/* Free the pool; an object that is still allocated is a BUG. No worker may use it any more. */
static inline void zpool_free(struct zpool *pool)
{
	pool->ops->free(pool);
}

/*
 * Allocate an object of @size bytes; where that takes new pages, of @node. Returns 0; -EINVAL for no
 * bytes; -ENOSPC if the allocator has no place for such an object; -ENOMEM. zs_malloc().
 */
static inline int zpool_malloc(struct zpool *pool, size_t size, unsigned node, uint64_t *handle)
{
	return pool->ops->malloc(pool, size, node, handle);
}

/* Free an object; nobody may be reading it. zs_free(). */
static inline void zpool_free_object(struct zpool *pool, uint64_t handle)
{
	pool->ops->free_object(pool, handle);
}

/*
 * The object's bytes, at their place or, if they are not in one piece, copied to @scratch
 * (ZPOOL_PAGE bytes); valid until zpool_read_end(), and not to be written to. One worker may read
 * several objects at a time, and several may read one. zs_obj_read_begin().
 */
static inline const void *zpool_read_begin(struct zpool *pool, uint64_t handle, void *scratch)
{
	return pool->ops->read_begin(pool, handle, scratch);
}

static inline void zpool_read_end(struct zpool *pool, uint64_t handle)
{
	pool->ops->read_end(pool, handle);
}

/* Copy @size bytes, at most what was allocated, to the start of the object. zs_obj_write(). */
static inline void zpool_write(struct zpool *pool, uint64_t handle, const void *data, size_t size)
{
	pool->ops->write(pool, handle, data, size);
}

/* How many 4 KiB pages the pool has. */
static inline uint64_t zpool_pages(struct zpool *pool)
{
	return arch_read_once(&pool->pages);
}

/* Move objects together; returns how many pages that freed. Not for a reader: zpool_read_begin()
 * without zpool_read_end(). zs_compact(). */
static inline uint64_t zpool_compact(struct zpool *pool)
{
	return pool->ops->compact(pool);
}

/* What the pool holds; @payload is the sum of the objects' bytes, which only the caller knows, or 0. */
void zpool_stats(struct zpool *pool, uint64_t payload, struct zpool_stats *stats);

/* The class number @nr, from 0, smallest first. False if there are no more; zbud has none. */
static inline bool zpool_class_stats(struct zpool *pool, unsigned nr, struct zpool_class *stats)
{
	return pool->ops->class_stats(pool, nr, stats);
}

/* Walk over all that the pool holds; what is not as it must be is a BUG. No other worker may use the pool
 * meanwhile. */
static inline void zpool_check(struct zpool *pool)
{
	pool->ops->check(pool);
}

#endif
