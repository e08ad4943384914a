/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale export: the subcommand's options, and the order of its work. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/commands.h"
#include "analysis/export/export.h"
#include "analysis/run_args.h"
#include "common/xalloc.h"

enum {
	OPT_RESULTS = 256,
	OPT_METRIC,
	OPT_ONLY,
	OPT_LIST,
	OPT_CONFIG,
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
	{"config", OPT_CONFIG, "FILE", 0, "what 'faultscale gate' holds the runs to", 0},
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
	struct gate_config config;
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
	case OPT_CONFIG:
		if (gate_config_read(&args->config, arg, &why))
			die(EXIT_USAGE, "%s", why.text);
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
	       "Sides b and a of 'faultscale ab' have those of its rounds, runs that were "
	       "recorded apart those of 'faultscale gate'.",
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

/* Which metrics: those asked for, the one of a pair, those of the gate. */
static int choose(const struct export_args *args, const struct run_list *runs,
		  const struct pair *pair, struct report *report, struct why *why)
{
	const char *list = args->metrics;

	if (!list && pair->known)
		list = pair->rounds.metric;
	if (!list && runs->nr == 2)
		list = args->config.metrics;
	if (list)
		return report_init_metrics(report, list, runs->runs, runs->nr, why);
	report_init(report, false);
	return 0;
}

/* Runs that are no pair go through the gate. Returns 0 with *@judged set to @gate if they did. */
static int judge_apart(struct export_args *args, const struct run_list *runs,
		       const struct pair *pair, struct gate *gate, const struct gate **judged,
		       struct why *why)
{
	int err;

	*judged = NULL;
	if (runs->nr < 2 || pair->known)
		return 0;
	if (args->metrics) {
		free(args->config.metrics);
		args->config.metrics = xstrdup(args->metrics);
	}
	err = gate_init(gate, runs->runs[0], runs->runs[1], &args->config, false, why);
	if (!err)
		*judged = gate;
	return err;
}

static void export(struct export_args *args, const struct run_list *runs, struct notes *notes)
{
	struct why why = WHY_INIT;
	const struct gate *judged = NULL;
	struct pair pair = {0};
	struct comparison c;
	struct report report;
	struct export e;
	struct gate gate = {0};
	int err = 0;

	if (runs->nr == 2)
		err = pair_init(&pair, runs->runs[0], runs->runs[1], &why);
	if (!err)
		err = choose(args, runs, &pair, &report, &why);
	if (!err)
		err = comparison_init(&c, runs->runs, runs->nr, &report, &args->options, notes,
				      &why);
	if (!err)
		err = judge_apart(args, runs, &pair, &gate, &judged, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	export_init(&e, &c, &pair, judged);
	write_out(args, &e);
	export_release(&e);
	gate_release(&gate);
	comparison_release(&c);
	report_release(&report);
	pair_release(&pair);
}

int cmd_export(int argc, char **argv)
{
	struct export_args args = {.options.selection.by = BY_RUN};
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list runs;

	gate_config_init(&args.config);
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (args.list) {
		list_formats();
		gate_config_release(&args.config);
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
	gate_config_release(&args.config);
	free(args.runs.words);
	return EXIT_GOOD;
}
