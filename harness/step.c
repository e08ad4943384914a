/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/step.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/result.h"
#include "harness/sysfs.h"

#define STDERR_MAX 4000

static const char *const row_columns[] = {"metric", "thread", "unit", "value", "status", NULL};
const struct tsv_schema rows_schema = {"rows", 1, row_columns};

static void push(struct step_argv *a, char *owned)
{
	XGROW(a->argv, a->nr, a->cap);
	a->argv[a->nr++] = owned;
}

static void push_option(struct step_argv *a, const char *option, char *owned)
{
	push(a, xstrdup(option));
	push(a, owned);
}

/* The next word of @text, *@len bytes of it, or NULL. */
static const char *next_word(const char *text, size_t *len)
{
	text += strspn(text, " \t");
	*len = strcspn(text, " \t");
	return *text ? text : NULL;
}

/* The word behind @option in @text, *@len bytes of it, or NULL. */
static const char *word_behind(const char *text, const char *option, size_t *len)
{
	bool found = false;

	for (const char *p = text; (p = next_word(p, len)); p += *len) {
		if (found)
			return p;
		found = *len == strlen(option) && !memcmp(p, option, *len);
	}
	return NULL;
}

char *step_machine(const struct plan_cell *cell)
{
	size_t len;
	const char *name = word_behind(cell->extra, STEP_MACHINE, &len);

	return name ? xstrndup(name, len) : NULL;
}

bool step_is_simulated(const struct plan_cell *cell)
{
	size_t len;

	return word_behind(cell->extra, STEP_MACHINE, &len);
}

/* The further options, without those for us unless @all. */
static void push_words(struct step_argv *a, const char *text, bool all)
{
	bool ours = false;
	size_t len;

	for (const char *p = text; (p = next_word(p, &len)); p += len) {
		if (!all && !ours && !strncmp(p, STEP_PREFETCH, len) && !STEP_PREFETCH[len])
			ours = true;
		else if (ours)
			ours = false;
		else
			push(a, xstrndup(p, len));
	}
}

/* The word behind --prefetch as what comes before pft on the command line: prefetchers are switched by
 * 'faultscale prefetch', which outlives all that may happen to pft and to us. */
static void push_prefetch(struct step_argv *a, const char *text, const char *program)
{
	size_t len;
	const char *p = word_behind(text, STEP_PREFETCH, &len);
	const char *is = p ? memchr(p, '=', len) : NULL;

	if (!is)
		return;
	push(a, xstrdup(program));
	push(a, xstrdup("prefetch"));
	push(a, xstrndup(is + 1, len - (size_t)(is + 1 - p)));
	if (strncmp(p, "all=", 4))
		push_option(a, "--only", xstrndup(p, (size_t)(is - p)));
	push(a, xstrdup("--"));
}

void step_argv_init(struct step_argv *a, const struct plan_cell *cell, const char *pft,
		    unsigned nr_cpus)
{
	bool simulated = step_is_simulated(cell);

	*a = (struct step_argv){0};
	if (!simulated)
		push_prefetch(a, cell->extra, nr_cpus ? "/proc/self/exe" : "faultscale");
	push(a, xstrdup(pft));
	push_option(a, "-m", xasprintf("%llu", (unsigned long long)cell->bytes));
	push_option(a, cell->processes ? "-n" : "-t", xasprintf("%u", cell->clients));
	if (simulated || strcmp(cell->workload, "anon")) /* which is not what pft-sim does unasked */
		push_option(a, "--workload", xstrdup(cell->workload));
	if (cell->cpus) {
		char *list = id_list_format(cell->cpus, cell->clients);

		push_option(a, "--pin", xasprintf("cpus:%s", list));
		free(list);
	}
	if (strcmp(cell->mem, "default"))
		push_option(a, "--mem", xstrdup(cell->mem));
	if (strcmp(cell->pagesize, "base"))
		push_option(a, "--pagesize", xstrdup(cell->pagesize));
	if (nr_cpus && !simulated && !cell->cpus && cell->clients > nr_cpus)
		push(a, xstrdup("--oversubscribe"));
	if (nr_cpus)
		push_option(a, "--rows", xasprintf("/dev/fd/%d", CHILD_ROWS_FD));
	push_words(a, cell->extra, simulated);
	XGROW(a->argv, a->nr, a->cap);
	a->argv[a->nr] = NULL;
}

