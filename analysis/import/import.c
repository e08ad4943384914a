/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/import/import.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/import/bounded.h"
#include "common/units.h"
#include "common/xalloc.h"

#define TOO_LARGE "cannot read '%s': it has more than %zu MiB, which no such program prints"

static void step_free(struct import_step *step)
{
	for (size_t i = 0; i < step->nr; i++) {
		free(step->records[i].metric);
		free(step->records[i].absent);
	}
	free(step->records);
	free(step->variant);
	free(step->workload);
	free(step->mode);
	free(step->extra);
	free(step);
}

void import_release(struct import *import)
{
	for (size_t i = 0; i < import->nr; i++)
		step_free(import->steps[i]);
	free(import->steps);
	meta_release(&import->facts);
	*import = (struct import){0};
}

/* @name in the characters that a variant may have, for the caller to free. */
static char *clean_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	char *clean = xstrdup(*name ? name : "unnamed");

	for (char *c = clean; *c; c++)
		if (!strchr(allowed, *c))
			*c = '_';
	return clean;
}

static struct import_step *find(const struct import *import, const char *variant, unsigned clients)
{
	for (size_t i = import->nr; i-- > 0;)
		if (import->steps[i]->clients == clients &&
		    !strcmp(import->steps[i]->variant, variant))
			return import->steps[i];
	return NULL;
}

struct import_step *import_step(struct import *import, const char *variant, const char *workload,
				const char *mode, unsigned clients)
{
	struct import_step *step = xcalloc(1, sizeof(*step));
	const struct import_step *last;

	step->variant = clean_name(import->variant ? import->variant : variant);
	step->workload = clean_name(workload);
	step->mode = xstrdup(mode);
	step->extra = xstrdup("-");
	step->clients = clients;
	last = find(import, step->variant, clients);
	step->iteration = last ? last->iteration + 1 : 0;
	XGROW(import->steps, import->nr, import->cap);
	import->steps[import->nr++] = step;
	return step;
}

struct import_step *import_find(const struct import *import, const char *variant, unsigned clients)
{
	char *clean = clean_name(import->variant ? import->variant : variant);
	struct import_step *step = find(import, clean, clients);

	free(clean);
	return step;
}

void import_add(struct import_step *step, const char *metric, const char *unit, double value,
		const char *absent)
{
	XGROW(step->records, step->nr, step->cap);
	step->records[step->nr++] =
		(struct import_record){.metric = xstrdup(metric),
				       .unit = unit,
				       .value = value,
				       .absent = absent ? xstrdup(absent) : NULL};
}

const struct import_record *import_record(const struct import_step *step, const char *metric)
{
	for (size_t i = 0; i < step->nr; i++)
		if (!strcmp(step->records[i].metric, metric))
			return &step->records[i];
	return NULL;
}

void import_fact(struct import *import, const char *key, const char *value)
{
	const char *first = meta_get(&import->facts, key);

	if (!first)
		meta_add(&import->facts, key, "%s", value);
	else if (strcmp(first, value))
		notes_add(import->notes, "the files differ in %s: '%.80s', then '%.80s'", key,
			  first, value);
}

void import_remark(struct import *import, const char *remark)
{
	for (size_t i = 0; i < import->facts.nr; i++)
		if (!strcmp(import->facts.facts[i].value, remark))
			return;
	meta_add(&import->facts, "import_remark", "%s", remark);
}

bool import_number(const char *text, double *value)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789+-.eE")])
		return false;
	*value = strtod(text, &end);
	return !*end && isfinite(*value);
}

bool import_clients(const char *text, unsigned *clients)
{
	uint64_t number;

	if (number_parse(text, 1, IMPORT_MAX_CLIENTS, &number, NULL))
		return false;
	*clients = (unsigned)number;
	return true;
}

/* Split "N=FILE"; a name that begins otherwise is a file's. */
static const char *split_word(const char *word, unsigned *clients)
{
	const char *equals = strchr(word, '=');
	char *number = equals ? xstrndup(word, equals - word) : NULL;
	bool is_count = number && import_clients(number, clients);

	free(number);
	if (is_count)
		return equals + 1;
	*clients = 0;
	return word;
}

/* What is no file may go on and on. */
static int read_stream(struct import *import, const struct import_format *format,
		       struct import_file *file, FILE *in, struct why *why)
{
	int err;

	file->in = bounded_open(in, IMPORT_MAX_BYTES);
	err = format->read(import, file, why);
	if (err && ferror(file->in) && !feof(in) && !ferror(in))
		err = why_not(why, EFBIG, TOO_LARGE, file->path, IMPORT_MAX_BYTES >> 20);
	fclose(file->in);
	return err;
}

static int open_and_read(struct import *import, const struct import_format *format,
			 struct import_file *file, struct why *why)
{
	struct stat status;
	FILE *in;
	int err;

	if (!strcmp(file->path, "-"))
		return read_stream(import, format, file, stdin, why);
	if (stat(file->path, &status))
		return why_not(why, errno, "cannot read '%s': %s", file->path, strerror(errno));
	if (S_ISDIR(status.st_mode) && format->directories)
		return format->read(import, file, why);
	if (S_ISDIR(status.st_mode))
		return why_not(why, EISDIR, "cannot read '%s': it is a directory", file->path);
	if (S_ISREG(status.st_mode) && status.st_size > (off_t)IMPORT_MAX_BYTES)
		return why_not(why, EFBIG, TOO_LARGE, file->path, IMPORT_MAX_BYTES >> 20);
	in = fopen(file->path, "re");
	if (!in)
		return why_not(why, errno, "cannot read '%s': %s", file->path, strerror(errno));
	if (S_ISREG(status.st_mode)) {
		file->in = in;
		err = format->read(import, file, why);
	} else {
		err = read_stream(import, format, file, in, why);
	}
	fclose(in);
	return err;
}

int import_read(struct import *import, const struct import_format *format, const char *word,
		struct why *why)
{
	struct import_file file = {0};

	file.path = split_word(word, &file.clients);
	meta_add(&import->facts, "imported_from", "%s", file.path);
	return open_and_read(import, format, &file, why);
}
