/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel-memcgs: what engine-memcgs does, with the kernel's cgroups (version 2) and its zswap: groups that
 * share one compressed pool, the first of which need more memory than they may have. Who is written back
 * to the swap file, and what does it cost whom?
 *
 * The process moves into each group in turn and fills its pages there. Whose a page is, is decided when
 * it is touched first; swap remembers it (swap_cgroup), so that it stays the group's wherever the thread is
 * that brings it back. What is cold is swapped out before the greedy come, by MADV_PAGEOUT.
 */
#include "pft/workloads/kernel_memcgs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/kswap_area.h"
#include "pft/map.h"

#define SEED	      1 /* the same pages in the same order each time, as engine-memcgs has them */
#define VERSION	      1 /* of the pages' contents: they are not written again */
#define MAX_GROUPS    64
#define PAGEOUT_TRIES 100

static const struct workload_param kernel_memcgs_params[] = {
	SWAP_GROUPS_PARAMS,
	KSWAP_PARAMS,
	{NULL, NULL, NULL},
};

static int kernel_memcgs_probe(struct why *why)
{
	struct kswap_hierarchy h;
	int err = kswap_machine_probe(why);

	if (err)
		return err;
	err = kswap_hierarchy_find(&h, "/proc/self/mounts", "/proc/self/cgroup", why);
	if (!err && h.version != 2)
		err = why_not(why, ENOSYS,
			      "it needs cgroup version 2; here the memory controller is with "
			      "version 1, at '%s'",
			      h.mount);
	kswap_hierarchy_release(&h);
	return err;
}

static int prepare_streams(const struct run *run, struct kernel_memcgs *m, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	enum access_kind kind;
	double theta;
	int err = access_parse(s->access, &kind, &theta, why);

	if (!err)
		err = access_pattern_init(&m->pattern, kind, m->shape.pages, theta, why);
	if (!err)
		err = access_pattern_init(&m->hot, kind, m->shape.pages - m->shape.cold, theta,
					  why);
	if (!err)
		err = s->content ? content_init_file(&m->content, s->content, SEED, why)
				 : content_init(&m->content, s->compressibility, SEED, why);
	for (unsigned i = 0; i < m->shape.nr && !err; i++) {
		struct kernel_group *g = &m->groups[i];

		access_stream_init(&g->stream, g->greedy ? &m->pattern : &m->hot,
				   g->greedy ? 0 : m->shape.cold, SEED, i);
	}
	return err;
}

static uint64_t first_page(const struct kernel_memcgs *m, const struct kernel_group *g)
{
	return (uint64_t)(g - m->groups) * m->shape.pages;
}

static char *address(const struct kernel_memcgs *m, uint64_t page)
{
	return m->start + page * CONTENT_PAGE;
}

static int make_groups(const struct run *run, struct kernel_memcgs *m, struct why *why)
{
	int err = kswap_machine_change(&m->machine, run, why);

	for (unsigned i = 0; i < m->shape.nr && !err; i++) {
		struct kernel_group *g = &m->groups[i];
		const struct kswap_limits limits = {
			.memory = g->greedy ? m->shape.limit : SWAP_UNLIMITED,
			.zswap = run->settings->swap.zswap_max,
			.no_writeback = !m->machine.writeback,
		};
		char suffix[16];

		snprintf(suffix, sizeof(suffix), "-%u", i);
		err = kswap_group_make(&m->machine.hierarchy, suffix, &limits, &m->machine.undo,
				       &g->path, why);
		if (!err)
			kswap_gauge_init(&g->gauge, g->path, -1);
	}
	return err;
}

static void fill(const struct kernel_memcgs *m, const struct kernel_group *g, uint64_t from,
		 uint64_t to)
{
	for (uint64_t page = first_page(m, g) + from; page < first_page(m, g) + to; page++)
		content_fill(&m->content, address(m, page), page, VERSION);
}

