/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale gate: the subcommand's options, and the order of its work. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/boots.h"
#include "analysis/clock.h"
#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/format/gate.h"
#include "analysis/gate.h"
#include "analysis/gate_selftest.h"
#include "analysis/history/baseline.h"
#include "common/xalloc.h"

/* What differs between two kernels on one machine as they choose. */
#define OF_THE_KERNEL "kernel,memory_total,thp,thp_defrag,numa_balancing,mitigation_*"

enum {
	OPT_CONFIG = 256,
	OPT_BASELINE,
	OPT_FAIL_ON,
	OPT_REQUIRE_MDE,
	OPT_ALLOW_MISSING,
	OPT_FORCE,
	OPT_SELF_TEST,
	OPT_FORMAT,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0},
	{&cmd_argp_metric, 0, NULL, 0},
	{0},
};

static const struct argp_option options[] = {
	{"config", OPT_CONFIG, "FILE", 0, "metrics, thresholds and guards", 0},
	{"baseline", OPT_BASELINE, "BASE", 0,
	 "a run; or history:BRANCH~N: comparable runs of the last N commits of the branch", 0},
	{"require-mde", OPT_REQUIRE_MDE, "PERCENT", 0,
	 "a verdict that could not have seen such a change is inconclusive", 0},
	{"fail-on", OPT_FAIL_ON, "inconclusive|change", 0,
	 "exit with 11 where nothing can be told; with 10 where simulated runs differ at all", 0},
	{"allow-missing-baseline", OPT_ALLOW_MISSING, NULL, 0,
	 "exit with 0 where there is nothing to compare with", 0},
	{"force", OPT_FORCE, NULL, 0, "compare unlike machines, and times under an emulator", 0},
	{"format", OPT_FORMAT, "FORMAT", 0, "text, tsv or json", 0},
	{"self-test", OPT_SELF_TEST, NULL, 0, "judge made-up runs with known answers instead", 0},
	{0},
};

struct gate_args {
	struct cmd_args shared; /* the runs BASE and NEW, or NEW alone */
	const char *config, *format;
	const char *baseline; /* BASE as an option */
	double require_mde; /* a share; below 0: as the config says */
	bool fail_on_inconclusive, fail_on_change, allow_missing, force, self_test;
};

static void check_args(struct gate_args *args, struct argp_state *state)
{
	size_t nr_runs = args->shared.runs.nr_words;

	if (strcmp(args->format, "text") && strcmp(args->format, "tsv") &&
	    strcmp(args->format, "json"))
		argp_error(state, "no such format, with '%s': there are text, tsv, json",
			   args->format);
	if (args->self_test && (nr_runs || args->baseline))
		argp_error(state, "--self-test makes its runs itself");
	if (!args->self_test && nr_runs + (args->baseline != NULL) != 2)
		argp_error(state, args->baseline ? "name one run, NEW, with --baseline"
						 : "name two runs, BASE and NEW");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct gate_args *args = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case OPT_CONFIG:
		args->config = arg;
		break;
	case OPT_BASELINE:
		args->baseline = arg;
		break;
	case OPT_FAIL_ON:
		if (strcmp(arg, "inconclusive") && strcmp(arg, "change"))
			argp_error(state, "--fail-on: there are inconclusive and change, with '%s'",
				   arg);
		args->fail_on_inconclusive |= !strcmp(arg, "inconclusive");
		args->fail_on_change |= !strcmp(arg, "change");
		break;
	case OPT_REQUIRE_MDE:
		if (percent_parse(arg, &args->require_mde, &why))
			argp_error(state, "--require-mde: %s", why.text);
		break;
	case OPT_ALLOW_MISSING:
		args->allow_missing = true;
		break;
	case OPT_FORCE:
		args->force = true;
		break;
	case OPT_SELF_TEST:
		args->self_test = true;
		break;
	case OPT_FORMAT:
		args->format = arg;
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
	.args_doc = "BASE NEW\n--baseline=BASE NEW",
	.doc = "Tell whether run NEW is slower than run BASE, for machines to act upon: exit 0 if "
	       "no regression was found, 10 for one, 11 if nothing can be told (with --fail-on), "
	       "12 if the runs say nothing, 13 without BASE. Where one machine can switch between "
	       "both, 'faultscale ab' sees more.",
};

/* What is printed for programs is not mixed with what is printed for people. */
static int close_with(const struct gate_args *args, int code)
{
	fprintf(strcmp(args->format, "text") ? stderr : stdout, "exit %d: %s\n", code,
		gate_exit_meaning(code));
	return code;
}

/* Two kernels, each booted once. */
static bool is_one_boot_each(const struct run *base, const struct run *new,
			     const struct gate_config *config)
{
	return base && strstr(config->may_differ, "kernel") && boots_count(base) == 1 &&
	       boots_count(new) == 1;
}

