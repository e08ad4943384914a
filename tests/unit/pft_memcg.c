/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of groups: life and death, ids, order, limits, statistics. */
#include <string.h>

#include "tests/unit/pft_memcg_fixture.h"

static struct memcg_tree tree;

/* The ids of @root's part in the order of the walk, as letters from a = 0 on. */
static void assert_order(struct memcg *root, const char *expected)
{
	struct memcg *memcg = NULL;
	char ids[64] = "";

	while ((memcg = memcg_next(root, memcg)))
		strncat(ids, (char[]){(char)('a' + memcg->id)}, 1);
	assert_string_equal(ids, expected);
	memcg_tree_check(&tree);
}

static void order_is_parents_first(void **state)
{
	struct memcg *b, *c, *d, *e, *f;

	(void)state;
	tree_init(&tree);
	assert_order(tree.root, "a");
	b = group_below(tree.root);
	c = group_below(tree.root);
	d = group_below(b);
	e = group_below(d);
	f = group_below(b);
	assert_order(tree.root, "abdefc");
	assert_order(b, "bdef");
	assert_order(c, "c");
	memcg_get(d, 1);
	group_offline(e);
	group_offline(d); /* a zombie keeps its place */
	rcu_barrier();
	assert_order(tree.root, "abdfc");
	memcg_put(d, 1);
	rcu_barrier();
	assert_order(tree.root, "abfc");
	group_offline(f);
	group_offline(b);
	group_offline(c);
	memcg_tree_release(&tree);
}

/* The walk keeps what it stands on, and goes on from there when that has gone offline. */
static void order_survives_offline_and_new_groups(void **state)
{
	struct memcg *b, *c, *d, *at;

	(void)state;
	tree_init(&tree);
	b = group_below(tree.root);
	c = group_below(tree.root);
	at = memcg_next(tree.root, memcg_next(tree.root, NULL));
	assert_ptr_equal(at, b);
	group_offline(b);
	d = group_below(tree.root);
	rcu_barrier();
	at = memcg_next(tree.root, at);
	assert_ptr_equal(at, c);
	at = memcg_next(tree.root, at);
	assert_ptr_equal(at, d);
	assert_null(memcg_next(tree.root, at));
	rcu_barrier();
	assert_int_equal(tree.nr_groups, 3);
	assert_int_equal(memcg_refs(c), 1);
	assert_int_equal(memcg_refs(d), 1);
	group_offline(c);
	group_offline(d);
	memcg_tree_release(&tree);
}

static void offline_needs_no_groups_below(void **state)
{
	struct memcg *parent, *child, *none;

	(void)state;
	tree_init(&tree);
	parent = group_below(tree.root);
	child = group_below(parent);
	assert_int_equal(memcg_offline(parent), -EBUSY);
	assert_true(memcg_online(parent));
	memcg_get(child, 1);
	memcg_get(parent, 1);
	group_offline(child);
	assert_int_equal(memcg_offline(child), -ENODEV);
	assert_int_equal(memcg_new(&none, child), -ENODEV);
	group_offline(parent); /* a zombie below is no hindrance */
	assert_int_equal(memcg_refs(child), 1);
	assert_int_equal(memcg_refs(parent), 2);
	memcg_tree_check(&tree);
	memcg_put(child, 1);
	memcg_put(parent, 1);
	rcu_barrier();
	rcu_barrier();
	assert_int_equal(tree.nr_groups, 1);
	memcg_tree_release(&tree);
}

/* B2: to look whether a group is online and then to put a reference that was never taken. */
static void b2_tryget_online_is_one_step(void **state)
{
	struct memcg *memcg;

	(void)state;
	tree_init(&tree);
	memcg = group_below(tree.root);
	assert_true(memcg_tryget_online(memcg));
	assert_int_equal(memcg_refs(memcg), 2);
	group_offline(memcg);
	assert_false(memcg_tryget_online(memcg));
	assert_int_equal(memcg_refs(memcg), 1);
	assert_true(memcg_tryget(memcg));
	memcg_put(memcg, 2);
	memcg_tree_release(&tree);
}

static void put_twice(void)
{
	struct memcg *memcg = group_below(tree.root);

	memcg_put(memcg, 1);
}

