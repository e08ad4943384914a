/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uffd_evict: the pager's way out (shrink_inactive_list(), pageout()). */
#include <errno.h>

#include "pft/workloads/uffd_pager_types.h"

enum {
	VICTIMS_MAX = 3 * PAGER_BATCH_MAX, /* up to one less than a batch, and a chunk */
	CHUNKS_MAX = 64, /* that are gone over for one batch */
	SWEEPS_MAX = 4 << PAGER_LEVELS, /* of all pages, without a victim: more than there are chances */
};

#define NO_SLOT UINT64_MAX

/* Victims of one batch, all locked. */
struct batch {
	struct pager *pager;
	unsigned nr, nr_ranges;
	uint64_t index[VICTIMS_MAX];
	uint64_t slot[VICTIMS_MAX];
	int error[VICTIMS_MAX]; /* why it stays */
	struct iovec ranges[VICTIMS_MAX]; /* where to protect, then where to discard */
	uint32_t out; /* writes that are not done; who waits for them sleeps on it */
};

static char *address_of(const struct pager *pager, uint64_t index)
{
	return pager->uffd.area + index * PAGE_SIZE;
}

/* The hand comes by: true if the page is a victim now, locked. */
static bool take(struct batch *batch, struct pager_page *page, uint32_t state)
{
	stat_inc(&batch->pager->stat, PAGER_SCAN);
	if (state >= PAGE_CHANCE) {
		/* If that fails somebody has it locked: then it lives. */
		arch_cmpxchg_relaxed(&page->state, &state, state - PAGE_CHANCE);
		return false;
	}
	return pager_trylock(page, state);
}

/* Go over one chunk. Victims with nothing resident between them become one range. */
static void scan(struct batch *batch)
{
	struct pager *pager = batch->pager;
	uint64_t nr_chunks = (pager->nr + pager->chunk - 1) / pager->chunk;
	uint64_t i = arch_xadd_relaxed(&pager->hand, 1) % nr_chunks * pager->chunk;
	uint64_t end = i + pager->chunk < pager->nr ? i + pager->chunk : pager->nr;
	struct iovec *range = NULL;

	for (; i < end; i++) {
		uint32_t state = arch_read_once(&pager->pages[i].state);
		char *address = address_of(pager, i);

		if (!(state & PAGE_RESIDENT))
			continue;
		if (!take(batch, &pager->pages[i], state)) {
			range = NULL;
			continue;
		}
		if (!range) {
			range = &batch->ranges[batch->nr_ranges++];
			range->iov_base = address;
		}
		range->iov_len = address + PAGE_SIZE - (char *)range->iov_base;
		batch->error[batch->nr] = 0;
		batch->index[batch->nr++] = i;
	}
}

/* From here on nobody can store to a victim. */
static int protect(struct batch *batch)
{
	struct uffd *uffd = &batch->pager->uffd;
	int err = 0;

	for (unsigned i = 0; i < batch->nr_ranges && !err; i++)
		err = uffd_protect(uffd, (char *)batch->ranges[i].iov_base - uffd->area,
				   batch->ranges[i].iov_len, true);
	return err;
}

/* One of @batch's writes. */
struct write {
	struct batch *batch;
	int *error;
};

static void write_done(void *arg, int error)
{
	struct write *write = arg;
	struct batch *batch = write->batch;

	*write->error = error;
	/* Release: pairs with wait_for_writes(). The batch may be gone as soon as it is 0, and the word
	 * with it; a wake-up there is a spurious one. */
	if (arch_xadd_release(&batch->out, (uint32_t)-1) == 1)
		arch_wake(&batch->out, UINT32_MAX);
}

static void wait_for_writes(struct batch *batch)
{
	uint32_t out;

	while ((out = arch_load_acquire(&batch->out)))
		arch_wait(&batch->out, out, 0);
}

/* swap_writepage() of each victim, from where it is: into zswap, else to the device. A slot that is
 * reserved has no use, so nobody else looks at it before swap_slot_use(). */
static void store(struct batch *batch)
{
	struct pager *pager = batch->pager;
	struct swap_area *area = pager->area;
	struct write writes[VICTIMS_MAX];

	for (unsigned i = 0; i < batch->nr; i++) {
		const void *page = address_of(pager, batch->index[i]);

		batch->error[i] = swap_slots_reserve(&area->swap.slots, &batch->slot[i]);
		if (batch->error[i]) {
			batch->slot[i] = NO_SLOT;
			continue;
		}
		if (!zswap_store(area->zswap, batch->slot[i], page, area->memcg, 0))
			continue;
		stat_inc(&pager->stat, PAGER_OUT_DISK);
		memcg_count(area->memcg, MEMCG_PSWPOUT, 1);
		writes[i] = (struct write){batch, &batch->error[i]};
		arch_xadd_relaxed(&batch->out, 1);
		swap_device_submit(&area->swap.device, batch->slot[i], page, write_done,
				   &writes[i]);
	}
	wait_for_writes(batch);
}

