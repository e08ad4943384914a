/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes on this kernel: who is known to sleep, to wait for a CPU or for a lock shows up as such. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/probes/probe_set.h"

#define MS   ((uint64_t)1000000)
#define PAGE 4096

static char dir[] = "/tmp/faultscale-probes-XXXXXX";
static struct probe_set set;
static uint32_t phase;

/* What a child itself has measured: on a busy host a sleep can take longer than it was to. */
static uint64_t *elapsed_ns;

static int attach(void)
{
	struct why why = WHY_INIT;

	elapsed_ns = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!mkdtemp(dir) || probe_set_init(&set, "all", dir, &why))
		return -1;
	return 0;
}

/* Skip the test if there is no such probe here. */
static void need(const char *probe)
{
	for (size_t i = 0; i < set.nr; i++)
		if (!strcmp(set.probes[i].ops->name, probe) && !set.probes[i].object) {
			print_message("%s\n", set.probes[i].why.text);
			skip();
		}
}

static int detach(void **state)
{
	struct why why = WHY_INIT;

	(void)state;
	for (size_t i = 0; i < NR_PROBE_TABLES; i++) {
		char *path = xasprintf("%s/%s.tsv", dir, probe_schemas[i].kind);

		unlink(path);
		free(path);
	}
	rmdir(dir);
	return probe_set_release(&set, &why);
}

static void measured(void)
{
	prctl(PR_SET_NAME, "pft-measured");
}

