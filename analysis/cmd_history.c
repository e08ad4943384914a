/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale history: the index of runs: adds to it, lists, shows, and finds where a branch changed. */
#include <errno.h>
#include <string.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/format/history.h"
#include "analysis/history/db.h"
#include "analysis/history/query.h"
#include "analysis/history/record.h"
#include "analysis/history/store.h"
#include "analysis/history/trend.h"
#include "common/units.h"

enum {
	OPT_COMMIT = 256,
	OPT_BRANCH,
	OPT_TIME,
	OPT_METRIC,
	OPT_CLIENTS,
	OPT_VARIANT,
	OPT_MACHINE,
	OPT_CONFIG,
	OPT_SAME_KERNEL,
	OPT_LAST,
	OPT_FORMAT,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{"commit", OPT_COMMIT, "HASH", 0, "add: what the runs measured", 1},
	{"branch", OPT_BRANCH, "NAME", 0, "add: its branch (main); list, trend: only this one", 1},
	{"time", OPT_TIME, "TIME", 0,
	 "add: the commit's place in its branch, in seconds since 1970 or as 2026-01-31 (when the "
	 "run was started)",
	 1},
	{"metric", OPT_METRIC, "NAME", 0, "trend: only this one (all that can be better or worse)",
	 2},
	{"clients", OPT_CLIENTS, "N", 0, "trend: only this client count", 2},
	{"variant", OPT_VARIANT, "NAME", 0, "trend: only this one", 2},
	{"machine", OPT_MACHINE, "N", 0, "list, trend: only that of this number", 2},
	{"config", OPT_CONFIG, "HEX", 0, "list, trend: only what begins so", 2},
	{"same-kernel", OPT_SAME_KERNEL, NULL, 0, "trend: each kernel is a machine of its own", 2},
	{"last", OPT_LAST, "N", 0, "trend: look at the last N commits (200)", 2},
	{"format", OPT_FORMAT, "FORMAT", 0, "list, trend: text or tsv", 2},
	{0},
};

struct history_args {
	struct cmd_args shared;
	const char *directory, *verb, *format;
	unsigned options; /* that were given: a bit each, as in takes[] */
	char **runs; /* the words behind the verb */
	size_t nr_runs;
	struct record_label label;
	const char *metric, *clients, *variant, *config;
	uint64_t machine, last;
	bool same_kernel;
};

/* Whose options they are. */
static const struct {
	int key;
	const char *option, *verbs;
} takes[] = {
	{OPT_COMMIT, "commit", "add"},
	{OPT_BRANCH, "branch", "add, list, trend"},
	{OPT_TIME, "time", "add"},
	{OPT_METRIC, "metric", "trend"},
	{OPT_CLIENTS, "clients", "trend"},
	{OPT_VARIANT, "variant", "trend"},
	{OPT_MACHINE, "machine", "list, trend"},
	{OPT_CONFIG, "config", "list, trend"},
	{OPT_SAME_KERNEL, "same-kernel", "trend"},
	{OPT_LAST, "last", "trend"},
	{OPT_FORMAT, "format", "list, trend"},
};

/* Refuse an option that would be ignored. */
static void check_options(const struct history_args *args)
{
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (args->options >> i & 1 && !strstr(takes[i].verbs, args->verb))
			die(EXIT_USAGE, "--%s is for %s, not for '%s'", takes[i].option,
			    takes[i].verbs, args->verb);
}

