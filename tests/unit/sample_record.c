/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/sample/record.h"

/* What a ring held: cpu-clock of 2 ms and maps of "pft -m 64M", recorded on a kernel 6.18. */
#define RECORDED "tests/fuzz/sample_record.corpus/cpu-clock"

#define ALL (SAMPLE_TYPE_BASE | SAMPLE_TYPE_DATA)

/* Records as the kernel writes them, put together word by word. */
struct bytes {
	unsigned char data[4096];
	size_t len;
};

static void put(struct bytes *b, const void *data, size_t size)
{
	memcpy(b->data + b->len, data, size);
	b->len += size;
}

static void put_u64(struct bytes *b, uint64_t value)
{
	put(b, &value, sizeof(value));
}

static void put_header(struct bytes *b, uint32_t type, uint16_t misc, size_t words)
{
	struct perf_event_header h = {type, misc, (uint16_t)(sizeof(h) + 8 * words)};

	put(b, &h, sizeof(h));
}

static uint64_t pair(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

/* IP, TID, TIME, [ADDR], CPU, [WEIGHT, DATA_SRC] */
static void put_sample(struct bytes *b, uint16_t misc, uint64_t ip, uint64_t address,
		       uint64_t weight, uint64_t source)
{
	put_header(b, PERF_RECORD_SAMPLE, misc, 7);
	put_u64(b, ip);
	put_u64(b, pair(100, 101));
	put_u64(b, 12345);
	put_u64(b, address);
	put_u64(b, pair(3, 0));
	put_u64(b, weight);
	put_u64(b, source);
}

static void put_lost(struct bytes *b, uint64_t lost)
{
	put_header(b, PERF_RECORD_LOST, 0, 5);
	put_u64(b, 7);
	put_u64(b, lost);
	put_u64(b, pair(100, 101));
	put_u64(b, 12346);
	put_u64(b, pair(3, 0));
}

static void put_map(struct bytes *b, uint64_t start, uint64_t offset, const char *path, size_t room)
{
	char name[64] = "";

	snprintf(name, sizeof(name), "%s", path);
	put_header(b, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER, 8 + room / 8 + 3);
	put_u64(b, pair(100, 100));
	put_u64(b, start);
	put_u64(b, 0x1000);
	put_u64(b, offset);
	for (int i = 0; i < 4; i++)
		put_u64(b, 0);
	put(b, name, room);
	put_u64(b, pair(100, 100));
	put_u64(b, 777);
	put_u64(b, 0);
}

static uint64_t source_bits(union perf_mem_data_src s)
{
	return s.val;
}

static void recorded_bytes_are_understood(void **state)
{
	FILE *in = fopen(RECORDED, "re");
	struct why why = WHY_INIT;
	struct sample_log log;
	char data[65536];
	size_t n, kernel = 0, pft = 0;

	(void)state;
	assert_non_null(in);
	n = fread(data, 1, sizeof(data), in);
	fclose(in);
	sample_log_init(&log, SAMPLE_TYPE_BASE);
	assert_int_equal(sample_log_decode(&log, data, n, &why), 0);
	assert_true(log.nr_samples > 20);
	assert_int_equal(log.lost, 0);
	for (size_t i = 0; i < log.nr_samples; i++) {
		const struct sample *s = &log.samples[i];

		kernel += s->kernel;
		assert_true(s->kernel == (s->ip >> 63 == 1));
		assert_int_equal(s->cpu, 0);
		assert_int_equal(s->pid, log.samples[0].pid);
		assert_true(!i || s->ns > s[-1].ns);
	}
	assert_true(kernel > log.nr_samples / 2);
	for (size_t i = 0; i < log.nr_maps; i++) {
		pft += !strcmp(log.maps[i].path, "/usr/local/bin/pft");
		assert_true(log.maps[i].ns && log.maps[i].length);
	}
	assert_true(pft >= 1);
	sample_log_release(&log);
}

static void forms_of_pebs_ibs_and_spe(void **state)
{
	/* PEBS: a load that hit another core's changed line in this socket's L3. */
	const union perf_mem_data_src pebs = {.mem_op = PERF_MEM_OP_LOAD,
					      .mem_lvl = PERF_MEM_LVL_HIT | PERF_MEM_LVL_L3,
					      .mem_lvl_num = PERF_MEM_LVLNUM_L3,
					      .mem_snoop = PERF_MEM_SNOOP_HITM};
	/* IBS of Zen 4: a store whose line came from a cache of another socket. */
	const union perf_mem_data_src ibs = {.mem_op = PERF_MEM_OP_STORE,
					     .mem_lvl = PERF_MEM_LVL_HIT | PERF_MEM_LVL_REM_CCE2,
					     .mem_lvl_num = PERF_MEM_LVLNUM_ANY_CACHE,
					     .mem_remote = 1,
					     .mem_snoop = PERF_MEM_SNOOP_HITM};
	/* SPE as perf makes it: a line from a peer's cache of this node, changed or not. */
	const union perf_mem_data_src spe = {.mem_op = PERF_MEM_OP_LOAD,
					     .mem_lvl = PERF_MEM_LVL_HIT | PERF_MEM_LVL_L3,
					     .mem_lvl_num = PERF_MEM_LVLNUM_L3,
					     .mem_snoopx = PERF_MEM_SNOOPX_PEER};
	struct bytes b = {.len = 0};
	struct why why = WHY_INIT;
	struct sample_log log;
	struct source s;

	(void)state;
	put_sample(&b, PERF_RECORD_MISC_KERNEL | PERF_RECORD_MISC_EXACT_IP, 0xffffffff81000010,
		   0xffff888012345680, 312, source_bits(pebs));
	put_sample(&b, PERF_RECORD_MISC_USER, 0x401000, 0x7f0000000040, 90, source_bits(ibs));
	put_sample(&b, PERF_RECORD_MISC_USER, 0x401004, 0x7f0000000080, 0, source_bits(spe));
	put_sample(&b, PERF_RECORD_MISC_GUEST_KERNEL, 0x1, 0, 0, 0);
	sample_log_init(&log, ALL);
	assert_int_equal(sample_log_decode(&log, b.data, b.len, &why), 0);
	assert_int_equal(log.nr_samples, 4);
	assert_true(log.samples[0].kernel && log.samples[0].exact && !log.samples[1].exact);
	assert_int_equal(log.samples[0].address, 0xffff888012345680);
	assert_int_equal(log.samples[0].weight, 312);
	assert_int_equal(log.samples[1].tid, 101);
	assert_int_equal(log.samples[1].cpu, 3);
	assert_int_equal(log.samples[1].ns, 12345);
	assert_true(log.samples[3].foreign);
	s = source_decode(log.samples[0].source);
	assert_true(s.load && !s.store && s.hitm_local && !s.hitm_remote && s.level == SOURCE_FAR);
	s = source_decode(log.samples[1].source);
	assert_true(!s.load && s.store && !s.hitm_local && s.hitm_remote && s.level == SOURCE_FAR);
	s = source_decode(log.samples[2].source);
	assert_true(s.load && s.hitm_local && s.level == SOURCE_FAR);
	sample_log_release(&log);
}

static void levels_of_older_and_newer_processors(void **state)
{
	union perf_mem_data_src s = {.mem_lvl = PERF_MEM_LVL_HIT | PERF_MEM_LVL_L1,
				     .mem_lvl_num = PERF_MEM_LVLNUM_NA};

	(void)state;
	assert_int_equal(source_decode(s.val).level, SOURCE_NEAR);
	s.mem_lvl = PERF_MEM_LVL_MISS | PERF_MEM_LVL_L1;
	assert_int_equal(source_decode(s.val).level, SOURCE_FAR);
	s.mem_lvl = PERF_MEM_LVL_HIT | PERF_MEM_LVL_LOC_RAM;
	assert_int_equal(source_decode(s.val).level, SOURCE_FAR);
	s.mem_lvl = PERF_MEM_LVL_NA;
	assert_int_equal(source_decode(s.val).level, SOURCE_UNKNOWN);
	s.mem_lvl_num = PERF_MEM_LVLNUM_LFB;
	assert_int_equal(source_decode(s.val).level, SOURCE_NEAR);
	assert_int_equal(source_decode(0).level, SOURCE_UNKNOWN);
	assert_false(source_decode(0).hitm_local);
}

static void maps_and_losses_are_kept(void **state)
{
	struct bytes b = {.len = 0};
	struct why why = WHY_INIT;
	struct sample_log log;

	(void)state;
	put_map(&b, 0x400000, 0x2000, "/bin/true", 16);
	put_lost(&b, 5);
	put_lost(&b, 6);
	put_header(&b, PERF_RECORD_THROTTLE, 0, 6);
	b.len += 48;
	put_header(&b, PERF_RECORD_LOST_SAMPLES, 0, 1);
	put_u64(&b, 100);
	put_header(&b, 77, 0, 0); /* a kind to come */
	sample_log_init(&log, ALL);
	assert_int_equal(sample_log_decode(&log, b.data, b.len, &why), 0);
	assert_int_equal(log.nr_maps, 1);
	assert_string_equal(log.maps[0].path, "/bin/true");
	assert_int_equal(log.maps[0].start, 0x400000);
	assert_int_equal(log.maps[0].length, 0x1000);
	assert_int_equal(log.maps[0].offset, 0x2000);
	assert_int_equal(log.maps[0].ns, 777);
	assert_int_equal(log.lost, 111);
	assert_int_equal(log.throttled, 1);
	sample_log_release(&log);
}

static void put_aux(struct bytes *b, uint64_t offset, uint64_t size, uint64_t flags)
{
	put_header(b, PERF_RECORD_AUX, 0, 6);
	put_u64(b, offset);
	put_u64(b, size);
	put_u64(b, flags);
	put_u64(b, pair(100, 102));
	put_u64(b, 900);
	put_u64(b, pair(2, 0));
}

static void put_switch(struct bytes *b, uint16_t misc, uint32_t tid, uint64_t ns, uint32_t cpu)
{
	put_header(b, PERF_RECORD_SWITCH, misc, 3);
	put_u64(b, pair(100, tid));
	put_u64(b, ns);
	put_u64(b, pair(cpu, 0));
}

static void pieces_of_the_aux_area_are_kept(void **state)
{
	struct bytes b = {.len = 0};
	struct why why = WHY_INIT;
	struct sample_log log;

	(void)state;
	put_aux(&b, 0x3000, 0x800, 0);
	put_aux(&b, 0x3800, 0, PERF_AUX_FLAG_TRUNCATED);
	put_aux(&b, 0x3800, 64, PERF_AUX_FLAG_COLLISION);
	sample_log_init(&log, SAMPLE_TYPE_BASE);
	assert_int_equal(sample_log_decode(&log, b.data, b.len, &why), 0);
	assert_int_equal(log.nr_aux, 3);
	assert_int_equal(log.aux[0].offset, 0x3000);
	assert_int_equal(log.aux[0].size, 0x800);
	assert_int_equal(log.aux[0].who.tid, 102);
	assert_int_equal(log.aux[0].who.ns, 900);
	assert_int_equal(log.aux[0].who.cpu, 2);
	assert_int_equal(log.lost, 1);
	sample_log_release(&log);
}

static int tid_of(const struct sample_log *log, unsigned cpu, uint64_t ns)
{
	struct sample s = {.tid = 7, .cpu = cpu, .ns = ns};

	sample_log_on_cpu(log, &s);
	return s.tid;
}

static void switches_tell_who_was_on_a_cpu(void **state)
{
	struct bytes b = {.len = 0};
	struct why why = WHY_INIT;
	struct sample_log log;

	(void)state;
	put_switch(&b, 0, 101, 1000, 0);
	put_switch(&b, 0, 201, 1500, 1);
	put_switch(&b, PERF_RECORD_MISC_SWITCH_OUT, 101, 1900, 0);
	put_switch(&b, 0, 102, 2000, 0);
	sample_log_init(&log, SAMPLE_TYPE_BASE);
	assert_int_equal(sample_log_decode(&log, b.data, b.len, &why), 0);
	assert_int_equal(log.nr_switches, 3); /* not who left */
	assert_int_equal(tid_of(&log, 0, 999), 7);
	assert_int_equal(tid_of(&log, 0, 1000), 101);
	assert_int_equal(tid_of(&log, 0, 1999), 101);
	assert_int_equal(tid_of(&log, 0, 2000), 102);
	assert_int_equal(tid_of(&log, 1, 9999), 201);
	assert_int_equal(tid_of(&log, 2, 9999), 7);
	sample_log_release(&log);
}

static void wrapped_records_come_out_whole(void **state)
{
	unsigned char ring[128], out[128];
	struct bytes b = {.len = 0};
	struct why why = WHY_INIT;
	struct sample_log log;
	const size_t size = sizeof(ring), at = 100; /* of 64 bytes, 28 before the end */

	(void)state;
	put_sample(&b, PERF_RECORD_MISC_USER, 0xabcdef, 0, 0, 0);
	assert_int_equal(b.len, 64);
	memset(ring, 0xff, size);
	for (size_t i = 0; i < b.len; i++)
		ring[(at + i) % size] = b.data[i];
	/* The counts go on for ever, the place in the ring does not. */
	assert_int_equal(ring_copy(out, ring, size, 5 * size + at, 5 * size + at + 64), 64);
	assert_memory_equal(out, b.data, 64);
	sample_log_init(&log, ALL);
	assert_int_equal(sample_log_decode(&log, out, 64, &why), 0);
	assert_int_equal(log.samples[0].ip, 0xabcdef);
	sample_log_release(&log);
	assert_int_equal(ring_copy(out, ring, size, 10, 10 + size + 1), 0);
	assert_int_equal(ring_copy(out, ring, size, 10, 9), 0);
	assert_int_equal(ring_copy(out, ring, size, 10, 10), 0);
	assert_int_equal(ring_copy(out, ring, size, UINT64_MAX - 3, 4), 8);
}

/* @len bytes of @b are not whole records. */
static void assert_refused(const struct bytes *b, size_t len, size_t kept)
{
	struct why why = WHY_INIT;
	struct sample_log log;

	sample_log_init(&log, ALL);
	assert_int_equal(sample_log_decode(&log, b->data, len, &why), -EINVAL);
	assert_true(why.text[0]);
	assert_int_equal(log.nr_samples, kept);
	sample_log_release(&log);
}

static void broken_records_are_refused(void **state)
{
	struct bytes b = {.len = 0};

	(void)state;
	put_sample(&b, PERF_RECORD_MISC_USER, 1, 0, 0, 0);
	put_sample(&b, PERF_RECORD_MISC_USER, 2, 0, 0, 0);
	for (size_t len = 1; len < b.len; len++)
		if (len != 64)
			assert_refused(&b, len, len > 64);
	b.data[6] = 4; /* shorter than its header */
	assert_refused(&b, b.len, 0);
	b.data[6] = 56; /* a word is missing */
	assert_refused(&b, b.len, 0);
	b.len = 0;
	put_map(&b, 0, 0, "12345678", 8); /* a path without an end */
	assert_refused(&b, b.len, 0);
	b.len = 0;
	put_header(&b, PERF_RECORD_LOST, 0, 1);
	put_u64(&b, 1);
	assert_refused(&b, b.len, 0);
	b.len = 0;
	put_header(&b, PERF_RECORD_AUX, 0, 5);
	for (int i = 0; i < 5; i++)
		put_u64(&b, 1);
	assert_refused(&b, b.len, 0);
	b.len = 0;
	put_header(&b, PERF_RECORD_SWITCH, 0, 2);
	put_u64(&b, 1);
	put_u64(&b, 1);
	assert_refused(&b, b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_bytes_are_understood),
		cmocka_unit_test(forms_of_pebs_ibs_and_spe),
		cmocka_unit_test(levels_of_older_and_newer_processors),
		cmocka_unit_test(maps_and_losses_are_kept),
		cmocka_unit_test(pieces_of_the_aux_area_are_kept),
		cmocka_unit_test(switches_tell_who_was_on_a_cpu),
		cmocka_unit_test(wrapped_records_come_out_whole),
		cmocka_unit_test(broken_records_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
