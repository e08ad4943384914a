/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_swap_setup: what the workloads do that go through the engine's swap, but for their rows. */
#include <errno.h>
#include <string.h>

#include "common/units.h"
#include "pft/compress/compress.h"
#include "pft/platform.h"
#include "pft/workloads/engine_swap.h"
#include "pft/zswap/zpool.h"

#define VERSION 1 /* of the pages' contents: they are not written again */

/* Found again by the next run, should this one be killed. */
#define DEFAULT_FILE "/var/tmp/pft-engine-swap"

static int read_word(const struct run *run, const char *param, const char *const *words,
		     unsigned *which, struct why *why)
{
	const char *value = run_param(run, param);

	for (*which = 0; words[*which]; ++*which)
		if (!strcmp(words[*which], value))
			return 0;
	return why_not(why, EINVAL,
		       "no such word, with '--param %s=%s'; see 'pft --list workloads'", param,
		       value);
}

static int read_memory(const struct run *run, struct engine_swap *swap, struct why *why)
{
	const char *value = run_param(run, "memory");

	swap->memory = platform_memory();
	if (!strcmp(value, "all"))
		return 0;
	if (size_parse(value, ENGINE_PAGE, &swap->memory, why))
		return why_within(why, EINVAL, "--param memory");
	if (swap->memory < ENGINE_PAGE)
		return why_not(why, EINVAL, "--param memory: no memory at all, with '%s'", value);
	return 0;
}

static const char *const verify_words[] = {"accessed", "all", NULL};
static const char *const charge_words[] = {"all", "frames", NULL};
static const char *const io_words[] = {"auto", "uring", "pwrite", NULL}; /* enum swap_io */

static int read_params(const struct run *run, struct engine_swap *swap,
		       struct mm_swap_options *options, bool *frames_only, struct why *why)
{
	unsigned verify = 0, charge = 0, io = 0;
	uint64_t cluster;
	int err = number_parse(run_param(run, "page-cluster"), 0, 6, &cluster, why);

	if (err)
		return why_within(why, EINVAL, "--param page-cluster");
	err = read_word(run, "verify", verify_words, &verify, why);
	if (!err)
		err = read_word(run, "charge", charge_words, &charge, why);
	if (!err)
		err = read_word(run, "io", io_words, &io, why);
	if (!err)
		err = read_memory(run, swap, why);
	swap->verify_all = verify;
	*frames_only = charge;
	swap->page_cluster = options->page_cluster = cluster;
	options->memory = swap->memory;
	options->device.io = io;
	return err;
}

static int read_zswap(const struct run *run, struct zswap_options *options, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;

	options->policy = zswap_policy_find(s->lru);
	if (!options->policy)
		return why_not(why, EINVAL,
			       "no such policy, with '--lru %s'; 'pft --list policies' names them",
			       s->lru);
	if (zswap_lru_lock_parse(s->lru_lock, &options->lru_lock))
		BUG("--lru-lock %s", s->lru_lock);
	if (!zpool_find(s->pool))
		return why_not(why, EINVAL,
			       "no such allocator, with '--pool %s'; 'pft --list pools' names them",
			       s->pool);
	options->compressor = s->codec;
	options->zpool = s->pool;
	options->max_pool_percent = s->pool_max;
	options->accept_threshold_percent = s->accept;
	options->shrinker_enabled = s->shrinker;
	return 0;
}

/* What is in the pages, what the codec makes of it, and which page comes next. */
static int prepare_stream(const struct run *run, struct engine_swap *swap, uint64_t span,
			  struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	struct compress_context context = {0};
	const struct compressor *compressor;
	enum access_kind kind;
	double theta;
	int level, err = compressor_parse(s->codec, &compressor, &level, why);

	if (!err)
		err = access_parse(s->access, &kind, &theta, why);
	if (!err)
		err = access_pattern_init(&swap->pattern, kind, span, theta, why);
	if (!err)
		err = s->content
			      ? content_init_file(&swap->content, s->content, ENGINE_SWAP_SEED, why)
			      : content_init(&swap->content, s->compressibility, ENGINE_SWAP_SEED,
					     why);
	if (err)
		return err;
	err = compress_open(&context, compressor, level);
	if (!err)
		err = content_measure(&swap->content, &context, &swap->ratio);
	compress_close(&context);
	return err ? why_not(why, -err, "codec '%s' cannot be tried: %s", s->codec, strerror(-err))
		   : 0;
}

