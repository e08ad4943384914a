/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_swap_rows: what the engine's swap counted, as rows of the names that kernel-swap's have. */
#include "pft/workloads/engine_swap.h"

/* clang-format off */
static const struct {
	const char *metric;
	bool level; /* how much there is, not what has happened */
} zswap_rows[NR_ZSWAP_STATS] = {
	[ZSWAP_POOL_LIMIT_HIT] = {"zswap_pool_limit_hit", false},
	[ZSWAP_WRITTEN_BACK_PAGES] = {"zswap_written_back_pages", false},
	[ZSWAP_REJECT_RECLAIM_FAIL] = {"zswap_reject_reclaim_fail", false},
	[ZSWAP_REJECT_COMPRESS_FAIL] = {"zswap_reject_compress_fail", false},
	[ZSWAP_REJECT_COMPRESS_POOR] = {"zswap_reject_compress_poor", false},
	[ZSWAP_REJECT_ALLOC_FAIL] = {"zswap_reject_alloc_fail", false},
	[ZSWAP_REJECT_KMEMCACHE_FAIL] = {"zswap_reject_kmemcache_fail", false},
	[ZSWAP_DECOMPRESS_FAIL] = {"zswap_decompress_fail", false},
	[ZSWAP_STORED_PAGES] = {"zswap_stored_pages", true},
	[ZSWAP_STORED_INCOMPRESSIBLE_PAGES] = {"zswap_stored_incompressible", true},
	[ZSWAP_SAME_FILLED_PAGES] = {"zswap_same_filled_pages", true},
	[ZSWAP_DUPLICATE_ENTRY] = {"zswap_duplicate_entry", false},
	[ZSWAP_ZSWPIN] = {"zswpin", false},
	[ZSWAP_ZSWPOUT] = {"zswpout", false},
	[ZSWAP_ZSWPWB] = {"zswpwb", false},
	[ZSWAP_WRITE_FAIL] = {"zswap_write_fail", false},
	[ZSWAP_MEMCG_LIMIT_HIT] = {"zswap_memcg_limit_hit", false},
};
/* clang-format on */

static uint64_t pswpout(const struct swap_counts *c)
{
	return c->device[SWAP_DEVICE_WRITE] + c->device[SWAP_DEVICE_WRITE_ASYNC];
}

static void emit_prefixed(struct emit *emit, const char *prefix, const char *name, uint64_t value)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%s%s", prefix, name);
	emit_count(emit, metric, EMIT_ALL, "1", value);
}

static void emit_counts(struct emit *emit, const char *prefix, const struct swap_counts *from,
			const struct swap_counts *to)
{
	for (unsigned i = 0; i < NR_ZSWAP_STATS; i++) {
		if (zswap_rows[i].level && *prefix)
			continue;
		emit_prefixed(emit, prefix, zswap_rows[i].metric,
			      to->zswap[i] - (zswap_rows[i].level ? 0 : from->zswap[i]));
	}
	emit_prefixed(emit, prefix, "pswpin",
		      to->device[SWAP_DEVICE_READ] - from->device[SWAP_DEVICE_READ]);
	emit_prefixed(emit, prefix, "pswpout", pswpout(to) - pswpout(from));
}

/* Pages that came in or went out, once each: what zswap writes back is counted by the device as well. */
static void emit_moved(struct emit *emit, const char *prefix, const struct swap_counts *from,
		       const struct swap_counts *to, double seconds)
{
	uint64_t in = to->zswap[ZSWAP_ZSWPIN] - from->zswap[ZSWAP_ZSWPIN] +
		      to->device[SWAP_DEVICE_READ] - from->device[SWAP_DEVICE_READ];
	uint64_t out = to->zswap[ZSWAP_ZSWPOUT] - from->zswap[ZSWAP_ZSWPOUT] + pswpout(to) -
		       pswpout(from) - (to->zswap[ZSWAP_ZSWPWB] - from->zswap[ZSWAP_ZSWPWB]);
	char metric[32];

	snprintf(metric, sizeof(metric), "%sswapout/sec", prefix);
	emit_number(emit, metric, EMIT_ALL, "1/s", out / seconds);
	snprintf(metric, sizeof(metric), "%sswapin/sec", prefix);
	emit_number(emit, metric, EMIT_ALL, "1/s", in / seconds);
}

/* What is stored at the end of the pass. Same-filled pages are no bytes of it. */
static void emit_stored(struct emit *emit, const struct swap_counts *now)
{
	uint64_t pool = now->pool_pages * ENGINE_PAGE;

	emit_count(emit, "zswap_pool_bytes", EMIT_ALL, "B", pool);
	emit_count(emit, "group_zswap_bytes", EMIT_ALL, "B", now->zswap_bytes);
	emit_count(emit, "group_zswapped_bytes", EMIT_ALL, "B", now->zswapped * ENGINE_PAGE);
	if (pool && now->zswap_bytes) {
		emit_number(emit, "stored_ratio", EMIT_ALL, "1",
			    (double)now->zswapped * ENGINE_PAGE / pool);
		emit_number(emit, "density", EMIT_ALL, "1", (double)pool / now->zswap_bytes);
		return;
	}
	emit_none(emit, "stored_ratio", EMIT_ALL, "1", "nothing is stored");
	emit_none(emit, "density", EMIT_ALL, "1", "nothing is stored");
}

static void emit_device(struct emit *emit, struct engine_swap *swap)
{
	static const struct {
		const char *metric;
		enum swap_device_event event;
	} rows[] = {
		{"device_writes_async", SWAP_DEVICE_WRITE_ASYNC},
		{"device_batches", SWAP_DEVICE_BATCH},
		{"device_full_queue", SWAP_DEVICE_FULL_QUEUE},
		{"device_short", SWAP_DEVICE_SHORT},
		{"device_read_errors", SWAP_DEVICE_READ_ERROR},
		{"device_write_errors", SWAP_DEVICE_WRITE_ERROR},
	};
	const struct swap_device *device = &mm_swap_area(swap->engine.mm)->device;

	emit_text(emit, "device_direct", device->direct ? "yes" : "no");
	emit_text(emit, "device_uring", device->uring ? "yes" : "no");
	emit_text(emit, "device_allocated", device->allocated ? "yes" : "no");
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		emit_count(emit, rows[i].metric, EMIT_ALL, "1",
			   swap->passed.device[rows[i].event] - swap->filled.device[rows[i].event]);
}

void engine_swap_rows(const struct run *run, struct emit *emit, double fill_s)
{
	struct engine_swap *swap = run->private;
	struct totals totals;

	totals_of(run, &totals);
	swap_settings_rows(run, emit);
	emit_count(emit, "page_cluster", EMIT_ALL, "1", swap->page_cluster);
	emit_text(emit, "charge", run_param(run, "charge"));
	emit_count(emit, "pool_memory", EMIT_ALL, "B", swap->memory);
	emit_number(emit, "codec_ratio", EMIT_ALL, "1", swap->ratio);
	emit_number(emit, "fill_s", EMIT_ALL, "s", fill_s);
	emit_moved(emit, "fill_", &swap->before, &swap->filled, fill_s);
	emit_moved(emit, "", &swap->filled, &swap->passed, totals.wall_s);
	emit_stored(emit, &swap->passed);
	emit_device(emit, swap);
	emit_counts(emit, "fill_", &swap->before, &swap->filled);
	emit_counts(emit, "", &swap->filled, &swap->passed);
	engine_rows(run, emit);
}
