/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/ab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/durable.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/ab_order.h"
#include "harness/ab_rounds.h"
#include "harness/child.h"

void ab_ready(struct ab *ab)
{
	for (size_t i = 0; i < 2; i++) {
		struct ab_side *side = &ab->sides[i];

		side->exec = (struct exec){.plan = &side->plan,
					   .result = &side->result,
					   .pft = side->pft,
					   .nr_cpus = side->topology.nr_cpus,
					   .stop = ab->stop,
					   .progress = &side->quiet,
					   .done = side->before.done};
	}
}

/* Rewrite the line that says how it stands. */
static void show(const struct ab *ab, const char *what)
{
	char line[320], gone[32];
	struct winsize size;
	int columns = 80;

	if (!isatty(fileno(ab->out)))
		return;
	if (!ioctl(fileno(ab->out), TIOCGWINSZ, &size) && size.ws_col > 20)
		columns = size.ws_col;
	snprintf(line, sizeof(line), "[round %zu, at most %u] %s; %s; %s gone", ab->rounds.nr + 1,
		 ab->rule.max_rounds, what,
		 *ab->judgement.running ? ab->judgement.running : "no round yet",
		 duration_format(gone, sizeof(gone), (double)(now_ns() - ab->start_ns) / 1e9));
	fprintf(ab->out, "\r%.*s\033[K", columns - 1, line);
	fflush(ab->out);
}

static void wipe(const struct ab *ab)
{
	if (!isatty(fileno(ab->out)))
		return;
	fputs("\r\033[K", ab->out);
	fflush(ab->out);
}

static int prepare(const struct ab *ab, const struct ab_side *side, struct why *why)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, side->prep, NULL};
	struct child_result child;
	int err;

	if (!*side->prep)
		return 0;
	err = child_run(argv, side->plan.timeout_s, ab->stop, &child, why);
	if (!err)
		err = child_verdict(&child, side->plan.timeout_s, why);
	child_result_release(&child);
	if (err && err != -EINTR)
		why_within(why, -err, "cannot prepare '%s' by '%s'", side->name, side->prep);
	return err;
}

/* One step of one side, unless an earlier run did it. */
static int run_step(struct ab *ab, size_t which, size_t cell, struct why *why)
{
	struct ab_side *side = &ab->sides[which];
	size_t step = ab->rounds.nr * side->plan.nr_cells + cell;
	char what[160];
	int err;

	if (side->exec.done[step])
		return 0;
	snprintf(what, sizeof(what), "%c %.80s, %u client%s", "ab"[which],
		 side -> plan.cells[cell].variant, side->plan.cells[cell].clients,
		 side->plan.cells[cell].clients == 1 ? "" : "s");
	show(ab, what);
	err = prepare(ab, side, why);
	return err ? err : exec_step(&side->exec, step, why);
}

static int run_round(struct ab *ab, struct why *why)
{
	size_t nr_cells = ab->sides[0].plan.nr_cells, round = ab->rounds.nr;
	unsigned *cells = xcalloc(nr_cells, sizeof(*cells));
	int err = 0;

	ab_cell_order(ab->seed, round, cells, nr_cells);
	for (size_t i = 0; !err && i < nr_cells; i++) {
		bool b_first = ab_b_first(ab->seed, cells[i], round);

		err = run_step(ab, b_first, cells[i], why);
		if (!err)
			err = run_step(ab, !b_first, cells[i], why);
	}
	free(cells);
	return err;
}

/* Read what the runs hold by now, and have it judged. */
static int judge_rounds(struct ab *ab, struct why *why)
{
	const struct plan *const plans[2] = {&ab->sides[0].plan, &ab->sides[1].plan};
	const struct result *const results[2] = {&ab->sides[0].result, &ab->sides[1].result};
	double gone_s = (double)(now_ns() - ab->start_ns) / 1e9;
	int err;

	rounds_release(&ab->rounds);
	free(ab->judgement.report);
	free(ab->judgement.table);
	ab->judgement = (struct judgement){0};
	ab->rule.run = results[0]->dir;
	err = ab_rounds_take(&ab->rounds, ab->metric, ab->seed, plans, results, why);
	if (!err)
		err = ab_rounds_write(&ab->rounds, results[0], why);
	if (!err)
		err = ab->judge->look(&ab->rule, &ab->rounds, ab->max_s > 0 && gone_s >= ab->max_s,
				      &ab->judgement, why);
	return err;
}

static int warm_up(struct ab *ab, struct why *why)
{
	int err = 0;

	for (size_t i = 0; !err && i < 2; i++) {
		show(ab, "warm-up");
		err = prepare(ab, &ab->sides[i], why);
		if (!err)
			err = exec_warm_up(&ab->sides[i].exec, why);
	}
	return err;
}

/* Beside rounds.tsv, which it was made from. */
static int keep_table(const struct ab *ab, struct why *why)
{
	const char *table = ab->judgement.table;
	char *path = result_path(&ab->sides[0].result, "calibration.tsv");
	int err = table ? durable_replace(path, table, strlen(table), why) : 0;

	free(path);
	return err;
}

int ab_run(struct ab *ab, struct why *why)
{
	int err;

	ab->start_ns = now_ns();
	err = judge_rounds(ab, why);
	if (!err && !ab->judgement.stop)
		err = warm_up(ab, why);
	while (!err && !ab->judgement.stop) {
		err = run_round(ab, why);
		if (!err)
			err = judge_rounds(ab, why);
	}
	wipe(ab);
	return err ? err : keep_table(ab, why);
}

void ab_release(struct ab *ab)
{
	for (size_t i = 0; i < 2; i++) {
		struct ab_side *side = &ab->sides[i];

		exec_release(&side->exec);
		result_release(&side->result);
		meta_release(&side->meta);
		plan_release(&side->plan);
		topology_release(&side->topology);
		free(side->before.done);
		free(side->name);
		free(side->pft);
		free(side->prep);
	}
	rounds_release(&ab->rounds);
	free(ab->judgement.report);
	free(ab->judgement.table);
	free(ab->metric);
}
