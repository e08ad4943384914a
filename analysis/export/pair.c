/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/export/pair.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/exact.h"
#include "common/meta.h"
#include "common/xalloc.h"

/* The number that is fact @key; @otherwise without. */
static double number(const struct meta *meta, const char *key, double otherwise)
{
	const char *value = meta_get(meta, key);

	return value ? strtod(value, NULL) : otherwise;
}

/* A whole number from 0 up; 0, which no rule allows, for what is none. */
static unsigned count(const struct meta *meta, const char *key)
{
	double value = number(meta, key, 0);

	return value >= 0 && value <= UINT_MAX ? (unsigned)value : 0;
}

static struct judge_rule rule_of(const struct meta *meta)
{
	return (struct judge_rule){
		.delta = number(meta, "ab_delta", 0),
		.alpha = number(meta, "ab_alpha", 0),
		.min_rounds = count(meta, "ab_min_rounds"),
		.look_every = count(meta, "ab_look_every"),
		.max_rounds = count(meta, "ab_max_rounds"),
		.max_steal = number(meta, "ab_max_steal", 1),
		.max_foreign = number(meta, "ab_max_foreign", 1),
	};
}

static int decide(struct pair *pair, const struct run *base, const struct judge_rule *ask,
		  struct why *why)
{
	char *path = xasprintf("%s/rounds.tsv", base->path);
	int err = verdict_rule_init(&pair->rule, ask, why);
	enum better better = BETTER_UNKNOWN;

	if (err)
		err = why_within(why, -err, "%s/meta.tsv", base->path);
	else
		err = rounds_read(&pair->rounds, path, why);
	if (!err && pair->rounds.nr_cells)
		better = metric_better(pair->rounds.metric);
	if (!err && better == BETTER_UNKNOWN) {
		rounds_release(&pair->rounds);
		err = why_not(why, EINVAL, "%s: no rounds of a metric that has a better", path);
	}
	if (!err)
		pair->cells = verdict_rounds(&pair->rule, &pair->rounds, better, NULL);
	pair->known = !err;
	free(path);
	return err;
}

int pair_init(struct pair *pair, const struct run *base, const struct run *run, struct why *why)
{
	char *path = xasprintf("%s/meta.tsv", base->path);
	const char *side, *other;
	struct judge_rule ask;
	struct meta meta = {0};
	int err = access(path, F_OK) ? 0 : meta_read(&meta, path, why);

	*pair = (struct pair){0};
	free(path);
	if (err)
		return err;
	other = meta_get(&meta, "ab_other");
	side = meta_get(&meta, "ab_side");
	ask = rule_of(&meta);
	ask.exact = exact_is_simulated(base) && exact_is_simulated(run);
	if (other && !strcmp(other, run->name)) {
		if (side && *side == 'a')
			err = decide(pair, base, &ask, why);
		else
			err = why_not(why, EINVAL,
				      "'%s' is side b of the comparison with '%s', which is the "
				      "base: name it first",
				      base->name, run->name);
	}
	meta_release(&meta);
	return err;
}

/* Whether a cell of the rounds, "A | B" where the sides' variants differ, is of variant @a of side a. */
static bool is_of(const char *name, const char *a)
{
	size_t len = strlen(a);

	return !strncmp(name, a, len) && (!name[len] || !strncmp(name + len, " | ", 3));
}

const struct verdict_cell *pair_find(const struct pair *pair, const char *metric,
				     const char *variant, const char *clients)
{
	if (!pair->known || strcmp(metric, pair->rounds.metric))
		return NULL;
	for (size_t i = 0; i < pair->rounds.nr_cells; i++)
		if (pair->rounds.cells[i].clients == strtoul(clients, NULL, 10) &&
		    is_of(pair->rounds.cells[i].name, variant))
			return &pair->cells[i];
	return NULL;
}

void pair_release(struct pair *pair)
{
	if (pair->known) {
		verdict_rounds_free(pair->cells, &pair->rounds);
		rounds_release(&pair->rounds);
	}
	*pair = (struct pair){0};
}
