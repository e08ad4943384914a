/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zsmalloc: what the files of the allocator share; for zsmalloc*.c alone. mm/zsmalloc.c of 6.12 to 6.18.
 *
 * An object lies in a zspage, 1 to 8 pages that objects are cut from as if they were in one piece; so one
 * may begin in one page and end in the next. A handle is the address of a word that says where the
 * object is now: the page in which it begins, and its index in the zspage. The object's first eight
 * bytes hold the handle, for whoever moves it.
 *
 *	handle -> word: page | index -> page's descriptor -> zspage -> size class
 *
 * Lock order: migrate_lock, a class's lock, node_memory's and the slabs'.
 */
#ifndef PFT_ZSWAP_ZSMALLOC_H
#define PFT_ZSWAP_ZSMALLOC_H

#include "pft/base/list.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/base/rwsem.h"
#include "pft/base/slab.h"
#include "pft/base/spinlock.h"
#include "pft/zswap/zpool.h"

enum {
	ZS_HANDLE = 8, /* bytes of a handle in its object */
	ZS_LEAST = 32, /* smallest size of an object: ZS_MIN_ALLOC_SIZE */
	ZS_STEP = 16, /* from one size to the next: ZS_SIZE_CLASS_DELTA */
	ZS_SIZES = (ZPOOL_PAGE - ZS_LEAST) / ZS_STEP + 1, /* 255, before merging */
	ZS_CHAIN = 8, /* most pages of a zspage: CONFIG_ZSMALLOC_CHAIN_SIZE */
};

/* How full a zspage is: enum fullness_group. The groups between hold 1..9, 10..19, ... 90..99 %. */
enum { ZS_EMPTY, ZS_FEWEST, ZS_MOST = 10, ZS_FULL, ZS_GROUPS };

/* The first word of an object: its handle and ZS_USED, or the index of the next free one above the bit. */
#define ZS_USED 1UL

struct size_class {
	/* Guards groups, counters, the class's zspages and the first words of their objects. */
	struct spinlock lock;
	unsigned size; /* of an object, with its handle */
	unsigned pages, objects; /* of a zspage */
	uint64_t zspages, used; /* zspages, and objects that are allocated */
	struct list_head groups[ZS_GROUPS];
} __attribute__((aligned(ARCH_PAIR)));

struct zspage {
	struct list_head link; /* in its group, or with who isolated it */
	struct size_class *class;
	uint32_t readers; /* atomic; raised only under migrate_lock: objects stay while it is not 0 */
	uint16_t group, used;
	uint16_t free; /* index of the first free object; class->objects: none */
	uint64_t whole; /* first word of an object that has a page for itself, which has no room for it */
	char *pages[ZS_CHAIN];
};

struct zs_pool {
	struct zpool zpool;
	struct kmem_cache *handles, *zspages;
	unsigned nr_classes;
	struct size_class *class_of[ZS_SIZES]; /* by size, ZS_LEAST first */
	/*
	 * Held for reading to go from a handle to its object, for writing to move objects. The kernel's is
	 * a rwlock, that all CPUs write to three times for a page's store and load. Here who reads need
	 * not write while nobody compacts: it is in an RCU read section, which compaction waits out
	 * before it moves anything, as in percpu_rw_semaphore.
	 */
	uint32_t moving; /* readers must take the lock */
	struct rw_semaphore migrate_lock __attribute__((aligned(ARCH_PAIR)));
	uint64_t pages_compacted __attribute__((aligned(ARCH_PAIR))); /* atomic */
	uint32_t compacting; /* atomic: one at a time */
	struct size_class classes[ZS_SIZES]; /* of which nr_classes are used */
};

static inline struct zs_pool *zs_pool_of(struct zpool *zpool)
{
	return container_of(zpool, struct zs_pool, zpool);
}

/* The class of objects of @size bytes, to which the handle is still to be added (zs_lookup_class_index()
 * once left it out). */
