/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times zswap_store() and zswap_load() of a page beside the bare codec on the same pages: what is above it
 * is zswap's own. Each worker has pages, slots and a group with the others. Interleaved, medians of repeats,
 * CPU time; and the density of a pool with many pages. With the name of a codec: that one alone.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/say.h"
#include "pft/base/memcg.h"
#include "pft/base/node_memory.h"
#include "pft/base/obj_cgroup.h"
#include "pft/base/rcu.h"
#include "pft/compress/compress.h"
#include "pft/content.h"
#include "pft/zswap/swap.h"
#include "pft/zswap/zswap.h"

#define REPEATS 15
#define PAGES	512 /* of a worker: more than a branch predictor learns */
#define TURN	16 /* of these, before the other way has its turn: the speed of machines varies */
#define WORKERS 2
#define MANY	16384 /* for the density */

static const char *const codecs[] = {"null", "lz4", "lzo", "zstd:1", "zstd", "deflate:1"};
#define NR_CODECS (sizeof(codecs) / sizeof(*codecs))

enum what { BARE_IN, STORE, BARE_OUT, LOAD, NR_WHATS };

struct worker {
	pthread_t thread;
	unsigned slot;
	uint64_t first; /* swap slot */
	struct compress_context context;
	double ns[NR_WHATS][REPEATS];
	size_t lengths[PAGES];
	uint64_t pages[PAGES][CONTENT_WORDS];
	unsigned char packed[PAGES][COMPRESS_BOUND];
} __attribute__((aligned(4096)));

static struct worker workers[WORKERS];
static struct memcg_tree tree;
static struct memcg *group;
static struct zswap *zswap;
static struct swap swap; /* nothing is written back: it is not used */
static struct content content;
static const struct compressor *compressor;
static int level;
static uint32_t gate; /* how often somebody has come */
static unsigned expected;

static void meet(uint32_t *met)
{
	*met += expected;
	arch_xadd_full(&gate, 1);
	while ((int32_t)(arch_load_acquire(&gate) - *met) < 0)
		arch_relax();
}

/* The machine may have other work: only what this thread computes counts. */
static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* As zswap does it: into one buffer. */
static void bare_in(struct worker *w, unsigned first)
{
	static _Thread_local unsigned char buffer[COMPRESS_BOUND];
	size_t length;

	for (unsigned i = first; i < first + TURN; i++)
		if (compress_page(&w->context, w->pages[i], buffer, sizeof(buffer), &length))
			die(EXIT_FAILED, "codec '%s' fails", compressor->name);
}

static void bare_out(struct worker *w, unsigned first)
{
	for (unsigned i = first; i < first + TURN; i++)
		if (decompress_page(&w->context, w->packed[i], w->lengths[i], w->pages[i]))
			die(EXIT_FAILED, "codec '%s' fails", compressor->name);
}

static void store(struct worker *w, unsigned first)
{
	for (unsigned i = first; i < first + TURN; i++)
		if (zswap_store(zswap, w->first + i, w->pages[i], group, 0))
			die(EXIT_FAILED, "zswap does not take page %u", i);
}

static void load(struct worker *w, unsigned first)
{
	for (unsigned i = first; i < first + TURN; i++)
		if (zswap_load(zswap, w->first + i, w->pages[i]))
			die(EXIT_FAILED, "zswap does not have page %u", i);
}

static void (*const does[NR_WHATS])(struct worker *w, unsigned first) = {
	[BARE_IN] = bare_in,
	[STORE] = store,
	[BARE_OUT] = bare_out,
	[LOAD] = load,
};

static void prepare(struct worker *w)
{
	if (zswap_enter(zswap) || compress_open(&w->context, compressor, level))
		die(EXIT_FAILED, "out of memory");
	for (unsigned i = 0; i < PAGES; i++) {
		content_fill(&content, w->pages[i], w->first + i, 1);
		if (compress_page(&w->context, w->pages[i], w->packed[i], COMPRESS_BOUND,
				  &w->lengths[i]))
			die(EXIT_FAILED, "codec '%s' fails", compressor->name);
	}
}

/* The codec and zswap in turns, each over all pages, half of them apart: neither finds in the caches what
 * the other has just had. */
