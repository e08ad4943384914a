/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mm/family.h"

#include <errno.h>

#include "pft/base/memory.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/lru.h"
#include "pft/mm/mm_swap.h"

const char *const mm_event_names[NR_MM_EVENTS] = {
	[MM_FAULT] = "pgfault",
	[MM_FAULT_ANON] = "fault_anon",
	[MM_FAULT_COW] = "fault_cow",
	[MM_FAULT_REUSE] = "fault_reuse",
	[MM_FAULT_SPURIOUS] = "fault_spurious",
	[MM_FAULT_RETRY] = "fault_retry",
	[MM_ANON_VMA] = "anon_vma_new",
	[MM_PCP_REFILL] = "pcp_refill",
	[MM_PCP_DRAIN] = "pcp_drain",
	[MM_STOCK_REFILL] = "memcg_stock_refill",
	[MM_RSS_FOLD] = "rss_fold",
	[MM_LRU_DRAIN] = "lru_drain",
	[MM_TABLES_FREED] = "tables_freed",
	[MM_SHOOTDOWN] = "tlb_shootdown",
	[MM_FLUSH_LOCAL] = "tlb_flush_local",
	[MM_MMAP] = "mmap",
	[MM_MUNMAP] = "munmap",
	[MM_MPROTECT] = "mprotect",
	[MM_DONTNEED] = "madvise_dontneed",
	[MM_DONTNEED_VMA] = "madvise_vma_lock",
	[MM_FORK] = "fork",
	[MM_VMA_SPLIT] = "vma_split",
	[MM_VMA_MERGE] = "vma_merge",
	[MM_FAULT_MAJOR] = "pgmajfault",
	[MM_SWAP_IN] = "swap_in",
	[MM_SWAP_RA] = "swap_ra",
	[MM_SWAP_CACHE_HIT] = "swap_cache_hit",
	[MM_SWAP_IN_FAIL] = "swap_in_fail",
	[MM_SWAP_OUT] = "swap_out",
	[MM_SWAP_OUT_FAIL] = "swap_out_fail",
	[MM_PGSCAN] = "pgscan",
	[MM_PGSTEAL] = "pgsteal",
	[MM_PGACTIVATE] = "pgactivate",
	[MM_PGDEACTIVATE] = "pgdeactivate",
	[MM_UNMAP_FAIL] = "unmap_fail",
	[MM_DIRECT_RECLAIM] = "allocstall",
	[MM_ZPOOL_COMPACTED] = "zpool_compacted",
	[MM_KSWAPD_WAKE] = "kswapd_wake",
	[MM_OOM] = "oom",
};

static int init_zones(struct mm_family *family, const struct mm_options *options, struct why *why)
{
	size_t size = options->arena / family->nr_nodes;
	unsigned node;
	int rc;

	size = size ? round_up_to(size, NODE_MEMORY_CHUNK) : NODE_MEMORY_CHUNK;
	family->zones = memory_alloc(family->nr_nodes * sizeof(*family->zones));
	if (!family->zones)
		return why_not(why, ENOMEM, "no memory for %u zones", family->nr_nodes);
	for (node = 0; node < family->nr_nodes; node++) {
		rc = zone_init(&family->zones[node], node, size, options->prefault, why);
		if (rc) {
			while (node--)
				zone_release(&family->zones[node]);
			memory_free(family->zones);
			family->zones = NULL;
			return rc;
		}
	}
	return 0;
}

static int init_memcgs(struct mm_family *family, const struct mm_options *options)
{
	unsigned level;
	int rc = memcg_tree_init(&family->tree, family->nr_nodes);

	family->memcgs[0] = family->tree.root;
	for (level = 1; !rc && level <= family->memcg_levels; level++)
		rc = memcg_new(&family->memcgs[level], family->memcgs[level - 1]);
	if (!rc && family->memcg_levels && options->memcg_max)
		memcg_set_max(family->memcgs[family->memcg_levels], options->memcg_max);
	return rc;
}

