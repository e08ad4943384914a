/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page_write: the page from its head to its foot, section by section. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/exact.h"
#include "analysis/format/svg.h"
#include "analysis/report/figure.h"
#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"
#include "version.h"

#define CHARTS 24 /* of a section: nobody looks at a hundred, and each takes gnuplot some time */

/* A section that has been written into memory, as it may turn out to have nothing. */
struct part {
	const struct section *section;
	char *text;
	size_t len;
};

struct parts {
	struct part *parts;
	size_t nr;
	const struct section **missing; /* those that have nothing to show */
	size_t nr_missing;
	char *undrawn; /* the first reason why a chart could not be drawn */
	size_t nr_undrawn;
};

static char *title_of(const struct page *page)
{
	const struct columns *columns = &page->rate.columns;

	if (page->runs->nr == 1)
		return xasprintf("%s: page-fault scalability", page->runs->runs[0]->name);
	if (page->runs->nr == 2)
		return xasprintf("%s against %s: page-fault scalability", page->runs->runs[1]->name,
				 page->runs->runs[0]->name);
	return xasprintf("%s and %zu others: page-fault scalability", columns->columns[0].name,
			 page->runs->nr - 1);
}

static void write_charts(FILE *out, const struct section *section, const struct page *page,
			 struct parts *parts)
{
	struct charts charts = {0};
	struct why why = WHY_INIT;

	if (section->charts)
		section->charts(&charts, page);
	if (charts.nr)
		fputs("<div class=\"figures\">\n", out);
	for (size_t i = 0; i < charts.nr && i < CHARTS; i++) {
		char *id = xasprintf("%s-%zu", section->name, i + 1);

		if (figure_write(out, &charts.charts[i], id, &why) && !parts->nr_undrawn++)
			parts->undrawn = xstrdup(why.text);
		free(id);
	}
	if (charts.nr)
		fputs("</div>\n", out);
	if (charts.nr > CHARTS)
		fputs("<p class=\"summary\">There are more charts than are drawn here: name "
		      "what is to be seen with <code>--only</code> or <code>--metric</code>, or "
		      "draw one with <code>faultscale plot</code>. The tables have all "
		      "numbers.</p>\n",
		      out);
	charts_release(&charts);
}

static void add_part(struct parts *parts, const struct section *section, const struct page *page)
{
	struct part *part = &parts->parts[parts->nr];
	FILE *out = xmemstream(&part->text, &part->len);

	part->section = section;
	write_charts(out, section, page, parts);
	if (section->write)
		section->write(out, page);
	fclose(out);
	if (part->len) {
		parts->nr++;
		return;
	}
	if (section->missing)
		parts->missing[parts->nr_missing++] = section;
	free(part->text);
}

/* A policy that lets nothing in and no script run, whatever the texts of a run may say. */
static void write_head(FILE *out, const char *title)
{
	html_put(out,
		 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		 "style-src 'unsafe-inline'; img-src data:\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"light dark\">\n"
		 "<meta name=\"generator\" content=\"faultscale %s\">\n"
		 "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n<style>\n",
		 FAULTSCALE_VERSION, title);
	fputs(page_style, out);
	fputs(svg_flame_style, out);
	fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
	      "verdict</a>\n",
	      out);
}

