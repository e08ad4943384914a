/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/misses.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/lock_names.h"
#include "common/xalloc.h"

static struct miss_group *group_of(struct misses *m, char *const *fields)
{
	struct miss_group *g = misses_find(m, fields[MISSES_VARIANT], fields[MISSES_CLIENTS]);

	if (g)
		return g;
	g = xcalloc(1, sizeof(*g));
	g->variant = xstrdup(fields[MISSES_VARIANT]);
	g->clients = xstrdup(fields[MISSES_CLIENTS]);
	g->event = xstrdup(fields[MISSES_EVENT]);
	XGROW(m->groups, m->nr, m->cap);
	m->groups[m->nr++] = g;
	return g;
}

/* A row about the iteration. */
static void add_total(struct miss_group *g, const char *what, uint64_t count)
{
	if (!strcmp(what, MISSES_PERIOD)) {
		g->period = count;
		g->iterations++;
	} else if (!strcmp(what, MISSES_FAULTS)) {
		g->faults += count;
	} else if (!strcmp(what, MISSES_LOST)) {
		g->lost += count;
	} else if (!strcmp(what, MISSES_OUTSIDE)) {
		g->outside += count;
	} else if (!strcmp(what, MISSES_THROTTLED)) {
		g->throttled += count;
	}
}

/* What is left of a place. */
static struct miss_where place_by(enum misses_by by, const struct miss_where *whole,
				  const char *lock)
{
	struct miss_where w = *whole;

	w.file = "-";
	if (by != MISSES_BY_INSTRUCTION)
		w.offset = "-";
	if (by != MISSES_BY_INSTRUCTION && by != MISSES_BY_LINE)
		w.line = "-";
	if (by != MISSES_BY_DATA)
		w.data = "-";
	if (lock)
		w.symbol = lock;
	return w;
}

static void add_row(struct miss_group *g, char *const *fields, const struct miss_counts *counts,
		    enum misses_by by)
{
	const struct miss_where whole = {fields[MISSES_SIDE],	fields[MISSES_SYMBOL],
					 fields[MISSES_OFFSET], fields[MISSES_LINE],
					 fields[MISSES_DATA],	fields[MISSES_FILE]};
	char *lock = by == MISSES_BY_LOCK ? lock_name_of(&whole) : NULL;
	struct miss_where where = place_by(by, &whole, lock);

	g->samples += counts->count;
	if (by != MISSES_BY_DATA || strcmp(where.data, "-"))
		miss_table_add(&g->rows, &where, counts, "ok");
	free(lock);
}

static int add_record(struct misses *m, char *const *fields, enum misses_by by,
		      const struct tsv_reader *r, struct why *why)
{
	struct miss_group *g = group_of(m, fields);
	struct miss_counts counts;

	if (strcmp(g->event, fields[MISSES_EVENT]))
		return why_not(why, EINVAL, "%s:%u: '%s' and '%s' were sampled in one cell",
			       r->path, r->line, g->event, fields[MISSES_EVENT]);
	if (miss_counts_parse(&counts, fields, r, why))
		return -EINVAL;
	if (!strcmp(fields[MISSES_SIDE], MISSES_ALL))
		add_total(g, fields[MISSES_SYMBOL], counts.count);
	else
		add_row(g, fields, &counts, by);
	return 0;
}

int misses_read(struct misses *m, const char *path, enum misses_by by, struct why *why)
{
	char *fields[NR_MISSES_COLUMNS];
	struct tsv_reader r;
	int got;

	*m = (struct misses){0};
	got = tsv_reader_init(&r, path, &misses_schema, why);
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		got = add_record(m, fields, by, &r, why);
		if (got)
			break;
	}
	tsv_reader_release(&r);
	for (size_t i = 0; i < m->nr; i++)
		miss_table_sort(&m->groups[i]->rows);
	return got;
}

struct miss_group *misses_find(const struct misses *m, const char *variant, const char *clients)
{
	for (size_t i = 0; i < m->nr; i++)
		if (!strcmp(m->groups[i]->variant, variant) &&
		    !strcmp(m->groups[i]->clients, clients))
			return m->groups[i];
	return NULL;
}

static const char *size_in(const char *offset)
{
	const char *slash = strchr(offset, '/');

	return slash ? slash : "";
}

