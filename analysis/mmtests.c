/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reading rules, found by observation of mmtests' reports: per line every 's' is deleted
 * ("0.13s"); a line that still has a letter is not a result; the rest is split at blanks, and
 * because a result line starts with a blank, its first field is empty. A line that was not skipped
 * uses up a sample number even when it holds nothing of use.
 */
#include "analysis/mmtests.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define FIRST_FIELD 4 /* user seconds, counted from the empty field before the first blank */

static const char *const field_metrics[NR_LOG_FIELDS] = {
	[LOG_USER] = "user_s",		 [LOG_SYSTEM] = "system_s",	  [LOG_WALL] = "wall_s",
	[LOG_FAULTS_CPU] = "faults/cpu", [LOG_FAULTS_SEC] = "faults/sec",
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A decimal number and nothing else; letters never get here. */
static double parse_number(const char *text)
{
	size_t sign = *text == '-' || *text == '+';
	size_t whole = strspn(text + sign, "0123456789");
	const char *rest = text + sign + whole;
	size_t part = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;

	rest += *rest == '.' ? 1 + part : 0;
	return *rest || !(whole + part) ? NAN : strtod(text, NULL);
}

/* Copy a line to @clean without its s. Returns false if it is no result line. */
static bool clean_line(char *clean, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] == 's')
			continue;
		if (is_letter(line[i]))
			return false;
		*clean++ = line[i] ? line[i] : '?';
	}
	*clean = '\0';
	return true;
}

static void split_line(char *line, double fields[NR_LOG_FIELDS])
{
	char *p = line;

	for (size_t i = 0; i < NR_LOG_FIELDS; i++)
		fields[i] = NAN;
	for (unsigned column = 0; column < FIRST_FIELD + NR_LOG_FIELDS; column++) {
		char *word = p;
		bool last;

		while (*p && !is_blank(*p))
			p++;
		last = !*p;
		*p = '\0';
		if (column >= FIRST_FIELD)
			fields[column - FIRST_FIELD] = parse_number(word);
		if (last)
			break;
		p++;
		while (is_blank(*p))
			p++;
	}
}

void mmtests_parse_log(const char *text, size_t len, mmtests_line_fn *fn, void *arg)
{
	const char *end = text + len;
	char *clean = xmalloc(len + 1);
	unsigned number = 0;

	while (text < end) {
		const char *newline = memchr(text, '\n', end - text);
		size_t line_len = newline ? newline - text : end - text;
		double fields[NR_LOG_FIELDS];

		if (clean_line(clean, text, line_len)) {
			split_line(clean, fields);
			fn(arg, ++number, fields);
		}
		text += line_len + 1;
	}
	free(clean);
}

/* The whole of file @path; the caller frees ->text. */
static int read_file(const char *path, char **text, size_t *len, struct why *why)
{
	FILE *in = fopen(path, "re");
	size_t size = 0, got;

	*text = NULL;
	*len = 0;
	if (!in)
		return why_not(why, errno, "cannot open '%s': %s", path, strerror(errno));
	do {
		size = size ? 2 * size : 8192;
		*text = xreallocarray(*text, size, 1);
		got = fread(*text + *len, 1, size - *len, in);
		*len += got;
	} while (*len == size);
	if (ferror(in)) {
		int err = errno;

		fclose(in);
		free(*text);
		*text = NULL;
		return why_not(why, err, "cannot read '%s': %s", path, strerror(err));
	}
	fclose(in);
	return 0;
}

static int is_iteration(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "iter-", 5);
}

