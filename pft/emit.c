/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/emit.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/tsv.h"
#include "common/xalloc.h"
#include "pft/counters/counters.h"
#include "pft/workload.h"

static const char *const columns[] = {"metric", "thread", "unit", "value", "status", NULL};
static const struct tsv_schema rows_schema = {.kind = "rows", .version = 1, .columns = columns};

static void emit_row(struct emit *emit, const char *metric, int thread, const char *unit,
		     const char *value, const char *status)
{
	char number[16] = "all";

	if (thread != EMIT_ALL)
		snprintf(number, sizeof(number), "%d", thread);
	tsv_write_field(emit->out, metric, '\t');
	tsv_write_field(emit->out, number, '\t');
	tsv_write_field(emit->out, unit, '\t');
	tsv_write_field(emit->out, value, '\t');
	tsv_write_field(emit->out, status, '\n');
}

void emit_none(struct emit *emit, const char *metric, int thread, const char *unit,
	       const char *reason)
{
	char *status = xasprintf("unavailable: %s", reason);

	emit_row(emit, metric, thread, unit, "-", status);
	free(status);
}

/* %.17g would give back every bit, and 0.1 as 0.10000000000000001: 15 digits are what a double
 * holds. */
void emit_status(struct emit *emit, const char *metric, int thread, const char *unit, double value,
		 const char *status)
{
	char text[64] = "-";

	if (isfinite(value))
		snprintf(text, sizeof(text), "%.15g", value);
	emit_row(emit, metric, thread, unit, text, status);
}

void emit_number(struct emit *emit, const char *metric, int thread, const char *unit, double value)
{
	if (isfinite(value))
		emit_status(emit, metric, thread, unit, value, "ok");
	else
		emit_none(emit, metric, thread, unit,
			  "division by a time too short to be measured");
}

void emit_count(struct emit *emit, const char *metric, int thread, const char *unit, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	emit_row(emit, metric, thread, unit, text, "ok");
}

void emit_text(struct emit *emit, const char *metric, const char *value)
{
	emit_row(emit, metric, EMIT_ALL, "text", value, "ok");
}

/* As the classic has it: truncated, with a page per worker for the rounding up. */
static uint64_t gib_of(const struct run *run)
{
	return (run->settings->bytes + run->page_size * run->settings->nr_workers) >> 30;
}

static void emit_totals(struct emit *emit, const struct run *run)
{
	struct totals t;

	totals_of(run, &t);
	emit_number(emit, "faults/cpu", EMIT_ALL, "1/s", t.faults_per_cpu);
	emit_number(emit, "faults/sec", EMIT_ALL, "1/s", t.faults_per_sec);
	emit_number(emit, "user_s", EMIT_ALL, "s", t.user_s);
	emit_number(emit, "system_s", EMIT_ALL, "s", t.system_s);
	emit_number(emit, "wall_s", EMIT_ALL, "s", t.wall_s);
	emit_number(emit, "setup_s", EMIT_ALL, "s", run->setup_ns / 1e9);
	emit_number(emit, "teardown_s", EMIT_ALL, "s", run->teardown_ns / 1e9);
	emit_count(emit, "faults", EMIT_ALL, "1", t.faults);
	emit_count(emit, "planned_faults", EMIT_ALL, "1", t.planned);
	emit_count(emit, "minor_faults", EMIT_ALL, "1", t.minor_faults);
	emit_count(emit, "major_faults", EMIT_ALL, "1", t.major_faults);
	emit_count(emit, "fault_size", EMIT_ALL, "B", run->unit);
	emit_count(emit, "gib", EMIT_ALL, "1", gib_of(run));
	emit_count(emit, "cachelines", EMIT_ALL, "1", run->settings->cachelines);
	emit_text(emit, "workload", run->workload->name);
}

static void emit_spread(struct emit *emit, const struct run *run)
{
	unsigned n = run->settings->nr_workers;
	double *walls = xcalloc(n, sizeof(*walls));
	struct spread spread;

	for (unsigned i = 0; i < n; i++)
		walls[i] = measure_wall_s(&run->workers[i].measure);
	spread_of(walls, n, &spread);
	emit_number(emit, "spread_min_s", EMIT_ALL, "s", spread.min);
	emit_number(emit, "spread_max_s", EMIT_ALL, "s", spread.max);
	emit_number(emit, "spread_gini", EMIT_ALL, "1", spread.gini);
	emit_number(emit, "spread_cov", EMIT_ALL, "1", spread.cov);
	free(walls);
}

