/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables against a plain array of entries; failed allocations.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/mm/pgtable_range.h"

/* Regions that lie across the borders of PTE, PMD and PUD pages, at both ends of the space. */
enum { REGIONS = 5, REGION_PAGES = 1200 };
static const unsigned long bases[REGIONS] = {
	0,
	(1UL << PMD_SHIFT) * 5 - 300 * PAGE_SIZE,
	(1UL << PUD_SHIFT) * 3 - 600 * PAGE_SIZE,
	(1UL << PGD_SHIFT) - 100 * PAGE_SIZE,
	PGTABLE_END - REGION_PAGES *PAGE_SIZE,
};

static uint64_t model[REGIONS][REGION_PAGES], child_model[REGIONS][REGION_PAGES];
static struct pgtable tables, child;
static struct spinlock lock, child_lock;
static struct rng rng;

/* What a visit sees is compared with the model and counted. */
struct seen {
	struct pgtable_visit visit;
	uint64_t (*model)[REGION_PAGES];
	unsigned nr;
	unsigned unlocked;
	unsigned fail_at; /* entry() returns -EIO for that one; 0: none */
};

static uint64_t *model_at(uint64_t (*of)[REGION_PAGES], unsigned long address)
{
	unsigned i;

	for (i = 0; i < REGIONS; i++) {
		if (address >= bases[i] && address < bases[i] + REGION_PAGES * PAGE_SIZE)
			return &of[i][(address - bases[i]) / PAGE_SIZE];
	}
	fail_msg("address %lx lies in no region", address);
	return NULL;
}

static int see(struct pgtable_visit *visit, unsigned long address, uint64_t pte)
{
	struct seen *seen = container_of(visit, struct seen, visit);

	if (++seen->nr == seen->fail_at)
		return -EIO;
	assert_int_equal(pte, *model_at(seen->model, address));
	return 0;
}

static void count_unlocked(struct pgtable_visit *visit)
{
	container_of(visit, struct seen, visit)->unlocked++;
}

static struct seen seen_init(uint64_t (*of)[REGION_PAGES])
{
	return (struct seen){.visit = {see, count_unlocked}, .model = of};
}