static inline struct size_class *zs_class_of(struct zs_pool *pool, size_t size)
{
	size_t nr = ZS_SIZES - 1;

	if (size + ZS_HANDLE < ZPOOL_PAGE)
		nr = (size + ZS_HANDLE - ZS_LEAST + ZS_STEP - 1) / ZS_STEP;
	return pool->class_of[size + ZS_HANDLE <= ZS_LEAST ? 0 : nr];
}

/* ZsHugePage(): whether an object has its page for itself and the handle lies outside. */
static inline bool zs_is_whole(const struct size_class *class)
{
	return class->objects == 1;
}

/* The byte at @offset of all that @zspage has. */
static inline char *zspage_byte(const struct zspage *zspage, size_t offset)
{
	return zspage->pages[offset / ZPOOL_PAGE] + offset % ZPOOL_PAGE;
}

/* Where the bytes of the user begin. */
static inline size_t zspage_payload(const struct zspage *zspage, unsigned index)
{
	return zs_is_whole(zspage->class) ? 0 : (size_t)index * zspage->class->size + ZS_HANDLE;
}

/* The first word of an object: sizes are multiples of 16, so it never straddles. */
static inline uint64_t *zspage_word(struct zspage *zspage, unsigned index)
{
	if (zs_is_whole(zspage->class))
		return &zspage->whole;
	return (uint64_t *)(void *)zspage_byte(zspage, (size_t)index * zspage->class->size);
}

/* Keep all objects where they are; returns whether that took the lock itself, for zs_unlock_migrate(). */
static inline bool zs_lock_migrate(struct zs_pool *pool)
{
	rcu_read_lock();
	/* Acquire: pairs with the release in zs_compact(), so that all moves are seen. */
	if (likely(!arch_load_acquire(&pool->moving)))
		return false;
	rcu_read_unlock();
	down_read(&pool->migrate_lock, RWSEM_OTHER);
	return true;
}

static inline void zs_unlock_migrate(struct zs_pool *pool, bool locked)
{
	if (unlikely(locked))
		up_read(&pool->migrate_lock, RWSEM_OTHER);
	else
		rcu_read_unlock();
}

/* Where the object of @handle is: handle_to_obj(), obj_to_location(). With migrate_lock, or with an object
 * that is kept by a reader. */
static inline struct zspage *zs_locate(uint64_t handle, unsigned *index)
{
	uint64_t place = arch_read_once((uint64_t *)(uintptr_t)handle);

	*index = place % ZPOOL_PAGE;
	return (struct zspage *)(uintptr_t)node_page_of((void *)(uintptr_t)place)->data[0];
}

/* zsmalloc_class.c: set up the classes of a new pool. */
void zs_init_classes(struct zs_pool *pool);

/* Pages that compaction could free: zs_can_compact(). With the class's lock. */
uint64_t zs_can_compact(const struct size_class *class);

/* zsmalloc_zspage.c: an empty zspage of pages of @node, in no group yet; NULL if memory is short. No lock
 * may be held. */
struct zspage *zspage_new(struct zs_pool *pool, struct size_class *class, unsigned node);

/* Give the pages of an empty zspage back that is in no group any more. */
void zspage_free(struct zs_pool *pool, struct zspage *zspage);

/* Count a zspage as the class's, and as the class's no more. With its lock. */
void zspage_enter(struct zs_pool *pool, struct zspage *zspage);
void zspage_leave(struct zs_pool *pool, struct zspage *zspage);

/* Give the first free object to @handle and write down where it is: obj_malloc(). With the class's lock. */
void zspage_take(struct zspage *zspage, uint64_t handle);

/* Free the object at @index: obj_free(). With the class's lock. */
void zspage_give(struct zspage *zspage, unsigned index);

/* The group that the zspage belongs to: get_fullness_group(). */
unsigned zspage_group(const struct zspage *zspage);

/* Put it there, from no group or from another one: insert_zspage(), fix_fullness_group(). With the
 * class's lock. */
void zspage_insert(struct zspage *zspage);
void zspage_regroup(struct zspage *zspage);

/* zsmalloc_compact.c, zsmalloc_check.c: of struct zpool_ops. */
uint64_t zs_compact(struct zpool *pool);
void zs_check(struct zpool *pool);

#endif
