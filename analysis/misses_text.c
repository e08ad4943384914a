/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/misses_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/xalloc.h"

/* Events per fault are a clock's ns; what is rarer is counted per 1000 faults. */
static double factor_of(const struct miss_group *g)
{
	return misses_is_clock(g) ? 1 : 1000;
}

static const char *unit_of(const struct miss_group *g)
{
	return misses_is_clock(g) ? "ns/fault" : "/1000 faults";
}

static void print_where(FILE *out, const struct miss_where *w)
{
	bool line = strcmp(w->line, "-"), data = strcmp(w->data, "-");

	say_line(out, "  %-6s  %s%s%s%s%s%s", w->side, w->symbol,
		 strcmp(w->offset, "-") ? w->offset : "", line ? "  " : "", line ? w->line : "",
		 data ? "  " : "", data ? w->data : "");
}

static void print_title(FILE *to, const struct miss_group *g)
{
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	if (strcmp(g->variant, "-"))
		fprintf(out, "%s, ", g->variant);
	fprintf(out, "%s client%s: %s", g->clients, strcmp(g->clients, "1") ? "s" : "", g->event);
	if (g->period)
		fprintf(out, " every %" PRIu64 "%s", g->period, misses_is_clock(g) ? " ns" : "");
	fprintf(out, ", %" PRIu64 " samples", g->samples);
	if (g->faults)
		fprintf(out, ", %" PRIu64 " faults", g->faults);
	if (g->outside)
		fprintf(out, ", %" PRIu64 " outside the measured region", g->outside);
	if (g->lost)
		fprintf(out, ", %" PRIu64 " LOST", g->lost);
	if (g->throttled)
		fprintf(out, ", throttled %" PRIu64 " times", g->throttled);
	fclose(out);
	say_line(to, "%s", text);
	free(text);
}

/* "  12.34" or a dash. */
static void print_number(FILE *out, int width, double value, bool sign)
{
	if (isnan(value))
		fprintf(out, "%*s", width, "-");
	else
		fprintf(out, sign ? "%+*.2f" : "%*.2f", width, value);
}

static size_t limit(size_t nr, size_t top)
{
	return top && top < nr ? top : nr;
}

static void print_rest(FILE *out, size_t nr, size_t shown)
{
	if (nr > shown)
		fprintf(out, "  and %zu more rows; --top 0 shows all\n", nr - shown);
}

void misses_print(FILE *out, const struct miss_group *g, size_t top)
{
	double per = misses_per_fault(g) * factor_of(g);
	size_t shown = limit(g->rows.nr, top);

	print_title(out, g);
	fprintf(out, "%8s %9s %13s  side    where\n", "share", "samples", unit_of(g));
	for (size_t i = 0; i < shown; i++) {
		const struct miss *m = g->rows.misses[i];

		fprintf(out, "%7.2f%% %9" PRIu64 " ",
			100 * (double)m->counts.count / (double)g->samples, m->counts.count);
		print_number(out, 13, per * (double)m->counts.count, false);
		print_where(out, &m->where);
	}
	print_rest(out, g->rows.nr, shown);
}

/* A cache line of a structure. */
struct data_line {
	const char *data; /* of its first row */
	struct miss_counts sum;
	size_t first; /* row */
};

/* The length of "STRUCT" in "STRUCT.FIELD @OFFSET line N, ...". */
static size_t struct_length(const char *data)
{
	return strcspn(data, ". ");
}

/* "line N, pair line: ..." of it; the whole if it has no such part. */
static const char *line_part(const char *data)
{
	const char *line = strstr(data, " line ");

	return line ? line + 1 : data;
}

static bool same_line(const char *a, const char *b)
{
	return struct_length(a) == struct_length(b) && !strncmp(a, b, struct_length(a)) &&
	       !strcmp(line_part(a), line_part(b));
}

static void add_counts(struct miss_counts *sum, const struct miss_counts *c)
{
	sum->count += c->count;
	sum->weight += c->weight;
	sum->loads += c->loads;
	sum->stores += c->stores;
	sum->hitm_local += c->hitm_local;
	sum->hitm_remote += c->hitm_remote;
}

