/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uffd_pager: the pager's way in (do_swap_page(), do_anonymous_page()). */
#include "pft/workloads/uffd_pager.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "pft/base/frame_lock.h"
#include "pft/workloads/uffd_pager_types.h"
#include "pft/zswap/swap_io.h"

const char *const pager_event_names[NR_PAGER_EVENTS] = {
	[PAGER_FAULT] = "uffd_fault",
	[PAGER_FAULT_WP] = "uffd_fault_wp",
	[PAGER_WAIT] = "uffd_wait",
	[PAGER_IN] = "swapin",
	[PAGER_IN_DISK] = "pswpin",
	[PAGER_ZERO] = "uffd_zero",
	[PAGER_RA] = "swap_ra",
	[PAGER_OUT] = "swapout",
	[PAGER_OUT_DISK] = "pswpout",
	[PAGER_EVICT] = "uffd_evict",
	[PAGER_SCAN] = "pgscan",
};

/* For the signal handler. */
static struct pager *serving;
static struct sigaction before;

/* Own the slot of @page, which is locked: put @frame into the swap cache there. Only writeback can be before
 * us; then we sleep until it is done, and look again. */
static int own_slot(struct swap_area *area, const struct pager_page *page, struct frame *frame)
{
	struct swap_cache *cache = &area->swap.cache;
	struct frame *other;
	int rc;

	while ((rc = swap_cache_add(cache, page->slot, frame)) == -EEXIST) {
		other = swap_cache_get(cache, page->slot);
		if (!other)
			continue;
		frame_lock(other);
		frame_unlock(other);
		swap_cache_put_frame(cache, other);
	}
	return rc;
}

/* Read what swap has of @page, which is locked, into @frame. The slot is free afterwards. 0 or -errno:
 * then nothing has changed. */
static int read_page(struct pager *pager, const struct pager_page *page, struct frame *frame)
{
	struct swap *swap = &pager->area->swap;
	bool from_disk = false;
	int rc;

	if (!frame_trylock(frame))
		BUG("a worker's own frame is locked");
	rc = own_slot(pager->area, page, frame);
	if (!rc) {
		rc = swap_in(swap, frame, &from_disk);
		if (!rc)
			swap_slot_put(&swap->slots, page->slot);
		swap_cache_delete(&swap->cache, frame);
	}
	frame_clear_flags(frame, FRAME_UPTODATE | FRAME_DIRTY);
	frame_unlock(frame);
	if (rc)
		return rc;
	stat_inc(&pager->stat, PAGER_IN);
	if (from_disk)
		stat_inc(&pager->stat, PAGER_IN_DISK);
	return 0;
}

/* What a test asks for: swap that gives back something else. */
static void corrupt(struct pager *pager, unsigned char *page)
{
	if (arch_xadd_relaxed(&pager->corrupt, (uint64_t)-1) == 1)
		page[PAGE_SIZE / 2 + 1] ^= 1;
}

static int fill_frame(struct pager *pager, const struct pager_page *page, struct frame *frame)
{
	unsigned char *to = swap_area_address(pager->area, frame);
	int rc;

	if (!(arch_read_once(&page->state) & PAGE_SWAPPED)) {
		stat_inc(&pager->stat, PAGER_ZERO);
		frame_clear(to);
		return 0;
	}
	rc = read_page(pager, page, frame);
	if (!rc && arch_read_once(&pager->corrupt))
		corrupt(pager, to);
	return rc;
}

/* workingset_refault(): the state of @page, which is locked and coming back. */
static uint32_t state_after(const struct pager *pager, const struct pager_page *page)
{
	uint32_t state = arch_read_once(&page->state);
	uint32_t level = (state & PAGE_LEVEL_MASK) / PAGE_LEVEL;
	uint32_t distance = (uint32_t)arch_read_once(&pager->evicted) - page->shadow;

	if (!(state & PAGE_SWAPPED) || distance >= pager->limit)
		level = 0;
	else if (level < PAGER_LEVELS)
		level++;
	return PAGE_RESIDENT | level * PAGE_LEVEL | ((1U << level) - 1) * PAGE_CHANCE;
}

/* Lock the pages behind @index that are missing as well, at most @most, without waiting. Returns how many
 * are locked, the first one included. */
