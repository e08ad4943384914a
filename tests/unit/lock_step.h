/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock_step: what the step tests of the lock designs share: two mms, a VMA, and each test per
 * design. */
#ifndef TESTS_UNIT_LOCK_STEP_H
#define TESTS_UNIT_LOCK_STEP_H

#include "tests/unit/lock_mm_stub.h"

#include <stdio.h>
#include <unistd.h>

#include "pft/locks/vma_ref.h" /* before the names below */

static const struct lock_design *design;
static struct lock_domain domain;
static struct stub_mm mm, other;
static struct region region;
static struct vma *vma; /* pages 0 and 1 of mm */

/* What find() shows once, instead of the index. */
static struct vma *shown_once;

static inline struct vma *find_shown(struct lock_mm *lock, unsigned long address)
{
	struct vma *shown = shown_once;

	shown_once = NULL;
	return shown ? shown : stub_find(lock, address);
}

static inline int setup(void **state)
{
	design = *state;
	arch_slot_enter(0);
	stub_domain_init(&domain, design);
	stub_mm_init(&mm, &domain);
	stub_mm_init(&other, &domain);
	mm.lock.find = find_shown;
	shown_once = NULL;
	lock_mmap_write(&mm.lock);
	vma = stub_map(&mm, 0, 2, &region);
	lock_mmap_write_unlock(&mm.lock);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	stub_mm_release(&mm);
	stub_mm_release(&other);
	stub_domain_release(&domain);
	return 0;
}

/* Fault at @address; the result and what was held. */
static inline void faults(unsigned long address, int rc, enum fault_held held)
{
	struct fault fault = {.mm = &mm.lock, .address = address};

	assert_int_equal(lock_fault_begin(&fault), rc);
	assert_int_equal(fault.held, held);
	if (!rc) {
		assert_true(lock_fault_commit(&fault));
		lock_fault_end(&fault);
		assert_int_equal(fault.held, FAULT_NOTHING);
	}
}

/* The counters since the last look. */
static inline void counts(unsigned success, unsigned abort, unsigned miss, unsigned retry,
			  unsigned mmap)
{
	assert_int_equal(counted(&domain, VMA_LOCK_SUCCESS), success);
	assert_int_equal(counted(&domain, VMA_LOCK_ABORT), abort);
	assert_int_equal(counted(&domain, VMA_LOCK_MISS), miss);
	assert_int_equal(counted(&domain, VMA_LOCK_RETRY), retry);
	assert_int_equal(counted(&domain, MMAP_LOCK_FAST) + counted(&domain, MMAP_LOCK_SLOW), mmap);
	stat_clear(&domain.events);
}

#define STEP(f)	  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TESTS_MAX 200

/* Run @steps for each design, and @once (may be NULL) once. */
static inline int run_steps(const struct CMUnitTest *steps, unsigned nr_steps,
			    const struct CMUnitTest *once)
{
	static struct CMUnitTest tests[TESTS_MAX];
	static char names[TESTS_MAX][100];
	unsigned nr = 0;

	/* A writer that is never woken hangs: red, not silent. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(20);
	rcu_register_thread();
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		for (unsigned j = 0; j < nr_steps; j++, nr++) {
			snprintf(names[nr], sizeof(*names), "%s: %s", lock_designs[i]->name,
				 steps[j].name);
			tests[nr] = steps[j];
			tests[nr].name = names[nr];
			tests[nr].initial_state = (void *)lock_designs[i];
		}
	}
	if (once)
		tests[nr++] = *once;
	return _cmocka_run_group_tests("lock steps", tests, nr, NULL, NULL);
}

#endif
