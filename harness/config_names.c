/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/config_names.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"

#define MAX_WORKERS 65536

/* clang-format off */
const struct config_name config_names[NR_CONFIG_NAMES] = {
	[PFT_WORKLOADS] = {"PFT_WORKLOADS", CONFIG_WORDS, "anon",
		.summary = "what faults: names of 'pft --list'"},
	[PFT_PIN] = {"PFT_PIN", CONFIG_WORDS, "none",
		.summary = "pin plans: none compact spread cores node:LIST cpus:LIST"},
	[PFT_MEM] = {"PFT_MEM", CONFIG_WORDS, "default",
		.summary = "memory policies: default local remote interleave bind:LIST"},
	[PFT_PAGESIZES] = {"PFT_PAGESIZES", CONFIG_WORDS, "base",
		.choices = "base transhuge default",
		.summary = "of the mapping, by madvise(2): base transhuge default"},
	[PFT_USE_PROCESSES] = {"PFT_USE_PROCESSES", CONFIG_WORDS, "no",
		.choices = "no yes",
		.summary = "workers are threads (no), processes (yes), or each in turn (no yes)"},
	[PFT_MAPPING_SIZE] = {"PFT_MAPPING_SIZE", CONFIG_SIZE, "$((MEMTOTAL_BYTES/5))",
		1, INT64_MAX,
		.summary = "memory of all workers together"},
	[PFT_CLIENTS] = {"PFT_CLIENTS", CONFIG_WORDS, "",
		.summary = "worker counts, instead of the ladder from MIN to MAX"},
	[PFT_MIN_CLIENTS] = {"PFT_MIN_CLIENTS", CONFIG_NUMBER, "1", 1, MAX_WORKERS,
		.summary = "the ladder's first worker count"},
	[PFT_MAX_CLIENTS] = {"PFT_MAX_CLIENTS", CONFIG_NUMBER, "$NUMCPUS", 1, MAX_WORKERS,
		.summary = "the ladder's last worker count"},
	[PFT_MAX_CLIENTS_CAP] = {"PFT_MAX_CLIENTS_CAP", CONFIG_NUMBER, "", 1, MAX_WORKERS,
		.summary = "lowers PFT_MAX_CLIENTS to this; mmtests had 128 built in"},
	[MMTESTS_THREAD_CUTOFF] = {"MMTESTS_THREAD_CUTOFF", CONFIG_NUMBER, "", 1, MAX_WORKERS,
		.summary = "drops worker counts above this from the ladder"},
	[PFT_ITERATIONS] = {"PFT_ITERATIONS", CONFIG_NUMBER, "30", 1, 1000000,
		.summary = "samples of each cell"},
	[MMTEST_ITERATIONS] = {"MMTEST_ITERATIONS", CONFIG_NUMBER, "1", 1, 1000,
		.summary = "multiplies PFT_ITERATIONS: mmtests repeats all, pools the samples"},
	[PFT_WARMUP] = {"PFT_WARMUP", CONFIG_NUMBER, "0", 0, 1000,
		.summary = "steps run first whose samples are dropped"},
	[PFT_PREFAULT] = {"PFT_PREFAULT", CONFIG_CHOICE, "no",
		.choices = "no yes",
		.summary = "touch and release the memory once before each measurement"},
	[PFT_ORDER] = {"PFT_ORDER", CONFIG_CHOICE, "interleaved",
		.choices = "sequential interleaved random",
		.summary = "of the steps: sequential interleaved random"},
	[PFT_SEED] = {"PFT_SEED", CONFIG_NUMBER, "1", 0, INT64_MAX,
		.summary = "of PFT_ORDER=random; the same seed gives the same order"},
	[PFT_TIMEOUT] = {"PFT_TIMEOUT", CONFIG_NUMBER, "", 1, 1000000,
		.summary = "seconds until a step is killed; default: a minute and 20 estimates"},
	[PFT_EXTRA] = {"PFT_EXTRA", CONFIG_TEXT, "",
		.summary = "further options of pft, for every step"},
	[PFT_COUNTERS] = {"PFT_COUNTERS", CONFIG_WORDS, "",
		.summary = "what to count beside: names of 'pft --list counters', all, none"},
	[PFT_EVENTS] = {"PFT_EVENTS", CONFIG_WORDS, "",
		.summary = "of the PMU: names of 'faultscale events', {A,B} for a group; default"},
	[PFT_LOCKS] = {"PFT_LOCKS", CONFIG_WORDS, "",
		.summary = "engine-*, uffd-*: lock designs of 'pft --list locks'"},
	[PFT_RWSEM_SPIN] = {"PFT_RWSEM_SPIN", CONFIG_WORDS, "",
		.choices = "on off",
		.summary = "engine-*, uffd-*: whether writers of rwsems spin: on off"},
	[PFT_WRITERS] = {"PFT_WRITERS", CONFIG_WORDS, "",
		.summary = "engine-mixed: numbers of writers beside the workers"},
	[PFT_NODES] = {"PFT_NODES", CONFIG_WORDS, "",
		.summary = "engine-*, uffd-*: numbers of NUMA nodes to emulate"},
	[PFT_VMA_CLASS] = {"PFT_VMA_CLASS", CONFIG_WORDS, "",
		.summary = "engine-*, uffd-*: start of VMAs modulo 128; mix"},
	[PFT_LIMIT] = {"PFT_LIMIT", CONFIG_WORDS, "",
		.summary = "swap: memory that may stay uncompressed"},
	[PFT_WORKING_SET] = {"PFT_WORKING_SET", CONFIG_WORDS, "",
		.summary = "swap: memory of all workers; default PFT_MAPPING_SIZE"},
	[PFT_CODECS] = {"PFT_CODECS", CONFIG_WORDS, "",
		.summary = "swap: codecs, NAME or NAME:LEVEL"},
	[PFT_LRU] = {"PFT_LRU", CONFIG_WORDS, "",
		.summary = "engine-swap, engine-memcgs, uffd-swap: policies of writing back"},
	[PFT_LRU_LOCK] = {"PFT_LRU_LOCK", CONFIG_WORDS, "",
		.choices = "policy node list",
		.summary = "the same: what one lock of zswap's lists is for: policy node list"},
	[PFT_MEMCGS] = {"PFT_MEMCGS", CONFIG_WORDS, "",
		.summary = "engine-memcgs, kernel-memcgs: numbers of groups"},
	[PFT_ACCESS] = {"PFT_ACCESS", CONFIG_WORDS, "",
		.summary = "swap: orders of access: uniform zipf zipf:THETA seq"},
	[PFT_ZSWAP_SHRINKER] = {"PFT_ZSWAP_SHRINKER", CONFIG_WORDS, "",
		.choices = "on off",
		.summary = "swap: whether reclaim shrinks the pool: on off"},
	[PFT_PREFETCH] = {"PFT_PREFETCH", CONFIG_WORDS, "",
		.summary = "prefetchers to switch while pft runs: default adjacent=off all=off"},
	[PFT_MACHINE] = {"PFT_MACHINE", CONFIG_TEXT, "",
		.summary = "simulate this machine: a name of 'faultscale machine list', or a path"},
};
/* clang-format on */

