/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uffd_pager: real memory of this process of which no more than a limit is resident. What the engine's
 * reclaim and do_swap_page() are to an mm of its own: missing pages are served in the thread that touched
 * them (SIGBUS), from the swap area; to make room, others are write-protected, stored and discarded.
 *
 * A page is missing, or resident. Both change under its lock, a bit of its state. A fault waits for the
 * page it is about, holding nothing; for all others, those it reads ahead and those it evicts, it only
 * tries. So nobody waits in a circle. There is no other lock: the hand of the clock, the count of
 * resident pages and the swap area's own are atomics or a worker's own.
 *
 * No store is lost: the victims are locked, then protected, and the kernel returns from that when no
 * CPU's TLB lets a store through. Loads go on, and see what is stored. A store faults; its thread
 * finds the page locked, sleeps until it is unlocked, and by then it is missing, so it is read
 * again. Only then are the victims compressed, each while nothing can change it, and all of them
 * discarded at once, before any is unlocked. Stores by the kernel on our behalf (read(2) into a
 * page) are no different: they fail with EFAULT while the page is protected or missing, as with any
 * userfaultfd that gives SIGBUS; the workloads do none.
 *
 * Which page goes: real memory tells of use by faults only. A hand goes round over the pages in the order
 * of their addresses, so that victims are neighbours: one protection for many, and missing pages between
 * them cost nothing. A page that came back before as many others were evicted as the limit has pages
 * would have stayed in a larger memory (the refault distance of mm/workingset.c): its level rises, else it
 * is 0; and the hand passes a page of level n 2^n - 1 times before it takes it.
 */
#ifndef PFT_WORKLOADS_UFFD_PAGER_H
#define PFT_WORKLOADS_UFFD_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pft/base/arch.h"
#include "pft/base/stat.h"
#include "pft/workloads/swap_area.h"
#include "pft/workloads/uffd.h"

enum {
	PAGER_AHEAD = 16, /* most pages that are read at once */
	PAGER_BATCH_MIN = 32, /* victims that are wanted before they are stored, by the limit */
	PAGER_BATCH_MAX = 64,
	PAGER_LEAST = 128, /* resident pages that a worker must be able to have */
	PAGER_LEVELS = 4, /* highest level */
};

/* What a pager counts. */
enum pager_event {
	PAGER_FAULT, /* signals that were about a missing page */
	PAGER_FAULT_WP, /* about a protected one */
	PAGER_WAIT, /* of all these, how often one slept until somebody was done with its page */
	PAGER_IN, /* pages that came from swap */
	PAGER_IN_DISK, /* of these, from the device */
	PAGER_ZERO, /* pages that came without contents: never stored yet */
	PAGER_RA, /* of both, beside the one that was touched */
	PAGER_OUT, /* pages that went to swap */
	PAGER_OUT_DISK, /* of these, straight to the device, as zswap would not have them */
	PAGER_EVICT, /* batches in which they went */
	PAGER_SCAN, /* resident pages that the hand came by */
	NR_PAGER_EVENTS
};
extern const char *const pager_event_names[NR_PAGER_EVENTS];

/* A page. Bits of state: see uffd_pager.c; level and chances are in it. */
struct pager_page {
	uint32_t state;
	uint32_t slot; /* while it is in swap; by the page's lock, as shadow */
	uint32_t shadow; /* pages that had been evicted when it was: workingset_eviction() */
};

/* A worker's own. */
struct pager_worker {
	struct frame *frames; /* [PAGER_AHEAD], to read into */
	uint64_t next; /* page after those that it got last */
	unsigned window; /* pages that it got */
} __attribute__((aligned(ARCH_PAIR)));

struct pager {
	struct uffd uffd;
	struct swap_area *area;
	uint64_t nr, limit; /* pages; resident ones */
	uint64_t corrupt; /* a byte of the page that comes in as this many-th is turned over; 0: none */
	unsigned ahead; /* most pages that are read at once; 1..PAGER_AHEAD */
	unsigned batch; /* PAGER_BATCH_MIN..MAX */
	unsigned chunk; /* pages that the hand goes over at once */
	struct pager_page *pages;
	struct pager_worker *workers;
	unsigned nr_workers;
	struct stat_table stat;
	int err; /* the first failure of anyone: -errno */
	/* Pages that are resident, or about to be. */
	uint64_t resident __attribute__((aligned(ARCH_PAIR)));
	uint64_t evicted; /* pages, ever */
	uint64_t hand __attribute__((aligned(ARCH_PAIR))); /* chunks, ever */
};

/* Map @nr pages, all missing, of which @limit may be resident, for @nr_workers workers; the frames from 0
 * on of @area are theirs. Returns 0, or -errno with the reason in @why; pager_release() in any case. */
int pager_init(struct pager *pager, struct swap_area *area, uint64_t nr, uint64_t limit,
	       unsigned nr_workers, struct why *why);

/* Unmap the memory, and give the slots back. Nobody touches it any more. */
void pager_release(struct pager *pager);

/* From now on SIGBUS within @pager's memory is served, in threads that are workers of slots
 * 0..nr_workers-1; other SIGBUS goes to who had it before. One pager at a time. */
void pager_catch(struct pager *pager);
void pager_uncatch(struct pager *pager);

/* Hold the pages' states against the counters and slots, while no worker runs: 0, or -EINVAL with what is
 * wrong in @why. */
int pager_check(struct pager *pager, struct why *why);

#endif
