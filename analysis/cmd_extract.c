/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale extract: the subcommand's options, and the order of its work. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/commands.h"
#include "analysis/extract.h"
#include "analysis/run_args.h"
#include "common/xalloc.h"

enum {
	OPT_HEADER = 256,
	OPT_PLOT,
	OPT_SUB_HEADING,
	OPT_RESULTS,
	OPT_METRIC,
	OPT_ONLY,
};

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "As extract-mmtests.pl:", 1},
	{"directory", 'd', "DIR", 0, "where the runs are (results)", 0},
	{"results", OPT_RESULTS, "DIR", 0, "the same", 0},
	{"names", 'n', "A,B,...", 0, "the runs", 0},
	{"benchmark", 'b', "pft", 0, "accepted; there is no other", 0},
	{"altreport", 'a', "time", 0, "system and elapsed seconds instead of fault rates", 0},
	{"print-header", OPT_HEADER, NULL, 0, "name the columns first", 0},
	{"print-plot", OPT_PLOT, NULL, 0, "client counts and means for gnuplot", 0},
	{"sub-heading", OPT_SUB_HEADING, "RE", 0, "plot only rows whose name begins like this", 0},
	{NULL, 0, NULL, 0, "Beyond it:", 2},
	{"metric", OPT_METRIC, "NAME,...", 0, "rows for these metrics of the samples", 0},
	{"only", OPT_ONLY, "KEY=VALUE,...", 0,
	 "only variants with this workload, pin, mem, pagesize, mode, lock, ... or variant, "
	 "or these clients",
	 0},
	{NULL, 0, NULL, 0, "Help:", -1},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0},
	{0},
};

struct extract_args {
	struct run_args runs;
	const char *metrics;
	bool time, header, plot;
	struct compare_options options;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct extract_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case 'd':
	case OPT_RESULTS:
		args->runs.directory = arg;
		break;
	case 'n':
		args->runs.names = arg;
		break;
	case 'b':
		if (strcmp(arg, "pft"))
			argp_error(state, "no such benchmark, with '%s': there is pft", arg);
		break;
	case 'a':
		if (strcmp(arg, "time"))
			argp_error(state, "no such report, with '%s': there is time", arg);
		args->time = true;
		break;
	case OPT_HEADER:
		args->header = true;
		break;
	case OPT_PLOT:
		args->plot = true;
		break;
	case OPT_SUB_HEADING:
		args->options.sub_heading = arg;
		break;
	case OPT_METRIC:
		args->metrics = arg;
		break;
	case OPT_ONLY:
		if (selection_only(&args->options.selection, arg, &why))
			argp_error(state, "--only: %s", why.text);
		break;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case ARGP_KEY_ARG:
		XGROW(args->runs.words, args->runs.nr_words, args->runs.cap_words);
		args->runs.words[args->runs.nr_words++] = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "RUN...",
	.doc = "Print every sample of the runs, one a line: row, iteration directory, sample "
	       "number, value.",
};

static void extract(const struct extract_args *args, struct run *run, struct notes *notes)
{
	struct why why = WHY_INIT;
	struct comparison c;
	struct report report;
	int err = 0;

	if (args->metrics)
		err = report_init_metrics(&report, args->metrics, &run, 1, &why);
	else
		report_init(&report, args->time);
	if (!err)
		err = comparison_init(&c, &run, 1, &report, &args->options, notes, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	if (args->plot)
		extract_plot(stdout, &c, args->time);
	else
		extract_samples(stdout, &c, args->header);
	comparison_release(&c);
	report_release(&report);
}

int cmd_extract(int argc, char **argv)
{
	struct extract_args args = {.options.selection.by = BY_RUN};
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list runs;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (!args.plot)
		args.options.sub_heading = NULL;
	if (run_list_load(&runs, &args.runs, &notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	for (size_t i = 0; i < runs.nr; i++)
		extract(&args, runs.runs[i], &notes);
	for (size_t i = 0; i < notes.nr; i++)
		warn("%s", notes.lines[i]);
	notes_release(&notes);
	run_list_release(&runs);
	selection_release(&args.options.selection);
	free(args.runs.words);
	return EXIT_GOOD;
}
