/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/kswapd.h"

#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"
#include "pft/mm/reclaim.h"
#include "pft/zswap/compact.h"

/* Bits of kswapd->work. */
enum {
	KSWAPD_WANTED = 1 << 0,
	KSWAPD_STOP = 1 << 1,
	KSWAPD_BUSY = 1 << 2, /* does what was wanted */
};

static bool stopped(struct kswapd *kswapd)
{
	return arch_read_once(&kswapd->work) & KSWAPD_STOP;
}

/* balance_pgdat(): ever harder, until the zone is above its high watermark, or nothing helps. */
static void balance(struct kswapd *kswapd)
{
	struct mm_family *family = kswapd->family;
	struct zone *zone = &family->zones[kswapd->thread.node];
	int priority = DEF_PRIORITY;

	while (priority >= 0 && !stopped(kswapd) && arch_read_once(&zone->nr_free) < zone->high) {
		uint64_t goal = zone->high;

		if (goal < SWAP_CLUSTER_MAX)
			goal = SWAP_CLUSTER_MAX;
		if (reclaim_node(family, kswapd->thread.node, (unsigned)priority, goal) < goal)
			priority--;
		frames_release(family, mm_worker(family), kswapd->thread.node);
	}
	/* The kernel's shrinker does it with each priority, as far as that is hard; here once. */
	if (!mm_swap_enter(family, mm_worker(family)))
		stat_add(&family->events, MM_ZPOOL_COMPACTED, zswap_compact(family->swap->zswap));
}

static void run(struct kthread *thread)
{
	struct kswapd *kswapd = container_of(thread, struct kswapd, thread);
	struct mm_worker *worker = mm_worker(kswapd->family);

	mm_worker_enter(kswapd->family, worker);
	worker->memalloc = true;
	while (!stopped(kswapd)) {
		/* First the bit, then the zone: who makes it low later sets the bit again. */
		if (!(arch_read_once(&kswapd->work) & KSWAPD_WANTED)) {
			arch_wait(&kswapd->work, 0, 0);
			continue;
		}
		arch_or_full(&kswapd->work, (uint32_t)KSWAPD_BUSY);
		arch_andnot_full(&kswapd->work, (uint32_t)KSWAPD_WANTED);
		balance(kswapd);
		arch_andnot_full(&kswapd->work, (uint32_t)KSWAPD_BUSY);
	}
}

int kswapd_start(struct mm_family *family, unsigned node, struct why *why)
{
	struct kswapd *kswapd = &family->swap->kswapds[node];

	kswapd->family = family;
	kswapd->thread.node = node;
	kswapd->thread.run = run;
	return kthread_start(&kswapd->thread, why);
}

static void tell(struct kswapd *kswapd, uint32_t bit)
{
	if (!(arch_or_full(&kswapd->work, bit) & bit))
		arch_wake(&kswapd->work, 1);
}

void kswapd_stop(struct mm_family *family, unsigned node)
{
	tell(&family->swap->kswapds[node], KSWAPD_STOP);
	kthread_join(&family->swap->kswapds[node].thread);
}

void kswapd_flush(struct mm_family *family, unsigned node)
{
	struct kswapd *kswapd = &family->swap->kswapds[node];
	uint32_t zero = 0;

	/* Rare, and no one is in a hurry: short naps on a word of our own. */
	while (arch_load_acquire(&kswapd->work) & (KSWAPD_WANTED | KSWAPD_BUSY))
		arch_wait(&zero, 0, 1000000);
}

void kswapd_wake(struct mm_family *family, unsigned node)
{
	struct kswapd *kswapd = &family->swap->kswapds[node];

	if (!(arch_read_once(&kswapd->work) & KSWAPD_WANTED)) {
		stat_inc(&family->events, MM_KSWAPD_WAKE);
		tell(kswapd, KSWAPD_WANTED);
	}
}
