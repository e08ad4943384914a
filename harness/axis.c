/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/axis.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/step.h"

/* What pft itself takes at most. */
#define MAX_WRITERS 1022
#define MAX_NODES   64
#define MAX_MEMCGS  4096

/* The workloads that have what 'pft --help' says is for swap. */
#define SWAPS "kernel-swap engine-swap engine-memcgs uffd-swap"

/* Of these, those whose zswap is the engine's. */
#define ZSWAPS "engine-swap engine-memcgs uffd-swap"

/* clang-format off */
static const struct {
	enum config_id config;
	const char *of; /* only for workloads whose names begin so, words separated by a blank; NULL: all */
	const char *option; /* of pft, put before the word; NULL: the plan has a column for it */
	const char *prefix; /* of the word in a variant's name */
} rows[NR_AXES] = {
	[AXIS_WORKLOAD] = {PFT_WORKLOADS, NULL, NULL, ""},
	[AXIS_PIN] = {PFT_PIN, NULL, NULL, ""},
	[AXIS_MEM] = {PFT_MEM, NULL, NULL, ""},
	[AXIS_PAGESIZE] = {PFT_PAGESIZES, NULL, NULL, ""},
	[AXIS_MODE] = {PFT_USE_PROCESSES, NULL, NULL, ""},
	[AXIS_PREFETCH] = {PFT_PREFETCH, NULL, STEP_PREFETCH, "prefetch."},
	[AXIS_LOCK] = {PFT_LOCKS, "engine- uffd-", "--lock", ""},
	[AXIS_RWSEM_SPIN] = {PFT_RWSEM_SPIN, "engine- uffd-", "--rwsem-spin", "spin."},
	[AXIS_WRITERS] = {PFT_WRITERS, "engine-mixed", "--writers", "writers."},
	[AXIS_NODES] = {PFT_NODES, "engine- uffd-", "--nodes", "nodes."},
	[AXIS_VMA_CLASS] = {PFT_VMA_CLASS, "engine- uffd-", "--vma-class", "class."},
	[AXIS_LIMIT] = {PFT_LIMIT, SWAPS, "--limit", "limit."},
	[AXIS_WORKING_SET] = {PFT_WORKING_SET, SWAPS, "--working-set", "set."},
	[AXIS_CODEC] = {PFT_CODECS, SWAPS, "--codec", ""},
	[AXIS_LRU] = {PFT_LRU, ZSWAPS, "--lru", ""},
	[AXIS_LRU_LOCK] = {PFT_LRU_LOCK, ZSWAPS, "--lru-lock", "lru-lock."},
	[AXIS_MEMCGS] = {PFT_MEMCGS, "engine-memcgs", "--memcgs", "memcgs."},
	[AXIS_ACCESS] = {PFT_ACCESS, SWAPS, "--access", ""},
	[AXIS_ZSWAP_SHRINKER] = {PFT_ZSWAP_SHRINKER, SWAPS, "--zswap-shrinker", "shrinker."},
};
/* clang-format on */

const char *axis_word(const struct axes *axes, enum axis_id id)
{
	const struct axis *axis = &axes->axes[id];

	return axis->words ? axis->words[axis->pick] : "";
}

/* Letters, digits and dashes, as all plug-ins of pft are named; and what @more has. */
static int check_names_and(const struct axis *axis, const char *what, const char *more,
			   struct why *why)
{
	for (size_t i = 0; axis->words && i < axis->nr; i++) {
		const char *p = axis->words[i];

		while (islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '-' ||
		       (*p && strchr(more, *p)))
			p++;
		if (*p)
			return why_not(why, EINVAL, "not the name of a %s, with '%s'", what,
				       axis->words[i]);
	}
	return 0;
}

static int check_names(const struct axis *axis, const char *what, struct why *why)
{
	return check_names_and(axis, what, "", why);
}

static int check_sizes(const struct axis *axis, struct why *why)
{
	uint64_t bytes = 1;
	int err = 0;

	for (size_t i = 0; axis->words && i < axis->nr && !err; i++) {
		err = size_parse(axis->words[i], sysconf(_SC_PAGESIZE), &bytes, why);
		if (!err && !bytes)
			err = why_not(why, EINVAL, "no memory at all, with '%s'", axis->words[i]);
	}
	return err;
}

static int check_numbers(const struct axis *axis, uint64_t min, uint64_t max, struct why *why)
{
	uint64_t number;
	int err = 0;

	for (size_t i = 0; axis->words && i < axis->nr && !err; i++)
		err = number_parse(axis->words[i], min, max, &number, why);
	return err;
}

static int check_class(const struct axis *axis, struct why *why)
{
	uint64_t number;

	for (size_t i = 0; axis->words && i < axis->nr; i++)
		if (strcmp(axis->words[i], "mix") &&
		    number_parse(axis->words[i], 0, 127, &number, NULL))
			return why_not(why, EINVAL,
				       "not a start modulo 128, with '%s': give 0 to 127, or mix",
				       axis->words[i]);
	return 0;
}

