/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers store, load and shrink as zswap does, charge frames and change limits, while groups come
 * and go under them. At the end all counts are 0 and every reference is back.
 */
#include <string.h>

#include "common/rng.h"
#include "common/say.h"
#include "tests/unit/pft_memcg_fixture.h"
#include "tests/unit/pft_workers.h"

#define WORKERS 4
#define GROUPS 12
#define ENTRIES 128
#define FRAMES 8
#define STEPS 3000

enum { EMPTY, STORED, BUSY };

/* What a swap slot has; whoever made it BUSY owns all but link, which is the list's. */
struct entry {
	struct list_head link;
	uint32_t state;
	unsigned node, size;
	struct obj_cgroup *objcg;
};

static struct {
	struct memcg_tree tree;
	struct list_lru lru;
	struct memcg *groups[GROUPS]; /* under RCU; each place is one worker's to change */
	struct entry entries[ENTRIES];
	struct memcg_notifier notifier;
	struct spinlock cursor_lock; /* guards cursor */
	struct memcg *cursor; /* a reference, never to an offline group */
	uint64_t removed, offline;
} race;

/* zswap_memcg_offline_cleanup() */
static void clean_cursor(struct memcg_notifier *notifier, struct memcg *memcg)
{
	(void)notifier;
	spin_lock(&race.cursor_lock);
	if (race.cursor == memcg)
		do
			race.cursor = memcg_next(race.tree.root, race.cursor);
		while (race.cursor && !memcg_online(race.cursor));
	spin_unlock(&race.cursor_lock);
}

/* A reference to some online group, or NULL. */
static struct memcg *some_group(struct rng *rng)
{
	struct memcg *memcg;

	rcu_read_lock();
	memcg = rcu_dereference(race.groups[rng_below(rng, GROUPS)]);
	if (memcg && !memcg_tryget_online(memcg))
		memcg = NULL;
	rcu_read_unlock();
	return memcg;
}

static bool own(struct entry *entry, uint32_t from)
{
	return arch_cmpxchg_acquire(&entry->state, &from, BUSY);
}

static void disown(struct entry *entry, uint32_t state)
{
	arch_store_release(&entry->state, state);
}

static void store(struct rng *rng)
{
	struct entry *entry = &race.entries[rng_below(rng, ENTRIES)];
	struct memcg *memcg = some_group(rng);
	struct obj_cgroup *objcg = obj_cgroup_of(memcg);
	int rc = memcg_list_lru_alloc(memcg, &race.lru);

	if (memcg)
		memcg_put(memcg, 1);
	if (rc || !obj_cgroup_may_zswap(objcg) || !own(entry, EMPTY)) {
		obj_cgroup_put(objcg);
		return;
	}
	entry->objcg = objcg;
	entry->size = 1 + (unsigned)rng_below(rng, 4096);
	entry->node = (unsigned)rng_below(rng, NODES);
	obj_cgroup_charge_zswap(objcg, entry->size);
	obj_cgroup_count(objcg, MEMCG_ZSWPOUT);
	rcu_read_lock();
	if (!list_lru_add(&race.lru, &entry->link, entry->node, obj_cgroup_memcg(objcg)))
		BUG("an empty entry is on a list");
	rcu_read_unlock();
	disown(entry, STORED);
}

/* zswap_entry_free(), by the owner: the list first (B4). */
static void entry_free(struct entry *entry)
{
	rcu_read_lock();
	if (!list_lru_del(&race.lru, &entry->link, entry->node, obj_cgroup_memcg(entry->objcg)))
		BUG("a stored entry is on no list");
	rcu_read_unlock();
	obj_cgroup_uncharge_zswap(entry->objcg, entry->size);
	obj_cgroup_count(entry->objcg, MEMCG_ZSWPIN);
	obj_cgroup_put(entry->objcg);
	disown(entry, EMPTY);
}

static void load(struct rng *rng)
{
	struct entry *entry = &race.entries[rng_below(rng, ENTRIES)];

	if (own(entry, STORED))
		entry_free(entry);
}

/* shrink_memcg_cb() */
static enum lru_status shrink_one(struct list_lru_walk *walk, struct list_lru_one *list,
				  struct list_head *link)
{
	struct entry *entry = list_entry(link, struct entry, link);

	list_move_tail(link, &list->list);
	list_lru_drop(walk, list);
	if (!own(entry, STORED))
		return LRU_RETRY;
	entry_free(entry);
	arch_xadd_relaxed(&race.removed, 1);
	return LRU_REMOVED_RETRY;
}

/* A turn of shrink_worker(). */
static void shrink(void)
{
	struct list_lru_walk walk = {.isolate = shrink_one};
	struct memcg *memcg;
	unsigned node;

	spin_lock(&race.cursor_lock);
	do
		race.cursor = memcg_next(race.tree.root, race.cursor);
	while (race.cursor && !memcg_tryget_online(race.cursor));
	memcg = race.cursor;
	spin_unlock(&race.cursor_lock);
	for (node = 0; memcg && node < NODES; node++) {
		unsigned long nr = 2;

		list_lru_walk_one(&race.lru, node, memcg, &walk, &nr);
		list_lru_count_one(&race.lru, node, memcg);
	}
	if (memcg)
		memcg_put(memcg, 1);
}

