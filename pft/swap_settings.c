/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/swap_settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "pft/access_stream.h"
#include "pft/content.h"
#include "pft/workload.h"
#include "pft/zswap/policy.h"

#define MAX_BYTES  (1ULL << 62)
#define MAX_MEMCGS 4096

const struct swap_option_row swap_options[NR_SWAP_OPTIONS] = {
	[SWAP_LIMIT] = {"--limit", WL_SWAP},
	[SWAP_WORKING_SET] = {"--working-set", WL_SWAP},
	[SWAP_CODEC] = {"--codec", WL_SWAP},
	[SWAP_POOL] = {"--pool", WL_SWAP},
	[SWAP_LRU] = {"--lru", WL_LRU},
	[SWAP_LRU_LOCK] = {"--lru-lock", WL_LRU},
	[SWAP_MEMCGS] = {"--memcgs", WL_MEMCGS},
	[SWAP_ZSWAP_MAX] = {"--zswap-max", WL_SWAP},
	[SWAP_POOL_MAX] = {"--pool-max", WL_SWAP},
	[SWAP_ACCEPT] = {"--accept-threshold", WL_SWAP},
	[SWAP_SHRINKER] = {"--zswap-shrinker", WL_SWAP},
	[SWAP_FILE] = {"--swap-file", WL_SWAP},
	[SWAP_SIZE] = {"--swap-size", WL_SWAP},
	[SWAP_ACCESS] = {"--access", WL_SWAP},
	[SWAP_COMPRESSIBILITY] = {"--compressibility", WL_SWAP},
	[SWAP_CONTENT] = {"--content", WL_SWAP},
};

void swap_settings_init(struct swap_settings *s)
{
	*s = (struct swap_settings){
		.codec = "lzo",
		.pool = "zsmalloc",
		.lru = "memcg-second-chance",
		.lru_lock = "policy",
		.zswap_max = SWAP_UNLIMITED,
		.pool_max = 20,
		.accept = 90,
		.access = "uniform",
		.compressibility = 3,
	};
}

static int read_bytes(const char *option, const char *arg, uint64_t *bytes, struct why *why)
{
	int err = size_parse(arg, sysconf(_SC_PAGESIZE), bytes, why);

	if (!err && *bytes > MAX_BYTES)
		err = why_not(why, EINVAL, "more than there can be, with '%s'", arg);
	return err ? why_within(why, EINVAL, "%s", option) : 0;
}

/* Bytes of which there have to be some: 0 stands for the default. */
static int read_size(const char *option, const char *arg, uint64_t *bytes, struct why *why)
{
	int err = read_bytes(option, arg, bytes, why);

	if (!err && !*bytes)
		err = why_not(why, EINVAL, "%s: no memory at all, with '%s'", option, arg);
	return err;
}

static int read_number(const char *option, const char *arg, uint64_t min, uint64_t max,
		       unsigned *number, struct why *why)
{
	uint64_t n = 0;
	int err = number_parse(arg, min, max, &n, why);

	*number = n;
	return err ? why_within(why, EINVAL, "%s", option) : 0;
}

/* Lower case letters, digits and dashes, as all plug-ins are named; @more: further characters. Whether
 * there is one of that name is for the workload to know. */
static int read_name(const char *option, const char *arg, const char *more, const char **name,
		     struct why *why)
{
	const char *p = arg;

	while (islower((unsigned char)*p) || isdigit((unsigned char)*p) ||
	       (*p && strchr(more, *p)) || *p == '-')
		p++;
	*name = arg;
	if (*arg && !*p)
		return 0;
	return why_not(why, EINVAL, "%s: not a name, with '%s'", option, arg);
}

static int read_limit(const char *arg, uint64_t *bytes, struct why *why)
{
	*bytes = SWAP_UNLIMITED;
	return strcmp(arg, "max") ? read_bytes("--zswap-max", arg, bytes, why) : 0;
}

static int read_switch(const char *option, const char *arg, bool *on, struct why *why)
{
	*on = !strcmp(arg, "on");
	if (*on || !strcmp(arg, "off"))
		return 0;
	return why_not(why, EINVAL, "neither on nor off, with '%s %s'", option, arg);
}

static int read_lru_lock(const char *arg, const char **lock, struct why *why)
{
	enum zswap_lru_lock scope;

	*lock = arg;
	if (!zswap_lru_lock_parse(arg, &scope))
		return 0;
	return why_not(why, EINVAL, "not node, list or policy, with '--lru-lock %s'", arg);
}

static int read_access(const char *arg, const char **access, struct why *why)
{
	enum access_kind kind;
	double theta;

	*access = arg;
	return access_parse(arg, &kind, &theta, why) ? why_within(why, EINVAL, "--access") : 0;
}

static int read_ratio(const char *arg, double *ratio, struct why *why)
{
	char *end;

	*ratio = strtod(arg, &end);
	if (isdigit((unsigned char)*arg) && !*end && *ratio >= 1 && *ratio <= CONTENT_RATIO_MAX)
		return 0;
	return why_not(why, EINVAL, "--compressibility: not a ratio in 1..%d, with '%s'",
		       CONTENT_RATIO_MAX, arg);
}

int swap_settings_read(struct swap_settings *s, enum swap_option option, const char *arg,
		       struct why *why)
{
	const char *name = swap_options[option].name;

