/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings: what the probes of a run saw in its explained iterations, as the tables beside
 * samples.tsv hold it (docs/format.md). Every row is kept as it was read; sums come later.
 */
#ifndef ANALYSIS_FINDINGS_H
#define ANALYSIS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/notes.h"
#include "analysis/run.h"
#include "common/say.h"

/* Where and when a row was seen. */
struct epoch {
	unsigned variant; /* index into run->variants */
	unsigned clients;
	unsigned iteration;
};

/* How a thread was off-CPU, as offcpu.tsv says. */
enum off_kind {
	OFF_BLOCKED,
	OFF_RUNQUEUE,
	OFF_SLEEP,
	NR_OFF_KINDS,
};
extern const char *const off_kind_names[NR_OFF_KINDS];

/* Times in ns; stacks are folded, the outermost frame first, "" for none. */
struct offcpu_row {
	struct epoch epoch;
	enum off_kind kind;
	char *cause;
	uint64_t count, total_ns, max_ns;
	uint64_t open; /* of the count: waits that had not ended with the iteration */
	char *kernel_stack, *user_stack;
	char *wait; /* what the harness calls it; "" if nothing */
};

/* One bin of a histogram: @count values from 2^log2_ns up to twice that. */
struct histogram_row {
	struct epoch epoch;
	enum off_kind kind; /* this and the cause: not in latency.tsv */
	char *cause;
	unsigned log2_ns;
	uint64_t count;
};

struct contention_row {
	struct epoch epoch;
	char *type, *lock, *caller; /* lock: "" where nobody knows */
	uint64_t count, total_ns, max_ns, spun_ns, slept_ns;
	char *kernel_stack;
};

struct mmap_lock_row {
	struct epoch epoch;
	bool write;
	uint64_t count, failed, wait_ns, hold_ns, max_wait_ns, max_hold_ns;
	uint64_t in_fault; /* of the count: to serve a page fault */
};

struct alignment_row {
	struct epoch epoch;
	char *cache;
	unsigned mod64, mod128; /* address of the object modulo each */
	uint64_t count;
};

struct probe_row {
	struct epoch epoch;
	char *probe, *status;
	uint64_t events, lost; /* like the next two 0 where not known */
	uint64_t runs, ns; /* of its programs: what watching cost */
};

#define FINDINGS_ROWS(type, name) \
	struct type *name; \
	size_t nr_##name, cap_##name

struct findings {
	struct run *run; /* whose variants the epochs name */
	struct run own; /* samples of the explained iterations themselves; maybe none */
	FINDINGS_ROWS(offcpu_row, offcpu);
	FINDINGS_ROWS(histogram_row, waits);
	FINDINGS_ROWS(contention_row, contention);
	FINDINGS_ROWS(mmap_lock_row, mmap_lock);
	FINDINGS_ROWS(alignment_row, alignment);
	FINDINGS_ROWS(histogram_row, latency);
	FINDINGS_ROWS(probe_row, probes);
};

/*
 * Read the tables of @run's directory; those that are not there are empty. A torn last line is left
 * out and noted. Returns 0 with an @findings to release, or -errno with file:line in @why: -ENOENT
 * if the run was not explained.
 */
int findings_load(struct findings *findings, struct run *run, struct notes *notes, struct why *why);

/*
 * The metric of whole processes in this iteration, if its samples were kept; else the mean over the
 * measured iterations of the same cell. NaN if there is neither.
 */
double findings_fact(const struct findings *findings, const struct epoch *epoch,
		     const char *metric);

/* Free all rows; the run stays. */
void findings_release(struct findings *findings);

#endif
