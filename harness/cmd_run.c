/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale run: carry out the sweep that a config describes, or go on with one that was stopped. */
#include <argp.h>
#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/say.h"
#include "common/topology.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/activity.h"
#include "harness/commands.h"
#include "harness/config.h"
#include "harness/exec.h"
#include "harness/machine.h"
#include "harness/meta.h"
#include "harness/mmtests.h"
#include "harness/noise.h"
#include "harness/pft_check.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/records.h"
#include "harness/result.h"
#include "harness/run_facts.h"
#include "harness/stop.h"
#include "harness/summary.h"

#define LOOK_MS 200 /* between two looks at a machine that should be at rest */

struct options {
	const char *config, *name, *results, *resume, *pft;
	char **sets;
	size_t nr_sets, cap_sets;
	bool usage; /* --time */
	bool retry_failed;
	int argc;
	char **argv;
};

/* All that a run needs. */
struct session {
	struct options *options;
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

enum { KEY_RESULTS = 0x100, KEY_SET, KEY_ORDER, KEY_RESUME, KEY_PFT, KEY_TIME, KEY_RETRY };

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
	{0},
};

static void add_set(struct options *o, char *owned)
{
	XGROW(o->sets, o->nr_sets, o->cap_sets);
	o->sets[o->nr_sets++] = owned;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

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
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void check_options(const struct options *o, int next)
{
	if (next < o->argc)
		die(EXIT_USAGE, "unexpected argument, with '%s'; see --help", o->argv[next]);
	if (o->resume && (o->config || o->name || o->nr_sets))
		die(EXIT_USAGE,
		    "--resume goes on with the plan of '%s' as it is; leave out --config, "
		    "--name, --set and --order",
		    o->resume);
	if (!o->resume && o->retry_failed)
		die(EXIT_USAGE, "--retry-failed needs a run to go on with: --resume NAME");
	if (!o->resume && !o->config)
		die(EXIT_USAGE,
		    "no config; name one with --config FILE, for instance configs/smoke");
	if (!o->resume && !o->name)
		die(EXIT_USAGE, "the run has no name; give it one with --name NAME");
}

/* The program that --pft names, or the pft that lies beside this one. */
static char *find_pft(const struct options *o)
{
	char *pft = o->pft ? xstrdup(o->pft) : pft_beside();

	if (!pft)
		die(EXIT_FAILED, "cannot find this program's own path: %s", strerror(errno));
	if (access(pft, X_OK))
		die(EXIT_USAGE,
		    "cannot run '%s': %s; build it with make, or name it with --pft PATH", pft,
		    strerror(errno));
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
	struct options *o = s->options;
	char *ignored;
	struct config config;
	struct why why = WHY_INIT;
	int err = 0;

	config_init(&config, &s->topology);
	for (size_t i = 0; i < o->nr_sets && !err; i++)
		err = config_set(&config, o->sets[i], &why);
	if (!err)
		err = config_read(&config, o->config, &why);
	if (!err)
		err = plan_init(&s->plan, &config, &s->topology, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
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
	meta_add(facts, "topology", "%s", s->topology.text);
	meta_add(facts, "cpus", "packages %u, nodes %u, cores %u, CPUs %u", s->topology.nr_packages,
		 s->topology.nr_nodes, s->topology.nr_cores, s->topology.nr_cpus);
	activity_look(&s->at_rest, "");
	stop_sleep(&s->stop, LOOK_MS);
	activity_look(&later, "");
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

static void new_run(struct session *s)
{
	struct options *o = s->options;
	struct meta facts = {0};
	struct why why = WHY_INIT;
	char *xml;
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
	err = result_create(&s->result, o->results, o->name, &s->plan, &s->meta, &why);
	if (err)
		die(code_of(err), "%s", why.text);
	s->before.done = xcalloc(s->plan.nr_steps + 1, sizeof(*s->before.done));
	xml = result_path(&s->result, "topology.xml");
	if (hwloc_topology_export_xml(s->topology.hwloc, xml, 0))
		warn("cannot write '%s'", xml);
	free(xml);
}

/* Read the run back and compare it with this machine. */
static void reopen(struct session *s)
{
	struct options *o = s->options;
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
		err = result_recover(&s->result, &s->plan, &s->before, &why);
	if (err)
		die(code_of(err), "%s", why.text);
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
	text = noise_stolen(&s->at_rest, &end);
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
			 .done = s->before.done};
	size_t nr_failed;
	int err, err_out;
	char *resume;

	progress_init(&progress, stderr, &s->plan, e.done);
	err = exec_run(&e, &why);
	nr_failed = s->before.nr_failed + e.nr_failures;
	add_end_facts(s, !err ? "complete" : err == -EINTR ? "interrupted" : "failed", nr_failed);
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
	summary_next(stdout, s->name, s->options->results,
		     s->before.nr_done - s->before.nr_failed, s->before.nr_failed);
	return s->before.nr_failed ? EXIT_FAILED : EXIT_GOOD;
}

/* Returns the exit code, whether or not there was anything left to do. */
static int run_session(struct session *s)
{
	struct options *o = s->options;

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

static void session_release(struct session *s)
{
	for (size_t i = 0; i < s->options->nr_sets; i++)
		free(s->options->sets[i]);
	free(s->options->sets);
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
	static const struct argp argp = {
		argp_options,
		parse_option,
		"--config FILE --name NAME\n--resume NAME",
		"Run the sweep that a config describes: one pft process per step, its samples in "
		"DIR/NAME as soon as it ends.",
		NULL,
		NULL,
		NULL};
	struct options options = {.results = "results", .argc = argc, .argv = argv};
	struct session s = {.options = &options, .result = {.dir_fd = -1, .samples_fd = -1}};
	struct why why = WHY_INIT;
	int next, code;

	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, &next, &options))
		return EXIT_USAGE;
	check_options(&options, next);
	s.name = options.resume ? options.resume : options.name;
	s.pft = find_pft(&options);
	if (topology_init(&s.topology, NULL, &why) || stop_init(&s.stop, &why))
		die(EXIT_FAILED, "%s", why.text);
	code = run_session(&s);
	session_release(&s);
	return code;
}
