/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times the VMA index beside a binary search: interleaved, medians of repeats. */
#include <stdio.h>
#include <stdlib.h>

#include "common/rng.h"
#include "common/say.h"
#include "common/xalloc.h"
#include "pft/base/slab.h"
#include "pft/mm/pgtable.h"
#include "pft/mm/vma_update.h"

enum { REPEATS = 21, FINDS = 100000, UPDATES = 2000, ADDRESSES = 4096, SIZES = 4 };

static const unsigned sizes[SIZES] = {1, 16, 1000, 60000};

/* Every other range of four pages is mapped. */
#define RANGE (4UL << PAGE_SHIFT)

/* The same ranges, kept in both ways. */
struct table {
	struct vma_index index;
	struct vma_range *sorted;
	unsigned nr;
	unsigned long addresses[ADDRESSES]; /* to look for, at random */
};

static struct kmem_cache *cache;
static struct table tables[SIZES];

/* The compiler must not drop a look-up. */
#define keep(p) __asm__ __volatile__("" : "+r"(p)::"memory")

static void table_init(struct table *table, unsigned nr)
{
	struct rng rng;
	unsigned i;

	table->nr = nr;
	table->sorted = xcalloc(nr, sizeof(*table->sorted));
	vma_index_init(&table->index, cache);
	for (i = 0; i < nr; i++) {
		unsigned long start = (2 * i + 1) * RANGE;

		table->sorted[i] = (struct vma_range){start, start + RANGE};
		if (vma_index_store(&table->index, start, start + RANGE, &table->sorted[i]))
			die(EXIT_FAILED, "out of memory");
	}
	rng_init(&rng, nr);
	for (i = 0; i < ADDRESSES; i++)
		table->addresses[i] =
			table->sorted[rng_below(&rng, nr)].start + rng_below(&rng, RANGE);
}

static void find(struct table *table)
{
	unsigned i;

	for (i = 0; i < FINDS; i++) {
		void *entry;

		rcu_read_lock();
		entry = vma_index_find(&table->index, table->addresses[i % ADDRESSES]);
		rcu_read_unlock();
		keep(entry);
	}
}

static void search(struct table *table)
{
	unsigned i;

	for (i = 0; i < FINDS; i++) {
		unsigned long address = table->addresses[i % ADDRESSES];
		struct vma_range *low = table->sorted;
		unsigned nr = table->nr;

		while (nr > 1) {
			low += low[nr / 2].start <= address ? nr / 2 : 0;
			nr -= nr / 2;
		}
		keep(low);
	}
}

/* mprotect() of the lower half of a mapping, and back: two updates. */
static void split_and_merge(struct table *table)
{
	unsigned i;

	for (i = 0; i < UPDATES; i++) {
		unsigned long start = table->addresses[i % ADDRESSES] & ~(RANGE - 1);
		struct vma_index_piece halves[] = {
			{start, start + RANGE / 2, &halves},
			{start + RANGE / 2, start + RANGE, table},
		};

		if (vma_index_replace(&table->index, start, start + RANGE, halves, 2) ||
		    vma_index_store(&table->index, start, start + RANGE, table))
			die(EXIT_FAILED, "out of memory");
	}
}

struct row {
	const char *name;
	void (*run)(struct table *table);
	unsigned calls;
};

static const struct row rows[] = {
	{"binary search, no writers", search, FINDS},
	{"vma_index_find() under RCU", find, FINDS},
	{"split and merge", split_and_merge, UPDATES},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_size(unsigned size)
{
	double ns[ROWS][REPEATS];
	unsigned i, repeat;

	for (repeat = 0; repeat < REPEATS; repeat++) {
		for (i = 0; i < ROWS; i++) {
			uint64_t start = arch_now_ns();

			rows[i].run(&tables[size]);
			ns[i][repeat] = (double)(arch_now_ns() - start) / rows[i].calls;
		}
	}
	printf("%u entries, %lu nodes\n", sizes[size], tables[size].index.nr_nodes);
	for (i = 0; i < ROWS; i++) {
		qsort(ns[i], REPEATS, sizeof(**ns), by_value);
		printf("  %-40s %8.1f ns", rows[i].name, ns[i][REPEATS / 2]);
		printf(i ? "  %.2f of the search\n" : "\n",
		       ns[i][REPEATS / 2] / ns[0][REPEATS / 2]);
	}
}

int main(void)
{
	static const struct kmem_cache_args args = {.align = VMA_NODE_SIZE};
	struct why why = WHY_INIT;
	unsigned i;

	rcu_register_thread();
	if (kmem_cache_create(&cache, "maple_node", VMA_NODE_SIZE, &args, &why))
		die(EXIT_FAILED, "%s", why.text);
	for (i = 0; i < SIZES; i++)
		table_init(&tables[i], sizes[i]);
	for (i = 0; i < SIZES; i++)
		print_size(i);
	for (i = 0; i < SIZES; i++) {
		vma_index_release(&tables[i].index);
		free(tables[i].sorted);
	}
	kmem_cache_destroy(cache, NULL);
	rcu_unregister_thread();
	check_stdout();
	return 0;
}
