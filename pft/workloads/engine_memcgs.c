/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine-memcgs: groups that share one compressed pool, the first of which need more memory than they may
 * have. Who is written back to the swap file, and what does it cost whom?
 *
 * Each group has an mm of its own and its share of the working set. The greedy ones have their share of
 * --limit; the others are within theirs, but a part of their pages is cold: it was swapped out before
 * the greedy came (memory.reclaim), and is not touched until all pages are verified at the end. A group
 * belongs to one worker, which goes round its groups, a few accesses in each.
 */
#include "pft/workloads/engine_memcgs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"

#define MAX_GROUPS    1000 /* mms that a family may have, less some */
#define RECLAIM_TRIES 10000

static const struct workload_param memcgs_params[] = {
	SWAP_GROUPS_PARAMS,
	ENGINE_SWAP_PARAMS,
	ENGINE_PARAMS,
	{NULL, NULL, NULL},
};

/* The groups, in a row below the engine's own, and an mm for each. */
static int make_groups(struct run *run, struct memcgs *m, struct why *why)
{
	struct mm *mm = m->swap.engine.mm;
	struct memcg *parent = mm_memcg(mm) ? mm_memcg(mm) : mm_memcg_tree(mm)->root;
	int err = 0;

	for (struct group *g = m->groups; g < m->groups + m->shape.nr && !err; g++) {
		g->greedy = g < m->groups + m->shape.nr_greedy;
		err = memcg_new(&g->memcg, parent);
		if (!err)
			err = mm_new_beside(mm, g->memcg, &g->mm);
		if (!err)
			err = mm_mmap(g->mm, m->shape.pages * ENGINE_PAGE, MM_READ | MM_WRITE,
				      m->swap.engine.map_flags, &g->start);
		if (err)
			return why_not(why, -err, "cannot make group %u: %s",
				       (unsigned)(g - m->groups), strerror(-err));
		if (g->greedy)
			memcg_set_max(g->memcg, m->shape.limit);
		memcg_set_zswap_max(g->memcg, run->settings->swap.zswap_max);
	}
	return 0;
}

static uint64_t first_page(const struct memcgs *m, const struct group *g)
{
	return (uint64_t)(g - m->groups) * m->shape.pages;
}

static int fill(const struct memcgs *m, const struct group *g, uint64_t from, uint64_t to,
		struct why *why)
{
	int err = 0;

	for (uint64_t page = from; page < to && !err; page++)
		err = engine_swap_write(&m->swap, g->mm, g->start + page * ENGINE_PAGE,
					first_page(m, g) + page, why);
	return err;
}

/* Swap out all that @g has. Pages just used are passed over at first. */
static int reclaim_all(const struct group *g, struct why *why)
{
	struct mm_stats stats;

	for (unsigned try = 0; try < RECLAIM_TRIES; try++) {
		mm_stats(g->mm, &stats);
		if (!stats.rss)
			return 0;
		mm_reclaim(g->mm, g->memcg, stats.rss);
	}
	return why_not(why, EBUSY, "%lu pages of a group cannot be swapped out",
		       (unsigned long)stats.rss);
}

/* The others come first, so that what is cold is the oldest that the pool has. The shrinker is not
 * there yet: it would write back what a group's own reclaim has just stored. */
static int fill_groups(struct memcgs *m, bool shrinker, struct why *why)
{
	struct zswap *zswap = mm_zswap(m->swap.engine.mm);
	const struct group *g;
	int err = 0;

	zswap_set_shrinker_enabled(zswap, false);
	for (g = m->groups + m->shape.nr_greedy; g < m->groups + m->shape.nr && !err; g++) {
		err = fill(m, g, 0, m->shape.cold, why);
		if (!err)
			err = reclaim_all(g, why);
		if (!err)
			err = fill(m, g, m->shape.cold, m->shape.pages, why);
	}
	zswap_set_shrinker_enabled(zswap, shrinker);
	for (g = m->groups; g < m->groups + m->shape.nr_greedy && !err; g++)
		err = fill(m, g, 0, m->shape.pages, why);
	return err;
}

static int prepare_streams(struct memcgs *m, struct why *why)
{
	const struct access_pattern *pattern = &m->swap.pattern;
	int err = access_pattern_init(&m->hot, pattern->kind, m->shape.pages - m->shape.cold,
				      pattern->theta, why);

	for (unsigned i = 0; i < m->shape.nr && !err; i++) {
		struct group *g = &m->groups[i];

		access_stream_init(&g->stream, g->greedy ? pattern : &m->hot,
				   g->greedy ? 0 : m->shape.cold, ENGINE_SWAP_SEED, i);
	}
	return err;
}