/* Zero pages until a worker touches its part, which places it. */
static int init_workers(struct mm_family *family)
{
	family->workers = memory_map(ARCH_SLOTS * sizeof(*family->workers));
	return family->workers ? 0 : -ENOMEM;
}

static int init_slabs(struct mm_family *family, struct why *why)
{
	struct kmem_cache_args args = {.align = VMA_NODE_SIZE};
	int rc;

	rc = kmem_cache_create(&family->vma_nodes, "maple_node", sizeof(struct vma_node), &args,
			       why);
	if (rc)
		return rc;
	args = (struct kmem_cache_args){.flags = SLAB_TYPESAFE_BY_RCU, .ctor = anon_vma_ctor};
	rc = kmem_cache_create(&family->anon_vmas, "anon_vma", sizeof(struct anon_vma), &args, why);
	if (rc)
		return rc;
	return kmem_cache_create(&family->anon_vma_chains, "anon_vma_chain",
				 sizeof(struct anon_vma_chain), NULL, why);
}

static void free_slab(struct kmem_cache *cache)
{
	struct why why = WHY_INIT;

	if (cache && kmem_cache_destroy(cache, &why))
		BUG("leaked: %s", why.text);
}

/* Free what there is; called also for a family that could not be completed. */
static void release(struct mm_family *family)
{
	struct why why = WHY_INIT;
	unsigned i;

	rcu_barrier();
	if (family->domain.design && lock_domain_release(&family->domain, &why))
		BUG("leaked: %s", why.text);
	free_slab(family->vma_nodes);
	free_slab(family->anon_vmas);
	free_slab(family->anon_vma_chains);
	for (i = family->memcg_levels; i; i--)
		if (family->memcgs[i] && memcg_offline(family->memcgs[i]))
			BUG("a group of level %u is not alone at the end", i);
	memcg_tree_release(&family->tree);
	for (i = 0; family->zones && i < family->nr_nodes; i++)
		zone_release(&family->zones[i]);
	memory_free(family->zones);
	memory_unmap(family->workers, ARCH_SLOTS * sizeof(*family->workers));
	stat_release(&family->events);
	memory_free(family);
}

/* max(32, 2 * CPUs): percpu_counter_batch. */
static int32_t rss_batch(void)
{
	unsigned cpus = arch_cpus();

	return cpus > 16 ? (int32_t)(2 * cpus) : 32;
}

int family_new(struct mm_family **result, const struct mm_options *options, struct why *why)
{
	struct lock_options lock = {.vma_class = options->vma_class,
				    .rwsem_spin = options->rwsem_spin};
	struct mm_family *family;
	unsigned i;
	int rc;

	if (options->memcg_levels > MEMCG_LEVELS)
		return why_not(why, EINVAL, "%u memcg levels: at most %u can be charged",
			       options->memcg_levels, MEMCG_LEVELS);
	family = memory_alloc(sizeof(*family));
	if (!family)
		return why_not(why, ENOMEM, "no memory for an mm");
	family->nr_nodes = node_memory_nodes();
	family->memcg_levels = options->memcg_levels;
	family->rss_batch = rss_batch();
	spin_lock_init(&family->lock);
	list_init(&family->mms);
	for (i = 0; i < NODE_MEMORY_MAX; i++)
		family->policies[i].node = i;
	family->policies[NODE_MEMORY_MAX].interleave = true;
	rc = stat_init(&family->events, mm_event_names, NR_MM_EVENTS);
	if (!rc)
		rc = init_workers(family);
	if (!rc)
		rc = init_memcgs(family, options);
	if (rc)
		why_not(why, -rc, "no memory for an mm");
	if (!rc)
		rc = init_zones(family, options, why);
	if (!rc)
		rc = init_slabs(family, why);
	if (!rc) {
		rc = lock_domain_init(&family->domain, options->design, &lock, why);
		if (rc)
			family->domain.design = NULL;
	}
	if (!rc && options->swap)
		rc = mm_swap_new(family, options->swap, why);
	if (rc) {
		release(family);
		return rc;
	}
	*result = family;
	return 0;
}

