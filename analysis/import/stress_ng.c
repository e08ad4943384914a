/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stress-ng --metrics --yaml FILE: each stressor under "metrics" is a step. The number of instances is
 * not in the file; it is the share of CPU that all used over the share that one is said to have used.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "analysis/import/import.h"
#include "common/xalloc.h"

/* What has a name of its own in samples.tsv. */
static const struct {
	const char *key, *metric, *unit;
} known[] = {
	{"bogo-ops", "bogo-ops", "1"},
	{"bogo-ops-per-second-real-time", "bogo-ops/sec", "1/s"},
	{"bogo-ops-per-second-usr-sys-time", "bogo-ops/cpu", "1/s"},
	{"wall-clock-time", "wall_s", "s"},
	{"user-time", "user_s", "s"},
	{"system-time", "system_s", "s"},
	{"max-rss", "time_max_rss", "KiB"},
	{"nanosecs-per-page-fault", "fault_ns", "ns"},
};

/* One stressor's numbers. */
struct stressor {
	char *name; /* NULL before it is known */
	unsigned line; /* in which it begins */
	struct number {
		char *key;
		double value;
	} * numbers;
	size_t nr, cap;
};

enum { TOP = 1, SECTION = 2, STRESSOR = 3 }; /* depth of the mappings that are read */

struct reader {
	struct import *import;
	const struct import_file *file;
	struct why *why;
	yaml_event_t event;
	unsigned depth; /* of mappings and sequences */
	char *section; /* key of the outermost mapping */
	char *key; /* whose value comes next; NULL: a key comes next */
	struct stressor stressor;
};

static int bad(const struct reader *r, const char *what, const char *with)
{
	return why_not(r->why, EINVAL, "%s:%zu: %s, with '%.60s'", r->file->path,
		       r->event.start_mark.line + 1, what, with);
}

static double number_of(const struct stressor *s, const char *key)
{
	for (size_t i = 0; i < s->nr; i++)
		if (!strcmp(s->numbers[i].key, key))
			return s->numbers[i].value;
	return NAN;
}

static void stressor_release(struct stressor *s)
{
	for (size_t i = 0; i < s->nr; i++)
		free(s->numbers[i].key);
	free(s->numbers);
	free(s->name);
	*s = (struct stressor){0};
}

/* How many instances ran, 0 where that cannot be told. */
static unsigned count_instances(const struct stressor *s)
{
	double used = number_of(s, "user-time") + number_of(s, "system-time");
	double share = used / number_of(s, "wall-clock-time") * 100;
	double instances = share / number_of(s, "cpu-usage-per-instance");

	if (!(instances >= 0.5 && instances <= IMPORT_MAX_CLIENTS))
		return 0;
	return fabs(instances - round(instances)) < 0.1 ? (unsigned)lround(instances) : 0;
}

static void add_numbers(struct import_step *step, const struct stressor *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		const char *metric = s->numbers[i].key, *unit = "1";

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (!strcmp(metric, known[k].key)) {
				metric = known[k].metric;
				unit = known[k].unit;
				break;
			}
		if (!import_record(step, metric))
			import_add(step, metric, unit, s->numbers[i].value, NULL);
	}
}

/* Page faults per second are given for one instance, as the geometric mean of all. */
static void add_faults(struct import *import, struct import_step *step, const struct stressor *s)
{
	double minor = number_of(s, "minor-page-faults-per-sec");
	double major = number_of(s, "major-page-faults-per-sec");

	if (isnan(minor)) {
		import_add(step, "faults/sec", "1/s", 0,
			   "unavailable: this stressor does not count its page faults");
		return;
	}
	import_add(step, "faults/sec", "1/s", (minor + fmax(major, 0)) * step->clients, NULL);
	import_remark(import,
		      "faults/sec are the geometric mean of an instance's page faults per second, "
		      "times the instances, with all else that the stressor does inside the clock");
}

static int end_stressor(struct reader *r)
{
	struct stressor *s = &r->stressor;
	struct import_step *step;
	unsigned clients;

	if (!s->name)
		return why_not(r->why, EINVAL, "%s:%u: a stressor without a name", r->file->path,
			       s->line);
	clients = r->file->clients ? r->file->clients : count_instances(s);
	if (!clients)
		return why_not(r->why, EINVAL,
			       "%s:%u: nothing tells how many instances of '%.40s' ran: say it as "
			       "N=FILE",
			       r->file->path, s->line, s->name);
	step = import_step(r->import, s->name, s->name, "processes", clients);
	add_numbers(step, s);
	add_faults(r->import, step, s);
	stressor_release(s);
	return 0;
}

