/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations on an mm and on what it ought to be, on every lock design, by one worker. */
#include "tests/unit/pft_mm_follow.h"

#define ARENA (4UL << 20)

static void follows_the_reference(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= 8; seed++)
		ref_follow(mm_small(*state, ARENA), seed);
}

static void forks_follow_the_reference(void **state)
{
	uint64_t seed;

	for (seed = 1; seed <= 8; seed++)
		ref_follow_forks(mm_small(*state, ARENA), seed);
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
