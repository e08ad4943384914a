/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/export/pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/meta.h"
#include "common/tsv.h"
#include "common/xalloc.h"

/* What meta.tsv of a side says of the comparison. */
struct sides {
	char side; /* 'a', 'b'; 0 where there was none */
	char *other;
	struct judge_rule ask;
};

static void read_fact(struct sides *sides, const char *key, const char *value)
{
	struct judge_rule *ask = &sides->ask;

	if (!strcmp(key, "ab_side")) {
		sides->side = *value;
	} else if (!strcmp(key, "ab_other")) {
		free(sides->other);
		sides->other = xstrdup(value);
	} else if (!strcmp(key, "ab_delta")) {
		ask->delta = strtod(value, NULL);
	} else if (!strcmp(key, "ab_alpha")) {
		ask->alpha = strtod(value, NULL);
	} else if (!strcmp(key, "ab_min_rounds")) {
		ask->min_rounds = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "ab_look_every")) {
		ask->look_every = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "ab_max_rounds")) {
		ask->max_rounds = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "ab_max_steal")) {
		ask->max_steal = strtod(value, NULL);
	} else if (!strcmp(key, "ab_max_foreign")) {
		ask->max_foreign = strtod(value, NULL);
	}
}

static int read_sides(struct sides *sides, const char *directory, struct why *why)
{
	char *path = xasprintf("%s/meta.tsv", directory), *fields[2];
	struct tsv_reader r;
	int got;

	*sides = (struct sides){.ask = {.max_steal = 1, .max_foreign = 1}};
	if (access(path, F_OK)) {
		free(path);
		return 0;
	}
	got = tsv_reader_init(&r, path, &meta_schema, why);
	free(path);
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0)
		read_fact(sides, fields[0], fields[1]);
	tsv_reader_release(&r);
	if (got)
		free(sides->other);
	return got;
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
	struct sides sides;
	int err;

	*pair = (struct pair){0};
	err = read_sides(&sides, base->path, why);
	if (err)
		return err;
	if (sides.other && !strcmp(sides.other, run->name)) {
		if (sides.side == 'a')
			err = decide(pair, base, &sides.ask, why);
		else
			err = why_not(why, EINVAL,
				      "'%s' is side b of the comparison with '%s', which is the "
				      "base: name it first",
				      base->name, run->name);
	}
	free(sides.other);
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
