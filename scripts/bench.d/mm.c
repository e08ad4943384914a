/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times faults of the engine: beside the bare clear of its pages and the kernel's own faults; stage
 * by stage; and one worker against two, on every lock design. All is interleaved, figures are
 * medians of the repeats. Every design has an arena of its own, and the clears come at another
 * time of the round than the faults: each pass meets memory that has gone cold. A pass in which a
 * thread was preempted is done again, so that other jobs on the machine matter less.
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

#define REPEATS	    21
#define TRIES	    100 /* for a pass that is not disturbed */
#define REGION	    (8UL << 20)
#define PAGES	    (REGION / PAGE_SIZE)
#define ARENA	    (REGION + (4UL << 20))
#define WORKERS	    2
#define DESIGNS_MAX 16

/* How a region is cut into VMAs, and who faults. */
enum shape { ONE_VMA, MANY_VMAS, NR_SHAPES };
static const char *const shape_names[NR_SHAPES] = {"one VMA", "a VMA each"};

/* Samples of one thing in ns per fault. */
struct series {
	double ns[REPEATS];
};

static struct series kernel, clears[DESIGNS_MAX], engine[DESIGNS_MAX][NR_SHAPES][WORKERS];
static struct series staged[DESIGNS_MAX][NR_FAULT_STAGES];
static struct mm *mms[DESIGNS_MAX];
static void *frames[DESIGNS_MAX][PAGES]; /* where those of the last pass of one worker are */
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
	struct mm *mm;
	unsigned long at;
	size_t pages;
	uint32_t *go;
	uint64_t begin, end;
	long preempted; /* times */
};

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static void *fault_part(void *arg)
{
	struct part *part = arg;
	cpu_set_t cpus;
	size_t i;

	CPU_ZERO(&cpus);
	CPU_SET((part->slot - 1) % CPU_SETSIZE, &cpus);
	/* As good as it gets where that CPU is not ours. */
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
	engine_worker_enter(part->slot, 0);
	while (!arch_load_acquire(part->go))
		arch_relax();
	part->preempted = -preemptions();
	part->begin = now_ns();
	for (i = 0; i < part->pages; i++)
		must(mm_fault(part->mm, part->at + i * PAGE_SIZE, true));
	part->end = now_ns();
	part->preempted += preemptions();
	engine_worker_leave();
	return NULL;
}

/* Fault a region with @nr workers; wall ns per fault in *@ns. False if one was preempted. */
static bool try_pass(struct mm *mm, enum shape shape, unsigned nr, double *ns)
{
	struct part parts[WORKERS];
	uint64_t begin = UINT64_MAX, end = 0;
	unsigned long at = 0;
	uint32_t go = 0;
	long preempted = 0;
	unsigned i;

	if (shape == ONE_VMA)
		must(mm_mmap(mm, REGION, MM_READ | MM_WRITE, 0, &at));
	for (i = 0; i < nr; i++) {
		parts[i] = (struct part){.slot = i + 1,
					 .mm = mm,
					 .pages = PAGES / nr,
					 .go = &go,
					 .at = at + i * (REGION / nr)};
		if (shape == MANY_VMAS)
			must(mm_mmap(mm, REGION / nr, MM_READ | MM_WRITE, MM_NO_MERGE,
				     &parts[i].at));
		pthread_create(&parts[i].thread, NULL, fault_part, &parts[i]);
	}
	usleep(1000);
	arch_store_release(&go, 1);
	for (i = 0; i < nr; i++) {
		pthread_join(parts[i].thread, NULL);
		begin = parts[i].begin < begin ? parts[i].begin : begin;
		end = parts[i].end > end ? parts[i].end : end;
		preempted += parts[i].preempted;
		if (shape == MANY_VMAS)
			must(mm_munmap(mm, parts[i].at, REGION / nr));
	}
	if (shape == ONE_VMA)
		must(mm_munmap(mm, at, REGION));
	*ns = (double)(end - begin) / PAGES;
	return !preempted;
}

static double pass(struct mm *mm, enum shape shape, unsigned nr)
{
	unsigned i;
	double ns;

	for (i = 0; i < TRIES; i++)
		if (try_pass(mm, shape, nr, &ns))
			return ns;
	disturbed++;
	return ns;
}

