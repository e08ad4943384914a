/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale ab: two variants in randomised rounds until the verdict is clear. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/ab.h"
#include "harness/ab_options.h"
#include "harness/ab_rounds.h"
#include "harness/activity.h"
#include "harness/commands.h"
#include "harness/config.h"
#include "harness/machine.h"
#include "harness/mmtests.h"
#include "harness/noise.h"
#include "harness/pft_check.h"
#include "harness/records.h"
#include "harness/run_facts.h"
#include "harness/simulated.h"

#define LOOK_MS 200 /* between two looks at a machine that should be at rest */

struct session {
	struct ab_options *options;
	struct ab ab;
	struct stop stop;
	struct activity at_rest; /* the look before the first step */
	char *ignored[2]; /* what the sides' configs set and nobody reads, NULL: nothing */
};

/* Leave for @err: what is wrong with names, plans and configs is for a person to mend. */
static _Noreturn void give_up(int err, const struct why *why)
{
	bool input = err == -EINVAL || err == -EEXIST || err == -ENOENT || err == -ERANGE;

	die(input ? EXIT_USAGE : EXIT_FAILED, "%s", why->text);
}

/* The config of a side: its overrides, then what rounds need, then the file. */
static int read_words(struct config *config, const struct session *s, size_t side, char **sets,
		      size_t nr_sets, struct why *why)
{
	char *iterations = xasprintf("PFT_ITERATIONS=%u", s->ab.rule.max_rounds);
	const char *const needed[] = {"MMTEST_ITERATIONS=1", "PFT_ORDER=interleaved", iterations};
	const char *const where[] = {"--a", "--b"};
	int err = 0;

	config_init(config, &s->ab.sides[side].topology);
	for (size_t i = 0; i < nr_sets && !err; i++)
		err = config_set_as(config, where[side], sets[i], why);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && !err; i++)
		err = config_set_as(config, "--max-rounds", needed[i], why);
	free(iterations);
	if (!err && s->options->config)
		err = config_read(config, s->options->config, why);
	return err;
}

static int read_config(struct config *config, struct session *s, size_t side, char **sets,
		       size_t nr_sets, struct why *why)
{
	int err = read_words(config, s, side, sets, nr_sets, why);

	if (!err)
		err = simulated_take_machine(config, &s->ab.sides[side].topology, why);
	if (err <= 0)
		return err;
	config_release(config);
	return read_words(config, s, side, sets, nr_sets, why);
}

static void plan_side(struct session *s, size_t which)
{
	struct ab_side *side = &s->ab.sides[which];
	struct config config;
	struct why why = WHY_INIT;
	char **sets;
	size_t nr_sets;

	if (ab_overrides(s->options->overrides[which], &sets, &nr_sets, &why))
		die(EXIT_USAGE, "--%c: %s", "ab"[which], why.text);
	if (read_config(&config, s, which, sets, nr_sets, &why) ||
	    plan_init(&side->plan, &config, &side->topology, &why))
		die(EXIT_USAGE, "%s", why.text);
	/* What first touches memory that the host has not backed is slow: never the first round. */
	if (!side->plan.warmup && !simulated_is(&side->plan))
		side->plan.warmup = 1;
	side->pft = pft_find(s->options->pft[which], simulated_program(&side->plan), &why);
	if (!side->pft)
		die(EXIT_USAGE, "%s", why.text);
	if (pft_check(&side->plan, &config, side->pft, side->topology.nr_cpus, &s->stop, &why))
		die(EXIT_USAGE, "side %c: %s", "ab"[which], why.text);
	s->ignored[which] = config_ignored(&config);
	run_facts_config(&side->meta, &config, sets, nr_sets, &side->plan);
	config_words_free(sets, nr_sets);
	config_release(&config);
}

/* The facts of this machine, which are those of both sides. */
static void look_at_machine(struct session *s, struct meta *facts)
{
	struct activity later;
	long nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);

	machine_facts(facts, "");
	activity_release(&s->at_rest);
	activity_look(&s->at_rest, "");
	if (s->ab.rule.exact)
		return;
	stop_sleep(&s->stop, LOOK_MS);
	activity_look(&later, "");
	noise_before(facts, "", &s->at_rest, &later, nr_cpus > 0 ? (unsigned)nr_cpus : 1, true);
	activity_release(&s->at_rest);
	s->at_rest = later;
}

