/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/profile.h"

#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/frames.h"
#include "analysis/hash.h"
#include "common/say.h"
#include "common/xalloc.h"

static int entry_compare(const void *pa, const void *pb)
{
	const struct wait_entry *a = pa, *b = pb;
	int diff = strcmp(a->what, b->what);

	if (!diff)
		diff = strcmp(a->stack, b->stack);
	if (!diff)
		diff = strcmp(a->lock, b->lock);
	return diff ? diff : strcmp(a->site, b->site);
}

static void keep(void *node)
{
	(void)node; /* ->stacks and ->causes own what the tree points to */
}

static struct wait_entry *entry_new(const struct profile *p, const struct wait_entry *key)
{
	struct wait_entry *e = xcalloc(1, sizeof(*e));

	e->what = xstrdup(key->what);
	e->lock = xstrdup(key->lock);
	e->site = xstrdup(key->site);
	e->stack = xstrdup(key->stack);
	e->change = e->interval.low = e->interval.high = NAN;
	for (size_t s = 0; s < p->nr_sides; s++) {
		e->side[s].ns = xcalloc(p->sides[s].nr + 1, sizeof(double));
		e->side[s].count = xcalloc(p->sides[s].nr + 1, sizeof(double));
	}
	return e;
}

static void entry_free(struct wait_entry *e)
{
	for (size_t s = 0; s < 2; s++) {
		free(e->side[s].ns);
		free(e->side[s].count);
	}
	free(e->what);
	free(e->lock);
	free(e->site);
	free(e->stack);
	free(e);
}

/* The entry with the texts of @key, made if it is new. */
static struct wait_entry *entry_of(struct profile *p, const struct wait_entry *key)
{
	struct wait_entry *const *node = tfind(key, &p->index, entry_compare), *e;

	if (node)
		return *node;
	e = entry_new(p, key);
	if (*key->stack || *key->site) {
		XGROW(p->stacks, p->nr_stacks, p->cap_stacks);
		p->stacks[p->nr_stacks++] = e;
	} else if (*key->what) {
		XGROW(p->causes, p->nr_causes, p->cap_causes);
		p->causes[p->nr_causes++] = e;
	} else {
		p->all = e;
	}
	if (!tsearch(e, &p->index, entry_compare))
		die(EXIT_FAILED, "out of memory");
	return e;
}

static struct wait_entry *cause_of(struct profile *p, const char *what)
{
	const struct wait_entry key = {
		.what = (char *)what, .lock = (char *)"", .site = (char *)"", .stack = (char *)""};

	return entry_of(p, &key);
}

/* What one record adds. */
struct amount {
	uint64_t ns, count, max_ns, open, spun_ns, slept_ns;
};

static void tally_add(struct wait_tally *t, size_t iteration, const struct amount *a)
{
	t->ns[iteration] += a->ns;
	t->count[iteration] += a->count;
	t->spun_ns += a->spun_ns;
	t->slept_ns += a->slept_ns;
	t->max_ns = a->max_ns > t->max_ns ? a->max_ns : t->max_ns;
	t->open += a->open;
}

static bool is_cell(const struct epoch *e, const struct profile_source *source, unsigned clients)
{
	return e->variant == source->variant && e->clients == clients;
}

/* The place of @iteration among those of the side, which has it. */
static size_t place_of(const struct profile_side *side, unsigned iteration)
{
	size_t i = 0;

	while (i < side->nr && side->iterations[i] != iteration)
		i++;
	return i;
}

/* Add an amount to its stack, its cause and all. */
static void add(struct profile *p, size_t s, unsigned iteration, const struct wait_entry *key,
		const struct amount *amount)
{
	size_t i = place_of(&p->sides[s], iteration);

	tally_add(&entry_of(p, key)->side[s], i, amount);
	tally_add(&cause_of(p, key->what)->side[s], i, amount);
	tally_add(&p->all->side[s], i, amount);
}

/* The lock design whose name the waits of the engine get; not where it would keep apart the very
 * stacks that are compared. */
static const char *design_of(const struct profile *p, const struct profile_source *sources)
{
	const char *designs[2] = {NULL, NULL};

	for (size_t s = 0; s < p->nr_sides; s++)
		if (sources[s].findings)
			designs[s] = sources[s]
					     .findings->run->variants[sources[s].variant]
					     .dims[DIM_LOCK];
	if (p->nr_sides == 1 || (designs[0] && designs[1] && !strcmp(designs[0], designs[1])))
		return designs[0];
	return NULL;
}

