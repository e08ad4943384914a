/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale plan: what a config would run, without running it. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/topology.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/config.h"
#include "harness/fold.h"
#include "harness/pft_check.h"
#include "harness/plan.h"
#include "harness/simulated.h"
#include "harness/stop.h"

#define WIDTH 80

struct options {
	const char *config;
	const char *topology;
	char **sets; /* in the order given; they point into argv */
	size_t nr_sets, cap_sets;
	bool tsv;
	bool list;
};

enum { OPT_SET = 's', OPT_TOPOLOGY = 't', OPT_FORMAT = 'f', OPT_LIST = 'l' };

static const struct argp_option option_table[] = {
	{"set", OPT_SET, "NAME=VALUE", 0, "Override a variable of the config", 0},
	{"topology", OPT_TOPOLOGY, "DESC", 0,
	 "Plan for this machine: an XML file of lstopo(1), or hwloc(7)'s words such as "
	 "'pack:2 [numa(memory=64GB)] core:14 pu:2'",
	 0},
	{"format", OPT_FORMAT, "FORMAT", 0,
	 "text: a line for each cell (default); tsv: plan.tsv, a line for each step in order", 0},
	{"list-variables", OPT_LIST, NULL, 0,
	 "Print the variables that a config can set, and leave", 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPT_SET:
		XGROW(options->sets, options->nr_sets, options->cap_sets);
		options->sets[options->nr_sets++] = arg;
		return 0;
	case OPT_TOPOLOGY:
		options->topology = arg;
		return 0;
	case OPT_FORMAT:
		options->tsv = !strcmp(arg, "tsv");
		if (!options->tsv && strcmp(arg, "text"))
			die(EXIT_USAGE, "no such format, with '%s': give text or tsv", arg);
		return 0;
	case OPT_LIST:
		options->list = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->config)
			die(EXIT_USAGE, "one config at a time, with '%s'", arg);
		options->config = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void list_variables(void)
{
	for (size_t i = 0; i < NR_CONFIG_NAMES; i++)
		printf("%-22s %s [%s]\n", config_names[i].name, config_names[i].summary,
		       *config_names[i].preset ? config_names[i].preset : "none");
}

static void warn_ignored(const struct config *config)
{
	char *ignored = config_ignored(config);

	if (ignored)
		warn("'%s' sets what means nothing here: %s", config->path, ignored);
	free(ignored);
}

/* "N0: 0-26:2  N1: 28-54:2": the CPUs of each node in the order of the workers; NULL without
 * pinning. */
static char *cell_places(const struct plan_cell *cell, const struct topology *topology)
{
	unsigned *list = xcalloc(cell->clients, sizeof(*list));
	char *text = NULL;

	for (unsigned node = 0; cell->cpus && node < topology->nr_nodes; node++) {
		char *cpus, *longer;
		size_t nr = 0;

		for (unsigned i = 0; i < cell->clients; i++)
			if (cell->nodes[i] == topology->os_nodes[node])
				list[nr++] = cell->cpus[i];
		if (!nr)
			continue;
		cpus = fold_list(list, nr);
		longer = xasprintf("%s%sN%u: %s", text ? text : "", text ? "  " : "",
				   topology->os_nodes[node], cpus);
		free(cpus);
		free(text);
		text = longer;
	}
	free(list);
	return text;
}

/* The rest of a line, which goes on below its own start when it is full: breaks fall behind commas
 * and between nodes. */
static void print_wrapped(const char *text, int indent)
{
	int used = indent;

	while (*text) {
		int blanks = strspn(text, " "), len = blanks;

		while (text[len] && text[len] != ',' && strncmp(text + len, "  ", 2))
			len++;
		len += text[len] == ',';
		if (used + len > WIDTH && used > indent) {
			text += blanks;
			len -= blanks;
			printf("\n%*s", indent, "");
			used = indent;
		}
		used += printf("%.*s", len, text);
		text += len;
	}
	putchar('\n');
}

static void print_cell(const struct plan *plan, const struct plan_cell *cell,
		       const struct topology *topology)
{
	char time[32];
	char *places = cell_places(cell, topology);
	int indent;

	duration_format(time, sizeof(time), plan->iterations * plan_estimate_s(cell));
	indent = printf("  %7u  %12s  ", cell->clients, time);
	print_wrapped(places ? places : "not pinned", indent);
	free(places);
}

/* Whether all steps have the same further options. */
static bool same_extra(const struct plan *plan)
{
	for (size_t i = 1; i < plan->nr_cells; i++)
		if (strcmp(plan->cells[i].extra, plan->cells[0].extra))
			return false;
	return true;
}

static void print_variant(const struct plan *plan, const struct plan_cell *cell)
{
	char size[32];

	printf("\n%s: %s by %s, pin %s, mem %s, page size %s\n", cell->variant, cell->workload,
	       cell->processes ? "processes" : "threads", cell->pin, cell->mem, cell->pagesize);
	printf("  %s a step, %u iteration%s a cell\n", size_format(size, sizeof(size), cell->bytes),
	       plan->iterations, plan->iterations == 1 ? "" : "s");
	if (!same_extra(plan))
		printf("  options %s\n", *cell->extra ? cell->extra : "-");
	printf("  %7s  %12s  %s\n", "clients", "time", "CPUs");
}

static double total_s(const struct plan *plan)
{
	double total = 0;

	for (size_t i = 0; i < plan->nr_steps; i++)
		total += plan_estimate_s(&plan->cells[plan->steps[i].cell]);
	for (unsigned i = 0; i < plan->warmup; i++)
		total += plan_estimate_s(&plan->cells[plan->steps[0].cell]);
	return total;
}

static void print_order(const struct plan *plan)
{
	switch (plan->order) {
	case ORDER_SEQUENTIAL:
		puts("order     sequential: all iterations of a cell, then the next cell");
		break;
	case ORDER_INTERLEAVED:
		puts("order     interleaved: iteration 0 of every cell, then iteration 1, ...");
		break;
	case ORDER_RANDOM:
		printf("order     random: iteration by iteration, the cells shuffled, seed %llu\n",
		       (unsigned long long)plan->seed);
		break;
	}
}

static void print_text(const struct plan *plan, const struct topology *topology)
{
	char time[32];

	printf("machine   %s%s\n", topology->text, topology->this_system ? "" : " (described)");
	print_order(plan);
	printf("steps     %zu", plan->nr_steps);
	if (plan->warmup)
		printf(" behind %u to warm up", plan->warmup);
	printf(", about %s; one that takes %u s is killed\n",
	       duration_format(time, sizeof(time), total_s(plan)), plan->timeout_s);
	if (same_extra(plan) && *plan->cells[0].extra)
		printf("options   %s\n", plan->cells[0].extra);
	for (size_t i = 0; i < plan->nr_cells; i++) {
		const struct plan_cell *cell = &plan->cells[i];

		if (!i || strcmp(cell->variant, cell[-1].variant))
			print_variant(plan, cell);
		print_cell(plan, cell, topology);
	}
}

static void warn_memory(const struct plan *plan, const struct topology *topology)
{
	char size[32];

	if (topology->bytes && plan->cells[0].bytes > topology->bytes)
		warn("PFT_MAPPING_SIZE of %s is more than the machine's memory",
		     size_format(size, sizeof(size), plan->cells[0].bytes));
}

/* Without a pft there is nobody to ask: the plan is good as far as it goes. */
static void check_with_pft(const struct plan *plan, const struct config *config,
			   const struct topology *topology)
{
	char *pft = pft_find(NULL, simulated_program(plan), NULL);
	struct why why = WHY_INIT;
	struct stop stop;
	int err = 0;

	if (pft) {
		if (stop_init(&stop, &why))
			die(EXIT_FAILED, "%s", why.text);
		err = pft_check(plan, config, pft, topology->nr_cpus, &stop, &why);
		stop_release(&stop);
	}
	if (err)
		die(err == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", why.text);
	free(pft);
}

static void print_plan(const struct options *options, struct topology *topology)
{
	struct config config;
	struct plan plan;
	struct why why = WHY_INIT;

	if (simulated_read_config(&config, topology, options->sets, options->nr_sets,
				  options->config, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (plan_init(&plan, &config, topology, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (topology->this_system || simulated_is(&plan))
		check_with_pft(&plan, &config, topology);
	warn_ignored(&config);
	warn_memory(&plan, topology);
	if (options->tsv)
		plan_print(&plan, stdout);
	else
		print_text(&plan, topology);
	plan_release(&plan);
	config_release(&config);
}

int cmd_plan(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.args_doc = "CONFIG",
		.doc = "Print every cell that CONFIG would run, with its CPUs and an estimate of "
		       "its time, without running anything. The file: faultscale-config(5).",
	};
	struct options options = {0};
	struct topology topology;
	struct why why = WHY_INIT;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (options.list) {
		list_variables();
		return EXIT_GOOD;
	}
	if (!options.config)
		die(EXIT_USAGE, "no config named; try 'faultscale plan configs/smoke'");
	if (topology_init(&topology, options.topology, &why))
		die(options.topology ? EXIT_USAGE : EXIT_FAILED, "%s", why.text);
	print_plan(&options, &topology);
	topology_release(&topology);
	free(options.sets);
	return EXIT_GOOD;
}
