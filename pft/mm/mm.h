/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm: the in-process memory manager, as its users see it. An address space of anonymous private
 * memory with real VMAs, page tables, frames of 4 KiB, LRU lists and memcg charges. No CPU walks
 * its tables: mm_fault() is the trap, mm_read() and mm_write() are the loads and stores.
 *
 * engine_init() once, then each thread enters with a slot of its own; then mm_new() and the calls
 * below on any worker, all at once if the lock design allows (not LD_SINGLE). Addresses and lengths
 * are multiples of PAGE_SIZE (4096) where a page or a range is meant.
 */
#ifndef PFT_MM_MM_H
#define PFT_MM_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/locks/lock.h"

struct mm;
struct mm_swap_options;

/* Set up @nodes logical NUMA nodes, 0 for the machine's own, before the first worker. Returns 0, or
 * -errno with the reason in @why. */
int engine_init(unsigned nodes, struct why *why);

/* Wait for what RCU still has to free and give all memory back; no mm and no worker may be left. */
void engine_exit(void);

/* Make the calling thread the worker of @slot (0 .. RCU_SLOT - 1, no other thread's) on @node, and
 * an RCU reader; leave before the thread ends. */
void engine_worker_enter(unsigned slot, unsigned node);
void engine_worker_leave(void);

struct mm_options {
	const struct lock_design *design;
	int vma_class; /* start of every VMA mod 128, or -1 for the slab's own mix */
	bool rwsem_spin; /* optimistic spinning of rwsem writers */
	size_t arena; /* bytes of page frames, all nodes together; rounded up to 2 MiB a node */
	bool prefault; /* touch the arena now, so that the host's own faults are over */
	unsigned memcg_levels; /* of the hierarchy that pages are charged to; 0: not charged */
	size_t memcg_max; /* limit of its lowest level, in bytes; 0: none */
	const struct mm_swap_options *swap; /* mm_groups.h; NULL: none */
};

/* The usual: 64 MiB prefaulted, no memcg, spinning on, the slab's mix. Set design. */
#define MM_OPTIONS_INIT \
	{ \
		.vma_class = -1, .rwsem_spin = true, .arena = 64UL << 20, .prefault = true \
	}

/* An empty address space. Returns 0, or -ENOMEM, or -EINVAL for options that cannot be, with the
 * reason in @why (may be NULL). */
int mm_new(struct mm **mm, const struct mm_options *options, struct why *why);

/* exit_mmap(): unmap all and free @mm; the arena goes with the last mm that shares it. Nobody else
 * may use @mm any more. */
void mm_free(struct mm *mm);

/* Of a mapping; the rest of the values of prot: none. */
enum mm_prot {
	MM_READ = 1 << 0,
	MM_WRITE = 1 << 1,
};

/* flags of mm_mmap(). */
enum mm_map_flags {
	MM_NO_MERGE = 1 << 0, /* a VMA of its own, now and later (VM_DONTEXPAND) */
	MM_INTERLEAVE = 1 << 1, /* pages from all nodes in turn (MPOL_INTERLEAVE) */
};
/* Pages from @node as long as it has some (MPOL_PREFERRED); without: the worker's own node. */
#define MM_PREFER(node) (((node) + 1u) << 8)

/* Map @length bytes at the highest free place; 0 with the address in *@address, or -EINVAL,
 * -ENOMEM, -EINTR. */
int mm_mmap(struct mm *mm, size_t length, unsigned prot, unsigned flags, unsigned long *address);

/* The same at @address; what is there already is unmapped (MAP_FIXED). */
int mm_mmap_fixed(struct mm *mm, unsigned long address, size_t length, unsigned prot,
		  unsigned flags);

/* Unmap what is mapped in the range. 0, -EINVAL, -ENOMEM (nothing changed but split VMAs), -EINTR.
 */
int mm_munmap(struct mm *mm, unsigned long address, size_t length);

/* Change the protection of the range. -ENOMEM also at the first gap: what lies below is changed. */
int mm_mprotect(struct mm *mm, unsigned long address, size_t length, unsigned prot);

/* Drop the pages of the range, the mapping stays: they read as zero again (MADV_DONTNEED). -ENOMEM
 * if there are gaps; what is mapped is dropped nevertheless. */
int mm_madvise_dontneed(struct mm *mm, unsigned long address, size_t length);

/* A copy of @parent whose pages are shared until one of both writes; 0, -ENOMEM or -EINTR. It
 * shares the parent's arena, memcg, events and statistics. */
int mm_fork(struct mm *parent, struct mm **child);

/* The page fault of a load or store at @address: 0 with the page there, -EFAULT (no VMA, or its
 * protection forbids it), -ENOMEM (no frame, or over the memcg's limit, and nothing could be reclaimed)
 * or -EIO (it cannot be read back from swap; nothing is changed, try again). */
int mm_fault(struct mm *mm, unsigned long address, bool write);

/* Loads and stores, with the faults they need: @length bytes at any alignment. 0 or what mm_fault()
 * said; then the bytes up to that page were copied. */
