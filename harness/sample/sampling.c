/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/sampling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "harness/child.h"
#include "harness/sample/sampler.h"
#include "harness/sample/transfers.h"
#include "harness/step.h"

/* The rows of one iteration, whose process left @child and @sampler. */
static int collect(struct sampling *s, struct sampler *sampler, const struct child_result *child,
		   struct miss_table *table, struct why *why)
{
	struct objects objects = {0};
	FILE *rows = child->rows.len ? fmemopen(child->rows.data, child->rows.len, "r") : NULL;
	int err = child_verdict(child, s->plan->timeout_s, why);

	if (!err && !rows)
		err = why_not(why, EINVAL, "it wrote no rows");
	if (!err) {
		err = objects_read(&objects, rows, why);
		rows = NULL;
	}
	if (!err && s->event->transfers) {
		transfers_add(&objects, table);
		goto release;
	}
	if (!err)
		err = sampler_finish(sampler, why);
	if (!err) {
		miss_table_add_total(table, MISSES_PERIOD, s->event->attr.sample_period);
		resolve_samples(&s->resolver, &sampler->log, &objects, s->event->far_only, table);
	}
	if (rows)
		fclose(rows);
release:
	objects_release(&objects);
	return err;
}

static void write_rows(const struct sampling *s, FILE *out, const struct plan_cell *cell,
		       unsigned iteration, struct miss_table *table)
{
	char step[32], clients[16], number[16];
	const struct miss_key key = {step, cell->variant, clients, number, s->event->name};

	snprintf(step, sizeof(step), "%zu", s->nr_done);
	snprintf(clients, sizeof(clients), "%u", cell->clients);
	snprintf(number, sizeof(number), "%u", iteration);
	miss_table_write(out, &key, table);
	fflush(out);
}

/* Run @cell once more. A failed one leaves no rows, and the run goes on. */
static int sample_cell(struct sampling *s, FILE *out, const struct plan_cell *cell,
		       unsigned iteration, struct why *why)
{
	struct plan_cell told = *cell;
	struct miss_table table = {0};
	struct child_result child;
	bool watched = !s->event->transfers;
	struct sampler sampler;
	struct step_argv args;
	struct why failure;
	int err;

	told.extra = xasprintf("%s --announce", cell->extra);
	step_argv_init(&args, &told, s->pft, s->nr_cpus);
	free(told.extra);
	if (watched)
		sampler_init(&sampler, s->event);
	progress_show(s->progress, cell, "sampled");
	err = child_run_watched(args.argv, s->plan->timeout_s, s->stop,
				watched ? &sampler.watch : NULL, &child, &failure);
	if (err == -EINTR)
		*why = failure;
	else if (!err)
		err = collect(s, &sampler, &child, &table, &failure);
	if (!err)
		write_rows(s, out, cell, iteration, &table);
	if (err && err != -EINTR && !s->nr_failed++)
		s->failure = failure;
	s->nr_done++;
	miss_table_release(&table);
	if (watched)
		sampler_release(&sampler);
	child_result_release(&child);
	step_argv_release(&args);
	return err == -EINTR ? err : 0;
}

int sampling_run(struct sampling *s, struct why *why)
{
	char *path = result_path(s->result, "misses.tsv");
	FILE *out = fopen(path, "we");
	int err = out ? 0 : why_not(why, errno, "cannot write '%s': %s", path, strerror(errno));

	s->nr_done = s->nr_failed = 0;
	resolver_init(&s->resolver);
	if (out)
		tsv_write_head(out, &misses_schema);
	for (unsigned i = 0; i < s->event->iterations && !err; i++)
		for (size_t c = 0; c < s->plan->nr_cells && !err; c++)
			err = sample_cell(s, out, &s->plan->cells[c], i, why);
	progress_clear(s->progress);
	resolver_release(&s->resolver);
	if (out && (ferror(out) | fclose(out)) && !err)
		err = why_not(why, EIO, "cannot write '%s'", path);
	free(path);
	return err;
}
