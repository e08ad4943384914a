/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counter: a source of counts around the measured region. A variant is one file in counters/ with
 * static functions and one exported const struct counter, and its row in counters_native.c.
 *
 * Most count for each worker what that thread alone did: they are opened, started, stopped, read and
 * closed by the worker itself, so that set-up does not count. Those of the run see the whole system;
 * the main thread does the same for them just outside of all passes.
 *
 * Rules:
 * - Verbs print nothing and cannot fail: what cannot be counted is a value that says why. It is
 *   never 0 and never missing.
 * - start() and stop() are as short as they can be, allocate nothing, and touch nothing that another
 *   worker touches. They are called in pairs, once in rehearsal; the last pair counts.
 */
#ifndef PFT_COUNTERS_COUNTER_H
#define PFT_COUNTERS_COUNTER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/perf_event.h"
#include "common/say.h"
#include "pft/measure.h"

enum counter_status {
	COUNTER_OK,
	COUNTER_SCALED, /* counted for a share of the time, and extrapolated */
	COUNTER_LOST, /* counted too short to be extrapolated: no value */
	COUNTER_UNSUPPORTED, /* not counted at all, and reason says why: no value */
};

/* What one counter found out about one of its metrics, in memory shared with worker processes. */
struct counter_value {
	enum counter_status status;
	double value; /* in the metric's unit */
	double share; /* of the time that it was counted; for SCALED and LOST */
	char reason[200]; /* UNSUPPORTED */
};

/* What a counter will count. Made once, before the workers exist; constant then. */
struct counter_metric {
	char *name; /* [a-zA-Z0-9-_:./=]+, unique in its source */
	const char *unit; /* "1", "ns" */
	/* Of perf sources: */
	struct perf_event_attr attr;
	char *full; /* unambiguous spelling; NULL where the name says it all */
	char *unsupported; /* why it need not be opened; NULL */
	unsigned group; /* neighbours with the same number are opened as one group */
	bool user_will_do; /* where the kernel's part is not permitted, count user mode alone */
};

/* A source that was asked for, and its metrics. */
struct counter_plan {
	const struct counter *counter;
	struct counter_metric *metrics;
	size_t nr, cap;
	size_t first; /* index of its first value among those of a worker, or of the run */
};

/* Add a metric. @name is copied. Returns it, all zero but for name and unit; valid until the next
 * one is added. */
struct counter_metric *counter_plan_add(struct counter_plan *plan, const char *name,
					const char *unit);

/* One source at work, in the thread that counts. */
struct counting {
	const struct counter_plan *plan;
	struct counter_value *values; /* [plan->nr] */
	const struct measure *measure; /* of the worker; NULL for a source of the run */
	void *private; /* prepare()'s, until finish() */
};

/* Say that value @i, or all of them, cannot be had. */
void counting_unsupported(struct counting *c, size_t i, const char *reason);
void counting_none(struct counting *c, const char *reason);

/* Set value @i. */
void counting_ok(struct counting *c, size_t i, double value);

/*
 * Set value @i from what a multiplexed counter tells: @count, counted in @running of @enabled ns.
 * All of it is OK, a fifth at least is SCALED to the whole, less is LOST.
 */
void counting_scaled(struct counting *c, size_t i, double count, double enabled, double running);

struct counter {
	const char *name; /* [a-z0-9-]+ */
	const char *summary; /* one line for --list */
	const char *unavailable; /* NULL, or why it was not built */
	const char *needs; /* NULL, or the permission or kernel option it needs */
	bool of_run; /* system-wide: once in the main thread, not in each worker */

	/* Add the metrics; @events is --events. Returns 0, or -EINVAL with the reason in @why. */
	int (*plan)(struct counter_plan *plan, const char *events, struct why *why);
	/* Open what is needed. */
	void (*prepare)(struct counting *c);
	void (*start)(struct counting *c);
	void (*stop)(struct counting *c);
	/* Set all values, behind stop(). */
	void (*read)(struct counting *c);
	/* Close and free everything; also where nothing was started. */
	void (*finish)(struct counting *c);
};

/* All sources in the order of --list and of starting; the null one first, those that are to see
 * least of the others last. */
extern const struct counter *const counters[];
extern const unsigned nr_counters;

/* The source of that name, or NULL. */
const struct counter *counter_find(const char *name);

/* Verbs that do nothing, so that every verb of every source is set. */
int counter_no_plan(struct counter_plan *plan, const char *events, struct why *why);
void counter_nothing(struct counting *c);

#endif
