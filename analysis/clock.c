/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/clock.h"

#include <stdlib.h>
#include <string.h>

#include "common/meta.h"
#include "common/xalloc.h"

enum run_clock clock_read(const char *path)
{
	char *file = xasprintf("%s/meta.tsv", path);
	enum run_clock clock = RUN_CLOCK_REAL;
	struct meta meta;

	if (!meta_read(&meta, file, NULL)) {
		const char *accel = meta_get(&meta, "accel");

		if (meta_get(&meta, "icount"))
			clock = RUN_CLOCK_INSTRUCTIONS;
		else if (accel && !strcmp(accel, "tcg"))
			clock = RUN_CLOCK_NONE;
		meta_release(&meta);
	}
	free(file);
	return clock;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && !strcmp(text + len - tail, end);
}

bool clock_is_asked(const char *metric)
{
	static const char *const parts[] = {"/sec", "/cpu", "/s", "_ns", "cycles", "time_cpu"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(metric, parts[i]))
			return true;
	return ends_with(metric, "_s") || !strncmp(metric, "spread_", 7);
}

/* "'A', 'B'" of the runs with this clock, or NULL. */
static char *names_of(struct run *const *runs, size_t nr, enum run_clock clock)
{
	char *text = NULL;

	for (size_t i = 0; i < nr; i++) {
		char *name;

		if (runs[i]->clock != clock)
			continue;
		name = xasprintf("'%s'", runs[i]->name);
		text = xappend(text, ", ", name);
		free(name);
	}
	return text;
}

char *clock_text(struct run *const *runs, size_t nr)
{
	char *none = names_of(runs, nr, RUN_CLOCK_NONE);
	char *counted = names_of(runs, nr, RUN_CLOCK_INSTRUCTIONS), *text = NULL;

	if (none || counted)
		text = xasprintf("%s%s%s%s%s", none ? "an emulator translated the code of " : "",
				 none ? none : "",
				 none ? " (accel tcg): its times mean nothing" : "",
				 none && counted ? "; " : "", counted ? "times of " : "");
	if (counted) {
		char *longer = xasprintf("%s%s are numbers of instructions (icount), 1 ns each",
					 text, counted);

		free(text);
		text = longer;
	}
	free(none);
	free(counted);
	return text;
}