uint64_t family_free_frames(const struct mm_family *family)
{
	unsigned node, slot;
	uint64_t nr = 0;

	for (node = 0; node < family->nr_nodes; node++) {
		nr += arch_read_once(&family->zones[node].nr_free);
		family_for_each_slot(slot, family) nr +=
			arch_read_once(&family->workers[slot].pcps[node].count);
	}
	return nr;
}

void family_drain(struct mm_family *family)
{
	unsigned slot;

	family_for_each_slot(slot, family)
	{
		struct mm_worker *worker = &family->workers[slot];

		lru_add_drain(family, worker);
		memcg_drain_stock(&worker->stock);
	}
}

void family_free(struct mm_family *family)
{
	/* Pages that were charged for compressed bytes may stay so in part until the group goes. */
	bool swapped = family->swap != NULL;
	unsigned i;
	uint64_t frames = 0;

	if (family->swap)
		mm_swap_stop(family);
	family_drain(family);
	if (family->swap)
		mm_swap_free(family);
	for (i = 0; i < family->nr_nodes; i++)
		frames += family->zones[i].nr_frames;
	if (family_free_frames(family) != frames)
		BUG("%lu of %lu frames are free at the end",
		    (unsigned long)family_free_frames(family), (unsigned long)frames);
	for (i = 1; i <= family->memcg_levels; i++)
		if (swapped ? family->memcgs[i]->zswap_bytes : family->memcgs[i]->memory.usage)
			BUG("level %u is charged %ld pages at the end", i,
			    family->memcgs[i]->memory.usage);
	release(family);
}

int family_add(struct mm_family *family, struct mm *mm)
{
	unsigned i;

	spin_lock(&family->lock);
	for (i = 0; i < MM_MAX / 64 && !~family->used[i]; i++)
		;
	if (i == MM_MAX / 64) {
		spin_unlock(&family->lock);
		return -ENOMEM;
	}
	mm->percpu = i * 64 + (unsigned)__builtin_ctzl(~family->used[i]);
	family->used[i] |= 1UL << mm->percpu % 64;
	mm->id = ++family->last_id;
	list_add_tail(&mm->link, &family->mms);
	spin_unlock(&family->lock);
	return 0;
}

bool family_remove(struct mm_family *family, struct mm *mm)
{
	unsigned slot, counter;
	bool last;

	for (counter = 0; counter < NR_MM_COUNTERS; counter++) {
		if (rss_sum(mm, counter))
			BUG("rss counter %u is %ld at the end", counter, rss_sum(mm, counter));
		family_for_each_slot(slot, family)
			arch_write_once(&family->workers[slot].rss[mm->percpu][counter], 0);
	}
	spin_lock(&family->lock);
	family->used[mm->percpu / 64] &= ~(1UL << mm->percpu % 64);
	list_del(&mm->link);
	last = list_empty(&family->mms);
	spin_unlock(&family->lock);
	return last;
}

long rss_sum(const struct mm *mm, enum mm_counter counter)
{
	const struct mm_family *family = mm->family;
	long sum = arch_read_once(&mm->rss[counter].count);
	unsigned slot;

	family_for_each_slot(slot, family) sum +=
		arch_read_once(&family->workers[slot].rss[mm->percpu][counter]);
	return sum;
}

void mm_worker_enter(struct mm_family *family, struct mm_worker *worker)
{
	unsigned node, slot = arch_slot();

	if (arch_read_once(&family->slots[slot / 64]) >> slot % 64 & 1)
		return;
	for (node = 0; node < family->nr_nodes; node++)
		list_init(&worker->pcps[node].list);
	/* Full: who finds the slot finds the lists. */
	arch_or_full(&family->slots[slot / 64], 1UL << slot % 64);
}

void mm_switch_slow(struct mm *mm, struct mm_worker *worker)
{
	unsigned slot = arch_slot();

	mm_worker_enter(mm->family, worker);
	worker->active_mm = mm->id;
	arch_or_full(&mm->cpumask[slot / 64], 1UL << slot % 64);
}