static void add_offcpu(struct profile *p, size_t s, const struct offcpu_row *row,
		       const char *design)
{
	const struct amount amount = {
		.ns = row->total_ns, .count = row->count, .max_ns = row->max_ns, .open = row->open};
	struct wait_place place;
	struct wait_entry key;

	wait_place_init(&place, row->kernel_stack, row->user_stack, design);
	key.what = xasprintf("%s %s", off_kind_names[row->kind], row->cause);
	key.lock = row->kind == OFF_RUNQUEUE ? (char *)"" : *place.lock ? place.lock : row->wait;
	key.site = place.site;
	key.stack = stack_join(row->kernel_stack, row->user_stack);
	add(p, s, row->epoch.iteration, &key, &amount);
	free(key.what);
	free(key.stack);
	wait_place_release(&place);
}

/* Where the harness has no name for the lock, the stack may have one. */
static void add_contention(struct profile *p, size_t s, const struct contention_row *row)
{
	const struct amount amount = {.ns = row->total_ns,
				      .count = row->count,
				      .max_ns = row->max_ns,
				      .spun_ns = row->spun_ns,
				      .slept_ns = row->slept_ns};
	char *caller = frame_plain(row->caller), *stack = stack_join(row->kernel_stack, "");
	struct wait_place place;
	struct wait_entry key;

	wait_place_init(&place, row->kernel_stack, "", NULL);
	key.what = *row->type ? row->type : (char *)"unknown";
	key.lock = *row->lock ? row->lock : place.lock;
	key.site = *caller ? caller : place.site;
	key.stack = stack;
	add(p, s, row->epoch.iteration, &key, &amount);
	free(caller);
	free(stack);
	wait_place_release(&place);
}

static void add_side(struct profile *p, size_t s, const struct profile_source *source,
		     const char *design)
{
	const struct findings *e = source->findings;

	for (size_t i = 0; p->of == PROFILE_OFFCPU && i < e->nr_offcpu; i++)
		if (is_cell(&e->offcpu[i].epoch, source, p->clients))
			add_offcpu(p, s, &e->offcpu[i], design);
	for (size_t i = 0; p->of == PROFILE_CONTENTION && i < e->nr_contention; i++)
		if (is_cell(&e->contention[i].epoch, source, p->clients))
			add_contention(p, s, &e->contention[i]);
	for (size_t i = 0; p->of == PROFILE_OFFCPU && i < e->nr_waits; i++) {
		const struct histogram_row *row = &e->waits[i];
		char *what = xasprintf("%s %s", off_kind_names[row->kind], row->cause);

		if (is_cell(&row->epoch, source, p->clients)) {
			cause_of(p, what)->bins[s][row->log2_ns] += row->count;
			p->all->bins[s][row->log2_ns] += row->count;
		}
		free(what);
	}
}

static int ascending(const void *pa, const void *pb)
{
	unsigned a = *(const unsigned *)pa, b = *(const unsigned *)pb;

	return (a > b) - (a < b);
}

/* Note an iteration of the cell, each of them once. */
static void see(struct profile *p, struct profile_side *side, const struct epoch *epoch,
		const struct profile_source *source)
{
	if (!is_cell(epoch, source, p->clients) || place_of(side, epoch->iteration) < side->nr)
		return;
	side->iterations = xreallocarray(side->iterations, side->nr + 1, sizeof(*side->iterations));
	side->iterations[side->nr++] = epoch->iteration;
	side->present = true;
}

/* An iteration without a wait has its line in probes.tsv all the same, and counts. */
static void find_iterations(struct profile *p, struct profile_side *side,
			    const struct profile_source *source)
{
	const struct findings *e = source->findings;

	for (size_t i = 0; i < e->nr_probes; i++)
		see(p, side, &e->probes[i].epoch, source);
	for (size_t i = 0; i < e->nr_offcpu; i++)
		see(p, side, &e->offcpu[i].epoch, source);
	for (size_t i = 0; i < e->nr_waits; i++)
		see(p, side, &e->waits[i].epoch, source);
	for (size_t i = 0; i < e->nr_contention; i++)
		see(p, side, &e->contention[i].epoch, source);
	if (side->nr)
		qsort(side->iterations, side->nr, sizeof(*side->iterations), ascending);
}

/* Workers, and the writers beside them, whose waits are told as well. */
static double threads_of(const struct findings *e, const struct epoch *epoch)
{
	double writers = findings_fact(e, epoch, "writers");

	return epoch->clients + (isnan(writers) ? 0 : writers);
}

static void side_init(struct profile *p, size_t s, const struct profile_source *source)
{
	struct profile_side *side = &p->sides[s];

	if (!source->findings)
		return;
	find_iterations(p, side, source);
	side->faults = xcalloc(side->nr + 1, sizeof(double));
	side->thread_ns = xcalloc(side->nr + 1, sizeof(double));
	for (size_t i = 0; i < side->nr; i++) {
		const struct epoch epoch = {source->variant, p->clients, side->iterations[i]};

		side->faults[i] = findings_fact(source->findings, &epoch, "faults");
		side->thread_ns[i] = findings_fact(source->findings, &epoch, "wall_s") *
				     threads_of(source->findings, &epoch) * 1e9;
	}
}

