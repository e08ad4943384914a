/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What threads waited for, where the runs were explained. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/flame.h"
#include "analysis/format/svg.h"
#include "analysis/format/where.h"
#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "analysis/where.h"
#include "analysis/words.h"
#include "common/xalloc.h"

#define WORDS  6 /* paragraphs; further ones have to be opened */
#define GRAPHS 4 /* a page holds no more, */
#define FRAMES 500 /* of so many frames, some 100 KB */
#define STACKS 10 /* in the table beside each */
#define ROWS   40 /* a table of more has to be opened */

static void write_words(FILE *out, const struct where *where)
{
	char *text, *rest, *line;
	size_t len, nr = 0;
	FILE *memory = xmemstream(&text, &len);

	words_print(memory, where);
	fclose(memory);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (nr++ == WORDS)
			fputs("<details><summary>More variants</summary>\n", out);
		html_put(out, "<p>%s</p>\n", line);
	}
	fputs(nr > WORDS ? "</details>\n" : "", out);
	free(text);
}

static void write_causes(FILE *out, const struct where *where)
{
	size_t rows = where->nr;

	for (size_t i = 0; i < where->nr; i++)
		rows += where->cells[i].profile.nr_causes;
	fprintf(out,
		"<details%s><summary>Causes of waits by client count</summary>\n"
		"<div class=\"table\" role=\"region\" tabindex=\"0\" "
		"aria-label=\"Causes of waits\">\n",
		rows <= ROWS ? " open" : "");
	where_causes(out, where, &style_page);
	fputs("</div>\n</details>\n", out);
}

static void write_stacks(FILE *out, const struct where_cell *cell)
{
	char *name = where_stacks_name(cell, STACKS);
	struct grid grid;

	where_cell_stacks(&grid, cell, STACKS, &style_page);
	fputs("<details><summary>Stacks as a table</summary>\n", out);
	html_grid(out, name, &grid);
	fputs("</details>\n", out);
	free(name);
}

/* The graph and what it leaves out. */
static void write_graph(FILE *out, const struct svg_flame *flame)
{
	double share;
	size_t left_out;

	html_put(out, "<div class=\"plot\" role=\"group\" tabindex=\"0\" aria-label=\"%s\">\n",
		 flame->title);
	left_out = svg_flame(out, flame, &share);
	fputs("</div>\n", out);
	if (left_out)
		fprintf(out,
			"<p class=\"summary\">Too narrow to be drawn: %zu frame%s, each with less "
			"than %.2g%% of all.</p>\n",
			left_out, left_out == 1 ? "" : "s", 100 * share);
}

static void write_figure(FILE *out, const struct where *where, const struct where_cell *cell,
			 size_t number)
{
	const struct column *columns = where->columns.columns;
	bool two = where->columns.nr == 2;
	char *name = where_cell_name(cell), *id = xasprintf("waits-%zu", number);
	char *title = xasprintf("off-CPU stacks, %s", name);
	struct flame_frame *root = flame_new_cell(cell);
	const struct svg_flame flame = {
		.title = title,
		.before = two ? columns[0].name : NULL,
		.after = two ? columns[1].name : NULL,
		.root = root,
		.id = id,
		.most = FRAMES,
	};

	html_put(out, "<figure id=\"%s\">\n<figcaption><h3>%s</h3><p>Flame graph; ", id, title);
	svg_flame_words(out, &flame);
	fputs(".</p></figcaption>\n", out);
	write_graph(out, &flame);
	write_stacks(out, cell);
	fputs("</figure>\n", out);
	flame_free(root);
	free(title);
	free(name);
	free(id);
}

/* Of each variant its largest client count, which is what the words are about. */
static void write_figures(FILE *out, const struct where *where)
{
	size_t nr = 0;

	for (size_t i = 0; i < where->nr; i++) {
		const struct where_cell *cell = where_largest(where, i);

		if (cell && cell->profile.nr_stacks && nr++ < GRAPHS)
			write_figure(out, where, cell, nr);
	}
	if (nr > GRAPHS)
		fprintf(out, "<p class=\"summary\">Not drawn: %zu more variants.</p>\n",
			nr - GRAPHS);
	fputs("<p class=\"summary\">All client counts, and whole stacks: <code>faultscale offcpu "
	      "--svg FILE</code>, <code>--folded</code>.</p>\n",
	      out);
}

static void write_where(FILE *out, const struct where *where)
{
	char *unsupported = where_unsupported(where);
	struct why why = WHY_INIT;

	if (unsupported) {
		html_put(out, "<p class=\"missing\">The probe did not run in %s.</p>\n",
			 unsupported);
	} else {
		if (where_check_lost(where, &why))
			html_put(out, "<p class=\"missing\">%s.</p>\n", why.text);
		write_words(out, where);
		write_causes(out, where);
		write_figures(out, where);
	}
	free(unsupported);
}

/* Runs that were not explained are no news; tables that cannot be read are. */
static void write(FILE *out, const struct page *page)
{
	struct why why = WHY_INIT;
	struct where where;
	int err;

	if (page->rate.columns.nr > 2)
		return;
	err = where_init(&where, PROFILE_OFFCPU, page->runs, &page->options.selection,
			 page->options.bootstrap, page->notes, &why);
	if (!err) {
		write_where(out, &where);
		where_release(&where);
	} else if (err != -ENOENT) {
		html_put(out, "<p class=\"missing\">Nothing to show: %s.</p>\n", why.text);
	}
}

const struct section section_waits = {
	.name = "waits",
	.title = "Waits",
	.summary = "What threads waited for in the explained iterations.",
	.write = write,
	.missing = "one run or two that were made with --explain tell what was waited for",
};
