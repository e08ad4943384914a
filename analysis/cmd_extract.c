/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale extract: the subcommand's options, and the order of its work. */
#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/extract.h"

enum {
	OPT_HEADER = 256,
	OPT_PLOT,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{&cmd_argp_mmtests, 0, NULL, 0},
	{&cmd_argp_metric, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "As extract-mmtests.pl:", 1},
	{"print-header", OPT_HEADER, NULL, 0, "name the columns first", 0},
	{"print-plot", OPT_PLOT, NULL, 0, "client counts and means for gnuplot", 0},
	{NULL, 0, NULL, 0, "Beyond it:", 2},
	{NULL, 0, NULL, 0, "Help:", -1},
	{0},
};

struct extract_args {
	struct cmd_args shared;
	bool header, plot;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct extract_args *args = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case OPT_HEADER:
		args->header = true;
		break;
	case OPT_PLOT:
		args->plot = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "RUN...",
	.doc = "Print every sample of the runs, one a line: row, iteration directory, sample "
	       "number, value.",
};

static void extract(const struct extract_args *args, struct run *run, struct notes *notes)
{
	struct comparison c;
	struct report report;

	cmd_args_compare(&args->shared, &run, 1, &report, &c, notes);
	if (args->plot)
		extract_plot(stdout, &c, args->shared.time);
	else
		extract_samples(stdout, &c, args->header);
	comparison_release(&c);
	report_release(&report);
}

int cmd_extract(int argc, char **argv)
{
	struct extract_args args = {0};
	struct notes notes = {0};
	struct run_list runs;

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	if (!args.plot)
		args.shared.options.sub_heading = NULL;
	cmd_args_load(&args.shared, &runs, &notes);
	for (size_t i = 0; i < runs.nr; i++)
		extract(&args, runs.runs[i], &notes);
	cmd_args_warn(&notes);
	run_list_release(&runs);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
