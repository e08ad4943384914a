/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer in a sentence, and what it is made of. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/export/order.h"
#include "analysis/report/lines.h"
#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

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
	grid_text(&grid, "change");
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

	html_put(
		out,
		"<p class=\"verdict %s\"><span class=\"badge\"><span "
		"aria-hidden=\"true\">%s</span> %s</span> "
		"%s</p>\n",
		badges[worst].class, badges[worst].sign, badges[worst].word, text);
	write_rule(out, v);
	if (v->e.nr)
		write_cells(out, v);
	free(text);
}

/* "1.83M" */
static char *short_number(double value)
{
	const char *unit = value >= 1e6 ? "M" : value >= 1e4 ? "k" : "";
	double scale = value >= 1e6 ? 1e6 : value >= 1e4 ? 1e3 : 1;

	return xasprintf("%.3g%s", value / scale, unit);
}

/* How the first metric of @label grows from its first to its last client count. */
static void write_growth(FILE *out, const struct page *page, const char *label, size_t column)
{
	const struct comparison *c = &page->rate;
	const struct row *first = NULL, *last = NULL, *best = NULL;
	double a, b, times, more;
	char *from, *to, *most;

	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct row *row = &c->rows[r];
		double mean = row->cells[column].sum.value[STAT_MEAN];

		if (row->metric != &page->rates.metrics[0] || strcmp(row->label, label) ||
		    !(mean > 0))
			continue;
		first = first ? first : row;
		last = row;
		if (!best || mean > best->cells[column].sum.value[STAT_MEAN])
			best = row;
	}
	if (!first)
		return;
	a = first->cells[column].sum.value[STAT_MEAN];
	b = last->cells[column].sum.value[STAT_MEAN];
	times = b / a;
	more = lines_clients(last->clients) / lines_clients(first->clients);
	from = short_number(a);
	to = short_number(b);
	most = short_number(best->cells[column].sum.value[STAT_MEAN]);
	html_put(out, "<p class=\"verdict none\"><b>%s%s%s</b>: ", c->columns.columns[column].name,
		 *label ? ", " : "", label);
	html_put(out, "%s %s with %s client%s", to, last->metric->row, last->clients,
		 strcmp(last->clients, "1") ? "s" : "");
	if (first != last) {
		html_put(out, ", %s with %s: ", from, first->clients);
		fprintf(out, "%.2f times as many with %.3g times the clients, %.0f%% of linear",
			times, more, 100 * times / more);
	}
	if (best != last)
		html_put(out, ". The most is %s with %s client%s", most, best->clients,
			 strcmp(best->clients, "1") ? "s" : "");
	fputs(".</p>\n", out);
	free(from);
	free(to);
	free(most);
}

static void write(FILE *out, const struct page *page)
{
	const char *label;

	for (size_t i = 0; i < page->nr_verdicts; i++)
		write_verdict(out, &page->verdicts[i]);
	for (size_t i = 0;
	     !page->nr_verdicts && (label = lines_label(&page->rate, &page->rates.metrics[0], i));
	     i++)
		for (size_t k = 0; k < page->rate.columns.nr; k++)
			write_growth(out, page, label, k);
}

const struct section section_verdict = {
	.name = "verdict",
	.title = "Verdict",
	.summary = "",
	.write = write,
};