/* The slots get their use, which is their page's; those that were not written are free again. */
static void use_slots(struct batch *batch)
{
	struct swap_slots *slots = &batch->pager->area->swap.slots;

	for (unsigned i = 0; i < batch->nr; i++) {
		if (batch->slot[i] == NO_SLOT)
			continue;
		swap_slot_use(slots, batch->slot[i]);
		if (batch->error[i])
			swap_slot_put(slots, batch->slot[i]);
	}
}

/* The stored ones among the victims, neighbours as one range. */
static void find_stored(struct batch *batch)
{
	struct iovec *range = NULL;

	batch->nr_ranges = 0;
	for (unsigned i = 0; i < batch->nr; i++) {
		char *address = address_of(batch->pager, batch->index[i]);

		if (batch->error[i])
			continue;
		if (range && (char *)range->iov_base + range->iov_len == address) {
			range->iov_len += PAGE_SIZE;
			continue;
		}
		range = &batch->ranges[batch->nr_ranges++];
		*range = (struct iovec){address, PAGE_SIZE};
	}
}

/* The victims that were stored are missing from now on; the others stay, protected until somebody
 * stores to them. Returns how many went. */
static unsigned unlock(struct batch *batch)
{
	struct pager *pager = batch->pager;
	uint32_t shadow = arch_read_once(&pager->evicted);
	unsigned went = 0;

	for (unsigned i = 0; i < batch->nr; i++) {
		struct pager_page *page = &pager->pages[batch->index[i]];
		uint32_t state = arch_read_once(&page->state);

		if (!batch->error[i]) {
			page->slot = batch->slot[i];
			page->shadow = shadow;
			state = (state & PAGE_LEVEL_MASK) | PAGE_SWAPPED;
			went++;
		}
		pager_unlock(page, state);
	}
	return went;
}

static void set_errors(struct batch *batch, int err)
{
	for (unsigned i = 0; i < batch->nr; i++)
		batch->error[i] = err;
}

/* All that is done to the victims. Returns how many went, or -errno if none did. */
static int evict(struct batch *batch)
{
	struct pager *pager = batch->pager;
	int err = protect(batch);
	unsigned went;

	if (err) {
		set_errors(batch, err);
	} else {
		store(batch);
		find_stored(batch);
		/* Before the slots show that they are in use, or the pages that they are missing. */
		if (batch->nr_ranges)
			err = uffd_discard(&pager->uffd, batch->ranges, batch->nr_ranges);
		if (err)
			BUG("pages of our own cannot be discarded: %d", err);
		use_slots(batch);
	}
	err = batch->error[0];
	went = unlock(batch);
	if (!went)
		return err;
	stat_add(&pager->stat, PAGER_OUT, went);
	stat_inc(&pager->stat, PAGER_EVICT);
	arch_xadd_relaxed(&pager->evicted, (uint64_t)went);
	pager_uncharge(pager, went);
	return went;
}

/* shrink_inactive_list(). Returns how many pages went, or -errno; *@chunks grows by those gone over. */
static int shrink(struct pager *pager, uint64_t *chunks)
{
	struct zswap_reclaim reclaim = {
		.memcg = pager->area->memcg,
		.priority = 12,
		.may_io = true,
	};
	struct batch batch;
	int rc;

	batch.pager = pager;
	batch.nr = batch.nr_ranges = batch.out = 0;
	for (unsigned i = 0; i < CHUNKS_MAX && batch.nr < pager->batch; i++, (*chunks)++)
		scan(&batch);
	rc = batch.nr ? evict(&batch) : 0;
	zswap_shrink_slab(pager->area->zswap, &reclaim);
	return rc;
}

int pager_charge(struct pager *pager, unsigned nr)
{
	uint64_t most = (pager->nr / pager->chunk + 1) * SWEEPS_MAX, chunks = 0;
	int rc = 0;

	arch_xadd_relaxed(&pager->resident, (uint64_t)nr);
	while (arch_read_once(&pager->resident) > pager->limit) {
		rc = shrink(pager, &chunks);
		if (rc > 0)
			chunks = 0;
		else if (!rc && chunks > most)
			rc = -ENOMEM;
		if (rc < 0)
			break;
	}
	if (rc < 0)
		pager_uncharge(pager, nr);
	return rc < 0 ? rc : 0;
}
