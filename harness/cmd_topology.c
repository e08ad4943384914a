/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale topology: draw the machine, and where a pin plan puts its workers. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/pin_plan.h"
#include "common/topology.h"
#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/draw.h"
#include "harness/fold.h"

struct options {
	const char *topology;
	const char *pin;
	uint64_t clients;
};

enum { OPT_TOPOLOGY = 't', OPT_PIN = 'p', OPT_CLIENTS = 'n' };

static const struct argp_option option_table[] = {
	{"topology", OPT_TOPOLOGY, "DESC", 0,
	 "Draw this machine instead: an XML file of lstopo(1), or hwloc(7)'s words such as "
	 "'pack:2 [numa] core:14 pu:2'",
	 0},
	{"pin", OPT_PIN, "PLAN", 0,
	 "Show the workers of this pin plan: compact, spread, cores, node:LIST or cpus:LIST", 0},
	{"clients", OPT_CLIENTS, "N", 0, "Number of workers (default: one for each CPU)", 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	struct why why = WHY_INIT;

	switch (key) {
	case OPT_TOPOLOGY:
		options->topology = arg;
		return 0;
	case OPT_PIN:
		options->pin = arg;
		return 0;
	case OPT_CLIENTS:
		if (number_parse(arg, 1, 65536, &options->clients, &why))
			die(EXIT_USAGE, "option --clients: %s", why.text);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* CPUs that the kernel has but we may not use: a plan without them deserves a word. */
static void draw_missing(const struct topology *topology)
{
	FILE *in = fopen("/sys/devices/system/cpu/present", "r");
	struct id_list present;
	char line[4096], *text;
	size_t nr = 0;

	if (!in)
		return;
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	line[strcspn(line, "\n")] = '\0';
	if (id_list_parse(line, &present, NULL))
		return;
	for (size_t i = 0; i < present.nr; i++)
		if (!topology_find(topology, present.ids[i]))
			present.ids[nr++] = present.ids[i];
	text = fold_list(present.ids, nr);
	if (nr)
		printf("\nnot used: CPU %s, offline or kept from this process\n", text);
	free(text);
	id_list_release(&present);
}

/* The CPUs of the wanted workers; NULL for none. */
static unsigned *place(const struct options *options, const struct topology *topology, unsigned *nr)
{
	struct pin_plan plan;
	struct why why = WHY_INIT;
	unsigned *cpus;

	*nr = options->clients ? options->clients : topology->nr_cpus;
	if (!options->pin) {
		if (options->clients)
			die(EXIT_USAGE,
			    "--clients says how many workers, but not where; add --pin PLAN");
		return NULL;
	}
	if (pin_plan_parse(&plan, options->pin, &why))
		die(EXIT_USAGE, "option --pin: %s", why.text);
	if (plan.kind == PIN_NONE)
		die(EXIT_USAGE,
		    "option --pin: '%s' leaves the places to the scheduler; nothing to draw",
		    options->pin);
	cpus = xcalloc(*nr, sizeof(*cpus));
	if (pin_plan_cpus(&plan, topology, *nr, cpus, &why))
		die(EXIT_USAGE, "option --pin: %s", why.text);
	pin_plan_release(&plan);
	return cpus;
}

int cmd_topology(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "Draw packages, NUMA nodes, cores and CPUs of this machine, as far as this "
		       "process may use them, or of one described in words or XML.",
	};
	struct options options = {0};
	struct topology topology;
	struct why why = WHY_INIT;
	unsigned *cpus, nr;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (topology_init(&topology, options.topology, &why))
		die(options.topology ? EXIT_USAGE : EXIT_FAILED, "%s", why.text);
	cpus = place(&options, &topology, &nr);
	draw_topology(stdout, &topology, cpus, nr);
	if (topology.this_system)
		draw_missing(&topology);
	free(cpus);
	topology_release(&topology);
	return EXIT_GOOD;
}
