/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/result.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/durable.h"
#include "common/run_tables.h"
#include "common/units.h"
#include "common/xalloc.h"

static int exists(const char *dir, const char *name, struct why *why)
{
	return why_not(why, EEXIST,
		       "the run '%s' exists; choose another --name, go on with it by --resume %s, "
		       "or remove the directory",
		       dir, name);
}

int result_check_new(const char *results, const char *name, struct why *why)
{
	int err = run_name_check(name, why);
	char *dir;

	if (err)
		return err;
	dir = xasprintf("%s/%s", results, name);
	if (!access(dir, F_OK))
		err = exists(dir, name, why);
	free(dir);
	return err;
}

char *result_path(const struct result *result, const char *file)
{
	return xasprintf("%s/%s", result->dir, file);
}

static int lock(struct result *r, struct why *why)
{
	r->dir_fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0)
		return why_not(why, errno, "cannot open '%s': %s", r->dir, strerror(errno));
	if (!flock(r->dir_fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return why_not(why, EBUSY, "'%s' is being run now; wait for its end", r->dir);
	return why_not(why, errno, "cannot lock '%s': %s", r->dir, strerror(errno));
}

static int open_samples(struct result *r, int flags, struct why *why)
{
	r->samples_fd =
		openat(r->dir_fd, "samples.tsv", O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0644);
	if (r->samples_fd < 0)
		return why_not(why, errno, "cannot open '%s/samples.tsv': %s", r->dir,
			       strerror(errno));
	return 0;
}

static int write_samples_head(struct result *r, struct why *why)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	tsv_write_head(out, &samples_schema);
	fclose(out);
	err = result_append(r, text, len, why);
	free(text);
	return err;
}

/* plan.tsv comes last and by rename: where it is, the other files are. */
static int write_plan(struct result *r, const struct plan *plan, struct why *why)
{
	char *path = result_path(r, "plan.tsv");
	int err = plan_write(plan, path, why);

	if (!err && fsync(r->dir_fd))
		err = why_not(why, errno, "cannot write '%s': %s", path, strerror(errno));
	free(path);
	return err;
}