/* Fault a region and note where its frames are, in that order. */
static void find_frames(unsigned design)
{
	struct mm *mm = mms[design];
	struct zone *zones = mm->family->zones;
	struct pte_pos pos;
	unsigned long at;
	size_t i;

	must(mm_mmap(mm, REGION, MM_READ | MM_WRITE, 0, &at));
	for (i = 0; i < PAGES; i++) {
		must(mm_fault(mm, at + i * PAGE_SIZE, true));
		if (!pgtable_walk(&mm->tables, at + i * PAGE_SIZE, &pos))
			die(EXIT_FAILED, "a page is not there");
		frames[design][i] = frame_address(zones, frame_of_pfn(zones, pte_frame(*pos.pte)));
	}
	must(mm_munmap(mm, at, REGION));
}

static bool try_clear(unsigned design, double *ns)
{
	long preempted = preemptions();
	uint64_t begin = now_ns();
	size_t i;

	for (i = 0; i < PAGES; i++)
		frame_clear(frames[design][i]);
	*ns = (double)(now_ns() - begin) / PAGES;
	return preemptions() == preempted;
}

static bool try_kernel(unsigned design, double *ns)
{
	long preempted = preemptions();
	volatile char *p =
		mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t begin;
	size_t i;

	if (p == MAP_FAILED || madvise((void *)p, REGION, MADV_NOHUGEPAGE))
		die(EXIT_FAILED, "cannot map a region");
	begin = now_ns();
	for (i = 0; i < PAGES; i++)
		p[i * PAGE_SIZE] = 1;
	(void)design;
	*ns = (double)(now_ns() - begin) / PAGES;
	munmap((void *)p, REGION);
	return preemptions() == preempted;
}

/* The same for what runs in the calling thread. */
static double pass_here(bool (*try)(unsigned design, double *ns), unsigned design)
{
	unsigned i;
	double ns;

	for (i = 0; i < TRIES; i++)
		if (try(design, &ns))
			return ns;
	disturbed++;
	return ns;
}

static void measure(void)
{
	unsigned repeat, d, shape, nr;

	for (repeat = 0; repeat < REPEATS; repeat++) {
		kernel.ns[repeat] = pass_here(try_kernel, 0);
		for (d = 0; d < nr_lock_designs; d++)
			clears[d].ns[repeat] = pass_here(try_clear, d);
		for (d = 0; d < nr_lock_designs; d++)
			find_frames(d);
		for (shape = 0; shape < NR_SHAPES; shape++)
			for (d = 0; d < nr_lock_designs; d++)
				for (nr = 1; nr <= workers_max; nr++)
					if (nr == 1 || !(lock_designs[d]->flags & LD_SINGLE))
						engine[d][shape][nr - 1].ns[repeat] =
							pass(mms[d], shape, nr);
	}
}

static void print_designs(void)
{
	unsigned shape, d;

	for (shape = 0; shape < NR_SHAPES; shape++) {
		printf("\n%-26s %12s %12s %8s\n", shape_names[shape], "1 worker, ns",
		       "2 workers, ns", "speedup");
		for (d = 0; d < nr_lock_designs; d++) {
			struct series *both = engine[d][shape];

			printf("  %-24s %12.0f", lock_designs[d]->name, median(&both[0]));
			if (both[1].ns[0] > 0)
				printf(" %12.0f %7.2fx", median(&both[1]),
				       ratio(&both[0], &both[1]));
			printf("\n");
		}
	}
}

static void print_single(void)
{
	unsigned d;

	printf("%-26s %12s %12s %12s %12s\n", "one worker, ns", "per fault", "bare clear",
	       "difference", "vs kernel");
	printf("  %-24s %12.0f\n", "kernel", median(&kernel));
	for (d = 0; d < nr_lock_designs; d++)
		printf("  %-24s %12.0f %12.0f %12.0f %11.1fx\n", lock_designs[d]->name,
		       median(&engine[d][ONE_VMA][0]), median(&clears[d]),
		       difference(&engine[d][ONE_VMA][0], &clears[d]),
		       ratio(&kernel, &engine[d][ONE_VMA][0]));
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
	unsigned d;

	say_as("bench");
	workers_max = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? WORKERS : 1;
	engine_worker_enter(0, 0);
	for (d = 0; d < nr_lock_designs; d++)
		mms[d] = make(lock_designs[d]);
	for (d = 0; d < nr_lock_designs; d++)
		find_frames(d);
	measure();
	measure_stages();
	print_single();
	print_designs();
	print_stages();
	if (disturbed)
		printf("\n%u of the passes were disturbed by other jobs\n", disturbed);
	check_stdout();
	return 0;
}
