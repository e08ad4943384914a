/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/mmtests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/durable.h"
#include "common/xalloc.h"
#include "harness/step.h"

/* A closed step, in the order of the logs: by variant, client count and iteration. */
struct entry {
	const struct plan_cell *cell;
	const struct record *record;
	unsigned variant; /* number of the first cell of this variant */
	unsigned iteration;
};

/* One run in mmtests' sense: the entries of one variant. */
struct tree {
	char *dir;
	const struct entry *entries;
	size_t nr;
	double start, end; /* first step's start, last step's end, since 1970 */
	double user, system, elapsed; /* of all steps */
	bool failed;
};

static int by_log(const void *a, const void *b)
{
	const struct entry *p = a, *q = b;

	if (p->variant != q->variant)
		return p->variant < q->variant ? -1 : 1;
	if (p->cell->clients != q->cell->clients)
		return p->cell->clients < q->cell->clients ? -1 : 1;
	return p->iteration < q->iteration ? -1 : p->iteration > q->iteration;
}

static int by_time(const void *a, const void *b)
{
	const struct entry *p = a, *q = b;

	return p->record->started < q->record->started ? -1
						       : p->record->started > q->record->started;
}

static FILE *begin(const struct tree *t, const char *file, struct why *why)
{
	char *path = xasprintf("%s/%s", t->dir, file);
	FILE *out = fopen(path, "we");

	if (!out)
		why_not(why, errno, "cannot write '%s': %s", path, strerror(errno));
	free(path);
	return out;
}

static int end(FILE *out, const struct tree *t, const char *file, struct why *why)
{
	bool bad = ferror(out);

	if (!fclose(out) && !bad)
		return 0;
	return why_not(why, errno ? errno : EIO, "cannot write '%s/%s': %s", t->dir, file,
		       strerror(errno ? errno : EIO));
}

/* pft-N.log: the result lines; a failed step leaves its reason there, which the reader passes over. */
static int write_log(const struct tree *t, const struct entry *e, size_t nr, struct why *why)
{
	char file[64];
	FILE *out;

	snprintf(file, sizeof(file), "iter-0/pft/logs/pft-%u.log", e->cell->clients);
	out = begin(t, file, why);
	if (!out)
		return -EIO;
	for (size_t i = 0; i < nr; i++)
		if (e[i].record->classic)
			fprintf(out, "%s\n", e[i].record->classic);
		else
			fprintf(out, "pft: iteration %u %s\n", e[i].iteration,
				e[i].record->failure ? e[i].record->failure : "failed");
	return end(out, t, file, why);
}

static size_t same_clients(const struct tree *t, size_t from)
{
	size_t to = from;

	while (to < t->nr && t->entries[to].cell->clients == t->entries[from].cell->clients)
		to++;
	return to - from;
}

static int write_logs(const struct tree *t, struct why *why)
{
	int err = 0;

	for (size_t i = 0, n; i < t->nr && !err; i += n) {
		n = same_clients(t, i);
		err = write_log(t, &t->entries[i], n, why);
	}
	return err;
}

/* The command of each client count, once. */
static int write_commands(const struct tree *t, const char *file, const char *head,
			  const char *before, struct why *why)
{
	FILE *out = begin(t, file, why);

	if (!out)
		return -EIO;
	fputs(head, out);
	for (size_t i = 0; i < t->nr; i += same_clients(t, i)) {
		char *command = step_command(t->entries[i].cell, "./pft");

		fprintf(out, "%s%s\n", before, command);
		free(command);
	}
	return end(out, t, file, why);
}

static int write_timestamps(const struct tree *t, struct why *why)
{
	static const char file[] = "iter-0/tests-timestamp";
	FILE *out = begin(t, file, why);

	if (!out)
		return -EIO;
	fprintf(out, "start :: %.0f\ntest begin :: pft %.0f\ntest end :: pft %.0f %d\n", t->start,
		t->start, t->end, t->failed);
	fprintf(out, "time :: pft %.2f user %.2f system %.2f elapsed\nfinish :: %.0f\n", t->user,
		t->system, t->elapsed, t->end);
	return end(out, t, file, why);
}

