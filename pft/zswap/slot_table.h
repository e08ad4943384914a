/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot_table: which entry holds the page of which slot; an atomic word per slot. Slots come in trees
 * of 2^14, as from 6.9 (64 MiB of swap), and these in leaves of 512 that are made when first
 * stored to, as an xarray's nodes are. There is no lock: the slot's owner stores and erases, and whoever
 * does not own it only looks, or compares and exchanges.
 */
#ifndef PFT_ZSWAP_SLOT_TABLE_H
#define PFT_ZSWAP_SLOT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/slab.h"

struct zswap_entry;

enum {
	SLOT_LEAF_SHIFT = 9, /* slots of a leaf: 4 KiB of pointers */
	SLOT_TREE_SHIFT = 14, /* SWAP_ADDRESS_SPACE_SHIFT */
	SLOT_LEAF = 1 << SLOT_LEAF_SHIFT,
	SLOT_TREE_LEAVES = 1 << (SLOT_TREE_SHIFT - SLOT_LEAF_SHIFT),
};

struct slot_leaf {
	struct zswap_entry *entries[SLOT_LEAF];
};

struct slot_tree {
	struct slot_leaf *leaves[SLOT_TREE_LEAVES]; /* NULL: nothing was ever stored there */
};

struct slot_table {
	uint64_t nr_slots; /* 0: no table */
	struct slot_tree *trees;
	struct kmem_cache *leaves; /* kept from one table to the next */
};

/* zswap_swapon(): a table of @nr_slots empty slots; table->leaves is set. 0 or -ENOMEM. */
int slot_table_init(struct slot_table *table, uint64_t nr_slots);

/* zswap_swapoff(): free the trees, which must be empty (a BUG otherwise); nobody uses them. */
void slot_table_release(struct slot_table *table);

/* The place of @slot, or NULL: its leaf was never made, or @slot is out of bounds. */
static inline struct zswap_entry **slot_table_place(struct slot_table *table, uint64_t slot)
{
	struct slot_leaf *leaf;

	if (unlikely(slot >= table->nr_slots))
		return NULL;
	/* Acquire: pairs with the release of slot_table_store(); the leaf is seen empty, not raw. */
	leaf = arch_load_acquire(
		&table->trees[slot >> SLOT_TREE_SHIFT]
			 .leaves[slot >> SLOT_LEAF_SHIFT & (SLOT_TREE_LEAVES - 1)]);
	return leaf ? &leaf->entries[slot & (SLOT_LEAF - 1)] : NULL;
}

/* xa_load(): acquire, pairs with slot_table_store(). */
static inline struct zswap_entry *slot_table_load(struct slot_table *table, uint64_t slot)
{
	struct zswap_entry **place = slot_table_place(table, slot);

	return place ? arch_load_acquire(place) : NULL;
}

/* xa_store(): put @entry at @slot; *@old is what was there, or NULL. 0, or -ENOMEM with nothing
 * changed. */
int slot_table_store(struct slot_table *table, uint64_t slot, struct zswap_entry *entry,
		     struct zswap_entry **old);

/* xa_erase(): empty @slot; returns what was there, or NULL. */
static inline struct zswap_entry *slot_table_erase(struct slot_table *table, uint64_t slot)
{
	struct zswap_entry **place = slot_table_place(table, slot);

	/* Looking first writes no line where there is nothing: the "empty tree" shortcut. */
	if (!place || !arch_read_once(place))
		return NULL;
	return arch_xchg_full(place, NULL);
}

/* xa_cmpxchg(): empty @slot if it holds @entry. */
static inline bool slot_table_erase_this(struct slot_table *table, uint64_t slot,
					 struct zswap_entry *entry)
{
	struct zswap_entry **place = slot_table_place(table, slot);

	return place && arch_cmpxchg_full(place, &entry, NULL);
}

#endif
