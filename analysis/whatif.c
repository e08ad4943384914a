/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/whatif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/exact.h"
#include "analysis/format/whatif.h"
#include "analysis/run_args.h"
#include "common/shipped.h"

static int read_published(struct published *published, const char *path, struct why *why)
{
	char *shipped = path ? NULL : shipped_path("configs/machines/published.tsv");
	int err;

	if (!path && !shipped)
		return why_not(why, ENOENT, "cannot find configs/machines/published.tsv");
	err = published_read(published, path ? path : shipped, why);
	free(shipped);
	return err;
}

/* A run of anything else has no machine that was simulated. */
static int check_simulated(const struct run_list *runs, struct why *why)
{
	for (size_t i = 0; i < runs->nr; i++)
		if (!exact_is_simulated(runs->runs[i]))
			return why_not(why, EINVAL, "no machine was simulated in run '%s'",
				       runs->runs[i]->path);
	return 0;
}

static int print(FILE *out, const struct whatif_request *request, struct why *why)
{
	const struct run_args args = {.directory = request->directory,
				      .words = request->runs,
				      .nr_words = request->nr_runs,
				      .cap_words = request->nr_runs};
	const struct style *style =
		strcmp(request->format, "markdown") ? &style_text : &style_markdown;
	struct notes notes = {0};
	struct predictions predictions;
	struct published published;
	struct run_list runs;
	int err = read_published(&published, request->published, why);

	if (err)
		return err;
	err = run_list_load(&runs, &args, &notes, why);
	if (err) {
		published_release(&published);
		return err;
	}
	err = check_simulated(&runs, why);
	for (size_t i = 0; !err && i < runs.nr; i++)
		whatif_table(out, runs.runs[i], &published, style);
	if (!err) {
		predictions_init(&predictions, runs.runs, runs.nr, &published);
		whatif_predictions(out, &predictions, style);
		predictions_release(&predictions);
	}
	run_list_release(&runs);
	notes_release(&notes);
	published_release(&published);
	return err;
}

const struct whatif_printer whatif_printer = {print};