/* The options that choose runs. */
static error_t parse_choice(int key, char *arg, struct argp_state *state)
{
	struct history_args *args = state->input;

	switch (key) {
	case OPT_METRIC:
		args->metric = arg;
		break;
	case OPT_CLIENTS:
		args->clients = arg;
		break;
	case OPT_VARIANT:
		args->variant = arg;
		break;
	case OPT_MACHINE:
		args->machine = cmd_args_number(state, "machine", arg, 0, INT32_MAX);
		break;
	case OPT_CONFIG:
		args->config = arg;
		break;
	case OPT_SAME_KERNEL:
		args->same_kernel = true;
		break;
	case OPT_LAST:
		args->last = cmd_args_number(state, "last", arg, 0, INT32_MAX);
		break;
	case OPT_FORMAT:
		if (strcmp(arg, "text") && strcmp(arg, "tsv"))
			argp_error(state, "no such format, with '%s': there are text, tsv", arg);
		args->format = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct history_args *args = state->input;

	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (key == takes[i].key)
			args->options |= 1U << i;
	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case OPT_COMMIT:
		args->label.commit = arg;
		break;
	case OPT_BRANCH:
		args->label.branch = arg;
		break;
	case OPT_TIME:
		args->label.committed = record_time(arg);
		if (args->label.committed < 0)
			argp_error(state,
				   "--time: neither seconds since 1970 nor a date like 2026-01-31 "
				   "or 2026-01-31T12:00:00Z, with '%s'",
				   arg);
		break;
	default:
		return parse_choice(key, arg, state);
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "add RUN...\nlist\nshow RUN...\ntrend\nrebuild",
	.doc = "Keep an index of runs by commit, branch, machine and config, and find where a "
	       "metric changed along a branch. 'faultscale gate --baseline history:main~10' judges "
	       "a run by those of the last 10 commits. 'rebuild' makes the index again from the "
	       "runs.",
};

/* What is wrong with runs, labels and files is for a person to mend; the rest is a failure. */
static _Noreturn void give_up(int err, const struct why *why)
{
	bool input = err == -EINVAL || err == -ENOENT || err == -ENOTDIR || err == -EACCES ||
		     err == -EBADMSG;

	die(input ? EXIT_USAGE : EXIT_FAILED, "%s", why->text);
}

static void open_history(struct db *db, const struct history_args *args, enum db_open mode)
{
	struct why why = WHY_INIT;
	int err = db_open(db, args->directory, mode, &why);

	if (err)
		give_up(err, &why);
}

/* The label is kept in the run, so that the index can be made again. An index is begun for a run that can
 * be added alone. */
static void add(const struct history_args *args)
{
	struct why reason = WHY_INIT;
	struct db db = {0};

	if (!args->nr_runs)
		die(EXIT_USAGE, "name the runs to add; '%s --help' says how", say_name());
	if (db_check_directory(args->directory, &reason))
		die(EXIT_USAGE, "%s", reason.text);
	for (size_t i = 0; i < args->nr_runs; i++) {
		struct why why = WHY_INIT;
		struct record record;
		int err = record_label(args->directory, args->runs[i], &args->label, &why);

		if (!err)
			err = record_read(&record, args->directory, args->runs[i], &why);
		if (err)
			give_up(err, &why);
		if (!db.handle)
			open_history(&db, args, DB_WRITE);
		err = store_add(&db, &record, &why);
		if (err)
			give_up(err, &why);
		record_release(&record);
	}
	db_release(&db);
}

static void list(const struct history_args *args)
{
	const struct query query = {.branch = args->label.branch,
				    .config = args->config,
				    .machine = (int)args->machine};
	struct why why = WHY_INIT;
	struct query_runs runs;
	struct db db;
	int err;

	open_history(&db, args, DB_READ);
	err = query_runs(&db, &query, &runs, &why);
	if (err)
		give_up(err, &why);
	if (!strcmp(args->format, "tsv"))
		history_list_tsv(stdout, &runs);
	else
		history_list_text(stdout, &runs);
	query_runs_release(&runs);
	db_release(&db);
}

static void show(const struct history_args *args)
{
	struct db db;

	if (!args->nr_runs)
		die(EXIT_USAGE, "name the runs to show; 'faultscale history list' lists them");
	open_history(&db, args, DB_READ);
	for (size_t i = 0; i < args->nr_runs; i++) {
		struct why why = WHY_INIT;
		struct record record;
		int err = store_read(&db, args->runs[i], &record, &why), machine;

		if (err < 0)
			give_up(err, &why);
		machine = err;
		history_show_text(stdout, &record, machine);
		record_release(&record);
	}
	db_release(&db);
}

static void trend(const struct history_args *args)
{
	const struct trend_query query = {
		.branch = args->label.branch ? args->label.branch : "main",
		.metric = args->metric,
		.clients = args->clients,
		.variant = args->variant,
		.config = args->config,
		.machine = (int)args->machine,
		.same_kernel = args->same_kernel,
		.last = args->last,
	};
	struct why why = WHY_INIT;
	struct trend result;
	struct db db;
	int err;

	open_history(&db, args, DB_READ);
	err = trend_read(&result, &db, &query, &why);
	if (err)
		give_up(err, &why);
	if (!result.nr)
		die(EXIT_USAGE,
		    "no such runs of branch '%s': 'faultscale history list' lists all that there "
		    "are",
		    query.branch);
	trend_judge(&result, 0.05, 0.02);
	if (!strcmp(args->format, "tsv"))
		history_trend_tsv(stdout, &result);
	else
		history_trend_text(stdout, &result);
	trend_release(&result);
	db_release(&db);
}

static void rebuild(const struct history_args *args)
{
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct db db;
	size_t nr;
	int err;

	open_history(&db, args, DB_REBUILD);
	err = store_rebuild(&db, args->directory, &nr, &notes, &why);
	cmd_args_warn(&notes);
	if (err)
		give_up(err, &why);
	printf("%zu run%s with a commit in '%s'\n", nr, nr == 1 ? "" : "s", args->directory);
	db_release(&db);
}

int cmd_history(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*carry_out)(const struct history_args *args);
		bool takes_runs;
	} verbs[] = {
		{"add", add, true},	 {"list", list, false},	      {"show", show, true},
		{"trend", trend, false}, {"rebuild", rebuild, false},
	};
	struct history_args args = {.format = "text", .label.committed = -1, .last = 200};

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	args.directory = run_args_directory(&args.shared.runs);
	args.verb = args.shared.runs.nr_words ? args.shared.runs.words[0] : NULL;
	args.runs = args.shared.runs.words + !!args.verb;
	args.nr_runs = args.shared.runs.nr_words - !!args.verb;
	for (size_t i = 0; args.verb && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(args.verb, verbs[i].name))
			continue;
		if (args.nr_runs && !verbs[i].takes_runs)
			die(EXIT_USAGE, "'%s' takes no run, with '%s'", args.verb, args.runs[0]);
		check_options(&args);
		verbs[i].carry_out(&args);
		cmd_args_release(&args.shared);
		return EXIT_GOOD;
	}
	die(EXIT_USAGE, "%s%s%s: there are add, list, show, trend, rebuild",
	    args.verb ? "no such action, with '" : "say what to do", args.verb ? args.verb : "",
	    args.verb ? "'" : "");
}
