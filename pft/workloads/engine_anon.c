/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine-anon and engine-anon-many: anon and anon-private-map on the engine. In the first all
 * workers fault in one VMA, each in a slice of its own; in the second each has mapped a VMA of its
 * own. What differs between the two is what sharing a VMA costs under the lock of --lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "pft/workloads/engine.h"

struct engine_anon {
	struct engine engine;
	unsigned long start; /* of the one VMA */
	bool stages;
};

/* A worker's part, in its state: the parent prints the stages. */
struct slice {
	struct mm *mm;
	unsigned long start;
	struct fault_stages stages;
};

static const struct workload_param anon_params[] = {
	{"stages", "no", "read the clock between the stages of each fault: yes or no"},
	ENGINE_PARAMS,
	{NULL, NULL, NULL},
};

static size_t slice_bytes(const struct run *run)
{
	return run->units_per_worker * ENGINE_PAGE;
}

static int many_setup(struct run *run, struct why *why)
{
	struct engine_anon *anon = xcalloc(1, sizeof(*anon));
	const char *stages = run_param(run, "stages");
	int err;

	run->private = anon;
	anon->stages = !strcmp(stages, "yes");
	if (!anon->stages && strcmp(stages, "no"))
		return why_not(why, EINVAL, "neither yes nor no, with '--param stages=%s'", stages);
	err = engine_init_run(run, &anon->engine, run->units_per_worker * run->settings->nr_workers,
			      0, why);
	if (!err)
		engine_ready(&anon->engine);
	return err;
}

static int anon_setup(struct run *run, struct why *why)
{
	int err = many_setup(run, why);
	struct engine_anon *anon = run->private;

	if (!err)
		err = engine_map(&anon->engine, slice_bytes(run) * run->settings->nr_workers, 0,
				 &anon->start, why);
	if (!err)
		engine_ready(&anon->engine);
	return err;
}

static int anon_thread_setup(struct worker *worker)
{
	const struct engine_anon *anon = worker->run->private;
	struct slice *slice = worker->state;

	engine_enter(worker);
	slice->mm = anon->engine.mm;
	slice->start = anon->start + worker->id * slice_bytes(worker->run);
	return 0;
}

static int many_thread_setup(struct worker *worker)
{
	struct engine_anon *anon = worker->run->private;
	struct slice *slice = worker->state;

	engine_enter(worker);
	slice->mm = anon->engine.mm;
	return engine_map(&anon->engine, slice_bytes(worker->run), MM_NO_MERGE, &slice->start,
			  &worker->why);
}

static int touch_staged(struct worker *worker, struct slice *slice)
{
	unsigned long address = slice->start, end = address + slice_bytes(worker->run);

	for (; address < end; address += ENGINE_PAGE) {
		int err = mm_fault_staged(slice->mm, address, true, &slice->stages);

		if (err)
			return worker_fails(worker, -err, "fault: %s", engine_error(err));
	}
	worker->faults = worker->planned;
	return 0;
}

static int anon_pass(struct worker *worker)
{
	const struct engine_anon *anon = worker->run->private;
	struct slice *slice = worker->state;

	if (anon->stages)
		return touch_staged(worker, slice);
	return engine_touch(worker, slice->mm, slice->start, worker->planned);
}

static void anon_thread_teardown(struct worker *worker)
{
	(void)worker;
	engine_leave();
}

static void anon_teardown(struct run *run)
{
	engine_release(run, run->private);
	free(run->private);
}

/* Mean nanoseconds of each stage over the faults of all workers that went through it. */
static void emit_stages(const struct run *run, struct emit *emit)
{
	char metric[32];

	for (unsigned i = 0; i < NR_FAULT_STAGES; i++) {
		uint64_t ns = 0, nr = 0;

		for (unsigned w = 0; w < run->settings->nr_workers; w++) {
			const struct slice *slice = run->workers[w].state;

			ns += slice->stages.ns[i];
			nr += slice->stages.count[i];
		}
		snprintf(metric, sizeof(metric), "stage_%s_ns", fault_stage_names[i]);
		if (nr)
			emit_number(emit, metric, EMIT_ALL, "ns", (double)ns / nr);
		else
			emit_none(emit, metric, EMIT_ALL, "ns", "no fault went through it");
	}
}

static void anon_rows(const struct run *run, struct emit *emit)
{
	const struct engine_anon *anon = run->private;

	engine_rows(run, emit);
	if (anon->stages)
		emit_stages(run, emit);
}

const struct workload workload_engine_anon = {
	.name = "engine-anon",
	.summary = "anon on the engine: first write to each page of a slice of one VMA",
	.flags = ENGINE_FLAGS,
	.state_size = sizeof(struct slice),
	.params = anon_params,
	.unit = engine_unit,
	.setup = anon_setup,
	.thread_setup = anon_thread_setup,
	.pass = anon_pass,
	.thread_teardown = anon_thread_teardown,
	.teardown = anon_teardown,
	.rows = anon_rows,
};

const struct workload workload_engine_anon_many = {
	.name = "engine-anon-many",
	.summary = "the same, each worker in a VMA of its own",
	.flags = ENGINE_FLAGS,
	.state_size = sizeof(struct slice),
	.params = anon_params,
	.unit = engine_unit,
	.setup = many_setup,
	.thread_setup = many_thread_setup,
	.pass = anon_pass,
	.thread_teardown = anon_thread_teardown,
	.teardown = anon_teardown,
	.rows = anon_rows,
};
