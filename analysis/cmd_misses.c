/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale misses: which instructions were sampled, and what changed between two runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/misses.h"
#include "analysis/misses_text.h"
#include "analysis/perf_script.h"
#include "common/durable.h"
#include "common/run_tables.h"
#include "common/say.h"
#include "common/xalloc.h"

struct misses_args {
	struct cmd_args shared;
	enum misses_by by;
	uint64_t top;
	const char *variant, *clients; /* only this, or what is imported */
	const char *other; /* the variant that ->variant is compared with */
	const char *import, *name;
	uint64_t faults;
};

enum {
	OPT_BY = 256,
	OPT_TOP,
	OPT_IMPORT,
	OPT_NAME,
	OPT_VARIANT,
	OPT_CLIENTS,
	OPT_FAULTS,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{"by", OPT_BY, "WHAT", 0,
	 "a row for each: instruction (the default), line, symbol, lock; or data: which lines of "
	 "which objects, who reads and who writes them",
	 0},
	{"top", OPT_TOP, "N", 0, "rows of a table (20; 0: all)", 0},
	{"variant", OPT_VARIANT, "NAME[,OTHER]", 0,
	 "only this variant; with OTHER the difference from NAME to it; of an import, its name", 0},
	{"clients", OPT_CLIENTS, "N", 0, "only this client count; of an import, its number", 0},
	{"import", OPT_IMPORT, "FILE", 0, "take what 'perf script' printed, - for stdin, as RUN's",
	 1},
	{"name", OPT_NAME, "RUN", 0, "the run that is imported, new or without samples so far", 1},
	{"faults", OPT_FAULTS, "N", 0, "faults that were made while perf recorded", 1},
	{0},
};

static int parse_by(const char *text)
{
	static const char *const names[] = {"instruction", "line", "symbol", "data", "lock"};

	for (int i = 0; i < 5; i++)
		if (!strcmp(text, names[i]))
			return i;
	return -1;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct misses_args *a = state->input;
	int by;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &a->shared);
		break;
	case OPT_BY:
		by = parse_by(arg);
		if (by < 0)
			argp_error(state,
				   "no such kind of rows, with '--by %s'; use instruction, "
				   "line, symbol, lock or data",
				   arg);
		a->by = (enum misses_by)by;
		break;
	case OPT_TOP:
		a->top = cmd_args_number(state, "top", arg, 0, SIZE_MAX / 2);
		break;
	case OPT_VARIANT:
		a->variant = strsep(&arg, ",");
		a->other = arg;
		break;
	case OPT_CLIENTS:
		cmd_args_number(state, "clients", arg, 0, INT32_MAX);
		a->clients = arg;
		break;
	case OPT_IMPORT:
		a->import = arg;
		break;
	case OPT_NAME:
		a->name = arg;
		break;
	case OPT_FAULTS:
		a->faults = cmd_args_number(state, "faults", arg, 0, INT64_MAX);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Of two runs, or of two variants of one. */
static bool is_difference(const struct misses_args *a)
{
	return a->shared.runs.nr_words == 2 || (a->other && !a->import);
}

static const char *last_run(const struct misses_args *a)
{
	return a->shared.runs.words[a->shared.runs.nr_words - 1];
}

static void read_run(const struct misses_args *a, const char *run, struct misses *misses)
{
	struct why why = WHY_INIT;
	char *dir = run_args_find(&a->shared.runs, run, &why), *path;

	if (!dir)
		die(EXIT_USAGE, "%s", why.text);
	path = xasprintf("%s/misses.tsv", dir);
	if (access(path, F_OK))
		die(EXIT_USAGE,
		    "no samples in run '%s': there is no '%s'; make it with 'faultscale run "
		    "--sample cache-misses', also with --resume %s",
		    run, path, run);
	if (misses_read(misses, path, a->by, &why))
		die(EXIT_USAGE, "%s", why.text);
	free(path);
	free(dir);
}

static bool is_wanted(const struct misses_args *a, const struct miss_group *g)
{
	return (!a->variant || !strcmp(a->variant, g->variant)) &&
	       (!a->clients || !strcmp(a->clients, g->clients));
}

static void print_run(const struct misses_args *a, const struct misses *m)
{
	size_t printed = 0;

	for (size_t i = 0; i < m->nr; i++) {
		if (!is_wanted(a, m->groups[i]))
			continue;
		if (printed++)
			putchar('\n');
		if (a->by == MISSES_BY_DATA)
			misses_print_data(stdout, m->groups[i], a->top);
		else
			misses_print(stdout, m->groups[i], a->top);
	}
	if (!printed)
		die(EXIT_USAGE, "no samples of %s in run '%s'",
		    m->nr ? "that variant and client count" : "any step", a->shared.runs.words[0]);
}

/* The group of the other run: of the variant @other if that is named, else of the same, or of the only one
 * that has this client count. */
