/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/whatif.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format/grid.h"
#include "analysis/stats.h"
#include "common/say.h"
#include "common/xalloc.h"

static const char *const metrics[] = {"faults/cpu", "faults/sec"};

/* The words of one dimension of a run, each once, in the order of its variants. */
struct words {
	const char **words;
	size_t nr, cap;
};

static void words_add(struct words *w, const char *word)
{
	for (size_t i = 0; i < w->nr; i++)
		if (!strcmp(w->words[i], word))
			return;
	XGROW(w->words, w->nr, w->cap);
	w->words[w->nr++] = word;
}

static struct words words_of(const struct run *run, enum dimension dim)
{
	struct words w = {0};

	for (size_t v = 0; v < run->nr_variants; v++)
		if (run->variants[v].dims[dim])
			words_add(&w, run->variants[v].dims[dim]);
	return w;
}

/* "adjacent=on" is "on"; without the axis anything goes. */
static const char *state_of(const char *prefetch)
{
	const char *is = strchr(prefetch, '=');

	return is ? is + 1 : "-";
}

static const char *file_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What all cells of one table have in common. */
struct table {
	struct run *run;
	const struct published *published;
	const char *machine, *state;
	const struct words *designs;
};

static void design_cells(struct grid *grid, const struct table *t, size_t design,
			 const char *metric, unsigned clients)
{
	const char *base = t->designs->words[0], *name = t->designs->words[design];
	double from = prediction_value(&t->run, 1, t->machine, base, t->state, clients, metric);
	double value = prediction_value(&t->run, 1, t->machine, name, t->state, clients, metric);
	double change = change_plain(metric_better(metric), STAT_MEAN, value, from);
	const struct published_figure *figure =
		published_find(t->published, t->machine, metric, clients,
			       strcmp(t->state, "-") ? t->state : "on", base, name);

	grid_number(grid, 0, value);
	if (isnan(change))
		grid_text(grid, "(-)");
	else
		grid_text(grid, "(%.2f%%)", change);
	if (figure)
		grid_text(grid, "[%.2f%%]", figure->change);
	else
		grid_text(grid, "%s", "");
}

/* The row of one metric and count, unless nobody measured it. */
static void add_row(struct grid *grid, const struct table *t, const char *metric, unsigned clients)
{
	double value = prediction_value(&t->run, 1, t->machine, t->designs->words[0], t->state,
					clients, metric);

	if (isnan(value))
		return;
	grid_text(grid, "%s-%u", metric, clients);
	grid_number(grid, 0, value);
	for (size_t d = 1; d < t->designs->nr; d++)
		design_cells(grid, t, d, metric, clients);
}

static void table_print(FILE *out, const struct table *t, const struct style *style)
{
	char *align = xcalloc(3 + 3 * t->designs->nr, 1);
	struct grid grid;

	memset(align, 'r', 2 + 3 * (t->designs->nr - 1));
	align[0] = 'l';
	grid_init(&grid, align);
	grid_text(&grid, "%s", "");
	for (size_t d = 0; d < t->designs->nr; d++) {
		grid_text(&grid, "%s", t->designs->words[d]);
		for (size_t i = 0; d && i < 2; i++)
			grid_text(&grid, "%s", "");
	}
	for (size_t m = 0; m < 2; m++)
		for (size_t c = 0; c < t->run->nr_clients; c++)
			add_row(&grid, t, metrics[m], strtoul(t->run->clients[c], NULL, 10));
	grid_print(&grid, out, style);
	free(align);
}

void whatif_table(FILE *out, struct run *run, const struct published *published,
		  const struct style *style)
{
	struct words designs = words_of(run, DIM_LOCK), prefetch = words_of(run, DIM_PREFETCH);
	struct words machines = words_of(run, DIM_MACHINE);

	for (size_t m = 0; m < machines.nr; m++)
		for (size_t p = 0; designs.nr && p < prefetch.nr; p++) {
			struct table t = {.run = run,
					  .published = published,
					  .machine = file_of(machines.words[m]),
					  .state = state_of(prefetch.words[p]),
					  .designs = &designs};

			say_line(out, "%s%s%s", t.machine, *t.state == '-' ? "" : ", ",
				 *t.state == '-' ? "" : prefetch.words[p]);
			fputc('\n', out);
			table_print(out, &t, style);
			fputc('\n', out);
		}
	free(designs.words);
	free(prefetch.words);
	free(machines.words);
}

/* "13 of 16 signs right, error 3.1 points on average and 12.0 at worst, rank correlation 0.81" */
static void agreement_print(FILE *out, const struct agreement *a)
{
	fprintf(out, "%zu of %zu signs right, error %.1f points on average and %.1f at worst, ",
		a->right, a->nr, a->mean_error, a->worst_error);
	if (isnan(a->rho))
		fputs("too few figures for a rank correlation\n", out);
	else
		fprintf(out, "rank correlation %.2f\n", a->rho);
}

static void prediction_print(FILE *out, const struct prediction *p, const struct style *style)
{
	struct grid grid;

	say_line(out, "%s, %s: %s", p->table, p->machine, p->source);
	fputc('\n', out);
	grid_init(&grid, "llrrrrl");
	for (size_t i = 0; i < 7; i++)
		grid_text(&grid, "%s",
			  ((const char *const[]){"", "change", "published base", "simulated base",
						 "published", "simulated", ""})[i]);
	for (size_t i = 0; i < p->nr; i++) {
		const struct prediction_row *row = &p->rows[i];

		grid_text(&grid, "%s-%u", row->figure->metric, row->figure->clients);
		grid_text(&grid, "%s > %s", row->figure->base, row->figure->design);
		grid_number(&grid, 0, row->figure->base_value);
		grid_number(&grid, 0, row->base_value);
		grid_text(&grid, "%.2f%%", row->figure->change);
		grid_text(&grid, "%.2f%%", row->change);
		grid_text(&grid, "%s",
			  agreement_sign(row->figure->change, row->change) ? "" : "wrong");
	}
	grid_print(&grid, out, style);
	fputc('\n', out);
	agreement_print(out, &p->agreement);
	fputc('\n', out);
}

void whatif_predictions(FILE *out, const struct predictions *p, const struct style *style)
{
	for (size_t i = 0; i < p->nr; i++)
		prediction_print(out, &p->tables[i], style);
	if (!p->nr) {
		fputs("nothing was published of these designs on this machine at these counts\n",
		      out);
		return;
	}
	fprintf(out, "in all %zu tables: ", p->nr);
	agreement_print(out, &p->all);
}
