/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Charges go up the hierarchy, in stocks of 64, and a limit anywhere undoes what was charged below.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/mm/memcg_charge.h"

struct tree {
	struct memcg *root, *middle, *leaf;
};

static struct tree tree_new(long middle_max, long leaf_max)
{
	struct tree tree;

	tree.root = memcg_new(NULL, 0);
	tree.middle = memcg_new(tree.root, middle_max);
	tree.leaf = memcg_new(tree.middle, leaf_max);
	return tree;
}

static void tree_free(struct tree *tree)
{
	memcg_free(tree->leaf);
	memcg_free(tree->middle);
	memcg_free(tree->root);
}

static void assert_usage(const struct tree *tree, long middle, long leaf)
{
	assert_int_equal(tree->root->memory.usage, 0);
	assert_int_equal(tree->middle->memory.usage, middle);
	assert_int_equal(tree->leaf->memory.usage, leaf);
}

static void stocks_hold_64(void **state)
{
	struct tree tree = tree_new(0, 0);
	struct memcg_stock stock = {.cached = NULL};
	unsigned i;

	(void)state;
	for (i = 0; i < 64; i++)
		assert_int_equal(memcg_charge(&stock, tree.leaf), 0);
	assert_usage(&tree, 64, 64);
	assert_int_equal(stock.refills, 1);
	assert_int_equal(memcg_charge(&stock, tree.leaf), 0);
	assert_usage(&tree, 128, 128);
	assert_int_equal(tree.leaf->memory.watermark, 128);
	memcg_cancel(&stock, tree.leaf);
	memcg_drain_stock(&stock);
	assert_usage(&tree, 64, 64);
	memcg_uncharge(tree.leaf, 64);
	assert_usage(&tree, 0, 0);
	tree_free(&tree);
}

static void another_group_empties_the_stock(void **state)
{
	struct tree tree = tree_new(0, 0);
	struct memcg_stock stock = {.cached = NULL};

	(void)state;
	assert_int_equal(memcg_charge(&stock, tree.leaf), 0);
	assert_int_equal(memcg_charge(&stock, tree.middle), 0);
	assert_usage(&tree, 65, 1);
	memcg_drain_stock(&stock);
	assert_usage(&tree, 2, 1);
	tree_free(&tree);
}

static void a_limit_above_undoes_what_is_below(void **state)
{
	struct tree tree = tree_new(2, 0);
	struct memcg_stock stock = {.cached = NULL};

	(void)state;
	assert_int_equal(memcg_charge(&stock, tree.leaf), 0);
	assert_int_equal(memcg_charge(&stock, tree.leaf), 0);
	assert_usage(&tree, 2, 2);
	assert_int_equal(memcg_charge(&stock, tree.leaf), -ENOMEM);
	assert_usage(&tree, 2, 2);
	assert_true(tree.middle->memory.failcnt > 0);
	memcg_uncharge(tree.leaf, 1);
	assert_int_equal(memcg_charge(&stock, tree.leaf), 0);
	assert_usage(&tree, 2, 2);
	tree_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stocks_hold_64),
		cmocka_unit_test(another_group_empties_the_stock),
		cmocka_unit_test(a_limit_above_undoes_what_is_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
