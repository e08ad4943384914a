/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sources of counts: lists and groups, exact counts, scaled ones, and what cannot be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/perf_sysfs.h"
#include "pft/counters/counter.h"
#include "pft/counters/counters.h"
#include "pft/counters/event_list.h"
#include "pft/run.h"

#define PAGES 4096

/* Counters asked for, with the values of one worker and of the run. */
struct rig {
	struct counters counters;
	struct counter_value *values, *run_values;
	struct measure measure;
};

static void rig_init(struct rig *r, const char *list, const char *events)
{
	struct counter_settings settings = {list, events};
	struct why why = WHY_INIT;

	*r = (struct rig){0};
	if (counters_init(&r->counters, &settings, &why))
		fail_msg("%s", why.text);
	r->values = calloc(r->counters.nr_worker_values + 1, sizeof(*r->values));
	r->run_values = calloc(r->counters.nr_run_values + 1, sizeof(*r->run_values));
}

static void rig_release(struct rig *r)
{
	counters_release(&r->counters);
	free(r->values);
	free(r->run_values);
}

/* The value of @source.@name; fails if there is none. */
static const struct counter_value *value_of(const struct rig *r, const char *source,
					    const char *name)
{
	for (size_t i = 0; i < r->counters.nr; i++) {
		const struct counter_plan *p = &r->counters.plans[i];

		for (size_t k = 0; k < p->nr && !strcmp(p->counter->name, source); k++)
			if (!strcmp(p->metrics[k].name, name))
				return (p->counter->of_run ? r->run_values : r->values) + p->first +
				       k;
	}
	fail_msg("no value %s.%s", source, name);
	return NULL;
}

static char *map_pages(void)
{
	char *p = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	assert_true(p != MAP_FAILED);
	madvise(p, PAGES * 4096, MADV_NOHUGEPAGE);
	return p;
}

/* A sanitizer's shadow memory would fault as well. */
__attribute__((no_sanitize_address, no_sanitize_thread, noinline)) static void touch(char *p)
{
	for (size_t i = 0; i < PAGES; i++)
		p[i * 4096] = 1;
}

/* Fault PAGES pages with everything of the rig counting. */
static void count_faults(struct rig *r)
{
	struct counting_set *run = counters_prepare(&r->counters, NULL, r->run_values);
	struct counting_set *set = counters_prepare(&r->counters, &r->measure, r->values);
	char *p = map_pages();

	counters_start(run);
	counters_start(set);
	snapshot_start(&r->measure.start);
	touch(p);
	snapshot_end(&r->measure.end);
	counters_stop(set);
	counters_stop(run);
	counters_finish(set);
	counters_finish(run);
	munmap(p, PAGES * 4096);
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned nr = 0;

	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void test_table(void **state)
{
	(void)state;
	assert_string_equal(counters[0]->name, "null");
	for (unsigned i = 0; i < nr_counters; i++) {
		const struct counter *c = counters[i];

		for (const char *p = c->name; *p; p++)
			assert_true(islower(*p) || isdigit(*p) || *p == '-');
		assert_non_null(c->summary);
		assert_true(c->plan && c->prepare && c->start && c->stop && c->read && c->finish);
		assert_ptr_equal(counter_find(c->name), c);
	}
	assert_null(counter_find("nosuch"));
}

static void test_lists(void **state)
{
	static const struct {
		const char *list, *events, *sources;
	} cases[] = {
		{NULL, NULL, "rusage "},
		{"none", NULL, ""},
		{"null", NULL, "null "},
		{NULL, "page-faults", "rusage hardware "},
		{"none", "page-faults", "hardware "},
		{"software,schedstat", NULL, "schedstat software "},
		{"hardware", NULL, "hardware "},
		{"all", "none", "proc-vmstat rusage schedstat software "},
		{"default,software", "none", "rusage software "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128] = "";
		struct rig r;

		rig_init(&r, cases[i].list, cases[i].events);
		for (size_t k = 0; k < r.counters.nr; k++) {
			size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "%s ",
				 r.counters.plans[k].counter->name);
		}
		assert_string_equal(text, cases[i].sources);
		rig_release(&r);
	}
}

