/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures that somebody published: a table of means ("# faultscale means 1", docs/format.md), or the
 * table of changes between lock designs that predictions are held against (published.h), of which the
 * absolute figures are taken. There are no iterations, so nothing tells their noise.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/import/import.h"
#include "analysis/published.h"
#include "common/tsv.h"
#include "common/xalloc.h"

enum { M_VARIANT, M_CLIENTS, M_METRIC, M_VALUE, M_SOURCE, NR_M };

static const struct tsv_schema means_schema = {
	"means", 1,
	(const char *const[]){"variant", "clients", "metric", "value", "source", NULL}};

/* Add a mean to the only iteration of its cell. Returns -EEXIST if there is another one. */
static int add_mean(struct import *import, const char *variant, const char *workload,
		    const char *extra, unsigned clients, const char *metric, double value)
{
	struct import_step *step = import_find(import, variant, clients);
	const struct import_record *record = step ? import_record(step, metric) : NULL;

	if (record)
		return record->value == value ? 0 : -EEXIST;
	if (!step) {
		step = import_step(import, variant, workload, "-", clients);
		free(step->extra);
		step->extra = xstrdup(extra);
	}
	import_add(step, metric, strstr(metric, "faults/") == metric ? "1/s" : "1", value, NULL);
	return 0;
}

static int read_mean(struct import *import, const struct tsv_reader *r, char **fields,
		     struct why *why)
{
	unsigned clients;
	double value;

	if (!import_clients(fields[M_CLIENTS], &clients))
		return why_not(why, EINVAL, "%s:%u: not a client count, with '%.40s'", r->path,
			       r->line, fields[M_CLIENTS]);
	if (!*fields[M_METRIC])
		return why_not(why, EINVAL, "%s:%u: the metric has no name", r->path, r->line);
	if (!import_number(fields[M_VALUE], &value))
		return why_not(why, EINVAL, "%s:%u: not a number, with '%.40s'", r->path, r->line,
			       fields[M_VALUE]);
	if (add_mean(import, fields[M_VARIANT], fields[M_VARIANT], "-", clients, fields[M_METRIC],
		     value))
		return why_not(why, EINVAL,
			       "%s:%u: another %.40s of '%.60s' with %u clients: a cell has one "
			       "mean",
			       r->path, r->line, fields[M_METRIC], fields[M_VARIANT], clients);
	if (strcmp(fields[M_SOURCE], "-"))
		import_remark(import, fields[M_SOURCE]);
	return 0;
}

static int read_means(struct import *import, const struct import_file *file, struct why *why)
{
	struct tsv_reader r;
	char *fields[NR_M];
	int got = tsv_reader_init(&r, file->path, &means_schema, why);

	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		got = read_mean(import, &r, fields, why);
		if (got)
			break;
	}
	if (!got && r.torn)
		notes_add(import->notes, "%s: the last line is torn: left out", file->path);
	tsv_reader_release(&r);
	return got;
}

/* One design of a figure; tables were not measured alike, so each has variants of its own. */
static int add_design(struct import *import, const struct published_figure *f, const char *design,
		      double value)
{
	char *variant, *extra;
	int err;

	if (isnan(value) || !strcmp(design, "-"))
		return 0;
	variant = xasprintf("%s-%s", f->table, design);
	extra = xasprintf("--lock %s --machine %s", design, f->machine);
	err = add_mean(import, variant, "anon", extra, f->clients, f->metric, value);
	free(variant);
	free(extra);
	return err;
}

static int read_designs(struct import *import, const struct import_file *file, struct why *why)
{
	struct published published;
	int err = published_read(&published, file->path, why);

	if (err)
		return err;
	for (size_t i = 0; i < published.nr && !err; i++) {
		const struct published_figure *f = &published.figures[i];
		const char *design = f->base;

		err = add_design(import, f, design, f->base_value);
		if (!err) {
			design = f->design;
			err = add_design(import, f, design, f->value);
		}
		if (err)
			why_not(why, EEXIST, "%s: table '%.40s' has two %s of %s with %u clients",
				file->path, f->table, f->metric, design, f->clients);
		import_remark(import, f->source);
	}
	published_release(&published);
	return err;
}

static int read_file(struct import *import, const struct import_file *file, struct why *why)
{
	char head[64] = "";

	import_remark(import,
		      "published means without iterations: compare their shape, there is no "
		      "telling whether a difference is noise");
	if (!strcmp(file->path, "-") || ftell(file->in) < 0) /* it is read twice */
		return why_not(why, EINVAL,
			       "a published table has to be a file, not standard input or a pipe");
	if (!fgets(head, sizeof(head), file->in) && ferror(file->in))
		return why_not(why, EIO, "cannot read '%s': %s", file->path, strerror(errno));
	return !strncmp(head, "# faultscale published ", 23) ? read_designs(import, file, why)
							     : read_means(import, file, why);
}

const struct import_format import_published = {
	"published", "a table of published means, '# faultscale means 1'", "published table", false,
	read_file};
