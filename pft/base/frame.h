/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame: page frames of 4 KiB, their descriptors, and the allocator: a zone per node, above it a
 * list per worker and node (struct per_cpu_pages) that takes and gives 63 at a time under the
 * zone's lock.
 *
 * A zone keeps its free frames in a bitmap in place of the buddy allocator's lists, and gives out
 * the lowest. What a refill meets is the same: neighbours, as free buddies grow together to blocks
 * that come apart again, and each descriptor written to under the lock.
 *
 * A descriptor has the 64 bytes and the field order of a kernel's struct folio of one page. A frame
 * number is node << 30 | place in the zone, so that PTEs need no address.
 *
 * Lock order: zone->lock is innermost, below a PTE page's lock and lru_lock. The frame's own lock:
 * frame_lock.h.
 */
#ifndef PFT_BASE_FRAME_H
#define PFT_BASE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/say.h"
#include "pft/base/arch.h"
#include "pft/base/compiler.h"
#include "pft/base/fault_inject.h"
#include "pft/base/list.h"
#include "pft/base/node_memory.h"
#include "pft/base/page.h"
#include "pft/base/spinlock.h"

struct anon_vma;
struct memcg;

/* Bits of frame->flags, changed by atomics once others can reach the frame. */
enum frame_flags {
	FRAME_LRU = 1 << 0, /* on an LRU list (PG_lru); set, and cleared by who takes it off */
	FRAME_FREE = 1 << 1, /* in a zone's or worker's list; for checks */
	FRAME_LOCKED = 1 << 2, /* frame_lock(): owns its place in the swap cache and its contents */
	FRAME_WAITERS = 1 << 3, /* somebody sleeps until it is unlocked */
	FRAME_SWAPCACHE = 1 << 4, /* frame->swap is meant; changed while locked */
	FRAME_SWAPBACKED = 1 << 5, /* has no file: goes to swap */
	FRAME_UPTODATE = 1 << 6, /* what was to be read into it is there */
	FRAME_DIRTY = 1 << 7, /* differs from what swap has; changed while locked */
	FRAME_WRITEBACK = 1 << 8, /* is being written */
	FRAME_RECLAIM = 1 << 9, /* to be freed as soon as it is written */
	FRAME_ACTIVE = 1 << 10, /* belongs on the active list */
	FRAME_REFERENCED = 1 << 11, /* used once since it was looked at */
	FRAME_WORKINGSET = 1 << 12, /* was active, or came back soon after it was evicted */
};

/* struct folio of order 0. Its number is its place in the zone's frames[]. */
struct frame {
	uint32_t flags;
	uint32_t node; /* the kernel has it in flags */
	struct list_head lru; /* a worker's free list, or LRU list */
	struct anon_vma *mapping;
	unsigned long index; /* page of the address space (vm_pgoff) where it was mapped first */
	uint64_t swap; /* page->private: swap slot + 1 while in the swap cache, else 0 */
	int32_t mapcount; /* PTEs that map it; _mapcount + 1 */
	int32_t refcount; /* these, LRU batches it waits in, the swap cache, and who works on it; 0:
			     free */
	struct memcg *memcg; /* that it is charged to, or NULL */
};
_Static_assert(sizeof(struct frame) == 64, "struct page has 64 bytes");

enum {
	PCP_BATCH = 63, /* of a zone over 1 GiB */
	PCP_HIGH = 6 * PCP_BATCH,
	FRAME_NODE_SHIFT = 30, /* of frame numbers: 4 TiB a node */
};

/* One node's frames. */
struct zone {
	char *base; /* of the memory */
	struct frame *frames;
	uint64_t nr_frames;
	uint64_t min, low, high; /* watermarks of nr_free; 0 where nothing is reclaimed */
	struct spinlock lock __attribute__((aligned(ARCH_PAIR))); /* guards what follows */
	uint64_t nr_free;
	uint64_t hint; /* no word of free[] below this has a bit */
	uint64_t *free; /* a bit per frame */
} __attribute__((aligned(ARCH_PAIR)));

/* A worker's frames of one node; only its own, but others may look at count. */
struct pcp {
	struct list_head list;
	unsigned count;
};

