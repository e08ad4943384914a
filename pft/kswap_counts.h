/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kswap_counts: what the kernel counts about swap: /proc/vmstat, zswap's debugfs (mounted for this process
 * only, at no place), the group's memory.stat and io.stat, zram's mm_stat. What a kernel does not count is
 * KSWAP_NONE.
 */
#ifndef PFT_KSWAP_COUNTS_H
#define PFT_KSWAP_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

struct emit;

#define KSWAP_NONE UINT64_MAX

enum { NR_KSWAP_COUNTERS = 40 };

/* All of them at one moment, in the order of their rows. */
struct kswap_counts {
	uint64_t values[NR_KSWAP_COUNTERS];
	bool of_group; /* those of a group are meant to be there */
};

/* Open files to read from. */
struct kswap_gauge {
	int debugfs; /* the directory zswap of debugfs; -1: none */
	char *group; /* directory, or NULL */
	int zram; /* number, or -1 */
};

/* @group and @zram as in the struct; -1 and NULL if there is none. kswap_gauge_release() after it. */
void kswap_gauge_init(struct kswap_gauge *gauge, const char *group, int zram);
void kswap_gauge_release(struct kswap_gauge *gauge);

/* Read all counters. */
void kswap_gauge_read(const struct kswap_gauge *gauge, struct kswap_counts *counts);

/* The value of the counter of that metric; KSWAP_NONE if it was not to be had. BUG if there is none. */
uint64_t kswap_count(const struct kswap_counts *counts, const char *metric);

/* The same, of what happened between two moments. */
uint64_t kswap_count_between(const struct kswap_counts *from, const struct kswap_counts *to,
			     const char *metric);

/* A row for each counter, "@prefix<metric>": between the two moments, levels at the second one; levels
 * are left out if @prefix is not empty, those of a group if there was none. */
void kswap_counts_rows(struct emit *emit, const char *prefix, const struct kswap_counts *from,
		       const struct kswap_counts *to);

#endif
