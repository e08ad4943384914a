/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workload: what a worker does in the measured region. A variant is one file in workloads/ with
 * static functions and one exported const struct workload, and its row in workloads_native.c.
 *
 * Rules:
 * - One indirect call per pass, none per page: pass() owns its inner loop (pft/touch.h has the
 * usual ones), calls nothing in it, and writes nothing that another worker reads or writes.
 * - Mappings are made in setup() or thread_setup() and removed in the teardowns, outside the
 * measured region, except where the workload is about mapping.
 * - Ops print nothing and return 0 or -errno with a reason: setup() in @why, the workers' ops in
 *   worker->why (worker_fails()). A teardown must cope with a setup that failed half-way.
 * - With -n each worker is a child of the parent that called setup(): what setup() mapped privately
 * is copied on write, and only worker->state and other MAP_SHARED memory reaches the parent.
 */
#ifndef PFT_WORKLOAD_H
#define PFT_WORKLOAD_H

#include "pft/emit.h"
#include "pft/run.h"

/* What is special about a workload. */
enum workload_flags {
	WL_COUNTS =
		1 << 0, /* pass() sets worker->faults: they are not (only) faults of the kernel */
	WL_FILE = 1 << 1, /* needs a file: honours --file */
	WL_SHARED = 1 << 2, /* the memory is shared, so it is the same in worker processes */
	WL_THREADS = 1 << 3, /* workers are threads: it cannot be run with -n */
	/* Options that it honours; asking another workload for one of these is a usage error. */
	WL_CACHELINES = 1 << 8, /* -c, --delay-ns: fill_slice() touches its pages */
	WL_CLEAR = 1 << 9, /* -z */
	WL_MLOCK = 1 << 10, /* -l */
	WL_SHM_LOCK = 1 << 11, /* -L */
	WL_DEV_ZERO = 1 << 12, /* -Z */
	WL_PAGESIZE = 1 << 13, /* --pagesize */
	WL_ENGINE = 1 << 14, /* --lock, --rwsem-spin, --nodes, --vma-class */
	WL_WRITERS = 1 << 15, /* --writers */
	WL_SWAP = 1 << 16, /* --limit, --codec, --access, ...: see swap_options[] */
	WL_LRU = 1 << 17, /* --lru, --lru-lock */
	WL_MEMCGS = 1 << 18, /* --memcgs */
};

/* An option of a workload's own, given as --param NAME=VALUE. */
struct workload_param {
	const char *name;
	const char *value; /* default */
	const char *summary;
};

struct workload {
	const char *name; /* [a-z0-9-]+ */
	const char *summary; /* one line for --list */
	const char *unavailable; /* NULL, or why it was not built */
	unsigned flags;
	size_t state_size; /* bytes of worker->state */
	const struct workload_param *params; /* ends with a NULL name; NULL for none */

	/* NULL, or whether this machine can run it now: 0, or -errno with the reason in @why. */
	int (*probe)(struct why *why);
	/* Bytes of one fault. Called first, with run->settings and page_size set. */
	size_t (*unit)(const struct run *run);
	/* Once a round in the parent, before the workers exist; may set the slices of all workers. */
	int (*setup)(struct run *run, struct why *why);
	/* Once a round in each worker, after it was pinned and given its memory policy. */
	int (*thread_setup)(struct worker *worker);
	/* NULL, or once a round in the parent, while all workers wait for the start. */
	void (*ready)(struct run *run);
	/* The measured region: make worker->planned faults. */
	int (*pass)(struct worker *worker);
	/* NULL, or once a round in the parent, while all workers wait after a good pass. */
	void (*passed)(struct run *run);
	/* Once a round in each worker, after the placement was verified. */
	void (*thread_teardown)(struct worker *worker);
	/* NULL, or take back what setup() changed of the machine, not of this process; once a round in
	 * the parent, before teardown(). Returns 0, or -errno with the reason in @why: the run fails. */
	int (*restore)(struct run *run, struct why *why);
	/* Once a round in the parent, after the workers have ended. */
	void (*teardown)(struct run *run);
	/* NULL, or emit rows of its own, in the parent, before restore() of the last round. */
	void (*rows)(const struct run *run, struct emit *emit);
};

/* All workloads in the order of --list; the null one first. */
extern const struct workload *const workloads[];
extern const unsigned nr_workloads;

/* The one of a command line that names none. */
extern const char *const workload_default;

/* The workload of that name, or NULL. */
const struct workload *workload_find(const char *name);

/* 0 if it can run here, else -errno with the reason in @why: not built, or its probe() says no. */
int workload_available(const struct workload *workload, struct why *why);

/* Ops that do nothing, so that every op of every workload is set. */
size_t workload_base_unit(const struct run *run);
int workload_no_setup(struct run *run, struct why *why);
int workload_no_thread_setup(struct worker *worker);
void workload_no_thread_teardown(struct worker *worker);
void workload_no_teardown(struct run *run);

#endif
