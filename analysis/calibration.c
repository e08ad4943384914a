/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/calibration.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/run.h"
#include "analysis/unlike.h"
#include "common/meta.h"
#include "common/xalloc.h"

enum { C_VARIANT, C_CLIENTS, C_METRIC, C_WHAT, C_VALUE, NR_C };

const struct tsv_schema calibration_schema = {
	"calibration", 1,
	(const char *const[]){"variant", "clients", "metric", "what", "value", NULL}};

/* What need not be alike: none of them makes a machine noisy. */
static const char may_differ[] = "kernel,version_pft,warmup";

/* One that was found, before it is known whether it is the one. */
struct candidate {
	char *name, *path;
	char *ended; /* as in meta.tsv, which orders texts as times */
	char *unlike; /* NULL: it is alike */
};

static struct calibration_cell *cell_of(struct calibration *c, char **fields)
{
	for (size_t i = 0; i < c->nr; i++)
		if (!strcmp(c->cells[i].variant, fields[C_VARIANT]) &&
		    !strcmp(c->cells[i].clients, fields[C_CLIENTS]) &&
		    !strcmp(c->cells[i].metric, fields[C_METRIC]))
			return &c->cells[i];
	XGROW(c->cells, c->nr, c->cap);
	c->cells[c->nr] = (struct calibration_cell){.variant = xstrdup(fields[C_VARIANT]),
						    .clients = xstrdup(fields[C_CLIENTS]),
						    .metric = xstrdup(fields[C_METRIC])};
	return &c->cells[c->nr++];
}

static void take(struct calibration_cell *cell, const char *what, const char *value)
{
	const struct {
		const char *what;
		double *to;
	} places[] = {
		{"spread", &cell->spread},
		{"lag1", &cell->lag1},
		{"deviation", &cell->deviation},
		{"false_alarms", &cell->false_alarms},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(what, places[i].what))
			*places[i].to = strtod(value, NULL);
}

/* A table that cannot be read has no cells. */
static void read_cells(struct calibration *c, const char *directory)
{
	char *path = xasprintf("%s/calibration.tsv", directory), *fields[NR_C];
	struct tsv_reader r;

	if (!tsv_reader_init(&r, path, &calibration_schema, NULL)) {
		while (tsv_reader_next(&r, fields, NULL) > 0)
			take(cell_of(c, fields), fields[C_WHAT], fields[C_VALUE]);
		tsv_reader_release(&r);
	}
	free(path);
}

/* Look at RESULTS/NAME. Returns whether there is a calibration in it that ended. */
static bool look(struct candidate *candidate, const char *results, const char *name,
		 const struct run *run)
{
	char *meta_path = xasprintf("%s/%s/meta.tsv", results, name), *table;
	const char *ended = NULL;
	struct calibration cells = {0};
	struct meta meta = {0};
	struct run other = {.path = xasprintf("%s/%s", results, name)};

	*candidate = (struct candidate){0};
	table = other.path;
	read_cells(&cells, table);
	if (cells.nr && !meta_read(&meta, meta_path, NULL))
		ended = meta_get(&meta, "ended");
	if (ended)
		*candidate = (struct candidate){.name = xstrdup(name),
						.path = xstrdup(table),
						.ended = xstrdup(ended),
						.unlike = unlike_text(&other, run, may_differ)};
	calibration_release(&cells);
	meta_release(&meta);
	free(meta_path);
	free(table);
	return candidate->name;
}

static void candidate_release(struct candidate *c)
{
	free(c->name);
	free(c->path);
	free(c->ended);
	free(c->unlike);
}

/* Alike goes before unlike, then the newer before the older. */
static bool is_better(const struct candidate *c, const struct candidate *best)
{
	if (!best->name || !c->unlike != !best->unlike)
		return !best->name || !c->unlike;
	return strcmp(c->ended, best->ended) > 0;
}

/* "3 days", "5 hours", in memory that the caller frees. */
static char *age_of(const char *ended)
{
	struct tm tm = {0};
	double seconds;

	if (!strptime(ended, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return xstrdup("of unknown age");
	seconds = difftime(time(NULL), timegm(&tm));
	if (seconds < 2 * 3600)
		return xasprintf("%.0f minutes old", seconds > 0 ? seconds / 60 : 0);
	if (seconds < 2 * 86400)
		return xasprintf("%.0f hours old", seconds / 3600);
	return xasprintf("%.0f days old", seconds / 86400);
}

static void describe(struct calibration *c, const struct candidate *best)
{
	char *age = age_of(best->ended);
	double alarms = 0;

	if (best->unlike) {
		c->text = xasprintf("'%s' (%s) is ignored, its machine or steps are unlike: %s",
				    best->name, age, best->unlike);
	} else {
		read_cells(c, best->path);
		for (size_t i = 0; i < c->nr; i++)
			if (c->cells[i].false_alarms > alarms)
				alarms = c->cells[i].false_alarms;
		c->text =
			xasprintf("'%s' of this machine, %s, at most %.1f%% of false alarms: where "
				  "it saw more noise than there is here, its noise counts",
				  best->name, age, 100 * alarms);
	}
	free(age);
}

void calibration_find(struct calibration *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *results = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	const struct run run = {.path = (char *)path};
	struct candidate best = {0}, next;
	DIR *dir = opendir(*results ? results : "/");
	struct dirent *entry;

	*c = (struct calibration){0};
	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || !look(&next, results, entry->d_name, &run))
			continue;
		if (is_better(&next, &best)) {
			candidate_release(&best);
			best = next;
		} else {
			candidate_release(&next);
		}
	}
	if (dir)
		closedir(dir);
	if (best.name)
		describe(c, &best);
	candidate_release(&best);
	free(results);
}

/* Whether a side of "A | B", or all of it, is @variant. */
static bool is_of(const char *name, const char *variant)
{
	const char *bar = strstr(name, " | ");
	size_t len = bar ? (size_t)(bar - name) : strlen(name);

	if (strlen(variant) == len && !strncmp(name, variant, len))
		return true;
	return bar && !strcmp(bar + 3, variant);
}

const struct calibration_cell *calibration_cell(const struct calibration *c, const char *variant,
						const char *clients, const char *metric)
{
	const struct calibration_cell *found = NULL;

	for (size_t i = 0; i < c->nr; i++)
		if (is_of(variant, c->cells[i].variant) && !strcmp(c->cells[i].clients, clients) &&
		    !strcmp(c->cells[i].metric, metric) &&
		    (!found || c->cells[i].deviation > found->deviation))
			found = &c->cells[i];
	return found;
}

void calibration_release(struct calibration *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->cells[i].variant);
		free(c->cells[i].clients);
		free(c->cells[i].metric);
	}
	free(c->cells);
	free(c->text);
	*c = (struct calibration){0};
}
