/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * will-it-scale (github.com/antonblanchard/will-it-scale): the table of runtest.py, which has one
 * average a task count, and what a test prints by itself, which has the operations of each second.
 * The tests page_fault1 to 3 count a touch of a page of a 128 MiB mapping as one operation, with the
 * mmap and munmap of it inside the clock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/import/lines.h"
#include "common/xalloc.h"

#define TABLE_HEAD "tasks,processes,processes_idle,threads,threads_idle,linear"

/* The tests whose operations are page faults, and what they print of themselves. */
static const struct fault_test {
	const char *name, *description;
} fault_tests[] = {
	{"page_fault1", "Anonymous memory page fault"},
	{"page_fault2", "Separate file private mapping page fault"},
	{"page_fault3", "Separate file shared mapping page fault"},
};

static const struct fault_test *find_test(const char *name, const char *description)
{
	for (size_t i = 0; i < sizeof(fault_tests) / sizeof(fault_tests[0]); i++)
		if ((name && !strcmp(fault_tests[i].name, name)) ||
		    (description && !strcmp(fault_tests[i].description, description)))
			return &fault_tests[i];
	return NULL;
}

static void add_rates(struct import *import, struct import_step *step, double rate,
		      const char *absent, bool faults)
{
	import_add(step, "operations/sec", "1/s", rate, absent);
	if (!faults) {
		import_add(step, "faults/sec", "1/s", 0,
			   "unavailable: what an operation of this test is in page faults is not "
			   "known");
		return;
	}
	import_add(step, "faults/sec", "1/s", rate, absent);
	import_remark(import,
		      "faults/sec are operations: touches of a page of a 128 MiB mapping, with its "
		      "mmap and munmap inside the clock; with transparent huge pages one fault "
		      "serves many of them");
}

/* The numbers of one mode in a line of the table. */
static void add_mode(struct import *import, const char *test, const char *mode, unsigned tasks,
		     double rate, double idle)
{
	char *variant = xasprintf("%s-%s", test, mode);
	struct import_step *step = import_step(import, variant, test, mode, tasks);

	add_rates(import, step, rate, rate < 0 ? "failed: the test printed no average" : NULL,
		  find_test(test, NULL));
	import_add(step, "idle", "%", idle, NULL);
	free(variant);
}

/* Read "tasks,processes,processes_idle,threads,threads_idle,linear"; task count 0 is for the plot. */
static int read_row(struct import *import, struct lines *lines, const char *test, struct why *why)
{
	char *rest = lines->text, *word;
	double values[6];
	unsigned nr = 0;

	while ((word = strsep(&rest, ","))) {
		if (nr == 6 || !import_number(word, &values[nr]))
			return lines_bad(lines, why, "not six numbers, at '%.40s'", word);
		nr++;
	}
	if (nr < 6)
		return lines_bad(lines, why, "%u numbers, want six: was it cut off?", nr);
	if (values[0] < 0 || values[0] > IMPORT_MAX_CLIENTS || values[0] != (unsigned)values[0])
		return lines_bad(lines, why, "not a number of tasks, with '%g'", values[0]);
	if (values[0] == 0)
		return 0;
	add_mode(import, test, "processes", (unsigned)values[0], values[1], values[2]);
	add_mode(import, test, "threads", (unsigned)values[0], values[3], values[4]);
	return 0;
}

static int read_table(struct import *import, struct lines *lines, struct why *why)
{
	char *test = lines_case(lines->file);
	int got;

	import_remark(import, "one average for each number of tasks: nothing tells the noise");
	while ((got = lines_next(lines, why)) > 0) {
		got = *lines->text ? read_row(import, lines, test, why) : 0;
		if (got)
			break;
	}
	free(test);
	return got;
}

/* One test's output while it is read. */
struct console {
	char *test; /* as the file is called, without "_threads" and "_processes" */
	const char *mode; /* or "-" */
	char *description; /* NULL before the first "testcase:" */
	bool measuring; /* behind "measurement" */
	unsigned tasks; /* lines of single tasks since the last second, as -v prints them */
	struct second {
		unsigned long long min, max, total;
		unsigned tasks;
	} * seconds;
	size_t nr, cap;
};

static void console_init(struct console *c, const struct import_file *file)
{
	char *mode;

	*c = (struct console){.test = lines_case(file), .mode = "-"};
	mode = strstr(c->test, "_threads");
	if (mode)
		c->mode = "threads";
	else if ((mode = strstr(c->test, "_processes")))
		c->mode = "processes";
	if (mode)
		*mode = '\0';
}

static void console_release(struct console *c)
{
	free(c->test);
	free(c->description);
	free(c->seconds);
}

/* How many tasks there were: as N=FILE says, as -v listed them, or one, whose least is its most. */
static unsigned count_tasks(const struct console *c, const struct import_file *file)
{
	const struct second *second = &c->seconds[0];

	if (file->clients)
		return file->clients;
	if (second->tasks)
		return second->tasks;
	return second->min == second->total ? 1 : 0;
}