static void turns(struct worker *w, enum what what, unsigned repeat, uint32_t *met)
{
	uint64_t ns[2] = {0, 0};

	meet(met);
	for (unsigned i = 0; i < PAGES; i += TURN)
		for (unsigned with = 0; with < 2; with++) {
			uint64_t start = cpu_ns();

			does[what + with](w, (i + with * PAGES / 2) % PAGES);
			ns[with] += cpu_ns() - start;
		}
	for (unsigned with = 0; with < 2; with++)
		w->ns[what + with][repeat] = (double)ns[with] / PAGES;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	uint32_t met = 0;

	arch_slot_enter(w->slot);
	node_memory_enter(0);
	rcu_register_thread();
	prepare(w);
	for (int repeat = -1; repeat < REPEATS; repeat++)
		for (unsigned what = 0; what < NR_WHATS; what += 2)
			turns(w, what, repeat < 0 ? 0 : repeat, &met);
	for (unsigned i = 0; i < PAGES; i++)
		if (!content_good(&content, w->pages[i], w->first + i, 1))
			die(EXIT_FAILED, "page %u came back wrong", i);
	compress_close(&w->context);
	zswap_leave(zswap);
	rcu_unregister_thread();
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Of all repeats of all workers. */
static double median(enum what what)
{
	double all[WORKERS * REPEATS];

	for (unsigned i = 0; i < expected; i++)
		memcpy(&all[i * REPEATS], workers[i].ns[what], sizeof(workers[i].ns[what]));
	qsort(all, expected * REPEATS, sizeof(*all), by_value);
	return all[expected * REPEATS / 2];
}

static void open_zswap(const char *codec)
{
	struct zswap_options options = ZSWAP_OPTIONS_INIT;
	struct why why = WHY_INIT;

	options.memcgs = &tree;
	options.compressor = codec;
	if (zswap_new(&zswap, &options, &why) || compressor_parse(codec, &compressor, &level, &why))
		die(EXIT_FAILED, "%s", why.text);
	if (zswap_swapon(zswap, &swap, MANY))
		die(EXIT_FAILED, "out of memory");
}

static void close_zswap(void)
{
	obj_cgroup_drain_all(&tree);
	zswap_swapoff(zswap);
	zswap_free(zswap);
}

/* Pool bytes over compressed bytes, of many pages. */
static double density(void)
{
	uint64_t page[CONTENT_WORDS] __attribute__((aligned(4096)));
	double result;
	uint64_t i;

	for (i = 0; i < MANY; i++) {
		content_fill(&content, page, i, 1);
		if (zswap_store(zswap, i, page, group, 0))
			die(EXIT_FAILED, "zswap does not take page %lu", (unsigned long)i);
	}
	result = (double)zswap_total_pages(zswap) * 4096 / group->zswap_bytes;
	for (i = 0; i < MANY; i++)
		zswap_invalidate(zswap, i);
	return result;
}

static void bench(const char *codec, unsigned nr)
{
	double ratio;
	unsigned i;

	open_zswap(codec);
	arch_write_once(&gate, 0);
	expected = nr;
	for (i = 0; i < nr; i++) {
		workers[i].slot = i + 1;
		workers[i].first = (uint64_t)i * PAGES;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (i = 0; i < nr; i++)
		pthread_join(workers[i].thread, NULL);
	prepare(&workers[0]);
	if (content_measure(&content, &workers[0].context, &ratio))
		die(EXIT_FAILED, "codec '%s' fails", codec);
	compress_close(&workers[0].context);
	printf("%-10s %u ", codec, nr);
	for (i = 0; i < NR_WHATS; i += 2) {
		double bare = median(i), with = median(i + 1);

		printf(" %8.0f %8.0f %6.2f %+7.0f", bare, with, with / bare,
		       with - (1.15 * bare + 150));
	}
	printf("  %5.2f %7.3f\n", ratio, density());
	close_zswap();
}

int main(int argc, char **argv)
{
	struct why why = WHY_INIT;

	if (node_memory_init(1, &why) || content_init(&content, 3, 1, &why))
		die(EXIT_FAILED, "%s", why.text);
	arch_slot_enter(0);
	node_memory_enter(0);
	rcu_register_thread();
	if (memcg_tree_init(&tree, 1) || memcg_new(&group, tree.root))
		die(EXIT_FAILED, "out of memory");
	printf("ns of CPU time for a page: the codec alone, zswap's call, their ratio, and what is "
	       "above 1.15 of the codec and 150 ns\n");
	printf("%-10s %s  %8s %8s %6s %7s  %8s %8s %6s %7s  %5s %7s\n", "codec", "n", "compress",
	       "store", "ratio", "above", "restore", "load", "ratio", "above", "ratio", "density");
	for (unsigned i = 0; i < NR_CODECS; i++)
		for (unsigned nr = 1; nr <= WORKERS; nr++)
			if (argc < 2 || !strcmp(codecs[i], argv[1]))
				bench(codecs[i], nr);
	memcg_offline(group);
	rcu_barrier();
	memcg_tree_release(&tree);
	rcu_unregister_thread();
	content_release(&content);
	check_stdout();
	return 0;
}
