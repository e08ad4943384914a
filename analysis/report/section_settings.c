/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is recorded about runs and machines, and in what they differ. */
#include <stdlib.h>
#include <string.h>

#include "analysis/report/html.h"
#include "analysis/report/section.h"
#include "common/xalloc.h"

#define LONG 160 /* values beyond are shown as they are, line by line */

/* Facts that no two runs share. */
static const char *const always[] = {"name", "command",		 "started", "ended",	"uptime",
				     "load", "memory_available", "ab_side", "ab_other", "ab_seed"};

static bool differs_always(const char *key)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!strcmp(key, always[i]))
			return true;
	return false;
}

static const char *value_of(const struct page *page, size_t run, const char *key)
{
	const char *value = meta_get(&page->sides[run].meta, key);

	return value ? value : "-";
}

static bool differs(const struct page *page, const char *key)
{
	for (size_t i = 1; i < page->runs->nr; i++)
		if (strcmp(value_of(page, 0, key), value_of(page, i, key)))
			return true;
	return false;
}

/* Whether an earlier run, or an earlier fact of this one, has told of @key. */
static bool told(const struct page *page, size_t run, size_t fact, const char *key)
{
	for (size_t r = 0; r <= run; r++)
		for (size_t i = 0; i < (r < run ? page->sides[r].meta.nr : fact); i++)
			if (!strcmp(page->sides[r].meta.facts[i].key, key))
				return true;
	return false;
}

/* Rows for the facts that differ: those that tell something, or (@usual) those that always do. */
static size_t put_differences(struct grid *grid, const struct page *page, bool usual)
{
	size_t nr = 0;

	for (size_t r = 0; r < page->runs->nr; r++)
		for (size_t i = 0; i < page->sides[r].meta.nr; i++) {
			const char *key = page->sides[r].meta.facts[i].key;

			if (differs_always(key) != usual || told(page, r, i, key) ||
			    !differs(page, key) || !strcmp(key, "warning"))
				continue;
			grid_text(grid, "%s", key);
			for (size_t k = 0; k < page->runs->nr; k++)
				grid_text(grid, "%s", value_of(page, k, key));
			nr++;
		}
	return nr;
}

static void write_differences(FILE *out, const struct page *page, bool usual, const char *caption)
{
	char *align = xcalloc(page->runs->nr + 2, 1);
	struct grid grid;
	size_t nr;

	memset(align, 'l', page->runs->nr + 1);
	grid_init(&grid, align);
	grid_text(&grid, "fact");
	for (size_t i = 0; i < page->runs->nr; i++)
		grid_text(&grid, "%s", page->runs->runs[i]->name);
	nr = put_differences(&grid, page, usual);
	if (nr)
		html_grid(out, caption, &grid);
	else if (!usual)
		fputs("<p>In nothing that is recorded, but for times and names.</p>\n", out);
	grid_release(&grid);
	free(align);
}

static void write_fact(FILE *out, const struct meta_fact *fact)
{
	bool is_long = strlen(fact->value) > LONG || strchr(fact->value, '\n');

	html_put(out, "<dt>%s</dt>", fact->key);
	if (!is_long) {
		html_put(out, "<dd>%s</dd>\n", *fact->value ? fact->value : "(empty)");
		return;
	}
	html_put(out, "<dd><pre role=\"region\" tabindex=\"0\" aria-label=\"%s\">", fact->key);
	html_lines(out, fact->value);
	fputs("</pre></dd>\n", out);
}

static void write_meta(FILE *out, const struct page_run *side)
{
	if (!side->meta.nr)
		return;
	html_put(out, "<details><summary>All facts about %s</summary>\n<dl class=\"facts\">\n",
		 side->run->name);
	for (size_t i = 0; i < side->meta.nr; i++)
		write_fact(out, &side->meta.facts[i]);
	fputs("</dl>\n</details>\n", out);
}

static void write(FILE *out, const struct page *page)
{
	size_t known = 0;

	for (size_t i = 0; i < page->runs->nr; i++)
		known += page->sides[i].meta.nr > 0;
	if (known > 1) {
		fputs("<h3>In what the runs differ</h3>\n", out);
		write_differences(out, page, false, "Differences");
		fputs("<details><summary>What differs from run to run anyway</summary>\n", out);
		write_differences(out, page, true, "Usual differences");
		fputs("</details>\n", out);
	}
	for (size_t i = 0; i < page->runs->nr; i++)
		write_meta(out, &page->sides[i]);
}

const struct section section_settings = {
	.name = "settings",
	.title = "Settings and machine",
	.summary = "What was recorded about the runs and their machines (meta.tsv).",
	.write = write,
	.missing = "no run has a meta.tsv",
};
