/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/obj_cgroup.h"

#include <errno.h>

#include "common/say.h"
#include "pft/base/memory.h"

#define PAGE (1L << MEMCG_PAGE_SHIFT)

/* References that a stock takes or gives at once. */
#define REFS_BATCH 64

int obj_cgroup_online(struct memcg *memcg)
{
	struct obj_cgroup *objcg = NULL;

	if (!fault_inject_fails(&fault_inject_memcg, NULL))
		objcg = memory_alloc(sizeof(*objcg));
	if (!objcg)
		return -ENOMEM;
	*objcg = (struct obj_cgroup){.refs = 1, .memcg = memcg, .tree = memcg->tree};
	list_add(&objcg->link, &memcg->objcgs);
	rcu_assign_pointer(memcg->objcg, objcg);
	return 0;
}

static void objcg_free(struct rcu_head *head)
{
	memory_free(container_of(head, struct obj_cgroup, rcu));
}

/* obj_cgroup_release(): the parts of pages that are left make whole pages, since all bytes that
 * were taken from them have come back. */
static void objcg_release(struct obj_cgroup *objcg)
{
	struct memcg_tree *tree = objcg->tree;
	long bytes = arch_load_acquire(&objcg->nr_charged_bytes);

	if (bytes & (PAGE - 1))
		BUG("%ld bytes of a group's compressed pages are lost", bytes & (PAGE - 1));
	spin_lock(&tree->lock);
	page_counter_uncharge(&objcg->memcg->memory, bytes >> MEMCG_PAGE_SHIFT);
	list_del(&objcg->link);
	spin_unlock(&tree->lock);
	call_rcu(&objcg->rcu, objcg_free);
}

static void put_many(struct obj_cgroup *objcg, uint64_t nr)
{
	/* Full: pairs with itself, so that all uncharges come before the release. */
	uint64_t before = arch_xadd_full(&objcg->refs, -nr);

	if (unlikely(before < nr))
		BUG("an obj_cgroup without references is put");
	if (unlikely(before == nr))
		objcg_release(objcg);
}

/* percpu_ref_tryget_many() */
static bool tryget_many(struct obj_cgroup *objcg, uint64_t nr)
{
	uint64_t refs = arch_read_once(&objcg->refs);

	do {
		if (!refs)
			return false;
	} while (!arch_cmpxchg_full(&objcg->refs, &refs, refs + nr));
	return true;
}

static struct obj_stock *my_stock(const struct memcg_tree *tree)
{
	return &tree->stocks[arch_slot()];
}

/* obj_cgroup_charge_pages(), obj_cgroup_uncharge_pages(): RCU keeps the group, and those above it,
 * while the counters are written. A group that is just being reparented is as good as its parent:
 * what is charged to it stays with it, what is taken off its parent was counted there too. */
static void charge_pages(struct obj_cgroup *objcg, long nr)
{
	struct page_counter *counter;

	rcu_read_lock();
	counter = &obj_cgroup_memcg(objcg)->memory;
	if (nr < 0)
		page_counter_uncharge(counter, -nr);
	else
		page_counter_charge(counter, nr);
	rcu_read_unlock();
}

/* drain_obj_stock() */
static void drain(struct obj_stock *stock)
{
	struct obj_cgroup *objcg = stock->cached;

	if (!objcg)
		return;
	if (stock->nr_bytes >= PAGE)
		charge_pages(objcg, -(long)(stock->nr_bytes >> MEMCG_PAGE_SHIFT));
	/* Full: pairs with the xchg in refill(), the bytes are taken once. */
	if (stock->nr_bytes & (PAGE - 1))
		arch_xadd_full(&objcg->nr_charged_bytes, (long)(stock->nr_bytes & (PAGE - 1)));
	stock->nr_bytes = 0;
	stock->cached = NULL;
	put_many(objcg, 1 + stock->refs);
	stock->refs = 0;
}

/* The caller's stock made that of @objcg, with what others have left of its pages. */
static struct obj_stock *stock_of(struct obj_cgroup *objcg)
{
	struct obj_stock *stock = my_stock(objcg->tree);

	if (likely(stock->cached == objcg))
		return stock;
	drain(stock);
	if (!tryget_many(objcg, 1))
		BUG("an obj_cgroup without references is used");
	stock->cached = objcg;
	if (arch_read_once(&objcg->nr_charged_bytes))
		stock->nr_bytes = (unsigned)arch_xchg_full(&objcg->nr_charged_bytes, 0L);
	return stock;
}

/* What is more than a page goes back to the counters: refill_obj_stock(). */
static void trim(struct obj_stock *stock)
{
	if (stock->nr_bytes <= PAGE)
		return;
	charge_pages(stock->cached, -(long)(stock->nr_bytes >> MEMCG_PAGE_SHIFT));
	stock->nr_bytes &= PAGE - 1;
}

struct obj_cgroup *obj_cgroup_of(struct memcg *memcg)
{
	struct obj_cgroup *objcg = NULL;
	struct obj_stock *stock;

	if (!memcg)
		return NULL;
	stock = my_stock(memcg->tree);
	rcu_read_lock();
	for (; memcg->parent; memcg = memcg->parent) {
		objcg = rcu_dereference(memcg->objcg);
		if (objcg && objcg == stock->cached && stock->refs) {
			stock->refs--;
			break;
		}
		if (objcg && tryget_many(objcg, 1))
			break;
		objcg = NULL;
	}
	rcu_read_unlock();
	return objcg;
}

