/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "pft/workloads/kernel_swap.h"

/* From the earliest start to the latest end of filling, in seconds. */
static double fill_s(const struct run *run)
{
	uint64_t start = UINT64_MAX, end = 0;

	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		const struct kernel_swap_worker *own = run->workers[i].state;

		start = own->fill_start < start ? own->fill_start : start;
		end = own->fill_end > end ? own->fill_end : end;
	}
	return (end - start) / 1e9;
}

/* Pages that came in or went out, once each: what zswap writes back itself is counted by the device as
 * well. Kernels without zswap count none of its pages. */
static uint64_t moved(const struct kswap_counts *from, const struct kswap_counts *to, bool in)
{
	uint64_t zswap = kswap_count_between(from, to, in ? "zswpin" : "zswpout");
	uint64_t device = kswap_count_between(from, to, in ? "pswpin" : "pswpout");
	uint64_t back = in ? 0 : kswap_count_between(from, to, "zswpwb");

	zswap = zswap == KSWAP_NONE ? 0 : zswap;
	back = back == KSWAP_NONE ? 0 : back;
	return device == KSWAP_NONE ? KSWAP_NONE : zswap + device - back;
}

static void emit_moved(struct emit *emit, const char *phase, const struct kswap_counts *from,
		       const struct kswap_counts *to, double seconds)
{
	static const char *const names[] = {"swapout/sec", "swapin/sec"};
	char metric[32];

	for (unsigned in = 0; in < 2; in++) {
		uint64_t pages = moved(from, to, in);

		snprintf(metric, sizeof(metric), "%s%s", phase, names[in]);
		if (pages == KSWAP_NONE)
			emit_none(emit, metric, EMIT_ALL, "1/s", "this kernel does not count it");
		else
			emit_number(emit, metric, EMIT_ALL, "1/s", pages / seconds);
	}
}

/* What is stored at the end of the pass: @payload bytes of compressed pages, or KSWAP_NONE. */
static void emit_stored(struct emit *emit, uint64_t pages, uint64_t pool, uint64_t payload)
{
	static const char why[] = "nothing is stored, or this kernel does not say what";
	bool known = pages != KSWAP_NONE && pool != KSWAP_NONE && pool;

	if (known)
		emit_number(emit, "stored_ratio", EMIT_ALL, "1",
			    (double)pages * CONTENT_PAGE / pool);
	else
		emit_none(emit, "stored_ratio", EMIT_ALL, "1", why);
	if (known && payload != KSWAP_NONE && payload)
		emit_number(emit, "density", EMIT_ALL, "1", (double)pool / payload);
	else
		emit_none(emit, "density", EMIT_ALL, "1", why);
}

static void emit_density(const struct kernel_swap *k, struct emit *emit)
{
	const struct kswap_counts *now = &k->passed;
	uint64_t bytes;

	if (k->machine.backend != KSWAP_ZRAM_DEVICE) {
		emit_stored(emit, kswap_count(now, "zswap_stored_pages"),
			    kswap_count(now, "zswap_pool_bytes"),
			    kswap_count(now, "group_zswap_bytes"));
		return;
	}
	bytes = kswap_count(now, "zram_stored_bytes");
	emit_stored(emit, bytes == KSWAP_NONE ? KSWAP_NONE : bytes / CONTENT_PAGE,
		    kswap_count(now, "zram_pool_bytes"), kswap_count(now, "zram_compressed_bytes"));
}

void kernel_swap_rows(const struct run *run, struct emit *emit)
{
	const struct kernel_swap *k = run->private;
	struct totals totals;

	totals_of(run, &totals);
	swap_settings_rows(run, emit);
	emit_text(emit, "backend", kswap_backends[k->machine.backend]);
	emit_text(emit, "kernel_codec", *k->machine.codec ? k->machine.codec : "none");
	emit_text(emit, "page_cluster", k->machine.page_cluster);
	emit_text(emit, "zswap_writeback", k->machine.writeback ? "on" : "off");
	emit_count(emit, "cgroup_version", EMIT_ALL, "1", k->machine.hierarchy.version);
	emit_number(emit, "fill_s", EMIT_ALL, "s", fill_s(run));
	emit_moved(emit, "fill_", &k->before, &k->filled, fill_s(run));
	emit_moved(emit, "", &k->filled, &k->passed, totals.wall_s);
	emit_density(k, emit);
	kswap_counts_rows(emit, "fill_", &k->before, &k->filled);
	kswap_counts_rows(emit, "", &k->filled, &k->passed);
}