static unsigned lock_ahead(struct pager *pager, uint64_t index, unsigned most)
{
	unsigned nr = 1;

	for (; nr < most && index + nr < pager->nr; nr++) {
		struct pager_page *page = &pager->pages[index + nr];
		uint32_t state = arch_read_once(&page->state);

		if (state & PAGE_RESIDENT || !pager_trylock(page, state))
			break;
	}
	return nr;
}

/* Bring in the @nr pages from @index on, which are locked and taken into account. The first error leaves
 * those behind it missing. Returns how many came; 0: *@err says why. */
static unsigned bring_in(struct pager *pager, uint64_t index, unsigned nr, int *err)
{
	struct frame *frames = pager_worker(pager)->frames;
	struct pager_page *pages = &pager->pages[index];
	unsigned good = 0;
	int put = 0;

	*err = 0;
	while (good < nr && !*err) {
		*err = fill_frame(pager, &pages[good], &frames[good]);
		good += !*err;
	}
	if (good)
		put = uffd_put_pages(&pager->uffd, index * PAGE_SIZE,
				     swap_area_address(pager->area, frames), good * PAGE_SIZE);
	for (unsigned i = 0; i < nr; i++) {
		uint32_t state = arch_read_once(&pages[i].state);

		if (i < good) /* what is read and cannot be put is lost: the run fails */
			state = put ? 0 : state_after(pager, &pages[i]);
		pager_unlock(&pages[i], state);
	}
	*err = put ? put : *err;
	return put ? 0 : good;
}

/* How many pages to read: twice as many as last time if that is where we are, else one
 * (swap_vma_readahead() by meaning). */
static unsigned choose_window(const struct pager *pager, const struct pager_worker *worker,
			      uint64_t index)
{
	unsigned window = index == worker->next ? 2 * worker->window : 1;

	return window < pager->ahead ? window : pager->ahead;
}

/* The page at @index is missing and locked, @window pages are taken into account. */
static int serve_missing(struct pager *pager, uint64_t index, unsigned window)
{
	struct pager_worker *worker = pager_worker(pager);
	unsigned nr = lock_ahead(pager, index, window), good;
	int err;

	good = bring_in(pager, index, nr, &err);
	pager_uncharge(pager, window - good);
	worker->next = index + good;
	worker->window = good ? good : 1;
	if (!good)
		return err;
	stat_inc(&pager->stat, PAGER_FAULT);
	stat_add(&pager->stat, PAGER_RA, good - 1);
	return 0;
}

/* The page at @index is there and locked: it was protected, or came while we were on our way. */
static int serve_resident(struct pager *pager, uint64_t index, uint32_t state)
{
	int err = uffd_protect(&pager->uffd, index * PAGE_SIZE, PAGE_SIZE, false);

	stat_inc(&pager->stat, PAGER_FAULT_WP);
	pager_unlock(&pager->pages[index], state);
	return err;
}

/* Sleep until @page, whose state is @state, is unlocked. */
static void wait_for_page(struct pager *pager, struct pager_page *page, uint32_t state)
{
	if (!(state & PAGE_WAITERS) &&
	    !arch_cmpxchg_relaxed(&page->state, &state, state | PAGE_WAITERS))
		return;
	stat_inc(&pager->stat, PAGER_WAIT);
	arch_wait(&page->state, state | PAGE_WAITERS, 0);
}

/* Serve the fault at page @index. Room is made first, as nothing may be locked then; what is not
 * needed after all is given back. */
static int serve(struct pager *pager, uint64_t index)
{
	struct pager_page *page = &pager->pages[index];
	unsigned window = choose_window(pager, pager_worker(pager), index);
	uint32_t state = arch_read_once(&page->state);
	int err;

	if (state & PAGE_LOCKED) { /* whatever it becomes, the touch will tell */
		wait_for_page(pager, page, state);
		return 0;
	}
	if (state & PAGE_RESIDENT)
		return pager_trylock(page, state) ? serve_resident(pager, index, state) : 0;
	err = pager_charge(pager, window);
	if (err)
		return err;
	if (pager_trylock(page, state))
		return serve_missing(pager, index, window);
	pager_uncharge(pager, window);
	return 0;
}

