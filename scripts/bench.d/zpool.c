/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times the pools beside glibc's malloc(): each worker replaces objects of its own at random among those
 * that are there, which is one read, free, malloc and write. Interleaved, medians of repeats, CPU time.
 * Density is told after the first filling, after all that, and after compaction.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/rng.h"
#include "common/say.h"
#include "pft/base/rcu.h"
#include "pft/zswap/zpool.h"

#define REPEATS 7
#define CYCLES 30000
#define OBJECTS 16384
#define WORKERS 2
#define KINDS 8 /* room for so many rows */

enum content { UNIFORM, LZO, NR_CONTENTS };
static const char *const content_names[NR_CONTENTS] = {"100..3624 B", "1400 +- 400 B"};

/* A worker's objects; a handle is a pointer where there is no pool. */
struct worker {
	pthread_t thread;
	struct zpool *pool;
	uint64_t handles[OBJECTS];
	uint16_t sizes[OBJECTS];
	uint16_t order[CYCLES], next[CYCLES]; /* which object goes, and how many bytes come */
	double ns;
	uint64_t payload;
	unsigned slot;
} __attribute__((aligned(ARCH_PAIR)));

static struct worker workers[WORKERS];
static uint32_t gate; /* how many have come */
static unsigned expected;
static unsigned char data[ZPOOL_PAGE];
static uint64_t sink;

static void put(struct worker *worker, unsigned i, size_t size)
{
	if (!worker->pool) {
		void *object = malloc(size);

		memcpy(object, data, size);
		worker->handles[i] = (uintptr_t)object;
	} else {
		if (zpool_malloc(worker->pool, size, 0, &worker->handles[i]))
			die(EXIT_FAILED, "out of memory");
		zpool_write(worker->pool, worker->handles[i], data, size);
	}
	worker->sizes[i] = size;
	worker->payload += size;
}

/* Read the first byte, so that the object is fetched, and free the object. */
static void drop(struct worker *worker, unsigned i)
{
	unsigned char scratch[ZPOOL_PAGE];
	uint64_t handle = worker->handles[i];

	if (!worker->pool) {
		arch_write_once(&sink, *(unsigned char *)(uintptr_t)handle);
		free((void *)(uintptr_t)handle);
	} else {
		const unsigned char *from = zpool_read_begin(worker->pool, handle, scratch);

		arch_write_once(&sink, *from);
		zpool_read_end(worker->pool, handle);
		zpool_free_object(worker->pool, handle);
	}
	worker->payload -= worker->sizes[i];
}

/* The machine may have other work: only what this thread computes counts. */
static uint64_t thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	unsigned i, k;
	uint64_t start;

	arch_slot_enter(worker->slot);
	rcu_register_thread();
	arch_xadd_full(&gate, 1);
	while (arch_load_acquire(&gate) < expected)
		arch_relax();
	start = thread_ns();
	for (i = 0; i < CYCLES; i++) {
		k = worker->order[i];
		drop(worker, k);
		put(worker, k, worker->next[i]);
	}
	worker->ns = (double)(thread_ns() - start) / CYCLES;
	rcu_unregister_thread();
	return NULL;
}

static uint16_t draw(enum content content, struct rng *rng)
{
	if (content == UNIFORM)
		return 100 + rng_below(rng, 3525);
	return 1000 + rng_below(rng, 401) + rng_below(rng, 401);
}

/* Fill a pool with the objects of @nr workers, and draw what each will do. */
static void prepare(struct zpool *pool, enum content content, unsigned nr, uint64_t seed)
{
	struct rng rng;
	unsigned i, k;

	rng_init(&rng, seed);
	for (i = 0; i < nr; i++) {
		workers[i] = (struct worker){.pool = pool, .slot = i + 1};
		for (k = 0; k < OBJECTS; k++)
			put(&workers[i], k, draw(content, &rng));
		for (k = 0; k < CYCLES; k++) {
			workers[i].order[k] = rng_below(&rng, OBJECTS);
			workers[i].next[k] = draw(content, &rng);
		}
	}
}

static double density(struct zpool *pool, unsigned nr)
{
	struct zpool_stats stats;
	uint64_t payload = 0;
	unsigned i;

	for (i = 0; i < nr; i++)
		payload += workers[i].payload;
	zpool_stats(pool, payload, &stats);
	return stats.density;
}

/* What one repeat of a row tells. */
struct row {
	double ns; /* per object, by the slowest worker */
	double filled, used, compacted; /* density; not without a pool */
};

static struct row time_row(const char *pool_name, enum content content, unsigned nr, uint64_t seed)
{
	struct zpool *pool = pool_name ? zpool_new(pool_name, NULL) : NULL;
	struct row row = {.ns = 0};
	unsigned i, k;

	prepare(pool, content, nr, seed);
	if (pool)
		row.filled = density(pool, nr);
	arch_write_once(&gate, 0);
	expected = nr;
	for (i = 0; i < nr; i++)
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	for (i = 0; i < nr; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].ns > row.ns)
			row.ns = workers[i].ns;
	}
	if (pool) {
		row.used = density(pool, nr);
		zpool_compact(pool);
		row.compacted = density(pool, nr);
	}
	for (i = 0; i < nr; i++)
		for (k = 0; k < OBJECTS; k++)
			drop(&workers[i], k);
	if (pool)
		zpool_free(pool);
	return row;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* All kinds with one content and number of workers, after one another in each repeat. */
static void compare(enum content content, unsigned nr)
{
	static double ns[KINDS][REPEATS];
	struct row last[KINDS];
	unsigned i, repeat;

	for (repeat = 0; repeat < REPEATS; repeat++)
		for (i = 0; i <= nr_zpools; i++) {
			last[i] = time_row(i ? zpools[i - 1]->name : NULL, content, nr, repeat);
			ns[i][repeat] = last[i].ns;
		}
	for (i = 0; i <= nr_zpools; i++) {
		qsort(ns[i], REPEATS, sizeof(**ns), by_value);
		printf("%-13s  %u workers  %-9s %6.0f ns", content_names[content], nr,
		       i ? zpools[i - 1]->name : "malloc(3)", ns[i][REPEATS / 2]);
		if (i)
			printf("  %.2f of malloc's; density %.3f, %.3f, compacted %.3f",
			       ns[i][REPEATS / 2] / ns[0][REPEATS / 2], last[i].filled,
			       last[i].used, last[i].compacted);
		printf("\n");
	}
}

int main(void)
{
	unsigned content, nr;

	if (nr_zpools + 1 > KINDS)
		BUG("%u pools", nr_zpools);
	rcu_register_thread();
	memset(data, 0x5a, sizeof(data));
	for (content = 0; content < NR_CONTENTS; content++)
		for (nr = 1; nr <= WORKERS; nr++)
			compare(content, nr);
	rcu_unregister_thread();
	check_stdout();
	return 0;
}
