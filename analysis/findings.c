/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/samples.h"
#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

const char *const off_kind_names[NR_OFF_KINDS] = {"blocked", "runqueue", "sleep"};

/* The columns that every table begins with, and where the others do. */
#define KEY "step", "variant", "clients", "iteration"
enum { K_STEP, K_VARIANT, K_CLIENTS, K_ITERATION, FIRST };
#define MAX_COLUMNS 16

/* One record on its way into the rows. */
struct record {
	const struct tsv_reader *reader;
	char **fields;
	struct epoch epoch;
	struct why *why;
};

/* Read the number of column @which, up to @max. */
static int number_to(const struct record *r, int which, uint64_t max, uint64_t *number)
{
	if (!number_parse(r->fields[which], 0, max, number, NULL))
		return 0;
	return why_not(r->why, EINVAL,
		       "%s:%u: column '%s': not a whole number up to %llu, with '%.40s'",
		       r->reader->path, r->reader->line, r->reader->schema->columns[which],
		       (unsigned long long)max, r->fields[which]);
}

/* Read @nr columns of counts and times, from @first on. */
static int numbers(const struct record *r, int first, size_t nr, uint64_t *const *to)
{
	for (size_t i = 0; i < nr; i++) {
		int err = number_to(r, first + i, INT64_MAX, to[i]);

		if (err)
			return err;
	}
	return 0;
}

/* A text of the file, where "-" stands for none. */
static char *text(const struct record *r, int which)
{
	return xstrdup(strcmp(r->fields[which], "-") ? r->fields[which] : "");
}

static int bad_word(const struct record *r, int which, const char *there_is)
{
	return why_not(r->why, EINVAL, "%s:%u: unknown %s '%.40s': there is %s", r->reader->path,
		       r->reader->line, r->reader->schema->columns[which], r->fields[which],
		       there_is);
}

static int read_kind(const struct record *r, enum off_kind *kind)
{
	for (*kind = 0; *kind < NR_OFF_KINDS; (*kind)++)
		if (!strcmp(r->fields[FIRST], off_kind_names[*kind]))
			return 0;
	return bad_word(r, FIRST, "blocked, runqueue, sleep");
}

static int add_offcpu(struct findings *e, const struct record *r)
{
	struct offcpu_row row = {.epoch = r->epoch};
	uint64_t *const to[] = {&row.count, &row.total_ns, &row.max_ns, &row.open};
	int err = read_kind(r, &row.kind);

	if (!err)
		err = numbers(r, FIRST + 2, 4, to);
	if (err)
		return err;
	row.cause = text(r, FIRST + 1);
	row.kernel_stack = text(r, FIRST + 6);
	row.user_stack = text(r, FIRST + 7);
	row.wait = text(r, FIRST + 8);
	XGROW(e->offcpu, e->nr_offcpu, e->cap_offcpu);
	e->offcpu[e->nr_offcpu++] = row;
	return 0;
}

/* The bin at column @first. */
static int read_bin(const struct record *r, int first, struct histogram_row *row)
{
	uint64_t log2_ns = 0;
	int err = number_to(r, first, 63, &log2_ns);

	row->log2_ns = log2_ns;
	return err ? err : number_to(r, first + 1, INT64_MAX, &row->count);
}

static int add_wait(struct findings *e, const struct record *r)
{
	struct histogram_row row = {.epoch = r->epoch};
	int err = read_kind(r, &row.kind);

	if (!err)
		err = read_bin(r, FIRST + 2, &row);
	if (err)
		return err;
	row.cause = text(r, FIRST + 1);
	XGROW(e->waits, e->nr_waits, e->cap_waits);
	e->waits[e->nr_waits++] = row;
	return 0;
}

static int add_latency(struct findings *e, const struct record *r)
{
	struct histogram_row row = {.epoch = r->epoch};
	int err = read_bin(r, FIRST, &row);

	if (err)
		return err;
	XGROW(e->latency, e->nr_latency, e->cap_latency);
	e->latency[e->nr_latency++] = row;
	return 0;
}

