/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'go test -bench' prints and benchstat reads: a line per iteration, and before them which way
 * each unit is better. A unit is a metric's name; blanks end names and units, so they become '_'. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/export/export.h"

static void put_word(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++)
		fputc(*p == ' ' ? '_' : *p, out);
}

static bool is_first_of_metric(const struct export *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(e->cells[k].metric, e->cells[i].metric))
			return false;
	return true;
}

static void put_units(FILE *out, const struct export *e)
{
	for (size_t i = 0; i < e->nr; i++) {
		if (e->cells[i].better == BETTER_UNKNOWN || !is_first_of_metric(e, i))
			continue;
		fputs("Unit ", out);
		put_word(out, e->cells[i].metric);
		fprintf(out, " better=%s\n",
			e->cells[i].better == BETTER_HIGHER ? "higher" : "lower");
	}
}

static void put_line(FILE *out, const struct export *e, size_t begin, size_t end,
		     const struct sample *sample)
{
	fputs("BenchmarkPft/", out);
	if (*e->cells[begin].variant) {
		put_word(out, e->cells[begin].variant);
		fputc('/', out);
	}
	fputs("clients=", out);
	put_word(out, e->cells[begin].clients);
	fputs(" 1", out);
	for (size_t k = begin; k < end; k++) {
		double value = series_value_like(e->cells[k].series, sample);

		if (!isfinite(value))
			continue;
		fprintf(out, " %.15g ", value);
		put_word(out, e->cells[k].metric);
	}
	fputc('\n', out);
}

static int write_text(FILE *out, const struct export *e, struct why *why)
{
	size_t lines = 0;

	fputs("pkg: faultscale\n", out);
	put_units(out, e);
	for (size_t i = 0, end; i < e->nr; i = end) {
		const struct series *series = e->cells[i].series;

		end = export_group_end(e, i);
		for (size_t s = 0; series && s < series->nr; s++, lines++)
			put_line(out, e, i, end, &series->samples[s]);
	}
	return lines ? 0 : why_not(why, EINVAL, "'%s' has no iteration", e->run);
}

const struct export_format export_benchstat = {
	"benchstat", "a line per iteration as 'go test -bench' prints it", write_text};
