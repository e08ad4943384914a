/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/run_tables.h"
#include "common/xalloc.h"
#include "harness/child.h"
#include "harness/step.h"

#define TELL_MAPPINGS "--mappings"
#define MAPPING_ROW   "mapping\t"

/* A plan of the same cells, each told to say where its code lies. Only what is changed is a copy. */
static void make_plan(struct plan *to, const struct plan *from, unsigned iterations)
{
	*to = *from;
	to->warmup = 0;
	to->iterations = iterations;
	to->nr_steps = 0;
	to->cells = xcalloc(from->nr_cells + 1, sizeof(*to->cells));
	to->steps = xcalloc(from->nr_cells * iterations + 1, sizeof(*to->steps));
	for (unsigned c = 0; c < from->nr_cells; c++) {
		const char *extra = from->cells[c].extra;

		to->cells[c] = from->cells[c];
		to->cells[c].extra = xasprintf("%s%s" TELL_MAPPINGS, extra, *extra ? " " : "");
	}
	for (unsigned i = 0; i < iterations; i++)
		for (unsigned c = 0; c < from->nr_cells; c++)
			to->steps[to->nr_steps++] = (struct plan_step){c, i};
}

int explain_init(struct explain *x, const struct plan *plan, unsigned iterations, const char *list,
		 const struct result *result, struct why *why)
{
	*x = (struct explain){.result = result};
	make_plan(&x->plan, plan, iterations);
	return probe_set_init(&x->probes, list, result->dir, why);
}

/* What pft tells of its memory, before the rows are cut up. */
static void take_mappings(struct symbols *symbols, const char *rows)
{
	symbols_clear(symbols);
	for (const char *line = rows; line; line = strchr(line, '\n')) {
		char *text, *value;

		line += *line == '\n';
		if (strncmp(line, MAPPING_ROW, strlen(MAPPING_ROW)))
			continue;
		text = xstrndup(line, strcspn(line, "\n"));
		/* metric thread unit VALUE status */
		value = strstr(text, "\ttext\t");
		if (value) {
			value += strlen("\ttext\t");
			value[strcspn(value, "\t")] = '\0';
			symbols_map(symbols, value);
		}
		free(text);
	}
}

static char *key_of(const struct plan *plan, size_t step)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	result_write_step(out, plan, step);
	fclose(out);
	return text;
}

/* What the step itself measured: a failed one is recorded too, and the run goes on. */
static void record(struct explain *x, FILE *samples, size_t step, bool started,
		   struct child_result *child, struct step_outcome *outcome)
{
	if (started)
		step_write(samples, &x->plan, step, child, &(struct disturbance){0}, outcome);
	else
		step_write_unstarted(samples, &x->plan, step, outcome);
	fflush(samples);
	x->nr_done++;
	x->nr_failed += outcome->failed;
	if (outcome->failed && !*x->failure.text)
		x->failure = outcome->why;
}

static int run_step(struct explain *x, FILE *samples, size_t step)
{
	const struct plan_cell *cell = &x->plan.cells[x->plan.steps[step].cell];
	struct step_outcome outcome = {0};
	struct child_result child;
	struct step_argv args;
	uint32_t phase = (uint32_t)step + 1;
	int err;

	progress_show(x->progress, cell, "explained");
	step_argv_init(&args, cell, x->pft, x->nr_cpus);
	probe_set_start(&x->probes, phase);
	err = child_run(args.argv, x->plan.timeout_s, x->stop, &child, &outcome.why);
	probe_set_stop(&x->probes);
	step_argv_release(&args);
	if (err != -EINTR) {
		take_mappings(&x->probes.symbols, child.rows.data);
		record(x, samples, step, !err, &child, &outcome);
		probe_set_read(&x->probes, phase, key_of(&x->plan, step));
	}
	child_result_release(&child);
	return err == -EINTR ? err : 0;
}

int explain_run(struct explain *x, struct why *why)
{
	char *path = result_path(x->result, "explained.tsv");
	FILE *samples = fopen(path, "we");
	int err = samples ? 0 : why_not(why, errno, "cannot write '%s': %s", path, strerror(errno));

	if (samples)
		tsv_write_head(samples, &samples_schema);
	for (size_t i = 0; !err && i < x->plan.nr_steps; i++)
		err = run_step(x, samples, i);
	progress_clear(x->progress);
	if (err == -EINTR)
		why_not(why, EINTR, "interrupted");
	if (samples && (ferror(samples) | fclose(samples)) && !err)
		err = why_not(why, EIO, "cannot write '%s'", path);
	free(path);
	return err;
}

int explain_release(struct explain *x, struct why *why)
{
	for (size_t i = 0; i < x->plan.nr_cells; i++)
		free(x->plan.cells[i].extra);
	free(x->plan.cells);
	free(x->plan.steps);
	return probe_set_release(&x->probes, why);
}