void obj_cgroup_get(struct obj_cgroup *objcg)
{
	struct obj_stock *stock;

	if (!objcg)
		return;
	stock = my_stock(objcg->tree);
	if (objcg == stock->cached && stock->refs)
		stock->refs--;
	else
		arch_xadd_relaxed(&objcg->refs, 1);
}

void obj_cgroup_put(struct obj_cgroup *objcg)
{
	struct obj_stock *stock;

	if (!objcg)
		return;
	stock = my_stock(objcg->tree);
	if (objcg != stock->cached) {
		put_many(objcg, 1);
	} else if (++stock->refs > 2 * REFS_BATCH) {
		stock->refs -= REFS_BATCH;
		put_many(objcg, REFS_BATCH);
	}
}

struct memcg *obj_cgroup_get_memcg(const struct obj_cgroup *objcg)
{
	struct memcg *memcg;

	if (!objcg)
		return NULL;
	rcu_read_lock();
	do /* a group that has none any more was left for its parent before that */
		memcg = obj_cgroup_memcg(objcg);
	while (!memcg_tryget(memcg));
	rcu_read_unlock();
	return memcg;
}

/* Whether @memcg itself may have one more page compressed. */
static bool group_may_zswap(const struct memcg *memcg)
{
	uint64_t max = arch_read_once(&memcg->zswap_max) >> MEMCG_PAGE_SHIFT;
	long bytes;

	if (max == MEMCG_UNLIMITED >> MEMCG_PAGE_SHIFT)
		return true;
	bytes = arch_read_once(&memcg->zswap_bytes);
	return bytes < 0 ? max > 0 : (uint64_t)bytes >> MEMCG_PAGE_SHIFT < max;
}

bool obj_cgroup_may_zswap(const struct obj_cgroup *objcg)
{
	struct memcg *memcg;
	bool may = true;

	rcu_read_lock();
	for (memcg = obj_cgroup_memcg(objcg); may && memcg && memcg->parent; memcg = memcg->parent)
		may = group_may_zswap(memcg);
	rcu_read_unlock();
	return may;
}

/* mod_memcg_state(MEMCG_ZSWAP_B), (MEMCG_ZSWAPPED). The kernel gathers these per CPU and sums them
 * where there is a zswap.max; here they are exact, for an atomic each per level. */
static void count_zswapped(struct obj_cgroup *objcg, long bytes, long pages)
{
	struct memcg *memcg;

	rcu_read_lock();
	for (memcg = obj_cgroup_memcg(objcg); memcg->parent; memcg = memcg->parent) {
		arch_xadd_relaxed(&memcg->zswap_bytes, bytes);
		arch_xadd_relaxed(&memcg->zswapped, pages);
	}
	rcu_read_unlock();
}

void obj_cgroup_charge_zswap(struct obj_cgroup *objcg, size_t size)
{
	struct obj_stock *stock;
	long pages;

	if (!objcg)
		return;
	stock = stock_of(objcg);
	if (!stock->refs) {
		arch_xadd_relaxed(&objcg->refs, REFS_BATCH);
		stock->refs = REFS_BATCH;
	}
	count_zswapped(objcg, (long)size, 1);
	if (objcg->tree->frames_only)
		return;
	if (stock->nr_bytes < size) {
		pages = (long)(size - stock->nr_bytes + PAGE - 1) >> MEMCG_PAGE_SHIFT;
		charge_pages(objcg, pages);
		stock->nr_bytes += (unsigned)(pages << MEMCG_PAGE_SHIFT);
	}
	stock->nr_bytes -= size;
	trim(stock);
}

void obj_cgroup_uncharge_zswap(struct obj_cgroup *objcg, size_t size)
{
	struct obj_stock *stock;

	if (!objcg)
		return;
	stock = stock_of(objcg);
	count_zswapped(objcg, -(long)size, -1);
	if (objcg->tree->frames_only)
		return;
	stock->nr_bytes += size;
	trim(stock);
}

void obj_cgroup_count(struct obj_cgroup *objcg, enum memcg_stat item)
{
	if (!objcg)
		return;
	rcu_read_lock();
	memcg_count(obj_cgroup_memcg(objcg), item, 1);
	rcu_read_unlock();
}

void obj_cgroup_drain(struct memcg_tree *tree)
{
	drain(my_stock(tree));
}

void obj_cgroup_drain_all(struct memcg_tree *tree)
{
	for (unsigned slot = 0; slot < ARCH_SLOTS; slot++)
		drain(&tree->stocks[slot]);
}

void obj_cgroup_reparent(struct memcg *memcg)
{
	struct memcg_tree *tree = memcg->tree;
	struct obj_cgroup *objcg, *own = memcg->objcg;

	spin_lock(&tree->lock);
	rcu_assign_pointer(memcg->objcg, NULL);
	list_for_each_entry(objcg, &memcg->objcgs, link)
		rcu_assign_pointer(objcg->memcg, memcg->parent);
	list_splice(&memcg->objcgs, &memcg->parent->objcgs);
	spin_unlock(&tree->lock);
	put_many(own, 1);
}