/* Swap out all that is cold. Pages that were just used may be passed over at first. */
static int page_out(const struct kernel_memcgs *m, const struct kernel_group *g, struct why *why)
{
	size_t length = m->shape.cold * CONTENT_PAGE;
	unsigned char *present = xcalloc(m->shape.cold + 1, 1);
	char *start = address(m, first_page(m, g));
	uint64_t left = m->shape.cold;
	int err = 0;

	for (unsigned try = 0; try < PAGEOUT_TRIES && left && !err; try++) {
		if (madvise(start, length, MADV_PAGEOUT) || mincore(start, length, present))
			err = why_not(why, errno, "cannot swap out what is cold: %s",
				      strerror(errno));
		left = 0;
		for (uint64_t i = 0; i < m->shape.cold; i++)
			left += present[i] & 1;
	}
	free(present);
	if (!err && left)
		err = why_not(why, EBUSY, "%lu pages of a group cannot be swapped out",
			      (unsigned long)left);
	return err;
}

/* The kernel may not have that parameter; zswap_on() has refused to go without it then. */
static void switch_shrinker(bool on)
{
	kswap_write(KSWAP_ZSWAP "/shrinker_enabled", on ? "Y" : "N");
}

static int fill_group(struct kernel_memcgs *m, struct kernel_group *g, struct why *why)
{
	int err = kswap_group_move(g->path, why);

	if (!err && g->greedy)
		err = kswap_ballast_init(&g->ballast, "/var/tmp", why);
	if (err)
		return err;
	kswap_gauge_read(&g->gauge, &g->empty);
	if (!g->greedy) {
		fill(m, g, 0, m->shape.cold);
		err = page_out(m, g, why);
	}
	if (!err)
		fill(m, g, g->greedy ? 0 : m->shape.cold, m->shape.pages);
	return err;
}

/* The others come first, so that what is cold is the oldest that the pool has; without the shrinker, which
 * would write back what a group's own reclaim has just stored. */
static int fill_groups(struct kernel_memcgs *m, bool shrinker, struct why *why)
{
	uint64_t start = now_ns();
	int err = 0;

	switch_shrinker(false);
	for (unsigned i = m->shape.nr_greedy; i < m->shape.nr && !err; i++)
		err = fill_group(m, &m->groups[i], why);
	switch_shrinker(shrinker);
	for (unsigned i = 0; i < m->shape.nr_greedy && !err; i++)
		err = fill_group(m, &m->groups[i], why);
	m->fill_ns = now_ns() - start;
	return err ? err : kswap_group_move(m->machine.hierarchy.home, why);
}

static int new_groups(struct kernel_memcgs *m, struct why *why)
{
	m->groups = aligned_alloc(128, m->shape.nr * sizeof(*m->groups));
	if (!m->groups)
		return why_not(why, ENOMEM, "no memory for %u groups", m->shape.nr);
	memset(m->groups, 0, m->shape.nr * sizeof(*m->groups));
	for (unsigned i = 0; i < m->shape.nr; i++) {
		m->groups[i].greedy = i < m->shape.nr_greedy;
		m->groups[i].ballast = (struct kswap_ballast){-1, {-1, -1}};
		m->groups[i].gauge.debugfs = m->groups[i].gauge.zram = -1;
	}
	return 0;
}

static int kernel_memcgs_setup(struct run *run, struct why *why)
{
	struct kernel_memcgs *m = xcalloc(1, sizeof(*m));
	int err;

	run->private = m;
	m->machine.undo.fd = m->machine.undo.alive = -1;
	m->gauge.debugfs = m->gauge.zram = -1;
	err = swap_groups_init(&m->shape, run, CONTENT_PAGE, MAX_GROUPS, why);
	if (!err)
		err = kswap_machine_init(&m->machine, KSWAP_ZSWAP_FILE, run, why);
	if (!err)
		err = new_groups(m, why);
	if (!err)
		err = prepare_streams(run, m, why);
	if (!err)
		err = map_new(run, m->shape.nr * m->shape.pages * CONTENT_PAGE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, &m->start, why);
	if (!err)
		err = make_groups(run, m, why);
	if (err)
		return err;
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		run->workers[i].start = NULL;
		run->workers[i].kernel_least = 0; /* it may be in memory already */
	}
	kswap_gauge_init(&m->gauge, NULL, -1);
	kswap_gauge_read(&m->gauge, &m->before);
	err = fill_groups(m, run->settings->swap.shrinker, why);
	kswap_gauge_read(&m->gauge, &m->filled);
	return err;
}

