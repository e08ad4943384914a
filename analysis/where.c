/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/where.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define LOST_LIMIT 0.01

static const char *const probe_names[] = {
	[PROFILE_OFFCPU] = "offcpu",
	[PROFILE_CONTENTION] = "contention",
};

/* The tables of the run that column @c is of. */
static const struct findings *findings_of(const struct where *where, size_t c)
{
	for (size_t i = 0; i < where->nr_findings; i++)
		if (where->findings[i].run == where->columns.columns[c].run)
			return &where->findings[i];
	return NULL;
}

static struct where_cell *cell_of(struct where *where, const char *label, unsigned clients)
{
	for (size_t i = 0; i < where->nr; i++)
		if (where->cells[i].clients == clients && !strcmp(where->cells[i].label, label))
			return &where->cells[i];
	XGROW(where->cells, where->nr, where->cap);
	where->cells[where->nr] = (struct where_cell){.label = label, .clients = clients};
	return &where->cells[where->nr++];
}

/* Note that column @c has the cell of @epoch, if it shows it. */
static void see(struct where *where, size_t c, const struct epoch *epoch,
		const struct selection *selection)
{
	const char *label = where->columns.columns[c].labels[epoch->variant];
	struct where_cell *cell;
	char clients[24];

	snprintf(clients, sizeof(clients), "%u", epoch->clients);
	if (!label || !selection_has_clients(selection, clients))
		return;
	cell = cell_of(where, label, epoch->clients);
	cell->sources[c] = (struct profile_source){findings_of(where, c), epoch->variant};
}

static void see_all(struct where *where, size_t c, const struct selection *selection)
{
	const struct findings *e = findings_of(where, c);

	for (size_t i = 0; i < e->nr_probes; i++)
		see(where, c, &e->probes[i].epoch, selection);
	for (size_t i = 0; i < e->nr_offcpu; i++)
		see(where, c, &e->offcpu[i].epoch, selection);
	for (size_t i = 0; i < e->nr_contention; i++)
		see(where, c, &e->contention[i].epoch, selection);
}

static int cell_compare(const void *pa, const void *pb)
{
	const struct where_cell *a = pa, *b = pb;
	int diff = strcmp(a->label, b->label);

	return diff ? diff : (a->clients > b->clients) - (a->clients < b->clients);
}

/* No cell: none was asked for that is there, or no probe was there to see one. */
static int nothing_left(const struct where *where, struct why *why)
{
	const struct findings *e = findings_of(where, 0);
	const char *path = e->run->path;

	if (e->nr_probes + e->nr_offcpu + e->nr_contention)
		return why_not(why, ENOENT,
			       "run '%s': no explained iteration is left of it; look at --only",
			       path);
	return why_not(why, ENOENT,
		       "run '%s': no probe was attached when it was to be explained; 'faultscale "
		       "run --explain' says why",
		       path);
}

static int find_cells(struct where *where, const struct selection *selection, struct why *why)
{
	if (where->columns.nr > 2)
		return why_not(why, EINVAL,
			       "%zu columns ('%s', '%s', ...): one or two can be told; name fewer "
			       "runs, or choose with --only",
			       where->columns.nr, where->columns.columns[0].name,
			       where->columns.columns[1].name);
	for (size_t c = 0; c < where->columns.nr; c++)
		see_all(where, c, selection);
	if (!where->nr)
		return nothing_left(where, why);
	qsort(where->cells, where->nr, sizeof(*where->cells), cell_compare);
	return 0;
}

int where_init(struct where *where, enum profile_of of, const struct run_list *runs,
	       const struct selection *selection, const struct bootstrap *boot, struct notes *notes,
	       struct why *why)
{
	int err = 0;

	*where = (struct where){.of = of};
	where->findings = xcalloc(runs->nr, sizeof(*where->findings));
	for (size_t i = 0; i < runs->nr && !err; i++) {
		err = findings_load(&where->findings[i], runs->runs[i], notes, why);
		where->nr_findings += !err;
	}
	if (!err)
		err = columns_init(&where->columns, runs->runs, runs->nr, selection, why);
	if (!err)
		err = find_cells(where, selection, why);
	for (size_t i = 0; i < where->nr && !err; i++)
		profile_init(&where->cells[i].profile, of, where->cells[i].sources,
			     where->columns.nr, where->cells[i].clients, boot);
	if (err) {
		where->nr = 0; /* they have no profiles yet */
		where_release(where);
	}
	return err;
}

