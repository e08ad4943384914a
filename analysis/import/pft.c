/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classic pft: result lines as pft prints them (Gb, threads, cache lines, three times, two rates), or a
 * directory of mmtests, whose logs are read by the rules of mmtests' own reports.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/import/lines.h"
#include "analysis/load.h"
#include "common/xalloc.h"

enum { GIB, THREADS, CACHELINES, USER, SYSTEM, WALL, FAULTS_CPU, FAULTS_SEC, NR_FIELDS };

static const struct {
	const char *metric, *unit;
} fields[NR_FIELDS] = {
	[GIB] = {"gib", "1"},
	[CACHELINES] = {"cachelines", "1"},
	[USER] = {"user_s", "s"},
	[SYSTEM] = {"system_s", "s"},
	[WALL] = {"wall_s", "s"},
	[FAULTS_CPU] = {"faults/cpu", "1/s"},
	[FAULTS_SEC] = {"faults/sec", "1/s"},
};

/* Whether the line has a letter that no result has: text that pft or a shell printed between them. */
static bool is_text(const char *line)
{
	for (const char *c = line; *c; c++)
		if (((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z')) && *c != 's')
			return true;
	return line[strspn(line, " \t")] == '\0' || *line == '-' || *line == '#';
}

/* The eight numbers of a line; times end in s. */
static bool split_line(char *line, double values[NR_FIELDS])
{
	char *rest = line, *word;
	unsigned nr = 0;

	while ((word = strsep(&rest, " \t"))) {
		size_t len = strlen(word);

		if (!len)
			continue;
		if (nr >= USER && nr <= WALL && word[len - 1] == 's')
			word[len - 1] = '\0';
		if (nr == NR_FIELDS || !import_number(word, &values[nr]) || values[nr] < 0)
			return false;
		nr++;
	}
	return nr == NR_FIELDS;
}

static int add_line(struct import *import, struct lines *lines, struct why *why)
{
	double values[NR_FIELDS];
	struct import_step *step;

	if (!split_line(lines->text, values))
		return lines_bad(lines, why,
				 "not the eight numbers of a result line of pft: was it cut off?");
	if (values[THREADS] < 1 || values[THREADS] > IMPORT_MAX_CLIENTS ||
	    values[THREADS] != (unsigned)values[THREADS])
		return lines_bad(lines, why, "not a number of threads, with '%g'", values[THREADS]);
	step = import_step(import, "pft", "anon", "-", (unsigned)values[THREADS]);
	for (size_t i = 0; i < NR_FIELDS; i++)
		if (fields[i].metric)
			import_add(step, fields[i].metric, fields[i].unit, values[i], NULL);
	return 0;
}

static int read_lines(struct import *import, const struct import_file *file, struct why *why)
{
	struct lines lines = {.file = file};
	size_t passed_over = 0;
	int got;

	while ((got = lines_next(&lines, why)) > 0) {
		bool text = is_text(lines.text);

		if (text && *lines.text && !strstr(lines.text, "Gb") &&
		    strncmp(lines.text, "TAG ", 4))
			passed_over++;
		got = text ? 0 : add_line(import, &lines, why);
		if (got)
			break;
	}
	if (!got && passed_over)
		notes_add(import->notes, "%s: lines that are no results passed over: %zu",
			  file->path, passed_over);
	lines_release(&lines);
	return got;
}

/* All that was measured with one client count; the user times, which every result line has, decide what
 * an iteration is. */
static void add_clients(struct import *import, const struct run *run, const char *text,
			unsigned clients)
{
	const struct series *series[NR_FIELDS] = {NULL};

	for (size_t i = USER; i < NR_FIELDS; i++)
		series[i] = run_find(run, 0, text, fields[i].metric);
	for (size_t k = 0; series[USER] && k < series[USER]->nr; k++) {
		const struct sample *sample = &series[USER]->samples[k];
		struct import_step *step = import_step(import, "pft", "anon", "-", clients);

		for (size_t i = USER; i < NR_FIELDS; i++) {
			double value = series_value_like(series[i], sample);

			import_add(step, fields[i].metric, fields[i].unit, value,
				   isfinite(value) ? NULL : "unavailable: not a number in the log");
		}
	}
}

static int read_tree(struct import *import, const struct import_file *file, struct why *why)
{
	struct run run;
	int err = run_load(&run, file->path, file->path, false, import->notes, why);

	if (err)
		return err;
	if (run.kind != RUN_MMTESTS)
		err = why_not(why, EINVAL, "'%s' is a run of ours already", file->path);
	for (size_t i = 0; !err && i < run.nr_clients; i++) {
		unsigned clients;

		if (!import_clients(run.clients[i], &clients))
			err = why_not(why, EINVAL, "%s: not a client count, with pft-%.40s.log",
				      file->path, run.clients[i]);
		else
			add_clients(import, &run, run.clients[i], clients);
	}
	run_release(&run);
	return err;
}

static int read_any(struct import *import, const struct import_file *file, struct why *why)
{
	import_remark(import,
		      "times have two decimals and rates three; whether threads or processes were "
		      "measured, of which size and where, is not in the lines");
	return file->in ? read_lines(import, file, why) : read_tree(import, file, why);
}

const struct import_format import_pft = {
	"pft", "result lines of classic pft, or a directory of mmtests with its logs",
	"classic pft", true, read_any};