static void test_bad_lists(void **state)
{
	static const struct {
		const char *list, *events, *text;
	} cases[] = {
		{"foo", NULL, "no such counters, with '--counters foo'"},
		{"rusage,", NULL, "no such counters, with '--counters '"},
		{NULL, "nosuchevent", "no such event, with 'nosuchevent'"},
		{NULL, "cycles:x", "with 'cycles:x'"},
		{NULL, "", "an event without a name"},
		{NULL, "cycles,cycles", "event 'cycles' twice"},
		{NULL, "default,cycles:k", "'cycles:k' is counted twice"},
		{NULL, "{task-clock,page-faults}", "'task-clock' in a group"},
		{NULL, "context-switches:u", "happens in the kernel only"},
		{NULL, "msr/nosuch/", "no such event, with 'msr/nosuch/'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct counter_settings settings = {cases[i].list, cases[i].events};
		struct counters asked;
		struct why why = WHY_INIT;

		assert_int_equal(counters_init(&asked, &settings, &why), -EINVAL);
		if (!strstr(why.text, cases[i].text))
			fail_msg("'%s' instead of '%s'", why.text, cases[i].text);
		counters_release(&asked);
	}
}

static void test_groups(void **state)
{
	static const struct {
		const char *text, *list;
	} cases[] = {
		{"a", "a/0 "},
		{"a,b:u", "a/0 b:u/0 "},
		{"{a,b}", "a/1 b/1 "},
		{"{a,b:p}:k,c,{d}", "a:k/1 b:p:k/1 c/0 d/2 "},
		{"{cpu/x/},msr/tsc/:u", "cpu/x//1 msr/tsc/:u/0 "},
		{"skx::A:B:C", "skx::A:B:C/0 "},
	};
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "an event without a name"},
		{"a,", "an event without a name"},
		{"{}", "an event without a name"},
		{"{a,}", "an event without a name"},
		{"{a", "a group without its '}'"},
		{"a}", "a '}' that begins or ends no group"},
		{"a{b}", "a '{' that"},
		{"{a{b}}", "a group in a group"},
		{"{a}b", "'b' behind a group"},
		{"{a}{b}", "'{b}' behind a group"},
		{"a,b,a", "event 'a' twice"},
	};
	struct event_list list;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256] = "";

		assert_int_equal(event_list_parse(&list, cases[i].text, &why), 0);
		for (size_t k = 0; k < list.nr; k++) {
			size_t len = strlen(text);

			snprintf(text + len, sizeof(text) - len, "%s/%u ", list.events[k].name,
				 list.events[k].group);
		}
		assert_string_equal(text, cases[i].list);
		event_list_release(&list);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(event_list_parse(&list, bad[i].text, &why), -EINVAL);
		if (!strstr(why.text, bad[i].why))
			fail_msg("'%s' instead of '%s'", why.text, bad[i].why);
		event_list_release(&list);
	}
}

/* enabled, running -> status, value, share */
static void test_scaled(void **state)
{
	static const struct {
		double count, enabled, running;
		enum counter_status status;
		double value;
	} cases[] = {
		{1000, 50, 50, COUNTER_OK, 1000},     {0, 50, 50, COUNTER_OK, 0},
		{1000, 50, 25, COUNTER_SCALED, 2000}, {1000, 50, 10, COUNTER_SCALED, 5000},
		{1000, 50, 9.9, COUNTER_LOST, 0},     {1000, 50, 0, COUNTER_LOST, 0},
		{0, 0, 0, COUNTER_LOST, 0},
	};
	struct counter_value value;
	struct counting c = {.values = &value};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		counting_scaled(&c, 0, cases[i].count, cases[i].enabled, cases[i].running);
		assert_int_equal(value.status, cases[i].status);
		assert_true(value.value == cases[i].value);
		if (value.status == COUNTER_SCALED)
			assert_true(value.share == cases[i].running / cases[i].enabled);
	}
}

