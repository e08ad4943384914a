/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run is made in a directory beside the one that it gets the name of, so a kill leaves no half of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/import/import.h"
#include "common/durable.h"
#include "common/run_tables.h"
#include "common/xalloc.h"

static void put_head(FILE *out, const struct import_step *step, size_t number)
{
	fprintf(out, "%zu\t", number);
	tsv_write_field(out, step->variant, '\t');
	fprintf(out, "%u\t%u\t", step->clients, step->iteration);
}

static void put_record(FILE *out, const struct import_record *record)
{
	tsv_write_field(out, record->metric, '\t');
	fprintf(out, "all\t%s\t", record->unit);
	if (record->absent)
		fputs("-\t", out);
	else
		fprintf(out, "%.15g\t", record->value);
	tsv_write_field(out, record->absent ? record->absent : "ok", '\n');
}

static void put_samples(FILE *out, const struct import *import)
{
	tsv_write_head(out, &samples_schema);
	for (size_t i = 0; i < import->nr; i++) {
		const struct import_step *step = import->steps[i];

		for (size_t r = 0; r < step->nr; r++) {
			put_head(out, step, i);
			put_record(out, &step->records[r]);
		}
		put_head(out, step, i);
		fputs("step\tall\ttext\tdone\tok\n", out);
	}
}

/* What nobody told is "-". */
static void put_plan(FILE *out, const struct import *import)
{
	tsv_write_head(out, &plan_schema);
	for (size_t i = 0; i < import->nr; i++) {
		const struct import_step *step = import->steps[i];

		fprintf(out, "%zu\t%s\t%s\t-\t-\t-\t%s\t%u\t%u\t-\t-\t-\t", i, step->variant,
			step->workload, step->mode, step->clients, step->iteration);
		tsv_write_field(out, step->extra, '\n');
	}
}

static int write_table(const char *dir, const char *file, const struct import *import,
		       void (*put)(FILE *out, const struct import *import), struct why *why)
{
	char *path = xasprintf("%s/%s", dir, file), *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	put(out, import);
	fclose(out);
	err = durable_replace(path, text, len, why);
	free(text);
	free(path);
	return err;
}

static int write_facts(const char *dir, const struct import *import,
		       const struct import_format *format, const char *name, struct why *why)
{
	char *path = xasprintf("%s/meta.tsv", dir), now[32];
	time_t seconds = time(NULL);
	struct meta meta = {0};
	struct tm tm;
	int err;

	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	meta_add(&meta, "name", "%s", name);
	meta_add(&meta, "measured_by", "%s", format->program);
	meta_add(&meta, "imported", "%s", now);
	for (size_t i = 0; i < import->facts.nr; i++)
		meta_add(&meta, import->facts.facts[i].key, "%s", import->facts.facts[i].value);
	meta_add(&meta, "status", "complete");
	err = meta_write(&meta, path, why);
	meta_release(&meta);
	free(path);
	return err;
}

static void undo(const char *dir)
{
	static const char *const files[] = {"samples.tsv", "plan.tsv", "meta.tsv"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = xasprintf("%s/%s", dir, files[i]);

		unlink(path);
		free(path);
	}
	rmdir(dir);
}

static int fill(const char *dir, const struct import *import, const struct import_format *format,
		const char *name, struct why *why)
{
	int err = write_facts(dir, import, format, name, why);

	if (!err)
		err = write_table(dir, "plan.tsv", import, put_plan, why);
	if (!err)
		err = write_table(dir, "samples.tsv", import, put_samples, why);
	if (!err && chmod(dir, 0755))
		err = why_not(why, errno, "cannot open '%s' to others: %s", dir, strerror(errno));
	return err;
}

int import_write(const struct import *import, const struct import_format *format,
		 const char *results, const char *name, struct why *why)
{
	char *dir, *beside;
	int err = run_name_check(name, why);

	if (err)
		return err;
	if (!import->nr)
		return why_not(why, EINVAL, "no measurement in what is to be imported");
	err = durable_mkdir(results, why);
	if (err)
		return err;
	dir = xasprintf("%s/%s", results, name);
	beside = xasprintf("%s/.%s.XXXXXX", results, name);
	if (!access(dir, F_OK))
		err = why_not(why, EEXIST, "the run '%s' exists; choose another --name", dir);
	else if (!mkdtemp(beside))
		err = why_not(why, errno, "cannot make a directory in '%s': %s", results,
			      strerror(errno));
	else
		err = fill(beside, import, format, name, why);
	if (!err && rename(beside, dir))
		err = why_not(why, errno, "cannot make the run '%s': %s", dir, strerror(errno));
	if (err)
		undo(beside);
	free(beside);
	free(dir);
	return err;
}
