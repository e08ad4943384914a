/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel-swap: the page stream of the engine's swap workloads, through the kernel's own swap: zswap before
 * a file, zram, or a bare file. The process puts itself into a cgroup that may have a part of the working
 * set in memory. Before the measurement each worker fills its part of it; in it, it reads planned pages
 * in the order of --access. Each page that is read is verified.
 *
 * Everything that is changed of the machine is noted first and taken back whatever happens (kswap_undo.h).
 * The group is made last, and so taken back first: a limit must not be in force while swap is ended.
 *
 * Nothing is read ahead by default. What zswap has read ahead is dirty, and until it is mapped it is
 * not anonymous, which pageout() of Linux 6.18 takes for a reason to activate it: a group full of such pages
 * is killed.
 */
#include "pft/workloads/kernel_swap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/kswap_area.h"
#include "pft/map.h"

#define SEED	1 /* the same pages in the same order each time */
#define VERSION 1 /* of the pages' contents: they are not written again */

static const struct workload_param kernel_swap_params[] = {
	{"backend", "zswap", "where pages go: zswap (and a file), zram, file"},
	KSWAP_PARAMS,
	{NULL, NULL, NULL},
};

static int read_params(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const char *name = run_param(run, "backend");

	for (enum kswap_backend i = 0; i < NR_KSWAP_BACKENDS; i++)
		if (!strcmp(name, kswap_backends[i]))
			return kswap_machine_init(&k->machine, i, run, why);
	return why_not(why, EINVAL, "no such backend, with '%s'; use zswap, zram or file", name);
}

/* What is in the pages, and in which order they are read. */
static int prepare_stream(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	enum access_kind kind;
	double theta;
	int err = access_parse(s->access, &kind, &theta, why);

	k->pages = swap_settings_pages(run);
	if (!err)
		err = access_pattern_init(&k->pattern, kind, k->pages, theta, why);
	if (err)
		return err;
	return s->content ? content_init_file(&k->content, s->content, SEED, why)
			  : content_init(&k->content, s->compressibility, SEED, why);
}

static int make_group(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const struct kswap_limits limits = {
		.memory = swap_settings_limit(run),
		.zswap = run->settings->swap.zswap_max,
		.no_writeback = !k->machine.writeback,
	};
	int err = kswap_machine_change(&k->machine, run, why);

	if (!err)
		err = kswap_group_make(&k->machine.hierarchy, "", &limits, &k->machine.undo,
				       &k->group, why);
	if (!err)
		err = kswap_group_move(k->group, why);
	return err ? err : kswap_ballast_init(&k->ballast, "/var/tmp", why);
}

static int kernel_swap_setup(struct run *run, struct why *why)
{
	struct kernel_swap *k = xcalloc(1, sizeof(*k));
	size_t slice;
	int err;

	k->machine.undo.fd = k->machine.undo.alive = -1;
	k->ballast = (struct kswap_ballast){-1, {-1, -1}};
	k->gauge.debugfs = k->gauge.zram = -1;
	run->private = k;
	err = read_params(run, k, why);
	if (!err)
		err = prepare_stream(run, k, why);
	slice = k->pages * CONTENT_PAGE;
	if (!err)
		err = map_new(run, slice * run->settings->nr_workers, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, &k->start, why);
	if (!err)
		err = make_group(run, k, why);
	if (err)
		return err;
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		run->workers[i].start = k->start + i * slice;
		run->workers[i].length = slice;
		run->workers[i].kernel_least = 0; /* it may be in memory already */
	}
	kswap_gauge_init(&k->gauge, k->group,
			 k->machine.backend == KSWAP_ZRAM_DEVICE ? (int)k->machine.zram : -1);
	kswap_gauge_read(&k->gauge, &k->before);
	return 0;
}

static int kernel_swap_thread_setup(struct worker *worker)
{
	const struct kernel_swap *k = worker->run->private;
	struct kernel_swap_worker *own = worker->state;
	uint64_t first = worker->id * k->pages;

	access_stream_init(&own->stream, &k->pattern, first, SEED, worker->id);
	own->fill_start = now_ns();
	for (uint64_t page = first; page < first + k->pages; page++)
		content_fill(&k->content, k->start + page * CONTENT_PAGE, page, VERSION);
	own->fill_end = now_ns();
	return 0;
}

static void kernel_swap_ready(struct run *run)
{
	struct kernel_swap *k = run->private;

	kswap_gauge_read(&k->gauge, &k->filled);
}

static int wrong_page(struct worker *worker, uint64_t page)
{
	const struct kernel_swap *k = worker->run->private;

	return content_explain(&k->content, k->start + page * CONTENT_PAGE, page, VERSION,
			       &worker->why);
}

static int kernel_swap_pass(struct worker *worker)
{
	const struct kernel_swap *k = worker->run->private;
	struct access_stream *stream = &((struct kernel_swap_worker *)worker->state)->stream;

	for (uint64_t left = worker->planned; left; left--) {
		uint64_t page = access_next(stream);

		if (!content_good(&k->content, k->start + page * CONTENT_PAGE, page, VERSION))
			return wrong_page(worker, page);
	}
	worker->faults = worker->planned;
	return 0;
}

/* The verification that follows reads all pages once more, which is faster without the limit. */
static void kernel_swap_passed(struct run *run)
{
	struct kernel_swap *k = run->private;

	kswap_gauge_read(&k->gauge, &k->passed);
	kswap_raise_limit(k->group);
}

static void kernel_swap_thread_teardown(struct worker *worker)
{
	const struct kernel_swap *k = worker->run->private;
	uint64_t first = worker->id * k->pages;

	if (!k->machine.verify_all || !worker->faults || worker->err)
		return;
	for (uint64_t page = first; page < first + k->pages && !worker->err; page++)
		if (!content_good(&k->content, k->start + page * CONTENT_PAGE, page, VERSION))
			worker->err = wrong_page(worker, page);
}

/* The pages first: what is gone need not be read back. */
static int kernel_swap_restore(struct run *run, struct why *why)
{
	struct kernel_swap *k = run->private;

	map_free(k->start, k->pages * CONTENT_PAGE * run->settings->nr_workers);
	k->start = NULL;
	kswap_ballast_release(&k->ballast);
	kswap_gauge_release(&k->gauge);
	return kswap_undo_finish(&k->machine.undo, why);
}

static void kernel_swap_teardown(struct run *run)
{
	struct kernel_swap *k = run->private;

	kswap_machine_release(&k->machine);
	access_pattern_release(&k->pattern);
	content_release(&k->content);
	free(k->group);
	free(k);
}

const struct workload workload_kernel_swap = {
	.name = "kernel-swap",
	.summary = "read a working set that does not fit, through zswap, zram or a swap file",
	.flags = WL_COUNTS | WL_THREADS | WL_SWAP,
	.state_size = sizeof(struct kernel_swap_worker),
	.params = kernel_swap_params,
	.probe = kswap_machine_probe,
	.unit = workload_base_unit,
	.setup = kernel_swap_setup,
	.thread_setup = kernel_swap_thread_setup,
	.ready = kernel_swap_ready,
	.pass = kernel_swap_pass,
	.passed = kernel_swap_passed,
	.thread_teardown = kernel_swap_thread_teardown,
	.restore = kernel_swap_restore,
	.teardown = kernel_swap_teardown,
	.rows = kernel_swap_rows,
};