static void sleep_ms(unsigned ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static void write_tables(void)
{
	probe_set_stop(&set);
	probe_set_read(&set, phase, xasprintf("%" PRIu32 "\tv\t1\t0\t", phase));
	for (size_t i = 0; i < NR_PROBE_TABLES; i++)
		fflush(set.tables.files[i]);
}

/* Let @work happen in a child, under a phase of its own. */
static void explain(void (*work)(void))
{
	int status;
	pid_t pid;

	probe_set_start(&set, ++phase);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	write_tables();
}

/* The sum of @column over the records of this phase whose columns @where[][0] hold the texts @where[][1]. */
static uint64_t sum(enum probe_table table, const char *column, const char *const (*where)[2])
{
	const char *const *columns = probe_schemas[table].columns;
	char *path = xasprintf("%s/%s.tsv", dir, probe_schemas[table].kind), *fields[32];
	struct tsv_reader r;
	struct why why = WHY_INIT;
	uint64_t total = 0;

	assert_int_equal(tsv_reader_init(&r, path, &probe_schemas[table], &why), 0);
	while (tsv_reader_next(&r, fields, &why) > 0) {
		bool wanted = strtoul(fields[0], NULL, 10) == phase;

		for (size_t c = 0; columns[c]; c++)
			for (size_t w = 0; where && where[w][0]; w++)
				if (!strcmp(columns[c], where[w][0]) &&
				    !strstr(fields[c], where[w][1]))
					wanted = false;
		for (size_t c = 0; wanted && columns[c]; c++)
			if (!strcmp(columns[c], column))
				total += strtoull(fields[c], NULL, 10);
	}
	assert_string_equal(why.text, "");
	tsv_reader_release(&r);
	free(path);
	return total;
}

#define SUM(table, column, ...) sum(table, column, (const char *const[][2]){__VA_ARGS__, {NULL}})

static void sleeper(void)
{
	uint64_t start;

	sleep_ms(100);
	measured();
	start = now_ns();
	sleep_ms(500);
	*elapsed_ns = now_ns() - start;
	prctl(PR_SET_NAME, "other");
	sleep_ms(100);
}

static void sleep_counts_inside_only(void **state)
{
	uint64_t ns;

	(void)state;
	need("offcpu");
	explain(sleeper);
	assert_int_equal(SUM(TABLE_OFFCPU, "count", {"kind", "sleep"}), 1);
	ns = SUM(TABLE_OFFCPU, "total_ns", {"kernel_stack", "nanosleep"});
	assert_in_range(ns, *elapsed_ns / 10 * 9, *elapsed_ns / 10 * 11);
	assert_in_range(SUM(TABLE_OFFCPU, "total_ns", {"kind", "sleep"}), 450 * MS, ns);
	assert_int_equal(SUM(TABLE_OFFCPU, "open", {"kind", "sleep"}), 0);
	assert_int_equal(SUM(TABLE_WAITS, "count", {"kind", "sleep"}), 1);
}

static void nobody_is_measured(void)
{
	sleep_ms(20);
}

static void outside_is_nothing(void **state)
{
	(void)state;
	need("offcpu");
	explain(nobody_is_measured);
	assert_int_equal(SUM(TABLE_OFFCPU, "count", {"kind", ""}), 0);
}

/* A parent of vfork() waits uninterruptibly for its child, but for fatal signals. */
static void blocker(void)
{
	uint64_t start;
	pid_t pid;

	measured();
	start = now_ns();
	pid = vfork();
	if (!pid) {
		sleep_ms(200);
		_exit(0);
	}
	*elapsed_ns = now_ns() - start;
	waitpid(pid, NULL, 0);
}

static void blocked_is_not_sleep(void **state)
{
	uint64_t ns;

	(void)state;
	need("offcpu");
	explain(blocker);
	ns = SUM(TABLE_OFFCPU, "total_ns", {"kernel_stack", "kernel_clone"});
	assert_in_range(ns, *elapsed_ns / 10 * 9, *elapsed_ns / 10 * 11);
	assert_in_range(SUM(TABLE_OFFCPU, "total_ns", {"kind", "blocked"},
			    {"kernel_stack", "kernel_clone"}),
			180 * MS, ns);
}

static void burn(unsigned ms)
{
	uint64_t end = now_ns() + ms * MS;

	while (now_ns() < end)
		;
}

static void pair(void)
{
	cpu_set_t one;
	pid_t pid;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	measured();
	pid = fork();
	burn(400);
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

/* Each of two that burn one CPU for the same 400 ms has it for about half of the time. */
static void a_pair_on_one_cpu_waits_for_it(void **state)
{
	(void)state;
	need("offcpu");
	explain(pair);
	assert_in_range(SUM(TABLE_OFFCPU, "total_ns", {"kind", "runqueue"}), 300 * MS, 60000 * MS);
}

/* One holds mmap_lock as writer while it goes through its pages, the other wants to read. */
static struct {
	char *area;
	size_t size;
	volatile int over; /* a bool is read only once under -fsanitize=bool (gcc 12) */
} fight;

static void *reader(void *arg)
{
	unsigned char seen;

	(void)arg;
	measured();
	while (!fight.over)
		mincore(fight.area, PAGE, &seen);
	return NULL;
}

static void fighters(void)
{
	uint64_t end = now_ns() + 700 * MS;
	pthread_t thread;

	fight.size = 32 << 20;
	fight.area =
		mmap(NULL, fight.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(fight.area, fight.size, MADV_NOHUGEPAGE);
	memset(fight.area, 1, fight.size);
	pthread_create(&thread, NULL, reader, NULL);
	measured();
	while (now_ns() < end) {
		mprotect(fight.area, fight.size, PROT_READ);
		mprotect(fight.area, fight.size, PROT_READ | PROT_WRITE);
	}
	fight.over = true;
	pthread_join(thread, NULL);
}

static void a_contended_lock_has_name_and_place(void **state)
{
	(void)state;
	need("contention");
	explain(fighters);
	assert_in_range(SUM(TABLE_CONTENTION, "count", {"type", "rwsem-read"},
			    {"lock", "mmap_lock"}, {"caller", "mincore"}),
			1, UINT64_MAX);
	assert_in_range(SUM(TABLE_CONTENTION, "slept_ns", {"lock", "mmap_lock"}), 1,
			SUM(TABLE_CONTENTION, "total_ns", {"lock", "mmap_lock"}));
	assert_in_range(SUM(TABLE_OFFCPU, "total_ns", {"cause", "rwsem-read"}, {"kind", "blocked"}),
			1, UINT64_MAX);
	assert_in_range(SUM(TABLE_MMAP_LOCK, "max_wait_ns", {"side", "read"}), 1, 60000 * MS);
	assert_in_range(SUM(TABLE_MMAP_LOCK, "hold_ns", {"side", "write"}), 1, 60000 * MS);
}

#define NR_CALLS 1000

static void caller(void)
{
	char *area = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char seen;

	measured();
	for (unsigned i = 0; i < NR_CALLS; i++)
		mincore(area, PAGE, &seen);
}

static void mmap_lock_is_counted(void **state)
{
	(void)state;
	need("mmap_lock");
	explain(caller);
	assert_in_range(SUM(TABLE_MMAP_LOCK, "count", {"side", "read"}), NR_CALLS, NR_CALLS + 20);
	assert_in_range(SUM(TABLE_MMAP_LOCK, "count", {"side", "write"}), 0, 20);
	assert_in_range(SUM(TABLE_MMAP_LOCK, "in_fault", {"side", "read"}), 0, 20);
}

/* Every second page, that no two VMAs are merged. */
static void mapper(void)
{
	char *area = mmap(NULL, 2 * 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (unsigned i = 0; i < 64; i++)
		mprotect(area + 2 * i * PAGE, PAGE, PROT_READ);
}

static void alignment_counts_vmas(void **state)
{
	uint64_t all;

	(void)state;
	need("alignment");
	explain(mapper);
	all = SUM(TABLE_ALIGNMENT, "count", {"cache", "vm_area_struct"});
	assert_in_range(all, 100, 1000);
	assert_in_range(SUM(TABLE_ALIGNMENT, "count", {"cache", "vm_area_struct"}, {"mod64", "0"}),
			1, all);
}

#define NR_PAGES 2000

/* A sanitizer's shadow memory would fault as well. */
__attribute__((no_sanitize_address, no_sanitize_thread)) static void toucher(void)
{
	char *area = mmap(NULL, NR_PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	madvise(area, NR_PAGES * PAGE, MADV_NOHUGEPAGE);
	measured();
	for (unsigned i = 0; i < NR_PAGES; i++)
		area[i * PAGE] = 1;
}

static void every_fault_has_a_latency(void **state)
{
	(void)state;
	need("latency");
	explain(toucher);
	assert_in_range(SUM(TABLE_LATENCY, "count", {"log2_ns", ""}), NR_PAGES, NR_PAGES + 50);
	assert_in_range(SUM(TABLE_PROBES, "events", {"probe", "latency"}), NR_PAGES, NR_PAGES + 50);
}

static void nothing_is_lost_and_all_is_timed(void **state)
{
	(void)state;
	need("offcpu");
	explain(sleeper);
	assert_int_equal(SUM(TABLE_PROBES, "lost", {"status", ""}), 0);
	assert_int_equal(SUM(TABLE_PROBES, "step", {"status", "ok"}), phase * set.nr_attached);
	assert_in_range(SUM(TABLE_PROBES, "ns", {"probe", "offcpu"}), 1, 60000 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleep_counts_inside_only),
		cmocka_unit_test(outside_is_nothing),
		cmocka_unit_test(blocked_is_not_sleep),
		cmocka_unit_test(a_pair_on_one_cpu_waits_for_it),
		cmocka_unit_test(a_contended_lock_has_name_and_place),
		cmocka_unit_test(mmap_lock_is_counted),
		cmocka_unit_test(alignment_counts_vmas),
		cmocka_unit_test(every_fault_has_a_latency),
		cmocka_unit_test(nothing_is_lost_and_all_is_timed),
	};

	if (attach())
		return 1;
	return cmocka_run_group_tests(tests, NULL, detach);
}
