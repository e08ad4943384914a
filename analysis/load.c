/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/clock.h"
#include "analysis/mmtests.h"
#include "analysis/samples.h"
#include "common/xalloc.h"

/* Why there is no run in @path. */
static int no_run(const char *path, struct why *why)
{
	struct stat st;

	if (!stat(path, &st) && !S_ISDIR(st.st_mode))
		return why_not(why, ENOTDIR, "no run in '%s': it is no directory", path);
	if (access(path, R_OK | X_OK))
		return why_not(why, errno, "cannot read run '%s': %s", path, strerror(errno));
	return why_not(why, ENOENT,
		       "no run in '%s': neither samples.tsv nor iter-*/pft/logs of mmtests", path);
}

int run_load(struct run *run, const char *name, const char *path, bool absent_is_empty,
	     struct notes *notes, struct why *why)
{
	char *samples = xasprintf("%s/samples.tsv", path);
	char *plan = xasprintf("%s/plan.tsv", path);
	int err = 0;

	run_init(run, name, path, RUN_OWN);
	if (!access(samples, F_OK)) {
		err = samples_read(run, samples, notes, why);
		if (!err && !access(plan, F_OK))
			err = samples_read_plan(run, plan, why);
		run->clock = clock_read(path);
	} else if (mmtests_is_tree(path)) {
		run->kind = RUN_MMTESTS;
		err = mmtests_read(run, notes, why);
	} else if (absent_is_empty) {
		run->kind = RUN_ABSENT;
		no_run(path, why);
		notes_add(notes, "%s; its column is empty", why->text);
	} else {
		err = no_run(path, why);
	}
	free(samples);
	free(plan);
	if (err)
		run_release(run);
	return err;
}
