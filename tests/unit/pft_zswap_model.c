/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random operations on zswap, against a plain map of what each slot must hold: pages that go out, come
 * back, are written anew or dropped, groups that come, go and change hands, limits and parameters that
 * change, allocations and I/O that fail. ZSWAP_OPS is how many, ZSWAP_SEED where they start.
 */
#include "tests/unit/pft_zswap_pages.h"

#define PAGES  3000
#define GROUPS 12
#define RUNS   10

static const struct {
	struct rig_options rig;
} runs[RUNS] = {
	{{.policy = NULL, .io = SWAP_IO_PWRITE, .total_pages = 2500}},
	{{.policy = "memcg", .io = SWAP_IO_PWRITE, .total_pages = 2500}},
	{{.policy = "global", .io = SWAP_IO_PWRITE, .total_pages = 2500}},
	{{.policy = NULL, .zpool = "zbud", .io = SWAP_IO_PWRITE, .total_pages = 4000}},
	{{.policy = NULL, .no_memcgs = true, .io = SWAP_IO_PWRITE, .total_pages = 2500}},
	{{.policy = NULL, .compressor = "lz4", .total_pages = 2500}},
	{{.policy = "memcg", .compressor = "null", .io = SWAP_IO_PWRITE, .total_pages = 6000}},
	{{.policy = "memcg", .zpool = "zbud", .compressor = "lz4", .total_pages = 2500}},
	{{.policy = NULL, .compressor = "lz4", .io = SWAP_IO_PWRITE, .total_pages = 1000}},
	{{.policy = "global", .compressor = "lz4", .total_pages = 1000}},
};

struct page {
	bool out; /* at slot; else in memory */
	uint64_t slot, number;
};

struct model {
	struct rig *rig;
	struct rng rng;
	struct page pages[PAGES];
	struct memcg *groups[GROUPS]; /* NULL, or with a reference: the zombies live by it */
	bool online[GROUPS], exact, injected;
	uint64_t outs, ins, from_disk, failed, next;
};

static uint64_t below(struct model *model, uint64_t n)
{
	return rng_below(&model->rng, n);
}

/* Any group with a reference, zombies included; NULL is the root. */
static struct memcg *any_group(struct model *model)
{
	return model->groups[below(model, GROUPS)];
}

static uint64_t new_number(struct model *model)
{
	return rig_page(below(model, RIG_KINDS), ++model->next);
}

static void page_out(struct model *model, struct page *page)
{
	struct memcg *memcg = model->rig->zswap->memcgs ? any_group(model) : NULL;
	int rc;

	page->number = new_number(model);
	rc = rig_out(model->rig, page->number, memcg, below(model, node_memory_nodes()),
		     &page->slot);
	page->out = !rc;
	model->outs++;
	model->failed += rc != 0;
}

static void page_in(struct model *model, struct page *page)
{
	bool disk;

	if (rig_in(model->rig, page->slot, page->number, &disk)) {
		if (!model->injected)
			fail_msg("slot %llu cannot be read", (unsigned long long)page->slot);
		return;
	}
	page->out = false;
	model->ins++;
	model->from_disk += disk;
}

/* New contents for a page that has its slot still: a duplicate entry if zswap had it. */
static void page_rewrite(struct model *model, struct page *page)
{
	bool was_new;
	struct frame *frame = rig_own(model->rig, page->slot, &was_new);

	page->number = new_number(model);
	frame->memcg = model->rig->zswap->memcgs ? any_group(model) : NULL;
	rig_fill(rig_frame_address(&model->rig->swap, frame), page->number);
	frame_set(frame, FRAME_UPTODATE | FRAME_DIRTY);
	if (swap_out(&model->rig->swap, frame))
		page->out = false;
	frame_wait_writeback(frame);
	if (frame_test(frame, FRAME_DIRTY))
		page->out = false; /* it stays in memory: its slot is of no use any more */
	frame_clear_flags(frame, FRAME_DIRTY);
	if (!page->out)
		swap_slot_put(&model->rig->swap.slots, page->slot);
	rig_done(model->rig, frame);
}

