/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer in a sentence, and what it is made of. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/curve.h"
#include "analysis/export/order.h"
#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

#define CURVES 8 /* told at once; further ones have to be opened */

/* A sign that can be told from the others without its colour. */
static const struct badge {
	const char *sign, *word, *class;
} badges[NR_VERDICTS] = {
	[VERDICT_IMPROVEMENT] = {"▲", "improvement", "good"},
	[VERDICT_SAME] = {"=", "no change", "good"},
	[VERDICT_INCONCLUSIVE] = {"?", "cannot tell", "open"},
	[VERDICT_REGRESSION] = {"▼", "regression", "bad"},
	[VERDICT_INVALID] = {"✕", "invalid", "bad"},
};

/* "faults/sec, anon-compact, 4 clients", in memory that the caller frees. */
static char *name_of(const struct export_cell *cell)
{
	char *where = page_cell_name(cell->variant, cell->clients);
	char *name = xasprintf("%s, %s", cell->metric, where);

	free(where);
	return name;
}

/* Why nothing can be said at all; NULL if something can. */
static char *no_verdict(const struct page_verdict *v)
{
	const struct export *e = &v->e;

	if (v->none)
		return xasprintf("There is no verdict about '%s': %s.", e->run, v->none);
	if (v->gate.refused)
		return xasprintf("There is no verdict: '%s' and '%s' were not measured alike: %s.",
				 e->run, e->base, v->gate.unlike);
	if (!e->judged)
		return xasprintf("There is no verdict about '%s': nothing in it could be compared.",
				 e->run);
	return NULL;
}

/* The worst cell stands for all of them. */
static char *sentence(const struct page_verdict *v)
{
	static const char *const starts[NR_VERDICTS] = {
		[VERDICT_IMPROVEMENT] = "is better than",
		[VERDICT_SAME] = "is not worse than",
		[VERDICT_INCONCLUSIVE] = "was not shown to be worse than",
		[VERDICT_REGRESSION] = "is worse than",
		[VERDICT_INVALID] = "cannot be compared with",
	};
	const struct export *e = &v->e;
	const struct export_cell **order;
	char tally[200], *name, *text = no_verdict(v);

	if (text)
		return text;
	order = export_worst_first(e);
	name = name_of(order[0]);
	text = xasprintf("'%s' %s '%s' (cells: %s). %s: %s: %s.", e->run, starts[e->worst], e->base,
			 export_tally(e, tally, sizeof(tally)), e->nr > 1 ? "The worst" : "It",
			 name, order[0]->says);
	free(name);
	free(order);
	return text;
}

/* What was decided by what. */
static void write_rule(FILE *out, const struct page_verdict *v)
{
	const struct verdict_rule *rule = v->pair.known ? &v->pair.rule : &v->gate.rule;

	if (v->none || v->gate.refused)
		return;
	if (v->pair.known ? rule->ask.exact : v->gate.exact) {
		fputs("<p class=\"summary\">The runs were simulated: their numbers have no "
		      "noise.</p>\n",
		      out);
		return;
	}
	if (v->pair.known)
		fprintf(out,
			"<p class=\"summary\">From %zu randomised rounds of <code>faultscale "
			"ab</code>",
			v->pair.rounds.nr);
	else
		fputs("<p class=\"summary\">The runs were recorded apart and judged as "
		      "<code>faultscale gate</code> does",
		      out);
	fprintf(out,
		"; changes up to ±%g%% do not count, %g%% of false alarms over all cells.</p>\n",
		100 * rule->ask.delta, 100 * rule->ask.alpha);
}

static void put_mean(struct grid *grid, const struct summary *sum)
{
	grid_number(grid, 0, sum ? sum->value[STAT_MEAN] : NAN);
}