static bool may_count_kernel(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr)};
	int fd = perf_event_open_self(&attr, -1);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Several times: a loss shows in most, not in all. */
static void test_software(void **state)
{
	(void)state;
	if (!may_count_kernel()) {
		print_message("kernel.perf_event_paranoid does not let us count\n");
		skip();
	}
	for (unsigned i = 0; i < 5; i++) {
		unsigned before = open_files();
		struct rig r;

		rig_init(&r, "software", "{page-faults,minor-faults}:u,page-faults");
		count_faults(&r);
		assert_int_equal(value_of(&r, "software", "major-faults")->status, COUNTER_OK);
		assert_true(value_of(&r, "software", "major-faults")->value == 0);
		assert_true(value_of(&r, "software", "task-clock")->value > 0);
		assert_true(value_of(&r, "hardware", "page-faults:u")->value == PAGES);
		assert_true(value_of(&r, "hardware", "minor-faults:u")->value == PAGES);
		assert_true(value_of(&r, "hardware", "page-faults")->value == PAGES);
		rig_release(&r);
		assert_int_equal(open_files(), before);
	}
}

/* A group whose leader does not open still has its other members. */
static void test_no_pmu(void **state)
{
	struct rig r;

	(void)state;
	if (perf_sysfs_has_cpu("")) {
		print_message("this machine has a PMU\n");
		skip();
	}
	rig_init(&r, "none", "{cycles,page-faults:u},default");
	count_faults(&r);
	for (size_t i = 0; i < r.counters.nr_worker_values; i++) {
		const char *name = r.counters.plans[0].metrics[i].name;

		if (!strcmp(name, "page-faults:u")) {
			assert_int_equal(r.values[i].status, COUNTER_OK);
			assert_true(r.values[i].value == PAGES);
			continue;
		}
		assert_int_equal(r.values[i].status, COUNTER_UNSUPPORTED);
		if (!strstr(r.values[i].reason, "no hardware PMU in this machine") &&
		    !strstr(r.values[i].reason, "no such event, nor one near it"))
			fail_msg("%s: %s", name, r.values[i].reason);
	}
	rig_release(&r);
}

static void test_schedstat(void **state)
{
	struct rig r;
	struct counting_set *set;

	(void)state;
	rig_init(&r, "schedstat,rusage", NULL);
	set = counters_prepare(&r.counters, &r.measure, r.values);
	counters_start(set);
	snapshot_start(&r.measure.start);
	usleep(1000);
	snapshot_end(&r.measure.end);
	counters_stop(set);
	counters_finish(set);
	assert_true(value_of(&r, "rusage", "voluntary_switches")->value >= 1);
	if (value_of(&r, "schedstat", "slices")->status == COUNTER_UNSUPPORTED) {
		print_message("%s\n", value_of(&r, "schedstat", "slices")->reason);
		rig_release(&r);
		skip();
	}
	assert_true(value_of(&r, "schedstat", "slices")->value >= 1);
	assert_true(value_of(&r, "schedstat", "run_ns")->value > 0);
	assert_true(value_of(&r, "schedstat", "wait_ns")->value >= 0);
	rig_release(&r);
}

static void test_vmstat(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "proc-vmstat", NULL);
	count_faults(&r);
	assert_true(value_of(&r, "proc-vmstat", "pgfault")->value >= PAGES);
	for (size_t i = 0; i < r.counters.nr_run_values; i++) {
		assert_int_equal(r.run_values[i].status, COUNTER_OK);
		assert_true(strncmp(r.counters.plans[0].metrics[i].name, "nr_", 3));
	}
	rig_release(&r);
}

/* Never started, as where a worker fails before the barrier: closed all the same. */
static void test_not_started(void **state)
{
	unsigned before = open_files();
	struct rig r;

	(void)state;
	rig_init(&r, "all,null", "page-faults,{cycles,instructions}");
	counters_finish(counters_prepare(&r.counters, &r.measure, r.values));
	counters_finish(counters_prepare(&r.counters, NULL, r.run_values));
	counters_finish(NULL);
	rig_release(&r);
	assert_int_equal(open_files(), before);
}

