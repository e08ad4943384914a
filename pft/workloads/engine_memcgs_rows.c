/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/engine_memcgs.h"

/* What is counted of a group, or of several. Reads and writes of the device that a group made itself are
 * pswpin and pswpout, what zswap wrote back of its pages is zswpwb. */
enum item {
	ITEM_USAGE,
	ITEM_ZSWAP_BYTES,
	ITEM_ZSWPIN,
	ITEM_ZSWPOUT,
	ITEM_ZSWPWB,
	ITEM_PSWPIN,
	ITEM_PSWPOUT,
	ITEM_PGSCAN,
	ITEM_ACCESSES,
	NR_ITEMS
};

static const struct {
	const char *name, *unit;
} items[NR_ITEMS] = {
	[ITEM_USAGE] = {"usage_bytes", "B"}, [ITEM_ZSWAP_BYTES] = {"zswap_bytes", "B"},
	[ITEM_ZSWPIN] = {"zswpin", "1"},     [ITEM_ZSWPOUT] = {"zswpout", "1"},
	[ITEM_ZSWPWB] = {"zswpwb", "1"},     [ITEM_PSWPIN] = {"pswpin", "1"},
	[ITEM_PSWPOUT] = {"pswpout", "1"},   [ITEM_PGSCAN] = {"pgscan", "1"},
	[ITEM_ACCESSES] = {"accesses", "1"},
};

/* Several groups, or one. */
struct sums {
	uint64_t items[NR_ITEMS];
	uint64_t ns, cold_ns, nr;
};

static void add(struct sums *sums, const struct group *g)
{
	const int64_t *s = g->stats;
	const uint64_t values[NR_ITEMS] = {
		[ITEM_USAGE] = (uint64_t)g->usage * ENGINE_PAGE,
		[ITEM_ZSWAP_BYTES] = (uint64_t)g->zswap_bytes,
		[ITEM_ZSWPIN] = (uint64_t)s[MEMCG_ZSWPIN],
		[ITEM_ZSWPOUT] = (uint64_t)s[MEMCG_ZSWPOUT],
		[ITEM_ZSWPWB] = (uint64_t)s[MEMCG_ZSWPWB],
		[ITEM_PSWPIN] = (uint64_t)s[MEMCG_PSWPIN],
		[ITEM_PSWPOUT] = (uint64_t)s[MEMCG_PSWPOUT],
		[ITEM_PGSCAN] = (uint64_t)(s[MEMCG_PGSCAN_KSWAPD] + s[MEMCG_PGSCAN_DIRECT]),
		[ITEM_ACCESSES] = g->accesses,
	};

	for (unsigned i = 0; i < NR_ITEMS; i++)
		sums->items[i] += values[i];
	sums->ns += g->ns;
	sums->cold_ns += g->cold_ns;
	sums->nr++;
}

static void emit_sums(struct emit *emit, const char *prefix, const struct sums *sums)
{
	char metric[64];

	for (unsigned i = 0; i < NR_ITEMS; i++) {
		snprintf(metric, sizeof(metric), "%s%s", prefix, items[i].name);
		emit_count(emit, metric, EMIT_ALL, items[i].unit, sums->items[i]);
	}
	swap_groups_emit_mean(emit, prefix, "access_ns", sums->ns, sums->items[ITEM_ACCESSES]);
}

static void emit_group(const struct memcgs *m, struct emit *emit, const struct group *g)
{
	struct sums sums = {0};
	char prefix[32];

	add(&sums, g);
	snprintf(prefix, sizeof(prefix), "group_%u_", (unsigned)(g - m->groups));
	swap_groups_emit_limit(&m->shape, emit, prefix, g->greedy);
	emit_sums(emit, prefix, &sums);
}

void engine_memcgs_rows(const struct run *run, struct emit *emit)
{
	const struct memcgs *m = run->private;
	struct sums greedy = {0}, others = {0};

	engine_swap_rows(run, emit, (m->swap.filled.ns - m->swap.before.ns) / 1e9);
	swap_groups_rows(&m->shape, emit);
	for (const struct group *g = m->groups; g < m->groups + m->shape.nr; g++)
		add(g->greedy ? &greedy : &others, g);
	emit_sums(emit, "greedy_", &greedy);
	emit_sums(emit, "others_", &others);
	swap_groups_emit_mean(emit, "others_", "cold_read_ns", others.cold_ns,
			      m->shape.cold * others.nr);
	for (const struct group *g = m->groups; g < m->groups + m->shape.nr; g++)
		emit_group(m, emit, g);
}
