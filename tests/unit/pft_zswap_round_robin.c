/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which order the asynchronous worker writes back: one entry of each group in its turn, in tree
 * order, however many they have, and on from where it stopped, whoever comes and goes. Each victim is held
 * against a model of the tree with a cursor.
 */
#include "tests/unit/pft_zswap_pages.h"

#define GROUPS 24
#define LOTS   100 /* pages of the pool at most */
#define NOBODY GROUPS

/* A group as the model has it. Number 0 is the root, and none is below one that comes later. */
struct group {
	struct memcg *memcg;
	unsigned parent;
	bool online;
	uint64_t queue[LOTS]; /* slots, the oldest first */
	unsigned nr;
};

static struct {
	struct rig *rig;
	struct group groups[GROUPS];
	unsigned nr;
	unsigned cursor; /* whose turn it was last; NOBODY: a round begins */
	uint64_t number; /* of the latest page */
	uint64_t victims[LOTS];
	unsigned nr_victims;
} robin;

static void note_victim(struct rig *rig)
{
	robin.victims[robin.nr_victims++] = rig->wanted;
}

/* Pages are kept as they are: each is a page of the pool, so that the threshold says how many go. Written
 * back by the caller: a write that ends between two looks at the counts would be seen in one of them. */
static void begin(const char *policy)
{
	memset(&robin, 0, sizeof(robin));
	robin.rig = rig_new(&(struct rig_options){
		.policy = policy, .total_pages = 10000, .io = SWAP_IO_PWRITE});
	zswap_set_max_pool_percent(robin.rig->zswap, 1, NULL);
	zswap_set_raw(robin.rig->zswap, true);
	robin.groups[0] = (struct group){.memcg = robin.rig->tree.root, .online = true};
	robin.nr = 1;
	robin.cursor = NOBODY;
}

/* Store @nr pages of group @n; none has a second chance left. */
static void fill(unsigned n, unsigned nr)
{
	struct group *group = &robin.groups[n];
	uint64_t slot;

	while (nr--) {
		assert_int_equal(rig_out(robin.rig, rig_page(RIG_RANDOM, ++robin.number),
					 group->memcg, 0, &slot),
				 0);
		slot_table_load(&robin.rig->zswap->table, slot)->referenced = false;
		group->queue[group->nr++] = slot;
	}
}

/* A group below @parent with @nr pages. */
static unsigned add(unsigned parent, unsigned nr)
{
	unsigned n = robin.nr++;

	robin.groups[n] = (struct group){
		.memcg = rig_memcg(robin.rig, robin.groups[parent].memcg),
		.parent = parent,
		.online = true,
	};
	fill(n, nr);
	return n;
}

/* Pre-order of those that were ever there into @order; siblings by age. Returns how many. */
static unsigned preorder(unsigned n, unsigned *order)
{
	unsigned nr = 1, i;

	order[0] = n;
	for (i = n + 1; i < robin.nr; i++)
		if (robin.groups[i].parent == n)
			nr += preorder(i, order + nr);
	return nr;
}

/* The cursor one on, to one that is online; NOBODY after the last. */
static void advance(void)
{
	unsigned order[GROUPS], nr = preorder(0, order), i = 0;

	if (robin.cursor != NOBODY)
		while (order[i++] != robin.cursor)
			;
	while (i < nr && !robin.groups[order[i]].online)
		i++;
	robin.cursor = i < nr ? order[i] : NOBODY;
}

/* Who should be next. */
static uint64_t next_victim(void)
{
	struct group *group;
	uint64_t slot;

	do
		advance();
	while (robin.cursor == NOBODY || !robin.groups[robin.cursor].nr);
	group = &robin.groups[robin.cursor];
	slot = group->queue[0];
	memmove(group->queue, group->queue + 1, --group->nr * sizeof(slot));
	return slot;
}

/* memcg_offline(): what the group has goes before what its parent has. A cursor on it goes one on, and so
 * whoever it comes to has no turn in this round, as in the kernel. */
static void offline(unsigned n)
{
	struct group *group = &robin.groups[n], *parent = &robin.groups[group->parent];

	assert_int_equal(memcg_offline(group->memcg), 0);
	group->online = false;
	memmove(parent->queue + group->nr, parent->queue, parent->nr * sizeof(*parent->queue));
	memcpy(parent->queue, group->queue, group->nr * sizeof(*group->queue));
	parent->nr += group->nr;
	group->nr = 0;
	if (robin.cursor == n)
		advance();
}