const struct config_name *config_name_find(const char *name)
{
	for (size_t i = 0; i < NR_CONFIG_NAMES; i++)
		if (!strcmp(config_names[i].name, name))
			return &config_names[i];
	return NULL;
}

/* Levenshtein's distance between two short names. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[64], diagonal, above;
	size_t len = strlen(b);

	if (len >= sizeof(row) / sizeof(row[0]))
		return ~0u;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[len];
}

const char *config_name_nearest(const char *name)
{
	const char *nearest = NULL;
	unsigned best = 5; /* further away nobody recognizes a typo */

	for (size_t i = 0; i < NR_CONFIG_NAMES; i++) {
		unsigned d = distance(name, config_names[i].name);

		if (d < best) {
			best = d;
			nearest = config_names[i].name;
		}
	}
	return nearest;
}

static bool is_choice(const char *choices, const char *word, size_t len)
{
	for (const char *p = choices; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n == len && !memcmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

static int check_words(const struct config_name *row, const char *value, struct why *why)
{
	const char *p = value + strspn(value, " \t\n");

	while (*p) {
		size_t len = strcspn(p, " \t\n");
		const char *next = p + len;

		if (row->choices && !is_choice(row->choices, p, len))
			return why_not(why, EINVAL,
				       "no such choice, with '%.*s': give words of '%s'", (int)len,
				       p, row->choices);
		next += strspn(next, " \t\n");
		for (const char *q = next; *q; q += strspn(q, " \t\n")) {
			size_t n = strcspn(q, " \t\n");

			if (n == len && !memcmp(p, q, n))
				return why_not(why, EINVAL, "named twice, with '%.*s'", (int)len,
					       p);
			q += n;
		}
		p = next;
	}
	return 0;
}

int config_name_check(const struct config_name *row, const char *value, struct why *why)
{
	uint64_t number;

	if (!value[strspn(value, " \t\n")])
		return 0;
	switch (row->type) {
	case CONFIG_NUMBER:
		return number_parse(value, row->min, row->max, &number, why) ? -EINVAL : 0;
	case CONFIG_SIZE:
		if (size_parse(value, sysconf(_SC_PAGESIZE), &number, why))
			return -EINVAL;
		if (number < row->min || number > row->max)
			return why_not(why, EINVAL, "no size to map, with '%s'", value);
		return 0;
	case CONFIG_CHOICE:
		if (is_choice(row->choices, value, strlen(value)))
			return 0;
		return why_not(why, EINVAL, "no such choice, with '%s': give one of '%s'", value,
			       row->choices);
	case CONFIG_WORDS:
		return check_words(row, value, why);
	case CONFIG_TEXT:
		if (!strpbrk(value, "\n\r"))
			return 0;
		return why_not(why, EINVAL, "more than one line");
	}
	BUG("config name %s has no type", row->name);
}
