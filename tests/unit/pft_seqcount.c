/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/base/seqcount.h"

#define ROUNDS 1000000

static uint64_t mmap_seq;
static uint32_t mm_lock_seq;
static uint64_t a, b;

static void odd_while_a_writer_is_inside(void **state)
{
	uint32_t start;

	(void)state;
	mm_lock_seq = UINT32_MAX - 1;
	start = seqcount_begin(&mm_lock_seq);
	assert_false(seqcount_odd(start));
	assert_false(seqcount_retry(&mm_lock_seq, start));
	seqcount_write_begin(&mm_lock_seq);
	assert_true(seqcount_odd(seqcount_begin(&mm_lock_seq)));
	assert_true(seqcount_retry(&mm_lock_seq, start));
	seqcount_write_end(&mm_lock_seq);
	assert_int_equal(mm_lock_seq, 0);
	assert_true(seqcount_retry(&mm_lock_seq, start));
	assert_false(seqcount_odd(seqcount_begin(&mm_lock_seq)));
}

static void the_counter_rises_once_a_writer(void **state)
{
	(void)state;
	mm_lock_seq = 0;
	seqcounter_end_write(&mm_lock_seq);
	assert_int_equal(seqcounter_read(&mm_lock_seq), 1);
	mm_lock_seq = UINT32_MAX;
	seqcounter_end_write(&mm_lock_seq);
	assert_int_equal(seqcounter_read(&mm_lock_seq), 0);
}

static void *write_pairs(void *arg)
{
	(void)arg;
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		seqcount_write_begin(&mmap_seq);
		arch_write_once(&a, i);
		arch_write_once(&b, i);
		seqcount_write_end(&mmap_seq);
	}
	return NULL;
}

static void a_reader_never_accepts_half_a_write(void **state)
{
	pthread_t writer;
	uint64_t accepted = 0, looks = 0, start, x, y;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_pairs, NULL), 0);
	do {
		start = seqcount_begin(&mmap_seq);
		if (seqcount_odd(start))
			continue;
		x = arch_read_once(&a);
		/* Let the writer in between, even on one CPU. */
		if (++looks % 64 == 0)
			sched_yield();
		y = arch_read_once(&b);
		if (seqcount_retry(&mmap_seq, start))
			continue;
		accepted++;
		if (x != y || x != start / 2)
			fail_msg("%lu and %lu at %lu", x, y, start);
	} while (start != 2 * ROUNDS);
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_true(accepted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_while_a_writer_is_inside),
		cmocka_unit_test(the_counter_rises_once_a_writer),
		cmocka_unit_test(a_reader_never_accepts_half_a_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
