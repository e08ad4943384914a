/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/records.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/run_tables.h"
#include "common/tsv.h"
#include "common/units.h"
#include "common/xalloc.h"

static const struct {
	const char *metric;
	size_t offset; /* of a double in struct record */
} numbers[] = {
	{"time_started", offsetof(struct record, started)},
	{"time_user_s", offsetof(struct record, usage.user_s)},
	{"time_system_s", offsetof(struct record, usage.system_s)},
	{"time_elapsed_s", offsetof(struct record, usage.elapsed_s)},
	{"time_max_rss", offsetof(struct record, usage.max_rss)},
	{"time_major_faults", offsetof(struct record, usage.major_faults)},
	{"time_minor_faults", offsetof(struct record, usage.minor_faults)},
	{"time_voluntary_switches", offsetof(struct record, usage.voluntary_switches)},
	{"time_involuntary_switches", offsetof(struct record, usage.involuntary_switches)},
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void replace(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

static void take_record(struct record *r, char **fields)
{
	const char *metric = fields[SAMPLE_METRIC], *value = fields[SAMPLE_VALUE];

	if (!strcmp(metric, "step")) {
		r->closed = true;
		if (strcmp(value, "done"))
			replace(&r->failure, fields[SAMPLE_STATUS]);
		return;
	}
	if (!strcmp(metric, "classic")) {
		replace(&r->classic, value);
		return;
	}
	for (size_t i = 0; i < NR(numbers); i++)
		if (!strcmp(metric, numbers[i].metric))
			*(double *)((char *)r + numbers[i].offset) = strtod(value, NULL);
}

int records_read(struct records *records, const struct plan *plan, const char *path,
		 struct why *why)
{
	char *fields[NR_SAMPLE_COLUMNS];
	struct tsv_reader reader;
	uint64_t step;
	int got;

	*records = (struct records){xcalloc(plan->nr_steps + 1, sizeof(*records->steps)),
				    plan->nr_steps};
	got = tsv_reader_init(&reader, path, &samples_schema, why);
	if (!got) {
		while ((got = tsv_reader_next(&reader, fields, why)) > 0) {
			if (!plan->nr_steps ||
			    number_parse(fields[SAMPLE_STEP], 0, plan->nr_steps - 1, &step, NULL)) {
				got = why_not(why, EINVAL, "%s:%u: plan.tsv has no step '%s'",
					      reader.path, reader.line, fields[SAMPLE_STEP]);
				break;
			}
			take_record(&records->steps[step], fields);
		}
		tsv_reader_release(&reader);
	}
	if (got)
		records_release(records);
	return got;
}

static void add_usage(struct usage *sum, const struct usage *u)
{
	sum->user_s += u->user_s;
	sum->system_s += u->system_s;
	sum->elapsed_s += u->elapsed_s;
	if (u->max_rss > sum->max_rss)
		sum->max_rss = u->max_rss;
	sum->major_faults += u->major_faults;
	sum->minor_faults += u->minor_faults;
	sum->voluntary_switches += u->voluntary_switches;
	sum->involuntary_switches += u->involuntary_switches;
}

void records_print_usage(const struct records *records, const struct plan *plan, FILE *out)
{
	struct usage *sums = xcalloc(plan->nr_cells + 1, sizeof(*sums));
	unsigned *nr = xcalloc(plan->nr_cells + 1, sizeof(*nr));
	int width = (int)strlen("variant");

	for (size_t i = 0; i < records->nr; i++) {
		if (!records->steps[i].closed)
			continue;
		add_usage(&sums[plan->steps[i].cell], &records->steps[i].usage);
		nr[plan->steps[i].cell]++;
	}
	for (size_t i = 0; i < plan->nr_cells; i++)
		if ((int)strlen(plan->cells[i].variant) > width)
			width = (int)strlen(plan->cells[i].variant);
	fprintf(out,
		"%-*s clients steps     user_s   system_s  elapsed_s  %%CPU max_rss_KiB    major"
		"        minor voluntary involuntary\n",
		width, "variant");
	for (size_t i = 0; i < plan->nr_cells; i++) {
		const struct usage *u = &sums[i];

		fprintf(out,
			"%-*s %7u %5u %10.2f %10.2f %10.2f %5.0f %11.0f %8.0f %12.0f %9.0f "
			"%11.0f\n",
			width, plan->cells[i].variant, plan->cells[i].clients, nr[i], u->user_s,
			u->system_s, u->elapsed_s,
			u->elapsed_s > 0 ? 100 * (u->user_s + u->system_s) / u->elapsed_s : 0,
			u->max_rss, u->major_faults, u->minor_faults, u->voluntary_switches,
			u->involuntary_switches);
	}
	free(nr);
	free(sums);
}

void records_release(struct records *records)
{
	for (size_t i = 0; i < records->nr; i++) {
		free(records->steps[i].failure);
		free(records->steps[i].classic);
	}
	free(records->steps);
	*records = (struct records){0};
}