/* SIGBUS in a worker. What is not ours goes to the handler before, at its second try. After a failure all
 * faults go back to the kernel, and the run fails. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
	struct pager *pager = serving;
	size_t offset = (char *)info->si_addr - pager->uffd.area;
	int saved = errno, good = 0, err;

	(void)context;
	if (offset < pager->uffd.length) {
		err = serve(pager, offset / PAGE_SIZE);
		if (err) {
			arch_cmpxchg_relaxed(&pager->err, &good, err);
			uffd_give_up(&pager->uffd);
		}
	} else {
		sigaction(signal, &before, NULL);
	}
	errno = saved;
}

void pager_catch(struct pager *pager)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};

	serving = pager;
	sigaction(SIGBUS, &action, &before);
}

void pager_uncatch(struct pager *pager)
{
	if (serving == pager)
		sigaction(SIGBUS, &before, NULL);
	serving = NULL;
}

/* A large batch is one shootdown of the TLBs for many pages; but of few pages not too many may go at once. */
static unsigned choose_batch(const struct pager *pager)
{
	uint64_t batch = pager->limit / pager->nr_workers / 16;

	batch = batch < PAGER_BATCH_MAX ? batch : PAGER_BATCH_MAX;
	return batch > PAGER_BATCH_MIN ? batch : PAGER_BATCH_MIN;
}

int pager_init(struct pager *pager, struct swap_area *area, uint64_t nr, uint64_t limit,
	       unsigned nr_workers, struct why *why)
{
	int err;

	*pager = (struct pager){
		.uffd.fd = -1,
		.area = area,
		.nr = nr,
		.limit = limit,
		.ahead = PAGER_AHEAD,
		.nr_workers = nr_workers,
	};
	if (limit < (uint64_t)nr_workers * PAGER_LEAST)
		return why_not(why, EINVAL,
			       "%" PRIu64 " pages may be in memory, and %u workers need %u each; "
			       "give a larger --limit",
			       limit, nr_workers, PAGER_LEAST);
	pager->batch = choose_batch(pager);
	pager->chunk = 2 * pager->batch;
	err = stat_init(&pager->stat, pager_event_names, NR_PAGER_EVENTS);
	if (err)
		return why_not(why, -err, "no memory for counters");
	pager->pages = xcalloc(nr, sizeof(*pager->pages));
	pager->workers = aligned_alloc(ARCH_PAIR, nr_workers * sizeof(*pager->workers));
	if (!pager->workers)
		return why_not(why, ENOMEM, "no memory for %u workers", nr_workers);
	for (unsigned i = 0; i < nr_workers; i++)
		pager->workers[i] = (struct pager_worker){
			.frames = swap_area_frames(area, i * PAGER_AHEAD, PAGER_AHEAD),
			.window = 1,
		};
	return uffd_init(&pager->uffd, nr * PAGE_SIZE, UFFD_SIGBUS_WP, why);
}

void pager_release(struct pager *pager)
{
	pager_uncatch(pager);
	uffd_release(&pager->uffd);
	for (uint64_t i = 0; pager->pages && i < pager->nr; i++)
		if (pager->pages[i].state & PAGE_SWAPPED)
			swap_slot_put(&pager->area->swap.slots, pager->pages[i].slot);
	free(pager->pages);
	free(pager->workers);
	if (pager->stat.counts)
		stat_release(&pager->stat);
}

int pager_check(struct pager *pager, struct why *why)
{
	uint64_t resident = 0, swapped = 0;

	for (uint64_t i = 0; i < pager->nr; i++) {
		uint32_t state = arch_read_once(&pager->pages[i].state);

		if (state & PAGE_LOCKED)
			return why_not(why, EINVAL, "page %" PRIu64 " is locked", i);
		if (state & PAGE_RESIDENT && state & PAGE_SWAPPED)
			return why_not(why, EINVAL, "page %" PRIu64 " is here and there", i);
		resident += state & PAGE_RESIDENT ? 1 : 0;
		swapped += state & PAGE_SWAPPED ? 1 : 0;
		if (state & PAGE_SWAPPED &&
		    !swap_slot_count(&pager->area->swap.slots, pager->pages[i].slot))
			return why_not(why, EINVAL, "page %" PRIu64 " is in a free slot", i);
	}
	if (resident != pager->resident || resident > pager->limit)
		return why_not(why, EINVAL,
			       "%" PRIu64 " pages are resident, %" PRIu64 " counted, of %" PRIu64,
			       resident, pager->resident, pager->limit);
	if (swapped != swap_slots_used(&pager->area->swap.slots))
		return why_not(why, EINVAL, "%" PRIu64 " pages are in swap, in %" PRIu64 " slots",
			       swapped, swap_slots_used(&pager->area->swap.slots));
	return 0;
}