static int judge_runs(const struct gate_args *args, struct run *base, struct run *new,
		      const struct gate_config *config)
{
	struct why why = WHY_INIT;
	struct gate gate;
	int code;

	if (gate_init(&gate, base, new, config, args->force, &why))
		die(EXIT_USAGE, "%s", why.text);
	code = gate_exit(&gate, args->fail_on_inconclusive, args->allow_missing);
	if (code == EXIT_GOOD && args->fail_on_change && gate_exact_change(&gate))
		code = EXIT_REGRESSION;
	if (!strcmp(args->format, "json"))
		gate_json(stdout, &gate, code);
	else if (!strcmp(args->format, "tsv"))
		gate_tsv(stdout, &gate);
	else
		gate_text(stdout, &gate);
	if ((base && base->clock == RUN_CLOCK_INSTRUCTIONS) || new->clock == RUN_CLOCK_INSTRUCTIONS)
		warn("an emulator counted instructions: they tell of the code path, not of locks "
		     "or caches");
	if (is_one_boot_each(base, new, config))
		warn("each run is of one boot, and what that decided by chance counts as the "
		     "kernel's; 'faultscale guest compare' takes several");
	if (gate.unlike)
		warn("the runs were not measured alike%s: %s",
		     gate.refused ? " (--force compares them all the same)" : "", gate.unlike);
	gate_release(&gate);
	return code;
}

/* The baseline is in the history, or there is none. */
static int gate_by_history(const struct gate_args *args, struct run *new,
			   struct gate_config *config)
{
	const char *results = run_args_directory(&args->shared.runs);
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct baseline baseline;
	int err = baseline_pick(&baseline, results, args->baseline, new, config, &notes, &why);
	int code;

	if (err && err != -ENOENT)
		die(err == -EINVAL || err == -EBADMSG ? EXIT_USAGE : EXIT_FAILED, "%s", why.text);
	cmd_args_warn(&notes);
	if (err) {
		warn("%s", why.text);
		return judge_runs(args, NULL, new, config);
	}
	config->base_of_runs = baseline.by_runs;
	say_line(strcmp(args->format, "text") ? stderr : stdout, "baseline: %s", baseline.text);
	code = judge_runs(args, &baseline.run, new, config);
	baseline_release(&baseline);
	return code;
}

static int gate_by_run(const struct gate_args *args, struct run *new,
		       const struct gate_config *config)
{
	struct run_args runs = args->shared.runs;
	char *word = (char *)args->baseline;
	struct run_list base = {0};
	struct why why = WHY_INIT;
	struct notes notes = {0};
	int err, code;

	if (args->baseline)
		runs.words = &word;
	err = run_list_load_word(&base, &runs, 0, &notes, &why);
	if (err && err != -ENOENT)
		die(EXIT_USAGE, "%s", why.text);
	if (err)
		warn("%s", why.text);
	cmd_args_warn(&notes);
	code = judge_runs(args, err ? NULL : base.runs[0], new, config);
	run_list_release(&base);
	return code;
}

static int gate_runs(const struct gate_args *args, struct gate_config *config)
{
	const struct run_args *runs = &args->shared.runs;
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list new;
	int code;

	if (run_list_load_word(&new, runs, runs->nr_words - 1, &notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	cmd_args_warn(&notes);
	if (args->baseline && baseline_is_history(args->baseline))
		code = gate_by_history(args, new.runs[0], config);
	else
		code = gate_by_run(args, new.runs[0], config);
	run_list_release(&new);
	return code;
}

static int self_test(void)
{
	struct why why = WHY_INIT;

	if (gate_selftest(stdout, &why))
		die(EXIT_FAILED, "%s", why.text);
	puts("the gate does what it should");
	return EXIT_GOOD;
}

int cmd_gate(int argc, char **argv)
{
	struct gate_args args = {.shared.max_runs = 2, .format = "text", .require_mde = -1};
	struct why why = WHY_INIT;
	struct gate_config config;
	int code;

	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	if (args.self_test)
		return self_test();
	gate_config_init(&config);
	if (args.config && gate_config_read(&config, args.config, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (args.require_mde >= 0)
		config.require_mde = args.require_mde;
	if (args.shared.metrics)
		gate_config_metrics(&config, args.shared.metrics);
	code = close_with(&args, gate_runs(&args, &config));
	gate_config_release(&config);
	cmd_args_release(&args.shared);
	return code;
}

int cmd_gate_kernels(const char *directory, char *names[2])
{
	const struct run_args args = {.directory = directory, .words = names, .nr_words = 2};
	struct gate_config config;
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list runs;
	struct gate gate;
	char *clock;

	if (run_list_load(&runs, &args, &notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	gate_config_init(&config);
	free(config.may_differ);
	config.may_differ = xstrdup(OF_THE_KERNEL);
	clock = clock_text(runs.runs, runs.nr);
	if (runs.runs[0]->clock == RUN_CLOCK_NONE || runs.runs[1]->clock == RUN_CLOCK_NONE) {
		printf("no verdict: %s\n", clock);
	} else if (gate_init(&gate, runs.runs[0], runs.runs[1], &config, false, &why)) {
		printf("no verdict: %s\n", why.text);
	} else {
		if (gate.refused)
			printf("no verdict: the runs were not measured alike: %s\n", gate.unlike);
		gate_text(stdout, &gate);
		gate_release(&gate);
	}
	free(clock);
	notes_release(&notes); /* cmd_compare() told them */
	gate_config_release(&config);
	run_list_release(&runs);
	return EXIT_GOOD;
}