/* NAMES=off, NAMES=on or default; which names there are depends on the processor. */
static int check_prefetch(const struct axis *axis, struct why *why)
{
	for (size_t i = 0; axis->words && i < axis->nr; i++) {
		const char *word = axis->words[i], *is = strchr(word, '=');

		if (strcmp(word, "default") &&
		    (!is || is == word || (strcmp(is, "=off") && strcmp(is, "=on"))))
			return why_not(why, EINVAL,
				       "not a switch of prefetchers, with '%s': give default, or "
				       "names and =off or =on, such as adjacent=off or all=off",
				       word);
	}
	return 0;
}

static int check(const struct axes *axes, enum axis_id id, struct why *why)
{
	const struct axis *axis = &axes->axes[id];

	switch (id) {
	case AXIS_WORKLOAD:
		return check_names(axis, "workload", why);
	case AXIS_PREFETCH:
		return check_prefetch(axis, why);
	case AXIS_LOCK:
		return check_names(axis, "lock design", why);
	case AXIS_WRITERS:
		return check_numbers(axis, 0, MAX_WRITERS, why);
	case AXIS_NODES:
		return check_numbers(axis, 1, MAX_NODES, why);
	case AXIS_VMA_CLASS:
		return check_class(axis, why);
	case AXIS_LIMIT:
	case AXIS_WORKING_SET:
		return check_sizes(axis, why);
	case AXIS_CODEC:
		return check_names_and(axis, "codec", ":", why);
	case AXIS_LRU:
		return check_names(axis, "policy", why);
	case AXIS_MEMCGS:
		return check_numbers(axis, 1, MAX_MEMCGS, why);
	case AXIS_ACCESS:
		return check_names_and(axis, "kind of access", ":.", why);
	default: /* the table of config names has their choices, or the plan checks them */
		return 0;
	}
}

int axes_init(struct axes *axes, const struct config *config, struct why *why)
{
	int err = 0;

	*axes = (struct axes){0};
	for (unsigned id = 0; id < NR_AXES; id++) {
		struct axis *axis = &axes->axes[id];

		axis->words = config_words(config, rows[id].config, &axis->nr);
		axis->nr = axis->words ? axis->nr : 1;
	}
	for (unsigned id = 0; id < NR_AXES && !err; id++) {
		err = check(axes, id, why);
		if (err)
			err = config_bad(config, rows[id].config, EINVAL, why);
	}
	return err;
}

void axes_release(struct axes *axes)
{
	for (unsigned id = 0; id < NR_AXES; id++)
		if (axes->axes[id].words)
			config_words_free(axes->axes[id].words, axes->axes[id].nr);
	*axes = (struct axes){0};
}

/* Whether the workload at hand has the option that the axis stands for. */
static bool matters(const struct axes *axes, enum axis_id id)
{
	const char *workload = axis_word(axes, AXIS_WORKLOAD);

	for (const char *p = rows[id].of; p && *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (!strncmp(workload, p, len))
			return true;
		p += len;
	}
	return !rows[id].of;
}

size_t axes_product(const struct axes *axes)
{
	size_t product = 1;

	for (unsigned id = 0; id < NR_AXES; id++)
		product *= axes->axes[id].nr;
	return product;
}

bool axes_next(struct axes *axes)
{
	for (unsigned id = NR_AXES; id-- > 0;) {
		struct axis *axis = &axes->axes[id];

		if (++axis->pick < axis->nr && matters(axes, id))
			return true;
		axis->pick = 0;
	}
	return false;
}

/* The word of an axis as it stands in a name. */
static const char *name_part(const struct axes *axes, enum axis_id id)
{
	const char *part = axis_word(axes, id);

	if (id == AXIS_MODE)
		return strcmp(part, "yes") ? "threads" : "processes";
	if (id == AXIS_MEM && !strcmp(part, "default"))
		return "mem.default"; /* the page sizes have a default as well */
	return part;
}

char *axes_name(const struct axes *axes)
{
	char *name = xstrdup(axis_word(axes, AXIS_WORKLOAD));

	for (unsigned id = AXIS_WORKLOAD + 1; id < NR_AXES; id++) {
		char *longer;

		if (axes->axes[id].nr < 2 || !matters(axes, id))
			continue;
		longer = xasprintf("%s-%s%s", name, rows[id].prefix, name_part(axes, id));
		free(name);
		name = longer;
	}
	for (char *p = name; *p; p++) {
		if (*p == ':' || *p == '=')
			*p = '.';
		else if (*p == ',')
			*p = '_';
	}
	return name;
}

char *axes_options(const struct axes *axes, const char *common)
{
	char *options = xstrdup(common);

	for (unsigned id = 0; id < NR_AXES; id++) {
		char *longer;

		if (!rows[id].option || !axes->axes[id].words || !matters(axes, id))
			continue;
		longer = xasprintf("%s%s%s %s", options, *options ? " " : "", rows[id].option,
				   axis_word(axes, id));
		free(options);
		options = longer;
	}
	return options;
}
