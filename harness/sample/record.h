/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: what the kernel writes into the ring buffer of a sampling event (perf_event_open(2)), decoded. */
#ifndef HARNESS_SAMPLE_RECORD_H
#define HARNESS_SAMPLE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"

struct perf_event_attr;

/* One sample; what the event does not tell is 0. */
struct sample {
	uint64_t ip;
	bool kernel; /* where ip is; else in user space */
	bool foreign; /* or in neither: a hypervisor's or a guest's */
	bool exact; /* ip is the very instruction, not one near it */
	int pid, tid;
	uint64_t ns; /* of the event's clock */
	uint64_t address; /* of the data */
	uint64_t weight; /* what the access cost, in units of the processor */
	uint64_t source; /* union perf_mem_data_src */
	unsigned cpu;
};

/* Code of a file, mapped. */
struct sample_map {
	int pid;
	uint64_t ns; /* since when */
	uint64_t start, length; /* addresses */
	uint64_t offset; /* of start in the file */
	char *path;
};

/* Who was on a CPU, and since when. */
struct sample_who {
	int pid, tid;
	uint64_t ns;
	unsigned cpu;
};

/* A piece of the AUX area, which the processor itself has filled. */
struct sample_aux {
	uint64_t offset, size; /* in bytes since the area was mapped */
	struct sample_who who; /* when it was done */
};

/* All records of a process and its descendants, from all CPUs; in no order but that of each CPU. */
struct sample_log {
	uint64_t sample_type; /* of the event: what the records consist of */
	struct sample *samples;
	size_t nr_samples, cap_samples;
	struct sample_map *maps;
	size_t nr_maps, cap_maps;
	struct sample_aux *aux; /* emptied by who has read the area */
	size_t nr_aux, cap_aux;
	struct sample_who *switches; /* threads that were put on a CPU, if the event tells */
	size_t nr_switches, cap_switches;
	uint64_t lost; /* records that the kernel had no room for; also pieces of the AUX area */
	uint64_t throttled; /* times that it found there are too many */
};

/* The sample_type that is decoded, or'ed from these: IP, TID, TIME and CPU always, ADDR, WEIGHT and
 * DATA_SRC where the event has them. */
#define SAMPLE_TYPE_BASE (1 << 0 | 1 << 1 | 1 << 2 | 1 << 7)
#define SAMPLE_TYPE_DATA (1 << 3 | 1 << 14 | 1 << 15)

/* An empty log of records that consist of @sample_type. BUG for one that is not decoded. */
void sample_log_init(struct sample_log *log, uint64_t sample_type);

/* Decode @size bytes, whole records one behind the other. Kinds that nobody needs are passed over. Returns
 * 0, or -EINVAL with the byte's number in @why: what was before it is kept. */
int sample_log_decode(struct sample_log *log, const void *data, size_t size, struct why *why);

/* Set the thread of @sample to the one that was on its CPU at its time, if the log knows. */
void sample_log_on_cpu(const struct sample_log *log, struct sample *sample);

/* Free what the log holds. */
void sample_log_release(struct sample_log *log);

/*
 * Copy what a ring buffer of @size bytes (a power of two) holds between the counts of bytes @tail and
 * @head to @to, the part behind its end first. Returns the number of bytes; 0 for counts that cannot be.
 */
size_t ring_copy(void *to, const void *ring, size_t size, uint64_t tail, uint64_t head);

/* What a data source says. */
enum source_level {
	SOURCE_UNKNOWN,
	SOURCE_NEAR, /* L1, L2 or a fill buffer: no miss that leaves the core */
	SOURCE_FAR, /* L3, another cache, memory */
};

struct source {
	bool load, store;
	enum source_level level;
	/* A line that another core had changed, or that came from another core's cache where the processor
	 * does not tell changed ones (peer): on this node, on another. */
	bool hitm_local, hitm_remote;
};

/* What the union perf_mem_data_src @source says, in the manner of perf c2c. */
struct source source_decode(uint64_t source);

#endif
