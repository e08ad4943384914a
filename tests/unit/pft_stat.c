/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/base/fault_inject.h"
#include "pft/base/list.h"
#include "pft/base/stat.h"
#include "tests/unit/pft_workers.h"

enum { HITS, MISSES, NR };
static const char *const names[NR] = {"hits", "misses"};
STAT_TABLE(whole, names, NR);

static void count(unsigned slot, void *arg)
{
	const struct stat_table *table = arg;
	unsigned i;

	for (i = 0; i < 1000; i++)
		stat_inc(table, HITS);
	stat_add(table, MISSES, slot);
}

static void test_stat_sums(void **state)
{
	struct stat_table table;
	unsigned slot;

	(void)state;
	assert_int_equal(stat_init(&table, names, NR), 0);
	workers_run(4, count, &table);
	workers_run(4, count, (void *)&whole);
	assert_int_equal(stat_sum(&table, HITS), 4000);
	assert_int_equal(stat_sum(&table, MISSES), 1 + 2 + 3 + 4);
	assert_int_equal(stat_sum(&whole, HITS), 4000);
	for (slot = 1; slot <= 4; slot++)
		assert_int_equal(stat_of_slot(&table, slot, MISSES), slot);
	assert_string_equal(whole.names[MISSES], "misses");
	stat_clear(&table);
	assert_int_equal(stat_sum(&table, HITS), 0);
	stat_release(&table);
}

/* Rows never share a pair of lines. */
static void test_stat_rows(void **state)
{
	(void)state;
	assert_int_equal(STAT_ROW(1), 16);
	assert_int_equal(STAT_ROW(16), 16);
	assert_int_equal(STAT_ROW(17), 32);
	assert_int_equal((uintptr_t)whole.counts % ARCH_PAIR, 0);
	assert_int_equal(whole.row * sizeof(*whole.counts) % ARCH_PAIR, 0);
}

static void test_inject_nth(void **state)
{
	struct fault_inject inject = {0};
	int one, other;
	unsigned i, n;

	(void)state;
	assert_false(fault_inject_fails(&inject, NULL));
	for (n = 1; n <= 5; n++) {
		fault_inject_nth(&inject, n, NULL);
		for (i = 1; i <= 8; i++)
			assert_int_equal(fault_inject_fails(&inject, NULL), i == n);
		assert_int_equal(fault_inject_stop(&inject), 1);
	}
	assert_false(fault_inject_fails(&inject, NULL));

	fault_inject_nth(&inject, 2, &one);
	assert_false(fault_inject_fails(&inject, &one));
	assert_false(fault_inject_fails(&inject, &other));
	assert_true(fault_inject_fails(&inject, &one));
	fault_inject_stop(&inject);
}

static void test_inject_share(void **state)
{
	struct fault_inject inject = {0};
	uint64_t failed;
	uint8_t first[1000];
	unsigned i;

	(void)state;
	fault_inject_share(&inject, 100000, 7, NULL);
	for (i = 0; i < 1000; i++)
		first[i] = fault_inject_fails(&inject, NULL);
	failed = fault_inject_stop(&inject);
	assert_in_range(failed, 60, 140);

	fault_inject_share(&inject, 100000, 7, NULL);
	for (i = 0; i < 1000; i++)
		assert_int_equal(fault_inject_fails(&inject, NULL), first[i]);
	assert_int_equal(fault_inject_stop(&inject), failed);
}

struct item {
	int value;
	struct list_head link;
};

/* The list's values as a decimal number, front first; checks the way back too. */
static int digits(struct list_head *head)
{
	struct item *item;
	struct list_head *node;
	int forward = 0, back = 0, place = 1;

	list_for_each_entry(item, head, link)
		forward = forward * 10 + item->value;
	for (node = head->prev; node != head; node = node->prev, place *= 10)
		back += list_entry(node, struct item, link)->value * place;
	assert_int_equal(forward, back);
	return forward;
}

static void test_list(void **state)
{
	struct list_head head = LIST_HEAD_INIT(head), other;
	struct item items[5] = {{1, {0}}, {2, {0}}, {3, {0}}, {4, {0}}, {5, {0}}};
	struct item *item, *spare;
	unsigned i;

	(void)state;
	list_init(&other);
	assert_true(list_empty(&head));
	assert_null(list_first_entry_or_null(&head, struct item, link));
	list_add(&items[1].link, &head);
	assert_true(list_is_singular(&head));
	list_add(&items[0].link, &head);
	list_add_tail(&items[2].link, &head);
	assert_int_equal(digits(&head), 123);
	assert_false(list_is_singular(&head));
	assert_int_equal(list_first_entry(&head, struct item, link)->value, 1);
	assert_int_equal(list_last_entry(&head, struct item, link)->value, 3);
	list_move(&items[2].link, &head);
	assert_int_equal(digits(&head), 312);
	list_move_tail(&items[2].link, &head);
	assert_int_equal(digits(&head), 123);

	list_add_tail(&items[3].link, &other);
	list_add_tail(&items[4].link, &other);
	list_splice(&other, &head);
	assert_true(list_empty(&other));
	assert_int_equal(digits(&head), 45123);
	list_move(&items[2].link, &other);
	list_splice_tail(&head, &other);
	list_splice_tail(&head, &other);
	assert_int_equal(digits(&other), 34512);
	list_for_each_entry_safe(item, spare, &other, link)
		if (item->value % 2)
			list_del_init(&item->link);
	assert_int_equal(digits(&other), 42);
	for (i = 0; i < 5; i++)
		assert_int_equal(list_empty(&items[i].link), items[i].value % 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat_sums),   cmocka_unit_test(test_stat_rows),
		cmocka_unit_test(test_inject_nth),  cmocka_unit_test(test_inject_share),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
