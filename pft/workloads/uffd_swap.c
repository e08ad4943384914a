/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uffd-swap: the page stream of kernel-swap through the engine: real memory of this process, of which a
 * part may be resident, and the engine's zswap and swap file for the rest (uffd_pager.h). Before the
 * measurement each worker fills its part of the working set; in it, it reads planned pages in the
 * order of --access, or writes some of them anew. Each page that is touched is verified.
 */
#include "pft/workloads/uffd_swap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/base/kthread.h"
#include "pft/compress/compress.h"
#include "pft/mm/mm.h"

#define SEED 1 /* the same pages in the same order each time, and as kernel-swap has them */

static const struct workload_param uffd_swap_params[] = {
	{"write", "0", "percent of the accesses that write the page anew"},
	{"ahead", "16", "most pages that are read at once, 1 to 16: the rest only in a row"},
	{"memory", "0", "what --pool-max is a share of, a size; 0: the machine's memory"},
	{"verify", "all", "pages verified: all (once more, at the end) or accessed"},
	{"check", "no", "hold the books of pager and zswap together, at the end: yes or no"},
	{"corrupt", "0", "turn over a bit of the page that is the N-th to come in; 0: of none"},
	{NULL, NULL, NULL},
};

static int read_number(const struct run *run, const char *name, uint64_t min, uint64_t max,
		       uint64_t *number, struct why *why)
{
	int err = number_parse(run_param(run, name), min, max, number, why);

	return err ? why_within(why, EINVAL, "--param %s", name) : 0;
}

/* True for @first, false for @second. */
static int read_choice(const struct run *run, const char *name, const char *first,
		       const char *second, bool *is_first, struct why *why)
{
	const char *value = run_param(run, name);

	*is_first = !strcmp(value, first);
	if (*is_first || !strcmp(value, second))
		return 0;
	return why_not(why, EINVAL, "neither %s nor %s, with '--param %s=%s'", first, second, name,
		       value);
}

static int read_memory(const struct run *run, uint64_t *bytes, struct why *why)
{
	int err = size_parse(run_param(run, "memory"), run->page_size, bytes, why);

	if (err)
		return why_within(why, EINVAL, "--param memory");
	if (!*bytes)
		*bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * run->page_size;
	return 0;
}

/* What is in the pages, and in which order they are accessed. */
static int prepare_stream(const struct run *run, struct uffd_swap *u, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	enum access_kind kind;
	double theta;
	int err = access_parse(s->access, &kind, &theta, why);

	u->pages = swap_settings_pages(run);
	if (!err)
		err = access_pattern_init(&u->pattern, kind, u->pages, theta, why);
	if (err)
		return err;
	return s->content ? content_init_file(&u->content, s->content, SEED, why)
			  : content_init(&u->content, s->compressibility, SEED, why);
}

/* What the codec makes of the contents, by itself. */
static int measure_content(const struct run *run, struct uffd_swap *u, struct why *why)
{
	struct compress_context context = {0};
	const struct compressor *compressor;
	int level;
	int err = compressor_parse(run->settings->swap.codec, &compressor, &level, why);

	if (err)
		return err;
	err = compress_open(&context, compressor, level);
	if (!err)
		err = content_measure(&u->content, &context, &u->content_ratio);
	compress_close(&context);
	return err ? why_not(why, -err, "codec '%s' cannot be measured: %s", compressor->name,
			     strerror(-err))
		   : 0;
}

static int enter_parent(struct uffd_swap *u, struct why *why)
{
	int err = engine_init(1, why);

	if (err)
		return err;
	u->slot = kthread_slot_get();
	if (!u->slot) {
		engine_exit();
		return why_not(why, EAGAIN, "no slot of the engine is free");
	}
	engine_worker_enter(u->slot, 0);
	return 0;
}

static int prepare_memory(const struct run *run, struct uffd_swap *u, struct why *why)
{
	unsigned workers = run->settings->nr_workers;
	uint64_t limit = swap_settings_limit(run) / run->page_size, memory = 0, ahead, corrupt;
	int err = read_memory(run, &memory, why);

	if (!err)
		err = read_number(run, "ahead", 1, PAGER_AHEAD, &ahead, why);
	if (!err)
		err = read_number(run, "corrupt", 0, UINT64_MAX, &corrupt, why);
	if (!err)
		err = swap_area_init(&u->area, run, workers * PAGER_AHEAD, memory, why);
	if (!err)
		err = pager_init(&u->pager, &u->area, u->pages * workers, limit, workers, why);
	if (err)
		return err;
	u->pager.ahead = ahead;
	u->pager.corrupt = corrupt;
	u->versions = xcalloc(u->pages * workers, sizeof(*u->versions));
	return 0;
}

static int uffd_swap_setup(struct run *run, struct why *why)
{
	struct uffd_swap *u = xcalloc(1, sizeof(*u));
	size_t slice;
	uint64_t write;
	bool ignored;
	int err;

	run->private = u;
	u->pager.uffd.fd = -1;
	err = read_number(run, "write", 0, 100, &write, why);
	if (!err)
		err = read_choice(run, "verify", "all", "accessed", &u->verify_all, why);
	if (!err)
		err = read_choice(run, "check", "yes", "no", &ignored, why);
	if (!err)
		err = prepare_stream(run, u, why);
	if (!err)
		err = measure_content(run, u, why);
	if (!err)
		err = enter_parent(u, why);
	if (!err)
		err = prepare_memory(run, u, why);
	if (err)
		return err;
	u->write = write;
	slice = u->pages * CONTENT_PAGE;
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		run->workers[i].start = u->pager.uffd.area + i * slice;
		run->workers[i].length = slice;
		run->workers[i].kernel_least = 0; /* it may be in memory already */
	}
	uffd_swap_count(u, &u->before);
	pager_catch(&u->pager);
	return 0;
}

