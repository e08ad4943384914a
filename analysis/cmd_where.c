/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale offcpu and contention: the subcommands' options, and the order of their work. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/flame.h"
#include "analysis/format/svg.h"
#include "analysis/format/where.h"
#include "analysis/unlike.h"
#include "analysis/where.h"
#include "analysis/words.h"
#include "common/xalloc.h"

enum {
	OPT_TOP = 256,
	OPT_FORMAT,
	OPT_FOLDED,
	OPT_SVG,
	OPT_LOSSY,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0},
	{&cmd_argp_by, 0, NULL, 0},
	{&cmd_argp_bootstrap, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{"top", OPT_TOP, "N", 0, "how many stacks of a client count (10)", 0},
	{"format", OPT_FORMAT, "FORMAT", 0, "text or markdown", 0},
	{"folded", OPT_FOLDED, NULL, 0,
	 "folded stacks instead: ns per 1000 faults; of two runs before and after, as "
	 "difffolded.pl prints them",
	 0},
	{"svg", OPT_SVG, "FILE", 0, "draw a flame graph, or that of the difference, as well", 0},
	{"lossy", OPT_LOSSY, NULL, 0, "print the report even if more than 1% was lost", 0},
	{0},
};

struct where_args {
	struct cmd_args shared;
	const struct style *style;
	const char *svg;
	size_t top;
	bool folded, lossy;
};

static void parse_format(struct where_args *args, const char *arg, struct argp_state *state)
{
	args->style = style_find(arg);
	if (args->style != &style_text && args->style != &style_markdown)
		argp_error(state, "no such format, with '%s': there are text, markdown", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct where_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case OPT_TOP:
		args->top = cmd_args_number(state, "top", arg, 1, 100000);
		break;
	case OPT_FORMAT:
		parse_format(args, arg, state);
		break;
	case OPT_FOLDED:
		args->folded = true;
		break;
	case OPT_SVG:
		args->svg = arg;
		break;
	case OPT_LOSSY:
		args->lossy = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Without its probe there are no waits to tell of, only what stands beside them. */
static void print_report(const struct where_args *args, const struct where *where)
{
	char *unsupported = where_unsupported(where);

	if (!unsupported) {
		words_print(stdout, where);
		where_causes(stdout, where, args->style);
		where_stacks(stdout, where, args->top, args->style);
	}
	free(unsupported);
	where_beside(stdout, where, args->style);
	where_probes(stdout, where);
	if (where->columns.nr == 2)
		printf("changes with %g%% bootstrap intervals over the explained iterations, %u "
		       "resamples, seed %llu\n",
		       args->shared.bootstrap.level * 100, args->shared.bootstrap.resamples,
		       (unsigned long long)args->shared.bootstrap.seed);
}

static void draw(const struct where_args *args, const struct where *where, FILE *out)
{
	const struct column *columns = where->columns.columns;
	const char *what = where->of == PROFILE_OFFCPU ? "Off-CPU time" : "Contention for locks";
	bool two = where->columns.nr == 2;
	char *title = two ? xasprintf("%s, %s to %s", what, columns[0].name, columns[1].name)
			  : xasprintf("%s, %s", what, columns[0].name);
	struct flame_frame *root = flame_new(where);
	const struct svg_flame flame = {.title = title,
					.before = two ? columns[0].name : NULL,
					.after = two ? columns[1].name : NULL,
					.root = root};
	double share;

	svg_flame(out, &flame, &share); /* what it leaves out is narrower than can be seen */
	flame_free(root);
	free(title);
	if (ferror(out) | fclose(out))
		die(EXIT_FAILED, "cannot write '%s': %s", args->svg, strerror(errno));
}

/* Open what is to be written before anything is printed. */
static FILE *open_svg(const struct where_args *args)
{
	FILE *out = args->svg ? fopen(args->svg, "we") : NULL;

	if (args->svg && !out)
		die(EXIT_USAGE, "cannot write '%s': %s", args->svg, strerror(errno));
	return out;
}

static void tell(const struct where_args *args, enum profile_of of, const struct run_list *runs,
		 struct notes *notes)
{
	struct why why = WHY_INIT;
	struct where where;
	char *unsupported;
	FILE *svg;

	if (where_init(&where, of, runs, &args->shared.options.selection, &args->shared.bootstrap,
		       notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (where_check_lost(&where, &why)) {
		if (!args->lossy)
			die(EXIT_USAGE, "%s: use --lossy to see it all the same", why.text);
		notes_add(notes, "%s", why.text);
	}
	unsupported = where_unsupported(&where);
	if (unsupported && (args->folded || args->svg))
		die(EXIT_USAGE, "the probe did not run in %s", unsupported);
	free(unsupported);
	svg = open_svg(args);
	if (args->folded)
		flame_fold(stdout, &where);
	else
		print_report(args, &where);
	if (svg)
		draw(args, &where, svg);
	note_unlike(runs->runs, runs->nr, notes);
	where_release(&where);
}

static int command(int argc, char **argv, enum profile_of of, const char *doc)
{
	const struct argp argp = {.options = options,
				  .parser = parse,
				  .args_doc = "RUN [RUN2]",
				  .doc = doc,
				  .children = children};
	struct where_args args = {.style = &style_text, .top = 10};
	struct notes notes = {0};
	struct run_list runs;

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	cmd_args_load(&args.shared, &runs, &notes);
	tell(&args, of, &runs, &notes);
	cmd_args_warn(&notes);
	run_list_release(&runs);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}

int cmd_offcpu(int argc, char **argv)
{
	return command(argc, argv, PROFILE_OFFCPU,
		       "Tell where threads were off-CPU in the explained iterations of a run "
		       "(faultscale run --explain), per client count; of two runs, what changed.");
}

int cmd_contention(int argc, char **argv)
{
	return command(argc, argv, PROFILE_CONTENTION,
		       "Tell which locks of the kernel threads contended for in the explained "
		       "iterations of a run, per client count; of two runs, what changed.");
}