	s->given |= 1u << option;
	switch (option) {
	case SWAP_LIMIT:
		return read_size(name, arg, &s->limit, why);
	case SWAP_WORKING_SET:
		return read_size(name, arg, &s->working_set, why);
	case SWAP_CODEC:
		return read_name(name, arg, ":", &s->codec, why);
	case SWAP_POOL:
		return read_name(name, arg, "", &s->pool, why);
	case SWAP_LRU:
		return read_name(name, arg, "", &s->lru, why);
	case SWAP_LRU_LOCK:
		return read_lru_lock(arg, &s->lru_lock, why);
	case SWAP_MEMCGS:
		return read_number(name, arg, 1, MAX_MEMCGS, &s->memcgs, why);
	case SWAP_ZSWAP_MAX:
		return read_limit(arg, &s->zswap_max, why);
	case SWAP_POOL_MAX:
		return read_number(name, arg, 0, 100, &s->pool_max, why);
	case SWAP_ACCEPT:
		return read_number(name, arg, 0, 100, &s->accept, why);
	case SWAP_SHRINKER:
		return read_switch(name, arg, &s->shrinker, why);
	case SWAP_FILE:
		s->file = arg;
		return *arg ? 0 : why_not(why, EINVAL, "%s: the name of no file, with ''", name);
	case SWAP_SIZE:
		return read_size(name, arg, &s->size, why);
	case SWAP_ACCESS:
		return read_access(arg, &s->access, why);
	case SWAP_COMPRESSIBILITY:
		return read_ratio(arg, &s->compressibility, why);
	case SWAP_CONTENT:
		s->content = arg;
		return *arg ? 0 : why_not(why, EINVAL, "%s: the name of no file, with ''", name);
	default:
		BUG("option %d of swap is not known", option);
	}
}

int swap_settings_check(const struct settings *settings, struct why *why)
{
	const struct swap_settings *s = &settings->swap;

	if (!(settings->workload->flags & WL_SWAP))
		return 0;
	if (s->content && s->given & 1u << SWAP_COMPRESSIBILITY)
		return why_not(why, EINVAL,
			       "--content and --compressibility exclude each other: the file's "
			       "contents compress as they do");
	return 0;
}

uint64_t swap_settings_pages(const struct run *run)
{
	const struct settings *s = run->settings;
	uint64_t bytes = s->swap.working_set ? s->swap.working_set : s->bytes;
	uint64_t pages = (bytes + run->page_size - 1) / run->page_size;

	return (pages + s->nr_workers - 1) / s->nr_workers;
}

uint64_t swap_settings_working_set(const struct run *run)
{
	return swap_settings_pages(run) * run->settings->nr_workers * run->page_size;
}

uint64_t swap_settings_limit(const struct run *run)
{
	uint64_t limit = run->settings->swap.limit;

	limit = limit ? limit : swap_settings_working_set(run) / 3;
	limit -= limit % run->page_size;
	return limit ? limit : run->page_size;
}

/* A quarter more than the working set, as slots are handed out in clusters, and some of them late. */
uint64_t swap_settings_size(const struct run *run)
{
	uint64_t size = run->settings->swap.size;

	size = size ? size : swap_settings_working_set(run) / 4 * 5 + (16 << 20);
	size -= size % run->page_size;
	return size ? size : run->page_size;
}

unsigned swap_settings_memcgs(const struct run *run)
{
	unsigned given = run->settings->swap.memcgs, workers = run->settings->nr_workers;

	return given ? given : workers > 2 ? workers : 2;
}

static void emit_group(const struct run *run, struct emit *emit)
{
	const struct swap_settings *s = &run->settings->swap;
	unsigned flags = run->workload->flags;

	emit_count(emit, "limit", EMIT_ALL, "B", swap_settings_limit(run));
	emit_count(emit, "working_set", EMIT_ALL, "B", swap_settings_working_set(run));
	if (flags & WL_LRU) {
		emit_text(emit, "lru", s->lru);
		emit_text(emit, "lru_lock", s->lru_lock);
	}
	if (flags & WL_MEMCGS)
		emit_count(emit, "memcgs", EMIT_ALL, "1", swap_settings_memcgs(run));
	if (s->zswap_max == SWAP_UNLIMITED)
		emit_text(emit, "zswap_max", "max");
	else
		emit_count(emit, "zswap_max", EMIT_ALL, "B", s->zswap_max);
}

void swap_settings_rows(const struct run *run, struct emit *emit)
{
	const struct swap_settings *s = &run->settings->swap;

	if (!(run->workload->flags & WL_SWAP))
		return;
	emit_group(run, emit);
	emit_text(emit, "codec", s->codec);
	emit_text(emit, "pool", s->pool);
	emit_count(emit, "pool_max", EMIT_ALL, "%", s->pool_max);
	emit_count(emit, "accept_threshold", EMIT_ALL, "%", s->accept);
	emit_text(emit, "zswap_shrinker", s->shrinker ? "on" : "off");
	emit_count(emit, "swap_size", EMIT_ALL, "B", swap_settings_size(run));
	emit_text(emit, "access", s->access);
	if (s->content)
		emit_text(emit, "content", s->content);
	else
		emit_number(emit, "compressibility", EMIT_ALL, "1", s->compressibility);
}