static struct miss_group *partner(const struct misses *m, const struct miss_group *g,
				  const char *other)
{
	struct miss_group *found = misses_find(m, other ? other : g->variant, g->clients);
	size_t nr = 0;

	if (other)
		return found;
	for (size_t i = 0; !found && i < m->nr; i++)
		nr += !strcmp(m->groups[i]->clients, g->clients);
	for (size_t i = 0; nr == 1 && i < m->nr; i++)
		if (!strcmp(m->groups[i]->clients, g->clients))
			found = m->groups[i];
	return found;
}

static void print_difference(const struct misses_args *args, const struct misses *a,
			     const struct misses *b)
{
	size_t printed = 0;

	for (size_t i = 0; i < a->nr; i++) {
		struct miss_group *before = a->groups[i], *after = partner(b, before, args->other);

		if (!is_wanted(args, before))
			continue;
		if (!after || strcmp(after->event, before->event)) {
			warn("'%s' with %s clients %s", before->variant, before->clients,
			     after ? "was sampled with another event in the second run"
				   : "is not in the second run");
			continue;
		}
		if (printed++)
			putchar('\n');
		misses_align(before, after);
		misses_print_changes(stdout, before, after, args->top);
	}
	if (!printed)
		die(EXIT_USAGE, "nothing to compare in '%s' and '%s'", args->shared.runs.words[0],
		    last_run(args));
}

static void write_import(const struct misses_args *a, struct perf_script *script)
{
	const struct miss_key key = {"-", a->variant ? a->variant : "-",
				     a->clients ? a->clients : "1", "0", script->event};
	char *dir = xasprintf("%s/%s", run_args_directory(&a->shared.runs), a->name);
	char *path = xasprintf("%s/misses.tsv", dir);
	struct why why = WHY_INIT;
	FILE *out;

	if (a->faults)
		miss_table_add_total(&script->table, MISSES_FAULTS, a->faults);
	if (durable_mkdir(dir, &why))
		die(EXIT_FAILED, "%s", why.text);
	out = fopen(path, "wxe");
	if (!out && errno == EEXIST)
		die(EXIT_USAGE, "run '%s' has samples already: '%s'; give another --name", a->name,
		    path);
	if (!out)
		die(EXIT_FAILED, "cannot write '%s': %s", path, strerror(errno));
	tsv_write_head(out, &misses_schema);
	miss_table_write(out, &key, &script->table);
	if (ferror(out) | fclose(out))
		die(EXIT_FAILED, "cannot write '%s'", path);
	say_line(stdout, "%s: %llu samples of %s", dir, (unsigned long long)script->samples,
		 script->event);
	free(dir);
	free(path);
}

static void import(const struct misses_args *a)
{
	FILE *in = strcmp(a->import, "-") ? fopen(a->import, "re") : stdin;
	struct perf_script script;
	struct why why = WHY_INIT;

	if (!in)
		die(EXIT_USAGE, "cannot read '%s': %s", a->import, strerror(errno));
	if (perf_script_read(&script, in, a->import, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (script.passed_over)
		warn("%llu samples in '%s' have no symbol and address that could be read",
		     (unsigned long long)script.passed_over, a->import);
	write_import(a, &script);
	perf_script_release(&script);
}

static void check_args(const struct misses_args *a)
{
	struct why why = WHY_INIT;

	if (!a->import != !a->name)
		die(EXIT_USAGE, "--import FILE and --name RUN go together");
	if (a->import && a->shared.runs.nr_words)
		die(EXIT_USAGE, "unexpected argument, with '%s'; --import makes the run of --name",
		    a->shared.runs.words[0]);
	if (!a->import && !a->shared.runs.nr_words)
		die(EXIT_USAGE, "no run; name one, or two to see the difference");
	if (a->name && run_name_check(a->name, &why))
		die(EXIT_USAGE, "--name: %s", why.text);
	if (a->name && a->other)
		die(EXIT_USAGE, "not a name for a variant, with '--variant %s,%s'", a->variant,
		    a->other);
	if (is_difference(a) && a->by == MISSES_BY_DATA)
		die(EXIT_USAGE, "--by data is for one run%s", a->other ? " and variant" : "");
}

int cmd_misses(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.args_doc = "RUN [RUN2]\n--import FILE --name RUN",
		.doc = "Print which instructions 'faultscale run --sample' has met, per variant "
		       "and client count; of two runs the difference, the largest change first.",
	};
	struct misses_args args = {.shared.max_runs = 2, .top = 20};
	struct misses runs[2] = {0};

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	check_args(&args);
	if (args.import)
		import(&args);
	else
		read_run(&args, args.shared.runs.words[0], &runs[0]);
	if (is_difference(&args)) {
		read_run(&args, last_run(&args), &runs[1]);
		print_difference(&args, &runs[0], &runs[1]);
	} else if (!args.import) {
		print_run(&args, &runs[0]);
	}
	misses_release(&runs[0]);
	misses_release(&runs[1]);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