static int is_log(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t len = strlen(name);

	return len > 8 && !strncmp(name, "pft-", 4) && !strcmp(name + len - 4, ".log");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_entries(struct dirent **entries, int nr)
{
	for (int i = 0; i < nr; i++)
		free(entries[i]);
	free(entries);
}

bool mmtests_is_tree(const char *dir)
{
	struct dirent **entries = NULL;
	int nr = scandir(dir, &entries, is_iteration, by_name);
	bool found = false;

	for (int i = 0; i < nr && !found; i++) {
		char *logs = xasprintf("%s/%s/pft/logs", dir, entries[i]->d_name);
		DIR *d = opendir(logs);

		found = d;
		if (d)
			closedir(d);
		free(logs);
	}
	if (nr >= 0)
		free_entries(entries, nr);
	return found;
}

struct log_target {
	struct series *series[NR_LOG_FIELDS];
	unsigned directory;
};

static void add_line(void *arg, unsigned number, const double fields[NR_LOG_FIELDS])
{
	struct log_target *target = arg;

	for (size_t i = 0; i < NR_LOG_FIELDS; i++)
		if (!isnan(fields[i]))
			series_add(target->series[i], fields[i], target->directory, number);
}

/* Read one pft-N.log, which may be empty: its rows are there, without samples. */
static int read_log(struct run *run, const char *path, const char *clients, unsigned directory,
		    struct why *why)
{
	struct log_target target = {.directory = directory};
	unsigned variant = run_variant(run, "");
	size_t len;
	char *text;
	int err = read_file(path, &text, &len, why);

	if (err)
		return err;
	for (size_t i = 0; i < NR_LOG_FIELDS; i++)
		target.series[i] = run_series(run, variant, clients, field_metrics[i]);
	mmtests_parse_log(text, len, add_line, &target);
	free(text);
	return 0;
}

/* The client count in "pft-N.log", in memory that the caller frees. */
static char *log_clients(const char *name)
{
	return xstrndup(name + 4, strlen(name) - 8);
}

/* Keep only the client counts that the last directory has: its ladder decides the rows in mmtests. */
static void keep_ladder(struct run *run, struct dirent **entries, int nr, struct notes *notes)
{
	size_t kept = 0;

	for (size_t c = 0; c < run->nr_clients; c++) {
		bool found = false;

		for (int i = 0; i < nr && !found; i++) {
			char *clients = log_clients(entries[i]->d_name);

			found = !strcmp(clients, run->clients[c]);
			free(clients);
		}
		if (found) {
			run->clients[kept++] = run->clients[c];
			continue;
		}
		notes_add(notes, "run '%s': its last iteration has no log of %s clients: left out",
			  run->path, run->clients[c]);
		free(run->clients[c]);
	}
	run->nr_clients = kept;
}

static int read_iteration(struct run *run, const char *iter, unsigned directory, bool last,
			  struct notes *notes, struct why *why)
{
	char *logs = xasprintf("%s/%s/pft/logs", run->path, iter);
	struct dirent **entries = NULL;
	int nr = scandir(logs, &entries, is_log, by_name);
	int err = 0;

	if (nr < 0)
		notes_add(notes, "'%s': no logs: %s", logs, strerror(errno));
	for (int i = 0; i < nr && !err; i++) {
		char *path = xasprintf("%s/%s", logs, entries[i]->d_name);
		char *clients = log_clients(entries[i]->d_name);

		err = read_log(run, path, clients, directory, why);
		free(clients);
		free(path);
	}
	if (last && nr > 0 && !err)
		keep_ladder(run, entries, nr, notes);
	if (nr >= 0)
		free_entries(entries, nr);
	free(logs);
	return err;
}

/* Take the smallest of each time over all "time ::" lines, as mmtests' duration report does. */
static void read_durations(struct run *run, const char *iter)
{
	char *path = xasprintf("%s/%s/tests-timestamp", run->path, iter);
	struct durations *d = &run->durations;
	FILE *in = fopen(path, "re");
	double user, system, elapsed;
	size_t size = 0;
	char *line = NULL;

	free(path);
	if (!in)
		return;
	d->known = true;
	while (getline(&line, &size, in) > 0) {
		if (sscanf(line, "time :: %*s %lf user %lf system %lf elapsed", &user, &system,
			   &elapsed) != 3)
			continue;
		d->user = d->measured ? fmin(d->user, user) : user;
		d->system = d->measured ? fmin(d->system, system) : system;
		d->elapsed = d->measured ? fmin(d->elapsed, elapsed) : elapsed;
		d->measured = true;
	}
	free(line);
	fclose(in);
}

int mmtests_read(struct run *run, struct notes *notes, struct why *why)
{
	struct dirent **entries = NULL;
	int nr = scandir(run->path, &entries, is_iteration, by_name);
	int err = 0;

	if (nr < 0)
		return why_not(why, errno, "cannot read '%s': %s", run->path, strerror(errno));
	for (int i = 0; i < nr && !err; i++) {
		err = read_iteration(run, entries[i]->d_name, i, i == nr - 1, notes, why);
		read_durations(run, entries[i]->d_name);
	}
	free_entries(entries, nr);
	run_sort_clients(run);
	return err;
}
