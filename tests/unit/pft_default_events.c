/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'pft --events default' counts on each processor, by libpfm4's tables, without the processors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/perf_event.h"
#include "pft/counters/default_events.h"

struct encoding {
	const char *name;
	__u32 type;
	__u64 config, config1;
};

/* What each processor must make of the defaults; a name that is not here is not there either. */
static const struct {
	const char *pmu;
	struct encoding events[16];
} processors[] = {
	{"skx",
	 {{"llc-misses", 4, 0x20d1, 0},
	  {"remote-dram", 4, 0x2d3, 0},
	  {"hitm", 4, 0x4d2, 0},
	  {"remote-hitm", 4, 0x4d3, 0},
	  {"store-hitm", 4, 0x1b7, 0x10003c0002},
	  {"dtlb-misses", 3, 0x10003, 0},
	  {"page-walks", 4, 0xe08, 0}}},
	{"icx",
	 {{"llc-misses", 4, 0x20d1, 0},
	  {"remote-dram", 4, 0x2d3, 0},
	  {"hitm", 4, 0x4d2, 0},
	  {"remote-hitm", 4, 0x4d3, 0},
	  {"store-hitm", 4, 0x1b7, 0x10003c0002},
	  {"dtlb-misses", 3, 0x10003, 0},
	  {"page-walks", 4, 0xe08, 0}}},
	{"spr",
	 {{"llc-misses", 4, 0x20d1, 0},
	  {"remote-dram", 4, 0x2d3, 0},
	  {"hitm", 4, 0x4d2, 0},
	  {"remote-hitm", 4, 0x4d3, 0},
	  {"store-hitm", 4, 0x12a, 0x10003c0002},
	  {"dtlb-misses", 3, 0x10003, 0},
	  {"page-walks", 4, 0xe12, 0}}},
	{"amd64_fam19h_zen3",
	 {{"llc-misses", 4, 0x4844, 0},
	  {"remote-dram", 4, 0x4044, 0},
	  {"hitm", 4, 0x1444, 0},
	  {"remote-hitm", 4, 0x1044, 0},
	  {"dtlb-misses", 3, 0x10003, 0},
	  {"page-walks", 4, 0xf045, 0}}},
	{"amd64_fam19h_zen4",
	 {{"llc-misses", 4, 0x4844, 0},
	  {"remote-dram", 4, 0x4044, 0},
	  {"hitm", 4, 0x1444, 0},
	  {"remote-hitm", 4, 0x1044, 0},
	  {"dtlb-misses", 3, 0x10003, 0},
	  {"page-walks", 4, 0xf045, 0}}},
};

/* The first candidate that the processor knows, by the same rule as pft without a PMU. */
static int encode_default(const struct default_event *d, struct perf_event_attr *attr, char **full)
{
	for (unsigned i = 0; i < MOST_CANDIDATES && d->candidates[i]; i++)
		if (!perf_event_encode(d->candidates[i], attr, full, NULL))
			return 0;
	return -ENOENT;
}

/* One processor, in a process of its own: libpfm4 reads the variable once. Returns 0 if all is well. */
static int check_processor(size_t index)
{
	int bad = 0;

	setenv("LIBPFM_FORCE_PMU", processors[index].pmu, 1);
	for (unsigned i = 6; i < nr_default_events; i++) {
		const struct default_event *d = &default_events[i];
		const struct encoding *e = processors[index].events;
		struct perf_event_attr attr;
		char *full = NULL;
		int err = encode_default(d, &attr, &full);

		while (e->name && strcmp(e->name, d->name))
			e++;
		if (err ? !!e->name
			: !e->name || attr.type != e->type || attr.config != e->config ||
				    attr.config1 != e->config1) {
			fprintf(stderr, "# %s %s: type %u config %#llx config1 %#llx %s\n",
				processors[index].pmu, d->name, attr.type,
				(unsigned long long)attr.config, (unsigned long long)attr.config1,
				full ? full : "none");
			bad = 1;
		}
		free(full);
	}
	return bad;
}

static void test_processors(void **state)
{
	(void)state;
#ifndef __x86_64__
	print_message("libpfm4 has the tables of the architecture that it was built for only\n");
	skip();
#endif
	for (size_t i = 0; i < sizeof(processors) / sizeof(processors[0]); i++) {
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(check_processor(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status)
			fail_msg("wrong codes for %s", processors[i].pmu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_processors)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
