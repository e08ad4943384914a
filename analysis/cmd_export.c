/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale export: the subcommand's options, and the order of its work. */
#include <stdlib.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/export/export.h"
#include "common/xalloc.h"

enum {
	OPT_LIST = 256,
	OPT_CONFIG,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{&cmd_argp_metric, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{"format", 'f', "NAME", 0, "one of those that --list names", 0},
	{"output", 'o', "FILE", 0, "write there, not to the standard output; - for that", 0},
	{"list", OPT_LIST, NULL, 0, "list the formats", 0},
	{"config", OPT_CONFIG, "FILE", 0, "what 'faultscale gate' holds the runs to", 0},
	{0},
};

struct export_args {
	struct cmd_args shared; /* the run, then its base */
	const struct export_format *format;
	const char *output; /* NULL: stdout */
	bool list;
	struct gate_config config;
};

static void check_runs(const struct export_args *args, struct argp_state *state)
{
	if (args->list)
		return;
	if (!args->shared.runs.nr_words)
		argp_error(state, "name a run, and perhaps its base");
	if (!args->format)
		argp_error(state, "which --format? --list names them");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct export_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
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
	.children = children,
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
	FILE *memory = xmemstream(&text, &len);
	int err = args->format->write(memory, e, &why);

	fclose(memory);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	cmd_args_write(args->output, text, len);
	free(text);
}

/* Which metrics: those asked for, the one of a pair, those of the gate. */
static int choose(const struct export_args *args, const struct run_list *runs,
		  const struct pair *pair, struct report *report, struct why *why)
{
	const char *list = args->shared.metrics;

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
	if (args->shared.metrics)
		gate_config_metrics(&args->config, args->shared.metrics);
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
		err = comparison_init(&c, runs->runs, runs->nr, &report, &args->shared.options,
				      notes, &why);
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
	struct export_args args = {.shared.max_runs = 2};
	struct notes notes = {0};
	struct run_list runs;
	char **words;

	gate_config_init(&args.config);
	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	if (args.list) {
		list_formats();
		gate_config_release(&args.config);
		cmd_args_release(&args.shared);
		return EXIT_GOOD;
	}
	words = args.shared.runs.words;
	if (args.shared.runs.nr_words == 2) { /* the base comes first where runs are compared */
		char *run = words[0];

		words[0] = words[1];
		words[1] = run;
	}
	cmd_args_load(&args.shared, &runs, &notes);
	export(&args, &runs, &notes);
	cmd_args_warn(&notes);
	run_list_release(&runs);
	gate_config_release(&args.config);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