static void create_side(struct session *s, struct ab_side *side, const struct meta *facts)
{
	struct why why = WHY_INIT;
	int err;

	run_facts_versions(&side->meta, side->pft, &s->stop);
	run_facts_topology(&side->meta, &side->topology);
	for (size_t i = 0; i < facts->nr; i++)
		meta_add(&side->meta, facts->facts[i].key, "%s", facts->facts[i].value);
	side->before.done = xcalloc(side->plan.nr_steps + 1, sizeof(*side->before.done));
	err = result_create(&side->result, s->options->results, side->name, &side->plan,
			    &side->meta, &why);
	if (err)
		give_up(err, &why);
	if (result_keep_topology(&side->result, &side->topology, &why))
		warn("%s", why.text);
}

/* Ask the judge about nothing, so that a rule that cannot be is refused before anything runs. */
static void check_rule(const struct ab *ab)
{
	struct rounds none;
	struct judgement judgement;
	struct why why = WHY_INIT;

	rounds_init(&none, ab->metric);
	if (ab->judge->look(&ab->rule, &none, false, &judgement, &why))
		die(EXIT_USAGE, "%s", why.text);
	free(judgement.report);
	free(judgement.table);
	rounds_release(&none);
}

/* What both sides set comes from the config that they share, and is told once. */
static void tell_ignored(struct session *s)
{
	bool shared = s->ignored[0] && s->ignored[1] && !strcmp(s->ignored[0], s->ignored[1]);

	if (shared)
		warn("'%s' sets what means nothing here: %s",
		     s->options->config ? s->options->config : "--a", s->ignored[0]);
	for (size_t i = 0; i < 2; i++) {
		if (s->ignored[i] && !shared)
			warn("side %c sets what means nothing here: %s", "ab"[i], s->ignored[i]);
		free(s->ignored[i]);
	}
}

static char *plan_text(const struct plan *plan)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	plan_print(plan, out);
	fclose(out);
	return text;
}

/* Overrides may say what the config says anyway; the verdict would be about nothing. */
static void check_sides(const struct ab *ab)
{
	const struct ab_side *a = &ab->sides[0], *b = &ab->sides[1];
	char *steps_a = plan_text(&a->plan), *steps_b = plan_text(&b->plan);

	if (!strcmp(steps_a, steps_b) && !strcmp(a->pft, b->pft) && !strcmp(a->prep, b->prep))
		die(EXIT_USAGE, "both sides run the same steps: what --a and --b say changes "
				"nothing; let them differ, or use --aa");
	free(steps_a);
	free(steps_b);
}

/* Work out both sides' plans, and the rule, which depends on whether there will be any noise. */
static void plan(struct session *s)
{
	struct ab_options *o = s->options;
	struct ab *ab = &s->ab;
	struct why why = WHY_INIT;

	ab->rule = o->rule;
	for (size_t i = 0; i < 2; i++) {
		run_facts_command(&ab->sides[i].meta, ab->sides[i].name, o->argc, o->argv);
		run_facts_time(&ab->sides[i].meta, "started");
		plan_side(s, i);
	}
	if (ab_rounds_match(&ab->sides[0].plan, &ab->sides[1].plan, &why))
		die(EXIT_USAGE, "%s", why.text);
	tell_ignored(s);
	if (!o->aa)
		check_sides(ab);
	ab->rule.exact = simulated_is(&ab->sides[0].plan);
	if (ab->rule.exact && ab->judge->same_sides)
		die(EXIT_USAGE, "a simulated machine makes no noise; leave out PFT_MACHINE");
	if (isnan(ab->rule.delta))
		ab->rule.delta = ab->rule.exact ? 0 : 0.02;
	check_rule(ab);
}