void step_argv_release(struct step_argv *a)
{
	for (size_t i = 0; i < a->nr; i++)
		free(a->argv[i]);
	free(a->argv);
	*a = (struct step_argv){0};
}

char *step_command(const struct plan_cell *cell, const char *pft)
{
	struct step_argv a;
	char *text = xstrdup("");

	step_argv_init(&a, cell, pft, 0);
	for (size_t i = 0; i < a.nr; i++) {
		char *more = xasprintf("%s%s%s", text, i ? " " : "", a.argv[i]);

		free(text);
		text = more;
	}
	step_argv_release(&a);
	return text;
}

static void write_record(FILE *out, const struct plan *plan, size_t step, const char *const *row)
{
	result_write_step(out, plan, step);
	for (size_t i = 0; i < NR_ROW_COLUMNS; i++)
		tsv_write_field(out, row[i], i + 1 < NR_ROW_COLUMNS ? '\t' : '\n');
}

/* One number of the harness. @digits behind the point. */
static void write_number(FILE *out, const struct plan *plan, size_t step, const char *metric,
			 const char *unit, int digits, double value)
{
	char text[64];
	const char *const row[NR_ROW_COLUMNS] = {metric, "all", unit, text, "ok"};

	snprintf(text, sizeof(text), "%.*f", digits, value);
	write_record(out, plan, step, row);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* The first 32 bits of the kernel's boot_id: enough to tell a run's boots apart. */
static void write_boot(FILE *out, const struct plan *plan, size_t step)
{
	char *id = sysfs_read("", "/proc/sys/kernel/random/boot_id"), *end = id;
	unsigned long number = id ? strtoul(id, &end, 16) : 0;

	if (end != id)
		write_number(out, plan, step, "time_boot", "1", 0, (double)number);
	free(id);
}

/* What time(1) says of the process. */
static void write_times(FILE *out, const struct plan *plan, size_t step,
			const struct child_result *c)
{
	const struct rusage *u = &c->usage;
	double user = seconds(u->ru_utime), system = seconds(u->ru_stime);

	write_boot(out, plan, step);
	write_number(out, plan, step, "time_started", "s", 3, c->started_s);
	write_number(out, plan, step, "time_user_s", "s", 6, user);
	write_number(out, plan, step, "time_system_s", "s", 6, system);
	write_number(out, plan, step, "time_elapsed_s", "s", 6, c->elapsed_s);
	write_number(out, plan, step, "time_cpu", "%", 1,
		     c->elapsed_s > 0 ? 100 * (user + system) / c->elapsed_s : 0);
	write_number(out, plan, step, "time_max_rss", "KiB", 0, (double)u->ru_maxrss);
	write_number(out, plan, step, "time_major_faults", "1", 0, (double)u->ru_majflt);
	write_number(out, plan, step, "time_minor_faults", "1", 0, (double)u->ru_minflt);
	write_number(out, plan, step, "time_voluntary_switches", "1", 0, (double)u->ru_nvcsw);
	write_number(out, plan, step, "time_involuntary_switches", "1", 0, (double)u->ru_nivcsw);
}

/* What others did meanwhile, for the guards of the analysis. */
static void write_disturbance(FILE *out, const struct plan *plan, size_t step,
			      const struct disturbance *d)
{
	if (d->frequency > 0)
		write_number(out, plan, step, "time_frequency", "1/s", 0, d->frequency);
	if (!d->known)
		return;
	write_number(out, plan, step, "time_steal", "%", 1, d->steal);
	write_number(out, plan, step, "time_foreign", "%", 1, d->foreign);
}

static void write_end(FILE *out, const struct plan *plan, size_t step,
		      const struct step_outcome *outcome)
{
	char *status = outcome->failed ? xasprintf("failed: %s", outcome->why.text) : xstrdup("ok");
	const char *const row[NR_ROW_COLUMNS] = {"step", "all", "text",
						 outcome->failed ? "failed" : "done", status};

	write_record(out, plan, step, row);
	free(status);
}

static int check_row(const struct tsv_reader *r, char **row, struct why *why)
{
	char *end;

	if (!*row[ROW_METRIC] || !strcmp(row[ROW_METRIC], "step") ||
	    !strncmp(row[ROW_METRIC], "time_", 5))
		return why_not(why, EINVAL, "%s:%u: no name for a metric of pft, '%s'", r->path,
			       r->line, row[ROW_METRIC]);
	if (!strcmp(row[ROW_UNIT], "text") || !strcmp(row[ROW_VALUE], "-"))
		return 0;
	strtod(row[ROW_VALUE], &end);
	if (end == row[ROW_VALUE] || *end || !isdigit((unsigned char)end[-1]))
		return why_not(why, EINVAL, "%s:%u: '%s' of %s is not a number", r->path, r->line,
			       row[ROW_VALUE], row[ROW_METRIC]);
	return 0;
}

/* Copy what pft wrote into its pipe. Half a row, or none, is an error. */
static int copy_rows(FILE *out, const struct plan *plan, size_t step, const struct child_text *rows,
		     struct step_outcome *outcome)
{
	struct why *why = &outcome->why;
	char *row[NR_ROW_COLUMNS];
	struct tsv_reader r;
	FILE *in;
	int got;

	if (!rows->len)
		return why_not(why, EINVAL, "it wrote no rows");
	if (rows->lost)
		return why_not(why, EINVAL, "it wrote %zu bytes of rows and more", rows->len);
	in = fmemopen(rows->data, rows->len, "r");
	if (!in)
		return why_not(why, ENOMEM, "out of memory");
	got = tsv_reader_init_stream(&r, in, "rows", &rows_schema, why);
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, row, why)) > 0) {
		got = check_row(&r, row, why);
		if (got)
			break;
		write_record(out, plan, step, (const char *const *)row);
		if (!strcmp(row[ROW_METRIC], "faults/sec") && !strcmp(row[ROW_THREAD], "all"))
			outcome->faults_per_sec = strtod(row[ROW_VALUE], NULL);
	}
	if (!got && r.torn)
		got = why_not(why, EINVAL, "rows:%u: half a row", r.line);
	else if (!got && r.line < 3)
		got = why_not(why, EINVAL, "it wrote no rows");
	tsv_reader_release(&r);
	return got;
}

