/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What threads waited for, where the runs were explained. */
#include <stdlib.h>
#include <string.h>

#include "analysis/format/where.h"
#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "analysis/where.h"
#include "analysis/words.h"
#include "common/xalloc.h"

static void write_words(FILE *out, const struct where *where)
{
	char *text, *rest, *line;
	size_t len;
	FILE *memory = xmemstream(&text, &len);

	words_print(memory, where);
	fclose(memory);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			html_put(out, "<p>%s</p>\n", line);
	free(text);
}

static void write_where(FILE *out, const struct where *where)
{
	char *unsupported = where_unsupported(where);

	if (unsupported) {
		html_put(out, "<p class=\"missing\">The probe did not run in %s.</p>\n",
			 unsupported);
	} else {
		write_words(out, where);
		fputs("<div class=\"table\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"Causes of waits\">\n",
		      out);
		where_causes(out, where, &style_page);
		fputs("</div>\n<p class=\"summary\">Stacks and flame graphs: "
		      "<code>faultscale offcpu --svg FILE</code>.</p>\n",
		      out);
	}
	free(unsupported);
}

static void write(FILE *out, const struct page *page)
{
	struct notes notes = {0};
	struct why why = WHY_INIT;
	struct where where;

	if (page->rate.columns.nr > 2)
		return;
	if (!where_init(&where, PROFILE_OFFCPU, page->runs, &page->options.selection,
			page->options.bootstrap, &notes, &why)) {
		write_where(out, &where);
		where_release(&where);
	}
	notes_release(&notes);
}

const struct section section_waits = {
	.name = "waits",
	.title = "Waits",
	.summary = "What threads waited for in the explained iterations.",
	.write = write,
	.missing = "one run or two that were made with --explain tell what was waited for",
};
