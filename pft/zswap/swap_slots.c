/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/swap_slots.h"

#include <errno.h>
#include <inttypes.h>

#include "pft/base/memory.h"

static uint64_t cluster_first(const struct swap_slots *slots, const struct swap_cluster *cluster)
{
	return (uint64_t)(cluster - slots->clusters) * SWAP_CLUSTER;
}

/* How many slots there are in @cluster: the last one may be cut off. */
static uint32_t cluster_size(const struct swap_slots *slots, const struct swap_cluster *cluster)
{
	uint64_t rest = slots->nr - cluster_first(slots, cluster);

	return rest < SWAP_CLUSTER ? rest : SWAP_CLUSTER;
}

int swap_slots_init(struct swap_slots *slots, uint64_t nr, struct why *why)
{
	struct swap_cluster *cluster;
	uint64_t i;

	*slots = (struct swap_slots){
		.nr = nr, .nr_clusters = (nr + SWAP_CLUSTER - 1) / SWAP_CLUSTER};
	list_init(&slots->free);
	list_init(&slots->partial);
	slots->clusters = memory_alloc(slots->nr_clusters * sizeof(*slots->clusters));
	slots->counts = memory_alloc(nr * sizeof(*slots->counts));
	slots->workers = memory_alloc(ARCH_SLOTS * sizeof(*slots->workers));
	if (!slots->clusters || !slots->counts || !slots->workers) {
		swap_slots_release(slots);
		return why_not(why, ENOMEM, "no memory for a map of %" PRIu64 " swap slots", nr);
	}
	for (i = 0; i < nr; i++)
		slots->clusters[i / SWAP_CLUSTER].free[i % SWAP_CLUSTER / 64] |= 1UL << i % 64;
	for (i = 0; i < slots->nr_clusters; i++) {
		cluster = &slots->clusters[i];
		cluster->nr_free = cluster_size(slots, cluster);
		list_add_tail(&cluster->list, &slots->free);
	}
	return 0;
}

void swap_slots_release(struct swap_slots *slots)
{
	memory_free(slots->clusters);
	memory_free(slots->counts);
	memory_free(slots->workers);
}

/* Put @cluster into the list where it belongs now; with cluster->lock. relocate_cluster(). */
static void cluster_relist(struct swap_slots *slots, struct swap_cluster *cluster)
{
	spin_lock(&slots->lock);
	if (!cluster->owned) {
		list_del_init(&cluster->list);
		if (cluster->nr_free == cluster_size(slots, cluster))
			list_add_tail(&cluster->list, &slots->free);
		else if (cluster->nr_free)
			list_add_tail(&cluster->list, &slots->partial);
	}
	spin_unlock(&slots->lock);
}

/* Take the lowest free slot of @cluster; with cluster->lock. False if there is none. */
static bool cluster_take(struct swap_slots *slots, struct swap_cluster *cluster, uint64_t *slot)
{
	unsigned i = 0;

	if (!cluster->nr_free)
		return false;
	while (!cluster->free[i])
		i++;
	*slot = cluster_first(slots, cluster) + i * 64 +
		(unsigned)__builtin_ctzl(cluster->free[i]);
	cluster->free[i] &= cluster->free[i] - 1;
	arch_write_once(&cluster->nr_free, cluster->nr_free - 1);
	return true;
}

/* Take a slot of the cluster that the worker fills; if that is full, it is the worker's no more. */
static bool worker_take(struct swap_slots *slots, struct swap_slots_worker *worker, uint64_t *slot)
{
	struct swap_cluster *cluster = worker->cluster;
	bool taken;

	if (!cluster)
		return false;
	spin_lock(&cluster->lock);
	taken = cluster_take(slots, cluster, slot);
	if (!taken) {
		spin_lock(&slots->lock);
		cluster->owned = false; /* the next put lists it */
		spin_unlock(&slots->lock);
		worker->cluster = NULL;
	}
	spin_unlock(&cluster->lock);
	return taken;
}

/* Make the worker the owner of a free cluster, or of a partly free one. False if none is listed. */
static bool worker_claim(struct swap_slots *slots, struct swap_slots_worker *worker)
{
	struct swap_cluster *cluster;

	spin_lock(&slots->lock);
	cluster = list_first_entry_or_null(&slots->free, struct swap_cluster, list);
	if (!cluster)
		cluster = list_first_entry_or_null(&slots->partial, struct swap_cluster, list);
	if (cluster) {
		list_del_init(&cluster->list);
		cluster->owned = true;
		worker->cluster = cluster;
	}
	spin_unlock(&slots->lock);
	return cluster;
}

/*
 * Take one slot out of any cluster: what is free is in clusters that others fill. The walk begins where
 * the last one found something.
 */
static bool steal(struct swap_slots *slots, struct swap_slots_worker *worker, uint64_t *slot)
{
	uint64_t i, at = worker->steal_at;
	struct swap_cluster *cluster;
	bool taken = false;

	for (i = 0; i < slots->nr_clusters && !taken; i++, at++) {
		if (at >= slots->nr_clusters)
			at = 0;
		cluster = &slots->clusters[at];
		if (!arch_read_once(&cluster->nr_free))
			continue;
		spin_lock(&cluster->lock);
		taken = cluster_take(slots, cluster, slot);
		if (taken) {
			worker->steal_at = at;
			/* It may have come into a list meanwhile. */
			cluster_relist(slots, cluster);
		}
		spin_unlock(&cluster->lock);
	}
	return taken;
}

