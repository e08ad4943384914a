/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/misses.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"

static const char *const columns[] = {"step",	    "variant",	   "clients", "iteration", "event",
				      "side",	    "symbol",	   "offset",  "line",	   "data",
				      "file",	    "count",	   "weight",  "loads",	   "stores",
				      "hitm_local", "hitm_remote", "status",  NULL};
const struct tsv_schema misses_schema = {"misses", 1, columns};

_Static_assert(sizeof(columns) / sizeof(columns[0]) == NR_MISSES_COLUMNS + 1, "a name for each");

int miss_where_compare(const struct miss_where *a, const struct miss_where *b)
{
	int c = strcmp(a->symbol, b->symbol);

	if (!c)
		c = strcmp(a->offset, b->offset);
	if (!c)
		c = strcmp(a->data, b->data);
	if (!c)
		c = strcmp(a->side, b->side);
	if (!c)
		c = strcmp(a->line, b->line);
	return c ? c : strcmp(a->file, b->file);
}

static int compare_where(const void *x, const void *y)
{
	return miss_where_compare(&((const struct miss *)x)->where,
				  &((const struct miss *)y)->where);
}

static struct miss *miss_new(const struct miss_where *where, const char *status)
{
	struct miss *m = xcalloc(1, sizeof(*m));

	m->where = (struct miss_where){
		.side = xstrdup(where->side),
		.symbol = xstrdup(where->symbol),
		.offset = xstrdup(where->offset),
		.line = xstrdup(where->line),
		.data = xstrdup(where->data),
		.file = xstrdup(where->file),
	};
	m->status = status;
	return m;
}

static void miss_free(struct miss *m)
{
	free((char *)m->where.side);
	free((char *)m->where.symbol);
	free((char *)m->where.offset);
	free((char *)m->where.line);
	free((char *)m->where.data);
	free((char *)m->where.file);
	free(m);
}

void miss_table_add(struct miss_table *t, const struct miss_where *where,
		    const struct miss_counts *counts, const char *status)
{
	const struct miss wanted = {.where = *where};
	struct miss **found = tfind(&wanted, &t->index, compare_where), *m;

	if (!found) {
		XGROW(t->misses, t->nr, t->cap);
		m = t->misses[t->nr++] = miss_new(where, status);
		if (!tsearch(m, &t->index, compare_where))
			BUG("out of memory");
	} else {
		m = *found;
	}
	m->counts.count += counts->count;
	m->counts.weight += counts->weight;
	m->counts.loads += counts->loads;
	m->counts.stores += counts->stores;
	m->counts.hitm_local += counts->hitm_local;
	m->counts.hitm_remote += counts->hitm_remote;
}

void miss_table_add_total(struct miss_table *t, const char *what, uint64_t count)
{
	const struct miss_where where = {MISSES_ALL, what, "-", "-", "-", "-"};
	const struct miss_counts counts = {.count = count};

	miss_table_add(t, &where, &counts, "ok");
}

static int compare_counts(const void *x, const void *y)
{
	const struct miss *a = *(struct miss *const *)x, *b = *(struct miss *const *)y;
	bool total_a = !strcmp(a->where.side, MISSES_ALL),
	     total_b = !strcmp(b->where.side, MISSES_ALL);

	if (total_a != total_b)
		return total_a ? -1 : 1;
	if (!total_a && a->counts.count != b->counts.count)
		return a->counts.count > b->counts.count ? -1 : 1;
	return compare_where(a, b);
}

void miss_table_sort(struct miss_table *t)
{
	if (t->nr)
		qsort(t->misses, t->nr, sizeof(*t->misses), compare_counts);
}

const struct miss *miss_table_find(const struct miss_table *t, const struct miss_where *where)
{
	const struct miss wanted = {.where = *where};
	struct miss *const *found = tfind(&wanted, &t->index, compare_where);

	return found ? *found : NULL;
}

static void write_miss(FILE *out, const struct miss_key *key, const struct miss *m)
{
	const char *const texts[] = {key->step,	    key->variant,  key->clients,    key->iteration,
				     key->event,    m->where.side, m->where.symbol, m->where.offset,
				     m->where.line, m->where.data, m->where.file};
	const struct miss_counts *c = &m->counts;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tsv_write_field(out, texts[i], '\t');
	fprintf(out,
		"%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t",
		c->count, c->weight, c->loads, c->stores, c->hitm_local, c->hitm_remote);
	tsv_write_field(out, m->status, '\n');
}

void miss_table_write(FILE *out, const struct miss_key *key, struct miss_table *t)
{
	miss_table_sort(t);
	for (size_t i = 0; i < t->nr; i++)
		write_miss(out, key, t->misses[i]);
}

static void keep(void *miss)
{
	(void)miss;
}

void miss_table_release(struct miss_table *t)
{
	tdestroy(t->index, keep);
	for (size_t i = 0; i < t->nr; i++)
		miss_free(t->misses[i]);
	free(t->misses);
	*t = (struct miss_table){0};
}

int miss_counts_parse(struct miss_counts *c, char *const *fields, const struct tsv_reader *r,
		      struct why *why)
{
	uint64_t *const counts[] = {&c->count,	&c->weight,	&c->loads,
				    &c->stores, &c->hitm_local, &c->hitm_remote};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (number_parse(fields[MISSES_COUNT + i], 0, UINT64_MAX, counts[i], why))
			return why_within(why, EINVAL, "%s:%u: %s", r->path, r->line,
					  columns[MISSES_COUNT + i]);
	}
	return 0;
}
