/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format/grid.h"
#include "analysis/format/where.h"
#include "analysis/sums.h"
#include "common/say.h"

/* A table with a row per cell and column of the report, which begin "variant, clients, run". */
struct beside {
	const struct where *where;
	const struct style *style;
	struct grid grid;
	size_t rows;
};

static struct beside beside_of(const struct where *where, const struct style *style,
			       const char *align, const char *const *heads)
{
	struct beside b = {.where = where, .style = style};
	size_t skip = !strcmp(heads[0], "variant") && !where_labelled(where);

	grid_init(&b.grid, align + skip);
	for (heads += skip; *heads; heads++)
		grid_text(&b.grid, "%s", *heads);
	return b;
}

static void begin_row(struct beside *b, const struct where_cell *cell, size_t side)
{
	b->rows++;
	if (where_labelled(b->where))
		grid_text(&b->grid, "%s", cell->label);
	grid_text(&b->grid, "%u", cell->clients);
	grid_text(&b->grid, "%s", b->where->columns.columns[side].name);
}

/* Print it under @title if it has rows, and free it in any case. */
static void beside_print(struct beside *b, FILE *out, const char *title)
{
	if (b->rows) {
		fprintf(out, "%s\n\n", title);
		grid_print(&b->grid, out, b->style);
		fputc('\n', out);
		return;
	}
	grid_release(&b->grid);
}

static void mmap_lock_rows(struct beside *b, const struct where_cell *cell, size_t side)
{
	for (int write = 0; write < 2; write++) {
		struct mmap_lock_sum sum;

		mmap_lock_sum(&sum, cell, side, write);
		if (!sum.known)
			continue;
		begin_row(b, cell, side);
		grid_text(&b->grid, write ? "write" : "read");
		grid_number(&b->grid, 1, sum.in_fault);
		grid_number(&b->grid, 1, sum.acquired);
		grid_number(&b->grid, 1, sum.failed);
		grid_time(&b->grid, sum.wait_ns);
		grid_time(&b->grid, sum.max_wait_ns ? (double)sum.max_wait_ns : NAN);
		grid_time(&b->grid, sum.hold_ns);
		grid_time(&b->grid, sum.max_hold_ns ? (double)sum.max_hold_ns : NAN);
	}
}

static void latency_row(struct beside *b, const struct where_cell *cell, size_t side)
{
	uint64_t bins[NR_BINS], faults = latency_sum(bins, cell, side);

	if (!faults)
		return;
	begin_row(b, cell, side);
	grid_text(&b->grid, "%llu", (unsigned long long)faults);
	grid_number(&b->grid, 0, minor_faults_sum(cell, side));
	grid_time(&b->grid, bins_quantile(bins, 0.5));
	grid_time(&b->grid, bins_quantile(bins, 0.99));
	grid_time(&b->grid, bins_quantile(bins, 0.999));
}

static void time_row(struct beside *b, const struct where_cell *cell, size_t side)
{
	static const struct {
		const char *metric;
		int decimals;
	} columns[] = {
		{"time_user_s", 2},	  {"time_system_s", 2},
		{"time_elapsed_s", 2},	  {"time_cpu", 0},
		{"time_major_faults", 0}, {"time_minor_faults", 0},
		{"time_max_rss", 0},	  {"time_voluntary_switches", 0},
		{"time_involuntary_switches", 0},
	};

	if (isnan(measured_mean(cell, side, "time_elapsed_s")))
		return;
	begin_row(b, cell, side);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		grid_number(&b->grid, columns[i].decimals,
			    measured_mean(cell, side, columns[i].metric));
}

/* Fill the table with the rows of all cells, and print it. */
static void print_rows(struct beside *b, FILE *out, const char *title,
		       void (*rows)(struct beside *b, const struct where_cell *cell, size_t side))
{
	for (size_t i = 0; i < b->where->nr; i++)
		for (size_t s = 0; s < b->where->columns.nr; s++)
			rows(b, &b->where->cells[i], s);
	beside_print(b, out, title);
}

/* "0 50%, 64 50%": where objects begin, the most frequent first, eight at most. */
static void put_places(struct grid *grid, const uint64_t *counts, size_t nr, uint64_t all)
{
	bool told[128] = {false};
	char text[256] = "";
	size_t len = 0;

	for (size_t n = 0; n < 8; n++) {
		size_t most = nr;

		for (size_t i = 0; i < nr; i++)
			if (!told[i] && counts[i] && (most == nr || counts[i] > counts[most]))
				most = i;
		if (most == nr)
			break;
		told[most] = true;
		len += snprintf(text + len, sizeof(text) - len, "%s%zu %.0f%%", n ? ", " : "", most,
				counts[most] * 100.0 / all);
	}
	grid_text(grid, "%s", text);
}

