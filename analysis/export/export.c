/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/export/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/export/clean.h"
#include "common/xalloc.h"

static char *clean_format(char *text)
{
	char *clean = clean_text(text);

	free(text);
	return clean;
}

static bool has_value(const struct summary *sum)
{
	return isfinite(sum->value[STAT_MEAN]);
}

/* Runs that were recorded one after the other: what differs may be the machine's drift. */
static char *say_apart(const struct cell *cell)
{
	const struct ratio_interval *r = &cell->mean_interval;
	bool known = isfinite(r->low) && isfinite(r->high);
	char interval[100] = "";

	if (known)
		snprintf(interval, sizeof(interval), " [%+.1f, %+.1f]", 100 * (r->low - 1),
			 100 * (r->high - 1));
	return xasprintf("%s by %+.1f%%%s, but the runs were recorded apart, which drift can do as "
			 "well: 'faultscale ab' decides",
			 cell->ratio_change < 0 ? "worse" : "better", 100 * (cell->ratio - 1),
			 interval);
}

/* The verdict about a row of two columns. */
static void judge_cell(struct export_cell *out, const struct row *row, const struct column *column,
		       const struct pair *pair)
{
	const struct cell *base = &row->cells[0], *cell = &row->cells[1];
	const struct verdict_cell *verdict;
	char text[400];

	verdict = pair_find(pair, row->metric->metric,
			    column->run->variants[base->series->variant].name, row->clients);
	out->judged = true;
	if (verdict) {
		out->verdict = verdict->verdict;
		verdict_sentence(&pair->rule, verdict, text, sizeof(text));
		out->says = clean_text(text);
	} else if (has_value(&base->sum) && !has_value(&cell->sum)) {
		out->verdict = VERDICT_INVALID;
		out->says = clean_text(cell->absent ? cell->absent : "no number");
	} else if (has_value(&base->sum) && out->better != BETTER_UNKNOWN) {
		out->verdict = VERDICT_INCONCLUSIVE;
		out->says = clean_format(say_apart(cell));
	} else {
		out->judged = false;
		out->says = has_value(&base->sum) ? xstrdup("nobody knows which way is better")
						  : clean_text(base->absent);
	}
}

static void add_cell(struct export *e, const struct comparison *c, const struct row *row,
		     const struct pair *pair)
{
	size_t last = c->columns.nr - 1;
	const struct cell *cell = &row->cells[last];
	struct export_cell *out = &e->cells[e->nr++];

	*out = (struct export_cell){
		.variant = clean_text(row->label),
		.metric = clean_text(row->metric->metric),
		.group = clean_format(xasprintf("%s%sclients:%s", row->label,
						*row->label ? "/" : "", row->clients)),
		.clients = row->clients,
		.better = row->metric->better,
		.series = cell->series,
		.sum = &cell->sum,
		.base = last ? &row->cells[0].sum : NULL,
		.change = last ? cell->change[STAT_MEAN] : NAN,
	};
	out->title = xasprintf("%s %s", out->metric, out->group);
	if (last)
		judge_cell(out, row, &c->columns.columns[0], pair);
	else if (!has_value(out->sum))
		out->says = clean_text(cell->absent);
	if (!out->judged)
		return;
	e->worst = !e->judged || out->verdict > e->worst ? out->verdict : e->worst;
	e->judged = true;
	e->tally[out->verdict]++;
}

/* Whether two rows are of one variant and client count: both texts are the columns' own. */
static bool same_group(const struct row *a, const struct row *b)
{
	return a->label == b->label && a->clients == b->clients;
}

void export_init(struct export *e, const struct comparison *c, const struct pair *pair)
{
	size_t last = c->columns.nr - 1;
	bool *taken = xcalloc(c->nr_rows, sizeof(*taken));

	*e = (struct export){.run = clean_text(c->columns.columns[last].name),
			     .base = last ? clean_text(c->columns.columns[0].name) : NULL,
			     .source = c->columns.columns[last].run,
			     .cells = xcalloc(c->nr_rows, sizeof(*e->cells))};
	for (size_t r = 0; r < c->nr_rows; r++)
		for (size_t i = r; !taken[r] && i < c->nr_rows; i++) {
			if (!same_group(&c->rows[r], &c->rows[i]))
				continue;
			add_cell(e, c, &c->rows[i], pair);
			taken[i] = i > r;
		}
	free(taken);
}

size_t export_group_end(const struct export *e, size_t i)
{
	size_t end = i + 1;

	while (end < e->nr && !strcmp(e->cells[end].group, e->cells[i].group))
		end++;
	return end;
}

double export_value(const struct series *series, const struct sample *sample)
{
	for (size_t i = 0; series && i < series->nr; i++)
		if (series->samples[i].number == sample->number &&
		    series->samples[i].directory == sample->directory)
			return series->samples[i].value;
	return NAN;
}

double export_min(const struct export_cell *cell)
{
	double min = INFINITY;

	for (size_t i = 0; cell->series && i < cell->series->nr; i++)
		min = fmin(min, cell->series->samples[i].value);
	return min;
}

double export_max(const struct export_cell *cell)
{
	double max = -INFINITY;

	for (size_t i = 0; cell->series && i < cell->series->nr; i++)
		max = fmax(max, cell->series->samples[i].value);
	return max;
}

const char *export_figures(const struct export_cell *cell, char *buf, size_t size)
{
	if (!has_value(cell->sum))
		snprintf(buf, size, "no number: %s", cell->says ? cell->says : "unknown");
	else
		snprintf(buf, size, "%s %.6g of %zu, %.6g to %.6g",
			 stat_label(STAT_MEAN, cell->better), cell->sum->value[STAT_MEAN],
			 cell->sum->n, export_min(cell), export_max(cell));
	return buf;
}

const char *export_tally(const struct export *e, char *buf, size_t size)
{
	size_t len = 0;

	if (!e->judged) {
		snprintf(buf, size, "%zu figures, no verdict", e->nr);
		return buf;
	}
	for (size_t v = NR_VERDICTS; v-- > 0;)
		if (e->tally[v] && len < size)
			len += snprintf(buf + len, size - len, "%s%zu %s", len ? ", " : "",
					e->tally[v], verdict_name(v));
	if (len < size)
		snprintf(buf + len, size - len, " of %zu", e->nr);
	return buf;
}

void export_release(struct export *e)
{
	for (size_t i = 0; i < e->nr; i++) {
		free(e->cells[i].group);
		free(e->cells[i].variant);
		free(e->cells[i].metric);
		free(e->cells[i].title);
		free(e->cells[i].says);
	}
	free(e->cells);
	free(e->run);
	free(e->base);
	*e = (struct export){0};
}
