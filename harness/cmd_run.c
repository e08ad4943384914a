/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale run: carry out the sweep that a config describes, or go on with one that was stopped. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/meta.h"
#include "common/say.h"
#include "common/topology.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/activity.h"
#include "harness/cmd_sample.h"
#include "harness/commands.h"
#include "harness/config.h"
#include "harness/exec.h"
#include "harness/explain.h"
#include "harness/machine.h"
#include "harness/mmtests.h"
#include "harness/noise.h"
#include "harness/pft_check.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/records.h"
#include "harness/result.h"
#include "harness/run_facts.h"
#include "harness/run_options.h"
#include "harness/simulated.h"
#include "harness/stop.h"
#include "harness/summary.h"

#define LOOK_MS 200 /* between two looks at a machine that should be at rest */

/* All that a run needs. */
struct session {
	struct run_options *options;
	const char *name;
	char *pft;
	struct stop stop;
	struct topology topology;
	struct plan plan;
	struct meta meta;
	struct result result;
	struct result_progress before;
	struct activity at_rest; /* the look before the first step */
};

/* The program that --pft names, or the one that lies beside this one. */
static char *find_pft(const struct run_options *o, const struct plan *plan)
{
	struct why why = WHY_INIT;
	char *pft = pft_find(o->pft, simulated_program(plan), &why);

	if (!pft)
		die(EXIT_USAGE, "%s", why.text);
	return pft;
}

/* What is wrong with the run's directory, the plan or the config is for a person to mend; the rest
 * is the machine's. */
static enum exit_code code_of(int err)
{
	switch (err) {
	case -EINVAL:
	case -EEXIST:
	case -ENOENT:
	case -ERANGE:
		return EXIT_USAGE;
	default:
		return EXIT_FAILED;
	}
}

static void plan_from_config(struct session *s)
{
	struct run_options *o = s->options;
	char *ignored;
	struct config config;
	struct why why = WHY_INIT;
	int err = simulated_read_config(&config, &s->topology, o->sets, o->nr_sets, o->config,
					&why);

	if (!err)
		err = plan_init(&s->plan, &config, &s->topology, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	s->pft = find_pft(o, &s->plan);
	err = pft_check(&s->plan, &config, s->pft, s->topology.nr_cpus, &s->stop, &why);
	if (err)
		die(code_of(err), "%s", why.text);
	ignored = config_ignored(&config);
	if (ignored)
		warn("'%s' sets what means nothing here: %s", config.path, ignored);
	free(ignored);
	run_facts_config(&s->meta, &config, o->sets, o->nr_sets, &s->plan);
	config_release(&config);
}

static bool prefaults(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nr_cells; i++)
		if (!strstr(plan->cells[i].extra, "--prefault"))
			return false;
	return true;
}

/* The facts of the programs and the machine, and what is bad about it for this plan. */
static void look_at_machine(struct session *s, struct meta *facts)
{
	struct activity later;
	long nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);

	run_facts_versions(facts, s->pft, &s->stop);
	machine_facts(facts, "");
	run_facts_topology(facts, &s->topology);
	activity_look(&s->at_rest, "");
	stop_sleep(&s->stop, LOOK_MS);
	activity_look(&later, "");
	if (!simulated_is(&s->plan))
		noise_before(facts, "", &s->at_rest, &later, nr_cpus > 0 ? (unsigned)nr_cpus : 1,
			     prefaults(&s->plan));
	activity_release(&s->at_rest);
	s->at_rest = later;
}

static bool is_known(const struct meta *meta, const char *warning)
{
	for (size_t i = 0; i < meta->nr; i++)
		if (!strcmp(meta->facts[i].key, "warning") &&
		    !strcmp(meta->facts[i].value, warning))
			return true;
	return false;
}

/* Take over the warnings that the run does not know yet, and tell them. */
static void tell_warnings(struct meta *meta, const struct meta *facts)
{
	for (size_t i = 0; i < facts->nr; i++) {
		if (strcmp(facts->facts[i].key, "warning") || is_known(meta, facts->facts[i].value))
			continue;
		meta_add(meta, "warning", "%s", facts->facts[i].value);
		warn("%s", facts->facts[i].value);
	}
}

