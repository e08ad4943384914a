/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/sample/event.h"
#include "harness/sample/record.h"
#include "tests/unit/tree.h"

/* A machine: what it says to each event. */
static int (*machine)(const struct perf_event_attr *attr);
static unsigned tries;

static int fake_open(const struct perf_event_attr *attr, int group)
{
	int err = machine(attr);

	(void)group;
	tries++;
	return err ? err : open("/dev/null", O_RDONLY);
}

static int no_pmu(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE ? 0 : -ENOENT;
}

static int plain_pmu(const struct perf_event_attr *attr)
{
	return attr->precise_ip ? -EOPNOTSUPP : 0;
}

static int any_pmu(const struct perf_event_attr *attr)
{
	(void)attr;
	return 0;
}

static int user_only(const struct perf_event_attr *attr)
{
	if (!attr->exclude_kernel)
		return -EACCES;
	return no_pmu(attr);
}

static int nothing_allowed(const struct perf_event_attr *attr)
{
	(void)attr;
	return -EACCES;
}

static int choose(struct sample_event *e, const char *spec, const char *root,
		  int (*on)(const struct perf_event_attr *), struct why *why)
{
	machine = on;
	tries = 0;
	*why = (struct why)WHY_INIT;
	return sample_event_init(e, spec, root, fake_open, why);
}

static void without_a_pmu_the_clock_is_sampled(void **state)
{
	struct sample_event e;
	struct why why;

	(void)state;
	assert_int_equal(choose(&e, "cache-misses", "/nowhere", no_pmu, &why), 0);
	assert_int_equal(e.attr.type, PERF_TYPE_SOFTWARE);
	assert_int_equal(e.attr.config, PERF_COUNT_SW_CPU_CLOCK);
	assert_int_equal(e.attr.sample_type, SAMPLE_TYPE_BASE);
	assert_string_equal(e.name, "cpu-clock");
	assert_non_null(strstr(e.note.text, "cannot sample 'cache-misses'"));
	assert_non_null(strstr(e.note.text, "hot instructions, not missing ones"));
	assert_int_equal(e.iterations, 1);
	sample_event_release(&e);
	assert_int_equal(choose(&e, "instructions", "/nowhere", no_pmu, &why), 0);
	assert_string_equal(e.name, "cpu-clock");
	sample_event_release(&e);
}

static void a_plain_pmu_counts_misses_without_data(void **state)
{
	struct sample_event e;
	struct why why;

	(void)state;
	assert_int_equal(choose(&e, "cache-misses,period=77", "/nowhere", plain_pmu, &why), 0);
	assert_int_equal(e.attr.type, PERF_TYPE_HARDWARE);
	assert_int_equal(e.attr.config, PERF_COUNT_HW_CACHE_MISSES);
	assert_int_equal(e.attr.sample_type, SAMPLE_TYPE_BASE);
	assert_int_equal(e.attr.sample_period, 77);
	assert_false(e.far_only);
	assert_string_equal(e.note.text, "");
	sample_event_release(&e);
}

static void ibs_comes_first_where_it_is(void **state)
{
	char *dir = tree_make();
	struct sample_event e;
	struct why why;

	(void)state;
	tree_put(dir, "/sys/bus/event_source/devices/ibs_op/type", "11\n");
	assert_int_equal(choose(&e, "cache-misses", dir, any_pmu, &why), 0);
	assert_int_equal(e.attr.type, 11);
	assert_int_equal(e.attr.sample_type, SAMPLE_TYPE_BASE | SAMPLE_TYPE_DATA);
	assert_int_equal(e.attr.sample_period % 16, 0);
	assert_true(e.far_only);
	assert_false(e.attr.exclude_kernel || e.attr.exclude_hv || e.attr.exclude_user);
	assert_string_equal(e.name, "ibs_op");
	sample_event_release(&e);
	tree_remove(dir);
}