/* Every allocation of a frame asks it; the kernel's fail_page_alloc. */
extern struct fault_inject fault_inject_frame;

/* Make the zone of @node with @size bytes of frames, a multiple of NODE_MEMORY_CHUNK. 0 or -errno
 * with the reason in @why. */
int zone_init(struct zone *zone, unsigned node, size_t size, bool prefault, struct why *why);
void zone_release(struct zone *zone);

/* Move up to PCP_BATCH frames from the zone to the worker's list (rmqueue_bulk()). False if there
 * are none. */
bool pcp_refill(struct pcp *pcp, struct zone *zone);

/* Give @nr frames of the worker's list back to the zone (free_pcppages_bulk()). */
void pcp_drain(struct pcp *pcp, struct zone *zone, unsigned nr);

/* Whether the zone has that frame; for checks. */
bool zone_is_free(const struct zone *zone, uint64_t number);

/* The frame's place in its zone: page_to_pfn() by arithmetic. */
static inline uint64_t frame_number(const struct zone *zones, const struct frame *frame)
{
	return (uint64_t)(frame - zones[frame->node].frames);
}

static inline uint64_t frame_pfn(const struct zone *zones, const struct frame *frame)
{
	return (uint64_t)frame->node << FRAME_NODE_SHIFT | frame_number(zones, frame);
}

static inline struct frame *frame_of_pfn(struct zone *zones, uint64_t pfn)
{
	return &zones[pfn >> FRAME_NODE_SHIFT].frames[pfn & ((1UL << FRAME_NODE_SHIFT) - 1)];
}

/* The 4 KiB themselves: page_address(). */
static inline void *frame_address(const struct zone *zones, const struct frame *frame)
{
	return zones[frame->node].base + (frame_number(zones, frame) << PAGE_SHIFT);
}

/* clear_page(): on x86-64 the instruction of clear_page_erms(), so that it meets the same stores
 * and caches; sanitizers must see the bytes. */
static inline void frame_clear(void *address)
{
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !ARCH_TSAN
	void *to = address;
	size_t size = PAGE_SIZE;

	__asm__ __volatile__("rep stosb" : "+D"(to), "+c"(size) : "a"(0) : "memory");
#else
	memset(address, 0, PAGE_SIZE);
#endif
	arch_work(ARCH_WORK_CLEAR, address, PAGE_SIZE);
}

/* The first of the worker's list, with one reference (rmqueue_pcplist(), prep_new_page()). */
static inline struct frame *pcp_pop(struct pcp *pcp)
{
	struct frame *frame = list_first_entry(&pcp->list, struct frame, lru);

	list_del(&frame->lru);
	arch_write_once(&pcp->count, pcp->count - 1);
	/* Not plain: who found it by its slot while it was swap cache may still look at it. */
	arch_write_once(&frame->flags, 0);
	arch_write_once(&frame->refcount, 1);
	return frame;
}

/* Nobody refers to @frame any more; the caller drains the list when it grows over PCP_HIGH. */
static inline void pcp_push(struct pcp *pcp, struct frame *frame)
{
	arch_write_once(&frame->flags, FRAME_FREE);
	frame->mapping = NULL;
	list_add(&frame->lru, &pcp->list);
	arch_write_once(&pcp->count, pcp->count + 1);
}

static inline void frame_get(struct frame *frame)
{
	arch_xadd_relaxed(&frame->refcount, 1);
}

/* folio_try_get(): a reference, unless nobody has one: then the frame is free, or about to be. Full:
 * what is looked at after is not older. */
static inline bool frame_tryget(struct frame *frame)
{
	int32_t count = arch_read_once(&frame->refcount);

	while (count) {
		if (arch_cmpxchg_full(&frame->refcount, &count, count + 1))
			return true;
	}
	return false;
}

/* folio_put_testzero(): drop a reference; true if it was the last. Full: pairs with itself on other
 * workers, so that all that was done to the frame is done before it is freed. */
static inline bool frame_put_testzero(struct frame *frame)
{
	int32_t before = arch_xadd_full(&frame->refcount, -1);

	if (unlikely(before <= 0))
		BUG("a frame without references is put");
	return before == 1;
}

#endif