static int read_page(const struct kernel_memcgs *m, uint64_t page, struct why *why)
{
	char *p = address(m, page);

	if (content_good(&m->content, p, page, VERSION))
		return 0;
	return content_explain(&m->content, p, page, VERSION, why);
}

static int access_group(struct worker *worker, unsigned group, uint64_t nr)
{
	const struct kernel_memcgs *m = worker->run->private;
	struct kernel_group *g = &m->groups[group];
	uint64_t start = now_ns();
	int err = 0;

	for (uint64_t i = 0; i < nr && !err; i++)
		err = read_page(m, first_page(m, g) + access_next(&g->stream), &worker->why);
	g->ns += now_ns() - start;
	g->accesses += nr;
	return err;
}

static int kernel_memcgs_pass(struct worker *worker)
{
	const struct kernel_memcgs *m = worker->run->private;

	return swap_groups_pass(worker, &m->shape, access_group);
}

/* The verification that follows reads all pages once more, which is faster without the limits. */
static void kernel_memcgs_passed(struct run *run)
{
	struct kernel_memcgs *m = run->private;

	kswap_gauge_read(&m->gauge, &m->passed);
	for (unsigned i = 0; i < m->shape.nr; i++)
		kswap_gauge_read(&m->groups[i].gauge, &m->groups[i].passed);
	for (unsigned i = 0; i < m->shape.nr; i++)
		kswap_raise_limit(m->groups[i].path);
}

/* Whatever is cold is read here for the first time. */
static int verify(const struct kernel_memcgs *m, struct kernel_group *g, struct why *why)
{
	uint64_t start = now_ns();
	int err = 0;

	for (uint64_t page = 0; page < m->shape.pages && !err; page++) {
		if (page == m->shape.cold)
			g->cold_ns = now_ns() - start;
		err = read_page(m, first_page(m, g) + page, why);
	}
	return err;
}

static void kernel_memcgs_thread_teardown(struct worker *worker)
{
	const struct kernel_memcgs *m = worker->run->private;
	unsigned step = worker->run->settings->nr_workers;
	bool all = m->machine.verify_all && worker->faults;

	for (unsigned i = m->shape.nr; all && i-- && !worker->err;)
		if (i % step == worker->id)
			worker->err = verify(m, &m->groups[i], &worker->why);
}

/* The pages first: what is gone need not be read back. */
static int kernel_memcgs_restore(struct run *run, struct why *why)
{
	struct kernel_memcgs *m = run->private;

	map_free(m->start, m->shape.nr * m->shape.pages * CONTENT_PAGE);
	for (unsigned i = 0; m->groups && i < m->shape.nr; i++) {
		kswap_ballast_release(&m->groups[i].ballast);
		kswap_gauge_release(&m->groups[i].gauge);
	}
	kswap_gauge_release(&m->gauge);
	return kswap_undo_finish(&m->machine.undo, why);
}

static void kernel_memcgs_teardown(struct run *run)
{
	struct kernel_memcgs *m = run->private;

	for (unsigned i = 0; m->groups && i < m->shape.nr; i++)
		free(m->groups[i].path);
	free(m->groups);
	kswap_machine_release(&m->machine);
	access_pattern_release(&m->pattern);
	access_pattern_release(&m->hot);
	content_release(&m->content);
	free(m);
}

const struct workload workload_kernel_memcgs = {
	.name = "kernel-memcgs",
	.summary = "groups that share the kernel's zswap, the first of them over its limit",
	.flags = WL_COUNTS | WL_THREADS | WL_SWAP | WL_MEMCGS,
	.params = kernel_memcgs_params,
	.probe = kernel_memcgs_probe,
	.unit = workload_base_unit,
	.setup = kernel_memcgs_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = kernel_memcgs_pass,
	.passed = kernel_memcgs_passed,
	.thread_teardown = kernel_memcgs_thread_teardown,
	.restore = kernel_memcgs_restore,
	.teardown = kernel_memcgs_teardown,
	.rows = kernel_memcgs_rows,
};
