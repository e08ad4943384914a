/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/chart_svg.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "analysis/report/chart_script.h"
#include "analysis/report/html.h"

static void put_head(FILE *out, const struct chart_svg *as, int width, int height)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" "
		"xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 %d %d\"",
		width, height);
	if (!as->colours)
		fprintf(out, " width=\"%d\" height=\"%d\"", width, height);
	html_put(out,
		 " role=\"img\" aria-labelledby=\"%s-title %s-words\">\n<title "
		 "id=\"%s-title\">%s</title>\n"
		 "<desc id=\"%s-words\">%s</desc>\n",
		 as->id, as->id, as->id, as->title, as->id, as->words);
}

/* Write the page's colour for "rgb(R,G,B)" at @p, and return what comes behind it; NULL if it is none. */
static const char *put_colour(FILE *out, const char *p)
{
	unsigned r, g, b;
	int len = 0;

	if (sscanf(p, "rgb(%u,%u,%u)%n", &r, &g, &b, &len) != 3 || !len || r || g)
		return NULL;
	switch (b) {
	case CHART_INK_GREY:
		fputs("var(--s0)", out);
		break;
	case CHART_INK_TEXT:
		fputs("var(--muted)", out);
		break;
	case CHART_INK_AXIS:
		fputs("var(--axis)", out);
		break;
	case CHART_INK_GRID:
		fputs("var(--grid)", out);
		break;
	case CHART_INK_BAND:
		fputs("var(--s0)", out);
		break;
	default:
		if (b < 1 || b > CHART_LOOKS)
			return NULL;
		fprintf(out, "var(--s%u)", b);
	}
	return p + len;
}

/* Names of elements, and where they are referred to, up to the place where the prefix goes. */
static const char *const names[] = {" id=\"", " id='", "href='#", "url(#"};

/* gnuplot sets the colour that currentColor means, which is the page's to choose. */
static const char *const dropped[] = {" color=\"black\"", " color=\"white\"", " color=\"gray\""};

static const char *starts_with(const char *text, const char *start)
{
	size_t len = strlen(start);

	return strncmp(text, start, len) ? NULL : text + len;
}

/* Write what stands at @p inside of a tag, and return what comes behind it. */
static const char *put_inside(FILE *out, const char *p, const struct chart_svg *as)
{
	const char *behind;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (starts_with(p, names[i])) {
			fprintf(out, "%s%s-", names[i], as->id);
			return p + strlen(names[i]);
		}
	for (size_t i = 0; as->colours && i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (starts_with(p, dropped[i]))
			return p + strlen(dropped[i]);
	if (as->colours && *p == 'r') {
		behind = put_colour(out, p);
		if (behind)
			return behind;
	}
	fputc(*p, out);
	return p + 1;
}

/* What comes behind an element at @p that says nothing: a group without content, of which gnuplot writes
 * many, or the number of a plot where a pointer would show its name. NULL for another element. */
static const char *behind_nothing(const char *p)
{
	const char *end = starts_with(p, "<g ") ? strchr(p, '>') : NULL;

	if (starts_with(p, "<title>gnuplot_plot_"))
		return strchr(p + 1, '<') + strlen("</title>");
	return end ? starts_with(end, ">\n</g>\n") : NULL;
}

static void put_body(FILE *out, const char *p, const struct chart_svg *as)
{
	bool inside = false;

	while (*p) {
		const char *skip = inside ? NULL : behind_nothing(p);

		if (skip) {
			p = skip;
			continue;
		}
		if (inside) {
			inside = *p != '>';
			p = put_inside(out, p, as);
			continue;
		}
		inside = *p == '<';
		fputc(*p++, out);
	}
}

int chart_svg_write(FILE *out, const char *svg, const struct chart_svg *as, struct why *why)
{
	const char *root = strstr(svg, "<svg"), *body = strstr(svg, "</desc>");
	int width, height;

	if (!root || !body || sscanf(root, "<svg width=\"%d\" height=\"%d\"", &width, &height) != 2)
		return why_not(why, EINVAL, "gnuplot did not write the SVG that was asked for");
	put_head(out, as, width, height);
	put_body(out, body + strlen("</desc>"), as);
	return 0;
}
