/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/load.h"
#include "analysis/report/section.h"
#include "analysis/unlike.h"
#include "common/xalloc.h"

/* The events of the whole system are many, and the least telling. */
static bool is_last(const char *metric)
{
	return !strncmp(metric, "proc-vmstat.", strlen("proc-vmstat."));
}

static bool is_cost(const char *metric)
{
	const char *end = strrchr(metric, '/');

	return end && !strcmp(end, "/fault") && !strchr(metric, ',');
}

/* The metrics that tell what a fault costs, of any run, with commas between them; NULL for none. */
static char *cost_metrics(const struct run_list *runs)
{
	char *list;
	size_t len;
	FILE *out = xmemstream(&list, &len);

	for (size_t last = 0; last < 2; last++)
		for (size_t r = 0; r < runs->nr; r++)
			for (size_t m = 0; m < runs->runs[r]->nr_metrics; m++) {
				const char *name = runs->runs[r]->metrics[m];

				if (is_cost(name) && is_last(name) == last)
					fprintf(out, "%s%s", ftell(out) ? "," : "", name);
			}
	fclose(out);
	if (!len) {
		free(list);
		list = NULL;
	}
	return list;
}

/* The same metric of two runs is one. */
static void drop_doubles(struct report *report)
{
	size_t kept = 0;

	for (size_t i = 0; i < report->nr; i++) {
		bool seen = false;

		for (size_t k = 0; k < kept; k++)
			seen |= !strcmp(report->metrics[k].metric, report->metrics[i].metric);
		if (seen) {
			free(report->metrics[i].metric);
			free(report->metrics[i].row);
		} else {
			report->metrics[kept++] = report->metrics[i];
		}
	}
	report->nr = kept;
}

static int choose_rates(struct page *page, const struct page_ask *ask, struct why *why)
{
	struct report_metric first;

	if (ask->metrics)
		return report_init_metrics(&page->rates, ask->metrics, page->runs->runs,
					   page->runs->nr, why);
	report_init(&page->rates, false);
	first = page->rates.metrics[0]; /* faults/sec are what most people look for */
	page->rates.metrics[0] = page->rates.metrics[1];
	page->rates.metrics[1] = first;
	return 0;
}

static int compare_rates(struct page *page, const struct page_ask *ask, struct why *why)
{
	int err = choose_rates(page, ask, why);

	if (!err)
		err = comparison_init(&page->rate, page->runs->runs, page->runs->nr, &page->rates,
				      &page->options, page->notes, why);
	return err;
}

/* What is missing in the counters is told where they are shown. */
static int compare_costs(struct page *page, struct why *why)
{
	char *list = cost_metrics(page->runs);
	struct compare_options options = page->options;
	struct notes notes = {0};
	int err;

	if (!list)
		return 0;
	options.bootstrap = NULL;
	err = report_init_metrics(&page->costs, list, page->runs->runs, page->runs->nr, why);
	free(list);
	if (err)
		return err;
	drop_doubles(&page->costs);
	/* That no row of the first run is left is no error: it may lack what the others have. */
	comparison_init(&page->cost, page->runs->runs, page->runs->nr, &page->costs, &options,
			&notes, NULL);
	notes_release(&notes);
	page->cost.options.bootstrap = page->options.bootstrap; /* of those that are drawn */
	return 0;
}

static void read_side(struct page_run *side, struct run *run, struct notes *notes,
		      struct notes *care)
{
	char *path = xasprintf("%s/meta.tsv", run->path);
	struct why why = WHY_INIT;
	const char *status;
	int err;

	side->run = run;
	if (run->kind == RUN_OWN) {
		err = meta_read(&side->meta, path, &why);
		if (err && err != -ENOENT)
			notes_add(notes, "%s", why.text);
		if (workers_read(&side->workers, run, &why))
			notes_add(notes, "%s", why.text);
		status = meta_get(&side->meta, "status");
		if (!err && !status)
			notes_add(care,
				  "run '%s' has not ended: it was killed, or is still running",
				  run->name);
		else if (!err && strcmp(status, "complete"))
			notes_add(care, "run '%s' is not complete: %s", run->name, status);
	}
	free(path);
}

static bool warns(const struct page_run *side, const char *text)
{
	for (size_t i = 0; i < side->meta.nr; i++)
		if (!strcmp(side->meta.facts[i].key, "warning") &&
		    !strcmp(side->meta.facts[i].value, text))
			return true;
	return false;
}

