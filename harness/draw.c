/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/draw.h"

#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/fold.h"

#define WIDTH	  80
#define LABEL	  9 /* "  worker " */
#define GRID_CPUS 128

struct drawing {
	FILE *out;
	const struct topology *topology;
	char **workers; /* [nr_cpus] who sits on each CPU, in the topology's order; NULL without any
			 */
	int column; /* width of a core in the grid */
	bool *node_named; /* [nr_nodes] its memory was printed */
};

/* CPUs first..end-1 of the topology: one node's share of one package. */
struct share {
	unsigned first, end;
};

static char *workers_of(const unsigned *cpus, unsigned nr, unsigned os_cpu)
{
	unsigned *workers = xcalloc(nr, sizeof(*workers)), found = 0;
	char *text;

	for (unsigned i = 0; i < nr; i++)
		if (cpus[i] == os_cpu)
			workers[found++] = i;
	text = found ? fold_list(workers, found) : xstrdup(".");
	free(workers);
	return text;
}

static void set_up(struct drawing *drawing, const unsigned *cpus, unsigned nr)
{
	const struct topology *topology = drawing->topology;
	char number[16];

	drawing->node_named = xcalloc(topology->nr_nodes, sizeof(*drawing->node_named));
	if (cpus)
		drawing->workers = xcalloc(topology->nr_cpus, sizeof(*drawing->workers));
	for (unsigned i = 0; i < topology->nr_cpus; i++) {
		int len = snprintf(number, sizeof(number), "%u", topology->cpus[i].os_cpu);

		if (cpus) {
			drawing->workers[i] = workers_of(cpus, nr, topology->cpus[i].os_cpu);
			if ((int)strlen(drawing->workers[i]) > len)
				len = strlen(drawing->workers[i]);
		}
		if (len + 1 > drawing->column)
			drawing->column = len + 1;
	}
}

static void tear_down(struct drawing *drawing)
{
	for (unsigned i = 0; drawing->workers && i < drawing->topology->nr_cpus; i++)
		free(drawing->workers[i]);
	free(drawing->workers);
	free(drawing->node_named);
}

static void draw_title(struct drawing *drawing, const struct share *share)
{
	const struct topology_cpu *cpu = &drawing->topology->cpus[share->first];
	char size[32];

	fprintf(drawing->out, "\npackage %u, node %u", cpu->package, cpu->os_node);
	if (!drawing->node_named[cpu->node])
		fprintf(drawing->out, ", %s",
			size_format(size, sizeof(size), drawing->topology->node_bytes[cpu->node]));
	drawing->node_named[cpu->node] = true;
	fputc('\n', drawing->out);
}

/* The sibling @smt of the core whose first CPU is at @i, or -1 if it has no such. */
static int sibling(const struct topology *topology, unsigned i, unsigned smt)
{
	for (unsigned j = i; j < topology->nr_cpus; j++) {
		if (topology->cpus[j].core != topology->cpus[i].core)
			break;
		if (topology->cpus[j].smt == smt)
			return j;
	}
	return -1;
}

enum row { ROW_CORE, ROW_CPU, ROW_WORKER };

static const char *const row_names[] = {"core", "cpu", "worker"};

/* One line of the grid: what @row says of the cores whose first CPUs are @cores[@nr]. */
static void draw_row(struct drawing *drawing, enum row row, const unsigned *cores, unsigned nr,
		     unsigned smt)
{
	const struct topology *topology = drawing->topology;

	fprintf(drawing->out, "  %-*s", LABEL - 2, row_names[row]);
	for (unsigned i = 0; i < nr; i++) {
		int cpu = sibling(topology, cores[i], smt);

		if (cpu < 0)
			fprintf(drawing->out, "%*s", drawing->column, "");
		else if (row == ROW_WORKER)
			fprintf(drawing->out, "%*s", drawing->column, drawing->workers[cpu]);
		else
			fprintf(drawing->out, "%*u", drawing->column,
				row == ROW_CPU ? topology->cpus[cpu].os_cpu
					       : topology->cpus[cpu].core);
	}
	fputc('\n', drawing->out);
}

static unsigned siblings_in(const struct topology *topology, const struct share *share)
{
	unsigned nr = 0;

	for (unsigned i = share->first; i < share->end; i++)
		if (topology->cpus[i].smt >= nr)
			nr = topology->cpus[i].smt + 1;
	return nr;
}