static int add_contention(struct findings *e, const struct record *r)
{
	struct contention_row row = {.epoch = r->epoch};
	uint64_t *const to[] = {&row.count, &row.total_ns, &row.max_ns, &row.spun_ns,
				&row.slept_ns};
	int err = numbers(r, FIRST + 3, 5, to);

	if (err)
		return err;
	row.type = text(r, FIRST);
	row.lock = text(r, FIRST + 1);
	row.caller = text(r, FIRST + 2);
	row.kernel_stack = text(r, FIRST + 8);
	XGROW(e->contention, e->nr_contention, e->cap_contention);
	e->contention[e->nr_contention++] = row;
	return 0;
}

static int add_mmap_lock(struct findings *e, const struct record *r)
{
	struct mmap_lock_row row = {.epoch = r->epoch, .write = !strcmp(r->fields[FIRST], "write")};
	uint64_t *const to[] = {&row.count,	  &row.failed,	    &row.wait_ns, &row.hold_ns,
				&row.max_wait_ns, &row.max_hold_ns, &row.in_fault};
	int err = numbers(r, FIRST + 1, 7, to);

	if (err)
		return err;
	if (!row.write && strcmp(r->fields[FIRST], "read"))
		return bad_word(r, FIRST, "read, write");
	XGROW(e->mmap_lock, e->nr_mmap_lock, e->cap_mmap_lock);
	e->mmap_lock[e->nr_mmap_lock++] = row;
	return 0;
}

static int add_alignment(struct findings *e, const struct record *r)
{
	struct alignment_row row = {.epoch = r->epoch};
	uint64_t mod64 = 0, mod128 = 0;
	int err = number_to(r, FIRST + 1, 63, &mod64);

	if (!err)
		err = number_to(r, FIRST + 2, 127, &mod128);
	if (!err)
		err = number_to(r, FIRST + 3, INT64_MAX, &row.count);
	if (err)
		return err;
	row.mod64 = mod64;
	row.mod128 = mod128;
	row.cache = text(r, FIRST);
	XGROW(e->alignment, e->nr_alignment, e->cap_alignment);
	e->alignment[e->nr_alignment++] = row;
	return 0;
}

static int add_probe(struct findings *e, const struct record *r)
{
	struct probe_row row = {.epoch = r->epoch};
	uint64_t *const to[] = {&row.events, &row.lost, &row.runs, &row.ns};
	const char *status = r->fields[FIRST + 1];
	int err = 0;

	for (int i = 0; i < 4 && !err; i++)
		if (strcmp(r->fields[FIRST + 2 + i], "-"))
			err = number_to(r, FIRST + 2 + i, INT64_MAX, to[i]);
	if (err)
		return err;
	if (strcmp(status, "ok") && strcmp(status, "lost") && strncmp(status, "unsupported:", 12))
		return bad_word(r, FIRST + 1, "ok, lost, unsupported:REASON");
	row.probe = text(r, FIRST);
	row.status = xstrdup(status);
	XGROW(e->probes, e->nr_probes, e->cap_probes);
	e->probes[e->nr_probes++] = row;
	return 0;
}

static const struct table {
	struct tsv_schema schema; /* the kind is the file's name, too */
	int (*add)(struct findings *e, const struct record *r);
} tables[] = {
	{{"offcpu", 1,
	  (const char *const[]){KEY, "kind", "cause", "count", "total_ns", "max_ns", "open",
				"kernel_stack", "user_stack", "wait", NULL}},
	 add_offcpu},
	{{"waits", 1, (const char *const[]){KEY, "kind", "cause", "log2_ns", "count", NULL}},
	 add_wait},
	{{"contention", 1,
	  (const char *const[]){KEY, "type", "lock", "caller", "count", "total_ns", "max_ns",
				"spun_ns", "slept_ns", "kernel_stack", NULL}},
	 add_contention},
	{{"mmap_lock", 1,
	  (const char *const[]){KEY, "side", "count", "failed", "wait_ns", "hold_ns", "max_wait_ns",
				"max_hold_ns", "in_fault", NULL}},
	 add_mmap_lock},
	{{"alignment", 1, (const char *const[]){KEY, "cache", "mod64", "mod128", "count", NULL}},
	 add_alignment},
	{{"latency", 1, (const char *const[]){KEY, "log2_ns", "count", NULL}}, add_latency},
	{{"probes", 1,
	  (const char *const[]){KEY, "probe", "status", "events", "lost", "runs", "ns", NULL}},
	 add_probe},
};
#define NR_TABLES (sizeof(tables) / sizeof(tables[0]))

