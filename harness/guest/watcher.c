/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/watcher.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/run_tables.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/sysfs.h"

void watcher_init(struct watcher *w, FILE *out, const char *label)
{
	*w = (struct watcher){.out = out, .shown = isatty(fileno(out)), .label = label};
}

void watcher_say(struct watcher *w, const char *what)
{
	if (!w->shown)
		return;
	fprintf(w->out, "\r%s%s\033[K", w->label, what);
	fflush(w->out);
}

/* A line of samples.tsv that closes a step. */
static void take_step(struct watcher *w, size_t step)
{
	const struct plan_cell *cell = &w->plan.cells[w->plan.steps[step].cell];

	if (w->done[step])
		return;
	w->done[step] = true;
	progress_step(&w->progress, cell, (double)(now_ns() - w->step_ns) / 1e9, 0);
	w->step_ns = now_ns();
}

static void take_samples(struct watcher *w, const char *text, size_t len)
{
	const char *end = text + len, *newline;

	for (; (newline = memchr(text, '\n', (size_t)(end - text))); text = newline + 1) {
		char *line = xstrndup(text, (size_t)(newline - text)), *rest = line;
		char *fields[NR_SAMPLE_COLUMNS];
		uint64_t step;

		for (size_t i = 0; i < NR_SAMPLE_COLUMNS; i++)
			fields[i] = strsep(&rest, "\t");
		if (fields[SAMPLE_STATUS] && !strcmp(fields[SAMPLE_METRIC], "step") &&
		    !number_parse(fields[SAMPLE_STEP], 0, w->plan.nr_steps - 1, &step, NULL))
			take_step(w, step);
		free(line);
	}
}

void watcher_take(struct watcher *w, const struct receiver *r)
{
	size_t len;
	const char *text = receiver_pending(r, "samples.tsv", &len);

	if (w->plan.cells && text)
		take_samples(w, text, len);
}

/* The plan, and what was measured of it before. */
static void read_run(struct watcher *w, const struct result *result)
{
	char *plan = result_path(result, "plan.tsv"), *samples = result_path(result, "samples.tsv");
	char *text = sysfs_read("", samples);

	if (plan_read(&w->plan, plan, NULL)) {
		w->plan = (struct plan){0};
	} else {
		w->done = xcalloc(w->plan.nr_steps + 1, sizeof(*w->done));
		progress_init(&w->progress, w->out, &w->plan, NULL);
		if (text)
			take_samples(w, text, strlen(text));
		progress_init(&w->progress, w->out, &w->plan, w->done);
		w->step_ns = now_ns();
	}
	free(text);
	free(samples);
	free(plan);
}

void watcher_show(struct watcher *w, const struct receiver *r)
{
	char what[32];
	size_t next = 0;

	if (!w->shown || !r->result.dir)
		return;
	if (!w->plan.cells)
		read_run(w, &r->result);
	while (next < w->plan.nr_steps && w->done[next])
		next++;
	if (next == w->plan.nr_steps)
		return;
	snprintf(what, sizeof(what), "iteration %u", w->plan.steps[next].iteration);
	progress_show(&w->progress, &w->plan.cells[w->plan.steps[next].cell], what);
}

void watcher_clear(struct watcher *w)
{
	if (!w->shown)
		return;
	fputs("\r\033[K", w->out);
	fflush(w->out);
}

void watcher_release(struct watcher *w)
{
	plan_release(&w->plan);
	free(w->done);
	w->done = NULL;
}
