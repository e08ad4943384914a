/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times faults of the engine: beside the bare clear of pages of the same arena and the kernel's own
 * faults; stage by stage; and one worker against two, on every lock design. All is interleaved,
 * figures are medians of the repeats.
 *
 * Everybody meets memory that has gone cold: each design has an arena of its own, and a pass uses
 * pages that were not touched since the round before. For that the region of a pass stays mapped
 * until the next has its pages; meanwhile the bare clears use it, in the order in which the faults
 * got it. The kernel's faults are done the same way. A pass in which a thread was preempted is done
 * again, and one begins when its CPU is at full speed, which it is not while somebody else uses the
 * other thread of its core; so other jobs on the machine matter less.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/mm/mm_types.h"

#define REPEATS	    31
#define TRIES	    100 /* for a pass that is not disturbed */
#define REGION	    (8UL << 20)
#define PAGES	    (REGION / PAGE_SIZE)
#define ARENA	    (2 * REGION + (4UL << 20))
#define CHILL	    (96UL << 20) /* more than a last-level cache has */
#define PROBES	    2000
#define PROBES_FAST 10 /* one after the other: full speed */
#define WORKERS	    2
#define DESIGNS_MAX 16

/* What is timed, and for faults how the region is cut into VMAs. */
enum what { CLEAR, KERNEL, ONE_VMA, MANY_VMAS, NR_WHATS };
static const char *const what_names[NR_WHATS] = {"bare clear", "kernel", "one VMA", "a VMA each"};

/* Samples of one thing in ns per page. */
struct series {
	double ns[REPEATS];
};

/* The region of the last pass of one worker: where it is, and its pages in the order of faults. */
struct kept {
	unsigned long at;
	void *frames[PAGES];
};

/* The kernel's are in the row of design 0. */
static struct series samples[DESIGNS_MAX][NR_WHATS][WORKERS];
static struct series staged[DESIGNS_MAX][NR_FAULT_STAGES];
static struct mm *mms[DESIGNS_MAX];
static struct kept kept[DESIGNS_MAX], kernel_kept;
static char *chill_area;
static uint64_t probe_least; /* ns of a probe() that nothing slowed down */
static unsigned workers_max;
static unsigned disturbed; /* passes that were taken nevertheless */

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(const struct series *series)
{
	struct series sorted = *series;

	qsort(sorted.ns, REPEATS, sizeof(*sorted.ns), by_value);
	return sorted.ns[REPEATS / 2];
}

/* The median of one series' samples over another's of the same repeat. */
static double ratio(const struct series *over, const struct series *under)
{
	struct series ratios;
	unsigned i;

	for (i = 0; i < REPEATS; i++)
		ratios.ns[i] = over->ns[i] / under->ns[i];
	return median(&ratios);
}

/* The same for what one is more than the other. */
static double difference(const struct series *more, const struct series *less)
{
	struct series differences;
	unsigned i;

	for (i = 0; i < REPEATS; i++)
		differences.ns[i] = more->ns[i] - less->ns[i];
	return median(&differences);
}

static struct mm *make(const struct lock_design *design)
{
	struct mm_options options = MM_OPTIONS_INIT;
	struct why why = WHY_INIT;
	struct mm *mm;

	options.design = design;
	options.arena = ARENA;
	options.memcg_levels = 2;
	if (mm_new(&mm, &options, &why))
		die(EXIT_FAILED, "%s", why.text);
	return mm;
}

static void must(int rc)
{
	if (rc)
		die(EXIT_FAILED, "the engine answers %s", strerror(-rc));
}

/* One worker's part of a pass. */
struct part {
	pthread_t thread;
	unsigned slot;
	enum what what;
	struct mm *mm;
	unsigned long at;
	void **frames;
	size_t pages;
	uint32_t *missing; /* workers that are not ready yet */
	uint64_t begin, end;
	long preempted; /* times */
};

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/* ns of a little computation that keeps a core busy. */
static uint64_t probe(void)
{
	uint64_t begin = now_ns();
	unsigned i, a = 1, b = 2, c = 3;

	for (i = 0; i < 5000; i++) {
		a += b ^ i;
		b += 3;
		c ^= a;
		__asm__ __volatile__("" : "+r"(a), "+r"(b), "+r"(c));
	}
	return now_ns() - begin;
}

static void find_probe_least(void)
{
	unsigned i;

	probe_least = probe();
	for (i = 0; i < 10 * PROBES; i++) {
		uint64_t ns = probe();

		probe_least = ns < probe_least ? ns : probe_least;
	}
}

/* Let the CPU come to its full speed, for some milliseconds at most. */
static void wait_for_speed(void)
{
	unsigned i, fast = 0;

	for (i = 0; i < PROBES && fast < PROBES_FAST; i++)
		fast = probe() <= probe_least * 17 / 16 ? fast + 1 : 0;
}