/* Let the worker write back @nr pages, and no more. */
static void evict(unsigned nr)
{
	struct zswap *zswap = robin.rig->zswap;
	unsigned left = (unsigned)zswap_total_pages(zswap) - nr, i;

	assert_true(left <= 99);
	zswap_set_accept_threshold_percent(zswap, left + zswap->policy->strict_limits, NULL);
	robin.nr_victims = 0;
	robin.rig->on_alloc = note_victim;
	zswap_queue_work(zswap, ZSWAP_WORK_SHRINK);
	zswap_worker_flush(zswap);
	robin.rig->on_alloc = NULL;
	swap_device_drain(&robin.rig->swap.device);
	assert_int_equal(robin.nr_victims, nr);
	for (i = 0; i < nr; i++)
		assert_int_equal(robin.victims[i], next_victim());
	assert_int_equal(zswap_total_pages(zswap), left);
	rig_check(robin.rig);
}

/* All that is left goes in its order; then the groups. */
static void end(void)
{
	unsigned left = (unsigned)zswap_total_pages(robin.rig->zswap), n;
	uint64_t slot;

	if (left)
		evict(left);
	for (slot = 0; slot < robin.rig->swap.slots.nr; slot++)
		if (swap_slot_count(&robin.rig->swap.slots, slot))
			rig_zap(robin.rig, slot);
	for (n = robin.nr; --n;)
		if (robin.groups[n].online)
			offline(n);
	rig_free(robin.rig);
}

/* A small group gives as many as a large one as long as it has some; each run goes on after the last. */
static void one_of_each_in_its_turn(void **state)
{
	static const unsigned sizes[] = {1, 12, 0, 5, 30, 2, 9};
	unsigned i;

	begin(*state);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		add(0, sizes[i]);
	fill(0, 7);
	for (i = 1; i < 8; i++)
		evict(i);
	end();
}

static void nested_groups_in_preorder(void **state)
{
	unsigned a, b, c;

	begin(*state);
	a = add(0, 4);
	b = add(0, 3);
	add(a, 6);
	c = add(b, 5);
	add(c, 7);
	add(a, 2);
	add(0, 8);
	add(c, 1);
	fill(0, 3);
	evict(1);
	evict(11);
	evict(4);
	end();
}

static void root_alone(void **state)
{
	begin(*state);
	fill(0, 40);
	evict(1);
	evict(13);
	fill(0, 3);
	end();
}

/* Below the cursor, behind it, and before it: who is still to come in this round has a turn in it. */
static void groups_come_mid_round(void **state)
{
	unsigned a, b, c;

	begin(*state);
	a = add(0, 9);
	b = add(0, 9);
	c = add(0, 9);
	evict(2);
	assert_int_equal(robin.cursor, b);
	add(a, 5);
	add(b, 5);
	evict(2);
	add(c, 5);
	add(0, 5);
	evict(9);
	end();
}

/* The cursor's group goes, the next one does, then both, which were the last. */
static void groups_go_mid_round(void **state)
{
	unsigned g[8], i;

	begin(*state);
	for (i = 0; i < 8; i++)
		g[i] = add(0, 8);
	evict(2);
	assert_int_equal(robin.cursor, g[1]);
	offline(g[1]); /* that of the cursor */
	evict(2);
	assert_int_equal(robin.cursor, g[4]);
	offline(g[5]); /* the next */
	evict(1);
	assert_int_equal(robin.cursor, g[6]);
	offline(g[0]);
	offline(g[6]);
	assert_int_equal(robin.cursor, g[7]);
	offline(g[7]); /* the last */
	assert_int_equal(robin.cursor, NOBODY);
	evict(9);
	end();
}

/* From the leaves up, with the cursor in the middle: all is the root's in the end. */
static void all_groups_go(void **state)
{
	unsigned i, n;

	for (n = 1; n < 12; n++) {
		begin(*state);
		add(add(add(0, 5), 5), 5);
		add(add(add(0, 5), 5), 5);
		fill(0, 5);
		evict(n);
		for (i = robin.nr; --i;)
			offline(i);
		assert_int_equal(robin.groups[0].nr, 35 - n);
		end();
	}
}

int main(void)
{
	static char seed[] = "memcg", now[] = "memcg-second-chance";
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(one_of_each_in_its_turn, seed),
		cmocka_unit_test_prestate(one_of_each_in_its_turn, now),
		cmocka_unit_test_prestate(nested_groups_in_preorder, seed),
		cmocka_unit_test_prestate(nested_groups_in_preorder, now),
		cmocka_unit_test_prestate(root_alone, seed),
		cmocka_unit_test_prestate(root_alone, now),
		cmocka_unit_test_prestate(groups_come_mid_round, seed),
		cmocka_unit_test_prestate(groups_come_mid_round, now),
		cmocka_unit_test_prestate(groups_go_mid_round, seed),
		cmocka_unit_test_prestate(groups_go_mid_round, now),
		cmocka_unit_test_prestate(all_groups_go, seed),
		cmocka_unit_test_prestate(all_groups_go, now),
	};

	return rig_run(tests, sizeof(tests) / sizeof(*tests), 0);
}
