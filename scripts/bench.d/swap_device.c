/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times a page's way to the swap device: written by the caller, submitted to the ring, read; interleaved,
 * medians of repeats. For the ring there are two times: until all is written, and what the caller itself
 * spent in swap_device_submit(), which is what a reclaiming worker pays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "common/units.h"
#include "pft/base/rcu.h"
#include "pft/zswap/swap_device.h"

#define REPEATS 15
#define SLOTS 16384
#define PAGES 200 /* a pass: less than may be out at once */

static struct swap_device device;
static char *pages;
static uint64_t order[SLOTS]; /* of slots, for reads: none is read ahead */
static uint64_t at; /* where the next pass begins */

static void ended(void *arg, int error)
{
	(void)arg;
	if (error)
		die(EXIT_FAILED, "a write failed: %s", strerror(-error));
}

static void write_sync(uint64_t slot)
{
	ended(NULL, swap_device_write(&device, slot, pages + slot % PAGES * SWAP_SLOT_SIZE));
}

static void submit(uint64_t slot)
{
	swap_device_submit(&device, slot, pages + slot % PAGES * SWAP_SLOT_SIZE, ended, NULL);
}

static void read_sync(uint64_t slot)
{
	ended(NULL, swap_device_read(&device, order[slot],
				     pages + slot % PAGES * SWAP_SLOT_SIZE));
}

/* What is timed; until everything is written, or the calls alone. */
static const struct row {
	const char *name;
	void (*fn)(uint64_t slot);
	bool until_written;
} rows[] = {
	{"write by the caller", write_sync, true},
	{"write through the ring, until written", submit, true},
	{"write through the ring, the caller's part", submit, false},
	{"random read", read_sync, true},
};
#define NR_ROWS (sizeof(rows) / sizeof(*rows))

/* Microseconds per page. */
static double time_row(const struct row *row)
{
	uint64_t start = now_ns(), called, i;

	for (i = 0; i < PAGES; i++)
		row->fn((at + i) % SLOTS);
	called = now_ns();
	swap_device_drain(&device);
	at += PAGES;
	return (double)((row->until_written ? now_ns() : called) - start) / PAGES / 1000;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Time all rows on a device opened so. */
static void time_rows(const struct swap_device_options *options, const char *title)
{
	static double us[NR_ROWS][REPEATS];
	struct why why = WHY_INIT;
	unsigned i, repeat;

	if (swap_device_open(&device, options, &why))
		die(EXIT_USAGE, "%s", why.text);
	printf("%s (%s, %s, %s)\n", title, device.direct ? "O_DIRECT" : "page cache",
	       device.uring ? "io_uring" : "pwrite", device.allocated ? "allocated" : "sparse");
	for (i = 0; i < SLOTS; i++)
		write_sync(i); /* the first write of a block costs the file system more */
	for (repeat = 0; repeat < REPEATS; repeat++)
		for (i = 0; i < NR_ROWS; i++)
			us[i][repeat] = time_row(&rows[i]);
	for (i = 0; i < NR_ROWS; i++) {
		qsort(us[i], REPEATS, sizeof(**us), by_value);
		printf("  %-42s %8.2f us a page  %5.2f\n", rows[i].name, us[i][REPEATS / 2],
		       us[i][REPEATS / 2] / us[0][REPEATS / 2]);
	}
	printf("  %-42s %8.1f\n", "pages per system call of the ring",
	       (double)stat_sum(&device.stat, SWAP_DEVICE_WRITE_ASYNC) /
		       (double)(stat_sum(&device.stat, SWAP_DEVICE_BATCH) ?: 1));
	swap_device_close(&device);
}

int main(int argc, char **argv)
{
	struct swap_device_options options = {.size = (uint64_t)SLOTS * SWAP_SLOT_SIZE, .slot = 1};
	struct rng rng;
	unsigned i;

	if (argc != 2)
		die(EXIT_USAGE, "give the path of a file to make");
	options.path = argv[1];
	pages = aligned_alloc(SWAP_SLOT_SIZE, PAGES * SWAP_SLOT_SIZE);
	if (!pages)
		die(EXIT_FAILED, "no memory");
	rng_init(&rng, 1);
	for (i = 0; i < PAGES * SWAP_SLOT_SIZE / 8; i++)
		((uint64_t *)(void *)pages)[i] = rng_next(&rng);
	for (i = 0; i < SLOTS; i++)
		order[i] = i;
	rng_shuffle(&rng, order, SLOTS, sizeof(*order));

	rcu_register_thread();
	time_rows(&options, "where the file system allows it");
	options.buffered = true;
	time_rows(&options, "through the page cache");
	rcu_unregister_thread();
	free(pages);
	check_stdout();
	return 0;
}
