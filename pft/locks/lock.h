/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock: how a fault finds and holds the VMA it needs, and how the mm's writers keep it out. One
 * design is one file with static functions and one exported const struct lock_design, and its row
 * in lock_table.c.
 *
 * What is promised between a successful lock_fault_begin() and lock_fault_end():
 * - fault->vma covers fault->address, belongs to fault->mm and is attached;
 * - its fields do not change, it is not freed and no PTE in its range is zapped by munmap();
 * - with FAULT_SPECULATIVE nothing of that: fault->vma is a copy, the page tables may only be
 * walked under RCU, and only a true lock_fault_commit() under the PTE lock makes what was read
 * true. False "locked" is allowed (the fault then goes through mmap_lock), false "unlocked" never.
 *
 * Lock order: mmap_lock, then a VMA's lock, then page_table_lock, then a PTE page's lock.
 * locks/ knows nothing of mm/: the mm gives it find().
 */
#ifndef PFT_LOCKS_LOCK_H
#define PFT_LOCKS_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/locks/layout.h"

struct kmem_cache;
struct lock_mm;
struct stat_table;

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
	const struct mm_layout *mm;

	/* Set up and tear down what the design keeps in a VMA and outside it (a vma_lock object).
	 * vma_init: fresh image, range and mm set, not yet attached; 0 or -ENOMEM. */
	int (*vma_init)(struct lock_mm *mm, struct vma *vma);
	void (*vma_destroy)(struct lock_mm *mm, struct vma *vma);

	/* lock_vma_under_rcu() of the era: find and hold the VMA of fault->address without
	 * mmap_lock. True with fault->vma and ->held set, or false: take mmap_lock. Counts its own
	 * misses and aborts. */
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

/* The lock side of one mm. Constant after lock_mm_init(); what changes lives in the image. */
struct lock_mm {
	const struct lock_design *design;
	struct mm_image *image; /* 64-byte aligned, as the kernel's mm_struct slab is */
	/* The VMA that covers @address, or NULL; called under RCU (mas_walk) or mmap_lock. */
	struct vma *(*find)(struct lock_mm *mm, unsigned long address);
	struct kmem_cache *vma_cache;
	struct kmem_cache *vma_lock_cache; /* designs with a separate vma_lock; else NULL */
	struct stat_table *events; /* of enum lock_event */
};

/* How lock_mm_init() is to place things. */
struct lock_options {
	int vma_class; /* start mod 128 that every VMA gets, or -1 for the slab's own mix */
	bool rwsem_spin; /* optimistic spinning of rwsem writers */
};

/* Make the image and the caches of @design. Returns 0, -ENOMEM, or -EINVAL for a class that the
 * layout cannot have. */
int lock_mm_init(struct lock_mm *mm, const struct lock_design *design,
		 const struct lock_options *options,
		 struct vma *(*find)(struct lock_mm *mm, unsigned long address));
void lock_mm_release(struct lock_mm *mm);

/* vm_area_alloc() and vm_area_free(): an image with its lock, detached; NULL if memory is short.
 * Freeing follows the era: call_rcu(), or at once into a typesafe slab. The VMA must be detached.
 */
struct vma *lock_vma_new(struct lock_mm *mm, unsigned long start, unsigned long end);
void lock_vma_free(struct lock_mm *mm, struct vma *vma);

/*
 * Begin the fault at fault->address of fault->mm: per-VMA or speculative as the design allows, else
 * under mmap_lock (lock_mm_and_find_vma()). Returns 0 with fault->vma and ->held set, or -EFAULT
 * with nothing held if no VMA covers the address.
 */
int lock_fault_begin(struct fault *fault);

/* VM_FAULT_RETRY and failed speculation: drop what is held and begin again under mmap_lock. 0 or
 * -EFAULT. */
int lock_fault_fallback(struct fault *fault);

/* Under the PTE lock, just before the PTE is set: false if the speculation failed; always true
 * else. */
bool lock_fault_commit(struct fault *fault);

/* Drop what is held. */
void lock_fault_end(struct fault *fault);

/* mmap_lock with what the design adds. Downgrade keeps it for read. The killable one: 0 or -EINTR.
 */
void lock_mmap_write(struct lock_mm *mm);
int lock_mmap_write_killable(struct lock_mm *mm);
void lock_mmap_write_unlock(struct lock_mm *mm);
void lock_mmap_downgrade(struct lock_mm *mm);
void lock_mmap_read(struct lock_mm *mm);
bool lock_mmap_read_trylock(struct lock_mm *mm);
void lock_mmap_read_unlock(struct lock_mm *mm);

#endif
