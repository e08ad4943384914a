/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/extract.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/format/layout.h"

void extract_samples(FILE *out, const struct comparison *c, bool header)
{
	int width = c->report->width;
	size_t label = 0;

	if (header)
		fprintf(out, "%*s%*s%*s\n", width, "Operation", width, "Sample", width, "Ops");
	for (size_t r = 0; r < c->nr_rows; r++) {
		size_t len = strlen(c->rows[r].name);

		label = len > label ? len + 3 : label;
	}
	for (size_t r = 0; r < c->nr_rows; r++) {
		const struct series *series = c->rows[r].cells[0].series;

		for (size_t i = 0; i < series->nr; i++)
			fprintf(out, "%-*s%-2u%*u%*.2f\n", (int)label, c->rows[r].name,
				series->samples[i].directory, width, series->samples[i].number,
				width, series->samples[i].value);
	}
}

static void print_number(FILE *out, int width, double value, char end)
{
	char text[400];

	fprintf(out, "%s%c", layout_number(text, sizeof(text), width, 3, value, false), end);
}

static void plot_row(FILE *out, const struct comparison *c, const struct row *row, bool candles)
{
	const struct series *series = row->cells[0].series;
	double *values = series_values(series);
	int width = c->report->width;
	struct summary sum;
	double mean, stddev, min, max;

	/* Plots show arithmetic means, of rates as well. */
	summary_init(&sum, values, series->nr, BETTER_LOWER);
	free(values);
	mean = sum.value[STAT_MEAN];
	stddev = sum.value[STAT_STDDEV];
	min = sum.value[STAT_MIN];
	max = sum.value[STAT_MAX];
	fprintf(out, "%-*s ", width, row->clients);
	if (!candles) {
		print_number(out, width, mean, ' ');
		print_number(out, width, stddev, '\n');
		return;
	}
	print_number(out, width, mean - stddev > min ? mean - stddev : min, ' ');
	print_number(out, width, min, ' ');
	print_number(out, width, max, ' ');
	print_number(out, width, mean + stddev < max ? mean + stddev : max, ' ');
	print_number(out, width, mean, '\t');
	fputs("# stddev=", out);
	print_number(out, -width, stddev, '\n');
}

void extract_plot(FILE *out, const struct comparison *c, bool candles)
{
	for (size_t r = 0; r < c->nr_rows; r++)
		plot_row(out, c, &c->rows[r], candles);
}