/* Those of --fact, KEY=VALUE as the options have checked, behind the run's own. */
static void add_facts(struct meta *meta, char *const *facts, size_t nr)
{
	size_t nr_own = meta->nr;

	for (size_t i = 0; i < nr; i++) {
		const char *value = strchr(facts[i], '=');
		char *key = xstrndup(facts[i], (size_t)(value - facts[i]));

		for (size_t j = 0; j < nr_own; j++)
			if (!strcmp(meta->facts[j].key, key))
				die(EXIT_USAGE, "--fact: '%s' is a fact of the run's own", key);
		meta_add(meta, key, "%s", value + 1);
		free(key);
	}
}

static void new_run(struct session *s)
{
	struct run_options *o = s->options;
	struct meta facts = {0};
	struct why why = WHY_INIT;
	int err = result_check_new(o->results, o->name, &why);

	if (err)
		die(EXIT_USAGE, "%s", why.text);
	run_facts_command(&s->meta, o->name, o->argc, o->argv);
	run_facts_time(&s->meta, "started");
	plan_from_config(s);
	look_at_machine(s, &facts);
	for (size_t i = 0; i < facts.nr; i++)
		if (strcmp(facts.facts[i].key, "warning"))
			meta_add(&s->meta, facts.facts[i].key, "%s", facts.facts[i].value);
	tell_warnings(&s->meta, &facts);
	meta_release(&facts);
	add_facts(&s->meta, o->facts, o->nr_facts);
	err = result_create(&s->result, o->results, o->name, &s->plan, &s->meta, &why);
	if (err)
		die(code_of(err), "%s", why.text);
	s->before.done = xcalloc(s->plan.nr_steps + 1, sizeof(*s->before.done));
	if (result_keep_topology(&s->result, &s->topology, &why))
		warn("%s", why.text);
}

/* Read the run back and compare it with this machine. */
static void reopen(struct session *s)
{
	struct run_options *o = s->options;
	char *plan_path, *meta_path;
	struct why why = WHY_INIT;
	int err = result_open(&s->result, o->results, o->resume, &why);

	if (err)
		die(code_of(err), "%s", why.text);
	plan_path = result_path(&s->result, "plan.tsv");
	meta_path = result_path(&s->result, "meta.tsv");
	err = plan_read(&s->plan, plan_path, &why);
	if (!err)
		err = meta_read(&s->meta, meta_path, &why);
	if (!err)
		err = run_facts_settings(&s->meta, &s->plan, &why);
	if (!err)
		err = simulated_restore(&s->plan, &s->topology, &why);
	if (!err)
		err = result_recover(&s->result, &s->plan, &s->before, &why);
	if (err)
		die(code_of(err), "%s", why.text);
	s->pft = find_pft(o, &s->plan);
	free(plan_path);
	free(meta_path);
}

static void go_on(struct session *s)
{
	struct meta facts = {0};
	struct why why = WHY_INIT;
	char *path = result_path(&s->result, "meta.tsv");
	int err;

	look_at_machine(s, &facts);
	err = machine_same(&s->meta, &facts, &why);
	if (err)
		die(EXIT_USAGE, "cannot go on with '%s': %s", s->result.dir, why.text);
	if (s->options->retry_failed && s->before.nr_failed) {
		meta_add(&s->meta, "retried_steps", "%zu", s->before.nr_failed);
		err = result_drop_failed(&s->result, &s->plan, &s->before, &why);
		if (err)
			die(EXIT_FAILED, "%s", why.text);
	}
	tell_warnings(&s->meta, &facts);
	meta_release(&facts);
	meta_drop(&s->meta, "status");
	meta_drop(&s->meta, "ended");
	meta_drop(&s->meta, "failed_steps");
	run_facts_time(&s->meta, "resumed");
	err = meta_write(&s->meta, path, &why);
	if (err)
		die(EXIT_FAILED, "%s", why.text);
	fprintf(stderr, "%s: going on with '%s', %zu of %zu steps are done\n", say_name(),
		s->result.dir, s->before.nr_done, s->plan.nr_steps);
	free(path);
}