/* "average:N": the test is over, and its seconds count. */
static int add_test(struct import *import, struct console *c, struct lines *lines,
		    unsigned long long average, struct why *why)
{
	const struct fault_test *known = find_test(c->test, c->description);
	const char *test = known ? known->name : c->test;
	unsigned long long sum = 0;
	unsigned tasks;
	char *variant;

	for (size_t i = 0; i < c->nr; i++)
		sum += c->seconds[i].total;
	if (!c->nr || average != sum / c->nr)
		return lines_bad(lines, why, "the average is not that of the seconds before it");
	tasks = count_tasks(c, lines->file);
	if (!tasks)
		return lines_bad(lines, why,
				 "nothing tells the number of tasks: say it as N=FILE, or let the "
				 "test run with -v");
	variant = strcmp(c->mode, "-") ? xasprintf("%s-%s", test, c->mode) : xstrdup(test);
	for (size_t i = 0; i < c->nr; i++) {
		const struct second *s = &c->seconds[i];
		struct import_step *step = import_step(import, variant, test, c->mode, tasks);

		add_rates(import, step, s->total, NULL, known);
		import_add(step, "operations_min/sec", "1/s", s->min, NULL);
		import_add(step, "operations_max/sec", "1/s", s->max, NULL);
	}
	free(variant);
	return 0;
}

static void begin_test(struct console *c, const char *description)
{
	free(c->description);
	c->description = xstrdup(description);
	c->measuring = false;
	c->tasks = 0;
	c->nr = 0;
}

static int read_second(struct console *c, const struct lines *lines, struct why *why)
{
	struct second second = {.tasks = c->tasks};
	int end = 0;

	if (sscanf(lines->text, "min:%llu max:%llu total:%llu%n", &second.min, &second.max,
		   &second.total, &end) != 3 ||
	    lines->text[end])
		return lines_bad(lines, why, "not min:N max:N total:N");
	if (second.min > second.max || second.max > second.total)
		return lines_bad(lines, why, "min, max and total do not fit");
	if (second.tasks > IMPORT_MAX_CLIENTS)
		return lines_bad(lines, why, "more tasks than there can be");
	c->tasks = 0;
	if (!c->measuring)
		return 0;
	XGROW(c->seconds, c->nr, c->cap);
	c->seconds[c->nr++] = second;
	return 0;
}

static int read_console_line(struct import *import, struct console *c, struct lines *lines,
			     struct why *why)
{
	unsigned long long number;
	unsigned task;
	int end = 0, err;

	if (!strncmp(lines->text, "testcase:", 9)) {
		begin_test(c, lines->text + 9);
		return 0;
	}
	if (!c->description || !strcmp(lines->text, "warmup") || !*lines->text)
		return c->description ? 0 : lines_bad(lines, why, "no testcase: line before it");
	if (!strcmp(lines->text, "measurement")) {
		c->measuring = true;
		return 0;
	}
	if (!strncmp(lines->text, "min:", 4))
		return read_second(c, lines, why);
	if (sscanf(lines->text, "average:%llu%n", &number, &end) == 1 && !lines->text[end]) {
		err = add_test(import, c, lines, number, why);
		begin_test(c, "");
		return err;
	}
	if (sscanf(lines->text, "%u -> %llu%n", &task, &number, &end) == 2 && !lines->text[end]) {
		c->tasks++;
		return 0;
	}
	return lines_bad(lines, why, "not a line of will-it-scale, with '%.60s'", lines->text);
}

static int read_console(struct import *import, struct lines *lines, struct why *why)
{
	struct console c;
	int got = 1;

	import_remark(import,
		      "iterations are the seconds of one process of the test: they do not tell how "
		      "much one process differs from the next");
	console_init(&c, lines->file);
	while (got > 0) {
		got = read_console_line(import, &c, lines, why);
		if (!got)
			got = lines_next(lines, why);
	}
	if (!got && c.nr)
		notes_add(import->notes, "%s: the last test has no average: left out",
			  lines->file->path);
	console_release(&c);
	return got;
}

static int read_file(struct import *import, const struct import_file *file, struct why *why)
{
	struct lines lines = {.file = file};
	int got = lines_next(&lines, why);

	if (got > 0 && !strcmp(lines.text, TABLE_HEAD))
		got = read_table(import, &lines, why);
	else if (got > 0 && !strncmp(lines.text, "testcase:", 9))
		got = read_console(import, &lines, why);
	else if (got > 0)
		got = lines_bad(&lines, why,
				"neither the head of runtest.py's table nor a testcase: line");
	else if (!got)
		got = why_not(why, EINVAL, "%s:1: empty file", file->path);
	lines_release(&lines);
	return got;
}

const struct import_format import_will_it_scale = {
	"will-it-scale", "the table of runtest.py, or what a test prints by itself",
	"will-it-scale", false, read_file};
