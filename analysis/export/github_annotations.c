/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workflow commands of GitHub Actions that annotate a job. GitHub shows ten of a kind and step and drops
 * the others without a word, so the first says how it stands and nine of each kind follow, worst first.
 */
#include <stdlib.h>

#include "analysis/export/export.h"
#include "analysis/export/order.h"

enum { MOST = 9 };

enum kind { NOTICE, WARNING, ERROR, NONE, NR_KINDS = NONE };

/* What ends a command or a property is written in percents. */
static void put_escaped(FILE *out, const char *text, bool property)
{
	for (const char *p = text; *p; p++)
		if (*p == '%' || *p == '\r' || *p == '\n' || (property && (*p == ':' || *p == ',')))
			fprintf(out, "%%%02X", (unsigned char)*p);
		else
			fputc(*p, out);
}

static enum kind kind_of_verdict(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_REGRESSION:
	case VERDICT_INVALID:
		return ERROR;
	case VERDICT_INCONCLUSIVE:
		return WARNING;
	default:
		return NOTICE;
	}
}

/* Where there are verdicts, cells without one, and those that are the same, are no news. */
static enum kind kind_of(const struct export *e, const struct export_cell *cell)
{
	if (cell->judged)
		return cell->verdict == VERDICT_SAME ? NONE : kind_of_verdict(cell->verdict);
	return e->judged ? NONE : NOTICE;
}

static void put(FILE *out, enum kind kind, const char *title, const char *first, const char *second)
{
	static const char *const names[] = {"notice", "warning", "error"};

	fprintf(out, "::%s title=", names[kind]);
	put_escaped(out, title, true);
	fputs("::", out);
	put_escaped(out, first, false);
	if (second) {
		fputs("%0A", out);
		put_escaped(out, second, false);
	}
	fputc('\n', out);
}

static void put_summary(FILE *out, const struct export *e, size_t left_out)
{
	char tally[200], text[300];

	export_tally(e, tally, sizeof(tally));
	snprintf(text, sizeof(text), left_out ? "%s; %zu more are not shown here" : "%s", tally,
		 left_out);
	put(out, e->judged ? kind_of_verdict(e->worst) : NOTICE, "page faults", text, NULL);
}

static int write_commands(FILE *out, const struct export *e, struct why *why)
{
	const struct export_cell **order = export_worst_first(e);
	size_t nr[NR_KINDS + 1] = {0}, left_out = 0;
	char figures[400];

	(void)why;
	for (size_t i = 0; i < e->nr; i++)
		nr[kind_of(e, order[i])]++;
	for (size_t k = 0; k < NR_KINDS; k++)
		left_out += nr[k] > MOST ? nr[k] - MOST : 0;
	put_summary(out, e, left_out);
	for (size_t k = 0; k < NR_KINDS; k++)
		nr[k] = 0;
	for (size_t i = 0; i < e->nr; i++) {
		enum kind kind = kind_of(e, order[i]);

		if (kind == NONE || nr[kind]++ >= MOST)
			continue;
		export_figures(order[i], figures, sizeof(figures));
		put(out, kind, order[i]->title, order[i]->judged ? order[i]->says : figures,
		    order[i]->judged ? figures : NULL);
	}
	free(order);
	return 0;
}

const struct export_format export_github_annotations = {
	"github-annotations", "workflow commands of GitHub Actions: the worst cells",
	write_commands};
