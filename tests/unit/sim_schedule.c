/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who goes next while schedules are explored: by priorities under odd seeds, by chance under even ones. */
#include "pft/sim/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/sim/vcpu.h"

enum { ACCESSES = 1000 };

static struct vcpu self, other;
static struct event *const queue[] = {&other.event};

/* Of ACCESSES by @self, how many the other one comes before; *@first is the first of them. */
static unsigned preempted(uint64_t seed, unsigned preemptions, unsigned *first)
{
	unsigned nr = 0;

	schedule_start(seed, preemptions, ACCESSES);
	for (unsigned i = 0; i < ACCESSES; i++)
		if (schedule_preempts(&self, queue, 1) && !nr++)
			*first = i;
	schedule_stop();
	return nr;
}

static void priorities_hold_until_a_preemption(void **state)
{
	unsigned first = ACCESSES, earlier = 0, nr;

	(void)state;
	for (uint64_t seed = 1; seed < 40; seed += 2) {
		self.priority = 2;
		other.priority = 1;
		assert_int_equal(preempted(seed, 0, &first), 0);
		/* from the first preemption on it is the last of all */
		nr = preempted(seed, 3, &first);
		assert_int_equal(nr, ACCESSES - first);
		assert_true(self.priority < 0);
		earlier += first < ACCESSES / 2;
	}
	assert_in_range(earlier, 12, 20); /* the least of three */
	self.priority = 1;
	other.priority = 2;
	assert_int_equal(preempted(1, 0, &first), ACCESSES);
}

static void who_waits_lets_others_go_first(void **state)
{
	unsigned first;

	(void)state;
	self.priority = 2;
	other.priority = 1;
	schedule_start(1, 0, ACCESSES);
	schedule_relax(&self);
	assert_true(schedule_preempts(&self, queue, 1));
	schedule_relax(&other);
	assert_false(schedule_preempts(&self, queue, 1));
	schedule_stop();
	assert_false(preempted(1, 0, &first)); /* the other waited last */
}

static void chance_does_it_now_and_then(void **state)
{
	unsigned first = 0, again = 0, nr;

	(void)state;
	self.priority = 2;
	other.priority = 1;
	nr = preempted(2, 0, &first);
	assert_in_range(nr, ACCESSES / 16, ACCESSES / 4); /* one in eight */
	assert_int_equal(preempted(2, 0, &again), nr);
	assert_int_equal(again, first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(priorities_hold_until_a_preemption),
		cmocka_unit_test(who_waits_lets_others_go_first),
		cmocka_unit_test(chance_does_it_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