static void print_alignment(FILE *out, const struct where *where, const struct style *style)
{
	static const char *const heads[] = {"cache", "run", "objects", "address & 63",
					    "address & 127", NULL};
	struct beside b = beside_of(where, style, "llrll", heads);

	for (size_t s = 0; s < where->columns.nr; s++) {
		struct alignment_sum *sums;
		size_t nr = alignment_sums(&sums, where, s);

		for (size_t i = 0; i < nr; i++) {
			if (!sums[i].count)
				continue;
			b.rows++;
			grid_text(&b.grid, "%s", sums[i].cache);
			grid_text(&b.grid, "%s", where->columns.columns[s].name);
			grid_text(&b.grid, "%llu", (unsigned long long)sums[i].count);
			put_places(&b.grid, sums[i].mod64, 64, sums[i].count);
			put_places(&b.grid, sums[i].mod128, 128, sums[i].count);
		}
		free(sums);
	}
	beside_print(&b, out, "where objects begin in their line and pair of lines");
}

void where_beside(FILE *out, const struct where *where, const struct style *style)
{
	static const char *const mmap_lock[] = {"variant", "clients", "run", "side",
						"in faults/1000 faults", "all/1000", "failed/1000",
						"wait", "max", "hold", "max", NULL};
	static const char *const latency[] = {"variant", "clients", "run", "faults", "minor",
					      "p50", "p99", "p99.9", NULL};
	static const char *const time[] = {"variant", "clients", "run", "user s", "system s",
					   "elapsed s", "CPU %", "major", "minor", "max RSS KiB",
					   "voluntary", "involuntary", NULL};
	struct beside b = beside_of(where, style, "lrllrrrrrrr", mmap_lock);

	print_rows(&b, out, "faults served under the kernel's mmap_lock, and its waits and holds",
		   mmap_lock_rows);
	b = beside_of(where, style, "lrlrrrrr", latency);
	print_rows(&b, out, "latency of single faults, and the minor faults that getrusage counted",
		   latency_row);
	print_alignment(out, where, style);
	b = beside_of(where, style, "lrlrrrrrrrrr", time);
	print_rows(&b, out, "time(1), mean of the measured iterations", time_row);
}

/* What one probe of one run did in the cells that are shown. */
struct probe_sum {
	double events, lost, ns;
	const char *reason; /* why it did not run */
	bool seen;
};

static void probe_sum(struct probe_sum *sum, const struct where *where, size_t side,
		      const char *probe)
{
	*sum = (struct probe_sum){0};
	for (size_t c = 0; c < where->nr; c++) {
		const struct profile_source *source = &where->cells[c].sources[side];

		for (size_t i = 0; source->findings && i < source->findings->nr_probes; i++) {
			const struct probe_row *row = &source->findings->probes[i];

			if (row->epoch.variant != source->variant ||
			    row->epoch.clients != where->cells[c].clients ||
			    strcmp(row->probe, probe))
				continue;
			sum->seen = true;
			sum->events += row->events;
			sum->lost += row->lost;
			sum->ns += row->ns;
			if (!strncmp(row->status, "unsupported:", 12))
				sum->reason = row->status + 12 + strspn(row->status + 12, " ");
		}
	}
}

static double thread_ns(const struct where *where, size_t side)
{
	double sum = 0;

	for (size_t c = 0; c < where->nr; c++) {
		const struct profile_side *s = &where->cells[c].profile.sides[side];

		for (size_t i = 0; i < s->nr; i++)
			sum += s->thread_ns[i];
	}
	return sum;
}

/* Whether row @i is the first of its probe. */
static bool is_first(const struct findings *e, size_t i)
{
	for (size_t o = 0; o < i; o++)
		if (!strcmp(e->probes[o].probe, e->probes[i].probe))
			return false;
	return true;
}

static void probe_line(FILE *out, const struct where *where, size_t side, const char *probe)
{
	const char *run = where->columns.columns[side].name;
	double all = thread_ns(where, side);
	char lost[32] = "", watched[48] = "";
	struct probe_sum sum;

	probe_sum(&sum, where, side, probe);
	if (!sum.seen)
		return;
	if (sum.reason) {
		say_line(out, "%s: probe '%s' did not run: %s", run, probe, sum.reason);
		return;
	}
	if (sum.lost > 0)
		snprintf(lost, sizeof(lost), " (%.2f%%)", 100 * sum.lost / (sum.events + sum.lost));
	if (sum.ns > 0 && all > 0)
		snprintf(watched, sizeof(watched), ", %.2f%% of thread time to watch",
			 100 * sum.ns / all);
	say_line(out, "%s: probe '%s': %.0f events, %.0f lost%s%s", run, probe, sum.events,
		 sum.lost, lost, watched);
}

void where_probes(FILE *out, const struct where *where)
{
	for (size_t s = 0; s < where->columns.nr; s++) {
		const struct findings *e = NULL;

		for (size_t c = 0; c < where->nr && !e; c++)
			e = where->cells[c].sources[s].findings;
		for (size_t i = 0; e && i < e->nr_probes; i++)
			if (is_first(e, i))
				probe_line(out, where, s, e->probes[i].probe);
	}
}