static void start(struct session *s)
{
	struct ab_options *o = s->options;
	struct ab *ab = &s->ab;
	struct meta facts = {0};
	struct why why = WHY_INIT;
	int err;

	ab->seed = o->seed;
	ab->metric = xstrdup(o->metric);
	for (size_t i = 0; i < 2; i++) {
		ab->sides[i].prep = xstrdup(o->prep[i]);
		err = result_check_new(o->results, ab->sides[i].name, &why);
		if (err == -EEXIST)
			why_not(&why, EEXIST,
				"the comparison '%s' has '%s/%s' already; choose another --name, "
				"go on by --resume %s, or remove the directories of its sides",
				o->name, o->results, ab->sides[i].name, o->name);
		if (err)
			give_up(err, &why);
	}
	plan(s);
	look_at_machine(s, &facts);
	for (size_t i = 0; i < facts.nr; i++)
		if (!strcmp(facts.facts[i].key, "warning"))
			warn("%s", facts.facts[i].value);
	for (size_t i = 0; i < 2; i++) {
		ab_facts(ab, i, &ab->sides[i].meta);
		create_side(s, &ab->sides[i], &facts);
	}
	meta_release(&facts);
}

static void open_side(struct session *s, struct ab_side *side)
{
	const struct ab_options *o = s->options;
	struct why why = WHY_INIT;
	int err = result_open(&side->result, o->results, side->name, &why);

	if (err == -ENOENT && side == &s->ab.sides[0])
		why_not(&why, ENOENT,
			"there is no comparison '%s', for there is no '%s/%s'; --resume takes the "
			"name without -a or -b",
			o->name, o->results, side->name);
	else if (err == -ENOENT)
		why_not(&why, ENOENT,
			"there is '%s/%s', but not its other side '%s': start again with another "
			"--name, or remove that directory first",
			o->results, s->ab.sides[0].name, side->name);
	if (err)
		give_up(err, &why);
}

/* Read a side back. */
static void reopen_side(struct session *s, struct ab_side *side)
{
	char *plan, *meta;
	struct why why = WHY_INIT;
	int err;

	open_side(s, side);
	plan = result_path(&side->result, "plan.tsv");
	meta = result_path(&side->result, "meta.tsv");
	err = plan_read(&side->plan, plan, &why);
	if (!err)
		err = meta_read(&side->meta, meta, &why);
	if (!err)
		err = run_facts_settings(&side->meta, &side->plan, &why);
	if (!err)
		err = simulated_restore(&side->plan, &side->topology, &why);
	if (!err)
		err = result_recover(&side->result, &side->plan, &side->before, &why);
	if (err)
		give_up(err, &why);
	free(plan);
	free(meta);
}

/* The same machine and program, and its failed steps once more. */
static void go_on_side(struct session *s, struct ab_side *side)
{
	char *path = result_path(&side->result, "meta.tsv");
	struct meta facts = {0};
	struct why why = WHY_INIT;
	int err;

	run_facts_versions(&facts, side->pft, &s->stop);
	run_facts_topology(&facts, &side->topology);
	look_at_machine(s, &facts);
	if (machine_same(&side->meta, &facts, &why))
		die(EXIT_USAGE, "cannot go on with '%s': %s", side->result.dir, why.text);
	meta_release(&facts);
	if (side->before.nr_failed) {
		meta_add(&side->meta, "retried_steps", "%zu", side->before.nr_failed);
		err = result_drop_failed(&side->result, &side->plan, &side->before, &why);
		if (err)
			give_up(err, &why);
	}
	meta_drop(&side->meta, "status");
	meta_drop(&side->meta, "ended");
	run_facts_time(&side->meta, "resumed");
	err = meta_write(&side->meta, path, &why);
	if (err)
		give_up(err, &why);
	free(path);
}

static void resume(struct session *s)
{
	struct ab *ab = &s->ab;
	struct why why = WHY_INIT;
	int err;

	for (size_t i = 0; i < 2; i++)
		reopen_side(s, &ab->sides[i]);
	err = ab_settings(ab, &why);
	if (!err)
		err = ab_rounds_match(&ab->sides[0].plan, &ab->sides[1].plan, &why);
	if (err)
		give_up(err, &why);
	check_rule(ab);
	if (!ab->rule.exact && !meta_get(&ab->sides[0].meta, "ab_max_foreign"))
		warn("'%s' was begun before there were guards: what the host and other programs "
		     "take of its rounds is not judged",
		     s->options->name);
	for (size_t i = 0; i < 2; i++)
		go_on_side(s, &ab->sides[i]);
	fprintf(stderr, "%s: going on with '%s', %zu steps are done\n", say_name(),
		s->options->name, ab->sides[0].before.nr_done + ab->sides[1].before.nr_done);
}

