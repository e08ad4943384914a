/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/objects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/tsv.h"
#include "common/xalloc.h"
#include "harness/step.h"

#define STRUCT_MAX 65536

static int read_window(struct objects *o, const char *text)
{
	struct object_window w;
	int end = 0;

	if (sscanf(text, "%d %" SCNu64 " %" SCNu64 "%n", &w.tid, &w.start, &w.end, &end) < 3 ||
	    text[end] || w.end < w.start)
		return -EINVAL;
	XGROW(o->windows, o->nr_windows, o->cap_windows);
	o->windows[o->nr_windows++] = w;
	return 0;
}

/* "NAME@OFFSET+SIZE" */
static int read_field(struct object_struct *s, char *word)
{
	char *at = strrchr(word, '@');
	struct object_field f;
	int end = 0;

	if (!at || at == word || sscanf(at, "@%5u+%5u%n", &f.offset, &f.size, &end) < 2 || at[end])
		return -EINVAL;
	*at = '\0';
	f.name = word;
	XGROW(s->fields, s->nr, s->cap);
	s->fields[s->nr++] = f;
	return 0;
}

/* "NAME SIZE FIELD..." */
static int read_struct(struct objects *o, const char *text)
{
	struct object_struct s = {.text = xstrdup(text)};
	char *rest = s.text, *word = strsep(&rest, " "), *size = strsep(&rest, " ");
	int err = *word && size && sscanf(size, "%5u", &s.size) == 1 && s.size ? 0 : -EINVAL;

	s.name = word;
	while (!err && (word = strsep(&rest, " ")))
		err = read_field(&s, word);
	XGROW(o->structs, o->nr_structs, o->cap_structs);
	o->structs[o->nr_structs++] = s;
	return err;
}

/* "NAME START LENGTH STRIDE" */
static int read_range(struct objects *o, const char *text)
{
	const char *blank = strchr(text, ' ');
	size_t len = blank ? (size_t)(blank - text) : 0;
	struct object_range r;
	int end = 0;

	if (!len ||
	    sscanf(blank, "%" SCNx64 " %" SCNu64 " %u%n", &r.start, &r.length, &r.stride, &end) <
		    3 ||
	    blank[end] || !r.stride || r.stride > STRUCT_MAX || r.start + r.length < r.start)
		return -EINVAL;
	for (r.of = 0; r.of < o->nr_structs; r.of++)
		if (!strncmp(o->structs[r.of].name, text, len) && !o->structs[r.of].name[len])
			break;
	if (r.of == o->nr_structs)
		return -EINVAL;
	XGROW(o->ranges, o->nr_ranges, o->cap_ranges);
	o->ranges[o->nr_ranges++] = r;
	return 0;
}

static int read_transfer(struct objects *o, const char *text)
{
	struct object_transfer t;
	int end = 0;

	if (sscanf(text,
		   "%" SCNx64 " %" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n",
		   &t.cause, &t.line, &t.loads, &t.stores, &t.misses, &t.local, &t.remote,
		   &t.invalidations, &t.wait_ns, &end) < 9 ||
	    text[end])
		return -EINVAL;
	XGROW(o->transfers, o->nr_transfers, o->cap_transfers);
	o->transfers[o->nr_transfers++] = t;
	return 0;
}

static int read_row(struct objects *o, char **row)
{
	const char *value = row[ROW_VALUE];

	if (!strcmp(row[ROW_METRIC], "announce_window"))
		return read_window(o, value);
	if (!strcmp(row[ROW_METRIC], "announce_struct"))
		return read_struct(o, value);
	if (!strcmp(row[ROW_METRIC], "announce_range"))
		return read_range(o, value);
	if (!strcmp(row[ROW_METRIC], "announce_transfer"))
		return read_transfer(o, value);
	if (!strcmp(row[ROW_METRIC], "faults") && !strcmp(row[ROW_THREAD], "all"))
		return sscanf(value, "%" SCNu64, &o->faults) == 1 ? 0 : -EINVAL;
	return 0;
}

static int compare_ranges(const void *x, const void *y)
{
	const struct object_range *a = x, *b = y;

	return a->start < b->start ? -1 : a->start > b->start;
}

int objects_read(struct objects *o, FILE *in, struct why *why)
{
	char *row[NR_ROW_COLUMNS];
	struct tsv_reader r;
	int got;

	*o = (struct objects){0};
	got = tsv_reader_init_stream(&r, in, "rows", &rows_schema, why);
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, row, why)) > 0) {
		if (!read_row(o, row))
			continue;
		got = why_not(why, EINVAL, "rows:%u: not understood, with '%s'", r.line,
			      row[ROW_METRIC]);
		break;
	}
	tsv_reader_release(&r);
	if (o->nr_ranges)
		qsort(o->ranges, o->nr_ranges, sizeof(*o->ranges), compare_ranges);
	return got;
}

bool objects_in_window(const struct objects *o, int tid, uint64_t ns)
{
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < o->nr_windows; i++) {
		const struct object_window *w = &o->windows[i];

		if (w->tid == tid)
			return ns >= w->start && ns <= w->end;
		first = w->start < first ? w->start : first;
		last = w->end > last ? w->end : last;
	}
	return ns >= first && ns <= last;
}

static const struct object_range *find_range(const struct objects *o, uint64_t address)
{
	size_t low = 0, high = o->nr_ranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (o->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - o->ranges[low - 1].start >= o->ranges[low - 1].length)
		return NULL;
	return &o->ranges[low - 1];
}

/* The field around @offset, or NULL: a hole, or one that was not told. */
static const struct object_field *find_field(const struct object_struct *s, unsigned offset)
{
	for (size_t i = 0; i < s->nr; i++)
		if (offset >= s->fields[i].offset &&
		    offset - s->fields[i].offset < s->fields[i].size)
			return &s->fields[i];
	return NULL;
}

bool objects_name(const struct objects *o, uint64_t address, char *text, size_t size)
{
	const struct object_range *r = find_range(o, address);
	const struct object_struct *s;
	const struct object_field *f;
	uint64_t object, pair;
	unsigned offset;
	char where[64];

	if (!r)
		return false;
	s = &o->structs[r->of];
	offset = (unsigned)((address - r->start) % r->stride);
	object = address - offset;
	f = find_field(s, offset);
	pair = (address / OBJECT_LINE) ^ 1;
	if ((pair + 1) * OBJECT_LINE <= object || pair * OBJECT_LINE >= object + s->size)
		snprintf(where, sizeof(where), "of its neighbour");
	else
		snprintf(where, sizeof(where), "own line %" PRIu64, pair - object / OBJECT_LINE);
	snprintf(text, size, "%s%s%s @%u line %" PRIu64 ", pair line: %s", s->name, f ? "." : "",
		 f ? f->name : "", offset, address / OBJECT_LINE - object / OBJECT_LINE, where);
	return true;
}

void objects_release(struct objects *o)
{
	for (size_t i = 0; i < o->nr_structs; i++) {
		free(o->structs[i].text);
		free(o->structs[i].fields);
	}
	free(o->structs);
	free(o->windows);
	free(o->ranges);
	free(o->transfers);
	*o = (struct objects){0};
}
