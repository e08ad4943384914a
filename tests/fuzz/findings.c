/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a table of the probes; what can be read is told in words, tables and flame graphs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/flame.h"
#include "analysis/format/svg.h"
#include "analysis/format/where.h"
#include "analysis/words.h"
#include "common/say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tables[] = {"offcpu",	  "waits",   "contention", "mmap_lock",
				     "alignment", "latency", "probes"};

static void tell(const struct where *where, FILE *out)
{
	const struct svg_flame flame = {.title = "fuzz", .root = flame_new(where), .most = 20};
	double share;

	words_print(out, where);
	where_causes(out, where, &style_text);
	where_stacks(out, where, 10, &style_markdown);
	where_beside(out, where, &style_text);
	where_probes(out, where);
	flame_fold(out, where);
	svg_flame(out, &flame, &share);
	flame_free((struct flame_frame *)flame.root);
}

/* The run's directory holds this one table, under each name in turn. */
static void tell_run(struct run *run, enum profile_of of, FILE *out)
{
	const struct selection all = {.by = BY_RUN};
	const struct bootstrap boot = {.resamples = 100, .seed = 1, .level = 0.95};
	struct run *list[] = {run};
	const struct run_list runs = {.runs = list, .nr = 1};
	struct notes notes = {0};
	struct why why = WHY_INIT;
	struct where where;

	if (!where_init(&where, of, &runs, &all, &boot, &notes, &why)) {
		where_check_lost(&where, &why);
		free(where_unsupported(&where));
		tell(&where, out);
		where_release(&where);
	} else if (!*why.text || strchr(why.text, '\n')) {
		BUG("profile %d: no reason in one line, but '%s'", (int)of, why.text);
	}
	notes_release(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/dev/shm/faultscale-fuzz-XXXXXX", path[80];
	FILE *out = fopen("/dev/null", "we");

	if (!out || !mkdtemp(dir))
		BUG("cannot make '%s'", dir);
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		size_t len = strlen(tables[t]);
		struct run run;
		FILE *file;

		/* "# faultscale KIND": only one of the names fits, others are refused at once */
		if (t && (size < 13 + len || memcmp(data + 13, tables[t], len)))
			continue;
		snprintf(path, sizeof(path), "%s/%s.tsv", dir, tables[t]);
		file = fopen(path, "we");
		if (!file || fwrite(data, 1, size, file) != size || fclose(file))
			BUG("cannot write '%s'", path);
		run_init(&run, "fuzz", dir, RUN_OWN);
		tell_run(&run, PROFILE_OFFCPU, out);
		tell_run(&run, PROFILE_CONTENTION, out);
		run_release(&run);
		unlink(path);
	}
	fclose(out);
	rmdir(dir);
	return 0;
}
