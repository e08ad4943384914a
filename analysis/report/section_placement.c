/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine, and which worker sat where. */
#include <stdlib.h>
#include <string.h>

#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "common/run_tables.h"
#include "common/topology.h"
#include "common/units.h"
#include "common/xalloc.h"

#define MOST 8 /* drawings of a run */
#define ROOM 8 /* of a CPU's workers are listed */

/* A pin plan at its largest client count. */
struct placing {
	char *pin, *cpus;
	uint64_t clients;
};

struct placings {
	struct placing *all;
	size_t nr, cap;
};

static void keep(struct placings *p, const char *pin, uint64_t clients, const char *cpus)
{
	size_t at = 0;

	while (at < p->nr && strcmp(p->all[at].pin, pin))
		at++;
	if (at < p->nr && p->all[at].clients >= clients)
		return;
	if (at == p->nr) {
		XGROW(p->all, p->nr, p->cap);
		p->all[p->nr++] = (struct placing){.pin = xstrdup(pin)};
	}
	free(p->all[at].cpus);
	p->all[at].cpus = xstrdup(cpus);
	p->all[at].clients = clients;
}

static void placings_read(struct placings *p, const struct run *run)
{
	char *path = xasprintf("%s/plan.tsv", run->path), *fields[NR_PLAN_COLUMNS];
	struct tsv_reader r;
	uint64_t clients;

	*p = (struct placings){0};
	if (run->kind == RUN_OWN && !tsv_reader_init(&r, path, &plan_schema, NULL)) {
		while (tsv_reader_next(&r, fields, NULL) > 0)
			if (!number_parse(fields[PLAN_CLIENTS], 0, INT32_MAX, &clients, NULL))
				keep(p, fields[PLAN_PIN], clients, fields[PLAN_CPUS]);
		tsv_reader_release(&r);
	}
	free(path);
}

static void placings_release(struct placings *p)
{
	for (size_t i = 0; i < p->nr; i++) {
		free(p->all[i].pin);
		free(p->all[i].cpus);
	}
	free(p->all);
}

/* The @nr workers of CPU @os_cpu as a list ("0,8"), "" for none; the caller frees it. */
static char *workers_of(const struct id_list *cpus, unsigned os_cpu, size_t *nr)
{
	unsigned *workers = xcalloc(cpus->nr + 1, sizeof(*workers));
	char *text;

	*nr = 0;
	for (size_t i = 0; i < cpus->nr; i++)
		if (cpus->ids[i] == os_cpu)
			workers[(*nr)++] = i;
	text = *nr ? id_list_format(workers, *nr) : xstrdup("");
	free(workers);
	return text;
}

/* With blanks, so that the list can be broken there; a CPU may have hundreds. */
static void write_workers(FILE *out, const char *workers, size_t nr)
{
	size_t room = ROOM;

	fprintf(out, " <b>%s ", nr > 1 ? "workers" : "worker");
	for (const char *p = workers; *p; p++) {
		fputc(*p, out);
		if (*p != ',')
			continue;
		fputc(' ', out);
		if (!--room) {
			fprintf(out, "... (%zu in all)", nr);
			break;
		}
	}
	fputs("</b>", out);
}

static void write_cpu(FILE *out, const struct topology_cpu *cpu, const struct id_list *cpus)
{
	size_t nr;
	char *workers = workers_of(cpus, cpu->os_cpu, &nr);

	fprintf(out, "<span class=\"cpu%s\">CPU %u", *workers ? " used" : "", cpu->os_cpu);
	if (*workers)
		write_workers(out, workers, nr);
	fputs("</span> ", out);
	free(workers);
}

/* The CPUs from @first on that belong to one node of one package. Returns the index behind them. */
static unsigned write_node(FILE *out, const struct topology *t, unsigned first,
			   const struct id_list *cpus)
{
	const struct topology_cpu *of = &t->cpus[first];
	char size[32];
	unsigned i = first;

	fprintf(out, "<div class=\"node\"><h5>package %u, node %u", of->package, of->os_node);
	if (t->node_bytes[of->node])
		fprintf(out, ", %s", size_format(size, sizeof(size), t->node_bytes[of->node]));
	fputs("</h5>\n<ul>\n", out);
	while (i < t->nr_cpus && t->cpus[i].node == of->node && t->cpus[i].package == of->package) {
		unsigned core = t->cpus[i].core;

		fprintf(out, "<li><span>core %u</span> ", core);
		for (; i < t->nr_cpus && t->cpus[i].core == core; i++)
			write_cpu(out, &t->cpus[i], cpus);
		fputs("</li>\n", out);
	}
	fputs("</ul></div>\n", out);
	return i;
}

static void write_placing(FILE *out, const struct topology *t, const struct placing *placing)
{
	char number[24];
	struct id_list cpus = {0};
	bool pinned = strcmp(placing->cpus, "-") && !id_list_parse(placing->cpus, &cpus, NULL);

	snprintf(number, sizeof(number), "%llu", (unsigned long long)placing->clients);
	html_put(out, "<h4>pin %s, %s client%s%s</h4>\n<div class=\"machine\">\n", placing->pin,
		 number, placing->clients == 1 ? "" : "s", pinned ? "" : ": the scheduler decides");
	for (unsigned i = 0; i < t->nr_cpus;)
		i = write_node(out, t, i, &cpus);
	fputs("</div>\n", out);
	id_list_release(&cpus);
}

/* The drawings of @run in memory that the caller frees; "" if there is nothing to draw from. */
static char *draw_run(const struct run *run)
{
	char *path = xasprintf("%s/topology.xml", run->path), *text;
	struct placings placings;
	struct topology t;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	placings_read(&placings, run);
	if (placings.nr && !topology_init(&t, path, NULL)) {
		html_put(out, "<p>%s</p>\n", t.text);
		for (size_t i = 0; i < placings.nr && i < MOST; i++)
			write_placing(out, &t, &placings.all[i]);
		topology_release(&t);
	}
	placings_release(&placings);
	free(path);
	fclose(out);
	return text;
}

/* Runs are mostly placed alike: once drawn is enough. */
static void write(FILE *out, const struct page *page)
{
	char *before = xstrdup("");

	for (size_t i = 0; i < page->runs->nr; i++) {
		char *text = draw_run(page->runs->runs[i]);

		if (*text)
			html_put(out, "<h3>%s</h3>\n", page->runs->runs[i]->name);
		if (*text && !strcmp(text, before))
			fputs("<p>The same.</p>\n", out);
		else
			fputs(text, out);
		free(before);
		before = text;
	}
	free(before);
}

const struct section section_placement = {
	.name = "placement",
	.title = "Machine and pin plan",
	.summary = "Which worker sat on which CPU at the largest client count of each pin plan.",
	.write = write,
	.missing = "no run has both topology.xml and plan.tsv",
};
