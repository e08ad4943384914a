/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/where.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/xalloc.h"

/* Where columns are heard one by one, each head has to tell all: "after" is that of the one before it. */
static void put_heads(struct grid *grid, const char *align, const char *const *heads,
		      const struct style *style)
{
	size_t len = 0;

	grid_init(grid, align);
	for (; *heads; heads++) {
		const char *before = strstr(*heads, "before");

		if (before)
			len = before - *heads;
		if (style->whole_heads && !strcmp(*heads, "after"))
			grid_text(grid, "%.*s%s", (int)len, heads[-1], *heads);
		else
			grid_text(grid, "%s", *heads);
	}
}

/* The variant, where there are several, and the clients. */
static void put_cell(struct grid *grid, const struct where *where, const struct where_cell *cell)
{
	if (where_labelled(where))
		grid_text(grid, "%s", cell->label);
	grid_text(grid, "%u", cell->clients);
}

static void put_share(struct grid *grid, double share)
{
	if (isnan(share))
		grid_text(grid, "-");
	else if (share > 0 && share < 0.0005)
		grid_text(grid, "<0.1%%");
	else
		grid_text(grid, "%.1f%%", share * 100);
}

/* Times and waits per 1000 faults: of little ones more digits. */
static int decimals_of(double value)
{
	return value != 0 && fabs(value) < 1 ? 3 : 1;
}

static void put_rate(struct grid *grid, double value)
{
	grid_number(grid, decimals_of(value), value);
}

/* A change with its sign, and where it lies. */
static void put_change(struct grid *grid, const struct wait_entry *e)
{
	if (isnan(e->change))
		grid_text(grid, "-");
	else
		grid_text(grid, "%+.*f", decimals_of(e->change), e->change);
	if (isnan(e->interval.low))
		grid_text(grid, "-");
	else
		grid_text(grid, "%+.*f to %+.*f", decimals_of(e->change), e->interval.low,
			  decimals_of(e->change), e->interval.high);
}

/* A quantile is an estimate within a bin, and no more than the largest value. */
static void put_quantile(struct grid *grid, const struct wait_entry *e, double q)
{
	double ns = bins_quantile(e->bins[0], q), max = e->side[0].max_ns;

	grid_time(grid, max > 0 && ns > max ? max : ns);
}

static void put_max(struct grid *grid, const struct wait_entry *e, size_t side)
{
	grid_time(grid, e->side[side].max_ns ? (double)e->side[side].max_ns : NAN);
}

/* One entry of a report of one run. */
static void cause_row(struct grid *grid, const struct where *where, const struct where_cell *cell,
		      const struct wait_entry *e)
{
	const struct profile *p = &cell->profile;
	double spun = e->side[0].spun_ns, slept = e->side[0].slept_ns;

	put_cell(grid, where, cell);
	grid_text(grid, "%s", *e->what ? e->what : "all");
	put_share(grid, profile_share(p, e, 0));
	put_rate(grid, profile_us(p, e, 0));
	put_rate(grid, profile_waits(p, e, 0));
	if (where->of == PROFILE_CONTENTION) {
		put_share(grid, spun + slept > 0 ? spun / (spun + slept) : NAN);
		put_max(grid, e, 0);
		return;
	}
	put_quantile(grid, e, 0.5);
	put_quantile(grid, e, 0.99);
	put_quantile(grid, e, 0.999);
	put_max(grid, e, 0);
	grid_text(grid, "%llu", (unsigned long long)e->side[0].open);
}

static void change_row(struct grid *grid, const struct where *where, const struct where_cell *cell,
		       const struct wait_entry *e)
{
	const struct profile *p = &cell->profile;

	put_cell(grid, where, cell);
	grid_text(grid, "%s", *e->what ? e->what : "all");
	for (size_t s = 0; s < 2; s++)
		put_share(grid, profile_share(p, e, s));
	for (size_t s = 0; s < 2; s++)
		put_rate(grid, profile_us(p, e, s));
	put_change(grid, e);
	for (size_t s = 0; s < 2; s++)
		put_rate(grid, profile_waits(p, e, s));
	for (size_t s = 0; s < 2; s++)
		grid_text(grid, "%llu", (unsigned long long)e->side[s].open);
}

static void cell_rows(struct grid *grid, const struct where *where, const struct where_cell *cell,
		      const struct wait_entry *e)
{
	if (where->columns.nr == 2)
		change_row(grid, where, cell, e);
	else
		cause_row(grid, where, cell, e);
}

