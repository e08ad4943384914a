/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uffd_swap_rows: what uffd-swap counted, as rows, under kernel-swap's names where both count it. */
#include <string.h>

#include "pft/workloads/uffd_swap.h"

/* How much there is, not what has happened. */
static bool is_level(unsigned stat)
{
	return stat == ZSWAP_STORED_PAGES || stat == ZSWAP_STORED_INCOMPRESSIBLE_PAGES ||
	       stat == ZSWAP_SAME_FILLED_PAGES;
}

void uffd_swap_count(struct uffd_swap *u, struct uffd_swap_counts *counts)
{
	for (unsigned i = 0; i < NR_PAGER_EVENTS; i++)
		counts->pager[i] = stat_sum(&u->pager.stat, i);
	for (unsigned i = 0; i < NR_ZSWAP_STATS; i++)
		counts->zswap[i] = zswap_stat(u->area.zswap, i);
	/* As the kernel's: zswap writes through the device too. */
	counts->pager[PAGER_OUT_DISK] += counts->zswap[ZSWAP_ZSWPWB];
	counts->pool_bytes = zswap_total_pages(u->area.zswap) << PAGE_SHIFT;
	counts->stored_bytes = arch_read_once(&u->area.memcg->zswap_bytes);
}

/* From the earliest start to the latest end of filling, in seconds. */
static double fill_s(const struct run *run)
{
	uint64_t start = UINT64_MAX, end = 0;

	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		const struct uffd_swap_worker *own = run->workers[i].state;

		start = own->fill_start < start ? own->fill_start : start;
		end = own->fill_end > end ? own->fill_end : end;
	}
	return (end - start) / 1e9;
}

static void emit_moved(struct emit *emit, const char *phase, const struct uffd_swap_counts *from,
		       const struct uffd_swap_counts *to, double seconds)
{
	static const enum pager_event events[] = {PAGER_OUT, PAGER_IN};
	static const char *const names[] = {"swapout/sec", "swapin/sec"};
	char metric[32];

	for (unsigned i = 0; i < 2; i++) {
		uint64_t pages = to->pager[events[i]] - from->pager[events[i]];

		snprintf(metric, sizeof(metric), "%s%s", phase, names[i]);
		emit_number(emit, metric, EMIT_ALL, "1/s", pages / seconds);
	}
}

/* The kernel's names: of /proc/vmstat, and of debugfs with zswap_ before it. */
static void emit_zswap(struct emit *emit, const char *phase, const struct uffd_swap_counts *from,
		       const struct uffd_swap_counts *to)
{
	char metric[64];

	for (unsigned i = 0; i < NR_ZSWAP_STATS; i++) {
		const char *name = zswap_stat_names[i];
		bool vmstat = i == ZSWAP_ZSWPIN || i == ZSWAP_ZSWPOUT || i == ZSWAP_ZSWPWB;
		uint64_t value = to->zswap[i] - from->zswap[i];

		if (is_level(i) && *phase)
			continue;
		snprintf(metric, sizeof(metric), "%s%s%s", phase, vmstat ? "" : "zswap_", name);
		emit_count(emit, metric, EMIT_ALL, "1", is_level(i) ? to->zswap[i] : value);
	}
}

static void emit_counts(struct emit *emit, const char *phase, const struct uffd_swap_counts *from,
			const struct uffd_swap_counts *to)
{
	char metric[64];

	for (unsigned i = 0; i < NR_PAGER_EVENTS; i++) {
		snprintf(metric, sizeof(metric), "%s%s", phase, pager_event_names[i]);
		emit_count(emit, metric, EMIT_ALL, "1", to->pager[i] - from->pager[i]);
	}
	emit_zswap(emit, phase, from, to);
}

/* What is stored at the end of the pass. Same-filled pages take no room. */
static void emit_stored(struct emit *emit, const struct uffd_swap_counts *now)
{
	static const char why[] = "nothing is stored";
	uint64_t pages =
		now->zswap[ZSWAP_STORED_PAGES] - now->zswap[ZSWAP_SAME_FILLED_PAGES];

	emit_count(emit, "zswap_pool_bytes", EMIT_ALL, "B", now->pool_bytes);
	emit_count(emit, "group_zswap_bytes", EMIT_ALL, "B", now->stored_bytes);
	if (now->stored_bytes) {
		emit_number(emit, "stored_ratio", EMIT_ALL, "1",
			    (double)pages * CONTENT_PAGE / now->pool_bytes);
		emit_number(emit, "density", EMIT_ALL, "1",
			    (double)now->pool_bytes / now->stored_bytes);
	} else {
		emit_none(emit, "stored_ratio", EMIT_ALL, "1", why);
		emit_none(emit, "density", EMIT_ALL, "1", why);
	}
}

void uffd_swap_rows(const struct run *run, struct emit *emit)
{
	const struct uffd_swap *u = run->private;
	const struct swap_device *device = &u->area.swap.device;
	struct totals totals;

	totals_of(run, &totals);
	swap_settings_rows(run, emit);
	emit_count(emit, "write", EMIT_ALL, "%", u->write);
	emit_count(emit, "ahead", EMIT_ALL, "1", u->pager.ahead);
	emit_text(emit, "swap_direct", device->direct ? "yes" : "no");
	emit_text(emit, "swap_uring", device->uring ? "yes" : "no");
	emit_text(emit, "swap_taken_over", device->taken_over ? "yes" : "no");
	emit_number(emit, "content_ratio", EMIT_ALL, "1", u->content_ratio);
	emit_number(emit, "fill_s", EMIT_ALL, "s", fill_s(run));
	emit_moved(emit, "fill_", &u->before, &u->filled, fill_s(run));
	emit_moved(emit, "", &u->filled, &u->passed, totals.wall_s);
	emit_stored(emit, &u->passed);
	emit_counts(emit, "fill_", &u->before, &u->filled);
	emit_counts(emit, "", &u->filled, &u->passed);
}