static void emit_placement(struct emit *emit, const struct run *run)
{
	uint64_t sampled = 0, local = 0;
	char metric[32];

	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		sampled += run->workers[i].measure.pages_sampled;
		local += run->workers[i].measure.pages_local;
	}
	emit_count(emit, "pages_sampled", EMIT_ALL, "1", sampled);
	for (unsigned node = 0; node < RUN_MAX_NODES; node++) {
		if (!run->control->pages_on_node[node])
			continue;
		snprintf(metric, sizeof(metric), "pages_node_%u", node);
		emit_count(emit, metric, EMIT_ALL, "1", run->control->pages_on_node[node]);
	}
	if (sampled)
		emit_number(emit, "local_pages", EMIT_ALL, "%", 100.0 * local / sampled);
	else
		emit_none(emit, "local_pages", EMIT_ALL, "%", run->workers[0].measure.unsampled);
}

static void emit_migrations(struct emit *emit, int thread, int64_t n)
{
	if (n < 0)
		emit_none(emit, "migrations", thread, "1", "/proc/thread-self/sched tells none");
	else
		emit_count(emit, "migrations", thread, "1", n);
}

static void emit_all_migrations(struct emit *emit, const struct run *run)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < run->settings->nr_workers && sum >= 0; i++) {
		int64_t n = run->workers[i].measure.migrations;

		sum = n < 0 ? -1 : sum + n;
	}
	emit_migrations(emit, EMIT_ALL, sum);
}

static void emit_worker(struct emit *emit, const struct worker *w)
{
	const struct measure *m = &w->measure;
	const struct snapshot *start = &m->start, *end = &m->end;

	emit_number(emit, "worker_wall_s", w->id, "s", measure_wall_s(m));
	emit_number(emit, "worker_user_s", w->id, "s", (end->user_us - start->user_us) / 1e6);
	emit_number(emit, "worker_system_s", w->id, "s", (end->system_us - start->system_us) / 1e6);
	emit_count(emit, "worker_faults", w->id, "1", w->faults);
	emit_count(emit, "worker_minor_faults", w->id, "1",
		   end->minor_faults - start->minor_faults);
	emit_count(emit, "worker_major_faults", w->id, "1",
		   end->major_faults - start->major_faults);
	emit_count(emit, "worker_cpu_start", w->id, "1", start->cpu);
	emit_count(emit, "worker_cpu_end", w->id, "1", end->cpu);
	emit_migrations(emit, w->id, m->migrations);
}

/* Whose samples are of the measured region: the thread, and when it was in it. */
static void emit_window(struct emit *emit, const struct worker *w)
{
	const struct measure *m = &w->measure;
	char text[64];

	snprintf(text, sizeof(text), "%d %" PRIu64 " %" PRIu64, m->tid, m->start.ns, m->end.ns);
	emit_row(emit, "announce_window", w->id, "text", text, "ok");
}

void emit_rows(FILE *out, const struct run *run)
{
	struct emit emit = {.out = out};

	tsv_write_head(out, &rows_schema);
	emit_totals(&emit, run);
	emit_spread(&emit, run);
	emit_placement(&emit, run);
	emit_all_migrations(&emit, run);
	for (unsigned i = 0; i < run->settings->nr_workers; i++)
		emit_worker(&emit, &run->workers[i]);
	counters_emit(&emit, run);
	for (unsigned i = 0; run->settings->announce && i < run->settings->nr_workers; i++)
		emit_window(&emit, &run->workers[i]);
	if (run->rows)
		fputs(run->rows, out);
}

void emit_title(FILE *out, const struct run *run, const char *tag)
{
	const struct settings *s = run->settings;
	const char *name = s->workload->name;

	if (!strcmp(name, "sysv"))
		name = "shmem";
	if (tag)
		fprintf(out, "TAG pft:%s-%s%s:%s\n", name,
			s->mem.kind == MEM_DEFAULT ? "sys-default" : "vma-policy",
			s->shm_lock ? "-shm_locked"
			: s->mlock  ? "-mlocked"
				    : "",
			tag);
	fputs("  Gb  Thr CLine   User     System     Wall    flt/cpu/s fault/wsec\n", out);
}

void emit_classic(FILE *out, const struct run *run)
{
	struct totals t;

	totals_of(run, &t);
	fprintf(out, " %3" PRIu64 " %4u %3u %8.2fs %8.2fs %8.2fs  %10.3f %10.3f\n", gib_of(run),
		run->settings->nr_workers, run->settings->cachelines, t.user_s, t.system_s,
		t.wall_s, t.faults_per_cpu, t.faults_per_sec);
}