/* As a user without capabilities: faults of user mode, and a reason for the rest. */
static void as_nobody(void)
{
	const struct counter_value *faults, *switches;
	struct rig r;

	rig_init(&r, "software,schedstat", "page-faults:u");
	count_faults(&r);
	faults = value_of(&r, "hardware", "page-faults:u");
	switches = value_of(&r, "software", "context-switches");
	if (perf_event_paranoid("") == 2)
		_exit(!(faults->status == COUNTER_OK && faults->value == PAGES &&
			switches->status == COUNTER_UNSUPPORTED &&
			strstr(switches->reason, "need CAP_PERFMON, or 'sysctl")));
	_exit(!(faults->status == COUNTER_UNSUPPORTED && strstr(faults->reason, "CAP_PERFMON")));
}

static void test_unprivileged(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() || perf_event_paranoid("") < 2) {
		print_message("not root, or kernel.perf_event_paranoid is below 2\n");
		skip();
	}
	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		/* setuid() makes /proc/self root's, which a process of its own would not be. */
		prctl(PR_SET_DUMPABLE, 1);
		as_nobody();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_emit(void **state)
{
	static const struct {
		struct counter_value worker[2];
		const char *all, *per_fault;
	} cases[] = {
		{{{COUNTER_OK, 100, 1, ""}, {COUNTER_OK, 50, 1, ""}}, "150\tok", "1.5\tok"},
		{{{COUNTER_OK, 100, 1, ""}, {COUNTER_SCALED, 50, 0.5, ""}},
		 "150\tscaled: 0.500",
		 "1.5\tscaled: 0.500"},
		{{{COUNTER_SCALED, 100, 0.25, ""}, {COUNTER_LOST, 0, 0.1, ""}},
		 "-\tlost: counted 0.100 of the time",
		 "-\tlost: counted 0.100 of the time"},
		{{{COUNTER_UNSUPPORTED, 0, 0, "why"}, {COUNTER_LOST, 0, 0.1, ""}},
		 "-\tunsupported: why",
		 "-\tunsupported: why"},
	};
	struct worker *workers = aligned_alloc(128, 2 * sizeof(*workers));
	struct settings settings = {.nr_workers = 2};

	(void)state;
	memset(workers, 0, 2 * sizeof(*workers));
	workers[0].faults = 60;
	workers[1].faults = 40;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run run = {.settings = &settings, .workers = workers};
		struct counter_value values[2];
		char *text, *expected;
		struct emit emit;
		struct rig r;
		size_t len;

		rig_init(&r, "none", "page-faults:u");
		memcpy(values, cases[i].worker, sizeof(values));
		run.counters = r.counters;
		run.worker_values = values;
		emit.out = open_memstream(&text, &len);
		counters_emit(&emit, &run);
		fclose(emit.out);
		assert_true(asprintf(&expected,
				     "hardware.page-faults:u\tall\t1\t%s\n"
				     "hardware.page-faults:u/fault\tall\t1\t%s\n"
				     "hardware.page-faults:u\t0\t",
				     cases[i].all, cases[i].per_fault) > 0);
		assert_memory_equal(text, expected, strlen(expected));
		assert_non_null(strstr(text, "hardware.page-faults:u\t1\t"));
		assert_non_null(strstr(text, "hardware.page-faults:u.event\tall\ttext\tperf::"));
		free(expected);
		free(text);
		rig_release(&r);
	}
	free(workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	     cmocka_unit_test(test_lists),
		cmocka_unit_test(test_bad_lists),    cmocka_unit_test(test_groups),
		cmocka_unit_test(test_scaled),	     cmocka_unit_test(test_software),
		cmocka_unit_test(test_no_pmu),	     cmocka_unit_test(test_schedstat),
		cmocka_unit_test(test_vmstat),	     cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_unprivileged), cmocka_unit_test(test_emit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
