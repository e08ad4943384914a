/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations on an mm that may have a third of its pages in memory, and on what it ought to be,
 * on every lock design, by one worker, through zswap and through the device. */
#include "tests/unit/pft_mm_ref.h"
#include "tests/unit/pft_mm_swap_fixture.h"

/* The window lies across a border of PGD entries. */
#define BASE (MM_MIDDLE - PAGES(REF_PAGES / 2))

static struct mm *third(void **state, uint64_t seed)
{
	return mm_swapping(*state, &(struct swap_case){.max = PAGES(REF_PAGES / 3),
						       .disk_only = seed % 4 == 0});
}

static void follows_the_reference(void **state)
{
	uint64_t seed;
	unsigned i;

	for (seed = 1; seed <= 8; seed++) {
		struct mm *mm = third(state, seed);
		struct ref ref;

		ref_init(&ref, mm, BASE, seed);
		for (i = 0; i < 300; i++) {
			ref_step(&ref);
			if (i % 16 == 0)
				mm_check(mm);
		}
		ref_verify(&ref);
		mm_check(mm);
		mm_free(mm);
	}
}

static void forks_follow_the_reference(void **state)
{
	uint64_t seed;
	unsigned i;

	for (seed = 1; seed <= 4; seed++) {
		struct mm *mm = third(state, seed);
		struct ref ref;

		ref_init(&ref, mm, BASE, seed);
		for (i = 0; i < 40; i++) {
			ref_step(&ref);
			if (i % 4 == 0)
				ref_fork(&ref, 10);
			mm_check(mm);
		}
		mm_free(mm);
	}
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"follows the reference", follows_the_reference, false},
		{"forks follow the reference", forks_follow_the_reference, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