/* mmtests' layout, and what --time asks for, both out of samples.tsv. Returns 0 or -errno. */
static int write_out(struct session *s, struct why *why)
{
	char *path = result_path(&s->result, "samples.tsv");
	struct records records;
	int err = records_read(&records, &s->plan, path, why);

	free(path);
	if (err)
		return err;
	err = mmtests_write(s->result.dir, &s->plan, &records, why);
	if (s->options->usage)
		records_print_usage(&records, &s->plan, stdout);
	records_release(&records);
	return err;
}

static void add_end_facts(struct session *s, const char *status, size_t nr_failed)
{
	char *path = result_path(&s->result, "meta.tsv"), *now = run_facts_now(), *text;
	struct activity end;

	activity_look(&end, "");
	text = simulated_is(&s->plan) ? NULL : noise_stolen(&s->at_rest, &end);
	if (text) {
		warn("%s", text);
		meta_append(path, "warning", text, NULL);
	}
	free(text);
	activity_release(&end);
	if (nr_failed) {
		text = xasprintf("%zu", nr_failed);
		meta_append(path, "failed_steps", text, NULL);
		free(text);
	}
	meta_append(path, "ended", now, NULL);
	meta_append(path, "status", status, NULL);
	free(now);
	free(path);
}

/* Run the steps that are left. Returns the exit code. */
static int carry_out(struct session *s)
{
	struct progress progress;
	struct why why = WHY_INIT, why_out = WHY_INIT;
	uint64_t start = now_ns();
	struct exec e = {.plan = &s->plan,
			 .result = &s->result,
			 .pft = s->pft,
			 .nr_cpus = s->topology.nr_cpus,
			 .stop = &s->stop,
			 .progress = &progress,
			 .done = s->before.done,
			 .max_iterations = s->options->max_iterations,
			 .checkpoint_fd = s->options->checkpoint_fd};
	size_t nr_failed;
	bool all;
	int err, err_out;
	char *resume;

	progress_init(&progress, stderr, &s->plan, e.done);
	err = exec_run(&e, &why);
	nr_failed = s->before.nr_failed + e.nr_failures;
	all = s->before.nr_done + e.nr_done == s->plan.nr_steps;
	add_end_facts(s,
		      !err && all	      ? "complete"
		      : !err || err == -EINTR ? "interrupted"
					      : "failed",
		      nr_failed);
	err_out = write_out(s, &why_out);
	summary_failures(stderr, say_name(), &e);
	resume = summary_resume(s->name, s->options->results);
	if (err == -EINTR)
		fprintf(stderr, "%s: interrupted; go on with: %s\n", say_name(), resume);
	else if (err)
		fprintf(stderr, "%s: %s; mend it and go on with: %s\n", say_name(), why.text,
			resume);
	free(resume);
	if (err_out && !err)
		fprintf(stderr, "%s: %s\n", say_name(), why_out.text);
	summary_end(stdout, &e, s->before.nr_done, nr_failed, (double)(now_ns() - start) / 1e9);
	if (!err)
		summary_next(stdout, s->name, s->options->results,
			     s->before.nr_done + e.nr_done - nr_failed, nr_failed);
	exec_release(&e);
	return err || err_out || nr_failed ? EXIT_FAILED : EXIT_GOOD;
}

/* What the probes could not do, a line for each. */
static void tell_probes(const struct explain *x)
{
	for (size_t i = 0; i < x->probes.nr; i++)
		if (!x->probes.probes[i].object)
			warn("no probe '%s': %s", x->probes.probes[i].ops->name,
			     x->probes.probes[i].why.text);
	if (x->probes.nr_attached && *x->probes.blind.text)
		warn("no names in kernel stacks: %s", x->probes.blind.text);
}