static int memcgs_setup(struct run *run, struct why *why)
{
	struct memcgs *m = xcalloc(1, sizeof(*m));
	const struct swap_groups *shape = &m->shape;
	uint64_t resident;
	int err;

	run->private = m;
	err = swap_groups_init(&m->shape, run, ENGINE_PAGE, MAX_GROUPS, why);
	if (err)
		return err;
	m->groups = aligned_alloc(ARCH_PAIR, shape->nr * sizeof(*m->groups));
	if (!m->groups)
		return why_not(why, ENOMEM, "no memory for %u groups", shape->nr);
	memset(m->groups, 0, shape->nr * sizeof(*m->groups));
	resident = shape->limit / ENGINE_PAGE < shape->pages ? shape->limit / ENGINE_PAGE
							     : shape->pages;
	resident = resident * shape->nr_greedy + shape->pages * (shape->nr - shape->nr_greedy);
	err = engine_swap_init(run, &m->swap, shape->pages, resident, 0, why);
	if (!err)
		err = make_groups(run, m, why);
	if (!err)
		err = prepare_streams(m, why);
	if (err)
		return err;
	engine_swap_before(&m->swap);
	err = fill_groups(m, run->settings->swap.shrinker, why);
	engine_swap_filled(&m->swap);
	return err;
}

static int memcgs_thread_setup(struct worker *worker)
{
	engine_enter(worker);
	return 0;
}

static int access_group(struct worker *worker, unsigned group, uint64_t nr)
{
	const struct memcgs *m = worker->run->private;
	struct group *g = &m->groups[group];
	uint64_t start = arch_now_ns();
	int err = 0;

	for (uint64_t i = 0; i < nr && !err; i++) {
		uint64_t page = access_next(&g->stream);

		err = engine_swap_read(&m->swap, g->mm, g->start + page * ENGINE_PAGE,
				       first_page(m, g) + page, &worker->why);
	}
	g->ns += arch_now_ns() - start;
	g->accesses += nr;
	return err;
}

static int memcgs_pass(struct worker *worker)
{
	const struct memcgs *m = worker->run->private;

	return swap_groups_pass(worker, &m->shape, access_group);
}

static void memcgs_passed(struct run *run)
{
	struct memcgs *m = run->private;

	engine_swap_passed(&m->swap);
	for (struct group *g = m->groups; g < m->groups + m->shape.nr; g++) {
		memcg_stat_read(g->memcg, g->stats);
		g->usage = arch_read_once(&g->memcg->memory.usage);
		g->zswap_bytes = arch_read_once(&g->memcg->zswap_bytes);
	}
}

/* Whatever is cold is read here for the first time. */
static int verify(const struct memcgs *m, struct group *g, struct why *why)
{
	uint64_t start = arch_now_ns();
	int err = 0;

	for (uint64_t page = 0; page < m->shape.pages && !err; page++) {
		if (page == m->shape.cold)
			g->cold_ns = arch_now_ns() - start;
		err = engine_swap_read(&m->swap, g->mm, g->start + page * ENGINE_PAGE,
				       first_page(m, g) + page, why);
	}
	return err;
}

static void memcgs_thread_teardown(struct worker *worker)
{
	const struct memcgs *m = worker->run->private;
	unsigned step = worker->run->settings->nr_workers;
	bool all = m->swap.verify_all && worker->faults;

	/* Backwards: the greedy would only push out more of the others. */
	for (unsigned i = m->shape.nr; all && i-- && !worker->err;)
		if (i % step == worker->id)
			worker->err = verify(m, &m->groups[i], &worker->why);
	engine_leave();
}

static void memcgs_teardown(struct run *run)
{
	struct memcgs *m = run->private;

	if (m->swap.engine.mm && m->swap.engine.check)
		mm_check(m->swap.engine.mm);
	for (struct group *g = m->groups; m->groups && g < m->groups + m->shape.nr; g++) {
		if (g->mm)
			mm_free(g->mm);
		if (g->memcg)
			memcg_offline(g->memcg);
	}
	engine_swap_release(run, &m->swap);
	access_pattern_release(&m->hot);
	free(m->groups);
	free(m);
}

const struct workload workload_engine_memcgs = {
	.name = "engine-memcgs",
	.summary = "groups that share one compressed pool, the first of them over its limit",
	.flags = ENGINE_FLAGS | WL_SWAP | WL_LRU | WL_MEMCGS,
	.params = memcgs_params,
	.unit = engine_unit,
	.setup = memcgs_setup,
	.thread_setup = memcgs_thread_setup,
	.pass = memcgs_pass,
	.passed = memcgs_passed,
	.thread_teardown = memcgs_thread_teardown,
	.teardown = memcgs_teardown,
	.rows = engine_memcgs_rows,
};
