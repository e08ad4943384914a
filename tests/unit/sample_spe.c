/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of SPE, put together packet by packet as the architecture's manual has them. */
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "harness/sample/spe.h"

/* Headers of packets. */
enum {
	PAD = 0x00,
	END = 0x01,
	PC = 0xb0,
	TARGET = 0xb1,
	DATA = 0xb2,
	PHYSICAL = 0xb3,
	TOTAL = 0x98,
	ISSUE = 0x99,
	TRANSLATION = 0x9a,
	EVENTS_2 = 0x52, /* of 2 bytes */
	EVENTS_4 = 0x62,
	SOURCE_1 = 0x43,
	SOURCE_2 = 0x53,
	OTHER_OP = 0x48,
	MEMORY_OP = 0x49,
	BRANCH_OP = 0x4a,
	CONTEXT_1 = 0x64,
	TIMESTAMP = 0x71,
};

#define EL(level) ((uint64_t)1 << 63 | (uint64_t)(level) << 61) /* not secure */

struct bytes {
	unsigned char data[4096];
	size_t len;
};

/* A packet: the header says how long its payload is. */
static void put(struct bytes *b, unsigned header, uint64_t payload)
{
	b->data[b->len++] = (unsigned char)header;
	for (int i = 0; header > END && i < 1 << (header >> 4 & 3); i++)
		b->data[b->len++] = (unsigned char)(payload >> 8 * i);
}

/* A load or store by the kernel of a virtual machine's host, as a Neoverse N1 tells it. */
static void put_access(struct bytes *b, uint64_t pc, unsigned store, uint64_t address,
		       unsigned source, uint64_t ticks)
{
	put(b, PC, EL(2) | (pc & 0xffffffffffffff));
	put(b, CONTEXT_1, 1234);
	put(b, MEMORY_OP, store);
	put(b, EVENTS_4, 0x2 | 0x8); /* retired, L1 refill */
	put(b, ISSUE, 9);
	put(b, TOTAL, 187);
	put(b, TRANSLATION, 2);
	put(b, DATA, address);
	put(b, SOURCE_1, source);
	put(b, TIMESTAMP, ticks);
}

/* 25 MHz: 40 ns a tick. */
static const struct spe_clock clock_25 = {.ticks = 1000, .ns = 5000000, .hz = 25000000};

static void decode_at(struct sample_log *log, const struct bytes *b, uint64_t offset, bool sources)
{
	const struct sample_aux from = {offset, b->len, {100, 101, 4990000, 3}};

	sample_log_init(log, SAMPLE_TYPE_BASE);
	spe_decode(log, b->data, b->len, &from, &clock_25, sources);
}

static void a_load_is_told_whole(void **state)
{
	struct bytes b = {.len = 0};
	struct sample_log log;
	struct source source;
	const struct sample *s;

	(void)state;
	put_access(&b, 0xffff800008012345, 0, 0x00ff00001234abc0, 0xd, 875);
	decode_at(&log, &b, 0, true);
	assert_int_equal(log.nr_samples, 1);
	s = log.samples;
	assert_true(s->ip == 0xffff800008012345);
	assert_true(s->kernel && s->exact && !s->foreign);
	assert_int_equal(s->pid, 100);
	assert_int_equal(s->tid, 101);
	assert_int_equal(s->cpu, 3);
	assert_int_equal(s->ns, 5000000 - 125 * 40);
	assert_true(s->address == 0xffff00001234abc0); /* without the tag, of the upper half */
	assert_int_equal(s->weight, 187);
	source = source_decode(s->source);
	assert_true(source.load && !source.store);
	assert_int_equal(source.level, SOURCE_FAR);
	assert_true(source.hitm_remote && !source.hitm_local);
	assert_int_equal(log.lost, 0);
	sample_log_release(&log);
}

/* A tick of 24 MHz is no whole number of ns, and the record is older than the moment. */
static void ticks_of_any_length_before_the_moment(void **state)
{
	const struct spe_clock clock = {.ticks = 24000100, .ns = 9000000000, .hz = 24000000};
	const struct sample_aux from = {0, 0, {100, 101, 4990000, 3}};
	struct bytes b = {.len = 0};
	struct sample_log log;

	(void)state;
	put_access(&b, 0xffff800008012345, 0, 0x1000, 0xd, 100);
	sample_log_init(&log, SAMPLE_TYPE_BASE);
	spe_decode(&log, b.data, b.len, &from, &clock, true);
	assert_int_equal(log.samples[0].ns, 8000000000);
	sample_log_release(&log);
}

