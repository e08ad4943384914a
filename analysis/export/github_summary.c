/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Markdown for $GITHUB_STEP_SUMMARY, worst cells first. GitHub refuses a summary of more than 1 MiB as
 * a whole, so the table ends before that, and says so. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/export/export.h"
#include "analysis/export/order.h"
#include "common/xalloc.h"

#define MOST_BYTES 900000

/* Nothing that Markdown or HTML would take for its own. */
static void put_escaped(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '<')
			fputs("&lt;", out);
		else if (*p == '&')
			fputs("&amp;", out);
		else if (strchr("\\`*_[]|~#!@", *p))
			fprintf(out, "&#%d;", *p);
		else
			fputc(*p, out);
	}
}

static void put_number(FILE *out, const char *format, double value)
{
	if (isfinite(value))
		fprintf(out, format, value);
	else
		fputs("-", out);
}

/* A line of the table, in memory that the caller frees. */
static char *row(const struct export *e, const struct export_cell *cell, size_t *len)
{
	char *text;
	FILE *out = xmemstream(&text, len);

	fputs("| ", out);
	put_escaped(out, cell->title);
	if (e->base) {
		fputs(" | ", out);
		put_number(out, "%.6g", cell->base->value[STAT_MEAN]);
	}
	fputs(" | ", out);
	put_number(out, "%.6g", cell->sum->value[STAT_MEAN]);
	fprintf(out, " | %zu |", cell->sum->n);
	if (e->base) {
		fputc(' ', out);
		put_number(out, "%+.2f%%", cell->change);
		fprintf(out, " | %s | ", cell->judged ? verdict_name(cell->verdict) : "-");
		put_escaped(out, cell->says ? cell->says : "");
		fputs(" |", out);
	}
	fputc('\n', out);
	fclose(out);
	return text;
}

static void put_head(FILE *out, const struct export *e)
{
	char tally[200];

	fputs("## Page faults: ", out);
	put_escaped(out, e->judged ? verdict_name(e->worst) : e->run);
	fputs("\n\n", out);
	if (e->base) {
		put_escaped(out, e->run);
		fputs(" against ", out);
		put_escaped(out, e->base);
		fputs(": ", out);
	}
	fprintf(out, "%s.\n\n", export_tally(e, tally, sizeof(tally)));
	fputs(e->base ? "| | base | run | n | change | verdict | |\n"
			"| --- | ---: | ---: | ---: | ---: | --- | --- |\n"
		      : "| | mean | n |\n| --- | ---: | ---: |\n",
	      out);
}

static int write_markdown(FILE *out, const struct export *e, struct why *why)
{
	const struct export_cell **order = export_worst_first(e);
	size_t bytes = 0, i;

	(void)why;
	put_head(out, e);
	for (i = 0; i < e->nr; i++) {
		size_t len;
		char *text = row(e, order[i], &len);

		bytes += len;
		if (bytes <= MOST_BYTES)
			fputs(text, out);
		free(text);
		if (bytes > MOST_BYTES)
			break;
	}
	if (i < e->nr)
		fprintf(out,
			"\n%zu more rows are left out, as GitHub takes no more than 1 MiB: "
			"keep the run as an artifact, or 'faultscale export --format tsv' of it.\n",
			e->nr - i);
	free(order);
	return 0;
}

const struct export_format export_github_summary = {
	"github-summary", "markdown for $GITHUB_STEP_SUMMARY", write_markdown};
