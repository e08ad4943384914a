/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random operations on groups, frames, compressed pages and their lists, against a plain model of
 * them. After each step: usage of each level, references, bytes, and the lists' order.
 */
#include <string.h>

#include "common/rng.h"
#include "common/say.h"
#include "tests/unit/pft_memcg_fixture.h"

#define GROUPS 20 /* the root is 0 */
#define ENTRIES 96
#define STEPS 8000

struct group {
	struct memcg *memcg; /* NULL: there is none of this number */
	bool online;
	unsigned parent;
	long frames; /* charged here, those of the stock not included */
	long max; /* pages */
	uint64_t zswap_max;
	int64_t zswpout; /* counted here and inherited */
	unsigned order[NODES][ENTRIES], nr[NODES]; /* the lists, oldest first */
};

struct entry {
	struct list_head link;
	struct obj_cgroup *objcg; /* NULL: of the root */
	bool used;
	unsigned group; /* who has it now */
	unsigned node, size;
};

static struct {
	struct memcg_tree tree;
	struct list_lru lru;
	struct memcg_stock stock;
	struct group groups[GROUPS];
	struct entry entries[ENTRIES];
	struct rng rng;
	uint64_t seed;
	unsigned step;
} model;

#define check(condition) \
	do { \
		if (!(condition)) \
			fail_msg("seed %lu, step %u: %s", (unsigned long)model.seed, model.step, \
				 #condition); \
	} while (0)

static unsigned pick(unsigned n)
{
	return (unsigned)rng_below(&model.rng, n);
}

/* Whether @below is @above or one of the groups below it. */
static bool within(unsigned below, unsigned above)
{
	while (below && below != above)
		below = model.groups[below].parent;
	return below == above;
}

static long stock_of(const struct group *group)
{
	return memcg_of_stock(&model.stock) == group->memcg ? model.stock.nr_pages : 0;
}

/* Pages that one obj_cgroup has charged, which must come out whole. */
static long objcg_pages(const struct obj_cgroup *objcg)
{
	const struct obj_stock *stock = &model.tree.stocks[arch_slot()];
	long bytes = objcg->nr_charged_bytes;
	unsigned i;

	if (stock->cached == objcg)
		bytes += stock->nr_bytes;
	for (i = 0; i < ENTRIES; i++)
		if (model.entries[i].used && model.entries[i].objcg == objcg)
			bytes += model.entries[i].size;
	check(bytes % 4096 == 0);
	return bytes / 4096;
}

/* Pages charged to group @g and all below it, as the model has it. */
static long usage_of(unsigned g)
{
	struct obj_cgroup *objcg;
	long usage = 0;
	unsigned i;

	for (i = 1; i < GROUPS; i++) {
		struct group *group = &model.groups[i];

		if (!group->memcg || !within(i, g))
			continue;
		usage += group->frames + stock_of(group);
		list_for_each_entry(objcg, &group->memcg->objcgs, link) usage += objcg_pages(objcg);
	}
	return usage;
}

static void check_bytes(unsigned g)
{
	long bytes = 0, pages = 0;
	unsigned i;

	for (i = 0; i < ENTRIES; i++) {
		struct entry *entry = &model.entries[i];

		if (!entry->used || !within(entry->group, g))
			continue;
		bytes += entry->size;
		pages++;
	}
	check(model.groups[g].memcg->zswap_bytes == bytes);
	check(model.groups[g].memcg->zswapped == pages);
}

static void check_refs(unsigned g)
{
	struct group *group = &model.groups[g];
	uint64_t refs = group->online + (uint64_t)(group->frames + stock_of(group));
	unsigned i;

	for (i = 1; i < GROUPS; i++)
		refs += model.groups[i].memcg && model.groups[i].parent == g;
	check(memcg_refs(group->memcg) == refs);
}

static void check_all(void)
{
	unsigned g, node, i;

	for (g = 0; g < GROUPS; g++) {
		struct group *group = &model.groups[g];

		if (!group->memcg)
			continue;
		check_refs(g);
		check(memcg_online(group->memcg) == group->online);
		for (node = 0; node < NODES; node++)
			check(list_lru_count_one(&model.lru, node, group->memcg) ==
			      group->nr[node]);
		if (!g || !group->online)
			continue;
		check(group->memcg->memory.usage == usage_of(g));
		check_bytes(g);
	}
	for (i = 0; i < ENTRIES; i++)
		if (model.entries[i].used && model.entries[i].objcg)
			check(model.entries[i].objcg->memcg ==
			      model.groups[model.entries[i].group].memcg);
	memcg_tree_check(&model.tree);
	list_lru_check(&model.lru);
}

/* Groups that nothing holds any more are gone, from the leaves up. */
static void bury(void)
{
	bool again = true;
	unsigned g, i;

	while (again) {
		again = false;
		for (g = 1; g < GROUPS; g++) {
			struct group *group = &model.groups[g];
			bool held = group->online || group->frames || stock_of(group);

			for (i = 1; i < GROUPS; i++)
				held |= model.groups[i].memcg && model.groups[i].parent == g;
			if (!group->memcg || held)
				continue;
			model.groups[group->parent].zswpout += group->zswpout;
			*group = (struct group){.memcg = NULL};
			rcu_barrier();
			again = true;
		}
	}
}

static void create(void)
{
	unsigned g = pick(GROUPS), parent = pick(GROUPS);
	struct group *group = &model.groups[g], *above = &model.groups[parent];
	bool fail = !pick(8);
	int rc;

	if (group->memcg || !above->memcg)
		return;
	if (fail)
		fault_inject_nth(&fault_inject_memcg, 1 + pick(3), NULL);
	rc = memcg_new(&group->memcg, above->memcg);
	fault_inject_stop(&fault_inject_memcg);
	check(rc == (fail ? -ENOMEM : above->online ? 0 : -ENODEV));
	if (rc) {
		group->memcg = NULL;
		return;
	}
	*group = (struct group){.memcg = group->memcg,
				.online = true,
				.parent = parent,
				.max = PAGE_COUNTER_MAX,
				.zswap_max = MEMCG_UNLIMITED};
}

/* The items of @g become the oldest of its parent. */
static void hand_over(unsigned g)
{
	struct group *from = &model.groups[g], *to = &model.groups[from->parent];
	unsigned node, i;

	for (node = 0; node < NODES; node++) {
		unsigned n = from->nr[node];

		memmove(to->order[node] + n, to->order[node],
			to->nr[node] * sizeof(*to->order[node]));
		memcpy(to->order[node], from->order[node], n * sizeof(*to->order[node]));
		to->nr[node] += n;
		from->nr[node] = 0;
	}
	for (i = 0; i < ENTRIES; i++)
		if (model.entries[i].used && model.entries[i].group == g)
			model.entries[i].group = from->parent;
}

static void offline(void)
{
	unsigned g = 1 + pick(GROUPS - 1), i;
	struct group *group = &model.groups[g];
	int expected;

	if (!group->memcg)
		return;
	expected = group->online ? 0 : -ENODEV;
	for (i = 1; i < GROUPS; i++)
		if (model.groups[i].online && model.groups[i].parent == g)
			expected = -EBUSY;
	check(memcg_offline(group->memcg) == expected);
	if (expected)
		return;
	group->online = false;
	hand_over(g);
	bury();
}

/* Whether one more page fits below every limit from @g up. */
static bool fits(unsigned g, long nr)
{
	for (; g; g = model.groups[g].parent)
		if (model.groups[g].memcg->memory.usage + nr > model.groups[g].max)
			return false;
	return true;
}

static void charge(void)
{
	unsigned g = 1 + pick(GROUPS - 1);
	struct group *group = &model.groups[g];
	bool can;

	if (!group->memcg)
		return;
	can = stock_of(group) || fits(g, 1);
	check(memcg_charge(&model.stock, group->memcg) == (can ? 0 : -ENOMEM));
	group->frames += can;
	bury(); /* the stock may have held another */
}

static void uncharge(void)
{
	struct group *group = &model.groups[1 + pick(GROUPS - 1)];

	if (!group->frames)
		return;
	memcg_uncharge(group->memcg, 1);
	group->frames--;
	bury();
}

static void set_limits(void)
{
	struct group *group = &model.groups[1 + pick(GROUPS - 1)];
	long over;

	if (!group->memcg)
		return;
	group->max = pick(2) ? PAGE_COUNTER_MAX : (long)pick(200);
	group->zswap_max = pick(2) ? MEMCG_UNLIMITED : pick(40000);
	over = group->memcg->memory.usage - group->max;
	check(memcg_set_max(group->memcg, group->max == PAGE_COUNTER_MAX
						  ? MEMCG_UNLIMITED
						  : (uint64_t)group->max << MEMCG_PAGE_SHIFT) ==
	      (over > 0 ? over : 0));
	memcg_set_zswap_max(group->memcg, group->zswap_max);
}

/* The group whose objcg takes what is stored for @g. */
static unsigned online_above(unsigned g)
{
	while (g && !model.groups[g].online)
		g = model.groups[g].parent;
	return g;
}

static bool may_zswap(unsigned g)
{
	for (; g; g = model.groups[g].parent)
		if (model.groups[g].zswap_max != MEMCG_UNLIMITED &&
		    (uint64_t)model.groups[g].memcg->zswap_bytes / 4096 >=
			    model.groups[g].zswap_max / 4096)
			return false;
	return true;
}

static void store(void)
{
	struct entry *entry = &model.entries[pick(ENTRIES)];
	unsigned g = pick(GROUPS), owner = online_above(g);
	struct group *group = &model.groups[owner];
	struct memcg *memcg = model.groups[g].memcg;
	struct obj_cgroup *objcg;

	if (!memcg || entry->used)
		return;
	objcg = obj_cgroup_of(memcg);
	check(owner ? objcg == group->memcg->objcg : !objcg);
	check(obj_cgroup_may_zswap(objcg) == may_zswap(owner));
	if (!pick(16))
		fault_inject_nth(&fault_inject_memcg, 1, NULL);
	if (memcg_list_lru_alloc(memcg, &model.lru) || !obj_cgroup_may_zswap(objcg)) {
		fault_inject_stop(&fault_inject_memcg);
		obj_cgroup_put(objcg);
		return;
	}
	fault_inject_stop(&fault_inject_memcg);
	*entry = (struct entry){.objcg = objcg,
				.used = true,
				.group = owner,
				.node = pick(NODES),
				.size = 1 + pick(4096)};
	list_init(&entry->link);
	obj_cgroup_charge_zswap(objcg, entry->size);
	obj_cgroup_count(objcg, MEMCG_ZSWPOUT);
	group->zswpout += objcg != NULL;
	check(list_lru_add(&model.lru, &entry->link, entry->node, memcg));
	group->order[entry->node][group->nr[entry->node]++] = (unsigned)(entry - model.entries);
}

/* Entry @e is off its list: the rest of its end. */
static void forget(unsigned e)
{
	struct entry *entry = &model.entries[e];
	struct group *group = &model.groups[entry->group];
	unsigned *order = group->order[entry->node], i;

	for (i = 0; order[i] != e; i++)
		;
	group->nr[entry->node]--;
	memmove(order + i, order + i + 1, (group->nr[entry->node] - i) * sizeof(*order));
	obj_cgroup_uncharge_zswap(entry->objcg, entry->size);
	obj_cgroup_put(entry->objcg);
	entry->used = false;
}

static void load(void)
{
	unsigned e = pick(ENTRIES);
	struct entry *entry = &model.entries[e];

	if (!entry->used)
		return;
	check(list_lru_del(&model.lru, &entry->link, entry->node, obj_cgroup_memcg(entry->objcg)));
	check(!list_lru_del(&model.lru, &entry->link, entry->node, obj_cgroup_memcg(entry->objcg)));
	forget(e);
}

struct shrink {
	struct list_lru_walk walk;
	unsigned taken; /* entry + 1 */
};

static enum lru_status take(struct list_lru_walk *walk, struct list_lru_one *list,
			    struct list_head *link)
{
	struct shrink *shrink = container_of(walk, struct shrink, walk);

	list_lru_isolate(list, link);
	list_lru_drop(walk, list);
	shrink->taken = (unsigned)(list_entry(link, struct entry, link) - model.entries) + 1;
	return LRU_REMOVED_RETRY;
}

/* The oldest goes first, and nothing from a zombie. */
static void shrink(void)
{
	struct shrink shrink = {.walk.isolate = take};
	struct group *group = &model.groups[pick(GROUPS)];
	unsigned node = pick(NODES);
	unsigned long nr = 1;

	if (!group->memcg)
		return;
	check(list_lru_walk_one(&model.lru, node, group->memcg, &shrink.walk, &nr) ==
	      (group->nr[node] > 0));
	if (!group->nr[node])
		return;
	check(shrink.taken - 1 == group->order[node][0]);
	forget(shrink.taken - 1);
}

static void check_stats(void)
{
	unsigned g = pick(GROUPS), i;
	int64_t zswpout = 0;

	if (!model.groups[g].memcg)
		return;
	for (i = 0; i < GROUPS; i++)
		if (model.groups[i].memcg && within(i, g))
			zswpout += model.groups[i].zswpout;
	check(memcg_stat(model.groups[g].memcg, MEMCG_ZSWPOUT) == zswpout);
}

static void step(void)
{
	static void (*const steps[])(void) = {create,	offline, charge,      charge,
					      uncharge, store,	 store,	      store,
					      load,	shrink,	 check_stats, set_limits};

	steps[pick(sizeof(steps) / sizeof(*steps))]();
}

static void end(void)
{
	unsigned i, left;

	for (i = 0; i < ENTRIES; i++) {
		struct entry *entry = &model.entries[i];

		if (entry->used && list_lru_del(&model.lru, &entry->link, entry->node,
						obj_cgroup_memcg(entry->objcg)))
			forget(i);
	}
	memcg_drain_stock(&model.stock);
	do {
		for (i = 1, left = 0; i < GROUPS; i++) {
			struct group *group = &model.groups[i];

			for (; group->frames; group->frames--)
				memcg_uncharge(group->memcg, 1);
			if (group->online && !memcg_offline(group->memcg))
				group->online = false;
			left += group->online;
		}
	} while (left);
	list_lru_release(&model.lru);
	memcg_tree_release(&model.tree);
}

static void run(enum list_lru_locking locking, uint64_t seed)
{
	memset(&model, 0, sizeof(model));
	rng_init(&model.rng, seed);
	model.seed = seed;
	tree_init(&model.tree);
	lru_init(&model.lru, &model.tree, locking);
	model.groups[0] = (struct group){.memcg = model.tree.root, .online = true};
	for (; model.step < STEPS; model.step++) {
		step();
		check_all();
	}
	end();
}

static void follows_the_model(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 4; seed++)
		run(seed % 2 ? LIST_LRU_LOCK_LIST : LIST_LRU_LOCK_NODE, seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_model),
	};

	return run_registered(tests);
}