static void do_pages(const struct part *part)
{
	size_t i;

	switch (part->what) {
	case CLEAR:
		for (i = 0; i < part->pages; i++)
			frame_clear(part->frames[i]);
		break;
	case KERNEL:
		for (i = 0; i < part->pages; i++)
			*(volatile char *)(part->at + i * PAGE_SIZE) = 1;
		break;
	default:
		for (i = 0; i < part->pages; i++)
			must(mm_fault(part->mm, part->at + i * PAGE_SIZE, true));
	}
}

/* The last to be there starts all: nobody has to be woken, or to be preempted, for it. */
static void *do_part(void *arg)
{
	struct part *part = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((part->slot - 1) % CPU_SETSIZE, &cpus);
	/* As good as it gets where that CPU is not ours. */
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
	engine_worker_enter(part->slot, 0);
	wait_for_speed();
	arch_xadd_full(part->missing, -1);
	while (arch_load_acquire(part->missing))
		arch_relax();
	part->preempted = -preemptions();
	part->begin = now_ns();
	do_pages(part);
	part->end = now_ns();
	part->preempted += preemptions();
	engine_worker_leave();
	return NULL;
}

/* Let the workers do their parts; wall ns per page in *@ns. False if one was preempted. */
static bool do_parts(struct part *parts, unsigned nr, double *ns)
{
	uint64_t begin = UINT64_MAX, end = 0;
	uint32_t missing = nr;
	long preempted = 0;
	unsigned i;

	for (i = 0; i < nr; i++) {
		parts[i].missing = &missing;
		pthread_create(&parts[i].thread, NULL, do_part, &parts[i]);
	}
	for (i = 0; i < nr; i++) {
		pthread_join(parts[i].thread, NULL);
		begin = parts[i].begin < begin ? parts[i].begin : begin;
		end = parts[i].end > end ? parts[i].end : end;
		preempted += parts[i].preempted;
	}
	*ns = (double)(end - begin) / PAGES;
	return !preempted;
}

static unsigned long map_kernel(void)
{
	void *p = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, REGION, MADV_NOHUGEPAGE))
		die(EXIT_FAILED, "cannot map a region");
	return (uintptr_t)p;
}

/* Keep the region at @at, let the one before go. */
static void keep_kernel(unsigned long at)
{
	if (kernel_kept.at)
		munmap((void *)kernel_kept.at, REGION);
	kernel_kept.at = at;
}

static unsigned long map_engine(struct mm *mm, size_t length)
{
	unsigned long at;

	must(mm_mmap(mm, length, MM_READ | MM_WRITE, MM_NO_MERGE, &at));
	return at;
}

static void keep_engine(unsigned design, unsigned long at)
{
	struct mm *mm = mms[design];
	size_t i;

	if (kept[design].at)
		must(mm_munmap(mm, kept[design].at, REGION));
	kept[design].at = at;
	for (i = 0; i < PAGES; i++)
		kept[design].frames[i] = mm_page(mm, at + i * PAGE_SIZE);
}

/* A region to begin with. */
static void keep_first(unsigned design)
{
	unsigned long at = map_engine(mms[design], REGION), i;

	for (i = 0; i < PAGES; i++)
		must(mm_fault(mms[design], at + i * PAGE_SIZE, true));
	keep_engine(design, at);
}

static bool try_pass(unsigned design, enum what what, unsigned nr, double *ns)
{
	struct part parts[WORKERS];
	struct mm *mm = mms[design];
	unsigned long at = 0;
	unsigned i;
	bool calm;

	if (what == KERNEL)
		at = map_kernel();
	if (what == ONE_VMA)
		at = map_engine(mm, REGION);
	for (i = 0; i < nr; i++) {
		parts[i] = (struct part){.slot = i + 1,
					 .what = what,
					 .mm = mm,
					 .pages = PAGES / nr,
					 .frames = &kept[design].frames[i * PAGES / nr],
					 .at = at + i * (REGION / nr)};
		if (what == MANY_VMAS)
			parts[i].at = map_engine(mm, REGION / nr);
	}
	calm = do_parts(parts, nr, ns);
	if (what == KERNEL)
		keep_kernel(at);
	if (what == ONE_VMA)
		keep_engine(design, at);
	for (i = 0; what == MANY_VMAS && i < nr; i++)
		must(mm_munmap(mm, parts[i].at, REGION / nr));
	return calm;
}

/* Push everything out of the caches. */
static void chill(void)
{
	memset(chill_area, 1, CHILL);
}

static void pass(unsigned design, enum what what, unsigned nr, unsigned repeat)
{
	double *ns = &samples[design][what][nr - 1].ns[repeat];
	unsigned i;

	if (nr > 1 && lock_designs[design]->flags & LD_SINGLE && what > KERNEL)
		return;
	for (i = 0; i < TRIES; i++) {
		if (try_pass(design, what, nr, ns))
			return;
		chill();
	}
	disturbed++;
}

/* Once through all; as samples of @repeat. */
static void measure(unsigned repeat)
{
	unsigned d, nr;

	for (nr = 1; nr <= workers_max; nr++) {
		pass(0, KERNEL, nr, repeat);
		for (d = 0; d < nr_lock_designs; d++) {
			pass(d, CLEAR, nr, repeat);
			pass(d, ONE_VMA, nr, repeat);
		}
		for (d = 0; d < nr_lock_designs; d++)
			pass(d, MANY_VMAS, nr, repeat);
	}
}