/* mmtests' layout and how it ended, of each side. */
static int close_sides(struct session *s, const char *status, struct why *why)
{
	char *now = run_facts_now(), *stolen;
	struct activity end;
	int err = 0;

	activity_look(&end, "");
	stolen = s->ab.rule.exact ? NULL : noise_stolen(&s->at_rest, &end);
	if (stolen)
		warn("%s", stolen);
	for (size_t i = 0; i < 2; i++) {
		struct ab_side *side = &s->ab.sides[i];
		char *samples = result_path(&side->result, "samples.tsv");
		char *meta = result_path(&side->result, "meta.tsv");
		struct records records;

		if (stolen)
			meta_append(meta, "warning", stolen, NULL);
		meta_append(meta, "ended", now, NULL);
		meta_append(meta, "status", status, NULL);
		if (!err)
			err = records_read(&records, &side->plan, samples, why);
		if (!err) {
			err = mmtests_write(side->result.dir, &side->plan, &records, why);
			records_release(&records);
		}
		free(samples);
		free(meta);
	}
	activity_release(&end);
	free(stolen);
	free(now);
	return err;
}

static int code_of(const struct session *s)
{
	switch (s->ab.judgement.verdict) {
	case VERDICT_REGRESSION:
		return EXIT_REGRESSION;
	case VERDICT_INVALID:
		return EXIT_INVALID;
	case VERDICT_INCONCLUSIVE:
		return s->options->fail_on_inconclusive ? EXIT_INCONCLUSIVE : EXIT_GOOD;
	default:
		return EXIT_GOOD;
	}
}

/* Returns the exit code. */
static int carry_out(struct session *s)
{
	struct ab *ab = &s->ab;
	struct why why = WHY_INIT, why_out = WHY_INIT;
	int err, err_out, code;

	ab_ready(ab);
	err = ab_run(ab, &why);
	err_out = close_sides(s,
			      !err	      ? "complete"
			      : err == -EINTR ? "interrupted"
					      : "failed",
			      &why_out);
	if (err) {
		fprintf(stderr, "%s: %s; go on with: faultscale ab --results %s --resume %s\n",
			say_name(), err == -EINTR ? "interrupted" : why.text, s->options->results,
			s->options->name);
		return EXIT_FAILED;
	}
	if (err_out)
		die(EXIT_FAILED, "%s", why_out.text);
	code = code_of(s);
	fputs(ab->judgement.report, stdout);
	if (s->options->aa && !ab->judge->same_sides)
		printf("both sides are the same: %s\n",
		       ab->rule.exact ? "any change is a fault of the simulator"
				      : "a regression or an improvement is a false alarm");
	printf("exit %d; faultscale compare -d %s %s %s\n", code, s->options->results,
	       ab->sides[0].name, ab->sides[1].name);
	return code;
}

int cmd_ab(int argc, char **argv, const struct judge *judge)
{
	struct ab_options options;
	struct session s = {.options = &options, .ab = {.judge = judge, .out = stderr}};
	struct why why = WHY_INIT;
	int code;

	if (ab_options_parse(&options, argc, argv, judge->same_sides, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (stop_init(&s.stop, &why))
		die(EXIT_FAILED, "%s", why.text);
	s.ab.stop = &s.stop;
	s.ab.max_s = options.max_s;
	for (size_t i = 0; i < 2; i++) {
		s.ab.sides[i].name = xasprintf("%s-%c", options.name, "ab"[i]);
		s.ab.sides[i].result = (struct result){.dir_fd = -1, .samples_fd = -1};
		if (topology_init(&s.ab.sides[i].topology, NULL, &why))
			die(EXIT_FAILED, "%s", why.text);
	}
	if (options.resume)
		resume(&s);
	else
		start(&s);
	code = carry_out(&s);
	ab_release(&s.ab);
	activity_release(&s.at_rest);
	stop_release(&s.stop);
	ab_options_release(&options);
	return code;
}