static void write_cells(FILE *out, const struct page_verdict *v)
{
	const struct export *e = &v->e;
	char *caption = xasprintf("%s against %s, cell by cell", e->run, e->base);
	struct grid grid;

	grid_init(&grid, "lrrrll");
	grid_text(&grid, "cell");
	grid_text(&grid, "%s", e->base);
	grid_text(&grid, "%s", e->run);
	grid_text(&grid, "change of mean");
	grid_text(&grid, "verdict");
	grid_text(&grid, "in words");
	for (size_t i = 0; i < e->nr; i++) {
		const struct export_cell *cell = &e->cells[i];
		const struct badge *badge = &badges[cell->verdict];
		char *name = name_of(cell);

		grid_text(&grid, "%s", name);
		put_mean(&grid, cell->base);
		put_mean(&grid, cell->sum);
		if (isfinite(cell->change))
			grid_text(&grid, "%+.1f%%", cell->change);
		else
			grid_text(&grid, "-");
		grid_text(&grid, "%s %s", cell->judged ? badge->sign : "-",
			  cell->judged ? badge->word : "");
		grid_text(&grid, "%s", cell->says ? cell->says : "");
		free(name);
	}
	fprintf(out, "<details%s><summary>All %zu cells</summary>\n", e->nr <= 8 ? " open" : "",
		e->nr);
	html_grid(out, caption, &grid);
	fputs("</details>\n", out);
	free(caption);
}

static void write_verdict(FILE *out, const struct page_verdict *v)
{
	enum verdict worst = v->none || !v->e.judged ? VERDICT_INCONCLUSIVE : v->e.worst;
	char *text = sentence(v);

	html_put(out,
		 "<p class=\"verdict %s\"><span class=\"badge\"><span "
		 "aria-hidden=\"true\">%s</span> %s</span> "
		 "%s</p>\n",
		 badges[worst].class, badges[worst].sign, badges[worst].word, text);
	write_rule(out, v);
	if (v->e.nr)
		write_cells(out, v);
	free(text);
}

/* "1.83M faults/sec with 4 clients" */
static void put_point(FILE *out, const struct curve *curve, const struct curve_point *point,
		      bool unit)
{
	const char *suffix = point->mean >= 1e6 ? "M" : point->mean >= 1e4 ? "k" : "";
	double scale = point->mean >= 1e6 ? 1e6 : point->mean >= 1e4 ? 1e3 : 1;

	fprintf(out, "%.3g%s ", point->mean / scale, suffix);
	if (unit)
		html_put(out, "%s ", curve->metric->row);
	fprintf(out, "with %g client%s", point->clients, point->clients == 1 ? "" : "s");
}

/* How a curve grows from its first to its last client count. */
static void write_growth(FILE *out, const struct page *page, const struct curve *curve)
{
	const struct curve_point *first = curve->points, *last = &first[curve->nr - 1],
				 *best = first;
	double ideal = curve_ideal(curve, last->clients);

	for (size_t i = 1; i < curve->nr; i++)
		if (first[i].mean > best->mean)
			best = &first[i];
	html_put(out, "<li><b>%s%s%s</b>: ", page->rate.columns.columns[curve->column].name,
		 *curve->label ? ", " : "", curve->label);
	put_point(out, curve, last, true);
	if (first != last) {
		fputs(", ", out);
		put_point(out, curve, first, false);
		if (first->mean > 0)
			fprintf(out, ": %.2f times as many", last->mean / first->mean);
		if (first->mean > 0 && ideal > 0)
			fprintf(out, ", %.0f%% of the ideal", 100 * last->mean / ideal);
	}
	if (best != last && !isnan(ideal)) {
		fputs(". The most is ", out);
		put_point(out, curve, best, false);
	}
	fputs(".</li>\n", out);
}

/* Without a base: how far each curve of the first metric scales. */
static void write_growths(FILE *out, const struct page *page)
{
	struct curves curves;
	size_t nr = 0;

	curves_init(&curves, &page->rate);
	for (size_t i = 0; i < curves.nr; i++) {
		if (curves.curves[i].metric != &page->rates.metrics[0] || !curves.curves[i].nr)
			continue;
		if (!nr)
			fputs("<ul class=\"verdict\">\n", out);
		else if (nr == CURVES)
			fputs("</ul>\n<details><summary>More variants</summary>\n"
			      "<ul class=\"verdict\">\n",
			      out);
		nr++;
		write_growth(out, page, &curves.curves[i]);
	}
	fputs(nr ? "</ul>\n" : "<p class=\"verdict\">No rate was measured.</p>\n", out);
	fputs(nr > CURVES ? "</details>\n" : "", out);
	curves_release(&curves);
}

static void write(FILE *out, const struct page *page)
{
	for (size_t i = 0; i < page->nr_verdicts; i++)
		write_verdict(out, &page->verdicts[i]);
	if (!page->nr_verdicts)
		write_growths(out, page);
}

const struct section section_verdict = {
	.name = "verdict",
	.title = "Verdict",
	.summary = "",
	.write = write,
};
