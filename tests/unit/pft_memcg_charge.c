/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charges go up the hierarchy, in stocks of 64, and a limit anywhere undoes what was charged below.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/base/memcg_charge.h"

#define PAGES(n) ((uint64_t)(n) << MEMCG_PAGE_SHIFT)

struct groups {
	struct memcg_tree tree;
	struct memcg *middle, *leaf;
};

static struct groups groups;

static void groups_init(uint64_t middle_max)
{
	assert_int_equal(memcg_tree_init(&groups.tree, 1), 0);
	assert_int_equal(memcg_new(&groups.middle, groups.tree.root), 0);
	assert_int_equal(memcg_new(&groups.leaf, groups.middle), 0);
	memcg_set_max(groups.middle, middle_max);
}

static void groups_release(void)
{
	memcg_tree_check(&groups.tree);
	assert_int_equal(memcg_offline(groups.leaf), 0);
	assert_int_equal(memcg_offline(groups.middle), 0);
	memcg_tree_release(&groups.tree);
}

/* Each page charged to a group itself is a reference to it, as is its being online. */
static void assert_usage(long middle, long leaf)
{
	assert_int_equal(groups.tree.root->memory.usage, 0);
	assert_int_equal(groups.middle->memory.usage, middle);
	assert_int_equal(groups.leaf->memory.usage, leaf);
	assert_int_equal(memcg_refs(groups.leaf), 1 + leaf);
	assert_int_equal(memcg_refs(groups.middle), 2 + middle - leaf);
}

static void stocks_hold_64(void **state)
{
	struct memcg_stock stock = {.cached = 0};
	unsigned i;

	(void)state;
	groups_init(MEMCG_UNLIMITED);
	for (i = 0; i < 64; i++)
		assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_usage(64, 64);
	assert_int_equal(stock.refills, 1);
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_usage(128, 128);
	assert_int_equal(groups.leaf->memory.watermark, 128);
	memcg_cancel(&stock, groups.leaf);
	memcg_drain_stock(&stock);
	assert_usage(64, 64);
	memcg_uncharge(groups.leaf, 64);
	assert_usage(0, 0);
	groups_release();
}

static void another_group_empties_the_stock(void **state)
{
	struct memcg_stock stock = {.cached = 0};

	(void)state;
	groups_init(MEMCG_UNLIMITED);
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_int_equal(memcg_charge(&stock, groups.middle), 0);
	assert_usage(65, 1);
	memcg_drain_stock(&stock);
	assert_usage(2, 1);
	memcg_uncharge(groups.leaf, 1);
	memcg_uncharge(groups.middle, 1);
	groups_release();
}

static void a_limit_above_undoes_what_is_below(void **state)
{
	struct memcg_stock stock = {.cached = 0};

	(void)state;
	groups_init(PAGES(2));
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_usage(2, 2);
	assert_int_equal(memcg_charge(&stock, groups.leaf), -ENOMEM);
	assert_usage(2, 2);
	assert_true(groups.middle->memory.failcnt > 0);
	assert_int_equal(page_counter_margin(&groups.leaf->memory), 0);
	memcg_charge_force(groups.leaf);
	assert_usage(3, 3);
	memcg_uncharge(groups.leaf, 2);
	assert_int_equal(page_counter_margin(&groups.leaf->memory), 1);
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_usage(2, 2);
	memcg_uncharge(groups.leaf, 2);
	groups_release();
}

static void limits_change_at_any_time(void **state)
{
	struct memcg_stock stock = {.cached = 0};

	(void)state;
	groups_init(PAGES(100));
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	assert_int_equal(memcg_set_max(groups.middle, PAGES(10) + 4095), 54);
	assert_int_equal(memcg_set_max(groups.leaf, MEMCG_UNLIMITED), 0);
	memcg_drain_stock(&stock);
	assert_usage(1, 1);
	assert_int_equal(page_counter_margin(&groups.leaf->memory), 9);
	assert_int_equal(memcg_set_max(groups.leaf, 0), 1);
	assert_int_equal(memcg_charge(&stock, groups.leaf), -ENOMEM);
	assert_int_equal(memcg_set_max(groups.leaf, PAGES(2)), 0);
	assert_int_equal(memcg_charge(&stock, groups.leaf), 0);
	memcg_uncharge(groups.leaf, 2);
	groups_release();
}

/* At the limit others' stocks are asked for; each gives its own at its next charge, to whoever comes. */
static void stocks_are_flushed_at_the_limit(void **state)
{
	struct memcg_stock mine = {.cached = 0}, other = {.cached = 0}, beside = {.cached = 0};

	(void)state;
	groups_init(PAGES(66));
	assert_int_equal(memcg_charge(&other, groups.leaf), 0); /* and 63 in the stock */
	assert_int_equal(memcg_charge(&beside, groups.tree.root), 0);
	assert_int_equal(memcg_charge(&mine, groups.leaf), 0);
	assert_int_equal(memcg_charge(&mine, groups.leaf), 0);
	assert_int_equal(memcg_charge(&mine, groups.leaf), -ENOMEM);
	memcg_flush_stock(&other, groups.leaf);
	memcg_flush_stock(&beside, groups.leaf);
	assert_int_equal(memcg_charge(&beside, groups.tree.root), 0);
	assert_int_equal(beside.refills, 1);
	assert_usage(66, 66);
	assert_int_equal(memcg_charge(&other, groups.leaf), 0);
	assert_usage(4, 4);
	assert_int_equal(memcg_charge(&mine, groups.leaf), 0);
	memcg_flush_stock(&other, groups.leaf); /* is empty */
	memcg_flush_stock(&mine, groups.leaf); /* ends by being drained */
	memcg_drain_stock(&other);
	memcg_drain_stock(&mine);
	memcg_drain_stock(&beside);
	assert_usage(5, 5);
	memcg_uncharge(groups.leaf, 5);
	memcg_uncharge(groups.tree.root, 2);
	groups_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stocks_hold_64),
		cmocka_unit_test(another_group_empties_the_stock),
		cmocka_unit_test(a_limit_above_undoes_what_is_below),
		cmocka_unit_test(limits_change_at_any_time),
		cmocka_unit_test(stocks_are_flushed_at_the_limit),
	};
	int rc;

	rcu_register_thread();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return rc;
}
