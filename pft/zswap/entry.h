/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry: a compressed page: where it waits, what it counts for, how it ends. For pft/zswap and tests. */
#ifndef PFT_ZSWAP_ENTRY_H
#define PFT_ZSWAP_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/base/list.h"
#include "pft/base/memcg_stat.h"
#include "pft/zswap/zswap.h"

struct obj_cgroup;
struct zswap_pool;

/* Bytes and references of struct zswap_entry as 6.12 has it. Whoever owns the slot owns the entry; of
 * one that it found on an LRU list a walker reads slot and referenced under the list's lock only. */
struct zswap_entry {
	uint64_t slot;
	uint32_t
		length; /* of the object; 0: same-filled, PAGE_SIZE: as it is, not compressed (B19) */
	bool referenced; /* second chance: not visited yet since it was stored */
	uint16_t node; /* the page's; in the kernel the node of this struct */
	struct zswap_pool *pool; /* with a reference; NULL: same-filled */
	union {
		uint64_t handle; /* in the pool */
		uint64_t value; /* of each word of a same-filled page */
	};
	struct obj_cgroup *objcg; /* with a reference; NULL: the root's */
	struct list_head lru;
};
_Static_assert(sizeof(struct zswap_entry) == 56, "the kernel's struct zswap_entry");

/* A fresh one, all of it undefined, or NULL. */
struct zswap_entry *zswap_entry_alloc(struct zswap *zswap);

/* The list that @entry belongs on; zswap_lru_add() takes it, zswap_lru_del() leaves it, both safe in
 * any state. */
void zswap_lru_add(struct zswap *zswap, struct zswap_entry *entry);
void zswap_lru_del(struct zswap *zswap, struct zswap_entry *entry);

/* What an entry counts for, from the insertion into the table to the erasure or write. */
void zswap_entry_account(struct zswap *zswap, struct zswap_entry *entry);
void zswap_entry_unaccount(struct zswap *zswap, struct zswap_entry *entry);

/* zswap_entry_free() of an entry in no table: off the LRU list first, as the list is found through the
 * objcg (B4), then object, pool, charge, objcg, entry. */
void zswap_entry_free(struct zswap *zswap, struct zswap_entry *entry);

/* The same without what it counts for: its writeback has been written. */
void zswap_entry_release(struct zswap *zswap, struct zswap_entry *entry);

/* zswap_decompress(): the contents of @entry, which the caller owns, into @page; 0 or -EIO, counted. */
int zswap_decompress(struct zswap *zswap, const struct zswap_entry *entry, void *page);

/* Count an event for the group of @entry as well. */
void zswap_entry_count(struct zswap *zswap, const struct zswap_entry *entry, enum zswap_stat stat,
		       enum memcg_stat item);

#endif