static int compare_lines(const void *x, const void *y)
{
	const struct data_line *a = x, *b = y;
	uint64_t hitm_a = a->sum.hitm_local + a->sum.hitm_remote;
	uint64_t hitm_b = b->sum.hitm_local + b->sum.hitm_remote;

	if (hitm_a != hitm_b)
		return hitm_a > hitm_b ? -1 : 1;
	if (a->sum.count != b->sum.count)
		return a->sum.count > b->sum.count ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

/* An array of the lines for free(). */
static struct data_line *lines_of(const struct miss_table *t, size_t *nr)
{
	struct data_line *lines = xcalloc(t->nr + 1, sizeof(*lines));
	size_t i, n;

	*nr = 0;
	for (i = 0; i < t->nr; i++) {
		const struct miss *m = t->misses[i];

		for (n = 0; n < *nr; n++)
			if (same_line(lines[n].data, m->where.data))
				break;
		if (n == *nr)
			lines[(*nr)++] = (struct data_line){.data = m->where.data, .first = i};
		add_counts(&lines[n].sum, &m->counts);
	}
	qsort(lines, *nr, sizeof(*lines), compare_lines);
	return lines;
}

static void print_counts(FILE *out, const struct miss_counts *c)
{
	fprintf(out, "%9" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " ", c->count,
		c->loads, c->stores, c->hitm_local, c->hitm_remote);
}

void misses_print_data(FILE *out, const struct miss_group *g, size_t top)
{
	size_t nr, shown;
	struct data_line *lines = lines_of(&g->rows, &nr);

	print_title(out, g);
	shown = limit(nr, top);
	if (!nr)
		fprintf(out, "  no address of a sample lies in an object that pft knows\n");
	else
		fprintf(out, "%9s %8s %8s %8s %8s\n", "samples", "loads", "stores", "HITM",
			"remote");
	for (size_t l = 0; l < shown; l++) {
		print_counts(out, &lines[l].sum);
		say_line(out, " %.*s %s", (int)struct_length(lines[l].data), lines[l].data,
			 line_part(lines[l].data));
		for (size_t i = 0; i < g->rows.nr; i++) {
			const struct miss *m = g->rows.misses[i];
			const char *data = m->where.data;

			if (!same_line(data, lines[l].data))
				continue;
			print_counts(out, &m->counts);
			say_line(out, "     %.*s by %s (%s)", (int)(line_part(data) - data - 1),
				 data, m->where.symbol, m->where.side);
		}
	}
	print_rest(out, nr, shown);
	free(lines);
}

static void print_change(FILE *out, const struct miss_change *c, double factor)
{
	const struct miss *m = c->a ? c->a : c->b;

	print_number(out, 12, c->before * factor, false);
	print_number(out, 12, c->after * factor, false);
	print_number(out, 12, c->change * factor, true);
	print_number(out, 10, c->plus_minus * factor, false);
	fprintf(out, " %8" PRIu64 " %8" PRIu64, c->a ? c->a->counts.count : 0,
		c->b ? c->b->counts.count : 0);
	print_where(out, &m->where);
}

enum kind { BOTH, GONE, NEW };

static enum kind kind_of(const struct miss_change *c)
{
	if (!c->b)
		return GONE;
	return c->a ? BOTH : NEW;
}

static void print_kind(FILE *out, const struct miss_change *changes, size_t nr, enum kind kind,
		       double factor, size_t top)
{
	static const char *const titles[] = {"in both", "gone", "new"};
	size_t all = 0, shown = 0;

	for (size_t i = 0; i < nr; i++)
		all += kind_of(&changes[i]) == kind;
	if (!all)
		return;
	fprintf(out, "%s:\n", titles[kind]);
	for (size_t i = 0; i < nr && shown < limit(all, top); i++) {
		if (kind_of(&changes[i]) != kind)
			continue;
		print_change(out, &changes[i], factor);
		shown++;
	}
	print_rest(out, all, shown);
}

void misses_print_changes(FILE *out, const struct miss_group *a, const struct miss_group *b,
			  size_t top)
{
	bool shares = isnan(misses_per_fault(a)) || isnan(misses_per_fault(b));
	double factor = shares ? 100 : factor_of(a);
	size_t nr;
	struct miss_change *changes = misses_compare(a, b, shares, &nr);

	fputs("before: ", out);
	print_title(out, a);
	fputs("after:  ", out);
	print_title(out, b);
	fprintf(out, "%12s%12s%12s%10s %8s %8s  side    where (%s)\n", "before", "after", "change",
		"+-", "samples", "samples", shares ? "% of samples" : unit_of(a));
	for (enum kind kind = BOTH; kind <= NEW; kind++)
		print_kind(out, changes, nr, kind, factor, top);
	free(changes);
}
