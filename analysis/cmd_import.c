/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale import: the subcommand's options, and the order of its work. */
#include <errno.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/import/import.h"
#include "common/run_tables.h"

enum {
	OPT_NAME = 'n',
	OPT_LIST = 256,
	OPT_VARIANT,
};

static const struct argp_option options[] = {
	{"name", OPT_NAME, "NAME", 0, "what the run is called", 0},
	{"variant", OPT_VARIANT, "NAME", 0, "what its variant is called, instead of the case", 0},
	{"list", OPT_LIST, NULL, 0, "list the kinds", 0},
	{0},
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{0},
};

struct import_args {
	struct cmd_args shared; /* KIND, then the files, in the place of runs */
	const char *name, *variant;
	bool list;
};

static void check_args(const struct import_args *args, struct argp_state *state)
{
	if (args->list)
		return;
	if (args->shared.runs.nr_words < 2)
		argp_error(state, "name a kind, which --list tells, and files");
	if (!args->name)
		argp_error(state, "how is the run called? say it with --name");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct import_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case OPT_NAME:
		if (run_name_check(arg, &why))
			argp_error(state, "--name: %s", why.text);
		args->name = arg;
		break;
	case OPT_VARIANT:
		args->variant = arg;
		break;
	case OPT_LIST:
		args->list = true;
		break;
	case ARGP_KEY_END:
		check_args(args, state);
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
	.args_doc = "KIND [N=]FILE...",
	.doc = "Take what another program measured as a run, which 'show', 'compare' and the "
	       "others read. N is the client count of a file that does not say it.",
};

static void list_formats(void)
{
	for (size_t i = 0; import_formats[i]; i++)
		printf("%-14s %s\n", import_formats[i]->name, import_formats[i]->summary);
}

static void take(const struct import_args *args)
{
	const struct run_args *words = &args->shared.runs;
	const char *results = run_args_directory(words);
	struct notes notes = {0};
	struct import import = {.variant = args->variant, .notes = &notes};
	struct why why = WHY_INIT;
	const struct import_format *format = import_format_find(words->words[0], &why);
	int err;

	if (!format)
		die(EXIT_USAGE, "%s", why.text);
	for (size_t i = 1; i < words->nr_words; i++)
		if (import_read(&import, format, words->words[i], &why))
			die(EXIT_USAGE, "%s", why.text);
	err = import_write(&import, format, results, args->name, &why);
	if (err)
		die(err == -EINVAL || err == -EEXIST ? EXIT_USAGE : EXIT_FAILED, "%s", why.text);
	printf("%s/%s: %zu steps measured by %s\n", results, args->name, import.nr,
	       format->program);
	cmd_args_warn(&notes);
	import_release(&import);
}

int cmd_import(int argc, char **argv)
{
	struct import_args args = {0};

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	if (args.list)
		list_formats();
	else
		take(&args);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