static bool is_source(const struct profile_source *source, const struct where_cell *cell,
		      const struct epoch *epoch)
{
	return source->findings && epoch->variant == source->variant &&
	       epoch->clients == cell->clients;
}

/* What the probe of this report lost in one side of a cell. */
static int check_probe(const struct where *where, const struct where_cell *cell,
		       const struct profile_source *source, struct why *why)
{
	const struct findings *e = source->findings;
	const char *name = probe_names[where->of];
	double events = 0, lost = 0;

	for (size_t i = 0; e && i < e->nr_probes; i++)
		if (!strcmp(e->probes[i].probe, name) &&
		    is_source(source, cell, &e->probes[i].epoch)) {
			events += e->probes[i].events;
			lost += e->probes[i].lost;
		}
	if (!(lost > LOST_LIMIT * (events + lost)))
		return 0;
	return why_not(
		why, ERANGE,
		"run '%s': probe '%s' lost %.1f%% of its events with clients=%u, and over 1%% "
		"a report leads astray",
		e->run->path, name, 100 * lost / (events + lost), cell->clients);
}

/* Waits that the kernel's stack is missing of; a preempted thread needs none. */
static int check_stacks(const struct where_cell *cell, const struct profile_source *source,
			struct why *why)
{
	const struct findings *e = source->findings;
	double count = 0, lost = 0;

	for (size_t i = 0; e && i < e->nr_offcpu; i++) {
		const struct offcpu_row *row = &e->offcpu[i];

		if (row->kind == OFF_RUNQUEUE || !is_source(source, cell, &row->epoch))
			continue;
		count += row->count;
		lost += *row->kernel_stack ? 0 : row->count;
	}
	if (!(lost > LOST_LIMIT * count))
		return 0;
	return why_not(why, ERANGE,
		       "run '%s': the stacks of %.1f%% of the waits were lost with clients=%u, and "
		       "over 1%% a report leads astray",
		       e->run->path, 100 * lost / count, cell->clients);
}

int where_check_lost(const struct where *where, struct why *why)
{
	int err = 0;

	for (size_t i = 0; i < where->nr && !err; i++)
		for (size_t s = 0; s < where->columns.nr && !err; s++) {
			const struct where_cell *cell = &where->cells[i];

			err = check_probe(where, cell, &cell->sources[s], why);
			if (!err && where->of == PROFILE_OFFCPU)
				err = check_stacks(cell, &cell->sources[s], why);
		}
	return err;
}

char *where_unsupported(const struct where *where)
{
	for (size_t i = 0; i < where->nr; i++)
		for (size_t s = 0; s < where->columns.nr; s++) {
			const struct profile_source *source = &where->cells[i].sources[s];
			const struct findings *e = source->findings;

			for (size_t r = 0; e && r < e->nr_probes; r++) {
				const struct probe_row *row = &e->probes[r];
				const char *reason = strchr(row->status, ':');

				if (reason && !strcmp(row->probe, probe_names[where->of]) &&
				    is_source(source, &where->cells[i], &row->epoch))
					return xasprintf("%s: %s", where->columns.columns[s].name,
							 reason + 1 + strspn(reason + 1, " "));
			}
		}
	return NULL;
}

bool where_labelled(const struct where *where)
{
	for (size_t i = 0; i < where->nr; i++)
		if (*where->cells[i].label)
			return true;
	return false;
}

const struct where_cell *where_largest(const struct where *where, size_t i)
{
	const char *label = where->cells[i].label;
	const struct where_cell *found = NULL;

	if (i && !strcmp(where->cells[i - 1].label, label))
		return NULL;
	for (; i < where->nr && !strcmp(where->cells[i].label, label); i++) {
		bool present = true;

		for (size_t s = 0; s < where->columns.nr; s++)
			present &= where->cells[i].profile.sides[s].present;
		if (present)
			found = &where->cells[i];
	}
	return found;
}

void where_release(struct where *where)
{
	for (size_t i = 0; i < where->nr; i++)
		profile_release(&where->cells[i].profile);
	free(where->cells);
	columns_release(&where->columns);
	for (size_t i = 0; i < where->nr_findings; i++)
		findings_release(&where->findings[i]);
	free(where->findings);
	*where = (struct where){0};
}