static void b2_a_put_too_many_is_a_bug(void **state)
{
	(void)state;
	tree_init(&tree);
	assert_true(is_bug(put_twice));
	memcg_tree_release(&tree);
}

static void ids_come_back_after_the_last_reference(void **state)
{
	struct memcg *a, *b;

	(void)state;
	tree_init(&tree);
	a = group_below(tree.root);
	assert_int_equal(a->id, 1);
	memcg_get(a, 1);
	group_offline(a);
	rcu_barrier();
	rcu_read_lock();
	assert_ptr_equal(memcg_of_id(&tree, 1), a);
	rcu_read_unlock();
	b = group_below(tree.root);
	assert_int_equal(b->id, 2);
	rcu_read_lock();
	memcg_put(a, 1);
	assert_ptr_equal(memcg_of_id(&tree, 1), a); /* who could find it still can */
	assert_false(memcg_tryget(a));
	assert_int_equal(a->id, 1);
	rcu_read_unlock();
	rcu_barrier();
	rcu_read_lock();
	assert_null(memcg_of_id(&tree, 1));
	assert_null(memcg_of_id(&tree, MEMCG_MAX));
	rcu_read_unlock();
	a = group_below(tree.root);
	assert_int_equal(a->id, 1);
	group_offline(a);
	group_offline(b);
	memcg_tree_release(&tree);
}

static void ids_run_out(void **state)
{
	struct memcg *memcg;
	unsigned i, n = 0;
	int rc;

	(void)state;
	tree_init(&tree);
	while (!(rc = memcg_new(&memcg, tree.root)))
		n++;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(n, MEMCG_MAX - 1);
	for (i = 1; i < MEMCG_MAX; i++)
		group_offline(tree.groups[i]);
	memcg_tree_release(&tree);
}

struct recorder {
	struct memcg_notifier notifier;
	struct list_lru *lru;
	unsigned calls;
};

/* Cursors are cleaned up before the lists go: an item is still the group's. */
static void record(struct memcg_notifier *notifier, struct memcg *memcg)
{
	struct recorder *recorder = container_of(notifier, struct recorder, notifier);

	assert_false(memcg_online(memcg));
	assert_int_equal(list_lru_count_one(recorder->lru, 0, memcg), 1);
	assert_ptr_equal(memcg->objcg->memcg, memcg);
	recorder->calls++;
}

static void offline_calls_first(void **state)
{
	struct list_lru lru;
	struct recorder recorder = {.notifier.offline = record, .lru = &lru};
	struct item item;
	struct memcg *memcg;

	(void)state;
	tree_init(&tree);
	lru_init(&lru, &tree, LIST_LRU_LOCK_LIST);
	memcg_notifier_add(&tree, &recorder.notifier);
	memcg = group_below(tree.root);
	list_init(&item.link);
	assert_int_equal(memcg_list_lru_alloc(memcg, &lru), 0);
	list_lru_add(&lru, &item.link, 0, memcg);
	group_offline(memcg);
	assert_int_equal(recorder.calls, 1);
	assert_int_equal(list_lru_count_one(&lru, 0, NULL), 1);
	memcg_notifier_del(&tree, &recorder.notifier);
	group_offline(group_below(tree.root));
	assert_int_equal(recorder.calls, 1);
	list_lru_del(&lru, &item.link, 0, NULL);
	list_lru_release(&lru);
	memcg_tree_release(&tree);
}

/* B21: parent 0, child 1: no writeback. */
static void b21_writeback_asks_all_above(void **state)
{
	struct memcg *parent, *child;

	(void)state;
	tree_init(&tree);
	parent = group_below(tree.root);
	child = group_below(parent);
	assert_true(memcg_zswap_writeback_enabled(NULL));
	assert_true(memcg_zswap_writeback_enabled(child));
	memcg_set_zswap_writeback(parent, false);
	memcg_set_zswap_writeback(child, true);
	assert_false(memcg_zswap_writeback_enabled(child));
	assert_true(memcg_zswap_writeback_enabled(tree.root));
	memcg_set_zswap_writeback(parent, true);
	memcg_set_zswap_writeback(tree.root, false);
	assert_false(memcg_zswap_writeback_enabled(child));
	group_offline(child);
	group_offline(parent);
	memcg_tree_release(&tree);
}