void where_causes(FILE *out, const struct where *where, const struct style *style)
{
	static const char *const offcpu[] = {"variant",	       "clients",    "why",  "of time",
					     "us/1000 faults", "waits/1000", "p50",  "p99",
					     "p99.9",	       "max",	     "open", NULL};
	static const char *const contention[] = {
		"variant",    "clients", "lock", "of time", "us/1000 faults",
		"waits/1000", "spun",	 "max",	 NULL};
	static const char *const change[] = {
		"variant", "clients", "why", "of time before",	  "after", "us/1000 faults before",
		"after",   "change",  "95%", "waits/1000 before", "after", "open before",
		"after",   NULL};
	size_t skip = !where_labelled(where);
	struct grid grid;

	if (where->columns.nr == 2)
		put_heads(&grid, &"lrlrrrrrrrrrr"[skip], change + skip, style);
	else if (where->of == PROFILE_CONTENTION)
		put_heads(&grid, &"lrlrrrrr"[skip], contention + skip, style);
	else
		put_heads(&grid, &"lrlrrrrrrrr"[skip], offcpu + skip, style);
	grid.caption = where->of == PROFILE_OFFCPU ? "Causes of waits" : "Locks";
	for (size_t i = 0; i < where->nr; i++) {
		const struct profile *p = &where->cells[i].profile;

		cell_rows(&grid, where, &where->cells[i], p->all);
		for (size_t c = 0; c < p->nr_causes; c++)
			cell_rows(&grid, where, &where->cells[i], p->causes[c]);
	}
	grid_print(&grid, out, style);
	fputc('\n', out);
}

static void stack_row(struct grid *grid, const struct profile *p, const struct wait_entry *e)
{
	for (size_t s = 0; s < p->nr_sides; s++)
		put_share(grid, profile_share(p, e, s));
	for (size_t s = 0; s < p->nr_sides; s++)
		put_rate(grid, profile_us(p, e, s));
	if (p->nr_sides == 2) {
		put_change(grid, e);
	} else {
		put_rate(grid, profile_waits(p, e, 0));
		put_max(grid, e, 0);
	}
	grid_text(grid, "%s", e->what);
	grid_text(grid, "%s", *e->lock ? e->lock : "-");
	grid_text(grid, "%s", e->site);
}

char *where_cell_name(const struct where_cell *cell)
{
	return xasprintf("%s%s%u client%s", cell->label, *cell->label ? ", " : "", cell->clients,
			 cell->clients == 1 ? "" : "s");
}

char *where_stacks_name(const struct where_cell *cell, size_t top)
{
	const struct profile *p = &cell->profile;
	char *cell_name = where_cell_name(cell);
	char *name = xasprintf("%s, the %s %zu of %zu stacks", cell_name,
			       p->nr_sides == 2 ? "most changed" : "largest",
			       p->nr_stacks < top ? p->nr_stacks : top, p->nr_stacks);

	free(cell_name);
	return name;
}

void where_cell_stacks(struct grid *grid, const struct where_cell *cell, size_t top,
		       const struct style *style)
{
	static const char *const one[] = {"of time", "us/1000 faults", "waits/1000", "max",
					  "why",     "lock",	       "where",	     NULL};
	static const char *const two[] = {"of time before",
					  "after",
					  "us/1000 faults before",
					  "after",
					  "change",
					  "95%",
					  "why",
					  "lock",
					  "where",
					  NULL};
	const struct profile *p = &cell->profile;

	if (p->nr_sides == 2)
		put_heads(grid, "rrrrrrlll", two, style);
	else
		put_heads(grid, "rrrrlll", one, style);
	for (size_t e = 0; e < p->nr_stacks && e < top; e++)
		stack_row(grid, p, p->stacks[e]);
}

void where_stacks(FILE *out, const struct where *where, size_t top, const struct style *style)
{
	for (size_t i = 0; i < where->nr; i++) {
		struct grid grid;
		char *name;

		if (!where->cells[i].profile.nr_stacks)
			continue;
		name = where_stacks_name(&where->cells[i], top);
		say_line(out, "%s", name);
		fputc('\n', out);
		where_cell_stacks(&grid, &where->cells[i], top, style);
		grid_print(&grid, out, style);
		fputc('\n', out);
		free(name);
	}
}
