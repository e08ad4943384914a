/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale export: the subcommand's options, and the order of its work. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/commands.h"
#include "analysis/export/export.h"
#include "analysis/run_args.h"
#include "analysis/unlike.h"
#include "common/xalloc.h"

enum {
	OPT_RESULTS = 256,
	OPT_METRIC,
	OPT_ONLY,
	OPT_LIST,
};

static const struct argp_option options[] = {
	{"format", 'f', "NAME", 0, "one of those that --list names", 0},
	{"output", 'o', "FILE", 0, "write there, not to the standard output", 0},
	{"list", OPT_LIST, NULL, 0, "list the formats", 0},
	{"directory", 'd', "DIR", 0, "where the runs are (results)", 0},
	{"results", OPT_RESULTS, "DIR", 0, "the same", 0},
	{"metric", OPT_METRIC, "NAME,...", 0,
	 "these metrics of the samples, not faults/cpu and faults/sec", 0},
	{"only", OPT_ONLY, "KEY=VALUE,...", 0,
	 "only variants with this workload, pin, mem, pagesize, mode, lock, ... or variant, "
	 "or these clients",
	 0},
	{NULL, 0, NULL, 0, "Help:", -1},
	{NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0},
	{0},
};

struct export_args {
	struct run_args runs; /* the run, then its base */
	const struct export_format *format;
	const char *output; /* NULL: stdout */
	const char *metrics;
	bool list;
	struct compare_options options;
};

static void check_runs(const struct export_args *args, struct argp_state *state)
{
	if (args->list)
		return;
	if (!args->runs.nr_words || args->runs.nr_words > 2)
		argp_error(state, "name a run, and perhaps its base");
	if (!args->format)
		argp_error(state, "which --format? --list names them");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct export_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case 'f':
		args->format = export_format_find(arg, &why);
		if (!args->format)
			die(EXIT_USAGE, "%s", why.text);
		break;
	case 'o':
		args->output = arg;
		break;
	case OPT_LIST:
		args->list = true;
		break;
	case 'd':
	case OPT_RESULTS:
		args->runs.directory = arg;
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
	case ARGP_KEY_END:
		check_runs(args, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "RUN [BASE]",
	.doc = "Write a run for other programs: figures, or with BASE verdicts about the change. "
	       "Sides b and a of 'faultscale ab' have those of its rounds; runs that were recorded "
	       "apart have none but 'inconclusive'.",
};

static void list_formats(void)
{
	for (size_t i = 0; export_formats[i]; i++)
		printf("%-24s %s\n", export_formats[i]->name, export_formats[i]->summary);
}

static void write_out(const struct export_args *args, const struct export *e)
{
	struct why why = WHY_INIT;
	char *text;
	size_t len;
	FILE *memory = xmemstream(&text, &len), *out = stdout;
	int err = args->format->write(memory, e, &why);

	fclose(memory);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	if (args->output)
		out = fopen(args->output, "w");
	if (!out)
		die(EXIT_FAILED, "cannot write '%s': %s", args->output, strerror(errno));
	fwrite(text, 1, len, out);
	if (args->output && (ferror(out) | fclose(out)))
		die(EXIT_FAILED, "cannot write '%s': %s", args->output, strerror(errno));
	free(text);
}

static void export(const struct export_args *args, const struct run_list *runs, struct notes *notes)
{
	struct why why = WHY_INIT;
	struct pair pair = {0};
	struct comparison c;
	struct report report;
	struct export e;
	int err = 0;

	if (runs->nr == 2)
		err = pair_init(&pair, runs->runs[0], runs->runs[1], &why);
	if (!err && (args->metrics || pair.known))
		err = report_init_metrics(&report,
					  args->metrics ? args->metrics : pair.rounds.metric,
					  runs->runs, runs->nr, &why);
	else if (!err)
		report_init(&report, false);
	if (!err)
		err = comparison_init(&c, runs->runs, runs->nr, &report, &args->options, notes,
				      &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	note_unlike(runs->runs, runs->nr, notes);
	export_init(&e, &c, &pair);
	write_out(args, &e);
	export_release(&e);
	comparison_release(&c);
	report_release(&report);
	pair_release(&pair);
}

int cmd_export(int argc, char **argv)
{
	static const struct bootstrap bootstrap = {.resamples = 2000, .seed = 1, .level = 0.95};
	struct export_args args = {.options = {.selection.by = BY_RUN, .bootstrap = &bootstrap}};
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list runs;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (args.list) {
		list_formats();
		free(args.runs.words);
		return EXIT_GOOD;
	}
	if (args.runs.nr_words == 2) { /* the base comes first where runs are compared */
		char *run = args.runs.words[0];

		args.runs.words[0] = args.runs.words[1];
		args.runs.words[1] = run;
	}
	if (run_list_load(&runs, &args.runs, &notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	export(&args, &runs, &notes);
	for (size_t i = 0; i < notes.nr; i++)
		warn("%s", notes.lines[i]);
	notes_release(&notes);
	run_list_release(&runs);
	selection_release(&args.options.selection);
	free(args.runs.words);
	return EXIT_GOOD;
}
