/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/measure.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/rng.h"
#include "common/units.h"
#include "common/xalloc.h"

#define LINE	     64
#define REPEATS	     7
#define CHASE_LOADS  (1u << 19)
#define ROUNDS	     20000
#define INSTRUCTIONS 200000
#define STREAM_BYTES (128ul << 20) /* of each CPU: above its share of any cache */

enum signal { WAIT, GO, GIVE_UP };

/* What one worker does. */
struct job {
	int (*run)(struct job *job); /* 0 or -errno; sets ->result */
	unsigned cpu;
	double result; /* ns of one of what it did, or bytes per ns */
	void *buffer; /* of this worker, */
	size_t bytes; /* and its size */
	_Atomic uint32_t *line; /* of both that bounce it */
	unsigned turn; /* the first value of it that is ours */
	_Atomic enum signal *signal;
	pthread_t thread;
	int err;
};

static int pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return -pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *job_main(void *arg)
{
	struct job *job = arg;

	job->err = pin(job->cpu);
	while (*job->signal == WAIT)
		sched_yield();
	if (!job->err && *job->signal == GO)
		job->err = job->run(job);
	return NULL;
}

/* Run @jobs side by side. Returns 0, or -errno with the reason. */
static int run_jobs(struct job *jobs, unsigned nr, struct why *why)
{
	_Atomic enum signal signal = WAIT;
	unsigned started = 0;
	int err = 0;

	for (; started < nr && !err; started += !err) {
		jobs[started].signal = &signal;
		err = -pthread_create(&jobs[started].thread, NULL, job_main, &jobs[started]);
	}
	signal = err ? GIVE_UP : GO;
	for (unsigned i = 0; i < started; i++) {
		pthread_join(jobs[i].thread, NULL);
		err = err ? err : jobs[i].err;
	}
	if (err)
		return why_not(why, -err, "cannot measure on CPU %u: %s", jobs[0].cpu,
			       strerror(-err));
	return 0;
}

static void *map(size_t bytes)
{
	void *buffer =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buffer == MAP_FAILED)
		return NULL;
	madvise(buffer, bytes, MADV_HUGEPAGE); /* TLB misses are not what is asked for */
	return buffer;
}

static int touch(struct job *job)
{
	memset(job->buffer, 1, job->bytes);
	return 0;
}

/* Each line holds the address of another one, all in one circle in random order (Sattolo). */
static void link_lines(char *buffer, size_t bytes)
{
	size_t nr = bytes / LINE;
	uint32_t *order = xcalloc(nr, sizeof(*order));
	struct rng rng;

	rng_init(&rng, 1);
	for (size_t i = 0; i < nr; i++)
		order[i] = i;
	for (size_t i = nr - 1; i > 0; i--) {
		size_t j = rng_below(&rng, i);
		uint32_t swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
	for (size_t i = 0; i < nr; i++)
		*(void **)(buffer + (size_t)order[i] * LINE) =
			buffer + (size_t)order[(i + 1) % nr] * LINE;
	free(order);
}

static int chase(struct job *job)
{
	void *volatile *p = job->buffer;
	double best = 0;

	for (unsigned repeat = 0; repeat <= REPEATS; repeat++) {
		uint64_t start = now_ns();
		double ns;

		for (unsigned i = 0; i < CHASE_LOADS; i++)
			p = *p;
		ns = (double)(now_ns() - start) / CHASE_LOADS;
		if (repeat == 1 || (repeat && ns < best)) /* the first one fills the caches */
			best = ns;
	}
	job->result = best;
	return 0;
}

int measure_chase(unsigned cpu, unsigned owner, size_t bytes, double *ns, struct why *why)
{
	struct job job = {.run = touch, .cpu = owner, .buffer = map(bytes), .bytes = bytes};
	int err;

	if (!job.buffer)
		return why_not(why, ENOMEM, "no memory to measure with: %zu bytes", bytes);
	err = run_jobs(&job, 1, why);
	if (!err) {
		link_lines(job.buffer, bytes);
		job.run = chase;
		job.cpu = cpu;
		err = run_jobs(&job, 1, why);
	}
	munmap(job.buffer, bytes);
	*ns = job.result;
	return err;
}

/* Both sides count the line up in turns. */
static int bounce(struct job *job)
{
	double best = 0;
	uint32_t turn = job->turn;

	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		uint64_t start = now_ns();
		double ns;

		for (unsigned i = 0; i < ROUNDS; i++, turn += 2) {
			while (atomic_load_explicit(job->line, memory_order_acquire) != turn)
				;
			atomic_store_explicit(job->line, turn + 1, memory_order_release);
		}
		ns = (double)(now_ns() - start) / (2.0 * ROUNDS);
		if (!repeat || ns < best)
			best = ns;
	}
	job->result = best;
	return 0;
}