static void statistics_add_up_and_outlive_groups(void **state)
{
	int64_t values[NR_MEMCG_STATS];
	struct memcg *parent, *child;

	(void)state;
	tree_init(&tree);
	parent = group_below(tree.root);
	child = group_below(parent);
	memcg_count(child, MEMCG_ZSWPOUT, 5);
	memcg_count(parent, MEMCG_ZSWPOUT, 2);
	memcg_count(child, MEMCG_ANON, 3);
	memcg_count(parent, MEMCG_ANON, -1);
	assert_int_equal(memcg_stat(parent, MEMCG_ZSWPOUT), 7);
	assert_int_equal(memcg_stat(child, MEMCG_ZSWPOUT), 5);
	assert_int_equal(memcg_stat_local(parent, MEMCG_ANON), -1);
	group_offline(child);
	rcu_barrier();
	assert_int_equal(memcg_stat(parent, MEMCG_ZSWPOUT), 7);
	group_offline(parent);
	rcu_barrier();
	memcg_stat_read(tree.root, values);
	assert_int_equal(values[MEMCG_ZSWPOUT], 7);
	assert_int_equal(values[MEMCG_ANON], 2);
	assert_int_equal(values[MEMCG_ZSWPIN], 0);
	memcg_tree_release(&tree);
}

static void statistics_have_names(void **state)
{
	unsigned i, k;

	(void)state;
	for (i = 0; i < NR_MEMCG_STATS; i++) {
		assert_non_null(memcg_stat_names[i]);
		for (k = 0; k < i; k++)
			assert_string_not_equal(memcg_stat_names[i], memcg_stat_names[k]);
	}
}

/* A group lives until its last frame: the charge is a reference. */
static void a_zombie_lives_until_its_last_frame(void **state)
{
	struct memcg_stock stock = {.cached = 0};
	struct memcg *memcg;

	(void)state;
	tree_init(&tree);
	memcg = group_below(tree.root);
	assert_int_equal(memcg_charge(&stock, memcg), 0);
	memcg_drain_stock(&stock);
	group_offline(memcg);
	rcu_barrier();
	assert_int_equal(tree.nr_groups, 2);
	memcg_uncharge(memcg, 1);
	rcu_barrier();
	assert_int_equal(tree.nr_groups, 1);
	memcg_tree_release(&tree);
}

/* Each allocation of making a tree, and of a group in it, fails once. */
static void allocations_fail(void **state)
{
	struct memcg *memcg;
	unsigned n;
	int rc;

	(void)state;
	for (n = 1;; n++) {
		fault_inject_nth(&fault_inject_memcg, n, NULL);
		rc = memcg_tree_init(&tree, NODES);
		if (!fault_inject_stop(&fault_inject_memcg))
			break;
		assert_int_equal(rc, -ENOMEM);
		memcg_tree_release(&tree);
	}
	assert_int_equal(n, 4);
	for (n = 1;; n++) {
		fault_inject_nth(&fault_inject_memcg, n, NULL);
		rc = memcg_new(&memcg, tree.root);
		if (!fault_inject_stop(&fault_inject_memcg))
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_int_equal(tree.nr_groups, 1);
		assert_int_equal(memcg_refs(tree.root), 1);
		memcg_tree_check(&tree);
	}
	assert_int_equal(n, 4);
	group_offline(memcg);
	memcg_tree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_parents_first),
		cmocka_unit_test(order_survives_offline_and_new_groups),
		cmocka_unit_test(offline_needs_no_groups_below),
		cmocka_unit_test(b2_tryget_online_is_one_step),
		cmocka_unit_test(b2_a_put_too_many_is_a_bug),
		cmocka_unit_test(ids_come_back_after_the_last_reference),
		cmocka_unit_test(ids_run_out),
		cmocka_unit_test(offline_calls_first),
		cmocka_unit_test(b21_writeback_asks_all_above),
		cmocka_unit_test(statistics_add_up_and_outlive_groups),
		cmocka_unit_test(statistics_have_names),
		cmocka_unit_test(a_zombie_lives_until_its_last_frame),
		cmocka_unit_test(allocations_fail),
	};

	return run_registered(tests);
}
