/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine-swap: the page stream of kernel-swap through the engine's memory manager, its zswap and a swap
 * file. Before the measurement each worker fills its part of the working set, of which the group may have
 * --limit in memory; in it, it reads planned pages in the order of --access. Each page that is read is
 * verified.
 */
#include "pft/workloads/engine_swap.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"

struct stream_swap {
	struct engine_swap swap;
	unsigned long start; /* of the working set */
	uint64_t pages; /* of each worker */
};

/* A worker's own, where the parent can read it. */
struct stream_worker {
	struct access_stream stream;
	uint64_t fill_start, fill_end; /* ns */
};

static const struct workload_param stream_params[] = {
	ENGINE_SWAP_PARAMS,
	ENGINE_PARAMS,
	{NULL, NULL, NULL},
};

static int stream_setup(struct run *run, struct why *why)
{
	struct stream_swap *s = xcalloc(1, sizeof(*s));
	uint64_t limit = swap_settings_limit(run), all;
	int err;

	run->private = s;
	s->pages = swap_settings_pages(run);
	all = s->pages * run->settings->nr_workers;
	err = engine_swap_init(run, &s->swap, s->pages,
			       limit / ENGINE_PAGE < all ? limit / ENGINE_PAGE : all, limit, why);
	if (!err && !mm_memcg(s->swap.engine.mm))
		err = why_not(why, EINVAL, "there is no group to limit, with '--param memcg=0'");
	if (!err)
		err = engine_map(&s->swap.engine, all * ENGINE_PAGE, 0, &s->start, why);
	if (err)
		return err;
	memcg_set_zswap_max(mm_memcg(s->swap.engine.mm), run->settings->swap.zswap_max);
	engine_swap_before(&s->swap);
	return 0;
}

static int stream_thread_setup(struct worker *worker)
{
	const struct stream_swap *s = worker->run->private;
	struct stream_worker *own = worker->state;
	uint64_t first = worker->id * s->pages;
	int err = 0;

	engine_enter(worker);
	access_stream_init(&own->stream, &s->swap.pattern, first, ENGINE_SWAP_SEED, worker->id);
	own->fill_start = arch_now_ns();
	for (uint64_t page = first; page < first + s->pages && !err; page++)
		err = engine_swap_write(&s->swap, s->swap.engine.mm, s->start + page * ENGINE_PAGE,
					page, &worker->why);
	own->fill_end = arch_now_ns();
	return err;
}

static void stream_ready(struct run *run)
{
	struct stream_swap *s = run->private;

	engine_swap_filled(&s->swap);
}

static int stream_pass(struct worker *worker)
{
	const struct stream_swap *s = worker->run->private;
	struct access_stream *stream = &((struct stream_worker *)worker->state)->stream;

	for (uint64_t left = worker->planned; left; left--) {
		uint64_t page = access_next(stream);
		int err = engine_swap_read(&s->swap, s->swap.engine.mm,
					   s->start + page * ENGINE_PAGE, page, &worker->why);

		if (err)
			return err;
	}
	worker->faults = worker->planned;
	return 0;
}

static void stream_passed(struct run *run)
{
	struct stream_swap *s = run->private;

	engine_swap_passed(&s->swap);
}

static void stream_thread_teardown(struct worker *worker)
{
	const struct stream_swap *s = worker->run->private;
	uint64_t first = worker->id * s->pages;
	bool verify = s->swap.verify_all && worker->faults && !worker->err;

	for (uint64_t page = first; verify && page < first + s->pages && !worker->err; page++)
		worker->err = engine_swap_read(&s->swap, s->swap.engine.mm,
					       s->start + page * ENGINE_PAGE, page, &worker->why);
	engine_leave();
}

static void stream_teardown(struct run *run)
{
	struct stream_swap *s = run->private;

	engine_swap_release(run, &s->swap);
	free(s);
}

/* From the earliest start to the latest end of filling, in seconds. */
static double fill_s(const struct run *run)
{
	uint64_t start = UINT64_MAX, end = 0;

	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		const struct stream_worker *own = run->workers[i].state;

		start = own->fill_start < start ? own->fill_start : start;
		end = own->fill_end > end ? own->fill_end : end;
	}
	return (end - start) / 1e9;
}

static void stream_rows(const struct run *run, struct emit *emit)
{
	struct stream_swap *s = run->private;
	const struct page_counter *counter = &mm_memcg(s->swap.engine.mm)->memory;

	engine_swap_rows(run, emit, fill_s(run));
	emit_count(emit, "group_failcnt", EMIT_ALL, "1", counter->failcnt);
	emit_count(emit, "group_peak_bytes", EMIT_ALL, "B", counter->watermark * ENGINE_PAGE);
}

const struct workload workload_engine_swap = {
	.name = "engine-swap",
	.summary = "read a working set that does not fit, through the engine's zswap",
	.flags = ENGINE_FLAGS | WL_SWAP | WL_LRU,
	.state_size = sizeof(struct stream_worker),
	.params = stream_params,
	.unit = engine_unit,
	.setup = stream_setup,
	.thread_setup = stream_thread_setup,
	.ready = stream_ready,
	.pass = stream_pass,
	.passed = stream_passed,
	.thread_teardown = stream_thread_teardown,
	.teardown = stream_teardown,
	.rows = stream_rows,
};
