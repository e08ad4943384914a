/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables while others walk them, install them and take them away. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/rng.h"
#include "common/say.h"
#include "pft/mm/pgtable_range.h"

enum { REGIONS = 4, ROUNDS = 2000 };

/* Each in a PTE page of its own. */
static const unsigned long bases[REGIONS] = {
	0,
	(1UL << PMD_SHIFT) * 5,
	(1UL << PUD_SHIFT) * 3 - 64 * PAGE_SIZE,
	PGTABLE_END - 64 * PAGE_SIZE,
};

static struct pgtable tables;
static struct spinlock lock;

static int set_up(void **state)
{
	(void)state;
	return pgtable_init(&tables, &lock);
}

static int tear_down(void **state)
{
	(void)state;
	pgtable_check(&tables);
	pgtable_release(&tables);
	rcu_barrier();
	return 0;
}

static void touch(unsigned long address)
{
	struct pte_pos pos = {0};

	assert_int_equal(pgtable_alloc(&tables, address, &pos), 0);
}

/* A walker in RCU keeps the tables that it found, even if they are free for everybody else. A
 * failed assert would leave the RCU section open, so all are behind it. */
static void test_tables_outlive_their_walker(void **state)
{
	struct pte_pos pos = {0}, other = {0};
	bool tried, locked, held;

	(void)state;
	touch(0);
	assert_true(pgtable_walk(&tables, 0, &pos));
	assert_true(pte_pos_trylock(&pos));
	assert_false(pte_pos_trylock(&pos));
	pte_pos_unlock(&pos);
	rcu_read_lock();
	pgtable_free_range(&tables, 0, PAGE_SIZE, 0, 0);
	tried = pte_pos_trylock(&pos);
	locked = !tried && pte_pos_lock(&pos);
	held = spin_is_locked(pos.ptl);
	pgtable_alloc(&tables, bases[2], &other);
	rcu_read_unlock();
	assert_false(tried);
	assert_false(locked);
	assert_false(held);
	assert_ptr_not_equal(pgtable_desc(other.pte), pgtable_desc(pos.pte));
	assert_ptr_not_equal(pgtable_desc(other.pte), pgtable_desc(pos.pmd));
	assert_ptr_not_equal(pgtable_desc(other.pmd), pgtable_desc(pos.pte));
	assert_ptr_not_equal(pgtable_desc(other.pmd), pgtable_desc(pos.pmd));
}

/* Where two workers meet before each round: not asleep, so that they set off at the same time. */
static uint32_t met;

static void meet(uint32_t n)
{
	unsigned i;

	arch_xadd_full(&met, 1);
	for (i = 0; arch_load_acquire(&met) < n; i++) {
		if (i % 4096 == 4095)
			arch_wait(&met, n - 1, 100000); /* the other may need this CPU */
		arch_relax();
	}
}

/* Both at once into the same fresh tables. */
static void race(uintptr_t me, uint32_t round)
{
	unsigned long address = bases[round % REGIONS] + me * PAGE_SIZE;
	struct pte_pos pos = {0};

	meet(4 * round + 2);
	if (pgtable_alloc(&tables, address, &pos) || !pte_pos_lock(&pos))
		BUG("no PTE page");
	pte_set(pos.pte, pte_make(me + round, PTE_PRESENT));
	pte_pos_unlock(&pos);
	meet(4 * round + 4);
}

static void *racer(void *arg)
{
	uint32_t i;

	arch_slot_enter(1);
	for (i = 0; i < ROUNDS; i++)
		race((uintptr_t)arg, i);
	return NULL;
}

static void test_racing_allocations(void **state)
{
	uint64_t before;
	pthread_t thread;
	uintptr_t t;
	uint32_t i;

	(void)state;
	rcu_barrier();
	before = node_pages_given(0);
	assert_int_equal(pthread_create(&thread, NULL, racer, (void *)1), 0);
	for (i = 0; i < ROUNDS; i++) {
		race(0, i);
		assert_int_equal(tables.bytes, 3 * PAGE_SIZE);
		for (t = 0; t < 2; t++) {
			struct pte_pos pos = {0};

			assert_true(
				pgtable_walk(&tables, bases[i % REGIONS] + t * PAGE_SIZE, &pos));
			assert_int_equal(pte_frame(pte_get_and_clear(pos.pte)), t + i);
		}
		if (i % 64 == 0)
			pgtable_check(&tables);
		pgtable_free_range(&tables, 0, PGTABLE_END, 0, 0);
		assert_int_equal(tables.bytes, 0);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	rcu_barrier();
	assert_int_equal(node_pages_given(0), before); /* those who came second kept none */
}

static uint32_t stop;
static uint64_t walks;

/* A speculative fault's walk: what is found belongs to the address, whoever frees tables. */
static void *walker(void *unused)
{
	struct rng mine;

	(void)unused;
	arch_slot_enter(1);
	rcu_register_thread();
	rng_init(&mine, 2);
	while (!arch_read_once(&stop)) {
		unsigned long base = bases[rng_below(&mine, REGIONS)] >> PAGE_SHIFT, i;
		struct pte_pos pos = {0};

		rcu_read_lock();
		if (pgtable_walk(&tables, base << PAGE_SHIFT, &pos)) {
			for (i = 0; i < 16; i++) {
				uint64_t value = pte_get(pos.pte + i);

				if (value && pte_frame(value) != base + i)
					BUG("the PTE of page %lx holds frame %lx", base + i,
					    (unsigned long)pte_frame(value));
			}
			if (pte_pos_trylock(&pos))
				pte_pos_unlock(&pos);
			walks++;
		}
		rcu_read_unlock();
	}
	rcu_unregister_thread();
	return NULL;
}

static unsigned cleared;

static int count_cleared(struct pgtable_visit *visit, unsigned long address, uint64_t pte)
{
	(void)visit;
	cleared += pte_frame(pte) == address >> PAGE_SHIFT;
	return 0;
}

static void test_walker_while_tables_go(void **state)
{
	struct pgtable_visit visit = {.entry = count_cleared};
	pthread_t thread;
	struct rng rng;
	unsigned i, page;

	(void)state;
	rng_init(&rng, 1);
	assert_int_equal(pthread_create(&thread, NULL, walker, NULL), 0);
	for (i = 0; i < 10 * ROUNDS; i++) {
		unsigned region = rng_below(&rng, REGIONS);

		for (page = 0; page < 16; page++) {
			unsigned long address = bases[region] + page * (unsigned long)PAGE_SIZE;
			struct pte_pos pos = {0};

			assert_int_equal(pgtable_alloc(&tables, address, &pos), 0);
			assert_true(pte_pos_lock(&pos));
			pte_set(pos.pte, pte_make(address >> PAGE_SHIFT, PTE_PRESENT));
			pte_pos_unlock(&pos);
		}
		pgtable_zap(&tables, bases[region], bases[region] + 16 * PAGE_SIZE, &visit);
		pgtable_free_range(&tables, bases[region], bases[region] + 16 * PAGE_SIZE, 0, 0);
	}
	arch_write_once(&stop, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(walks > 0);
	assert_int_equal(cleared, 16 * 10 * ROUNDS);
	assert_int_equal(tables.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tables_outlive_their_walker, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_racing_allocations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_walker_while_tables_go, set_up, tear_down),
	};
	int failed;

	arch_slot_enter(0);
	rcu_register_thread();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return failed;
}
