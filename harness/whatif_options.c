/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/whatif_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

#define MAX_PAGES (1u << 28)
#define MAX_JOBS  1024

/* All but "none", which is for one worker; the first one is what the others are compared with. */
#define DESIGNS \
	"vma-rwsem-split,mmap-lock,spf,vma-rwsem-embedded,vma-rwsem-split-aligned," \
	"vma-rwsem-aligned,vma-refcnt,vma-refcnt-near-seq"

enum {
	KEY_DESIGNS = 0x100,
	KEY_PREFETCH,
	KEY_CLIENTS,
	KEY_WORKLOAD,
	KEY_PAGES,
	KEY_RESULTS,
	KEY_PFT,
	KEY_PUBLISHED,
	KEY_FORMAT,
	KEY_PRINT,
	KEY_SET,
};

static const struct argp_option argp_options[] = {
	{"machine", 'm', "NAME", 0, "the model: see 'faultscale machine list', or the path of one",
	 0},
	{"designs", KEY_DESIGNS, "LIST", 0,
	 "lock designs, the others are compared with the first (all, with vma-rwsem-split first)",
	 0},
	{"prefetch", KEY_PREFETCH, "adjacent=on,off", 0,
	 "each of these states of the adjacent-line prefetcher (as the model says)", 0},
	{"clients", KEY_CLIENTS, "LIST", 0, "numbers of workers (mmtests' ladder)", 0},
	{"workload", KEY_WORKLOAD, "NAME", 0, "engine-anon or another of the engine's", 0},
	{"pages", KEY_PAGES, "N", 0, "faults of all workers of a cell together (65536)", 0},
	{"set", KEY_SET, "NAME=VALUE", 0, "a variable of the config; may be repeated", 0},
	{"name", 'n', "NAME", 0, "name of the run (whatif-MACHINE, an earlier one is replaced)", 0},
	{"results", KEY_RESULTS, "DIR", 0, "where runs are kept (results)", 0},
	{"jobs", 'j', "N", 0, "cells simulated at a time (one for each CPU)", 0},
	{"pft", KEY_PFT, "PATH", 0, "the simulator (pft-sim beside this program)", 0},
	{"published", KEY_PUBLISHED, "FILE", 0, "figures to compare with (those that are shipped)",
	 0},
	{"format", KEY_FORMAT, "FORMAT", 0, "text or markdown", 0},
	{"print", KEY_PRINT, "RUN,...", 0, "simulate nothing, print the tables of these runs", 0},
	{0},
};

struct parse {
	struct whatif_options *options;
	struct why *why;
	int err;
};

void whatif_add_run(struct whatif_options *o, const char *name)
{
	XGROW(o->request.runs, o->request.nr_runs, o->cap_runs);
	o->request.runs[o->request.nr_runs++] = xstrdup(name);
}

static void add_runs(struct whatif_options *o, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*word)
			whatif_add_run(o, word);
	free(copy);
}

