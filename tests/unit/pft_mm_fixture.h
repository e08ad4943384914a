/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_mm_fixture: the engine's tests run once per lock design. */
#ifndef TESTS_UNIT_PFT_MM_FIXTURE_H
#define TESTS_UNIT_PFT_MM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "pft/base/rcu.h"
#include "pft/mm/mm.h"
#include "pft/mm/pte.h"

#define PAGES(n) ((size_t)(n)*PAGE_SIZE)
#define RW	 (MM_READ | MM_WRITE)

/* An mm of @design with a small arena that is charged to a memcg of two levels. */
static inline struct mm *mm_small(const struct lock_design *design, size_t arena)
{
	struct mm_options options = MM_OPTIONS_INIT;
	struct why why = WHY_INIT;
	struct mm *mm;

	options.design = design;
	options.arena = arena;
	options.prefault = false;
	options.memcg_levels = 2;
	if (mm_new(&mm, &options, &why))
		fail_msg("%s", why.text);
	return mm;
}

static inline struct mm_stats mm_stats_of(struct mm *mm)
{
	struct mm_stats stats;

	mm_stats(mm, &stats);
	return stats;
}

static inline unsigned long mm_map(struct mm *mm, size_t pages, unsigned prot)
{
	unsigned long address = 0;

	assert_int_equal(mm_mmap(mm, PAGES(pages), prot, 0, &address), 0);
	return address;
}

/* One byte through the tables, where it is known to work. */
static inline void mm_put(struct mm *mm, unsigned long address, unsigned char byte)
{
	assert_int_equal(mm_write(mm, address, &byte, 1), 0);
}

static inline unsigned char mm_peek(struct mm *mm, unsigned long address)
{
	unsigned char byte = 0xee;

	assert_int_equal(mm_read(mm, address, &byte, 1), 0);
	return byte;
}

/* The same at a place with room around it, 2 MiB aligned. */
#define MM_MIDDLE (1UL << 40)
static inline unsigned long mm_map_middle(struct mm *mm, size_t pages, unsigned prot)
{
	assert_int_equal(mm_mmap_fixed(mm, MM_MIDDLE, PAGES(pages), prot, 0), 0);
	return MM_MIDDLE;
}

struct mm_test {
	const char *name;
	void (*fn)(void **state); /* *state: the design */
	bool workers; /* not for LD_SINGLE */
};

/* Run @tests on every design, in slot 0 of the calling thread. */
static inline int mm_run_tests(const struct mm_test *tests, unsigned nr)
{
	struct CMUnitTest *all = xcalloc((size_t)nr * nr_lock_designs, sizeof(*all));
	unsigned t, d, n = 0;
	int rc;

	engine_worker_enter(0, 0);
	for (t = 0; t < nr; t++) {
		for (d = 0; d < nr_lock_designs; d++) {
			if (tests[t].workers && lock_designs[d]->flags & LD_SINGLE)
				continue;
			all[n++] = (struct CMUnitTest){
				.name = xasprintf("%s: %s", lock_designs[d]->name, tests[t].name),
				.test_func = tests[t].fn,
				.initial_state = (void *)(uintptr_t)lock_designs[d],
			};
		}
	}
	rc = _cmocka_run_group_tests("mm", all, n, NULL, NULL);
	while (n--)
		free((void *)(uintptr_t)all[n].name);
	free(all);
	engine_worker_leave();
	return rc;
}

#endif