static void spe_is_taken_on_arm(void **state)
{
	char *dir = tree_make();
	struct sample_event e;
	struct why why;

	(void)state;
	tree_put(dir, "/sys/bus/event_source/devices/arm_spe_0/type", "12\n");
	tree_put(dir, "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1",
		 "0x00000000413fd0c1\n");
	assert_int_equal(choose(&e, "cache-misses,iterations=2", dir, any_pmu, &why), 0);
	assert_string_equal(e.name, "arm_spe_0");
	assert_int_equal(e.attr.type, 12);
	/* ts_enable, jitter, load_filter, store_filter; min_latency */
	assert_true(e.attr.config == 0x600010001);
	assert_int_equal(e.attr.config2, 30);
	assert_int_equal(e.attr.sample_type, SAMPLE_TYPE_BASE);
	assert_int_equal(e.attr.sample_period % 256, 0);
	assert_true(e.attr.context_switch && e.spe && e.spe_sources && e.far_only);
	assert_int_equal(e.iterations, 2);
	sample_event_release(&e);
	tree_put(dir, "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1",
		 "0x00000000480fd010\n");
	assert_int_equal(choose(&e, "cache-misses", dir, any_pmu, &why), 0);
	assert_true(e.spe && !e.spe_sources);
	sample_event_release(&e);
	assert_int_equal(choose(&e, "cache-misses", dir, no_pmu, &why), 0);
	assert_true(!e.spe && !e.attr.context_switch);
	assert_string_equal(e.name, "cpu-clock");
	sample_event_release(&e);
	tree_remove(dir);
}

static void pebs_tells_the_data(void **state)
{
	struct sample_event e;
	struct why why;

	(void)state;
	assert_int_equal(choose(&e, "cache-misses", "/nowhere", any_pmu, &why), 0);
	assert_int_equal(e.attr.type, PERF_TYPE_RAW);
	assert_int_equal(e.attr.config & 0xffff, 0x01cd);
	assert_int_equal(e.attr.config1, 30);
	assert_int_equal(e.attr.precise_ip, 2);
	assert_int_equal(e.attr.sample_type, SAMPLE_TYPE_BASE | SAMPLE_TYPE_DATA);
	assert_true(e.far_only);
	sample_event_release(&e);
}

static void named_events_give_what_they_can(void **state)
{
	struct sample_event e;
	struct why why;

	(void)state;
	assert_int_equal(choose(&e, "page-faults,iterations=3,period=1", "", no_pmu, &why), 0);
	assert_int_equal(e.attr.config, PERF_COUNT_SW_PAGE_FAULTS);
	assert_int_equal(e.attr.sample_type, SAMPLE_TYPE_BASE | PERF_SAMPLE_ADDR);
	assert_int_equal(e.attr.sample_period, 1);
	assert_int_equal(e.iterations, 3);
	sample_event_release(&e);
	assert_int_equal(choose(&e, "instructions", "", plain_pmu, &why), 0);
	assert_int_equal(e.attr.precise_ip, 0);
	assert_int_equal(tries, 2);
	sample_event_release(&e);
}

static void without_rights_the_user_side_is_left(void **state)
{
	struct sample_event e;
	struct why why;

	(void)state;
	assert_int_equal(choose(&e, "cpu-clock", "", user_only, &why), 0);
	assert_true(e.attr.exclude_kernel);
	assert_non_null(strstr(e.note.text, "CAP_PERFMON"));
	sample_event_release(&e);
	assert_int_equal(choose(&e, "cache-misses", "/nowhere", nothing_allowed, &why), -EACCES);
	assert_non_null(strstr(why.text, "CAP_PERFMON"));
	sample_event_release(&e);
}

static void bad_specs_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		",period=3",
		"cache-misses,period=0",
		"cache-misses,period=many",
		"cache-misses,iterations=0",
		"nosuchevent",
		"cpu-clock,frequency=99",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sample_event e;
		struct why why;

		assert_int_equal(choose(&e, bad[i], "/nowhere", no_pmu, &why), -EINVAL);
		assert_true(why.text[0]);
		sample_event_release(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_pmu_the_clock_is_sampled),
		cmocka_unit_test(a_plain_pmu_counts_misses_without_data),
		cmocka_unit_test(ibs_comes_first_where_it_is),
		cmocka_unit_test(spe_is_taken_on_arm),
		cmocka_unit_test(pebs_tells_the_data),
		cmocka_unit_test(named_events_give_what_they_can),
		cmocka_unit_test(without_rights_the_user_side_is_left),
		cmocka_unit_test(bad_specs_are_refused),
	};

	/* An event table to look at, whatever this processor is. */
	setenv("LIBPFM_FORCE_PMU", "icx", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
