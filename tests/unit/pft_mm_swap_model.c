/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations on an mm that may have a third of its pages in memory, and on what it ought to be,
 * on every lock design, by one worker, through zswap and through the device. */
#include "tests/unit/pft_mm_follow.h"
#include "tests/unit/pft_mm_swap_fixture.h"

static struct mm *third(void **state, uint64_t seed)
{
	return mm_swapping(*state, &(struct swap_case){.max = PAGES(REF_PAGES / 3),
						       .disk_only = seed % 4 == 0});
}

static void follows_the_reference(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= 8; seed++)
		ref_follow(third(state, seed), seed);
}

static void forks_follow_the_reference(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= 4; seed++)
		ref_follow_forks(third(state, seed), seed);
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