int swap_slots_reserve(struct swap_slots *slots, uint64_t *slot)
{
	struct swap_slots_worker *worker = &slots->workers[arch_slot()];
	bool taken;

	do {
		taken = worker_take(slots, worker, slot);
	} while (!taken && worker_claim(slots, worker));
	if (!taken && (swap_slots_used(slots) == slots->nr || !steal(slots, worker, slot)))
		return -ENOSPC;
	arch_xadd_relaxed(&slots->used, 1);
	return 0;
}

void swap_slot_use(struct swap_slots *slots, uint64_t slot)
{
	/* Release: pairs with swap_slot_dup() by whoever came across the slot. */
	arch_store_release(&slots->counts[slot], (uint16_t)1);
}

int swap_slots_get(struct swap_slots *slots, uint64_t *slot)
{
	int rc = swap_slots_reserve(slots, slot);

	if (!rc)
		swap_slot_use(slots, *slot);
	return rc;
}

int swap_slot_dup(struct swap_slots *slots, uint64_t slot)
{
	uint16_t count = arch_read_once(&slots->counts[slot]);

	do {
		if (!count)
			return -ENOENT;
		if (count == SWAP_COUNT_MAX)
			return -ENOMEM;
	} while (!arch_cmpxchg_acquire(&slots->counts[slot], &count, (uint16_t)(count + 1)));
	return 0;
}

void swap_slot_put(struct swap_slots *slots, uint64_t slot)
{
	struct swap_cluster *cluster = &slots->clusters[slot / SWAP_CLUSTER];
	uint64_t bit = 1UL << slot % 64, *word = &cluster->free[slot % SWAP_CLUSTER / 64];
	/* Full: all that was done under the other uses is done before the slot is free. */
	uint16_t before = arch_xadd_full(&slots->counts[slot], (uint16_t)-1);

	if (unlikely(!before))
		BUG("swap slot %" PRIu64 ", which is free, is put", slot);
	if (before > 1)
		return;
	if (slots->invalidate)
		slots->invalidate(slots, slot);
	spin_lock(&cluster->lock);
	if (unlikely(*word & bit))
		BUG("swap slot %" PRIu64 " is freed twice", slot);
	*word |= bit;
	arch_write_once(&cluster->nr_free, cluster->nr_free + 1);
	if (cluster->nr_free == 1 || cluster->nr_free == cluster_size(slots, cluster))
		cluster_relist(slots, cluster);
	spin_unlock(&cluster->lock);
	arch_xadd_relaxed(&slots->used, (uint64_t)-1);
}

/* Compare one cluster with its slots' counts and its list; adds to *@used. */
static int cluster_check(const struct swap_slots *slots, const struct swap_cluster *cluster,
			 uint64_t *used, struct why *why)
{
	uint64_t first = cluster_first(slots, cluster);
	uint32_t i, nr_free = 0, size = cluster_size(slots, cluster);
	bool listed = !list_empty(&cluster->list);

	for (i = 0; i < SWAP_CLUSTER; i++) {
		bool is_free = cluster->free[i / 64] >> i % 64 & 1;

		if (i >= size ? is_free : is_free != !slots->counts[first + i])
			return why_not(why, EINVAL, "slot %" PRIu64 " is %s, with %u uses",
				       first + i, is_free ? "free" : "taken",
				       i < size ? slots->counts[first + i] : 0);
		nr_free += is_free;
	}
	if (nr_free != cluster->nr_free)
		return why_not(why, EINVAL, "%u slots from %" PRIu64 " on are free, not %u",
			       nr_free, first, cluster->nr_free);
	if (listed != (nr_free && !cluster->owned))
		return why_not(why, EINVAL, "the cluster of slot %" PRIu64 " is %s a list", first,
			       listed ? "in" : "in not");
	*used += size - nr_free;
	return 0;
}

/* Whether each cluster in @list is all free, or is not, as @all_free says. */
static int list_check(const struct swap_slots *slots, const struct list_head *list, bool all_free,
		      struct why *why)
{
	const struct swap_cluster *cluster;

	list_for_each_entry(cluster, list, list)
		if ((cluster->nr_free == cluster_size(slots, cluster)) != all_free)
			return why_not(why, EINVAL,
				       "the cluster of slot %" PRIu64 " is in the wrong list",
				       cluster_first(slots, cluster));
	return 0;
}

int swap_slots_check(struct swap_slots *slots, struct why *why)
{
	uint64_t i, used = 0;
	int rc = 0;

	for (i = 0; i < slots->nr_clusters && !rc; i++)
		rc = cluster_check(slots, &slots->clusters[i], &used, why);
	if (!rc)
		rc = list_check(slots, &slots->free, true, why);
	if (!rc)
		rc = list_check(slots, &slots->partial, false, why);
	if (!rc && used != slots->used)
		rc = why_not(why, EINVAL, "%" PRIu64 " slots are in use, not %" PRIu64, used,
			     slots->used);
	return rc;
}
