/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale machine: the models of machines that pft-sim simulates. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/machine_model.h"
#include "common/topology.h"
#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/measure_machine.h"

struct options {
	const char *verb, *name;
	const char *output;
};

static const struct argp_option option_table[] = {
	{"output", 'o', "FILE", 0, "measure: write the model there instead of to stdout", 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			die(EXIT_USAGE, "unexpected argument, with '%s'; see --help", arg);
		*(state->arg_num ? &o->name : &o->verb) = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What stands behind the # of a model's first line. */
static char *question_of(const char *name)
{
	char *text, *line;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	struct why why = WHY_INIT;
	int err = machine_print(name, out, &why);

	fclose(out);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	text[strcspn(text, "\n")] = '\0';
	line = xstrdup(*text == '#' ? text + 1 + strspn(text + 1, " ") : "");
	free(text);
	return line;
}

static int list(void)
{
	size_t nr;
	char **names = machine_names(&nr);

	if (!names)
		die(EXIT_FAILED, "cannot find the folder of models, configs/machines");
	for (size_t i = 0; i < nr; i++) {
		char *question = question_of(names[i]);

		printf("%-17s %s\n", names[i], question);
		free(question);
	}
	machine_names_free(names, nr);
	return EXIT_GOOD;
}

static int show(const char *name)
{
	struct why why = WHY_INIT;

	if (machine_print(name, stdout, &why))
		die(EXIT_USAGE, "%s", why.text);
	return EXIT_GOOD;
}

static int measure(const char *path)
{
	struct topology topology;
	struct why why = WHY_INIT;
	FILE *out = path ? fopen(path, "wxe") : stdout;
	int err;

	if (!out)
		die(EXIT_USAGE, "cannot write '%s': %s", path, strerror(errno));
	err = topology_init(&topology, NULL, &why);
	if (!err) {
		err = measure_machine(out, &topology, &why);
		topology_release(&topology);
	}
	if (path && (ferror(out) | fclose(out)) && !err)
		err = why_not(&why, EIO, "cannot write '%s': %s", path, strerror(errno));
	if (err && path)
		unlink(path);
	if (err)
		die(EXIT_FAILED, "%s", why.text);
	return EXIT_GOOD;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "list\nshow NAME\nmeasure",
	.doc = "List the models of machines that pft-sim simulates, show one with its sources, or "
	       "measure one of this machine, as far as it can be measured. NAME is that of a model "
	       "or, with a slash, the path of a file.",
};

int cmd_machine(int argc, char **argv)
{
	struct options o = {0};

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.verb)
		die(EXIT_USAGE, "say what to do: list, show NAME or measure");
	if (o.output && strcmp(o.verb, "measure"))
		die(EXIT_USAGE, "--output is for measure, not for '%s'", o.verb);
	if (!strcmp(o.verb, "show") != !!o.name)
		die(EXIT_USAGE,
		    o.name ? "unexpected argument, with '%s'; see --help"
			   : "show needs the name of a model; 'faultscale machine list' lists them",
		    o.name);
	if (!strcmp(o.verb, "list"))
		return list();
	if (!strcmp(o.verb, "show"))
		return show(o.name);
	if (!strcmp(o.verb, "measure"))
		return measure(o.output);
	die(EXIT_USAGE, "no such thing to do, with '%s': there are list, show and measure", o.verb);
}