static void *page_at(const struct uffd_swap *u, uint64_t page)
{
	return u->pager.uffd.area + page * CONTENT_PAGE;
}

static int wrong_page(struct worker *worker, uint64_t page)
{
	const struct uffd_swap *u = worker->run->private;
	int err = arch_read_once(&u->pager.err);

	if (err)
		return worker_fails(worker, -err, "a fault could not be served: %s%s",
				    strerror(-err),
				    err == -ENOSPC ? "; give a larger --swap-size" : "");
	return content_explain(&u->content, page_at(u, page), page, u->versions[page],
			       &worker->why);
}

static bool page_is_good(const struct uffd_swap *u, uint64_t page)
{
	return content_good(&u->content, page_at(u, page), page, u->versions[page]);
}

static int uffd_swap_thread_setup(struct worker *worker)
{
	const struct uffd_swap *u = worker->run->private;
	struct uffd_swap_worker *own = worker->state;
	uint64_t first = worker->id * u->pages;

	engine_worker_enter(worker->id, 0);
	own->entered = true;
	if (zswap_enter(u->area.zswap))
		return worker_fails(worker, ENOMEM, "no memory for zswap's buffers");
	access_stream_init(&own->stream, &u->pattern, first, SEED, worker->id);
	rng_init(&own->rng, SEED + worker->id);
	own->fill_start = now_ns();
	for (uint64_t page = first; page < first + u->pages; page++)
		content_fill(&u->content, page_at(u, page), page, ++u->versions[page]);
	own->fill_end = now_ns();
	return arch_read_once(&u->pager.err) ? wrong_page(worker, first) : 0;
}

static void uffd_swap_ready(struct run *run)
{
	struct uffd_swap *u = run->private;

	uffd_swap_count(u, &u->filled);
}

static int uffd_swap_pass(struct worker *worker)
{
	const struct uffd_swap *u = worker->run->private;
	struct uffd_swap_worker *own = worker->state;

	for (uint64_t left = worker->planned; left; left--) {
		uint64_t page = access_next(&own->stream);

		if (!page_is_good(u, page))
			return wrong_page(worker, page);
		if (u->write && access_scale(rng_next(&own->rng), 100) < u->write)
			content_fill(&u->content, page_at(u, page), page, ++u->versions[page]);
	}
	worker->faults = worker->planned;
	return arch_read_once(&u->pager.err) ? wrong_page(worker, 0) : 0;
}

static void uffd_swap_passed(struct run *run)
{
	struct uffd_swap *u = run->private;

	uffd_swap_count(u, &u->passed);
}

static void uffd_swap_thread_teardown(struct worker *worker)
{
	const struct uffd_swap *u = worker->run->private;
	struct uffd_swap_worker *own = worker->state;
	uint64_t first = worker->id * u->pages;

	if (u->verify_all && worker->faults && !worker->err)
		for (uint64_t page = first; page < first + u->pages && !worker->err; page++)
			if (!page_is_good(u, page))
				worker->err = wrong_page(worker, page);
	if (!own->entered)
		return;
	if (u->area.zswap)
		zswap_leave(u->area.zswap);
	engine_worker_leave();
	own->entered = false;
}

/* What nobody uses any more must add up. */
static int uffd_swap_restore(struct run *run, struct why *why)
{
	struct uffd_swap *u = run->private;
	int err;

	if (strcmp(run_param(run, "check"), "yes") || !u->versions || u->pager.err)
		return 0;
	zswap_worker_flush(u->area.zswap);
	swap_device_drain(&u->area.swap.device);
	err = pager_check(&u->pager, why);
	return err ? err : zswap_check(u->area.zswap, NULL, why);
}

static void uffd_swap_teardown(struct run *run)
{
	struct uffd_swap *u = run->private;

	if (u->slot) {
		pager_release(&u->pager);
		swap_area_release(&u->area);
		engine_worker_leave();
		kthread_slot_put(u->slot);
		engine_exit();
	}
	access_pattern_release(&u->pattern);
	content_release(&u->content);
	free(u->versions);
	free(u);
}

static int uffd_swap_probe(struct why *why)
{
	return uffd_probe(UFFD_SIGBUS_WP, why);
}

const struct workload workload_uffd_swap = {
	.name = "uffd-swap",
	.summary = "read a working set that does not fit, by userfaultfd and the engine's zswap",
	.flags = WL_COUNTS | WL_THREADS | WL_SWAP | WL_LRU,
	.state_size = sizeof(struct uffd_swap_worker),
	.params = uffd_swap_params,
	.probe = uffd_swap_probe,
	.unit = workload_base_unit,
	.setup = uffd_swap_setup,
	.thread_setup = uffd_swap_thread_setup,
	.ready = uffd_swap_ready,
	.pass = uffd_swap_pass,
	.passed = uffd_swap_passed,
	.thread_teardown = uffd_swap_thread_teardown,
	.restore = uffd_swap_restore,
	.teardown = uffd_swap_teardown,
	.rows = uffd_swap_rows,
};
