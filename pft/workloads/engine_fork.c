/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine-fork: cow on the engine. The parent writes the memory and forks, and the workers write it
 * again: each write copies a page. How long the fork took is a row. Needs twice the memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/workloads/engine.h"

struct forked {
	struct engine engine;
	unsigned long start;
	struct mm *child;
	uint64_t fork_ns;
};

static const struct workload_param fork_params[] = {
	ENGINE_PARAMS,
	{NULL, NULL, NULL},
};

/* Write all pages, and fork. */
static int fork_filled(struct forked *forked, uint64_t pages, struct why *why)
{
	int err = 0;

	for (uint64_t i = 0; i < pages && !err; i++)
		err = mm_fault(forked->engine.mm, forked->start + i * ENGINE_PAGE, true);
	if (err)
		return why_not(why, -err, "the engine cannot fill its memory: %s",
			       engine_error(err));
	forked->fork_ns = arch_now_ns();
	err = mm_fork(forked->engine.mm, &forked->child);
	forked->fork_ns = arch_now_ns() - forked->fork_ns;
	return err ? why_not(why, -err, "the engine cannot fork: %s", engine_error(err)) : 0;
}

static int fork_setup(struct run *run, struct why *why)
{
	struct forked *forked = xcalloc(1, sizeof(*forked));
	uint64_t pages = run->units_per_worker * run->settings->nr_workers;
	int err;

	run->private = forked;
	err = engine_init_run(run, &forked->engine, 2 * pages, 0, why);
	if (!err)
		err = engine_map(&forked->engine, pages * ENGINE_PAGE, 0, &forked->start, why);
	if (!err)
		err = fork_filled(forked, pages, why);
	if (!err)
		engine_ready(&forked->engine);
	return err;
}

static int fork_thread_setup(struct worker *worker)
{
	engine_enter(worker);
	return 0;
}

static int fork_pass(struct worker *worker)
{
	const struct forked *forked = worker->run->private;

	return engine_touch(worker, forked->engine.mm,
			    forked->start + worker->id * worker->planned * ENGINE_PAGE,
			    worker->planned);
}

static void fork_thread_teardown(struct worker *worker)
{
	(void)worker;
	engine_leave();
}

static void fork_teardown(struct run *run)
{
	struct forked *forked = run->private;

	if (forked->child)
		mm_free(forked->child);
	engine_release(run, &forked->engine);
	free(forked);
}

static void fork_rows(const struct run *run, struct emit *emit)
{
	const struct forked *forked = run->private;

	engine_rows(run, emit);
	emit_count(emit, "fork_ns", EMIT_ALL, "ns", forked->fork_ns);
}

const struct workload workload_engine_fork = {
	.name = "engine-fork",
	.summary = "cow on the engine: write to each page of memory shared since a fork",
	.flags = ENGINE_FLAGS,
	.params = fork_params,
	.unit = engine_unit,
	.setup = fork_setup,
	.thread_setup = fork_thread_setup,
	.pass = fork_pass,
	.thread_teardown = fork_thread_teardown,
	.teardown = fork_teardown,
	.rows = fork_rows,
};