int measure_bounce(unsigned a, unsigned b, double *ns, struct why *why)
{
	_Alignas(2 * LINE) _Atomic uint32_t line[2 * LINE / sizeof(uint32_t)] = {0};
	struct job jobs[2] = {
		{.run = bounce, .cpu = a, .line = line, .turn = 0},
		{.run = bounce, .cpu = b, .line = line, .turn = 1},
	};
	int err = run_jobs(jobs, 2, why);

	*ns = jobs[0].result > jobs[1].result ? jobs[0].result : jobs[1].result;
	return err;
}

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

enum instruction { STORE, CMPXCHG, PAUSE, CLOCK };

static void execute(enum instruction what, _Atomic uint32_t *word)
{
	uint32_t expected = 0;

	switch (what) {
	case STORE:
		atomic_store_explicit(word, 0, memory_order_relaxed);
		break;
	case CMPXCHG:
		atomic_compare_exchange_strong(word, &expected, 0);
		break;
	case PAUSE:
		relax();
		break;
	case CLOCK:
		now_ns();
		break;
	}
}

static double time_of(enum instruction what, _Atomic uint32_t *word)
{
	double best = 0;

	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		uint64_t start = now_ns();
		double ns;

		for (unsigned i = 0; i < INSTRUCTIONS; i++)
			execute(what, word);
		ns = (double)(now_ns() - start) / INSTRUCTIONS;
		if (!repeat || ns < best)
			best = ns;
	}
	return best;
}

static int instructions(struct job *job)
{
	_Atomic uint32_t word = 0;
	double *ns = job->buffer;

	for (enum instruction what = STORE; what <= CLOCK; what++)
		ns[what] = time_of(what, &word);
	return 0;
}

int measure_instructions(unsigned cpu, double *atomic_ns, double *pause_ns, double *clock_ns,
			 struct why *why)
{
	double ns[CLOCK + 1] = {0};
	struct job job = {.run = instructions, .cpu = cpu, .buffer = ns};
	int err = run_jobs(&job, 1, why);

	*atomic_ns = ns[CMPXCHG] > ns[STORE] ? ns[CMPXCHG] - ns[STORE] : 0;
	*pause_ns = ns[PAUSE];
	*clock_ns = ns[CLOCK];
	return err;
}

/* The most bytes per ns that were written into the buffer, by clearing it or from its other half. */
static int stream(struct job *job, bool copies)
{
	size_t bytes = copies ? job->bytes / 2 : job->bytes;

	memset(job->buffer, 1, job->bytes);
	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		uint64_t start = now_ns();
		double gbs;

		if (copies)
			memcpy(job->buffer, (char *)job->buffer + bytes, bytes);
		else
			memset(job->buffer, (int)repeat, bytes);
		gbs = (double)bytes / (double)(now_ns() - start);
		job->result = gbs > job->result ? gbs : job->result;
	}
	return 0;
}

static int clear_buffer(struct job *job)
{
	return stream(job, false);
}

static int copy_buffer(struct job *job)
{
	return stream(job, true);
}

static int measure_stream(int (*run)(struct job *job), const unsigned *cpus, unsigned nr,
			  double *gbs, struct why *why)
{
	struct job *jobs = xcalloc(nr, sizeof(*jobs));
	int err = 0;

	*gbs = 0;
	for (unsigned i = 0; i < nr; i++) {
		jobs[i] = (struct job){.run = run,
				       .cpu = cpus[i],
				       .buffer = map(STREAM_BYTES),
				       .bytes = STREAM_BYTES};
		if (!jobs[i].buffer)
			err = why_not(why, ENOMEM, "no memory to measure with");
	}
	if (!err)
		err = run_jobs(jobs, nr, why);
	for (unsigned i = 0; i < nr; i++) {
		*gbs += jobs[i].result;
		if (jobs[i].buffer)
			munmap(jobs[i].buffer, STREAM_BYTES);
	}
	free(jobs);
	return err;
}

int measure_clear(const unsigned *cpus, unsigned nr, double *gbs, struct why *why)
{
	return measure_stream(clear_buffer, cpus, nr, gbs, why);
}

int measure_copy(const unsigned *cpus, unsigned nr, double *gbs, struct why *why)
{
	return measure_stream(copy_buffer, cpus, nr, gbs, why);
}