/* The classic result line, the last one that pft printed, as a record. mmtests' reader wants the
 * blank that begins it. A result of another number of workers would be filed under the wrong one. */
static int copy_classic(FILE *out, const struct plan *plan, size_t step, struct child_text *text,
			struct step_outcome *outcome)
{
	unsigned wanted = plan->cells[plan->steps[step].cell].clients, workers;
	char *line = text->data, *end = line + text->len;

	while (end > line && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(text->data, '\n');
	line = line ? line + 1 : text->data;
	if (*line != ' ')
		return why_not(&outcome->why, EINVAL, "it printed no result line");
	if (sscanf(line, "%*u %u", &workers) != 1 || workers != wanted)
		return why_not(&outcome->why, EINVAL, "it did not run %u workers, but says '%s'",
			       wanted, line);
	write_record(out, plan, step, (const char *const[]){"classic", "all", "text", line, "ok"});
	return 0;
}

/* What a good step said on stderr is kept too: its end, as one text. */
static void copy_stderr(FILE *out, const struct plan *plan, size_t step, struct child_text *text)
{
	char *said = text->data;

	while (text->len && strchr(" \n", said[text->len - 1]))
		said[--text->len] = '\0';
	if (text->len > STDERR_MAX)
		said += text->len - STDERR_MAX;
	if (*said)
		write_record(out, plan, step,
			     (const char *const[]){"stderr", "all", "text", said, "ok"});
}

void step_write(FILE *out, const struct plan *plan, size_t step, struct child_result *child,
		const struct disturbance *d, struct step_outcome *outcome)
{
	char *text;
	size_t len;
	FILE *rows = xmemstream(&text, &len);
	int err;

	*outcome = (struct step_outcome){0};
	err = child_verdict(child, plan->timeout_s, &outcome->why);
	if (!err)
		err = copy_rows(rows, plan, step, &child->rows, outcome);
	if (!err)
		err = copy_classic(rows, plan, step, &child->out, outcome);
	if (!err)
		copy_stderr(rows, plan, step, &child->err);
	fclose(rows);
	if (!err)
		fwrite(text, 1, len, out);
	free(text);
	outcome->failed = err;
	write_times(out, plan, step, child);
	write_disturbance(out, plan, step, d);
	write_end(out, plan, step, outcome);
}

void step_write_unstarted(FILE *out, const struct plan *plan, size_t step,
			  struct step_outcome *outcome)
{
	outcome->failed = true;
	write_end(out, plan, step, outcome);
}