static void page_zap(struct model *model, struct page *page)
{
	rig_zap(model->rig, page->slot);
	page->out = false;
}

static void step_page(struct model *model)
{
	struct page *page = &model->pages[below(model, PAGES)];
	uint64_t what = below(model, 100);

	if (!page->out)
		page_out(model, page);
	else if (what < 45)
		page_in(model, page);
	else if (what < 75)
		page_rewrite(model, page);
	else if (what < 85)
		page_zap(model, page);
}

/* A group appears, goes offline, or a zombie loses its last reference. */
static void step_group(struct model *model)
{
	unsigned i = below(model, GROUPS);
	struct memcg *memcg = model->groups[i], *parent;
	unsigned up = below(model, GROUPS);

	if (!memcg) {
		parent = model->groups[up] && model->online[up] ? model->groups[up] : NULL;
		model->groups[i] = rig_memcg(model->rig, parent);
		memcg_get(model->groups[i], 1);
		model->online[i] = true;
	} else if (model->online[i]) {
		if (!memcg_offline(memcg))
			model->online[i] = false;
	} else {
		model->groups[i] = NULL;
		memcg_put(memcg, 1);
	}
}

static void step_limit(struct model *model)
{
	static const uint64_t max[] = {0, 4096, 65536, 262144, 1 << 20, MEMCG_UNLIMITED};
	struct memcg *memcg = any_group(model);

	if (!memcg)
		return;
	if (below(model, 4))
		memcg_set_zswap_max(memcg, max[below(model, sizeof(max) / sizeof(*max))]);
	else
		memcg_set_zswap_writeback(memcg, below(model, 3) > 0);
}

static void step_param(struct model *model)
{
	static const char *const codecs[] = {"lzo", "lz4", "null", "lzo", "zstd:1"};
	static const unsigned percents[] = {0, 1, 10, 20, 20, 30, 100};
	struct zswap *zswap = model->rig->zswap;

	switch (below(model, 8)) {
	case 0:
		assert_int_equal(zswap_set_compressor(zswap, codecs[below(model, 5)], NULL), 0);
		break;
	case 1:
		zswap_set_max_pool_percent(zswap, percents[below(model, 7)], NULL);
		break;
	case 2:
		zswap_set_accept_threshold_percent(zswap, percents[below(model, 7)], NULL);
		break;
	case 3:
		zswap_set_enabled(zswap, below(model, 3) > 0);
		break;
	case 4:
		zswap_set_raw(zswap, below(model, 2));
		break;
	case 5:
		zswap_set_shrinker_enabled(zswap, below(model, 2));
		break;
	default: /* most of the time they are as they ought to be */
		zswap_set_enabled(zswap, true);
		zswap_set_max_pool_percent(zswap, 20, NULL);
		zswap_set_accept_threshold_percent(zswap, 90, NULL);
	}
}

static void step_shrink(struct model *model)
{
	struct memcg *memcg = model->rig->zswap->memcgs ? any_group(model) : NULL;
	struct zswap_reclaim reclaim = {
		.memcg = memcg,
		.node = below(model, node_memory_nodes()),
		.priority = below(model, 13),
		.may_io = below(model, 4),
	};

	switch (below(model, 4)) {
	case 0:
		zswap_worker_run(model->rig->zswap);
		break;
	case 1:
		if (!memcg || memcg_online(memcg))
			zswap_shrink_slab(model->rig->zswap, &reclaim);
		break;
	default:
		zswap_shrink_memcg(model->rig->zswap, memcg);
	}
}

/* Let the allocation, transfer or codec call after the next few fail. */
static void inject(struct model *model)
{
	struct fault_inject *const kinds[] = {
		&fault_inject_slab, &fault_inject_zpool,    &fault_inject_memcg,
		&fault_inject_io,   &fault_inject_compress, &fault_inject_decompress,
	};
	struct fault_inject *kind = kinds[below(model, sizeof(kinds) / sizeof(*kinds))];

	arch_write_once(&fault_io_kind, below(model, 3));
	fault_inject_nth(kind, 1 + below(model, 3), NULL);
	model->injected = true;
	step_page(model);
	if (kind != &fault_inject_memcg) /* a group that cannot be made is tried by its own tests */
		step_shrink(model);
	fault_inject_stop(kind);
	model->injected = false;
}