static void print_pair(const char *name, const struct series *both)
{
	printf("  %-24s %12.0f", name, median(&both[0]));
	if (both[1].ns[0] > 0)
		printf(" %12.0f %7.2fx", median(&both[1]), ratio(&both[0], &both[1]));
	printf("\n");
}

static void print_designs(void)
{
	unsigned what, d;

	for (what = CLEAR; what < NR_WHATS; what++) {
		printf("\n%-26s %12s %12s %8s\n", what_names[what], "1 worker, ns",
		       "2 workers, ns", "speedup");
		for (d = 0; d < (what == KERNEL ? 1 : nr_lock_designs); d++)
			print_pair(what == KERNEL ? "" : lock_designs[d]->name, samples[d][what]);
	}
}

static void print_single(void)
{
	const struct series *kernel = &samples[0][KERNEL][0];
	unsigned d;

	printf("%-26s %12s %12s %12s %12s\n", "one worker, ns", "per fault", "bare clear",
	       "difference", "vs kernel");
	printf("  %-24s %12.0f\n", "kernel", median(kernel));
	for (d = 0; d < nr_lock_designs; d++) {
		const struct series *clear = &samples[d][CLEAR][0];
		const struct series *fault = &samples[d][ONE_VMA][0];

		printf("  %-24s %12.0f %12.0f %12.0f %11.1fx\n", lock_designs[d]->name,
		       median(fault), median(clear), difference(fault, clear),
		       ratio(kernel, fault));
	}
}

/* What one reading of the clock adds to a stage: the median of short runs. */
static double clock_ns(void)
{
	struct series series;
	unsigned repeat, i;

	for (repeat = 0; repeat < REPEATS; repeat++) {
		uint64_t begin = now_ns();

		for (i = 0; i < 1000; i++)
			(void)arch_now_ns();
		series.ns[repeat] = (double)(now_ns() - begin) / 1000;
	}
	return median(&series);
}

/* Fault a region stage by stage; false if the thread was preempted. */
static bool try_stages(struct mm *mm, struct fault_stages *stages)
{
	long preempted = preemptions();
	unsigned long at, i;

	*stages = (struct fault_stages){.last = 0};
	must(mm_mmap(mm, REGION, MM_READ | MM_WRITE, 0, &at));
	for (i = 0; i < PAGES; i++)
		must(mm_fault_staged(mm, at + i * PAGE_SIZE, true, stages));
	preempted -= preemptions();
	must(mm_munmap(mm, at, REGION));
	return !preempted;
}

static void measure_stages(void)
{
	struct fault_stages stages;
	unsigned repeat, d, i, tries;

	for (repeat = 0; repeat < REPEATS; repeat++)
		for (d = 0; d < nr_lock_designs; d++) {
			for (tries = 0; tries < TRIES && !try_stages(mms[d], &stages); tries++)
				;
			disturbed += tries == TRIES;
			for (i = 0; i < NR_FAULT_STAGES; i++)
				staged[d][i].ns[repeat] = (double)stages.ns[i] / stages.count[i];
		}
}

/* A column per design, under the first letters of its name. */
static void print_stages(void)
{
	double clock = clock_ns(), sum[DESIGNS_MAX] = {0};
	unsigned d, i;

	printf("\nstages, ns less %.0f of the clock each\n%-10s", clock, "");
	for (d = 0; d < nr_lock_designs; d++)
		printf(" %*u", 7, d + 1);
	printf("\n");
	for (i = 0; i < NR_FAULT_STAGES; i++) {
		printf("  %-8s", fault_stage_names[i]);
		for (d = 0; d < nr_lock_designs; d++) {
			double ns = median(&staged[d][i]) - clock;

			printf(" %7.0f", ns);
			sum[d] += ns;
		}
		printf("\n");
	}
	printf("  %-8s", "sum");
	for (d = 0; d < nr_lock_designs; d++)
		printf(" %7.0f", sum[d]);
	printf("\n");
	for (d = 0; d < nr_lock_designs; d++)
		printf("  %u %s\n", d + 1, lock_designs[d]->name);
	printf("The clear's stores drain at the next atomic: 'ptl' holds a part of it.\n");
}

int main(void)
{
	unsigned d, i;

	say_as("bench");
	workers_max = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? WORKERS : 1;
	engine_worker_enter(0, 0);
	find_probe_least();
	chill_area = xmalloc(CHILL);
	for (d = 0; d < nr_lock_designs; d++) {
		mms[d] = make(lock_designs[d]);
		keep_first(d);
	}
	/* The first round is not for counting: it finds regions that were never touched. */
	measure(0);
	for (i = 0; i < REPEATS; i++)
		measure(i);
	measure_stages();
	print_single();
	print_designs();
	print_stages();
	if (disturbed)
		printf("\n%u of the passes were disturbed by other jobs\n", disturbed);
	check_stdout();
	return 0;
}
