/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine-mixed: engine-anon beside threads that write to the address space: they map a region,
 * touch it, protect it and unmap it, or fork and exit. They never touch the workers' VMA, so under
 * a lock per VMA they are in the workers' way only by what the designs share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/workloads/engine_writers.h"

struct mixed {
	struct engine engine;
	unsigned long start;
	struct writers *writers;
};

static const struct workload_param mixed_params[] = {
	{"rate", "1000", "operations per second of each writer; 0: one after the other"},
	{"region", "64K", "bytes that a writer maps, touches and unmaps"},
	{"writes", "map", "what the writers do: map (mmap, mprotect, munmap) or fork"},
	ENGINE_PARAMS,
	{NULL, NULL, NULL},
};

static int read_writers(const struct run *run, struct writers_options *options, struct why *why)
{
	const char *region = run_param(run, "region"), *writes = run_param(run, "writes");
	int err;

	options->nr = run->settings->engine.writers;
	options->fork = !strcmp(writes, "fork");
	if (!options->fork && strcmp(writes, "map"))
		return why_not(why, EINVAL, "neither map nor fork, with '--param writes=%s'",
			       writes);
	err = number_parse(run_param(run, "rate"), 0, 1000000000, &options->rate, why);
	if (err)
		return why_within(why, EINVAL, "--param rate");
	err = size_parse(region, ENGINE_PAGE, &options->region, why);
	if (err)
		return why_within(why, EINVAL, "--param region");
	if (!options->region || options->region % ENGINE_PAGE || options->region > 1UL << 40)
		return why_not(why, EINVAL, "not whole pages, with '--param region=%s'", region);
	return 0;
}

static int mixed_setup(struct run *run, struct why *why)
{
	struct mixed *mixed = xcalloc(1, sizeof(*mixed));
	uint64_t pages = run->units_per_worker * run->settings->nr_workers;
	struct writers_options options;
	int err;

	run->private = mixed;
	err = read_writers(run, &options, why);
	if (!err)
		err = engine_init_run(run, &mixed->engine,
				      pages + options.nr * (options.region / ENGINE_PAGE),
				      options.nr, why);
	if (!err)
		err = engine_map(&mixed->engine, pages * ENGINE_PAGE, MM_NO_MERGE, &mixed->start,
				 why);
	if (err)
		return err;
	engine_ready(&mixed->engine);
	return writers_start(&mixed->writers, run, &mixed->engine, &options, why);
}

static int mixed_thread_setup(struct worker *worker)
{
	engine_enter(worker);
	return 0;
}

static int mixed_pass(struct worker *worker)
{
	struct mixed *mixed = worker->run->private;
	unsigned long slice = worker->planned * ENGINE_PAGE;
	int err;

	writers_pass_begins(mixed->writers);
	err = engine_touch(worker, mixed->engine.mm, mixed->start + worker->id * slice,
			   worker->planned);
	writers_pass_ends(mixed->writers);
	return err;
}

/* Worker 0 ends the writers, so that a writer that failed fails the run; all passes are over. */
static void mixed_thread_teardown(struct worker *worker)
{
	struct mixed *mixed = worker->run->private;
	struct why why = WHY_INIT;
	int err;

	if (!worker->id && !worker->err) {
		err = writers_stop(mixed->writers, &why);
		if (err)
			worker->err = worker_fails(worker, -err, "%s", why.text);
	}
	engine_leave();
}

static void mixed_teardown(struct run *run)
{
	struct mixed *mixed = run->private;

	if (mixed->writers)
		writers_stop(mixed->writers, NULL);
	engine_release(run, &mixed->engine);
	writers_free(mixed->writers);
	free(mixed);
}

static void mixed_rows(const struct run *run, struct emit *emit)
{
	const struct mixed *mixed = run->private;

	engine_rows(run, emit);
	writers_rows(mixed->writers, run, emit);
}

const struct workload workload_engine_mixed = {
	.name = "engine-mixed",
	.summary = "engine-anon beside --writers threads that map, protect and unmap",
	.flags = ENGINE_FLAGS | WL_WRITERS,
	.params = mixed_params,
	.unit = engine_unit,
	.setup = mixed_setup,
	.thread_setup = mixed_thread_setup,
	.pass = mixed_pass,
	.thread_teardown = mixed_thread_teardown,
	.teardown = mixed_teardown,
	.rows = mixed_rows,
};
