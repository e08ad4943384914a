/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale compare: the subcommand's options, and the order of its work. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/commands.h"
#include "analysis/compare.h"
#include "analysis/format/data.h"
#include "analysis/format/layout.h"
#include "analysis/run_args.h"
#include "analysis/unlike.h"
#include "common/units.h"
#include "common/xalloc.h"

enum {
	OPT_RATIO = 256,
	OPT_NO_COMPARE,
	OPT_SIGNIFICANCE,
	OPT_MONITOR,
	OPT_SUB_HEADING,
	OPT_FORMAT,
	OPT_RESULTS,
	OPT_METRIC,
	OPT_BY,
	OPT_ONLY,
	OPT_STATS,
	OPT_RESAMPLES,
	OPT_SEED,
	OPT_HEADER,
};

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "As compare-mmtests.pl:", 1},
	{"directory", 'd', "DIR", 0, "where the runs are (results)", 0},
	{"results", OPT_RESULTS, "DIR", 0, "the same", 0},
	{"names", 'n', "A,B,...", 0, "the runs, the first is the baseline", 0},
	{"benchmark", 'b', "pft", 0, "accepted; there is no other", 0},
	{"altreport", 'a', "time", 0, "system and elapsed seconds instead of fault rates", 0},
	{"print-ratio", OPT_RATIO, NULL, 0, "ratios of the means, and their averages", 0},
	{"no-compare", OPT_NO_COMPARE, NULL, 0, "no percentages", 0},
	{"print-significance", OPT_SIGNIFICANCE, NULL, 0,
	 "add rows that say which means differ significantly", 0},
	{"print-monitor", OPT_MONITOR, "duration", 0, "user, system and elapsed time of the runs",
	 0},
	{"sub-heading", OPT_SUB_HEADING, "RE", 0, "only rows whose name begins like this", 0},
	{"format", OPT_FORMAT, "FORMAT", 0, "text, html, markdown, csv or json", 0},
	{"print-header", OPT_HEADER, NULL, OPTION_HIDDEN, NULL, 0},
	{NULL, 0, NULL, 0, "Beyond it:", 2},
	{"metric", OPT_METRIC, "NAME,...", 0, "rows for these metrics of the samples", 0},
	{"by", OPT_BY, "DIMENSION", 0,
	 "a column per workload, pin, mem, pagesize, mode, lock, rwsem-spin, writers, nodes, "
	 "vma-class, prefetch, limit, working-set, codec, lru, memcgs, access, zswap-shrinker or "
	 "variant of each run", 0},
	{"only", OPT_ONLY, "KEY=VALUE,...", 0,
	 "only variants with this workload, pin, mem, pagesize, mode, lock, ... or variant, "
	 "or these clients",
	 0},
	{"stats", OPT_STATS, "ci", 0,
	 "medians, and bootstrap intervals of the ratio (ci: BCa, ci-percentile)", 0},
	{"resamples", OPT_RESAMPLES, "N", 0, "draws of the bootstrap (2000)", 0},
	{"seed", OPT_SEED, "N", 0, "seed of the bootstrap (1)", 0},
	{NULL, 0, NULL, 0, "Help:", -1},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0},
	{0},
};

struct compare_args {
	struct run_args runs;
	const char *format;
	char *metrics;
	bool time, monitor, stats;
	struct layout layout;
	struct compare_options options;
	struct bootstrap bootstrap;
};

static void add_metric(struct compare_args *args, const char *name)
{
	char *all = args->metrics ? xasprintf("%s,%s", args->metrics, name) : xstrdup(name);

	free(args->metrics);
	args->metrics = all;
}

/* The options whose argument is one of few words, or a number. */
static void parse_word(struct compare_args *args, int key, char *arg, struct argp_state *state)
{
	struct why why = WHY_INIT;
	uint64_t number = 0;

	switch (key) {
	case 'b':
		if (strcmp(arg, "pft"))
			argp_error(state, "no such benchmark, with '%s': there is pft", arg);
		break;
	case 'a':
		if (strcmp(arg, "time"))
			argp_error(state, "no such report, with '%s': there is time", arg);
		args->time = true;
		break;
	case OPT_MONITOR:
		if (strcmp(arg, "duration"))
			argp_error(state, "no such monitor, with '%s': there is duration", arg);
		args->monitor = true;
		break;
	case OPT_STATS:
		if (strcmp(arg, "ci") && strcmp(arg, "ci-percentile"))
			argp_error(state,
				   "no such statistics, with '%s': there are ci, ci-percentile",
				   arg);
		args->stats = true;
		args->bootstrap.percentile = !!strcmp(arg, "ci");
		break;
	case OPT_RESAMPLES:
		if (number_parse(arg, 100, 1000000, &number, &why))
			argp_error(state, "--resamples: %s", why.text);
		args->bootstrap.resamples = number;
		break;
	case OPT_SEED:
		if (number_parse(arg, 0, INT64_MAX, &number, &why))
			argp_error(state, "--seed: %s", why.text);
		args->bootstrap.seed = number;
		break;
	case OPT_BY:
		if (selection_by(&args->options.selection, arg, &why))
			argp_error(state, "--by: %s", why.text);
		break;
	case OPT_ONLY:
		if (selection_only(&args->options.selection, arg, &why))
			argp_error(state, "--only: %s", why.text);
		break;
	}
}