/* rmdir and mkdir, in one of the places that are the worker's to change. */
static void replace(unsigned slot, struct rng *rng)
{
	struct memcg **place = &race.groups[rng_below(rng, GROUPS) / WORKERS * WORKERS + slot - 1];
	struct memcg *memcg = arch_xchg_full(place, NULL), *parent;
	int rc;

	if (memcg) {
		rc = memcg_offline(memcg);
		if (!rc)
			arch_xadd_relaxed(&race.offline, 1);
		else if (rc == -EBUSY)
			rcu_assign_pointer(*place, memcg);
		else
			BUG("offline: %d", rc);
		return;
	}
	parent = some_group(rng);
	rc = memcg_new(&memcg, parent ? parent : race.tree.root);
	if (parent)
		memcg_put(parent, 1);
	if (!rc)
		rcu_assign_pointer(*place, memcg);
	else if (rc != -ENODEV && rc != -ENOMEM)
		BUG("new group: %d", rc);
}

struct frames {
	struct memcg_stock stock;
	struct memcg *charged[FRAMES];
};

static void frame(struct rng *rng, struct frames *frames)
{
	struct memcg **charged = &frames->charged[rng_below(rng, FRAMES)], *memcg;

	if (*charged) {
		memcg_uncharge(*charged, 1);
		*charged = NULL;
		return;
	}
	memcg = some_group(rng);
	if (!memcg)
		return;
	if (!memcg_charge(&frames->stock, memcg))
		*charged = memcg;
	memcg_put(memcg, 1);
}

static void change_limits(struct rng *rng)
{
	static const uint64_t limits[] = {0, 8192, 1 << 20, MEMCG_UNLIMITED, MEMCG_UNLIMITED};
	struct memcg *memcg = some_group(rng);

	if (!memcg)
		return;
	memcg_set_max(memcg, limits[rng_below(rng, 5)]);
	memcg_set_zswap_max(memcg, limits[rng_below(rng, 5)]);
	memcg_set_zswap_writeback(memcg, rng_below(rng, 2));
	memcg_zswap_writeback_enabled(memcg);
	memcg_stat(memcg, MEMCG_ZSWPOUT);
	memcg_put(memcg, 1);
}

static void work(unsigned slot, void *arg)
{
	struct frames frames = {.stock.nr_pages = 0};
	struct rng rng;
	unsigned i;

	rng_init(&rng, *(uint64_t *)arg + slot);
	for (i = 0; i < STEPS; i++) {
		switch (rng_below(&rng, 16)) {
		case 0:
			replace(slot, &rng);
			break;
		case 1:
			change_limits(&rng);
			break;
		case 2 ... 4:
			frame(&rng, &frames);
			break;
		case 5 ... 6:
			shrink();
			break;
		case 7 ... 9:
			load(&rng);
			break;
		default:
			store(&rng);
		}
	}
	for (i = 0; i < FRAMES; i++)
		if (frames.charged[i])
			memcg_uncharge(frames.charged[i], 1);
	memcg_drain_stock(&frames.stock);
	obj_cgroup_drain(&race.tree);
}

/* All groups go, those below first, as each pass finds some without groups below. */
static void all_offline(void)
{
	unsigned i, left;

	do {
		for (i = left = 0; i < GROUPS; i++) {
			if (race.groups[i] && !memcg_offline(race.groups[i]))
				race.groups[i] = NULL;
			left += race.groups[i] != NULL;
		}
	} while (left);
}

static void finish(void)
{
	unsigned i;

	memcg_tree_check(&race.tree);
	list_lru_check(&race.lru);
	for (i = 0; i < ENTRIES; i++)
		if (own(&race.entries[i], STORED))
			entry_free(&race.entries[i]);
	for (i = 0; i < NODES; i++)
		assert_int_equal(list_lru_count_node(&race.lru, i), 0);
	all_offline();
	/* Whatever group the cursor was at has gone: only the root is left to rest on. */
	assert_true(!race.cursor || race.cursor == race.tree.root);
	if (race.cursor)
		memcg_put(race.cursor, 1);
	obj_cgroup_drain(&race.tree);
	assert_int_equal(memcg_stat(race.tree.root, MEMCG_ZSWPOUT),
			 memcg_stat(race.tree.root, MEMCG_ZSWPIN));
	memcg_notifier_del(&race.tree, &race.notifier);
	list_lru_release(&race.lru);
	memcg_tree_release(&race.tree); /* BUG() where a group is left */
}

static void run(enum list_lru_locking locking, uint64_t seed, unsigned fail_per_million)
{
	unsigned i;

	memset(&race, 0, sizeof(race));
	tree_init(&race.tree);
	lru_init(&race.lru, &race.tree, locking);
	race.notifier.offline = clean_cursor;
	memcg_notifier_add(&race.tree, &race.notifier);
	for (i = 0; i < GROUPS / 2; i++)
		race.groups[i] = group_below(i < 3 ? race.tree.root : race.groups[i - 3]);
	for (i = 0; i < ENTRIES; i++)
		list_init(&race.entries[i].link);
	fault_inject_share(&fault_inject_memcg, fail_per_million, seed, NULL);
	workers_run(WORKERS, work, &seed);
	fault_inject_stop(&fault_inject_memcg);
	assert_true(race.removed > 0);
	assert_true(race.offline > 0);
	finish();
	assert_int_equal(race.tree.nr_groups, 1);
}

/* B2, B4, B17 and the walks that meet a group going away; the references are back at the end. */
static void groups_go_under_workers(void **state)
{
	(void)state;
	run(LIST_LRU_LOCK_LIST, 1, 0);
	run(LIST_LRU_LOCK_NODE, 100, 0);
}

static void groups_go_without_memory(void **state)
{
	(void)state;
	run(LIST_LRU_LOCK_LIST, 200, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_go_under_workers),
		cmocka_unit_test(groups_go_without_memory),
	};

	return run_registered(tests);
}
