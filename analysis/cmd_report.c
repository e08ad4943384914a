/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale report: the subcommand's options, and the order of its work. */
#include <stdlib.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/report/page.h"
#include "common/xalloc.h"

enum {
	OPT_CONFIG = 256,
	OPT_FORCE,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0}, {&cmd_argp_metric, 0, NULL, 0},	 {&cmd_argp_by, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0}, {&cmd_argp_bootstrap, 0, NULL, 0}, {0},
};

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "write the page there; - for the standard output", 0},
	{"config", OPT_CONFIG, "FILE", 0, "what 'faultscale gate' holds the runs to", 0},
	{"force", OPT_FORCE, NULL, 0, "judge even runs of unlike machines or kernels", 0},
	{0},
};

struct report_args {
	struct cmd_args shared;
	const char *output;
	bool force;
	struct gate_config config;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case 'o':
		args->output = arg;
		break;
	case OPT_CONFIG:
		if (gate_config_read(&args->config, arg, &why))
			die(EXIT_USAGE, "%s", why.text);
		break;
	case OPT_FORCE:
		args->force = true;
		break;
	case ARGP_KEY_END:
		if (!args->output)
			argp_error(state, "where to? -o FILE says so");
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
	.args_doc = "-o FILE RUN...",
	.doc = "Write one HTML page about a run, or about runs of which the first is compared "
	       "with each "
	       "other one: the verdict, charts, tables, settings. It needs nothing but a browser. "
	       "Charts are drawn by gnuplot; without it there are tables only.",
};

static void report(const struct report_args *args, const struct run_list *runs, struct notes *notes)
{
	const struct page_ask ask = {
		.options = args->shared.options,
		.metrics = args->shared.metrics,
		.gate = &args->config,
		.force = args->force,
	};
	struct why why = WHY_INIT;
	struct page page;
	char *text, *undrawn;
	size_t len;
	FILE *memory;

	if (page_init(&page, runs, &ask, notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	memory = xmemstream(&text, &len);
	undrawn = page_write(memory, &page);
	fclose(memory);
	cmd_args_write(args->output, text, len);
	if (undrawn)
		notes_add(notes, "%s", undrawn);
	page_release(&page);
	free(undrawn);
	free(text);
}

int cmd_report(int argc, char **argv)
{
	struct report_args args = {.output = NULL};
	struct notes notes = {0};
	struct run_list runs;

	gate_config_init(&args.config);
	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	args.shared.options.bootstrap = &args.shared.bootstrap;
	cmd_args_load(&args.shared, &runs, &notes);
	report(&args, &runs, &notes);
	cmd_args_warn(&notes);
	run_list_release(&runs);
	gate_config_release(&args.config);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
