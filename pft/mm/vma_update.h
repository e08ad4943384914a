/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_update: changes of a vma_index, with mmap_lock held for write. prepare() builds the new nodes
 * aside, which may fail with -ENOMEM and then has changed nothing; commit() cannot fail, and is one
 * store for readers (vma_iter_prealloc() and vma_iter_store() in the kernel). Between them the
 * index must not change.
 */
#ifndef PFT_MM_VMA_UPDATE_H
#define PFT_MM_VMA_UPDATE_H

#include "pft/mm/vma_index.h"

enum {
	VMA_INDEX_PIECES = 8, /* most entries that one update stores */
};

/* One entry of an update; not NULL, not empty. */
struct vma_index_piece {
	unsigned long start;
	unsigned long end;
	void *entry;
};

/* An update that was prepared and waits for commit or abort; on the caller's stack. */
struct vma_index_update {
	struct vma_index *index;
	struct vma_node *fresh; /* nodes built, chained by state */
	struct vma_node *old; /* nodes to retire, chained by state */
	void **where; /* the one store that publishes all: a slot or the root */
	void *what;
	unsigned long count; /* what index->count will be */
	long nodes; /* fresh minus old nodes */
	/* The inner nodes above the store, lowest first, and the new largest gap below it. */
	unsigned above;
	struct vma_node *path[VMA_INDEX_LEVELS];
	unsigned char slot[VMA_INDEX_LEVELS];
	unsigned long gap;
};

/*
 * Prepare that [@start, @end) holds the @nr <= VMA_INDEX_PIECES @pieces, in order and inside the
 * range, and nothing else. Entries that reach over an edge of the range keep what lies outside; one
 * that reaches over both is then there twice. Returns 0, or -ENOMEM with nothing changed and
 * nothing left to abort.
 */
int vma_index_prepare(struct vma_index_update *update, struct vma_index *index, unsigned long start,
		      unsigned long end, const struct vma_index_piece *pieces, unsigned nr);

/* Make a prepared update true for all, at one store. */
void vma_index_commit(struct vma_index_update *update);

/* Drop a prepared update. */
void vma_index_abort(struct vma_index_update *update);

/* Prepare and commit: the pieces in place of the range, one entry, nothing. 0 or -ENOMEM. */
int vma_index_replace(struct vma_index *index, unsigned long start, unsigned long end,
		      const struct vma_index_piece *pieces, unsigned nr);
int vma_index_store(struct vma_index *index, unsigned long start, unsigned long end, void *entry);
int vma_index_erase(struct vma_index *index, unsigned long start, unsigned long end);

#endif
