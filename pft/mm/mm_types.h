/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm_types: what an mm consists of, for the files of this folder.
 *
 * struct mm is one address space. struct mm_family is what mms share that descend from each other
 * by mm_fork(), as all mms of a kernel do: frames, LRU lists, memcg, slabs, counters. struct
 * mm_worker is a worker's part of the family: the kernel's per-CPU data.
 *
 * Lock order: mmap_lock (a parent's, then its child's), a VMA's lock, a frame's lock, anon_vma
 * root's rwsem, page_table_lock, PMD page's lock, PTE page's lock (a child's, then its parent's),
 * lru_lock, zone->lock. family->lock is taken with mmap_lock at most.
 */
#ifndef PFT_MM_MM_TYPES_H
#define PFT_MM_MM_TYPES_H

#include <stdint.h>

#include "pft/base/frame.h"
#include "pft/base/list.h"
#include "pft/base/memcg_charge.h"
#include "pft/base/stat.h"
#include "pft/locks/lock.h"
#include "pft/mm/mm.h"
#include "pft/mm/pgtable.h"
#include "pft/mm/rss.h"
#include "pft/mm/vma_index.h"

enum {
	MM_MAX = 1024, /* mms of a family that live at once */
	MEMCG_LEVELS = 8, /* deepest hierarchy */
	LRU_BATCH = 31, /* PAGEVEC_SIZE of 6.12 */
	GATHER_LIMIT = 20 * 510, /* pages per flush: MAX_GATHER_BATCH_COUNT * MAX_GATHER_BATCH */
};

struct mm_swap;

/* Pages on their way to an LRU list (struct folio_batch); each holds a reference. */
struct lru_batch {
	unsigned nr;
	struct frame *frames[LRU_BATCH];
};

/* Where pages come from (struct mempolicy); VMAs without one take the worker's node. */
struct mempolicy {
	bool interleave;
	unsigned node; /* preferred, if not interleaved */
};

struct mm_worker {
	struct memcg_stock stock;
	uint64_t active_mm; /* id of the mm it ran in last */
	unsigned interleave; /* next node */
	struct lru_batch lru;
	struct pcp pcps[NODE_MEMORY_MAX];
	int32_t rss[MM_MAX][NR_MM_COUNTERS]; /* by mm->percpu: a chunk of per-CPU memory */
	bool may_swap; /* mm_swap_enter() was done */
	bool memalloc; /* frees memory, and may take the last there is: PF_MEMALLOC */
	/* Swap slots whose PTEs were cleared under the lock of their PTE page. */
	uint64_t zapped[PTRS_PER_TABLE];
	/* mmu_gather's pages: a PTE page's worth may come on top of the limit. */
	struct frame *gathered[GATHER_LIMIT + PTRS_PER_TABLE];
} __attribute__((aligned(ARCH_PAIR)));

struct mm_family {
	struct lock_domain domain;
	struct zone *zones;
	unsigned nr_nodes;
	unsigned memcg_levels;
	int32_t rss_batch;
	struct mm_worker *workers; /* [ARCH_SLOTS] */
	struct memcg_tree tree;
	struct memcg *memcgs[MEMCG_LEVELS + 1]; /* the root first, then the levels */
	struct kmem_cache *vma_nodes, *anon_vmas, *anon_vma_chains;
	bool rmap; /* pages are looked up by their anon_vma */
	struct mm_swap *swap; /* NULL: none */
	uint64_t slots[ARCH_SLOTS / 64]; /* that were ever in; changed by atomics */
	struct stat_table events; /* of enum mm_event */
	struct mempolicy policies[NODE_MEMORY_MAX + 1]; /* preferred nodes, then interleave */
	struct spinlock lock; /* guards what follows */
	struct list_head mms;
	uint64_t last_id;
	uint64_t used[MM_MAX / 64]; /* bits of mm->percpu taken */
};

struct mm {
	struct lock_mm lock;
	const struct vma_layout *vma; /* the design's */
	struct percpu_counter *rss; /* in the image */
	struct mm_family *family;
	struct memcg *memcg; /* that pages are charged to, with a reference, or NULL */
	uint64_t id; /* never used again; not 0 */
	unsigned percpu; /* index into workers' rss[] */
	bool dontneed_vma_lock; /* 6.17+: madvise(DONTNEED) under the VMA's lock */
	struct list_head link; /* of family->mms */
	struct vma_index index __attribute__((aligned(ARCH_LINE)));
	struct pgtable tables __attribute__((aligned(ARCH_LINE)));
	uint64_t cpumask[ARCH_SLOTS / 64] __attribute__((aligned(ARCH_LINE))); /* who ran here */
};

static inline struct mm *mm_of(struct lock_mm *lock)
{
	return container_of(lock, struct mm, lock);
}

/* The caller's part of the family. */
static inline struct mm_worker *mm_worker(const struct mm_family *family)
{
	return &family->workers[arch_slot()];
}

static inline void mm_event(const struct mm *mm, enum mm_event event)
{
	stat_inc(&mm->family->events, event);
}

/* A field of the mm's image, as a pointer to @type. */
#define mm_field(mm_, field, type) layout_at((mm_)->lock.image, (mm_)->lock.design->mm->field, type)

/* add_mm_counter() */
static inline void rss_add(struct mm *mm, struct mm_worker *worker, enum mm_counter counter,
			   long nr)
{
	if (percpu_counter_add(&mm->rss[counter], &worker->rss[mm->percpu][counter], nr,
			       mm->family->rss_batch))
		mm_event(mm, MM_RSS_FOLD);
}

/* Make the calling worker's part of the family usable, at its first visit. */
void mm_worker_enter(struct mm_family *family, struct mm_worker *worker);

/* The first slot from @slot on that was ever in; ARCH_SLOTS if there is none. */
static inline unsigned family_next_slot(const struct mm_family *family, unsigned slot)
{
	uint64_t word;

	for (; slot < ARCH_SLOTS; slot = (slot | 63) + 1) {
		word = arch_load_acquire(&family->slots[slot / 64]) >> slot % 64;
		if (word)
			return slot + (unsigned)__builtin_ctzl(word);
	}
	return ARCH_SLOTS;
}

#define family_for_each_slot(slot, family) \
	for ((slot) = family_next_slot((family), 0); (slot) < ARCH_SLOTS; \
	     (slot) = family_next_slot((family), (slot) + 1))

void mm_switch_slow(struct mm *mm, struct mm_worker *worker);

/* Say that the caller runs in @mm (switch_mm()): from now on flushes interrupt it. Returns its part
 * of the family. */
static inline struct mm_worker *mm_switch(struct mm *mm)
{
	struct mm_worker *worker = mm_worker(mm->family);

	if (unlikely(worker->active_mm != mm->id))
		mm_switch_slow(mm, worker);
	return worker;
}

#endif