static void user_code_and_tagged_pointers(void **state)
{
	struct bytes b = {.len = 0};
	struct sample_log log;

	(void)state;
	put(&b, PC, EL(0) | 0xaaaac0de1000);
	put(&b, MEMORY_OP, 1);
	put(&b, DATA, 0x5a00ffffabcd1238);
	put(&b, TIMESTAMP, 2000);
	put(&b, PC, EL(3) | 0x1000); /* firmware */
	put(&b, MEMORY_OP, 0);
	put(&b, END, 0);
	decode_at(&log, &b, 0, true);
	assert_int_equal(log.nr_samples, 2);
	assert_true(log.samples[0].ip == 0xaaaac0de1000 && !log.samples[0].kernel);
	assert_true(log.samples[0].address == 0xffffabcd1238);
	assert_int_equal(log.samples[0].ns, 5000000 + 1000 * 40);
	assert_true(source_decode(log.samples[0].source).store);
	assert_true(log.samples[1].foreign);
	assert_int_equal(log.samples[1].ns, 4990000); /* no timestamp: when the piece was done */
	sample_log_release(&log);
}

static void sources_of_arm_and_events_of_others(void **state)
{
	static const struct {
		unsigned source, events;
		bool known;
		enum source_level level;
		bool hitm_local, hitm_remote;
	} cases[] = {
		{0x0, 0x4, true, SOURCE_NEAR, false, false},
		{0x8, 0xc, true, SOURCE_NEAR, false, false},
		{0x9, 0xc, true, SOURCE_FAR, true, false},
		{0xa, 0xc, true, SOURCE_FAR, true, false},
		{0xb, 0xc, true, SOURCE_FAR, false, false},
		{0xc, 0xc, true, SOURCE_FAR, true, false},
		{0xd, 0xc, true, SOURCE_FAR, false, true},
		{0xe, 0xc, true, SOURCE_FAR, false, false},
		{0x7, 0x4, true, SOURCE_NEAR, false, false}, /* none that is known */
		{0x9, 0x4, false, SOURCE_NEAR, false, false}, /* another maker's 9 */
		{0x9, 0xc, false, SOURCE_NEAR, false, false}, /* L1 refill: L2 */
		{0x9, 0x10c, false, SOURCE_FAR, false, false}, /* last level access */
		{0x9, 0x30c, false, SOURCE_FAR, false, false}, /* and miss */
		{0x9, 0x40c, false, SOURCE_FAR, false, false}, /* another socket */
		{0x9, 0x2, false, SOURCE_UNKNOWN, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = {.len = 0};
		struct sample_log log;
		struct source s;

		put(&b, PC, EL(1) | 0xff800000000000);
		put(&b, EVENTS_2, cases[i].events);
		put(&b, SOURCE_2, cases[i].source);
		put(&b, MEMORY_OP, 0);
		put(&b, TIMESTAMP, 1);
		decode_at(&log, &b, 0, cases[i].known);
		assert_int_equal(log.nr_samples, 1);
		assert_true(log.samples[0].kernel && log.samples[0].ip == 0xffff800000000000);
		s = source_decode(log.samples[0].source);
		if (s.level != cases[i].level || s.hitm_local != cases[i].hitm_local ||
		    s.hitm_remote != cases[i].hitm_remote)
			fail_msg("case %zu: level %d, HITM %d %d", i, s.level, s.hitm_local,
				 s.hitm_remote);
		sample_log_release(&log);
	}
}

static void what_is_no_access_is_passed_over(void **state)
{
	struct bytes b = {.len = 0};
	struct sample_log log;

	(void)state;
	for (int i = 0; i < 5; i++)
		put(&b, PAD, 0);
	put(&b, PC, EL(1) | 0xff800000000000);
	put(&b, BRANCH_OP, 1);
	put(&b, TARGET, EL(1) | 0xff800000000010);
	put(&b, TIMESTAMP, 1);
	put(&b, PC, EL(1) | 0xff800000000000);
	put(&b, OTHER_OP, 1);
	put(&b, END, 0);
	put(&b, MEMORY_OP, 1); /* without a PC */
	put(&b, END, 0);
	/* A counter and an address with an extended header, whose index is another, and a kind to come. */
	put(&b, PC, EL(0) | 0x400000);
	put(&b, TOTAL, 40);
	b.data[b.len++] = 0x21;
	put(&b, TOTAL, 9999);
	b.data[b.len++] = 0x21;
	put(&b, DATA, 0xbad);
	put(&b, 0xc5, 0x12);
	put(&b, MEMORY_OP, 0);
	put(&b, PHYSICAL, 0x1234);
	put(&b, END, 0);
	decode_at(&log, &b, 0, true);
	assert_int_equal(log.nr_samples, 1);
	assert_int_equal(log.samples[0].weight, 40);
	assert_int_equal(log.samples[0].address, 0);
	assert_int_equal(log.lost, 0);
	sample_log_release(&log);
}

/* A packet that fills up to the next multiple of 16 bytes of the area, wherever this piece begins. */
static void alignment_counts_from_the_areas_start(void **state)
{
	for (uint64_t offset = 0; offset < 32; offset++) {
		struct bytes b = {.len = 0};
		struct sample_log log;

		b.data[b.len++] = 0x23;
		b.data[b.len++] = 0;
		while ((offset + b.len) % 16)
			b.data[b.len++] = 0xff;
		/* Those two bytes are the last ones before a multiple: nothing to fill. */
		if (offset % 16 == 15)
			continue;
		put_access(&b, 0xffff800008012345, 1, 0, 0xe, 1);
		decode_at(&log, &b, offset, true);
		if (log.nr_samples != 1 || log.lost)
			fail_msg("at %u: %zu samples", (unsigned)offset, log.nr_samples);
		sample_log_release(&log);
	}
	(void)state;
}

static void half_records_are_lost(void **state)
{
	struct bytes b = {.len = 0}, cut;
	struct sample_log log;
	size_t one;

	(void)state;
	put_access(&b, 0xffff800008012345, 1, 0, 0xe, 1);
	one = b.len;
	put_access(&b, 0xffff800008012345, 1, 0, 0xe, 1);
	for (size_t len = 0; len <= b.len; len++) {
		cut = b;
		cut.len = len;
		decode_at(&log, &cut, 0, true);
		assert_int_equal(log.nr_samples, len / one);
		assert_int_equal(log.lost, len % one != 0);
		sample_log_release(&log);
	}
	b.data[one] = 0x3f; /* no header at all */
	decode_at(&log, &b, 0, true);
	assert_int_equal(log.nr_samples, 1);
	assert_int_equal(log.lost, 1);
	sample_log_release(&log);
}

static void switches_say_whose_a_record_is(void **state)
{
	struct bytes b = {.len = 0};
	const struct sample_aux from = {0, 4096, {100, 101, 4990000, 3}};
	struct sample_log log;

	(void)state;
	put_access(&b, 0xffff800008012345, 1, 0, 0xe, 990);
	put_access(&b, 0xffff800008012345, 1, 0, 0xe, 999);
	sample_log_init(&log, SAMPLE_TYPE_BASE);
	log.switches = calloc(1, sizeof(*log.switches));
	log.switches[0] = (struct sample_who){100, 102, 5000000 - 5 * 40, 3};
	log.nr_switches = log.cap_switches = 1;
	spe_decode(&log, b.data, b.len, &from, &clock_25, true);
	assert_int_equal(log.samples[0].tid, 101);
	assert_int_equal(log.samples[1].tid, 102);
	sample_log_release(&log);
}

static void arms_own_cores_number_sources_alike(void **state)
{
	(void)state;
	assert_true(spe_has_sources(0x413fd0c1)); /* Neoverse N1 */
	assert_true(spe_has_sources(0x410fd4f0)); /* Neoverse V2 */
	assert_false(spe_has_sources(0x410fd034)); /* Cortex-A53 */
	assert_false(spe_has_sources(0x480fd010)); /* another maker */
	assert_false(spe_has_sources(0));
}

static void the_clock_is_the_monotonic_one(void **state)
{
	struct spe_clock clock;
	struct timespec now;

	(void)state;
	if (!spe_clock_now(&clock)) {
		print_message("this processor has no counter of that kind\n");
		skip();
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_true(clock.hz >= 1000000 && clock.ticks);
	assert_true((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec >= clock.ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_is_told_whole),
		cmocka_unit_test(ticks_of_any_length_before_the_moment),
		cmocka_unit_test(user_code_and_tagged_pointers),
		cmocka_unit_test(sources_of_arm_and_events_of_others),
		cmocka_unit_test(what_is_no_access_is_passed_over),
		cmocka_unit_test(alignment_counts_from_the_areas_start),
		cmocka_unit_test(half_records_are_lost),
		cmocka_unit_test(switches_say_whose_a_record_is),
		cmocka_unit_test(arms_own_cores_number_sources_alike),
		cmocka_unit_test(the_clock_is_the_monotonic_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
