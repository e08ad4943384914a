/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/cmd_args.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/clock.h"
#include "common/durable.h"
#include "common/units.h"
#include "common/xalloc.h"

enum {
	OPT_RESULTS = 256,
	OPT_SUB_HEADING,
	OPT_METRIC,
	OPT_ONLY,
	OPT_BY,
	OPT_RESAMPLES,
	OPT_SEED,
};

static const struct argp_option runs_options[] = {
	{"directory", 'd', "DIR", 0, "where the runs are (results)", 1},
	{"results", OPT_RESULTS, "DIR", 0, "the same", 0},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, -1},
	{0},
};

static const struct argp_option mmtests_options[] = {
	{"names", 'n', "A,B,...", 0, "the runs, the first is the baseline", 1},
	{"benchmark", 'b', "pft", 0, "accepted; there is no other", 0},
	{"altreport", 'a', "time", 0, "system and elapsed seconds instead of fault rates", 0},
	{"sub-heading", OPT_SUB_HEADING, "RE", 0, "only rows whose name begins like this", 0},
	{0},
};

static const struct argp_option metric_options[] = {
	{"metric", OPT_METRIC, "NAME,...", 0,
	 "these metrics of the samples, not faults/cpu and faults/sec", 2},
	{0},
};

static const struct argp_option only_options[] = {
	{"only", OPT_ONLY, "KEY=VALUE,...", 0,
	 "only variants with this workload, pin, mem, pagesize, mode, lock, ... or variant, "
	 "or these clients",
	 2},
	{0},
};

static const struct argp_option by_options[] = {
	{"by", OPT_BY, "DIMENSION", 0, "a column per " SELECTION_KEYS " of each run", 2},
	{0},
};

static const struct argp_option bootstrap_options[] = {
	{"resamples", OPT_RESAMPLES, "N", 0, "draws of the bootstrap (2000)", 2},
	{"seed", OPT_SEED, "N", 0, "seed of the bootstrap (1)", 0},
	{0},
};

static void add_run(struct cmd_args *args, char *word, const struct argp_state *state)
{
	if (args->max_runs && args->runs.nr_words == args->max_runs)
		argp_error(state, "there can be %zu runs, '%s' is one more", args->max_runs, word);
	XGROW(args->runs.words, args->runs.nr_words, args->runs.cap_words);
	args->runs.words[args->runs.nr_words++] = word;
}

static error_t parse_runs(int key, char *arg, struct argp_state *state)
{
	struct cmd_args *args = state->input;

	switch (key) {
	case 'd':
	case OPT_RESULTS:
		args->runs.directory = arg;
		break;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case ARGP_KEY_ARG:
		add_run(args, arg, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse_mmtests(int key, char *arg, struct argp_state *state)
{
	struct cmd_args *args = state->input;

	switch (key) {
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
	case OPT_SUB_HEADING:
		args->options.sub_heading = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* What part of the runs is wanted, and how it is judged. */
static error_t parse_choice(int key, char *arg, struct argp_state *state)
{
	struct cmd_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case OPT_METRIC:
		args->metrics = xappend(args->metrics, ",", arg);
		break;
	case OPT_ONLY:
		if (selection_only(&args->options.selection, arg, &why))
			argp_error(state, "--only: %s", why.text);
		break;
	case OPT_BY:
		if (selection_by(&args->options.selection, arg, &why))
			argp_error(state, "--by: %s", why.text);
		break;
	case OPT_RESAMPLES:
		args->bootstrap.resamples = cmd_args_number(state, "resamples", arg, 100, 1000000);
		break;
	case OPT_SEED:
		args->bootstrap.seed = cmd_args_number(state, "seed", arg, 0, INT64_MAX);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp cmd_argp_runs = {.options = runs_options, .parser = parse_runs};
const struct argp cmd_argp_mmtests = {.options = mmtests_options, .parser = parse_mmtests};
const struct argp cmd_argp_metric = {.options = metric_options, .parser = parse_choice};
const struct argp cmd_argp_only = {.options = only_options, .parser = parse_choice};
const struct argp cmd_argp_by = {.options = by_options, .parser = parse_choice};
const struct argp cmd_argp_bootstrap = {.options = bootstrap_options, .parser = parse_choice};

void cmd_args_begin(struct argp_state *state, const struct argp_child *children,
		    struct cmd_args *args)
{
	for (size_t i = 0; children[i].argp; i++)
		state->child_inputs[i] = args;
}

void cmd_args_parse(struct cmd_args *args, const struct argp *argp, int argc, char **argv,
		    void *input)
{
	args->options.selection.by = BY_RUN;
	args->bootstrap = (struct bootstrap){.resamples = 2000, .seed = 1, .level = 0.95};
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(argp, argc, argv, 0, NULL, input);
}

uint64_t cmd_args_number(const struct argp_state *state, const char *option, const char *arg,
			 uint64_t min, uint64_t max)
{
	struct why why = WHY_INIT;
	uint64_t number = min;

	if (number_parse(arg, min, max, &number, &why))
		argp_error(state, "--%s: %s", option, why.text);
	return number;
}

void cmd_args_load(const struct cmd_args *args, struct run_list *runs, struct notes *notes)
{
	struct why why = WHY_INIT;
	char *text;

	if (run_list_load(runs, &args->runs, notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	text = args->tells_clock ? NULL : clock_text(runs->runs, runs->nr);
	if (text)
		notes_add(notes, "%s", text);
	free(text);
}

void cmd_args_compare(const struct cmd_args *args, struct run *const *runs, size_t nr,
		      struct report *report, struct comparison *c, struct notes *notes)
{
	struct why why = WHY_INIT;
	int err = 0;

	if (args->metrics)
		err = report_init_metrics(report, args->metrics, runs, nr, &why);
	else
		report_init(report, args->time);
	if (!err)
		err = comparison_init(c, runs, nr, report, &args->options, notes, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
}

void cmd_args_write(const char *path, const char *text, size_t len)
{
	struct why why = WHY_INIT;

	if (!path || !strcmp(path, "-"))
		fwrite(text, 1, len, stdout);
	else if (durable_replace(path, text, len, &why))
		die(EXIT_FAILED, "%s", why.text);
}

void cmd_args_warn(struct notes *notes)
{
	for (size_t i = 0; i < notes->nr; i++)
		warn("%s", notes->lines[i]);
	notes_release(notes);
}

void cmd_args_release(struct cmd_args *args)
{
	selection_release(&args->options.selection);
	free(args->runs.words);
	free(args->metrics);
	*args = (struct cmd_args){0};
}
