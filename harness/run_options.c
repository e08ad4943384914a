/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/run_options.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"

#define EXPLAINED_MAX 1000

enum {
	KEY_RESULTS = 0x100,
	KEY_SET,
	KEY_ORDER,
	KEY_RESUME,
	KEY_PFT,
	KEY_TIME,
	KEY_RETRY,
	KEY_EXPLAIN,
	KEY_EXPLAINED,
	KEY_SAMPLE,
	KEY_FACT,
	KEY_CHECKPOINT,
	KEY_MAX_ITERATIONS,
};

static const struct argp_option argp_options[] = {
	{"config", 'c', "FILE", 0, "the sweep's config, see faultscale-config(5)", 0},
	{"name", 'n', "NAME", 0, "name of the run: a directory of DIR", 0},
	{"results", KEY_RESULTS, "DIR", 0, "where runs are kept (results)", 0},
	{"set", KEY_SET, "NAME=VALUE", 0, "override a variable of the config; may be repeated", 0},
	{"order", KEY_ORDER, "ORDER", 0,
	 "of the steps: sequential, interleaved (the default) or random", 0},
	{"resume", KEY_RESUME, "NAME", 0, "go on with a run that was stopped", 0},
	{"retry-failed", KEY_RETRY, NULL, 0, "with --resume, run failed steps again", 0},
	{"pft", KEY_PFT, "PATH", 0, "the fault generator (pft beside this program)", 0},
	{"time", KEY_TIME, NULL, 0, "at the end, say what each cell used, as time(1) does", 0},
	{"explain", KEY_EXPLAIN, "LIST", OPTION_ARG_OPTIONAL,
	 "behind the measured steps run each cell once more with BPF probes attached; LIST names "
	 "them, with commas; 'all' adds those that slow each fault down",
	 0},
	{"explain-iterations", KEY_EXPLAINED, "N", 0, "explained steps of each cell (1)", 0},
	{"sample", KEY_SAMPLE, "EVENT[,period=N][,iterations=N]", 0,
	 "behind the measured steps run each cell once more and sample which instructions EVENT "
	 "meets; cache-misses, or the CPU's clock for want of a PMU",
	 0},
	{"fact", KEY_FACT, "KEY=VALUE", 0, "a fact of your own for meta.tsv; may be repeated", 0},
	{"max-iterations", KEY_MAX_ITERATIONS, "N", 0,
	 "only the next N iterations of each cell; --resume runs the others", 0},
	/* of the init of a guest, which copies the run away between two steps: exec_checkpoint() */
	{"checkpoint", KEY_CHECKPOINT, "FD", OPTION_HIDDEN, NULL, 0},
	{0},
};

static void add_set(struct run_options *o, char *owned)
{
	XGROW(o->sets, o->nr_sets, o->cap_sets);
	o->sets[o->nr_sets++] = owned;
}

static error_t parse_explained(struct run_options *o, const char *arg, struct argp_state *state)
{
	uint64_t n;

	if (number_parse(arg, 1, EXPLAINED_MAX, &n, NULL))
		argp_error(state, "--explain-iterations takes a number from 1 to %d, not '%s'",
			   EXPLAINED_MAX, arg);
	o->explained = (unsigned)n;
	return 0;
}

static error_t add_fact(struct run_options *o, const char *arg, struct argp_state *state)
{
	size_t len = strspn(arg, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (!len || arg[len] != '=')
		argp_error(state, "--fact takes KEY=VALUE, with a key of a-z, 0-9 and _, not '%s'",
			   arg);
	XGROW(o->facts, o->nr_facts, o->cap_facts);
	o->facts[o->nr_facts++] = xstrdup(arg);
	return 0;
}

/* The options for whoever runs this program, with a number. */
static error_t parse_driver(struct run_options *o, int key, const char *arg,
			    struct argp_state *state)
{
	uint64_t n;

	if (key == KEY_CHECKPOINT) {
		if (number_parse(arg, 3, INT_MAX, &n, NULL) || fcntl((int)n, F_SETFD, FD_CLOEXEC))
			argp_error(state, "--checkpoint takes an open descriptor, not '%s'", arg);
		o->checkpoint_fd = (int)n;
	} else {
		if (number_parse(arg, 1, INT_MAX, &n, NULL))
			argp_error(state, "--max-iterations takes a number from 1 on, not '%s'",
				   arg);
		o->max_iterations = (unsigned)n;
	}
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case 'c':
		o->config = arg;
		return 0;
	case 'n':
		o->name = arg;
		return 0;
	case KEY_RESULTS:
		o->results = arg;
		return 0;
	case KEY_SET:
		add_set(o, xstrdup(arg));
		return 0;
	case KEY_ORDER:
		add_set(o, xasprintf("PFT_ORDER=%s", arg));
		return 0;
	case KEY_RESUME:
		o->resume = arg;
		return 0;
	case KEY_RETRY:
		o->retry_failed = true;
		return 0;
	case KEY_PFT:
		o->pft = arg;
		return 0;
	case KEY_TIME:
		o->usage = true;
		return 0;
	case KEY_EXPLAIN:
		o->explain = true;
		o->probes = arg;
		return 0;
	case KEY_EXPLAINED:
		return parse_explained(o, arg, state);
	case KEY_SAMPLE:
		o->sample = arg;
		return 0;
	case KEY_FACT:
		return add_fact(o, arg, state);
	case KEY_CHECKPOINT:
	case KEY_MAX_ITERATIONS:
		return parse_driver(o, key, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int run_options_check(const struct run_options *o, struct why *why)
{
	if (o->resume && (o->config || o->name || o->nr_sets || o->nr_facts))
		return why_not(why, EINVAL,
			       "--resume goes on with the plan of '%s' as it is; leave out "
			       "--config, --name, --set, --order and --fact",
			       o->resume);
	if (!o->resume && o->retry_failed)
		return why_not(why, EINVAL,
			       "--retry-failed needs a run to go on with: --resume NAME");
	if (!o->resume && !o->config)
		return why_not(
			why, EINVAL,
			"no config; name one with --config FILE, for instance configs/smoke");
	if (!o->resume && !o->name)
		return why_not(why, EINVAL, "the run has no name; give it one with --name NAME");
	if (o->explained && !o->explain)
		return why_not(why, EINVAL, "--explain-iterations is for --explain");
	return 0;
}

const struct argp run_options_argp = {argp_options, parse_option, NULL, NULL, NULL, NULL, NULL};

int run_options_parse(struct run_options *o, int argc, char **argv, struct why *why)
{
	static const struct argp argp = {
		argp_options,
		parse_option,
		"--config FILE --name NAME\n--resume NAME",
		"Run the sweep that a config describes: one pft process per step, its samples in "
		"DIR/NAME as soon as it ends.",
		NULL,
		NULL,
		NULL};
	int next, err;

	*o = (struct run_options){.results = "results", .argc = argc, .argv = argv};
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, &next, o))
		return why_not(why, EINVAL, "cannot read the command line");
	if (next < argc)
		return why_not(why, EINVAL, "unexpected argument, with '%s'; see --help",
			       argv[next]);
	err = run_options_check(o, why);
	if (!o->explained)
		o->explained = 1;
	return err;
}

void run_options_release(struct run_options *o)
{
	for (size_t i = 0; i < o->nr_sets; i++)
		free(o->sets[i]);
	free(o->sets);
	for (size_t i = 0; i < o->nr_facts; i++)
		free(o->facts[i]);
	free(o->facts);
	*o = (struct run_options){0};
}