/* Sections of the invariants that cost little: after each step, where no thread of the device counts too. */
static void check_cheaply(struct model *model)
{
	struct zswap *zswap = model->rig->zswap;
	uint64_t stored = stat_of_slot(&zswap->stat, 0, ZSWAP_STORED_PAGES);
	uint64_t same = stat_of_slot(&zswap->stat, 0, ZSWAP_SAME_FILLED_PAGES), lists = 0;
	unsigned node;

	for (node = 0; node < node_memory_nodes(); node++)
		lists += list_lru_count_node(&zswap->lru, node);
	assert_int_equal(stored, lists + same);
	assert_true(stored <= swap_slots_used(&model->rig->swap.slots));
}

static void step(struct model *model)
{
	uint64_t what = below(model, 10000);

	if (what < 9300)
		step_page(model);
	else if (what < 9800)
		step_shrink(model);
	else if (what < 9860)
		step_group(model);
	else if (what < 9900)
		step_limit(model);
	else if (what < 9930)
		step_param(model);
	else if (what < 9935)
		zpool_compact(model->rig->zswap->current->zpool);
	else
		inject(model);
}

/* All that is out comes back right, however it got there. */
static void end(struct model *model)
{
	unsigned i, round;

	for (i = 0; i < PAGES; i++)
		if (model->pages[i].out)
			page_in(model, &model->pages[i]);
	for (round = 0; round < GROUPS; round++)
		for (i = 0; i < GROUPS; i++)
			if (model->online[i] && !memcg_offline(model->groups[i]))
				model->online[i] = false;
	zswap_worker_flush(model->rig->zswap);
	assert_int_equal(rig_check(model->rig).entries, 0);
	for (i = 0; i < GROUPS; i++) {
		assert_false(model->online[i]);
		if (model->groups[i])
			memcg_put(model->groups[i], 1);
	}
	rig_free(model->rig);
}

static void run(unsigned n, uint64_t seed, uint64_t ops)
{
	struct model *model = calloc(1, sizeof(*model));
	uint64_t i, wb, stored;

	model->rig = rig_new(&runs[n].rig);
	model->exact = runs[n].rig.io == SWAP_IO_PWRITE;
	rng_init(&model->rng, seed);
	for (i = 0; i < ops; i++) {
		step(model);
		if (model->exact)
			check_cheaply(model);
		if (i % 16384 == 0)
			rig_check(model->rig);
	}
	wb = rig_stat(model->rig, ZSWAP_WRITTEN_BACK_PAGES);
	stored = rig_stat(model->rig, ZSWAP_ZSWPOUT);
	printf("# run %u: %llu out (%llu stayed), %llu in, %llu from disk; ", n,
	       (unsigned long long)model->outs, (unsigned long long)model->failed,
	       (unsigned long long)model->ins, (unsigned long long)model->from_disk);
	printf("%llu stored, %llu written back\n", (unsigned long long)stored,
	       (unsigned long long)wb);
	end(model);
	/* What was to be tried was tried. */
	if (ops > 10000)
		assert_true(stored > ops / 20 && wb > ops / 200);
	free(model);
}

static uint64_t env(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void follows_the_model(void **state)
{
	uint64_t seed = env("ZSWAP_SEED", 1), ops = env("ZSWAP_OPS", 1000000);
	unsigned n;

	(void)state;
	for (n = 0; n < RUNS; n++) {
		printf("# run %u: ZSWAP_SEED=%llu ZSWAP_OPS=%llu\n", n, (unsigned long long)seed,
		       (unsigned long long)ops);
		fflush(stdout);
		run(n, seed + n, ops / RUNS);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_model),
	};

	return rig_run(tests, sizeof(tests) / sizeof(*tests), 2);
}