/* The explained steps, behind the measured ones. Returns the exit code. */
static int explain(struct session *s)
{
	struct progress progress;
	struct why why = WHY_INIT;
	struct explain x;
	int err = explain_init(&x, &s->plan, s->options->explained, s->options->probes, &s->result,
			       &why);

	x.pft = s->pft;
	x.nr_cpus = s->topology.nr_cpus;
	x.stop = &s->stop;
	x.progress = &progress;
	progress_init(&progress, stderr, &x.plan, NULL);
	tell_probes(&x);
	if (!err && x.probes.nr_attached)
		err = explain_run(&x, &why);
	if (x.nr_failed)
		warn("%zu of %zu explained steps failed, the first one: %s", x.nr_failed, x.nr_done,
		     x.failure.text);
	if (!err && x.probes.nr_attached)
		printf("%s: %zu explained steps, %zu failed\n", s->result.dir, x.nr_done,
		       x.nr_failed);
	err = explain_release(&x, err ? NULL : &why) ? -EIO : err;
	if (err)
		fprintf(stderr, "%s: %s\n", say_name(), why.text);
	return err || x.nr_failed ? EXIT_FAILED : EXIT_GOOD;
}

/* The sampled steps. Returns the exit code. */
static int sample(struct session *s)
{
	struct sampling sampling = {.plan = &s->plan,
				    .result = &s->result,
				    .pft = s->pft,
				    .nr_cpus = s->topology.nr_cpus,
				    .stop = &s->stop};

	return cmd_sample(&sampling, s->options->sample);
}

/* A run whose steps are all done. A kill after the last of them leaves the rest to be written. */
static int close_run(struct session *s)
{
	struct why why = WHY_INIT;

	if (!meta_get(&s->meta, "status"))
		add_end_facts(s, "complete", s->before.nr_failed);
	if (write_out(s, &why))
		die(EXIT_FAILED, "%s", why.text);
	printf("%s is complete: %zu steps, %zu failed; nothing to do\n", s->result.dir,
	       s->before.nr_done, s->before.nr_failed);
	summary_next(stdout, s->name, s->options->results, s->before.nr_done - s->before.nr_failed,
		     s->before.nr_failed);
	return s->before.nr_failed ? EXIT_FAILED : EXIT_GOOD;
}

/* Returns the exit code, whether or not there was anything left to measure. */
static int measure(struct session *s)
{
	struct run_options *o = s->options;

	if (!o->resume) {
		new_run(s);
		return carry_out(s);
	}
	reopen(s);
	if (s->before.dropped)
		fprintf(stderr, "%s: dropped %lld bytes of a step that was cut off\n", say_name(),
			(long long)s->before.dropped);
	if (s->before.nr_done < s->plan.nr_steps || (o->retry_failed && s->before.nr_failed)) {
		go_on(s);
		return carry_out(s);
	}
	return close_run(s);
}

static int run_session(struct session *s)
{
	int code = measure(s), explained = EXIT_GOOD, sampled = EXIT_GOOD;

	if (s->options->explain && !s->stop.asked)
		explained = explain(s);
	if (s->options->sample && !s->stop.asked)
		sampled = sample(s);
	if (!code)
		code = explained;
	return code ? code : sampled;
}

static void session_release(struct session *s)
{
	run_options_release(s->options);
	free(s->pft);
	free(s->before.done);
	activity_release(&s->at_rest);
	result_release(&s->result);
	meta_release(&s->meta);
	plan_release(&s->plan);
	topology_release(&s->topology);
	stop_release(&s->stop);
}

int cmd_run(int argc, char **argv)
{
	struct run_options options;
	struct session s = {.options = &options, .result = {.dir_fd = -1, .samples_fd = -1}};
	struct why why = WHY_INIT;
	int code;

	if (run_options_parse(&options, argc, argv, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (options.sample)
		cmd_sample_check(options.sample);
	if (options.explain && probe_set_check(options.probes, &why))
		die(EXIT_USAGE, "%s", why.text);
	s.name = options.resume ? options.resume : options.name;
	if (topology_init(&s.topology, NULL, &why) || stop_init(&s.stop, &why))
		die(EXIT_FAILED, "%s", why.text);
	code = run_session(&s);
	session_release(&s);
	return code;
}
