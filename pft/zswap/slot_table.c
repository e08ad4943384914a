/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/slot_table.h"

#include <errno.h>
#include <string.h>

#include "pft/base/memory.h"

static uint64_t nr_trees(uint64_t nr_slots)
{
	return (nr_slots + (1UL << SLOT_TREE_SHIFT) - 1) >> SLOT_TREE_SHIFT;
}

int slot_table_init(struct slot_table *table, uint64_t nr_slots)
{
	table->trees = memory_alloc(nr_trees(nr_slots) * sizeof(*table->trees));
	if (!table->trees)
		return -ENOMEM;
	table->nr_slots = nr_slots;
	return 0;
}

static void free_leaf(struct slot_table *table, struct slot_leaf *leaf)
{
	unsigned i;

	if (!leaf)
		return;
	for (i = 0; i < SLOT_LEAF; i++)
		if (leaf->entries[i])
			BUG("a slot still has a compressed page at swapoff");
	kmem_cache_free(table->leaves, leaf);
}

void slot_table_release(struct slot_table *table)
{
	uint64_t tree;
	unsigned i;

	for (tree = 0; tree < nr_trees(table->nr_slots); tree++)
		for (i = 0; i < SLOT_TREE_LEAVES; i++)
			free_leaf(table, table->trees[tree].leaves[i]);
	memory_free(table->trees);
	table->trees = NULL;
	table->nr_slots = 0;
}

/* Make the leaf of @slot, unless another has made it meanwhile. */
static int make_leaf(struct slot_table *table, uint64_t slot)
{
	struct slot_leaf **at = &table->trees[slot >> SLOT_TREE_SHIFT]
					 .leaves[slot >> SLOT_LEAF_SHIFT & (SLOT_TREE_LEAVES - 1)];
	struct slot_leaf *leaf, *none = NULL;

	leaf = kmem_cache_alloc(table->leaves);
	if (!leaf)
		return -ENOMEM;
	memset(leaf, 0, sizeof(*leaf));
	/* Release: pairs with the acquire of slot_table_place(). */
	if (!arch_cmpxchg_full(at, &none, leaf))
		kmem_cache_free(table->leaves, leaf);
	return 0;
}

int slot_table_store(struct slot_table *table, uint64_t slot, struct zswap_entry *entry,
		     struct zswap_entry **old)
{
	struct zswap_entry **place = slot_table_place(table, slot);

	if (unlikely(!place)) {
		if (make_leaf(table, slot))
			return -ENOMEM;
		place = slot_table_place(table, slot);
	}
	*old = arch_xchg_full(place, entry);
	return 0;
}