/* Whether the function has another size in @other. */
static bool is_other_build(const struct miss *m, const struct miss_table *other)
{
	for (size_t i = 0; i < other->nr; i++) {
		const struct miss_where *w = &other->misses[i]->where;

		if (!strcmp(w->symbol, m->where.symbol) && !strcmp(w->side, m->where.side) &&
		    strcmp(size_in(w->offset), size_in(m->where.offset)))
			return true;
	}
	return false;
}

static struct miss_table aligned(const struct miss_table *t, const struct miss_table *other)
{
	struct miss_table out = {0};

	for (size_t i = 0; i < t->nr; i++) {
		const struct miss *m = t->misses[i];
		struct miss_where w = m->where;

		if (strcmp(w.line, "-") || is_other_build(m, other))
			w.offset = "-";
		miss_table_add(&out, &w, &m->counts, m->status);
	}
	miss_table_sort(&out);
	return out;
}

void misses_align(struct miss_group *a, struct miss_group *b)
{
	struct miss_table rows_a = aligned(&a->rows, &b->rows),
			  rows_b = aligned(&b->rows, &a->rows);

	miss_table_release(&a->rows);
	miss_table_release(&b->rows);
	a->rows = rows_a;
	b->rows = rows_b;
}

double misses_per_fault(const struct miss_group *g)
{
	return g->faults && g->period ? (double)g->period / (double)g->faults : NAN;
}

bool misses_is_clock(const struct miss_group *g)
{
	return !strcmp(g->event, "cpu-clock") || !strcmp(g->event, "task-clock");
}

static double count_of(const struct miss *m)
{
	return m ? (double)m->counts.count : 0;
}

static double scale_of(const struct miss_group *g, bool shares)
{
	return shares ? 1 / (double)(g->samples ? g->samples : 1) : misses_per_fault(g);
}

/* What a row of two groups says. */
static struct miss_change change_of(const struct miss *a, const struct miss *b, double scale_a,
				    double scale_b)
{
	double n = count_of(a), m = count_of(b);
	struct miss_change c = {.a = a,
				.b = b,
				.before = n * scale_a,
				.after = m * scale_b,
				.change = NAN,
				.plus_minus = NAN};

	if (n < MISSES_LEAST || m < MISSES_LEAST)
		return c;
	c.change = c.after - c.before;
	c.plus_minus = 1.96 * sqrt(n * scale_a * scale_a + m * scale_b * scale_b);
	return c;
}

static double rank(const struct miss_change *c)
{
	return isnan(c->change) ? -1 : fabs(c->change);
}

static int compare_changes(const void *x, const void *y)
{
	const struct miss_change *a = x, *b = y;
	double n = count_of(a->a) + count_of(a->b), m = count_of(b->a) + count_of(b->b);
	const struct miss *one = a->a ? a->a : a->b, *other = b->a ? b->a : b->b;

	if (rank(a) != rank(b))
		return rank(a) > rank(b) ? -1 : 1;
	if (n != m)
		return n > m ? -1 : 1;
	return miss_where_compare(&one->where, &other->where);
}

struct miss_change *misses_compare(const struct miss_group *a, const struct miss_group *b,
				   bool shares, size_t *nr)
{
	struct miss_change *changes = xcalloc(a->rows.nr + b->rows.nr + 1, sizeof(*changes));
	double scale_a = scale_of(a, shares), scale_b = scale_of(b, shares);

	*nr = 0;
	for (size_t i = 0; i < a->rows.nr; i++) {
		const struct miss *m = a->rows.misses[i];

		changes[(*nr)++] =
			change_of(m, miss_table_find(&b->rows, &m->where), scale_a, scale_b);
	}
	for (size_t i = 0; i < b->rows.nr; i++) {
		const struct miss *m = b->rows.misses[i];

		if (!miss_table_find(&a->rows, &m->where))
			changes[(*nr)++] = change_of(NULL, m, scale_a, scale_b);
	}
	qsort(changes, *nr, sizeof(*changes), compare_changes);
	return changes;
}

void misses_release(struct misses *m)
{
	for (size_t i = 0; i < m->nr; i++) {
		struct miss_group *g = m->groups[i];

		miss_table_release(&g->rows);
		free(g->variant);
		free(g->clients);
		free(g->event);
		free(g);
	}
	free(m->groups);
	*m = (struct misses){0};
}