/* mmtests-activity; @steps: with a line wherever the client count changes, for
 * iter-0/tests-activity. */
static int write_activity(const struct tree *t, const char *file, bool steps, struct why *why)
{
	struct entry *entries = xcalloc(t->nr, sizeof(*entries));
	FILE *out = begin(t, file, why);
	unsigned clients = 0;

	if (!out) {
		free(entries);
		return -EIO;
	}
	fprintf(out, "%.0f run-mmtests: Start\n%.0f run-mmtests: Iteration 1 start\n", t->start,
		t->start);
	fprintf(out, "%.0f run-mmtests: test start :: pft %.0f\n", t->start, t->start);
	memcpy(entries, t->entries, t->nr * sizeof(*entries));
	qsort(entries, t->nr, sizeof(*entries), by_time);
	for (size_t i = 0; steps && i < t->nr; i++) {
		if (entries[i].cell->clients != clients)
			fprintf(out, "%.0f pft-bench: nr_threads %u\n", entries[i].record->started,
				entries[i].cell->clients);
		clients = entries[i].cell->clients;
	}
	fprintf(out, "%.0f run-mmtests: test end :: pft %.0f %d\n", t->end, t->end, t->failed);
	fprintf(out, "%.0f run-mmtests: Iteration 1 end\n%.0f run-mmtests: End\n", t->end, t->end);
	if (!steps)
		fprintf(out, "%.0f status :: %d\n", t->end, t->failed);
	free(entries);
	return end(out, t, file, why);
}

static void add_times(struct tree *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		const struct record *r = t->entries[i].record;

		if (!i || r->started < t->start)
			t->start = r->started;
		if (r->started + r->usage.elapsed_s > t->end)
			t->end = r->started + r->usage.elapsed_s;
		t->user += r->usage.user_s;
		t->system += r->usage.system_s;
		t->elapsed += r->usage.elapsed_s;
		t->failed |= r->failure != NULL;
	}
}

static int write_tree(struct tree *t, struct why *why)
{
	char *logs = xasprintf("%s/iter-0/pft/logs", t->dir);
	int err = durable_mkdir(logs, why);

	free(logs);
	add_times(t);
	if (!err)
		err = write_logs(t, why);
	if (!err)
		err = write_commands(t, "iter-0/pft/logs/commands.log", "", "", why);
	if (!err)
		err = write_commands(t, "iter-0/runtime.opts", "Runtime options\n", "Run: ", why);
	if (!err)
		err = write_timestamps(t, why);
	if (!err)
		err = write_activity(t, "iter-0/tests-activity", true, why);
	if (!err)
		err = write_activity(t, "mmtests-activity", false, why);
	return err;
}

static unsigned first_of_variant(const struct plan *plan, unsigned cell)
{
	unsigned i = 0;

	while (strcmp(plan->cells[i].variant, plan->cells[cell].variant))
		i++;
	return i;
}

int mmtests_write(const char *dir, const struct plan *plan, const struct records *records,
		  struct why *why)
{
	struct entry *entries = xcalloc(plan->nr_steps + 1, sizeof(*entries));
	bool several = false;
	size_t nr = 0;
	int err = 0;

	for (size_t i = 0; i < plan->nr_cells; i++)
		several |= strcmp(plan->cells[i].variant, plan->cells[0].variant) != 0;
	for (size_t i = 0; i < plan->nr_steps; i++)
		if (records->steps[i].closed)
			entries[nr++] = (struct entry){&plan->cells[plan->steps[i].cell],
						       &records->steps[i],
						       first_of_variant(plan, plan->steps[i].cell),
						       plan->steps[i].iteration};
	qsort(entries, nr, sizeof(*entries), by_log);
	for (size_t i = 0, n; i < nr && !err; i += n) {
		struct tree t = {.entries = &entries[i]};

		for (n = 1; i + n < nr && entries[i + n].variant == entries[i].variant; n++)
			;
		t.nr = n;
		t.dir = several ? xasprintf("%s/%s", dir, entries[i].cell->variant) : xstrdup(dir);
		err = write_tree(&t, why);
		free(t.dir);
	}
	free(entries);
	return err;
}
