/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "analysis/format/data.h"

/* A field as RFC 4180 wants it. */
static void put_text(FILE *out, const char *text, char end)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
	} else {
		fputc('"', out);
		for (const char *p = text; *p; p++) {
			if (*p == '"')
				fputc('"', out);
			fputc(*p, out);
		}
		fputc('"', out);
	}
	fputc(end, out);
}

/* 15 significant digits, which every double has; empty if the number does not exist. */
static void put_number(FILE *out, double value, char end)
{
	if (isfinite(value))
		fprintf(out, "%.15g", value);
	fputc(end, out);
}

static void put_line(FILE *out, const struct comparison *c, const struct row *row, size_t column,
		     const char *statistic, double value, double percent,
		     const struct ratio_interval *interval, bool mean)
{
	static const char *const better[] = {"", "higher", "lower"};
	const struct cell *cell = &row->cells[column];
	double base = row->cells[0].sum.value[STAT_MEAN];

	put_text(out, row->metric->metric, ',');
	put_text(out, row->label, ',');
	put_text(out, row->clients, ',');
	put_text(out, better[row->metric->better], ',');
	put_text(out, statistic, ',');
	put_text(out, c->columns.columns[column].name, ',');
	fprintf(out, "%zu,", cell->sum.n);
	put_number(out, value, ',');
	put_number(out, percent, ',');
	put_number(out, mean && base != 0 ? value / base : NAN, ',');
	put_number(out, interval ? interval->low : NAN, ',');
	put_number(out, interval ? interval->high : NAN, ',');
	put_text(out,
		 mean && column && cell->sum.has_interval && row->cells[0].sum.has_interval
			 ? (cell->significant ? "yes" : "no")
			 : "",
		 ',');
	put_text(out, !isfinite(value) && cell->absent ? cell->absent : "", '\n');
}

void csv_comparison(FILE *out, const struct comparison *c)
{
	const struct bootstrap *boot = c->options.bootstrap;

	fputs("metric,variant,clients,better,statistic,run,n,value,change_percent,ratio,ratio_low,"
	      "ratio_high,significant,absent\n",
	      out);
	for (size_t r = 0; r < c->nr_rows; r++)
		for (size_t i = 0; i < c->columns.nr; i++) {
			const struct row *row = &c->rows[r];
			const struct cell *cell = &row->cells[i];
			enum better better = row->metric->better;

			for (size_t k = 0; k < NR_STATS; k++)
				if (stat_label(k, better))
					put_line(out, c, row, i, stat_label(k, better),
						 cell->sum.value[k], cell->change[k],
						 boot && k == STAT_MEAN ? &cell->mean_interval
									: NULL,
						 k == STAT_MEAN);
			put_line(out, c, row, i, "Median", cell->sum.median,
				 change_plain(better, STAT_MIN, cell->sum.median,
					      row->cells[0].sum.median),
				 boot ? &cell->median_interval : NULL, false);
		}
}

void csv_durations(FILE *out, const struct columns *columns)
{
	static const char *const names[] = {"user_s", "system_s", "elapsed_s"};

	fputs("run,metric,value\n", out);
	for (size_t i = 0; i < columns->nr; i++)
		for (size_t k = 0; k < 3; k++) {
			const struct durations *d = &columns->columns[i].run->durations;
			const double values[] = {d->user, d->system, d->elapsed};

			put_text(out, columns->columns[i].name, ',');
			put_text(out, names[k], ',');
			put_number(out, d->measured ? values[k] : NAN, '\n');
		}
}
