/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale plot: the subcommand's options, and the order of its work. */
#include <stdlib.h>
#include <string.h>

#include "analysis/cmd_args.h"
#include "analysis/commands.h"
#include "analysis/report/chart_script.h"
#include "analysis/report/chart_svg.h"
#include "analysis/report/gnuplot.h"
#include "analysis/report/page.h"
#include "analysis/report/section.h"
#include "common/say.h"
#include "common/units.h"
#include "common/xalloc.h"

enum {
	OPT_CHART = 256,
	OPT_LIST,
};

static const struct argp_child children[] = {
	{&cmd_argp_runs, 0, NULL, 0}, {&cmd_argp_metric, 0, NULL, 0},	 {&cmd_argp_by, 0, NULL, 0},
	{&cmd_argp_only, 0, NULL, 0}, {&cmd_argp_bootstrap, 0, NULL, 0}, {0},
};

static const struct argp_option options[] = {
	{"chart", OPT_CHART, "NAME[:N]", 0,
	 "one of those that --list names (scaling), its N-th where the runs have several (1)", 0},
	{"list", OPT_LIST, NULL, 0, "list the charts, with RUN... those of the runs", 0},
	{"output", 'o', "FILE", 0, "write it there, as NAME.svg or NAME.png says", 0},
	{0},
};

struct plot_args {
	struct cmd_args shared;
	const struct section *section;
	uint64_t number; /* 1.. */
	const char *output;
	enum chart_target target;
	bool list;
	struct gate_config config;
};

static void parse_chart(struct plot_args *args, const char *arg)
{
	const char *colon = strchr(arg, ':');
	char *name = xstrndup(arg, colon ? (size_t)(colon - arg) : strlen(arg));
	struct why why = WHY_INIT;

	args->section = section_find(name, &why);
	if (!args->section)
		die(EXIT_USAGE, "%s", why.text);
	if (colon && number_parse(colon + 1, 1, 100000, &args->number, &why))
		die(EXIT_USAGE, "--chart: %s", why.text);
	free(name);
}

static void parse_output(struct plot_args *args, const char *arg, struct argp_state *state)
{
	const char *end = strrchr(arg, '.');

	if (end && !strcmp(end, ".svg"))
		args->target = CHART_SVG;
	else if (end && !strcmp(end, ".png"))
		args->target = CHART_PNG;
	else
		argp_error(state, "--output: neither NAME.svg nor NAME.png, with '%s'", arg);
	args->output = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct plot_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		cmd_args_begin(state, children, &args->shared);
		break;
	case 'o':
		parse_output(args, arg, state);
		break;
	case OPT_CHART:
		parse_chart(args, arg);
		break;
	case OPT_LIST:
		args->list = true;
		break;
	case ARGP_KEY_END:
		if (!args->output && !args->list)
			argp_error(state, "where to? -o FILE says so");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "-o FILE RUN...",
	.doc = "Draw one chart of 'faultscale report' into an SVG or PNG file of its own, by "
	       "gnuplot.",
};

static void list_kinds(void)
{
	for (size_t i = 0; sections[i]; i++)
		if (sections[i]->charts)
			printf("%-10s %s\n", sections[i]->name, sections[i]->title);
}

static void list_charts(const struct page *page)
{
	for (size_t i = 0; sections[i]; i++) {
		struct charts charts = {0};

		if (sections[i]->charts)
			sections[i]->charts(&charts, page);
		for (size_t k = 0; k < charts.nr; k++) {
			printf("%s:%zu\t", sections[i]->name, k + 1);
			say_line(stdout, "%s", charts.charts[k].title);
		}
		charts_release(&charts);
	}
}

/* Give an SVG the title and the words that PNG has no place for. */
static void name_svg(const struct chart *chart, char **text, size_t *len)
{
	char *words = chart_words(chart), *svg = *text;
	const struct chart_svg as = {.id = "plot", .title = chart->title, .words = words};
	struct why why = WHY_INIT;
	FILE *memory = xmemstream(text, len);
	int err = chart_svg_write(memory, svg, &as, &why);

	fclose(memory);
	if (err)
		die(EXIT_FAILED, "%s", why.text);
	free(words);
	free(svg);
}

static void draw(const struct plot_args *args, const struct chart *chart)
{
	struct why why = WHY_INIT;
	char *script, *text;
	size_t len;
	FILE *memory = xmemstream(&script, &len);

	chart_script(memory, chart, args->target);
	fclose(memory);
	if (gnuplot_run(script, &text, &len, &why))
		die(EXIT_FAILED, "%s", why.text);
	if (args->target == CHART_SVG)
		name_svg(chart, &text, &len);
	cmd_args_write(args->output, text, len);
	free(script);
	free(text);
}

static void plot(const struct plot_args *args, const struct page *page)
{
	struct charts charts = {0};

	if (args->list) {
		list_charts(page);
		return;
	}
	args->section->charts(&charts, page);
	if (!charts.nr)
		die(EXIT_USAGE, "the runs have nothing for chart '%s'%s%s", args->section->name,
		    args->section->missing ? ": " : "",
		    args->section->missing ? args->section->missing : "");
	if (args->number > charts.nr)
		die(EXIT_USAGE, "no chart '%s:%llu': the last one is %zu; --list names them",
		    args->section->name, (unsigned long long)args->number, charts.nr);
	draw(args, &charts.charts[args->number - 1]);
	charts_release(&charts);
}

static void plot_runs(struct plot_args *args)
{
	struct page_ask ask = {.metrics = args->shared.metrics, .gate = &args->config};
	struct why why = WHY_INIT;
	struct notes notes = {0};
	struct run_list runs;
	struct page page;

	args->shared.options.bootstrap = &args->shared.bootstrap;
	ask.options = args->shared.options;
	cmd_args_load(&args->shared, &runs, &notes);
	if (page_init(&page, &runs, &ask, &notes, &why))
		die(EXIT_USAGE, "%s", why.text);
	plot(args, &page);
	page_release(&page);
	cmd_args_warn(&notes);
	run_list_release(&runs);
}

int cmd_plot(int argc, char **argv)
{
	struct plot_args args = {.section = &section_scaling, .number = 1};

	gate_config_init(&args.config);
	cmd_args_parse(&args.shared, &argp, argc, argv, &args);
	if (args.list && !args.shared.runs.nr_words)
		list_kinds();
	else
		plot_runs(&args);
	gate_config_release(&args.config);
	cmd_args_release(&args.shared);
	return EXIT_GOOD;
}
