/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/ab_options.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

enum {
	KEY_A = 0x100,
	KEY_B,
	KEY_PREP_A,
	KEY_PREP_B,
	KEY_PFT,
	KEY_PFT_A,
	KEY_PFT_B,
	KEY_RESULTS,
	KEY_RESUME,
	KEY_METRIC,
	KEY_MIN,
	KEY_MAX,
	KEY_EVERY,
	KEY_TIME,
	KEY_SEED,
	KEY_DELTA,
	KEY_ALPHA,
	KEY_AA,
	KEY_FAIL_ON,
	KEY_STEAL,
	KEY_FOREIGN,
};

static const struct argp_option argp_options[] = {
	{"a", KEY_A, "OVERRIDES", 0, "variables of side a: NAME=VALUE ...", 0},
	{"b", KEY_B, "OVERRIDES", 0, "those of side b, which is compared with a", 0},
	{"aa", KEY_AA, NULL, 0, "side b is side a again: what is found is a false alarm", 0},
	{"config", 'c', "FILE", 0, "what both sides share, see faultscale-config(5)", 0},
	{"name", 'n', "NAME", 0, "the runs are NAME-a and NAME-b (ab-TIME)", 0},
	{"results", KEY_RESULTS, "DIR", 0, "where runs are kept (results)", 0},
	{"resume", KEY_RESUME, "NAME", 0, "go on with a comparison that was stopped", 0},
	{"prep-a", KEY_PREP_A, "COMMAND", 0, "what the shell runs before each step of side a", 0},
	{"prep-b", KEY_PREP_B, "COMMAND", 0, "the same for side b", 0},
	{"pft", KEY_PFT, "PATH", 0, "the fault generator (pft beside this program)", 0},
	{"pft-a", KEY_PFT_A, "PATH", 0, "that of side a", 0},
	{"pft-b", KEY_PFT_B, "PATH", 0, "that of side b", 0},
	{"metric", KEY_METRIC, "NAME", 0, "what is compared (faults/sec)", 0},
	{"min-rounds", KEY_MIN, "N", 0, "rounds before the first look (10)", 0},
	{"look-every", KEY_EVERY, "N", 0, "rounds between two looks (5)", 0},
	{"max-rounds", KEY_MAX, "N", 0, "rounds at the last look (30)", 0},
	{"max-time", KEY_TIME, "SECONDS", 0, "begin no round after that", 0},
	{"delta", KEY_DELTA, "SHARE", 0, "smaller changes do not count (2%; simulated: 0)", 0},
	{"alpha", KEY_ALPHA, "SHARE", 0, "of false alarms (5%)", 0},
	{"max-steal", KEY_STEAL, "SHARE", 0,
	 "of CPU time that the host may take; more makes it invalid (1%)", 0},
	{"max-foreign", KEY_FOREIGN, "SHARE", 0,
	 "of a CPU that other programs may use; more makes it invalid (25%; 100%: any)", 0},
	{"seed", KEY_SEED, "N", 0, "of the order in each round (drawn, and recorded)", 0},
	{"fail-on", KEY_FAIL_ON, "inconclusive", 0, "exit 11 where nothing can be told", 0},
	{0},
};

/* What the parser hands on. */
struct parse {
	struct ab_options *options;
	struct why *why;
	int err;
	bool started; /* an option was given that only a new comparison can have */
};

/* "2%" or "0.02". */
static int parse_share(struct parse *p, const char *text, double *share)
{
	char *end;

	*share = strtod(text, &end);
	if (end != text && !strcmp(end, "%"))
		*share /= 100;
	else if (end == text || *end || !isfinite(*share))
		return why_not(p->why, EINVAL, "not a share like 2%% or 0.02, with '%s'", text);
	return 0;
}

static int parse_rounds(struct parse *p, const char *text, unsigned *rounds)
{
	uint64_t number;
	int err = number_parse(text, 1, 100000, &number, p->why);

	if (!err)
		*rounds = number;
	return err;
}

static int parse_seconds(struct parse *p, const char *text, double *seconds)
{
	uint64_t number;
	int err = number_parse(text, 1, 100000000, &number, p->why);

	if (!err)
		*seconds = number;
	return err;
}

static int parse_fail_on(struct parse *p, const char *text)
{
	if (strcmp(text, "inconclusive"))
		return why_not(p->why, EINVAL, "it knows only inconclusive, not '%s'", text);
	p->options->fail_on_inconclusive = true;
	return 0;
}

static void take_name(struct ab_options *o, const char *text)
{
	free(o->name);
	o->name = xstrdup(text);
}

