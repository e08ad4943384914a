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

#define SEED	     1 /* the same pages in the same order each time */
#define VERSION	     1 /* of the pages' contents: they are not written again */
#define PAGE_CLUSTER "/proc/sys/vm/page-cluster"

const char *const kernel_swap_backends[NR_BACKENDS] = {
	[BACKEND_ZSWAP] = "zswap",
	[BACKEND_ZRAM] = "zram",
	[BACKEND_FILE] = "file",
};

static const struct workload_param kernel_swap_params[] = {
	{"backend", "zswap", "where pages go: zswap (and a file), zram, file"},
	{"page-cluster", "0", "pages read at once, as a power of two: 0 to 6, or as-is"},
	{"verify", "all", "pages verified: all (once more, at the end) or accessed"},
	{NULL, NULL, NULL},
};

static int kernel_swap_probe(struct why *why)
{
	struct kswap_hierarchy hierarchy;
	int err;

	if (sysconf(_SC_PAGESIZE) != CONTENT_PAGE)
		return why_not(why, ENOSYS, "its pages have %d bytes, this kernel's %ld",
			       CONTENT_PAGE, sysconf(_SC_PAGESIZE));
	if (geteuid())
		return why_not(why, EPERM, "only root may make cgroups and swap");
	if (access("/proc/swaps", F_OK))
		return why_not(why, ENOSYS, "the kernel has no swap (CONFIG_SWAP)");
	err = kswap_hierarchy_find(&hierarchy, "/proc/self/mounts", "/proc/self/cgroup", why);
	kswap_hierarchy_release(&hierarchy);
	return err;
}

static int read_backend(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const char *name = run_param(run, "backend");

	for (k->backend = 0; k->backend < NR_BACKENDS; k->backend++)
		if (!strcmp(name, kernel_swap_backends[k->backend]))
			return 0;
	return why_not(why, EINVAL, "no such backend, with '%s'; use zswap, zram or file", name);
}

/* Options that mean nothing to the backend are refused, as a workload refuses them. */
static int check_options(const struct run *run, const struct kernel_swap *k, struct why *why)
{
	static const unsigned zswap_only = 1 << SWAP_POOL | 1 << SWAP_ZSWAP_MAX |
					   1 << SWAP_POOL_MAX | 1 << SWAP_ACCEPT |
					   1 << SWAP_SHRINKER;
	static const unsigned none[NR_BACKENDS] = {
		[BACKEND_ZRAM] = zswap_only | 1 << SWAP_FILE,
		[BACKEND_FILE] = zswap_only | 1 << SWAP_CODEC,
	};
	const struct swap_settings *s = &run->settings->swap;

	for (unsigned i = 0; i < NR_SWAP_OPTIONS; i++)
		if (s->given & none[k->backend] & 1u << i)
			return why_not(why, EINVAL, "backend '%s' has no use for option %s",
				       kernel_swap_backends[k->backend], swap_options[i].name);
	if (strchr(s->codec, ':'))
		return why_not(why, EINVAL,
			       "the kernel's codecs are used at their own level, not '%s'",
			       s->codec);
	return 0;
}

static int read_params(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const char *cluster = run_param(run, "page-cluster"), *verify = run_param(run, "verify");
	uint64_t ignored;
	int err = read_backend(run, k, why);

	if (!err)
		err = check_options(run, k, why);
	if (!err && strcmp(cluster, "as-is"))
		err = number_parse(cluster, 0, 6, &ignored, why);
	k->verify_all = !strcmp(verify, "all");
	if (!err && !k->verify_all && strcmp(verify, "accessed"))
		err = why_not(why, EINVAL, "verify is all or accessed, not '%s'", verify);
	return err;
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

static int set_page_cluster(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const char *wanted = run_param(run, "page-cluster");
	int err = kswap_read(PAGE_CLUSTER, k->page_cluster, sizeof(k->page_cluster));

	if (err || !strcmp(wanted, "as-is"))
		return 0;
	err = kswap_undo_note(&k->undo, KSWAP_WRITE, PAGE_CLUSTER, k->page_cluster, why);
	if (err)
		return err;
	err = kswap_write(PAGE_CLUSTER, wanted);
	if (err)
		return why_not(why, -err, "cannot write '%s' into '%s': %s", wanted, PAGE_CLUSTER,
			       strerror(-err));
	snprintf(k->page_cluster, sizeof(k->page_cluster), "%s", wanted);
	return 0;
}

/* zswap sits before any swap: it has to be off for the others. */
static int make_swap(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	uint64_t size = swap_settings_size(run);
	int err;

	snprintf(k->codec, sizeof(k->codec), "%s", k->backend == BACKEND_FILE ? "" : s->codec);
	if (k->backend == BACKEND_ZSWAP)
		err = kswap_zswap_on(s, &k->undo, why);
	else
		err = kswap_zswap_off(&k->undo, why);
	if (err)
		return err;
	if (k->backend == BACKEND_ZRAM)
		return kswap_area_zram(s->codec, size, &k->undo, &k->zram, why);
	return kswap_area_file(s->file, size, &k->undo, why);
}

static int change_machine(const struct run *run, struct kernel_swap *k, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	int err =
		kswap_hierarchy_find(&k->hierarchy, "/proc/self/mounts", "/proc/self/cgroup", why);

	if (!err)
		err = kswap_undo_start(&k->undo, KSWAP_UNDO_LOG, why);
	if (!err)
		err = set_page_cluster(run, k, why);
	if (!err)
		err = make_swap(run, k, why);
	if (!err)
		err = kswap_group_enter(&k->hierarchy, swap_settings_limit(run), s->zswap_max,
					&k->undo, &k->group, why);
	return err ? err : kswap_ballast_init(&k->ballast, "/var/tmp", why);
}

static int kernel_swap_setup(struct run *run, struct why *why)
{
	struct kernel_swap *k = xcalloc(1, sizeof(*k));
	size_t slice;
	int err;

	k->undo.fd = k->undo.alive = -1;
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
		err = change_machine(run, k, why);
	if (err)
		return err;
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		run->workers[i].start = k->start + i * slice;
		run->workers[i].length = slice;
		run->workers[i].kernel_least = 0; /* it may be in memory already */
	}
	kswap_gauge_init(&k->gauge, k->group, k->backend == BACKEND_ZRAM ? (int)k->zram : -1);
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

	if (!k->verify_all || !worker->faults || worker->err)
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
	return kswap_undo_finish(&k->undo, why);
}

static void kernel_swap_teardown(struct run *run)
{
	struct kernel_swap *k = run->private;

	kswap_hierarchy_release(&k->hierarchy);
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
	.probe = kernel_swap_probe,
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
