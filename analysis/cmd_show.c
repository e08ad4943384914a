/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale show: the subcommand's options, and the order of its work. */
#include <locale.h>
#include <unistd.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/curve.h"
#include "analysis/format/blocks.h"
#include "analysis/format/overview.h"
#include "analysis/terminal.h"
#include "analysis/unlike.h"

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{&cmd_argp_metric, 0, NULL, 0},
	{&cmd_argp_by, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	cmd_args_begin(state, children, state->input);
	return 0;
}

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.args_doc = "RUN [RUN2]",
	.doc = "Show a run, or two beside each other: means (harmonic ones of rates), their "
	       "coefficients of variation, the share of what would be ideal, and of two runs the "
	       "change. On a terminal the curves over the client count are drawn as well.",
};

/* Whether any curve that is drawn has an ideal to explain. */
static bool has_ideal(const struct curves *curves)
{
	for (size_t i = 0; i < curves->nr; i++) {
		const struct curve *curve = &curves->curves[i];

		if (curve->nr && curve_ideal(curve, curve->points[curve->nr - 1].clients) > 0)
			return true;
	}
	return false;
}

static void show(const struct comparison *c, const struct run_list *runs)
{
	struct terminal terminal;
	struct curves curves;

	setlocale(LC_CTYPE, "");
	terminal_init(&terminal, STDOUT_FILENO);
	curves_init(&curves, c);
	for (size_t i = 0; i < runs->nr; i++)
		overview_facts(stdout, runs->runs[i]);
	putchar('\n');
	overview_table(stdout, c, &curves);
	if (terminal.is_one)
		blocks_draw(stdout, &curves, c, &terminal);
	if (terminal.is_one && has_ideal(&curves))
		printf("\n%s ideal: each client as fast as with the fewest clients\n",
		       terminal.unicode ? "\u00b7" : ".");
	curves_release(&curves);
}

int cmd_show(int argc, char **argv)
{
	struct cmd_args args = {.max_runs = 2};
	struct notes notes = {0};
	struct run_list runs;
	struct comparison c;
	struct report report;

	cmd_args_parse(&args, &argp, argc, argv, &args);
	cmd_args_load(&args, &runs, &notes);
	cmd_args_compare(&args, runs.runs, runs.nr, &report, &c, &notes);
	show(&c, &runs);
	note_unlike(runs.runs, runs.nr, &notes);
	cmd_args_warn(&notes);
	comparison_release(&c);
	report_release(&report);
	run_list_release(&runs);
	cmd_args_release(&args);
	return EXIT_GOOD;
}
