/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale events: which events pft can count here, and why not the others. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/perf_event.h"
#include "harness/commands.h"
#include "harness/event_catalog.h"

static const struct argp_option option_table[] = {
	{"pmu", 'p', "NAME", 0,
	 "Every event of this PMU with its meaning; also of one that this machine does not have",
	 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	const char **pmu = state->input;

	switch (key) {
	case 'p':
		*pmu = arg;
		return 0;
	case ARGP_KEY_ARG:
		die(EXIT_USAGE, "no argument is needed, with '%s'", arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static void print_permissions(void)
{
	static const char *const levels[] = {
		"whole CPUs and the kernel are open to everybody",
		"a thread's own events, of the kernel too, are open to everybody",
		"a thread's own events of user mode are open to everybody; the kernel's need "
		"CAP_PERFMON, or 'sysctl kernel.perf_event_paranoid=1'",
		"every event needs CAP_PERFMON, or 'sysctl kernel.perf_event_paranoid=2'; 1 for "
		"the kernel's",
	};
	int paranoid = perf_event_paranoid("");

	if (paranoid == -2)
		puts("no kernel.perf_event_paranoid: a kernel without perf events");
	else
		printf("kernel.perf_event_paranoid is %d: %s\n", paranoid,
		       levels[paranoid < 0   ? 0
			      : paranoid > 3 ? 3
					     : paranoid]);
}

/* Each reason once, and how many events it keeps out. */
static void print_reasons(const struct catalog *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		const char *reason = c->events[i].reason;
		size_t nr = 0;
		bool told = false;

		for (size_t k = 0; reason && k < c->nr; k++) {
			const char *other = c->events[k].reason;
			bool same = other && !strcmp(other, reason);

			told |= same && k < i;
			nr += same;
		}
		if (reason && !told)
			printf("  not %zu of %zu: %s\n", nr, c->nr, reason);
	}
}

static void print_brief(const struct catalog *c)
{
	printf("\n%s: %s, %zu of %zu events can be counted\n", c->pmu, c->summary, c->nr_good,
	       c->nr);
	for (size_t i = 0; i < c->nr; i++)
		if (!c->events[i].reason)
			printf("  %s\n", c->events[i].name);
	print_reasons(c);
}

static void print_full(const struct catalog *c)
{
	printf("\n%s: %s, %zu of %zu events can be counted\n", c->pmu, c->summary, c->nr_good,
	       c->nr);
	for (size_t i = 0; i < c->nr; i++) {
		const struct catalog_event *e = &c->events[i];

		printf("  %-4s %-50s %s\n", e->reason ? "no" : "yes", e->name,
		       e->summary ? e->summary : "");
	}
	print_reasons(c);
}

static void print(const char *pmu, void (*how)(const struct catalog *c))
{
	struct why why = WHY_INIT;
	struct catalog catalog;

	if (catalog_init(&catalog, pmu, &why))
		die(EXIT_USAGE, "%s", why.text);
	how(&catalog);
	catalog_release(&catalog);
}

int cmd_events(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "List the events that 'pft --events' can count on this machine, and the "
		       "reason for those that it cannot. Each is opened once: that a processor is "
		       "known proves nothing in a VM. The defaults and other counters: 'pft "
		       "--list counters'.",
	};
	const char *pmu = NULL;
	char **names;
	size_t nr;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &pmu);
	print_permissions();
	if (pmu) {
		print(pmu, print_full);
		return EXIT_GOOD;
	}
	names = catalog_pmus(&nr);
	for (size_t i = 0; i < nr; i++)
		print(names[i], print_brief);
	catalog_free_names(names, nr);
	return EXIT_GOOD;
}