/* The mean over the iterations of @values / @per. */
static double mean_rate(const struct profile_side *side, const double *values, const double *per)
{
	double sum = 0;

	for (size_t i = 0; i < side->nr; i++)
		sum += per[i] > 0 ? values[i] / per[i] : NAN;
	return side->nr ? sum / side->nr : NAN;
}

double profile_share(const struct profile *p, const struct wait_entry *e, size_t side)
{
	return mean_rate(&p->sides[side], e->side[side].ns, p->sides[side].thread_ns);
}

/* us per 1000 faults is the same number as ns per fault. */
double profile_us(const struct profile *p, const struct wait_entry *e, size_t side)
{
	return mean_rate(&p->sides[side], e->side[side].ns, p->sides[side].faults);
}

double profile_waits(const struct profile *p, const struct wait_entry *e, size_t side)
{
	return 1000 * mean_rate(&p->sides[side], e->side[side].count, p->sides[side].faults);
}

/* Of what the entry is, so that its interval depends on no other. */
static uint64_t stream_of(const struct wait_entry *e)
{
	const char *const texts[] = {e->what, e->lock, e->site, e->stack};
	uint64_t hash = HASH_START;

	for (size_t t = 0; t < 4; t++)
		hash = hash_add(hash, texts[t], strlen(texts[t]));
	return hash;
}

/* The change between two sides, and what the entry is ranked by. */
static void set_change(const struct profile *p, struct wait_entry *e, const struct bootstrap *boot)
{
	double *us[2];

	for (size_t s = 0; s < p->nr_sides; s++)
		for (size_t i = 0; i < p->sides[s].nr; i++)
			e->weight += e->side[s].ns[i];
	if (p->nr_sides < 2)
		return;
	for (size_t s = 0; s < 2; s++) {
		us[s] = xcalloc(p->sides[s].nr + 1, sizeof(double));
		for (size_t i = 0; i < p->sides[s].nr; i++)
			us[s][i] = p->sides[s].faults[i] > 0
					   ? e->side[s].ns[i] / p->sides[s].faults[i]
					   : NAN;
	}
	e->change = profile_us(p, e, 1) - profile_us(p, e, 0);
	bootstrap_difference(&e->interval, boot, us[1], p->sides[1].nr, us[0], p->sides[0].nr,
			     stream_of(e));
	if (!isnan(e->change))
		e->weight = fabs(e->change);
	free(us[0]);
	free(us[1]);
}

static int heavier(const void *pa, const void *pb)
{
	const struct wait_entry *a = *(struct wait_entry *const *)pa;
	const struct wait_entry *b = *(struct wait_entry *const *)pb;

	return a->weight != b->weight ? (a->weight < b->weight) - (a->weight > b->weight)
				      : entry_compare(a, b);
}

void profile_init(struct profile *p, enum profile_of of, const struct profile_source *sources,
		  size_t nr_sides, unsigned clients, const struct bootstrap *boot)
{
	*p = (struct profile){.of = of, .clients = clients, .nr_sides = nr_sides};
	for (size_t s = 0; s < nr_sides; s++)
		side_init(p, s, &sources[s]);
	cause_of(p, "");
	for (size_t s = 0; s < nr_sides; s++)
		if (sources[s].findings)
			add_side(p, s, &sources[s], design_of(p, sources));
	set_change(p, p->all, boot);
	for (size_t i = 0; i < p->nr_stacks; i++)
		set_change(p, p->stacks[i], boot);
	for (size_t i = 0; i < p->nr_causes; i++)
		set_change(p, p->causes[i], boot);
	if (p->nr_stacks)
		qsort(p->stacks, p->nr_stacks, sizeof(*p->stacks), heavier);
	if (p->nr_causes)
		qsort(p->causes, p->nr_causes, sizeof(*p->causes), heavier);
}

void profile_release(struct profile *p)
{
	tdestroy(p->index, keep);
	for (size_t i = 0; i < p->nr_stacks; i++)
		entry_free(p->stacks[i]);
	for (size_t i = 0; i < p->nr_causes; i++)
		entry_free(p->causes[i]);
	entry_free(p->all);
	free(p->stacks);
	free(p->causes);
	for (size_t s = 0; s < p->nr_sides; s++) {
		free(p->sides[s].iterations);
		free(p->sides[s].faults);
		free(p->sides[s].thread_ns);
	}
	*p = (struct profile){0};
}

double bins_quantile(const uint64_t bins[NR_BINS], double q)
{
	double all = 0, below = 0;

	for (size_t b = 0; b < NR_BINS; b++)
		all += bins[b];
	for (size_t b = 0; all > 0 && b < NR_BINS; b++) {
		if (bins[b] && below + bins[b] >= q * all)
			return ldexp(1 + (q * all - below) / bins[b], b);
		below += bins[b];
	}
	return NAN;
}