/* An eighth more than is to be in memory: so the groups' limits say what goes, not the nodes'. */
static uint64_t frames_for(uint64_t resident)
{
	return resident + resident / 8 + 1024;
}

int engine_swap_init(struct run *run, struct engine_swap *swap, uint64_t span, uint64_t resident,
		     uint64_t max, struct why *why)
{
	const char *file = run->settings->swap.file;
	struct mm_swap_options options = {.zswap = ZSWAP_OPTIONS_INIT};
	struct mm_options mm = {.memcg_max = max, .swap = &options};
	bool frames_only = true;
	int err = read_params(run, swap, &options, &frames_only, why);

	if (!err)
		err = read_zswap(run, &options.zswap, why);
	if (!err)
		err = prepare_stream(run, swap, span, why);
	if (err)
		return err;
	options.device.path = file ? file : DEFAULT_FILE;
	options.device.size = swap_settings_size(run);
	err = engine_init_options(run, &swap->engine, &mm, frames_for(resident), 0, why);
	if (!err)
		mm_memcg_tree(swap->engine.mm)->frames_only = frames_only;
	return err;
}

void engine_swap_release(struct run *run, struct engine_swap *swap)
{
	engine_release(run, &swap->engine);
	access_pattern_release(&swap->pattern);
	content_release(&swap->content);
}

static void count(struct engine_swap *swap, struct swap_counts *counts)
{
	struct mm *mm = swap->engine.mm;
	struct zswap *zswap = mm_zswap(mm);
	struct memcg *memcg = NULL;

	*counts = (struct swap_counts){.ns = arch_now_ns(), .pool_pages = zswap_total_pages(zswap)};
	for (unsigned i = 0; i < NR_ZSWAP_STATS; i++)
		counts->zswap[i] = zswap_stat(zswap, i);
	for (unsigned i = 0; i < NR_SWAP_DEVICE_EVENTS; i++)
		counts->device[i] = stat_sum(&mm_swap_area(mm)->device.stat, i);
	/* Those below the root have the bytes of all below them; the root has none. */
	while ((memcg = memcg_next(mm_memcg_tree(mm)->root, memcg))) {
		if (!memcg->parent || memcg->parent->parent)
			continue;
		counts->zswapped += (uint64_t)arch_read_once(&memcg->zswapped);
		counts->zswap_bytes += (uint64_t)arch_read_once(&memcg->zswap_bytes);
	}
}

void engine_swap_before(struct engine_swap *swap)
{
	count(swap, &swap->before);
}

void engine_swap_filled(struct engine_swap *swap)
{
	count(swap, &swap->filled);
	engine_ready(&swap->engine);
}

void engine_swap_passed(struct engine_swap *swap)
{
	count(swap, &swap->passed);
	engine_passed(&swap->engine);
}

static int failed(struct why *why, int err, uint64_t index, bool write)
{
	const char *reason = strerror(-err);

	if (err == -ENOMEM)
		reason = "nothing more can be swapped out: give a larger --limit or --swap-size";
	return why_not(why, -err, "cannot %s page %lu: %s", write ? "write" : "read",
		       (unsigned long)index, reason);
}

int engine_swap_write(const struct engine_swap *swap, struct mm *mm, unsigned long address,
		      uint64_t index, struct why *why)
{
	uint64_t page[CONTENT_WORDS] __attribute__((aligned(64)));
	int err;

	content_fill(&swap->content, page, index, VERSION);
	err = mm_write(mm, address, page, sizeof(page));
	return __builtin_expect(err, 0) ? failed(why, err, index, true) : 0;
}

int engine_swap_read(const struct engine_swap *swap, struct mm *mm, unsigned long address,
		     uint64_t index, struct why *why)
{
	uint64_t page[CONTENT_WORDS] __attribute__((aligned(64)));
	int err = mm_read(mm, address, page, sizeof(page));

	if (__builtin_expect(err, 0))
		return failed(why, err, index, false);
	if (__builtin_expect(!content_good(&swap->content, page, index, VERSION), 0))
		return content_explain(&swap->content, page, index, VERSION, why);
	return 0;
}