/* A warning of @side, once for all runs that have it: those before it have told theirs. */
static void add_warning(struct page *page, size_t side, const char *text)
{
	char *names;
	size_t len, nr = 0;
	FILE *out;

	for (size_t i = 0; i < side; i++)
		if (warns(&page->sides[i], text))
			return;
	out = xmemstream(&names, &len);
	for (size_t i = side; i < page->runs->nr; i++)
		if (warns(&page->sides[i], text))
			fprintf(out, "%s'%s'", nr++ ? ", " : "", page->sides[i].run->name);
	fclose(out);
	notes_add(&page->care, "run%s %s: %s", nr == 1 ? "" : "s", names, text);
	free(names);
}

static void add_warnings(struct page *page, size_t side)
{
	const struct meta *meta = &page->sides[side].meta;

	for (size_t i = 0; i < meta->nr; i++)
		if (!strcmp(meta->facts[i].key, "warning"))
			add_warning(page, side, meta->facts[i].value);
}

/* By the rounds of 'faultscale ab', or by the gate. */
static int judge(struct page_verdict *v, struct run *base, struct run *run,
		 const struct page_ask *ask, struct notes *notes, struct why *why)
{
	int err = pair_init(&v->pair, base, run, why);

	if (err || v->pair.known)
		return err;
	err = gate_init(&v->gate, base, run, ask->gate, ask->force, why);
	if (!err && v->gate.unlike)
		notes_add(notes, "run '%s' was not measured as '%s'%s: %s", run->name, base->name,
			  v->gate.refused ? "; --force judges them all the same" : "",
			  v->gate.unlike);
	return err;
}

static int add_verdict(struct page *page, size_t i, const struct page_ask *ask, struct why *why)
{
	struct page_verdict *v = &page->verdicts[page->nr_verdicts++];
	struct run *const two[] = {page->runs->runs[0], page->runs->runs[i]};
	struct compare_options options = page->options;
	struct notes notes = {0};
	struct why no = WHY_INIT;
	int err;

	options.bootstrap = NULL;
	err = comparison_init(&v->c, two, 2, &page->rates, &options, &notes, why);
	notes_release(&notes);
	if (err)
		return err;
	if (judge(v, two[0], two[1], ask, page->notes, &no))
		v->none = xstrdup(no.text);
	export_init(&v->e, &v->c, &v->pair, v->pair.known || v->none ? NULL : &v->gate);
	return 0;
}

int page_init(struct page *page, const struct run_list *runs, const struct page_ask *ask,
	      struct notes *notes, struct why *why)
{
	int err;

	*page = (struct page){.runs = runs, .options = ask->options, .notes = notes};
	page->sides = xcalloc(runs->nr, sizeof(*page->sides));
	for (size_t i = 0; i < runs->nr; i++)
		read_side(&page->sides[i], runs->runs[i], notes, &page->care);
	for (size_t i = 0; i < runs->nr; i++)
		add_warnings(page, i);
	err = compare_rates(page, ask, why);
	if (!err)
		err = compare_costs(page, why);
	page->verdicts = xcalloc(runs->nr, sizeof(*page->verdicts));
	for (size_t i = 1; !err && i < runs->nr && ask->options.selection.by == BY_RUN; i++)
		err = add_verdict(page, i, ask, why);
	if (err)
		page_release(page);
	return err;
}

void page_release(struct page *page)
{
	for (size_t i = 0; i < page->nr_verdicts; i++) {
		struct page_verdict *v = &page->verdicts[i];

		export_release(&v->e);
		gate_release(&v->gate);
		pair_release(&v->pair);
		comparison_release(&v->c);
		free(v->none);
	}
	for (size_t i = 0; i < page->runs->nr; i++) {
		meta_release(&page->sides[i].meta);
		workers_release(&page->sides[i].workers);
	}
	notes_release(&page->care);
	free(page->verdicts);
	free(page->sides);
	comparison_release(&page->rate);
	comparison_release(&page->cost);
	report_release(&page->rates);
	report_release(&page->costs);
}

char *page_cell_name(const char *label, const char *clients)
{
	return xasprintf("%s%s%s client%s", label, *label ? ", " : "", clients,
			 strcmp(clients, "1") ? "s" : "");
}
