/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/metric.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* Counts of what a step was asked to do are neither good nor bad; what it cost is better low. */
static const struct metric metrics[] = {
	{"faults/cpu", {"flt/cpu/s"}, BETTER_HIGHER, IDEAL_FLAT},
	{"faults/sec", {"fault/wsec"}, BETTER_HIGHER, IDEAL_LINEAR},
	{"user_s", {"user", "usr_s"}, BETTER_LOWER, IDEAL_NONE},
	{"system_s", {"system", "sys_s"}, BETTER_LOWER, IDEAL_NONE},
	{"wall_s", {"elapsed", "elapsed_s"}, BETTER_LOWER, IDEAL_NONE},
	{"minor_faults", {"minflt"}, BETTER_UNKNOWN, IDEAL_NONE},
	{"major_faults", {"majflt"}, BETTER_LOWER, IDEAL_NONE},
	{"planned_faults", {NULL}, BETTER_UNKNOWN, IDEAL_NONE},
	{"spread_min_s", {NULL}, BETTER_UNKNOWN, IDEAL_NONE},
	{"spread_max_s", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"spread_gini", {"gini"}, BETTER_LOWER, IDEAL_NONE},
	{"spread_cov", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"setup_s", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"teardown_s", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"local_pages", {NULL}, BETTER_HIGHER, IDEAL_NONE},
	{"migrations", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"time_user_s", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"time_system_s", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"time_elapsed_s", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"time_max_rss", {"max_rss"}, BETTER_LOWER, IDEAL_NONE},
	{"time_major_faults", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"time_voluntary_switches", {NULL}, BETTER_LOWER, IDEAL_NONE},
	{"time_involuntary_switches", {NULL}, BETTER_LOWER, IDEAL_NONE},
	/* of imported runs */
	{"operations/sec", {NULL}, BETTER_HIGHER, IDEAL_LINEAR},
	{"operations_min/sec", {NULL}, BETTER_HIGHER, IDEAL_FLAT},
	{"operations_max/sec", {NULL}, BETTER_HIGHER, IDEAL_FLAT},
	{"bogo-ops/sec", {NULL}, BETTER_HIGHER, IDEAL_LINEAR},
	{"bogo-ops/cpu", {NULL}, BETTER_HIGHER, IDEAL_FLAT},
	{"fault_ns", {NULL}, BETTER_LOWER, IDEAL_FLAT},
};

#define NR_METRICS (sizeof(metrics) / sizeof(metrics[0]))

/* What pft's counters say of one fault. */
static bool is_cost(const char *name)
{
	static const char *const sources[] = {"hardware.", "schedstat.", "rusage."};
	const char *end = strrchr(name, '/');

	if (!end || strcmp(end, "/fault"))
		return false;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strncmp(name, sources[i], strlen(sources[i])))
			return true;
	return false;
}

static const struct metric *metric_find(const char *name)
{
	for (size_t i = 0; i < NR_METRICS; i++)
		if (!strcmp(name, metrics[i].name))
			return &metrics[i];
	return NULL;
}

enum better metric_better(const char *name)
{
	const struct metric *metric = metric_find(name);

	if (metric)
		return metric->better;
	return is_cost(name) ? BETTER_LOWER : BETTER_UNKNOWN;
}

enum ideal metric_ideal(const char *name)
{
	const struct metric *metric = metric_find(name);

	return metric ? metric->ideal : IDEAL_NONE;
}

/* The name in samples.tsv that @alias stands for, or @alias itself. */
static const char *metric_canonical(const char *alias)
{
	for (size_t i = 0; i < NR_METRICS; i++)
		for (size_t k = 0; k < 2; k++)
			if (metrics[i].aliases[k] && !strcmp(alias, metrics[i].aliases[k]))
				return metrics[i].name;
	return alias;
}

static void report_add(struct report *report, const char *metric, const char *row)
{
	report->metrics = xreallocarray(report->metrics, report->nr + 1, sizeof(*report->metrics));
	report->metrics[report->nr++] = (struct report_metric){
		.metric = xstrdup(metric), .row = xstrdup(row), .better = metric_better(metric)};
}

void report_init(struct report *report, bool time)
{
	*report = (struct report){.width = time ? 12 : 14, .decimals = time ? 2 : 4};
	report_add(report, time ? "system_s" : "faults/cpu", time ? "system" : "faults/cpu");
	report_add(report, time ? "wall_s" : "faults/sec", time ? "elapsed" : "faults/sec");
}

static bool have_metric(struct run *const *runs, size_t nr_runs, const char *name)
{
	for (size_t r = 0; r < nr_runs; r++)
		for (size_t m = 0; m < runs[r]->nr_metrics; m++)
			if (!strcmp(runs[r]->metrics[m], name))
				return true;
	return false;
}

/* Append @name to the list in @text[@size]; where the list gets too long it ends with "...". */
static void list_add(char *text, size_t size, const char *name)
{
	static const char more[] = ", ...";
	size_t len = strlen(text);

	if (len >= strlen(more) && !strcmp(text + len - strlen(more), more))
		return;
	if (len + strlen(name) + 2 + sizeof(more) > size)
		name = more + 2;
	snprintf(text + len, size - len, "%s%s", len ? ", " : "", name);
}

static int unknown_metric(const char *name, struct run *const *runs, size_t nr_runs,
			  struct why *why)
{
	char list[400] = "";

	for (size_t r = 0; r < nr_runs; r++)
		for (size_t m = 0; m < runs[r]->nr_metrics; m++)
			if (!have_metric(runs, r, runs[r]->metrics[m]))
				list_add(list, sizeof(list), runs[r]->metrics[m]);
	return why_not(why, EINVAL, "no run has the metric '%.60s'; there is %s", name,
		       *list ? list : "none");
}

/* "instructions/fault" for what the PMU counted of it: in both modes if a run has that, else in the kernel
 * alone. The caller frees it. */
static char *counted_name(const char *name, struct run *const *runs, size_t nr_runs)
{
	const char *slash = strrchr(name, '/');
	char *both = xasprintf("hardware.%s", name), *kernel;

	if (!slash || have_metric(runs, nr_runs, both))
		return both;
	kernel = xasprintf("hardware.%.*s:k%s", (int)(slash - name), name, slash);
	free(both);
	return kernel;
}

int report_init_metrics(struct report *report, const char *list, struct run *const *runs,
			size_t nr_runs, struct why *why)
{
	char *copy = xstrdup(list), *rest = copy, *name;
	int err = 0;

	*report = (struct report){.width = 14, .decimals = 4};
	while (!err && (name = strsep(&rest, ","))) {
		const char *canonical;
		char *counted;

		name += strspn(name, " ");
		for (size_t len = strlen(name); len && name[len - 1] == ' '; len--)
			name[len - 1] = '\0';
		for (char *p = name; *p; p++)
			if (*p == ' ')
				*p = '_';
		canonical = have_metric(runs, nr_runs, name) ? name : metric_canonical(name);
		counted = counted_name(name, runs, nr_runs);
		if (!have_metric(runs, nr_runs, canonical))
			canonical = counted;
		if (have_metric(runs, nr_runs, canonical))
			report_add(report, canonical, canonical);
		else
			err = unknown_metric(name, runs, nr_runs, why);
		free(counted);
	}
	free(copy);
	if (err)
		report_release(report);
	return err;
}

void report_release(struct report *report)
{
	for (size_t i = 0; i < report->nr; i++) {
		free(report->metrics[i].metric);
		free(report->metrics[i].row);
	}
	free(report->metrics);
	*report = (struct report){0};
}