static void write_when(FILE *out, const struct page *page)
{
	fputs("<ul class=\"runs\">\n", out);
	for (size_t i = 0; i < page->runs->nr; i++) {
		const struct meta *meta = &page->sides[i].meta;
		const char *started = meta_get(meta, "started"), *kernel = meta_get(meta, "kernel");
		const char *cpu = meta_get(meta, "cpu_model");
		const struct run *run = page->runs->runs[i];

		html_put(out, "<li><b>%s</b>", run->name);
		if (started)
			html_put(out, " <span>%s</span>", started);
		if (kernel)
			html_put(out, " <span>%s</span>", kernel);
		if (cpu)
			html_put(out, " <span>%s</span>", cpu);
		if (exact_is_simulated(run))
			html_put(out, " <span>simulated %s</span>",
				 run->variants[0].dims[DIM_MACHINE]);
		if (!started && run->kind == RUN_MMTESTS)
			fputs(" <span>logs of mmtests</span>", out);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void write_nav(FILE *out, const struct parts *parts)
{
	fputs("<nav aria-label=\"Sections\"><ul>\n", out);
	for (size_t i = 0; i < parts->nr; i++)
		html_put(out, "<li><a href=\"#%s\">%s</a></li>\n", parts->parts[i].section->name,
			 parts->parts[i].section->title);
	fputs("</ul></nav>\n", out);
}

static void write_part(FILE *out, const struct part *part)
{
	const struct section *section = part->section;

	html_put(out,
		 "<section id=\"%s\" aria-labelledby=\"%s-head\">\n<h2 id=\"%s-head\">%s</h2>\n",
		 section->name, section->name, section->name, section->title);
	if (*section->summary)
		html_put(out, "<p class=\"summary\">%s</p>\n", section->summary);
	fwrite(part->text, 1, part->len, out);
	fputs("</section>\n", out);
}

/* In one place: a page of empty sections hides the others. */
static void write_missing(FILE *out, const struct parts *parts)
{
	if (!parts->nr_missing)
		return;
	fputs("<section id=\"absent\" aria-labelledby=\"absent-head\">\n"
	      "<h2 id=\"absent-head\">Not in this report</h2>\n<ul>\n",
	      out);
	for (size_t i = 0; i < parts->nr_missing; i++)
		html_put(out, "<li><b>%s</b>: %s.</li>\n", parts->missing[i]->title,
			 parts->missing[i]->missing);
	fputs("</ul>\n</section>\n", out);
}

static void write_care(FILE *out, const struct page *page, const struct parts *parts)
{
	if (!page->notes->nr && !page->care.nr && !parts->nr_undrawn)
		return;
	fputs("<aside class=\"care\" aria-labelledby=\"care-head\">\n"
	      "<h2 id=\"care-head\">Read with care</h2>\n<ul>\n",
	      out);
	if (parts->nr_undrawn)
		html_put(out, "<li>Charts are missing: %s.</li>\n", parts->undrawn);
	for (size_t i = 0; i < page->notes->nr; i++)
		html_put(out, "<li>%s</li>\n", page->notes->lines[i]);
	for (size_t i = 0; i < page->care.nr; i++)
		html_put(out, "<li>%s</li>\n", page->care.lines[i]);
	fputs("</ul>\n</aside>\n", out);
}

static void write_foot(FILE *out, const struct page *page)
{
	html_put(out, "<footer><p>Made by faultscale %s", FAULTSCALE_VERSION);
	fprintf(out, "; intervals by BCa bootstrap, %u resamples, seed %llu. ",
		page->options.bootstrap->resamples,
		(unsigned long long)page->options.bootstrap->seed);
	fputs("The page needs no network and runs no script.</p></footer>\n</body>\n</html>\n",
	      out);
}

char *page_write(FILE *out, const struct page *page)
{
	char *title = title_of(page), *undrawn = NULL;
	struct parts parts = {0};
	size_t nr = 0;

	while (sections[nr])
		nr++;
	parts.parts = xcalloc(nr, sizeof(*parts.parts));
	parts.missing = xcalloc(nr, sizeof(const struct section *));
	for (size_t i = 0; i < nr; i++)
		add_part(&parts, sections[i], page);
	write_head(out, title);
	html_put(out, "<header>\n<h1>%s</h1>\n", title);
	write_when(out, page);
	write_nav(out, &parts);
	fputs("</header>\n<main id=\"main\">\n", out);
	for (size_t i = 0; i < parts.nr; i++) {
		write_part(out, &parts.parts[i]);
		if (parts.parts[i].section == &section_verdict)
			write_care(out, page, &parts);
		free(parts.parts[i].text);
	}
	write_missing(out, &parts);
	fputs("</main>\n", out);
	write_foot(out, page);
	if (parts.nr_undrawn)
		undrawn = xasprintf("charts that could not be drawn: %zu: %s", parts.nr_undrawn,
				    parts.undrawn);
	free(parts.undrawn);
	free(parts.missing);
	free(parts.parts);
	free(title);
	return undrawn;
}