/* As many cores as the width takes, then the next block of lines. */
static void draw_grid(struct drawing *drawing, const struct share *share)
{
	const struct topology *topology = drawing->topology;
	unsigned *cores = xcalloc(share->end - share->first, sizeof(*cores));
	unsigned nr = 0, fit = (WIDTH - LABEL) / drawing->column, smts;

	for (unsigned i = share->first; i < share->end; i++)
		if (i == share->first || topology->cpus[i].core != topology->cpus[i - 1].core)
			cores[nr++] = i;
	smts = siblings_in(topology, share);
	fit = fit ? fit : 1;
	for (unsigned first = 0; first < nr; first += fit) {
		unsigned part = nr - first < fit ? nr - first : fit;

		if (first)
			fputc('\n', drawing->out);
		draw_row(drawing, ROW_CORE, cores + first, part, 0);
		for (unsigned smt = 0; smt < smts; smt++) {
			draw_row(drawing, ROW_CPU, cores + first, part, smt);
			if (drawing->workers)
				draw_row(drawing, ROW_WORKER, cores + first, part, smt);
		}
	}
	free(cores);
}

/* Print a list that may take several lines, broken behind commas. */
static void draw_list(struct drawing *drawing, const char *label, const char *list)
{
	int used = fprintf(drawing->out, "  %-*s ", LABEL, label);

	while (*list) {
		int len = strcspn(list, ",");

		len += list[len] == ',';
		if (used + len > WIDTH) {
			fputc('\n', drawing->out);
			used = fprintf(drawing->out, "  %-*s ", LABEL, "");
		}
		used += fprintf(drawing->out, "%.*s", len, list);
		list += len;
	}
	fputc('\n', drawing->out);
}

/* Many CPUs: the numbers of all first, all second siblings, ... in a line each. */
static void draw_lines(struct drawing *drawing, const struct share *share, const unsigned *cpus,
		       unsigned nr)
{
	const struct topology *topology = drawing->topology;
	unsigned *list = xcalloc(share->end - share->first, sizeof(*list));
	unsigned *workers = xcalloc(nr, sizeof(*workers));
	unsigned smts = siblings_in(topology, share);

	for (unsigned smt = 0; smt < smts; smt++) {
		unsigned found = 0, sitting = 0;
		char *text;

		for (unsigned i = share->first; i < share->end; i++)
			if (topology->cpus[i].smt == smt)
				list[found++] = topology->cpus[i].os_cpu;
		text = fold_list(list, found);
		draw_list(drawing, smt ? "siblings" : "cpus", text);
		free(text);
		for (unsigned i = 0; i < nr; i++) {
			const struct topology_cpu *cpu = topology_find(topology, cpus[i]);

			if (cpu && cpu >= &topology->cpus[share->first] &&
			    cpu < &topology->cpus[share->end] && cpu->smt == smt)
				workers[sitting++] = i;
		}
		text = fold_list(workers, sitting);
		if (sitting)
			draw_list(drawing, "workers", text);
		free(text);
	}
	free(workers);
	free(list);
}

static void draw_bare_nodes(struct drawing *drawing)
{
	const struct topology *topology = drawing->topology;
	char size[32];

	for (unsigned i = 0; i < topology->nr_nodes; i++)
		if (!drawing->node_named[i])
			fprintf(drawing->out, "\nnode %u, %s, without CPUs\n",
				topology->os_nodes[i],
				size_format(size, sizeof(size), topology->node_bytes[i]));
}

void draw_topology(FILE *out, const struct topology *topology, const unsigned *cpus, unsigned nr)
{
	struct drawing drawing = {.out = out, .topology = topology};
	struct share share = {0};

	set_up(&drawing, cpus, nr);
	fprintf(out, "%s\n", topology->text);
	while (share.first < topology->nr_cpus) {
		const struct topology_cpu *first = &topology->cpus[share.first];

		share.end = share.first + 1;
		while (share.end < topology->nr_cpus &&
		       topology->cpus[share.end].node == first->node &&
		       topology->cpus[share.end].package == first->package)
			share.end++;
		draw_title(&drawing, &share);
		if (topology->nr_cpus > GRID_CPUS)
			draw_lines(&drawing, &share, cpus, cpus ? nr : 0);
		else
			draw_grid(&drawing, &share);
		share.first = share.end;
	}
	draw_bare_nodes(&drawing);
	tear_down(&drawing);
}