int mm_read(struct mm *mm, unsigned long address, void *data, size_t length);
int mm_write(struct mm *mm, unsigned long address, const void *data, size_t length);

/* The 4 KiB of the page that is mapped around @address, readable and writable here, or NULL if there is
 * none. It stays the page's as long as nobody unmaps, drops, copies or reclaims it. */
void *mm_page(struct mm *mm, unsigned long address);

/* Where the time of a fault goes, in the order of the path. */
enum fault_stage {
	STAGE_BEGIN, /* RCU, walk of the VMA index, VMA lock */
	STAGE_TABLES, /* access check, page tables */
	STAGE_ANON_VMA,
	STAGE_FRAME, /* policy, per-worker list, refill */
	STAGE_CLEAR, /* 4 KiB */
	STAGE_CHARGE, /* memcg */
	STAGE_PTE_LOCK, /* and the recheck */
	STAGE_RMAP, /* commit, rss, rmap */
	STAGE_LRU,
	STAGE_SET_PTE, /* and unlock */
	STAGE_END, /* VMA unlock */
	NR_FAULT_STAGES
};
extern const char *const fault_stage_names[NR_FAULT_STAGES];

/* Time spent so far, clock included: each stage that a fault went through costs one reading more.
 */
struct fault_stages {
	uint64_t ns[NR_FAULT_STAGES];
	uint64_t count[NR_FAULT_STAGES]; /* faults that went through */
	uint64_t last; /* clock at the end of the stage before */
};

/* mm_fault() with a clock between the stages, which are added to @stages. */
int mm_fault_staged(struct mm *mm, unsigned long address, bool write, struct fault_stages *stages);

/* What is counted over all mms that share an arena. */
enum mm_event {
	MM_FAULT, /* that were served: pgfault */
	MM_FAULT_ANON, /* a fresh page was mapped */
	MM_FAULT_COW, /* a shared page was copied */
	MM_FAULT_REUSE, /* write access given back to the only user of a page */
	MM_FAULT_SPURIOUS, /* somebody else had been faster */
	MM_FAULT_RETRY, /* begun again under mmap_lock */
	MM_ANON_VMA, /* anon_vmas made */
	MM_PCP_REFILL, /* zone lock taken to fill a worker's list, or */
	MM_PCP_DRAIN, /* to shorten it */
	MM_STOCK_REFILL, /* memcg counters charged for a stock */
	MM_RSS_FOLD, /* rss counters folded into the mm's */
	MM_LRU_DRAIN, /* batches put onto LRU lists */
	MM_TABLES_FREED, /* times munmap looked for empty tables */
	MM_SHOOTDOWN, /* TLB flushes that other workers had to take part in */
	MM_FLUSH_LOCAL, /* and those without */
	MM_MMAP,
	MM_MUNMAP,
	MM_MPROTECT,
	MM_DONTNEED,
	MM_DONTNEED_VMA, /* of these under the VMA's lock alone */
	MM_FORK,
	MM_VMA_SPLIT,
	MM_VMA_MERGE,
	MM_FAULT_MAJOR, /* read from the swap device: pgmajfault */
	MM_SWAP_IN, /* pages that came from zswap or the device: a refault each */
	MM_SWAP_RA, /* of these, ahead of their fault */
	MM_SWAP_CACHE_HIT, /* pages that were still, or already, in the swap cache */
	MM_SWAP_IN_FAIL, /* could not be read, or decompressed */
	MM_SWAP_OUT, /* pages given to zswap or the device */
	MM_SWAP_OUT_FAIL, /* neither took it, or no slot was free: it stayed */
	MM_PGSCAN, /* inactive pages that reclaim looked at */
	MM_PGSTEAL, /* of these, freed */
	MM_PGACTIVATE,
	MM_PGDEACTIVATE,
	MM_UNMAP_FAIL, /* stayed mapped somewhere */
	MM_DIRECT_RECLAIM, /* times a worker reclaimed for itself: allocstall */
	MM_KSWAPD_WAKE,
	MM_ZPOOL_COMPACTED, /* pages that kswapd took out of the compressed pool */
	MM_OOM, /* times that did not help */
	NR_MM_EVENTS
};
extern const char *const mm_event_names[NR_MM_EVENTS];

/* A snapshot; sums are a little late while workers run. */
struct mm_stats {
	uint64_t events[NR_MM_EVENTS];
	uint64_t locks[NR_LOCK_EVENTS]; /* of this mm's locks */
	uint64_t vmas; /* map_count */
	uint64_t rss, swapped; /* pages that are mapped, and that swap PTEs stand for */
	uint64_t table_bytes;
	uint64_t frames, frames_free; /* of the arena; free: in zones and workers' lists */
	uint64_t memcg_pages; /* charged at the lowest level, stocks included; 0 without memcg */
};
void mm_stats(struct mm *mm, struct mm_stats *stats);

/* Hold all that @mm and its family have against each other; BUG() if broken. No worker inside. */
void mm_check(struct mm *mm);

#endif