/* A fact about the machine. */
static void add_fact(struct reader *r, const char *value)
{
	static const char *const facts[][2] = {
		{"hostname", "hostname"},
		{"release", "kernel"},
		{"stress-ng-version", "version_stress_ng"},
		{"pagesize", "page_size"},
	};
	char *kernel;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if (strcmp(r->key, facts[i][0]))
			continue;
		kernel = xasprintf("%s%s", i == 1 ? "Linux " : "", value);
		import_fact(r->import, facts[i][1], kernel);
		free(kernel);
	}
}

static int add_number(struct reader *r, const char *value)
{
	struct stressor *s = &r->stressor;
	double number;

	if (!strcmp(r->key, "stressor")) {
		free(s->name);
		s->name = xstrdup(value);
		return 0;
	}
	if (!import_number(value, &number))
		return bad(r, "not a number", value);
	XGROW(s->numbers, s->nr, s->cap);
	s->numbers[s->nr++] = (struct number){xstrdup(r->key), number};
	return 0;
}

static bool in_section(const struct reader *r, const char *name)
{
	return r->section && !strcmp(r->section, name);
}

/* Whether the mapping that is open has keys that are read. */
static bool is_read(const struct reader *r)
{
	return r->depth == TOP || (r->depth == SECTION && in_section(r, "system-info")) ||
	       (r->depth == STRESSOR && in_section(r, "metrics"));
}

static int scalar(struct reader *r)
{
	const char *value = (const char *)r->event.data.scalar.value;
	int err = 0;

	if (!is_read(r))
		return 0;
	if (!r->key) {
		r->key = xstrdup(value);
		if (r->depth == TOP) {
			free(r->section);
			r->section = xstrdup(value);
		}
		return 0;
	}
	if (r->depth == SECTION)
		add_fact(r, value);
	else if (r->depth == STRESSOR)
		err = add_number(r, value);
	free(r->key);
	r->key = NULL;
	return err;
}

static void open_one(struct reader *r)
{
	free(r->key);
	r->key = NULL;
	if (++r->depth == STRESSOR && in_section(r, "metrics"))
		r->stressor.line = (unsigned)r->event.start_mark.line + 1;
}

static int close_one(struct reader *r)
{
	bool stressor = r->depth == STRESSOR && in_section(r, "metrics") &&
			r->event.type == YAML_MAPPING_END_EVENT;

	free(r->key);
	r->key = NULL;
	r->depth--;
	return stressor ? end_stressor(r) : 0;
}

static int take_event(struct reader *r)
{
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		return scalar(r);
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		open_one(r);
		return 0;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return close_one(r);
	case YAML_ALIAS_EVENT:
		return bad(r, "an alias, which stress-ng never writes",
			   (const char *)r->event.data.alias.anchor);
	default:
		return 0;
	}
}

static int read_events(struct reader *r, yaml_parser_t *parser)
{
	bool over = false;
	int err = 0;

	while (!err && !over) {
		if (!yaml_parser_parse(parser, &r->event))
			return why_not(r->why, EINVAL, "%s:%zu: no YAML: %s", r->file->path,
				       parser->problem_mark.line + 1,
				       parser->problem ? parser->problem : "out of memory");
		over = r->event.type == YAML_STREAM_END_EVENT;
		err = take_event(r);
		yaml_event_delete(&r->event);
	}
	return err;
}

static int read_file(struct import *import, const struct import_file *file, struct why *why)
{
	struct reader r = {.import = import, .file = file, .why = why};
	size_t before = import->nr;
	yaml_parser_t parser;
	int err;

	if (!yaml_parser_initialize(&parser))
		return why_not(why, ENOMEM, "cannot read '%s': out of memory", file->path);
	yaml_parser_set_input_file(&parser, file->in);
	err = read_events(&r, &parser);
	yaml_parser_delete(&parser);
	stressor_release(&r.stressor);
	free(r.section);
	free(r.key);
	if (!err && import->nr == before)
		err = why_not(why, EINVAL,
			      "%s: no metrics of stressors: was it written with --metrics?",
			      file->path);
	return err;
}

const struct import_format import_stress_ng = {
	"stress-ng", "what 'stress-ng --metrics --yaml FILE' writes", "stress-ng", false,
	read_file};
