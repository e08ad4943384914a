/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times the base's uncontended fast paths beside glibc's malloc(): interleaved, medians of repeats. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/units.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/base/stat.h"

#define REPEATS 21
#define PASSES 200000
#define BURST 64
#define OBJECT 192

enum { EVENT, NR_EVENTS };
static const char *const names[NR_EVENTS] = {"event"};
STAT_TABLE(events, names, NR_EVENTS);

static struct kmem_cache *cache;
static struct spinlock lock;
static void *objects[BURST];

/* The compiler must neither drop an allocation nor move work over this. */
#define keep(p) __asm__ __volatile__("" : "+r"(p)::"memory")

static void malloc_pair(void)
{
	void *p = malloc(OBJECT);

	keep(p);
	free(p);
}

static void slab_pair(void)
{
	void *p = kmem_cache_alloc(cache);

	keep(p);
	kmem_cache_free(cache, p);
}

static void malloc_burst(void)
{
	unsigned i;

	for (i = 0; i < BURST; i++) {
		objects[i] = malloc(OBJECT);
		keep(objects[i]);
	}
	for (i = 0; i < BURST; i++)
		free(objects[i]);
}

static void slab_burst(void)
{
	unsigned i;

	for (i = 0; i < BURST; i++) {
		objects[i] = kmem_cache_alloc(cache);
		keep(objects[i]);
	}
	for (i = 0; i < BURST; i++)
		kmem_cache_free(cache, objects[i]);
}

static void rcu_pair(void)
{
	rcu_read_lock();
	rcu_read_unlock();
}

static void spin_pair(void)
{
	spin_lock(&lock);
	spin_unlock(&lock);
}

static void count(void)
{
	stat_inc(&events, EVENT);
}

static void nothing(void)
{
	unsigned none = 0;

	keep(none);
}

/* What is timed. The row's ratio is to the one before where it says so. */
static const struct row {
	const char *name;
	void (*fn)(void);
	unsigned per_call; /* operations in one call */
	bool ratio;
} rows[] = {
	{"a call that does nothing", nothing, 1, false},
	{"malloc + free, one at a time", malloc_pair, 1, false},
	{"kmem_cache_alloc + free, one at a time", slab_pair, 1, true},
	{"malloc + free, 64 out at once", malloc_burst, BURST, false},
	{"kmem_cache_alloc + free, 64 out at once", slab_burst, BURST, true},
	{"rcu_read_lock + unlock", rcu_pair, 1, false},
	{"spin_lock + unlock", spin_pair, 1, false},
	{"stat_inc", count, 1, false},
};
#define NR_ROWS (sizeof(rows) / sizeof(*rows))

static double time_row(const struct row *row)
{
	unsigned i, passes = PASSES / row->per_call;
	uint64_t start = now_ns();

	for (i = 0; i < passes; i++)
		row->fn();
	return (double)(now_ns() - start) / passes / row->per_call;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	static double ns[NR_ROWS][REPEATS];
	struct why why = WHY_INIT;
	unsigned i, repeat;

	rcu_register_thread();
	if (kmem_cache_create(&cache, "bench", OBJECT, NULL, &why))
		die(EXIT_FAILED, "%s", why.text);
	for (repeat = 0; repeat < REPEATS; repeat++)
		for (i = 0; i < NR_ROWS; i++)
			ns[i][repeat] = time_row(&rows[i]);
	for (i = 0; i < NR_ROWS; i++) {
		qsort(ns[i], REPEATS, sizeof(**ns), by_value);
		printf("%-42s %7.2f ns", rows[i].name, ns[i][REPEATS / 2]);
		if (rows[i].ratio)
			printf("  %.2f of malloc's", ns[i][REPEATS / 2] / ns[i - 1][REPEATS / 2]);
		printf("\n");
	}
	kmem_cache_destroy(cache, NULL);
	rcu_unregister_thread();
	check_stdout();
	return 0;
}
