/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/published.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

#define MAX_CLIENTS 65536

enum {
	P_TABLE,
	P_MACHINE,
	P_METRIC,
	P_CLIENTS,
	P_PREFETCH,
	P_BASE,
	P_DESIGN,
	P_BASE_VALUE,
	P_VALUE,
	P_CHANGE,
	P_SOURCE,
	NR_P,
};

static const char *const columns[] = {
	"table",  "machine",	"metric", "clients", "prefetch", "base",
	"design", "base_value", "value",  "change",  "source",	 NULL,
};
static const struct tsv_schema published_schema = {"published", 1, columns};

/* A number, or NaN for "-" where that is allowed. */
static int read_number(const char *field, bool optional, double *value, struct why *why)
{
	char *end;

	*value = NAN;
	if (optional && !strcmp(field, "-"))
		return 0;
	*value = strtod(field, &end);
	if (!*field || *end || !isfinite(*value))
		return why_not(why, EINVAL, "not a number, with '%.40s'", field);
	return 0;
}

static int read_figure(struct published_figure *f, char **fields, struct why *why)
{
	uint64_t clients;
	int err = number_parse(fields[P_CLIENTS], 1, MAX_CLIENTS, &clients, why);

	if (!err)
		err = read_number(fields[P_BASE_VALUE], true, &f->base_value, why);
	if (!err)
		err = read_number(fields[P_VALUE], true, &f->value, why);
	if (!err)
		err = read_number(fields[P_CHANGE], false, &f->change, why);
	if (!err && strcmp(fields[P_PREFETCH], "on") && strcmp(fields[P_PREFETCH], "off") &&
	    strcmp(fields[P_PREFETCH], "-"))
		err = why_not(why, EINVAL, "prefetch is on, off or -, not '%.40s'",
			      fields[P_PREFETCH]);
	if (err)
		return -EINVAL;
	f->clients = (unsigned)clients;
	f->table = xstrdup(fields[P_TABLE]);
	f->machine = xstrdup(fields[P_MACHINE]);
	f->metric = xstrdup(fields[P_METRIC]);
	f->prefetch = xstrdup(fields[P_PREFETCH]);
	f->base = xstrdup(fields[P_BASE]);
	f->design = xstrdup(fields[P_DESIGN]);
	f->source = xstrdup(fields[P_SOURCE]);
	return 0;
}

int published_read(struct published *p, const char *path, struct why *why)
{
	struct tsv_reader r;
	char *fields[NR_P];
	int got = tsv_reader_init(&r, path, &published_schema, why);

	*p = (struct published){0};
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0) {
		XGROW(p->figures, p->nr, p->cap);
		got = read_figure(&p->figures[p->nr], fields, why);
		if (got) {
			why_within(why, EINVAL, "%s:%u", r.path, r.line);
			break;
		}
		p->nr++;
	}
	tsv_reader_release(&r);
	if (got)
		published_release(p);
	return got;
}

const struct published_figure *published_find(const struct published *p, const char *machine,
					      const char *metric, unsigned clients,
					      const char *prefetch, const char *base,
					      const char *design)
{
	for (size_t i = 0; i < p->nr; i++) {
		const struct published_figure *f = &p->figures[i];

		if (f->clients == clients && !strcmp(f->machine, machine) &&
		    !strcmp(f->metric, metric) && !strcmp(f->base, base) &&
		    !strcmp(f->design, design) &&
		    (!prefetch || !strcmp(f->prefetch, "-") || !strcmp(f->prefetch, prefetch)))
			return f;
	}
	return NULL;
}

void published_release(struct published *p)
{
	for (size_t i = 0; i < p->nr; i++) {
		struct published_figure *f = &p->figures[i];

		free(f->table);
		free(f->machine);
		free(f->metric);
		free(f->prefetch);
		free(f->base);
		free(f->design);
		free(f->source);
	}
	free(p->figures);
	*p = (struct published){0};
}
