/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run: what is asked of pft, the workers that do it, and what they measured.
 *
 * A round is: setup() in the parent, workers start and pin themselves, thread_setup() in each, all
 * wait; then together pass() in each, measured; then the placement is verified, thread_teardown(),
 * teardown(). Warm-up rounds are the same thing with the figures thrown away.
 */
#ifndef PFT_RUN_H
#define PFT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/pin_plan.h"
#include "common/say.h"
#include "common/units.h"
#include "pft/barrier.h"
#include "pft/counters/counters.h"
#include "pft/delay.h"
#include "pft/engine_settings.h"
#include "pft/measure.h"
#include "pft/mem_policy.h"
#include "pft/swap_settings.h"

struct run;
struct workload;

/* Which pages a mapping may get: with transparent huge pages 8192 pages of 4 KiB can be 16 faults. */
enum pagesize {
	PAGESIZE_BASE, /* MADV_NOHUGEPAGE: one fault per base page, whatever the system's setting */
	PAGESIZE_TRANSHUGE, /* MADV_HUGEPAGE */
	PAGESIZE_DEFAULT, /* as the system is set */
};

/* One --param NAME=VALUE. */
struct param {
	char *name;
	const char *value;
};

/* What the command line asks for; constant while the run lasts. */
struct settings {
	const struct workload *workload;
	unsigned nr_workers;
	bool processes; /* -n: a worker is a process, else a thread */
	uint64_t bytes; /* -m: of all workers together, whole pages */
	unsigned cachelines; /* -c: cache lines written in each page, from its start */
	bool clear; /* -z: memset() the slice instead */
	bool mlock; /* -l: mlock() the slice instead */
	bool shm_lock; /* -L: SHM_LOCK the segment */
	bool dev_zero; /* -Z: map /dev/zero for anonymous memory */
	unsigned sleep_s; /* -s: workers but the first sleep before they end */
	enum pagesize pagesize;
	const char *file_dir; /* --file: directory for the file of file workloads; NULL: workload's
				 default */
	struct pin_plan pin;
	struct mem_policy mem;
	struct engine_settings engine;
	struct swap_settings swap;
	struct counter_settings counters;
	unsigned warmup; /* --warmup: rounds of which nothing is kept, before the one that counts */
	bool mappings; /* --mappings: somebody looks on, and wants to name stacks */
	struct delay delay; /* --delay-ns, --delay-fraction */
	bool prefault; /* --prefault: touch and release as much memory once, before everything */
	bool announce; /* --announce: rows that say when and where each worker ran, and what lies where */
	/* NULL, or called in the last round when all passes are over and the memory is still there.
	 * @pid is the process that worker 0 belongs to. */
	void (*inspect)(const struct run *run, int pid);
	struct param *params;
	size_t nr_params;
};

/*
 * A worker, alone on its cache lines, in memory that the parent shares with worker processes.
 * Nothing in here is written between the start and the end of pass().
 */
struct worker {
	const struct run *run;
	unsigned id; /* 0.. */
	int cpu; /* that the plan gives it, or -1 */

	/*
	 * The workload's, for pass(). run fills in the defaults; setup() or thread_setup() may
	 * change them. start and length are also what the placement is verified on afterwards; a
	 * workload that keeps nothing mapped leaves start NULL.
	 */
	char *start; /* this worker's memory */
	size_t length; /* bytes of it */
	uint64_t planned; /* faults that a pass is to make; default: its share of bytes in units */
	uint64_t kernel_least; /* fewer page faults of the kernel in a pass are an error; default:
				  planned */
	uint64_t kernel_most; /* so are more; default: UINT64_MAX, as swap or NUMA hints may add
				 some */
	uint64_t faults; /* made by the pass; set by pass() with WL_COUNTS, else from the kernel */
	void *private; /* whatever thread_setup() likes to keep, in the worker's own memory */
	void *state; /* workload->state_size zeroed bytes, which the parent can read */

	struct measure measure; /* of the last pass */
	struct counting_set *counting; /* what counts beside it, in the worker's own memory */
	int err; /* 0, or -errno: this worker failed, and why says how */
	struct why why;
} __attribute__((aligned(128)));

/* What parent and workers share, besides the workers themselves. */
#define RUN_MAX_NODES 1024
struct control {
	struct barrier barrier;
	uint64_t pages_on_node[RUN_MAX_NODES]; /* of all workers' samples; atomic, after the passes
						*/
};

struct run {
	const struct settings *settings;
	const struct workload *workload; /* of this round: --prefault runs one of anon first */
	bool last; /* the figures of this round are kept */
	size_t page_size; /* the kernel's base page */
	size_t unit; /* bytes of one fault of this workload */
	size_t cacheline; /* bytes */
	uint64_t units_per_worker;
	struct worker *workers; /* [settings->nr_workers] */
	void *private; /* whatever setup() likes to keep */
	struct id_list allowed; /* the CPUs that this process may use, ascending */
	struct control *control; /* start of the memory shared with worker processes */
	size_t shared_size;
	struct counters counters;
	struct counting_set *counting; /* the sources of the run, at work */
	struct counter_value *run_values; /* [counters.nr_run_values] */
	struct counter_value *worker_values; /* of all workers; behind their states in shared
						memory */
	char *rows; /* of the workload itself, as text; NULL without */
	uint64_t setup_ns,
		teardown_ns; /* of the last round: making and removing what is measured */
};

/* Work out what @settings mean on this machine: which CPU each worker gets. Returns 0, or -errno
 * with the reason in @why. The caller releases the run in any case. */
int run_init(struct run *run, const struct settings *settings, struct why *why);

/* Do all rounds. Returns 0 with the last one's figures in @run, or -errno with the reason in @why. */
int run_rounds(struct run *run, struct why *why);

/* Free what the run holds. */
void run_release(struct run *run);

/* The value of --param @name, or the default that the workload's table states. BUG if it states
 * none. */
const char *run_param(const struct run *run, const char *name);

/* What worker @id counts: [run->counters.nr_worker_values]. */
struct counter_value *run_counter_values(const struct run *run, unsigned id);

/* Fail a worker: put the reason into worker->why and return -@err, so that it can end an op. */
#define worker_fails(worker, err, ...) why_not(&(worker)->why, err, __VA_ARGS__)

#endif
