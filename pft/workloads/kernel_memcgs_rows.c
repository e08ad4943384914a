/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/kernel_memcgs.h"

/* What is counted of a group, or of several. What it wrote to the device is what it swapped out itself and
 * what zswap wrote back of its pages, which kernels before 6.8 do not tell apart. Reads are not here:
 * the kernel counts them for the group that the thread is in, not for the page's. */
enum item {
	ITEM_USAGE,
	ITEM_ZSWAP_BYTES,
	ITEM_STORED,
	ITEM_ZSWPIN,
	ITEM_ZSWPOUT,
	ITEM_ZSWPWB,
	ITEM_WRITES,
	NR_ITEMS
};

static const struct {
	const char *name, *unit, *metric; /* of kswap_counts */
	bool level; /* how much there is, not what has happened */
	unsigned divisor;
} items[NR_ITEMS] = {
	[ITEM_USAGE] = {"usage_bytes", "B", "group_usage_bytes", true, 1},
	[ITEM_ZSWAP_BYTES] = {"zswap_bytes", "B", "group_zswap_bytes", true, 1},
	[ITEM_STORED] = {"stored_pages", "1", "group_zswapped_bytes", true, CONTENT_PAGE},
	[ITEM_ZSWPIN] = {"zswpin", "1", "group_zswpin", false, 1},
	[ITEM_ZSWPOUT] = {"zswpout", "1", "group_zswpout", false, 1},
	[ITEM_ZSWPWB] = {"zswpwb", "1", "group_zswpwb", false, 1},
	[ITEM_WRITES] = {"device_writes", "1", "group_written_bytes", false, CONTENT_PAGE},
};

/* Several groups, or one. */
struct sums {
	uint64_t items[NR_ITEMS]; /* or KSWAP_NONE */
	uint64_t accesses, ns, cold_ns, nr;
};

static void add(struct sums *sums, const struct kernel_group *g)
{
	for (unsigned i = 0; i < NR_ITEMS; i++) {
		uint64_t value = items[i].level ? kswap_count(&g->passed, items[i].metric)
						: kswap_count_between(&g->empty, &g->passed,
								      items[i].metric);

		if (value == KSWAP_NONE || sums->items[i] == KSWAP_NONE)
			sums->items[i] = KSWAP_NONE;
		else
			sums->items[i] += value / items[i].divisor;
	}
	sums->accesses += g->accesses;
	sums->ns += g->ns;
	sums->cold_ns += g->cold_ns;
	sums->nr++;
}

static void emit_sums(struct emit *emit, const char *prefix, const struct sums *sums)
{
	char metric[64];

	for (unsigned i = 0; i < NR_ITEMS; i++) {
		snprintf(metric, sizeof(metric), "%s%s", prefix, items[i].name);
		if (sums->items[i] == KSWAP_NONE)
			emit_none(emit, metric, EMIT_ALL, items[i].unit,
				  "this kernel does not count it for a group");
		else
			emit_count(emit, metric, EMIT_ALL, items[i].unit, sums->items[i]);
	}
	snprintf(metric, sizeof(metric), "%saccesses", prefix);
	emit_count(emit, metric, EMIT_ALL, "1", sums->accesses);
	swap_groups_emit_mean(emit, prefix, "access_ns", sums->ns, sums->accesses);
}

static void emit_group(const struct kernel_memcgs *m, struct emit *emit,
		       const struct kernel_group *g)
{
	struct sums sums = {0};
	char prefix[32];

	add(&sums, g);
	snprintf(prefix, sizeof(prefix), "group_%u_", (unsigned)(g - m->groups));
	swap_groups_emit_limit(&m->shape, emit, prefix, g->greedy);
	emit_sums(emit, prefix, &sums);
}

void kernel_memcgs_rows(const struct run *run, struct emit *emit)
{
	const struct kernel_memcgs *m = run->private;
	struct sums greedy = {0}, others = {0};

	swap_settings_rows(run, emit);
	emit_text(emit, "kernel_codec", m->machine.codec);
	emit_text(emit, "page_cluster", m->machine.page_cluster);
	emit_text(emit, "zswap_writeback", m->machine.writeback ? "on" : "off");
	emit_number(emit, "fill_s", EMIT_ALL, "s", m->fill_ns / 1e9);
	swap_groups_rows(&m->shape, emit);
	for (const struct kernel_group *g = m->groups; g < m->groups + m->shape.nr; g++)
		add(g->greedy ? &greedy : &others, g);
	emit_sums(emit, "greedy_", &greedy);
	emit_sums(emit, "others_", &others);
	swap_groups_emit_mean(emit, "others_", "cold_read_ns", others.cold_ns,
			      m->shape.cold * others.nr);
	for (const struct kernel_group *g = m->groups; g < m->groups + m->shape.nr; g++)
		emit_group(m, emit, g);
	kswap_counts_rows(emit, "fill_", &m->before, &m->filled);
	kswap_counts_rows(emit, "", &m->filled, &m->passed);
}
