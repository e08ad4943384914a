/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/export/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/clean.h"
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

/* What the gate says of @cell, which is a row's in @column; NULL for nothing. */
static const struct gate_cell *gate_find(const struct gate *gate, const struct row *row,
					 const struct cell *cell, const struct column *column)
{
	const char *variant = column->run->variants[cell->series->variant].name;

	for (size_t i = 0; gate && i < gate->nr; i++)
		if (!strcmp(gate->cells[i].metric, row->metric->metric) &&
		    !strcmp(gate->cells[i].clients, row->clients) &&
		    !strcmp(gate->cells[i].variant, variant))
			return &gate->cells[i];
	return NULL;
}

/* The verdict about a row of two columns. */
static void judge_cell(struct export_cell *out, const struct row *row, const struct column *columns,
		       const struct pair *pair, const struct gate *gate)
{
	const struct cell *base = &row->cells[0], *cell = &row->cells[1];
	const struct verdict_cell *verdict;
	const struct gate_cell *judged;
	char text[600];

	verdict = pair_find(pair, row->metric->metric,
			    columns[0].run->variants[base->series->variant].name, row->clients);
	judged = cell->series ? gate_find(gate, row, cell, &columns[1])
			      : gate_find(gate, row, base, &columns[0]);
	out->judged = true;
	if (verdict) {
		out->verdict = verdict->verdict;
		verdict_sentence(&pair->rule, verdict, text, sizeof(text));
		out->says = clean_text(text);
	} else if (gate && gate->refused) {
		out->verdict = VERDICT_INVALID;
		out->says = clean_format(xasprintf("not measured alike: %s", gate->unlike));
	} else if (judged && !judged->no_baseline) {
		out->verdict = judged->v.verdict;
		out->says = clean_text(gate_sentence(gate, judged, text, sizeof(text)));
	} else {
		out->judged = false;
		out->says = clean_text(base->absent ? base->absent : "not judged");
	}
}

static void add_cell(struct export *e, const struct comparison *c, const struct row *row,
		     const struct pair *pair, const struct gate *gate)
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
		judge_cell(out, row, c->columns.columns, pair, gate);
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

void export_init(struct export *e, const struct comparison *c, const struct pair *pair,
		 const struct gate *gate)
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
			add_cell(e, c, &c->rows[i], pair, gate);
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