/* Options with a number. */
static int parse_number(struct parse *p, int key, char *arg)
{
	struct ab_options *o = p->options;

	switch (key) {
	case KEY_MIN:
		return parse_rounds(p, arg, &o->rule.min_rounds);
	case KEY_MAX:
		return parse_rounds(p, arg, &o->rule.max_rounds);
	case KEY_EVERY:
		return parse_rounds(p, arg, &o->rule.look_every);
	case KEY_SEED:
		return number_parse(arg, 0, UINT64_MAX, &o->seed, p->why);
	case KEY_DELTA:
		return parse_share(p, arg, &o->rule.delta);
	case KEY_ALPHA:
		return parse_share(p, arg, &o->rule.alpha);
	case KEY_STEAL:
		return parse_share(p, arg, &o->rule.max_steal);
	case KEY_FOREIGN:
		return parse_share(p, arg, &o->rule.max_foreign);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Put the option's name in front of what is wrong with it. */
static int bad_option(struct parse *p, int key)
{
	const struct argp_option *option = argp_options;

	while (option->key != key)
		option++;
	return why_within(p->why, EINVAL, "--%s", option->name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	struct ab_options *o = p->options;
	int err = 0;

	if (p->err)
		return 0;
	switch (key) {
	case KEY_TIME:
		err = parse_seconds(p, arg, &o->max_s);
		break;
	case KEY_FAIL_ON:
		err = parse_fail_on(p, arg);
		break;
	case KEY_RESULTS:
		o->results = arg;
		break;
	case KEY_RESUME:
		o->resume = true;
		take_name(o, arg);
		break;
	case KEY_A:
	case KEY_B:
		o->overrides[key - KEY_A] = arg;
		break;
	case KEY_AA:
		o->aa = true;
		break;
	case 'c':
		o->config = arg;
		break;
	case 'n':
		take_name(o, arg);
		break;
	case KEY_PREP_A:
	case KEY_PREP_B:
		o->prep[key - KEY_PREP_A] = arg;
		break;
	case KEY_PFT:
		o->pft[0] = o->pft[1] = arg;
		break;
	case KEY_PFT_A:
	case KEY_PFT_B:
		o->pft[key - KEY_PFT_A] = arg;
		break;
	case KEY_METRIC:
		o->metric = arg;
		break;
	default:
		err = parse_number(p, key, arg);
		if (err == ARGP_ERR_UNKNOWN)
			return err;
	}
	p->started |=
		key != KEY_TIME && key != KEY_FAIL_ON && key != KEY_RESULTS && key != KEY_RESUME;
	p->err = err ? bad_option(p, key) : 0;
	return 0;
}

static char *default_name(const char *kind)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y%m%d-%H%M%S", gmtime_r(&now, &tm));
	return xasprintf("%s-%s", kind, text);
}

static int check(const struct parse *p, int next)
{
	struct ab_options *o = p->options;

	if (p->err)
		return p->err;
	if (next < o->argc)
		return why_not(p->why, EINVAL, "unexpected argument, with '%s'; see --help",
			       o->argv[next]);
	if (o->resume && p->started)
		return why_not(p->why, EINVAL,
			       "--resume goes on with '%s' as it is; only --results, --max-time "
			       "and --fail-on go with it",
			       o->name);
	if (o->aa && (o->overrides[1] || o->prep[1] || o->pft[0] != o->pft[1]))
		return why_not(p->why, EINVAL,
			       "--aa makes side b the same as side a; leave out --b, --prep-b and "
			       "--pft-b");
	if (!o->resume && !o->aa && !o->overrides[0] && !o->overrides[1] && !o->prep[0] &&
	    !o->prep[1] && o->pft[0] == o->pft[1])
		return why_not(p->why, EINVAL,
			       "both sides are the same; say what differs with --a and --b, "
			       "--prep-a and --prep-b or --pft-a and --pft-b, or use --aa");
	return 0;
}

/* What was not given; side b of --aa is what side a is. */
static void fill_in(struct ab_options *o, bool same_sides)
{
	if (same_sides)
		o->rule.min_rounds = o->rule.max_rounds;
	if (o->aa) {
		o->overrides[1] = o->overrides[0];
		o->prep[1] = o->prep[0];
		o->pft[1] = o->pft[0];
	}
	for (size_t i = 0; i < 2; i++) {
		o->overrides[i] = o->overrides[i] ? o->overrides[i] : "";
		o->prep[i] = o->prep[i] ? o->prep[i] : "";
	}
	if (!o->name)
		o->name = default_name(same_sides ? "calibrate" : "ab");
}

int ab_options_parse(struct ab_options *o, int argc, char **argv, bool same_sides, struct why *why)
{
	static const struct argp argp_ab = {
		argp_options,
		parse_option,
		"--a OVERRIDES --b OVERRIDES\n--aa\n--resume NAME",
		"Compare two variants in rounds whose order is drawn, until the verdict is clear. "
		"Exit 10: side b is worse; 11: nothing can be told, with --fail-on inconclusive; "
		"12: a step failed, or the host or other programs took too much of the rounds.",
		NULL,
		NULL,
		NULL};
	static const struct argp argp_calibrate = {
		argp_options,
		parse_option,
		"--max-rounds N\n--resume NAME",
		"Run the same twice in all rounds, to see what noise this machine makes, where it "
		"comes from, and what could be seen through it. The options are those of ab.",
		NULL,
		NULL,
		NULL};
	struct parse parse = {.options = o, .why = why};
	int next, err;

	*o = (struct ab_options){.results = "results",
				 .metric = "faults/sec",
				 .rule = {.delta = NAN,
					  .alpha = 0.05,
					  .min_rounds = 10,
					  .look_every = 5,
					  .max_rounds = 30,
					  .max_steal = 0.01,
					  .max_foreign = 0.25},
				 .seed = now_ns() ^ (uint64_t)getpid() << 32,
				 .aa = same_sides,
				 .argc = argc,
				 .argv = argv};
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(same_sides ? &argp_calibrate : &argp_ab, argc, argv, 0, &next, &parse))
		return why_not(why, EINVAL, "cannot read the command line");
	err = check(&parse, next);
	if (!err)
		fill_in(o, same_sides);
	return err;
}

void ab_options_release(struct ab_options *o)
{
	free(o->name);
	o->name = NULL;
}