static int set_up(void **state)
{
	(void)state;
	memset(model, 0, sizeof(model));
	rng_init(&rng, 1);
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

static unsigned long random_address(unsigned *region, unsigned *page)
{
	*region = rng_below(&rng, REGIONS);
	*page = rng_below(&rng, REGION_PAGES);
	return bases[*region] + *page * (unsigned long)PAGE_SIZE;
}

static void set_one(void)
{
	unsigned region, page;
	unsigned long address = random_address(&region, &page);
	uint64_t value = pte_make(address >> PAGE_SHIFT, PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
	struct pte_pos pos = {0};

	if (!rng_below(&rng, 8))
		value = pte_make_swap(rng_below(&rng, 32), rng_below(&rng, 1UL << 50));
	assert_int_equal(pgtable_alloc(&tables, address, &pos), 0);
	assert_true(pte_pos_lock(&pos));
	pte_set(pos.pte, value);
	pte_pos_unlock(&pos);
	model[region][page] = value;
}

/* Zap part of a region, or all and the tables with it. */
static void zap_some(void)
{
	unsigned region, page, end, i, nr = 0;
	unsigned long address = random_address(&region, &page);
	struct seen seen = seen_init(model);

	end = page + 1 + rng_below(&rng, REGION_PAGES - page);
	for (i = page; i < end; i++)
		nr += model[region][i] != 0;
	pgtable_zap(&tables, address, address + (end - page) * (unsigned long)PAGE_SIZE,
		    &seen.visit);
	assert_int_equal(seen.nr, nr);
	assert_in_range(seen.unlocked, nr != 0, 4);
	memset(&model[region][page], 0, (end - page) * sizeof(uint64_t));
}

static void protect_some(void)
{
	unsigned region, page, end, i, nr = 0;
	unsigned long address = random_address(&region, &page);
	uint64_t set = rng_below(&rng, 2) ? PTE_WRITE : 0, clear = set ? 0 : PTE_WRITE;

	end = page + 1 + rng_below(&rng, REGION_PAGES - page);
	for (i = page; i < end; i++) {
		uint64_t *pte = &model[region][i], value = (*pte & ~clear) | set;

		if (!(*pte & PTE_PRESENT) || value == *pte)
			continue;
		*pte = value;
		nr++;
	}
	assert_int_equal(pgtable_protect(&tables, address,
					 address + (end - page) * (unsigned long)PAGE_SIZE, set,
					 clear),
			 nr);
}

/* Both ways of reading agree with the model. */
static void check_tables(struct pgtable *of, uint64_t (*want)[REGION_PAGES])
{
	unsigned i, page, nr = 0;
	struct seen seen = seen_init(want);

	for (i = 0; i < REGIONS; i++) {
		for (page = 0; page < REGION_PAGES; page++) {
			struct pte_pos pos = {0};
			uint64_t value = 0;

			if (pgtable_walk(of, bases[i] + page * (unsigned long)PAGE_SIZE, &pos))
				value = pte_get(pos.pte);
			assert_int_equal(value, want[i][page]);
			nr += value != 0;
		}
	}
	pgtable_look(of, 0, PGTABLE_END, &seen.visit);
	assert_int_equal(seen.nr, nr);
	pgtable_check(of);
}

/* What a fork leaves in the parent's and the child's entry. */
static void model_fork(bool cow)
{
	unsigned i, page;

	memcpy(child_model, model, sizeof(model));
	for (i = 0; i < REGIONS; i++) {
		for (page = 0; page < REGION_PAGES; page++) {
			uint64_t *mine = &model[i][page];

			if (!(*mine & PTE_PRESENT))
				continue;
			if (cow)
				*mine &= ~PTE_WRITE;
			child_model[i][page] = *mine & ~PTE_ACCESSED;
		}
	}
}

static void fork_and_check(bool cow)
{
	struct seen seen = seen_init(child_model);

	assert_int_equal(pgtable_init(&child, &child_lock), 0);
	model_fork(cow);
	assert_int_equal(pgtable_copy(&child, &tables, 0, PGTABLE_END, cow, &seen.visit), 0);
	check_tables(&child, child_model);
	check_tables(&tables, model);
	pgtable_zap(&child, 0, PGTABLE_END, &seen.visit);
	pgtable_free_range(&child, 0, PGTABLE_END, 0, 0);
	pgtable_check(&child);
	assert_int_equal(child.bytes, 0);
	pgtable_release(&child);
}

static void test_against_model(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		set_one();
		if (i % 16 == 0)
			protect_some();
		if (i % 200 == 0)
			zap_some();
		if (i % 1000 == 0)
			check_tables(&tables, model);
		if (i % 4000 == 0)
			fork_and_check(i % 8000 == 0);
	}
}

static void touch(unsigned long address)
{
	struct pte_pos pos = {0};

	assert_int_equal(pgtable_alloc(&tables, address, &pos), 0);
}

/* A table goes when nothing between floor and ceiling may still need it. */
static void test_free_respects_neighbours(void **state)
{
	unsigned long pmd = 1UL << PMD_SHIFT, pud = 1UL << PUD_SHIFT;

	(void)state;
	touch(pmd);
	touch(2 * pmd);
	assert_int_equal(tables.bytes, 4 * PAGE_SIZE);
	/* A neighbour in the same PTE page, above and below. */
	pgtable_free_range(&tables, pmd, pmd + 4 * PAGE_SIZE, 0, pmd + 8 * PAGE_SIZE);
	pgtable_free_range(&tables, pmd + 4 * PAGE_SIZE, 2 * pmd, pmd + PAGE_SIZE, 0);
	assert_int_equal(tables.bytes, 4 * PAGE_SIZE);
	/* One in the next PTE page: that and the levels above stay. */
	pgtable_free_range(&tables, pmd, pmd + PAGE_SIZE, 0, 2 * pmd);
	assert_int_equal(tables.bytes, 3 * PAGE_SIZE);
	pgtable_check(&tables);
	pgtable_free_range(&tables, 2 * pmd, 3 * pmd, 0, pud);
	assert_int_equal(tables.bytes, PAGE_SIZE);
	touch(PGTABLE_END - PAGE_SIZE);
	pgtable_free_range(&tables, PGTABLE_END - PAGE_SIZE, PGTABLE_END, 0, 0);
	pgtable_free_range(&tables, 2 * pmd, 3 * pmd, 0, 0);
	assert_int_equal(tables.bytes, 0);
}

static void test_every_allocation_fails_once(void **state)
{
	struct seen seen = seen_init(child_model);
	struct pte_pos pos = {0};
	uint64_t failed = 1;
	unsigned n, i;

	(void)state;
	for (n = 1; failed; n++) {
		fault_inject_nth(&fault_inject_pgtable, n, NULL);
		assert_int_equal(pgtable_init(&child, &child_lock), n == 1 ? -ENOMEM : 0);
		if (n > 1)
			i = pgtable_alloc(&child, bases[2], &pos);
		failed = fault_inject_stop(&fault_inject_pgtable);
		if (n > 1) {
			assert_int_equal((int)i, failed ? -ENOMEM : 0);
			assert_int_equal(child.bytes, (n - 2) * PAGE_SIZE);
			pgtable_check(&child);
			pgtable_release(&child);
		}
	}
	assert_int_equal(n, 6);
	for (i = 0; i < 3000; i++)
		set_one();
	for (n = 1, failed = 1; failed; n++) {
		int rc;

		assert_int_equal(pgtable_init(&child, &child_lock), 0);
		model_fork(true);
		fault_inject_nth(&fault_inject_pgtable, n, NULL);
		rc = pgtable_copy(&child, &tables, 0, PGTABLE_END, true, &seen.visit);
		failed = fault_inject_stop(&fault_inject_pgtable);
		assert_int_equal(rc, failed ? -ENOMEM : 0);
		pgtable_check(&child);
		pgtable_zap(&child, 0, PGTABLE_END, &seen.visit);
		pgtable_release(&child);
	}
	assert_true(n > 15);
	seen = seen_init(child_model);
	seen.fail_at = 700;
	assert_int_equal(pgtable_init(&child, &child_lock), 0);
	assert_int_equal(pgtable_copy(&child, &tables, 0, PGTABLE_END, true, &seen.visit), -EIO);
	seen.fail_at = seen.nr = 0;
	pgtable_zap(&child, 0, PGTABLE_END, &seen.visit);
	assert_int_equal(seen.nr, 699);
	pgtable_check(&child);
	pgtable_release(&child);
}

static void test_entries(void **state)
{
	uint64_t swap = pte_make_swap(31, (1UL << 50) - 1), pte = pte_make(0xabcde, PTE_PRESENT);

	(void)state;
	assert_true(pte_is_swap(swap));
	assert_int_equal(pte_swap_type(swap), 31);
	assert_int_equal(pte_swap_offset(swap), (1UL << 50) - 1);
	assert_true(pte_is_swap(pte_make_swap(0, 0)));
	assert_int_equal(pte_swap_offset(pte_make_swap(3, 0)), 0);
	assert_false(pte_is_swap(pte));
	assert_false(pte_is_swap(PTE_NONE));
	assert_int_equal(pte_frame(pte), 0xabcde);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test_setup_teardown(test_against_model, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_free_respects_neighbours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_allocation_fails_once, set_up,
						tear_down),
	};
	int failed;

	arch_slot_enter(0);
	rcu_register_thread();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return failed;
}
