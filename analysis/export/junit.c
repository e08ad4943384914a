/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit XML as Jenkins and GitLab read it: a test case per cell, with one outcome at most, as Jenkins
 * keeps one. A regression fails; what a guard made invalid, or a run has lost, is an error; what cannot
 * be told is skipped, as is a number that does not exist. Without a base every number passes.
 */
#include <math.h>

#include "analysis/export/export.h"

enum outcome { PASSED, FAILED, ERROR, SKIPPED, NR_OUTCOMES };

static void put_text(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		switch (*p) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>': /* also for the "]]>" that no text may hold */
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*p, out);
		}
	}
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_text(out, value);
	fputc('"', out);
}

static enum outcome outcome_of(const struct export_cell *cell)
{
	if (!cell->judged)
		return cell->says ? SKIPPED : PASSED;
	switch (cell->verdict) {
	case VERDICT_REGRESSION:
		return FAILED;
	case VERDICT_INVALID:
		return ERROR;
	case VERDICT_INCONCLUSIVE:
		return SKIPPED;
	default:
		return PASSED;
	}
}

static void put_outcome(FILE *out, const struct export_cell *cell)
{
	static const char *const tags[] = {NULL, "failure", "error", "skipped"};
	enum outcome outcome = outcome_of(cell);

	if (outcome == PASSED)
		return;
	fprintf(out, "   <%s", tags[outcome]);
	if (outcome != SKIPPED)
		put_attribute(out, "type", verdict_name(cell->verdict));
	put_attribute(out, "message", cell->says);
	fputs("/>\n", out);
}

static void put_case(FILE *out, const struct export_cell *cell)
{
	char figures[400];

	fputs("  <testcase", out);
	put_attribute(out, "classname", *cell->variant ? cell->variant : "pft");
	put_attribute(out, "name", cell->title);
	fputs(">\n", out);
	put_outcome(out, cell);
	fputs("   <system-out>", out);
	put_text(out, export_figures(cell, figures, sizeof(figures)));
	if (cell->base && isfinite(cell->base->value[STAT_MEAN]))
		fprintf(out, "; base %.6g of %zu, change %+.2f%%", cell->base->value[STAT_MEAN],
			cell->base->n, cell->change);
	if (cell->judged) {
		fputs("; ", out);
		put_text(out, cell->says);
	}
	fputs("</system-out>\n  </testcase>\n", out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fputs("   <property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static int write_xml(FILE *out, const struct export *e, struct why *why)
{
	size_t nr[NR_OUTCOMES] = {0};
	char tally[200];

	(void)why;
	for (size_t i = 0; i < e->nr; i++)
		nr[outcome_of(&e->cells[i])]++;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite", out);
	put_attribute(out, "name", e->run);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", e->nr,
		nr[FAILED], nr[ERROR], nr[SKIPPED]);
	fputs("  <properties>\n", out);
	put_property(out, "run", e->run);
	if (e->base)
		put_property(out, "base", e->base);
	put_property(out, "summary", export_tally(e, tally, sizeof(tally)));
	fputs("  </properties>\n", out);
	for (size_t i = 0; i < e->nr; i++)
		put_case(out, &e->cells[i]);
	fputs(" </testsuite>\n</testsuites>\n", out);
	return 0;
}

const struct export_format export_junit = {"junit", "JUnit XML, a test case per cell", write_xml};
