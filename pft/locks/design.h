/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * design: what a VMA-lock design consists of. One design is one file with static functions and one
 * exported const struct lock_design, and its row in lock_table.c; lock.h is how they are used.
 */
#ifndef PFT_LOCKS_DESIGN_H
#define PFT_LOCKS_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/locks/layout.h"

struct lock_domain;
struct lock_mm;

/* What a design is like. */
enum lock_design_flags {
	LD_PER_VMA = 1 << 0, /* faults may hold a lock of the VMA alone */
	LD_SPECULATIVE = 1 << 1, /* faults may hold nothing and validate at commit */
	LD_SINGLE = 1 << 2, /* correct for one worker only: the floor */
};

/* What a fault holds. */
enum fault_held {
	FAULT_NOTHING,
	FAULT_VMA, /* the VMA's read lock (or reference) */
	FAULT_MMAP, /* mmap_lock for read */
	FAULT_SPECULATIVE, /* nothing but a sequence number */
};

/* One fault under way, on the faulting worker's stack. */
struct fault {
	struct lock_mm *mm;
	unsigned long address;
	struct vma *vma; /* stable while held; with FAULT_SPECULATIVE it points to copy */
	enum fault_held held;
	unsigned long seq; /* FAULT_SPECULATIVE: mmap_seq at the start */
	uint64_t copy[32]; /* FAULT_SPECULATIVE: the VMA's image */
};

/* The counters of the fault path, by the kernel's vmstat names; one owner: stat.h. */
enum lock_event {
	VMA_LOCK_SUCCESS, /* fault served without mmap_lock */
	VMA_LOCK_ABORT, /* could not lock the VMA (or validate): mmap_lock path */
	VMA_LOCK_MISS, /* locked a VMA that was detached: looked up again */
	VMA_LOCK_RETRY, /* VM_FAULT_RETRY under the VMA lock: mmap_lock path */
	MMAP_LOCK_FAST, /* mmap_lock path, read_trylock succeeded */
	MMAP_LOCK_SLOW, /* mmap_lock path, had to call down_read_killable() */
	VMA_START_WRITE, /* a writer write-locked a VMA that was not yet */
	VMA_WRITE_WAIT, /* ... and had to wait for readers */
	SPF_ATTEMPT, /* speculative tries */
	SPF_ABORT_ODD, /* a writer was there at the start */
	SPF_ABORT_SEQ, /* a writer came by */
	NR_LOCK_EVENTS
};
extern const char *const lock_event_names[NR_LOCK_EVENTS];

struct lock_design {
	const char *name; /* [a-z0-9-]+ */
	const char *summary;
	const char *unavailable;
	unsigned flags;
	const struct vma_layout *vma;
	const struct vma_lock_layout *vma_lock; /* a separate lock object per VMA; else NULL */
	const struct mm_layout *mm;

	/* Set up and tear down what the design keeps in a VMA and outside it (a vma_lock object).
	 * vma_init: fresh image, range and mm set, not yet attached; 0 or -ENOMEM. */
	int (*vma_init)(struct lock_mm *mm, struct vma *vma);
	void (*vma_destroy)(struct lock_domain *domain, struct vma *vma);

	/* lock_vma_under_rcu() of the era: find and hold the VMA of fault->address without
	 * mmap_lock. True with fault->vma and ->held set, or false: take mmap_lock. Counts its own
	 * misses and aborts. NULL: the design knows nothing but mmap_lock. */
	bool (*fault_try)(struct fault *fault);
	/* Drop what fault_try() took. */
	void (*fault_put)(struct fault *fault);
	/* LD_SPECULATIVE only, else NULL: under the PTE lock, whether all that was read still
	 * holds. */
	bool (*fault_commit)(struct fault *fault);

	/* The mmap_lock side: what the era does besides taking the rwsem (sequence counts). Called
	 * with mmap_lock held for write, right after taking it and right before releasing or
	 * downgrading it. */
	void (*write_locked)(struct lock_mm *mm);
	void (*write_unlocking)(struct lock_mm *mm);

	/* vma_start_write(), vma_mark_attached(), vma_mark_detached(): mmap_lock held for write. */
	void (*vma_start_write)(struct lock_mm *mm, struct vma *vma);
	void (*vma_mark_attached)(struct lock_mm *mm, struct vma *vma);
	void (*vma_mark_detached)(struct lock_mm *mm, struct vma *vma);
	/* For asserts: whether the VMA is write-locked, by this design's reckoning. */
	bool (*vma_write_locked)(struct lock_mm *mm, struct vma *vma);
};

extern const struct lock_design *const lock_designs[];
extern const unsigned nr_lock_designs;

/* The design of that name, or NULL. */
const struct lock_design *lock_design_find(const char *name);

#endif
