/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/pft_check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/child.h"
#include "harness/step.h"

#define CHECK_S 10 /* for pft to look at its options */

/* What can make pft refuse a cell; blamed in this order, the workload only where nothing else helps. */
static const struct {
	enum config_id id;
	const char *named; /* blamed only where this stands in what pft says */
} suspects[] = {
	{PFT_COUNTERS, "--counters"},
	{PFT_EVENTS, "--events"},
	{PFT_EXTRA, ""},
	{PFT_PAGESIZES, ""},
	{PFT_MEM, ""},
	{PFT_PIN, ""},
	{PFT_USE_PROCESSES, ""},
	{PFT_WORKLOADS, ""},
};

struct check {
	const struct config *config;
	const char *pft;
	unsigned nr_cpus;
	struct stop *stop;
};

static char *program_beside(const char *name)
{
	char self[PATH_MAX], *slash;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return NULL;
	self[len] = '\0';
	slash = strrchr(self, '/');
	return xasprintf("%.*s/%s", (int)(slash - self), self, name);
}

char *pft_beside(void)
{
	return program_beside("pft");
}

char *pft_find(const char *path, const char *name, struct why *why)
{
	char *pft = path ? xstrdup(path) : program_beside(name);

	if (pft && !access(pft, X_OK))
		return pft;
	why_not(why, errno, "cannot run '%s': %s; build it with make, or name it with --pft PATH",
		pft ? pft : name, strerror(errno));
	free(pft);
	return NULL;
}

/* Returns 0, -EINVAL if pft refuses, or another -errno; all with the reason in @why. */
static int ask(const struct check *check, const struct plan_cell *cell, struct why *why)
{
	struct plan_cell asked = *cell;
	struct child_result child;
	struct step_argv args;
	int err;

	asked.extra = xasprintf("--check %s", cell->extra);
	step_argv_init(&args, &asked, check->pft, check->nr_cpus);
	err = child_run(args.argv, CHECK_S, check->stop, &child, why);
	if (!err) {
		err = child_verdict(&child, CHECK_S, why);
		if (WIFEXITED(child.status) && WEXITSTATUS(child.status) == EXIT_USAGE)
			err = -EINVAL;
	}
	child_result_release(&child);
	step_argv_release(&args);
	free(asked.extra);
	return err;
}

/* @cell with the variable @id left at what always works. */
static struct plan_cell without(const struct plan_cell *cell, enum config_id id)
{
	static char anon[] = "anon", simulated[] = "engine-anon", base[] = "base";
	static char preset[] = "default", none[] = "";
	struct plan_cell plain = *cell;

	if (id == PFT_WORKLOADS)
		plain.workload = step_is_simulated(cell) ? simulated : anon;
	else if (id == PFT_PAGESIZES)
		plain.pagesize = base;
	else if (id == PFT_MEM)
		plain.mem = preset;
	else if (id == PFT_PIN)
		plain.cpus = NULL;
	else if (id == PFT_USE_PROCESSES)
		plain.processes = false;
	else
		plain.extra = none;
	return plain;
}

/* Put the file and line in front of @why that set the one variable without which pft is content. */
static void blame(const struct check *check, const struct plan_cell *cell, struct why *why)
{
	for (size_t i = 0; i < sizeof(suspects) / sizeof(suspects[0]); i++) {
		enum config_id id = suspects[i].id;
		struct plan_cell plain = without(cell, id);

		if (config_find(check->config, config_names[id].name) &&
		    strstr(why->text, suspects[i].named) && !ask(check, &plain, NULL)) {
			config_bad(check->config, id, EINVAL, why);
			return;
		}
	}
}

int pft_check(const struct plan *plan, const struct config *config, const char *pft,
	      unsigned nr_cpus, struct stop *stop, struct why *why)
{
	const struct check check = {config, pft, nr_cpus, stop};
	int err = 0;

	for (size_t i = 0; i < plan->nr_cells && !err; i++) {
		const struct plan_cell *cell = &plan->cells[i];

		err = ask(&check, cell, why);
		if (err && err != -EINTR)
			why_within(why, -err, "cannot run '%s' with %u client%s", cell->variant,
				   cell->clients, cell->clients == 1 ? "" : "s");
		if (err == -EINVAL)
			blame(&check, cell, why);
	}
	return err;
}
