/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale compare: the subcommand's options, and the order of its work. */
#include <stdlib.h>
#include <string.h>

#include "analysis/clock.h"
#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/format/data.h"
#include "analysis/format/layout.h"
#include "analysis/unlike.h"

enum {
	OPT_RATIO = 256,
	OPT_NO_COMPARE,
	OPT_SIGNIFICANCE,
	OPT_MONITOR,
	OPT_FORMAT,
	OPT_STATS,
	OPT_HEADER,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{&cmd_argp_mmtests, 0, NULL, 0},
	{&cmd_argp_metric, 0, NULL, 0},
	{&cmd_argp_by, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0},
	{&cmd_argp_bootstrap, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "As compare-mmtests.pl:", 1},
	{"print-ratio", OPT_RATIO, NULL, 0, "ratios of the means, and their averages", 0},
	{"no-compare", OPT_NO_COMPARE, NULL, 0, "no percentages", 0},
	{"print-significance", OPT_SIGNIFICANCE, NULL, 0,
	 "add rows that say which means differ significantly", 0},
	{"print-monitor", OPT_MONITOR, "duration", 0, "user, system and elapsed time of the runs",
	 0},
	{"format", OPT_FORMAT, "FORMAT", 0, "text, html, markdown, csv or json", 0},
	{"print-header", OPT_HEADER, NULL, OPTION_HIDDEN, NULL, 0},
	{NULL, 0, NULL, 0, "Beyond it:", 2},
	{"stats", OPT_STATS, "ci", 0,
	 "medians, and bootstrap intervals of the ratio (ci: BCa, ci-percentile)", 0},
	{NULL, 0, NULL, 0, "Help:", -1},
	{0},
};

struct compare_args {
	struct cmd_args shared;
	const char *format;
	bool monitor, stats, percentile;
	struct layout layout;
};

static void parse_stats(struct compare_args *args, const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "ci") && strcmp(arg, "ci-percentile"))
		argp_error(state, "no such statistics, with '%s': there are ci, ci-percentile",
			   arg);
	args->stats = true;
	args->percentile = !!strcmp(arg, "ci");
}

static void check_format(struct compare_args *args, struct argp_state *state)
{
	args->layout.style = style_find(args->format);
	if (!args->layout.style && strcmp(args->format, "csv") && strcmp(args->format, "json"))
		argp_error(state,
			   "no such format, with '%s': there are text, html, markdown, csv, json",
			   args->format);
	if (args->shared.metrics && args->shared.time)
		argp_error(state, "--metric and --altreport exclude each other");
	if (args->stats && args->shared.options.ratios)
		argp_error(state, "--stats and --print-ratio exclude each other");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case OPT_RATIO:
		args->shared.options.ratios = true;
		break;
	case OPT_NO_COMPARE:
		args->layout.no_compare = true;
		break;
	case OPT_SIGNIFICANCE:
		args->layout.significance = true;
		break;
	case OPT_MONITOR:
		if (strcmp(arg, "duration"))
			argp_error(state, "no such monitor, with '%s': there is duration", arg);
		args->monitor = true;
		break;
	case OPT_STATS:
		parse_stats(args, arg, state);
		break;
	case OPT_FORMAT:
		args->format = arg;
		break;
	case OPT_HEADER:
		break;
	case ARGP_KEY_END:
		check_format(args, state);
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
	else if (args->shared.options.ratios)
		layout_ratio(stdout, c, &args->layout);
	else
		layout_table(stdout, c, &args->layout);
}

/* Whose times mean nothing stands above the table, where nobody can miss it. */
static void print_clock(const struct compare_args *args, const struct run_list *runs,
			struct notes *notes)
{
	const struct style *style = args->layout.style;
	char *text = clock_text(runs->runs, runs->nr);

	if (text && style)
		printf("%s%s%s", style->above[0], text, style->above[1]);
	else if (text)
		notes_add(notes, "%s", text);
	free(text);
}

static void compare(const struct compare_args *args, const struct run_list *runs,
		    struct notes *notes)
{
	struct comparison c;
	struct report report;

	cmd_args_compare(&args->shared, runs->runs, runs->nr, &report, &c, notes);
	print_clock(args, runs, notes);
	print_comparison(args, &c);
	note_unlike(runs->runs, runs->nr, notes);
	comparison_release(&c);
	report_release(&report);
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args args = {.format = "text", .shared.tells_clock = true};
	struct compare_options *asked = &args.shared.options;
	struct notes notes = {0};
	struct run_list runs;

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	args.shared.bootstrap.percentile = args.percentile;
	if (args.stats)
		asked->bootstrap = &args.shared.bootstrap;
	asked->as_mmtests = args.layout.style && !args.layout.style->one_head && !args.stats;
	cmd_args_load(&args.shared, &runs, &notes);
	if (args.monitor)
		print_durations(&args, &runs, &notes);
	else
		compare(&args, &runs, &notes);
	cmd_args_warn(&notes);
	run_list_release(&runs);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