static void undo_create(struct result *r)
{
	static const char *const files[] = {"plan.tsv", "meta.tsv", "samples.tsv"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlinkat(r->dir_fd, files[i], 0);
	rmdir(r->dir);
}

int result_make(struct result *r, const char *results, const char *name, struct why *why)
{
	int err;

	*r = (struct result){.dir_fd = -1, .samples_fd = -1};
	err = run_name_check(name, why);
	if (!err)
		err = durable_mkdir(results, why);
	if (err)
		return err;
	r->dir = xasprintf("%s/%s", results, name);
	if (mkdir(r->dir, 0755))
		err = errno == EEXIST
			      ? exists(r->dir, name, why)
			      : why_not(why, errno, "cannot make the directory '%s': %s", r->dir,
					strerror(errno));
	else
		err = lock(r, why);
	if (err)
		result_release(r);
	return err;
}

int result_create(struct result *r, const char *results, const char *name, const struct plan *plan,
		  const struct meta *meta, struct why *why)
{
	char *meta_path;
	int err = result_make(r, results, name, why);

	if (err)
		return err;
	meta_path = result_path(r, "meta.tsv");
	err = open_samples(r, O_CREAT | O_EXCL, why);
	if (!err)
		err = write_samples_head(r, why);
	if (!err)
		err = meta_write(meta, meta_path, why);
	if (!err)
		err = write_plan(r, plan, why);
	free(meta_path);
	if (err) {
		undo_create(r);
		result_release(r);
	}
	return err;
}

int result_keep_topology(const struct result *r, const struct topology *topology, struct why *why)
{
	char *path = result_path(r, "topology.xml");
	int err = 0;

	if (hwloc_topology_export_xml(topology->hwloc, path, 0))
		err = why_not(why, EIO, "cannot write '%s'", path);
	free(path);
	return err;
}

int result_open(struct result *r, const char *results, const char *name, struct why *why)
{
	int err;

	*r = (struct result){.dir_fd = -1, .samples_fd = -1};
	err = run_name_check(name, why);
	if (err)
		return err;
	r->dir = xasprintf("%s/%s", results, name);
	err = lock(r, why);
	if (err == -ENOENT)
		why_not(why, ENOENT, "there is no run '%s'; start it with --config FILE --name %s",
			r->dir, name);
	if (!err && faccessat(r->dir_fd, "plan.tsv", R_OK, 0))
		err = why_not(why, EINVAL,
			      "'%s' has no plan.tsv: it stopped before its first step; remove the "
			      "directory and start again",
			      r->dir);
	if (!err)
		err = open_samples(r, 0, why);
	if (err)
		result_release(r);
	return err;
}

/* The plan's step that a record belongs to, or -EINVAL. */
static int record_step(const struct plan *plan, char **fields, size_t *step)
{
	uint64_t number, clients, iteration;
	const struct plan_cell *cell;

	if (number_parse(fields[SAMPLE_STEP], 0, plan->nr_steps - 1, &number, NULL) ||
	    number_parse(fields[SAMPLE_CLIENTS], 0, UINT32_MAX, &clients, NULL) ||
	    number_parse(fields[SAMPLE_ITERATION], 0, UINT32_MAX, &iteration, NULL))
		return -EINVAL;
	cell = &plan->cells[plan->steps[number].cell];
	if (strcmp(fields[SAMPLE_VARIANT], cell->variant) || clients != cell->clients ||
	    iteration != plan->steps[number].iteration)
		return -EINVAL;
	*step = number;
	return 0;
}

/* Go through the records; *@end is where the last closed step ends. */
static int find_steps(struct tsv_reader *reader, const struct plan *plan, struct result_progress *p,
		      off_t *end, struct why *why)
{
	char *fields[NR_SAMPLE_COLUMNS];
	size_t step;

	*end = ftello(reader->in);
	/* A record that cannot be read is the tail that a power cut left: what precedes it counts. */
	while (tsv_reader_next(reader, fields, NULL) > 0) {
		if (record_step(plan, fields, &step))
			return why_not(
				why, EINVAL,
				"%s:%u: step '%s' of '%s' is not in plan.tsv; the two files are "
				"not of one run",
				reader->path, reader->line, fields[SAMPLE_STEP],
				fields[SAMPLE_VARIANT]);
		if (strcmp(fields[SAMPLE_METRIC], "step"))
			continue;
		if (p->done[step])
			return why_not(why, EINVAL, "%s:%u: step %zu is there twice", reader->path,
				       reader->line, step);
		p->done[step] = true;
		p->nr_done++;
		p->nr_failed += !strcmp(fields[SAMPLE_VALUE], "failed");
		*end = ftello(reader->in);
	}
	return 0;
}

int result_recover(struct result *r, const struct plan *plan, struct result_progress *p,
		   struct why *why)
{
	char *path = result_path(r, "samples.tsv");
	struct tsv_reader reader;
	off_t end = 0;
	int err;

	*p = (struct result_progress){.done = xcalloc(plan->nr_steps + 1, sizeof(*p->done))};
	err = tsv_reader_init(&reader, path, &samples_schema, why);
	if (!err) {
		err = find_steps(&reader, plan, p, &end, why);
		tsv_reader_release(&reader);
	}
	if (!err) {
		p->dropped = lseek(r->samples_fd, 0, SEEK_END) - end;
		if (p->dropped && (ftruncate(r->samples_fd, end) || fsync(r->samples_fd)))
			err = why_not(why, errno, "cannot cut '%s': %s", path, strerror(errno));
	}
	free(path);
	if (err) {
		free(p->done);
		p->done = NULL;
	}
	return err;
}

/* Fill in which steps of @path have failed. */
static int find_failed(const char *path, const struct plan *plan, bool *failed, struct why *why)
{
	char *fields[NR_SAMPLE_COLUMNS];
	struct tsv_reader reader;
	size_t step;
	int got = tsv_reader_init(&reader, path, &samples_schema, why);

	if (got)
		return got;
	while ((got = tsv_reader_next(&reader, fields, why)) > 0)
		if (!strcmp(fields[SAMPLE_METRIC], "step") &&
		    !strcmp(fields[SAMPLE_VALUE], "failed") && !record_step(plan, fields, &step))
			failed[step] = true;
	tsv_reader_release(&reader);
	return got;
}

/* Write @path anew without the records of these steps; what they begin with is their number. */
static int rewrite_without(const char *path, const bool *failed, struct why *why)
{
	char *text, *line = NULL;
	size_t len, size = 0;
	FILE *in = fopen(path, "re"), *out;
	int err = 0;

	if (!in)
		return why_not(why, errno, "cannot open '%s': %s", path, strerror(errno));
	out = xmemstream(&text, &len);
	while (getline(&line, &size, in) > 0)
		if (!isdigit((unsigned char)*line) || !failed[strtoul(line, NULL, 10)])
			fputs(line, out);
	if (ferror(in))
		err = why_not(why, EIO, "cannot read '%s'", path);
	fclose(in);
	fclose(out);
	if (!err)
		err = durable_replace(path, text, len, why);
	free(line);
	free(text);
	return err;
}

int result_drop_failed(struct result *r, const struct plan *plan, struct result_progress *p,
		       struct why *why)
{
	bool *failed = xcalloc(plan->nr_steps + 1, sizeof(*failed));
	char *path = result_path(r, "samples.tsv");
	int err = find_failed(path, plan, failed, why);

	if (!err)
		err = rewrite_without(path, failed, why);
	if (!err) {
		/* What is appended from now on would be lost with a rename that is not on disk. */
		fsync(r->dir_fd);
		close(r->samples_fd);
		err = open_samples(r, 0, why);
	}
	for (size_t i = 0; !err && i < plan->nr_steps; i++)
		if (failed[i]) {
			p->done[i] = false;
			p->nr_done--;
			p->nr_failed--;
		}
	free(path);
	free(failed);
	return err;
}

void result_write_step(FILE *out, const struct plan *plan, size_t step)
{
	const struct plan_cell *cell = &plan->cells[plan->steps[step].cell];

	fprintf(out, "%zu\t", step);
	tsv_write_field(out, cell->variant, '\t');
	fprintf(out, "%u\t%u\t", cell->clients, plan->steps[step].iteration);
}

int result_append(struct result *r, const char *text, size_t len, struct why *why)
{
	int err = durable_append(r->samples_fd, text, len);

	return err ? why_not(why, -err, "cannot write '%s/samples.tsv': %s", r->dir, strerror(-err))
		   : 0;
}

void result_release(struct result *r)
{
	if (r->samples_fd >= 0)
		close(r->samples_fd);
	if (r->dir_fd >= 0)
		close(r->dir_fd);
	free(r->dir);
	*r = (struct result){.dir_fd = -1, .samples_fd = -1};
}