static int parse_number(struct parse *p, const char *option, const char *arg, uint64_t max,
			uint64_t *value)
{
	p->err = number_parse(arg, 1, max, value, p->why);
	return p->err ? why_within(p->why, EINVAL, "--%s", option) : 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	struct whatif_options *o = p->options;
	uint64_t number = 0;

	switch (key) {
	case 'm':
		o->machine = arg;
		break;
	case KEY_DESIGNS:
		o->designs = arg;
		break;
	case KEY_PREFETCH:
		o->prefetch = arg;
		break;
	case KEY_CLIENTS:
		o->clients = arg;
		break;
	case KEY_WORKLOAD:
		o->workload = arg;
		break;
	case KEY_PAGES:
		return parse_number(p, "pages", arg, MAX_PAGES, &o->pages) ? EINVAL : 0;
	case KEY_SET:
		XGROW(o->sets, o->nr_sets, o->cap_sets);
		o->sets[o->nr_sets++] = arg;
		break;
	case 'n':
		o->name = arg;
		break;
	case KEY_RESULTS:
		o->request.directory = arg;
		break;
	case 'j':
		if (parse_number(p, "jobs", arg, MAX_JOBS, &number))
			return EINVAL;
		o->jobs = (unsigned)number;
		break;
	case KEY_PFT:
		o->pft = arg;
		break;
	case KEY_PUBLISHED:
		o->request.published = arg;
		break;
	case KEY_FORMAT:
		o->request.format = arg;
		break;
	case KEY_PRINT:
		add_runs(o, arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int check(const struct whatif_options *o, int next, struct why *why)
{
	if (next < o->argc)
		return why_not(why, EINVAL, "unexpected argument, with '%s'; see --help",
			       o->argv[next]);
	if (strcmp(o->request.format, "text") && strcmp(o->request.format, "markdown"))
		return why_not(why, EINVAL, "no such format, with '%s': there are text, markdown",
			       o->request.format);
	if (o->machine && o->request.nr_runs)
		return why_not(why, EINVAL, "--print simulates nothing; leave out --machine");
	if (!o->machine && !o->request.nr_runs)
		return why_not(why, EINVAL,
			       "name the machine with --machine NAME; 'faultscale machine list' "
			       "lists them");
	if (o->prefetch && strcmp(o->prefetch, "adjacent=on,off") &&
	    strcmp(o->prefetch, "adjacent=off,on") && strcmp(o->prefetch, "adjacent=on") &&
	    strcmp(o->prefetch, "adjacent=off"))
		return why_not(why, EINVAL,
			       "--prefetch takes adjacent=on, adjacent=off or adjacent=on,off, not "
			       "'%s'",
			       o->prefetch);
	return 0;
}

int whatif_options_parse(struct whatif_options *o, int argc, char **argv, struct why *why)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.args_doc = "--machine NAME\n--print RUN",
		.doc = "Simulate lock designs on a machine that is not here, and print them as "
		       "'faultscale compare' does, with what was published of the same changes in "
		       "square brackets and how well both agree. The results are a run like any "
		       "other.",
	};
	long nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct parse parse = {.options = o, .why = why};
	int next;

	*o = (struct whatif_options){.designs = DESIGNS,
				     .workload = "engine-anon",
				     .pages = 65536,
				     .jobs = nr_cpus > 0 ? (unsigned)nr_cpus : 1,
				     .request = {.directory = "results", .format = "text"},
				     .argc = argc,
				     .argv = argv};
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, &next, &parse) || parse.err)
		return parse.err ? -EINVAL : why_not(why, EINVAL, "cannot read the command line");
	return check(o, next, why);
}

/* The words of a list with commas, each behind @prefix, separated by blanks. To be freed. */
static char *words(const char *list, const char *prefix)
{
	char *copy = xstrdup(list), *rest = copy, *word, *text = xstrdup("");

	while ((word = strsep(&rest, ",")) && *list) {
		char *longer = xasprintf("%s%s%s%s", text, *text ? " " : "",
					 strchr(word, '=') ? "" : prefix, word);

		free(text);
		text = longer;
	}
	free(copy);
	return text;
}

char *whatif_config(const struct whatif_options *o)
{
	char *designs = words(o->designs, ""), *clients = words(o->clients ? o->clients : "", "");
	char *prefetch = words(o->prefetch ? o->prefetch : "", "adjacent=");
	char *text = xasprintf("PFT_MACHINE=\"%s\"\nPFT_WORKLOADS=\"%s\"\nPFT_LOCKS=\"%s\"\n"
			       "PFT_PREFETCH=\"%s\"\nPFT_CLIENTS=\"%s\"\nPFT_MAX_CLIENTS_CAP=128\n"
			       "PFT_ITERATIONS=1\nPFT_COUNTERS=sim\n"
			       "PFT_MAPPING_SIZE=$((%llu*4096))\n",
			       o->machine, o->workload, designs, prefetch, clients,
			       (unsigned long long)o->pages);

	free(designs);
	free(clients);
	free(prefetch);
	return text;
}

void whatif_options_release(struct whatif_options *o)
{
	for (size_t i = 0; i < o->request.nr_runs; i++)
		free(o->request.runs[i]);
	free(o->request.runs);
	free(o->sets);
	*o = (struct whatif_options){0};
}
