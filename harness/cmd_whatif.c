/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale whatif: simulate lock designs on a machine that is not here. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/config.h"
#include "harness/jobs.h"
#include "harness/mmtests.h"
#include "harness/pft_check.h"
#include "harness/records.h"
#include "harness/run_facts.h"
#include "harness/simulated.h"
#include "harness/summary.h"
#include "harness/whatif_options.h"

struct session {
	struct whatif_options *options;
	char *name, *pft;
	struct stop stop;
	struct topology topology; /* of the model */
	struct plan plan;
	struct meta meta;
	struct result result;
};

/* What names, plans and configs are at fault for is for a person to mend. */
static _Noreturn void give_up(int err, const struct why *why)
{
	bool input = err == -EINVAL || err == -EEXIST || err == -ENOENT || err == -ERANGE;

	die(input ? EXIT_USAGE : EXIT_FAILED, "%s", why->text);
}

static void make_plan(struct session *s)
{
	struct whatif_options *o = s->options;
	char *text = whatif_config(o);
	struct config config;
	struct why why = WHY_INIT;
	int err;

	if (simulated_topology(&s->topology, o->machine, &why))
		die(EXIT_USAGE, "%s", why.text);
	config_init(&config, &s->topology);
	err = 0;
	for (size_t i = 0; i < o->nr_sets && !err; i++)
		err = config_set(&config, o->sets[i], &why);
	if (!err)
		err = config_parse(&config, "whatif", text, strlen(text), &why);
	if (!err)
		err = plan_init(&s->plan, &config, &s->topology, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	err = pft_check(&s->plan, &config, s->pft, s->topology.nr_cpus, &s->stop, &why);
	if (err)
		give_up(err, &why);
	run_facts_config(&s->meta, &config, o->sets, o->nr_sets, &s->plan);
	run_facts_topology(&s->meta, &s->topology);
	config_release(&config);
	free(text);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* An earlier run of the name that nobody chose, unless it is being run. */
static void remove_earlier(const struct session *s)
{
	const char *directory = s->options->request.directory;
	char *path = xasprintf("%s/%s", directory, s->name);
	struct result earlier;
	struct why why = WHY_INIT;
	int err;

	if (!s->options->name && !access(path, F_OK)) {
		err = result_open(&earlier, directory, s->name, &why);
		if (err == -EBUSY)
			die(EXIT_FAILED, "%s", why.text);
		if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
			die(EXIT_FAILED, "cannot replace '%s': %s", path, strerror(errno));
		if (!err)
			result_release(&earlier);
	}
	free(path);
}

static void create(struct session *s)
{
	struct whatif_options *o = s->options;
	struct why why = WHY_INIT;
	int err;

	run_facts_command(&s->meta, s->name, o->argc, o->argv);
	run_facts_time(&s->meta, "started");
	make_plan(s);
	run_facts_versions(&s->meta, s->pft, &s->stop);
	remove_earlier(s);
	err = result_create(&s->result, o->request.directory, s->name, &s->plan, &s->meta, &why);
	if (err)
		give_up(err, &why);
	if (result_keep_topology(&s->result, &s->topology, &why))
		warn("%s", why.text);
}

/* mmtests' layout, how it ended, and the first step that failed, if any did. */
static void close_run(struct session *s, int err)
{
	char *samples = result_path(&s->result, "samples.tsv");
	char *meta = result_path(&s->result, "meta.tsv"), *now = run_facts_now();
	struct records records;
	struct why why = WHY_INIT;

	meta_append(meta, "ended", now, NULL);
	meta_append(meta, "status",
		    !err	    ? "complete"
		    : err == -EINTR ? "interrupted"
				    : "failed",
		    NULL);
	if (result_order(&s->result, &why) || records_read(&records, &s->plan, samples, &why) ||
	    mmtests_write(s->result.dir, &s->plan, &records, &why))
		die(EXIT_FAILED, "%s", why.text);
	for (size_t i = 0; i < records.nr && !err; i++)
		if (records.steps[i].failure)
			die(EXIT_FAILED, "'%s' with %u clients: %s",
			    s->plan.cells[s->plan.steps[i].cell].variant,
			    s->plan.cells[s->plan.steps[i].cell].clients, records.steps[i].failure);
	records_release(&records);
	free(samples);
	free(meta);
	free(now);
}

static void simulate(struct session *s)
{
	struct progress progress;
	struct why why = WHY_INIT;
	bool *done = xcalloc(s->plan.nr_steps + 1, sizeof(*done));
	struct exec exec = {.plan = &s->plan,
			    .result = &s->result,
			    .pft = s->pft,
			    .nr_cpus = s->topology.nr_cpus,
			    .stop = &s->stop,
			    .progress = &progress,
			    .done = done};
	int err;

	progress_init(&progress, stderr, &s->plan, NULL);
	err = jobs_run(&exec, s->options->jobs, &why);
	close_run(s, err);
	if (err)
		die(EXIT_FAILED, "%s", err == -EINTR ? "interrupted" : why.text);
	exec_release(&exec);
	free(done);
}

static void run_session(struct whatif_options *o)
{
	struct session s = {.options = o, .result = {.dir_fd = -1, .samples_fd = -1}};
	const char *slash = strrchr(o->machine, '/');
	struct why why = WHY_INIT;

	s.name =
		o->name ? xstrdup(o->name) : xasprintf("whatif-%s", slash ? slash + 1 : o->machine);
	s.pft = pft_find(o->pft, "pft-sim", &why);
	if (!s.pft)
		die(EXIT_USAGE, "%s", why.text);
	if (topology_init(&s.topology, NULL, &why) || stop_init(&s.stop, &why))
		die(EXIT_FAILED, "%s", why.text);
	create(&s);
	simulate(&s);
	whatif_add_run(o, s.name);
	result_release(&s.result);
	meta_release(&s.meta);
	plan_release(&s.plan);
	topology_release(&s.topology);
	stop_release(&s.stop);
	free(s.name);
	free(s.pft);
}

int cmd_whatif(int argc, char **argv, const struct whatif_printer *printer)
{
	struct whatif_options options;
	struct why why = WHY_INIT;

	if (whatif_options_parse(&options, argc, argv, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (options.machine)
		run_session(&options);
	if (printer->print(stdout, &options.request, &why))
		die(EXIT_USAGE, "%s", why.text);
	whatif_options_release(&options);
	return EXIT_GOOD;
}
