/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pft_zswap_selftest: what the kernel's own tests of zswap need (tools/testing/selftests/cgroup/
 * test_zswap.c), by the engine's means: a machine, groups on it, a process in each. A test for each of
 * theirs, under its name.
 */
#ifndef TESTS_UNIT_PFT_ZSWAP_SELFTEST_H
#define TESTS_UNIT_PFT_ZSWAP_SELFTEST_H

#include <errno.h>

#include "common/rng.h"
#include "tests/unit/pft_mm_swap_fixture.h"

#define MB(n) ((size_t)(n) << 20)

/* A process in a group. */
struct cgroup {
	struct memcg *memcg;
	struct mm *mm;
};

/* Memory and a swap file in front of which zswap is, by the newest lock design. */
static inline struct mm *machine(size_t arena)
{
	return mm_swapping(lock_design_find("vma-refcnt"),
			   &(struct swap_case){.arena = arena, .swap = MB(64)});
}

/* A group below @parent (NULL: the root) with memory.max of @max bytes, 0: none. */
static inline struct cgroup cg_create(struct mm *machine, struct memcg *parent, size_t max)
{
	struct cgroup cg;

	assert_int_equal(memcg_new(&cg.memcg, parent ? parent : mm_memcg_tree(machine)->root), 0);
	if (max)
		memcg_set_max(cg.memcg, max);
	assert_int_equal(mm_new_beside(machine, cg.memcg, &cg.mm), 0);
	return cg;
}

static inline void cg_destroy(struct cgroup *cg)
{
	mm_check(cg->mm);
	mm_free(cg->mm);
	assert_int_equal(memcg_offline(cg->memcg), 0);
}

/* Page number @nr, of which @random words of 512 do not compress, and the others are 0. */
static inline void selftest_fill(uint64_t *page, uint64_t nr, unsigned random)
{
	struct rng rng;
	unsigned i;

	memset(page, 0, PAGE_SIZE);
	rng_init(&rng, nr);
	for (i = 0; i < random; i++)
		page[i] = rng_next(&rng);
	page[0] = nr + 1;
}

/* Write @size bytes from @at on, and look whether they are as they were written. */
static inline void cg_write(const struct cgroup *cg, unsigned long at, size_t size, unsigned random)
{
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)];
	size_t i;

	for (i = 0; i < size / PAGE_SIZE; i++) {
		selftest_fill(page, i, random);
		assert_int_equal(mm_write(cg->mm, at + PAGES(i), page, PAGE_SIZE), 0);
	}
}

static inline void cg_verify(const struct cgroup *cg, unsigned long at, size_t size,
			     unsigned random)
{
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)], wanted[PAGE_SIZE / sizeof(uint64_t)];
	size_t i;

	for (i = 0; i < size / PAGE_SIZE; i++) {
		selftest_fill(wanted, i, random);
		assert_int_equal(mm_read(cg->mm, at + PAGES(i), page, PAGE_SIZE), 0);
		assert_memory_equal(page, wanted, PAGE_SIZE);
	}
}

/* Write to memory.reclaim: 0, or -EAGAIN (user_proactive_reclaim()). */
static inline int cg_reclaim(const struct cgroup *cg, size_t size)
{
	unsigned long wanted = size / PAGE_SIZE, done = 0, once;
	unsigned retries = 16;

	while (done < wanted) {
		once = mm_reclaim(cg->mm, cg->memcg, wanted - done);
		if (!once && !retries--)
			return -EAGAIN;
		done += once;
	}
	return 0;
}

/* Run @test with a machine of @arena bytes as its state. */
static inline int selftest_run(const char *name, void (*test)(void **state), size_t arena)
{
	struct CMUnitTest tests[] = {{.name = name, .test_func = test}};
	struct mm *mm;
	int rc;

	engine_worker_enter(0, 0);
	mm = machine(arena);
	tests[0].initial_state = mm;
	rc = _cmocka_run_group_tests("zswap", tests, 1, NULL, NULL);
	if (!rc) {
		mm_check(mm);
		mm_free(mm);
	}
	engine_worker_leave();
	if (!rc)
		engine_exit();
	return rc;
}

#endif
