/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objects: what pft --announce tells in its rows: when each worker was in the measured region, and which
 * structure lies where, so that a data address has the name of a field. */
#ifndef HARNESS_SAMPLE_OBJECTS_H
#define HARNESS_SAMPLE_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/say.h"

#define OBJECT_LINE 64 /* bytes of a cache line; two of them are fetched as a pair */

/* A worker's measured region. */
struct object_window {
	int tid;
	uint64_t start, end; /* CLOCK_MONOTONIC, ns */
};

struct object_field {
	const char *name;
	unsigned offset, size;
};

struct object_struct {
	char *text; /* the names are in it */
	const char *name;
	unsigned size;
	struct object_field *fields; /* in the order in which they were told */
	size_t nr, cap;
};

/* Objects of one structure, one behind the other. */
struct object_range {
	uint64_t start, length;
	unsigned stride;
	size_t of; /* index into structs */
};

/* What accesses at one address did to one line of a simulated machine; see pft(1). */
struct object_transfer {
	uint64_t cause, line;
	uint64_t loads, stores, misses, local, remote, invalidations, wait_ns;
};

struct objects {
	struct object_window *windows;
	size_t nr_windows, cap_windows;
	struct object_struct *structs;
	size_t nr_structs, cap_structs;
	struct object_range *ranges; /* sorted by start */
	size_t nr_ranges, cap_ranges;
	struct object_transfer *transfers;
	size_t nr_transfers, cap_transfers;
	uint64_t faults; /* made by all workers, as pft counts them */
};

/* Read the rows of one pft process; @in is closed. Returns 0, or -EINVAL with the reason in @why. The
 * caller releases in any case. */
int objects_read(struct objects *objects, FILE *in, struct why *why);

/*
 * Whether thread @tid was in the measured region at @ns. A thread that is no worker (a writer beside them)
 * is so from the earliest start of a worker to the latest end.
 */
bool objects_in_window(const struct objects *objects, int tid, uint64_t ns);

/*
 * Name the field at @address: "STRUCT.FIELD @OFFSET line N, pair line: own line M", where the structure's
 * cache lines count from its first one on, and the pair line is the other half of the 128 bytes that an
 * adjacent-line prefetcher fetches: "of its neighbour" where this object has nothing on it. Returns
 * whether the address is in an object.
 */
bool objects_name(const struct objects *objects, uint64_t address, char *text, size_t size);

/* Free what the struct holds. */
void objects_release(struct objects *objects);

#endif