static void check_format(struct compare_args *args, struct argp_state *state)
{
	args->layout.style = style_find(args->format);
	if (!args->layout.style && strcmp(args->format, "csv") && strcmp(args->format, "json"))
		argp_error(state,
			   "no such format, with '%s': there are text, html, markdown, csv, json",
			   args->format);
	if (args->metrics && args->time)
		argp_error(state, "--metric and --altreport exclude each other");
	if (args->stats && args->options.ratios)
		argp_error(state, "--stats and --print-ratio exclude each other");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *args = state->input;

	switch (key) {
	case 'd':
	case OPT_RESULTS:
		args->runs.directory = arg;
		break;
	case 'n':
		args->runs.names = arg;
		break;
	case OPT_RATIO:
		args->options.ratios = true;
		break;
	case OPT_NO_COMPARE:
		args->layout.no_compare = true;
		break;
	case OPT_SIGNIFICANCE:
		args->layout.significance = true;
		break;
	case OPT_SUB_HEADING:
		args->options.sub_heading = arg;
		break;
	case OPT_FORMAT:
		args->format = arg;
		break;
	case OPT_METRIC:
		add_metric(args, arg);
		break;
	case OPT_HEADER:
		break;
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case ARGP_KEY_ARG:
		XGROW(args->runs.words, args->runs.nr_words, args->runs.cap_words);
		args->runs.words[args->runs.nr_words++] = arg;
		break;
	case ARGP_KEY_END:
		check_format(args, state);
		break;
	case 'a':
	case 'b':
	case OPT_MONITOR:
	case OPT_STATS:
	case OPT_RESAMPLES:
	case OPT_SEED:
	case OPT_BY:
	case OPT_ONLY:
		parse_word(args, key, arg, state);
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
	.doc = "Compare runs, the first with each other one. A RUN is a directory of results, or "
	       "its name below results/; logs of mmtests are read as well.",
};

/* The runs without tests-timestamp are dropped, as in mmtests. */
static void print_durations(const struct compare_args *args, const struct run_list *runs,
			    struct notes *notes)
{
	const struct selection all = {.by = BY_RUN};
	struct why why = WHY_INIT;
	struct columns columns;

	if (columns_init(&columns, runs->runs, runs->nr, &all, &why))
		die(EXIT_USAGE, "%s", why.text);
	for (size_t i = 0; i < columns.nr;) {
		const struct run *run = columns.columns[i].run;

		if (run->durations.known) {
			i++;
			continue;
		}
		notes_add(notes, "run '%s' is left out: nothing tells how long it took", run->path);
		columns_remove(&columns, i);
	}
	if (!columns.nr)
		die(EXIT_USAGE, "no run tells how long it took");
	if (args->layout.style)
		layout_duration(stdout, &columns, &args->layout);
	else if (!strcmp(args->format, "csv"))
		csv_durations(stdout, &columns);
	else
		json_durations(stdout, &columns);
	columns_release(&columns);
}

static void print_comparison(const struct compare_args *args, const struct comparison *c)
{
	if (!args->layout.style && !strcmp(args->format, "csv"))
		csv_comparison(stdout, c);
	else if (!args->layout.style)
		json_comparison(stdout, c);
	else if (args->options.ratios)
		layout_ratio(stdout, c, &args->layout);
	else
		layout_table(stdout, c, &args->layout);
}

static void compare(const struct compare_args *args, const struct run_list *runs,
		    struct notes *notes)
{
	struct why why = WHY_INIT;
	struct comparison c;
	struct report report;
	int err = 0;

	if (args->metrics)
		err = report_init_metrics(&report, args->metrics, runs->runs, runs->nr, &why);
	else
		report_init(&report, args->time);
	if (!err)
		err = comparison_init(&c, runs->runs, runs->nr, &report, &args->options, notes,
				      &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	print_comparison(args, &c);
	note_unlike(runs->runs, runs->nr, notes);
	comparison_release(&c);
	report_release(&report);
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args args = {
		.format = "text",
		.options.selection.by = BY_RUN,
		.bootstrap = {.resamples = 2000, .seed = 1, .level = 0.95},
	};
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list runs;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (args.stats)
		args.options.bootstrap = &args.bootstrap;
	args.options.as_mmtests = args.layout.style && !args.layout.style->one_head && !args.stats;
	if (run_list_load(&runs, &args.runs, &notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (args.monitor)
		print_durations(&args, &runs, &notes);
	else
		compare(&args, &runs, &notes);
	for (size_t i = 0; i < notes.nr; i++)
		warn("%s", notes.lines[i]);
	notes_release(&notes);
	run_list_release(&runs);
	selection_release(&args.options.selection);
	free(args.runs.words);
	free(args.metrics);
	return EXIT_GOOD;
}