static int add_record(struct findings *e, const struct table *table, struct record *r)
{
	uint64_t clients = 0, iteration = 0;
	int err = number_to(r, K_CLIENTS, INT32_MAX, &clients);

	if (!err)
		err = number_to(r, K_ITERATION, INT32_MAX, &iteration);
	if (err)
		return err;
	r->epoch = (struct epoch){run_variant(e->run, r->fields[K_VARIANT]), clients, iteration};
	return table->add(e, r);
}

static int read_table(struct findings *e, const struct table *table, const char *path,
		      struct notes *notes, struct why *why)
{
	struct tsv_reader reader;
	char *fields[MAX_COLUMNS];
	struct record r = {.reader = &reader, .fields = fields, .why = why};
	int got = tsv_reader_init(&reader, path, &table->schema, why);

	if (got)
		return got;
	while ((got = tsv_reader_next(&reader, fields, why)) > 0) {
		got = add_record(e, table, &r);
		if (got)
			break;
	}
	if (!got && reader.torn)
		notes_add(notes, "%s: the last line is torn (the run was killed): left out", path);
	tsv_reader_release(&reader);
	return got;
}

/* Samples of the explained iterations stand apart from those that are compared. */
static int load_own(struct findings *findings, struct notes *notes, struct why *why)
{
	char *path = xasprintf("%s/explained.tsv", findings->run->path);
	int err = access(path, F_OK) ? 0 : samples_read(&findings->own, path, notes, why);

	free(path);
	return err;
}

int findings_load(struct findings *findings, struct run *run, struct notes *notes, struct why *why)
{
	size_t found = 0;
	int err = 0;

	*findings = (struct findings){.run = run};
	run_init(&findings->own, run->name, run->path, RUN_OWN);
	for (size_t t = 0; t < NR_TABLES && !err; t++) {
		char *path = xasprintf("%s/%s.tsv", run->path, tables[t].schema.kind);

		if (!access(path, F_OK)) {
			err = read_table(findings, &tables[t], path, notes, why);
			found++;
		}
		free(path);
	}
	if (!err)
		err = load_own(findings, notes, why);
	if (!err && !found)
		err = why_not(why, ENOENT,
			      "run '%s' was not explained: neither offcpu.tsv nor another table of "
			      "the probes is in it; measure with 'faultscale run --explain'",
			      run->path);
	if (err)
		findings_release(findings);
	return err;
}

/* The series of @metric in the cell of @epoch, or NULL. */
static const struct series *series_of(const struct run *run, const char *variant,
				      const struct epoch *epoch, const char *metric)
{
	char clients[24];

	snprintf(clients, sizeof(clients), "%u", epoch->clients);
	for (size_t v = 0; v < run->nr_variants; v++)
		if (!strcmp(run->variants[v].name, variant))
			return run_find(run, v, clients, metric);
	return NULL;
}

double findings_fact(const struct findings *findings, const struct epoch *epoch, const char *metric)
{
	const char *variant = findings->run->variants[epoch->variant].name;
	const struct series *own = series_of(&findings->own, variant, epoch, metric);

	for (size_t i = 0; own && i < own->nr; i++)
		if (own->samples[i].number == epoch->iteration + 1)
			return own->samples[i].value;
	return series_mean(series_of(findings->run, variant, epoch, metric));
}

void findings_release(struct findings *e)
{
	for (size_t i = 0; i < e->nr_offcpu; i++) {
		free(e->offcpu[i].cause);
		free(e->offcpu[i].kernel_stack);
		free(e->offcpu[i].user_stack);
		free(e->offcpu[i].wait);
	}
	for (size_t i = 0; i < e->nr_waits; i++)
		free(e->waits[i].cause);
	for (size_t i = 0; i < e->nr_contention; i++) {
		free(e->contention[i].type);
		free(e->contention[i].lock);
		free(e->contention[i].caller);
		free(e->contention[i].kernel_stack);
	}
	for (size_t i = 0; i < e->nr_alignment; i++)
		free(e->alignment[i].cache);
	for (size_t i = 0; i < e->nr_probes; i++) {
		free(e->probes[i].probe);
		free(e->probes[i].status);
	}
	free(e->offcpu);
	free(e->waits);
	free(e->contention);
	free(e->mmap_lock);
	free(e->alignment);
	free(e->latency);
	free(e->probes);
	run_release(&e->own);
	*e = (struct findings){0};
}
