/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/svg.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define WIDTH	  1200.0
#define MARGIN	  10.0
#define ROW	  18.0
#define HEAD	  58.0 /* title and subtitle */
#define CHARACTER 7.3 /* width of one, in px */
#define LEAST	  0.4 /* narrower frames, in px, are left out */

/* Fills are light in both modes, so that the dark letters on them can be read. */
static const char style[] =
	"<style>\n"
	"text{font:12px monospace;fill:#111}\n"
	".h{font:bold 16px sans-serif}.s{font:13px sans-serif}\n"
	".bg{fill:#fff}rect{stroke-width:.6;stroke:#fff}\n"
	".user{fill:#9ecae1}.kernel{fill:#fdae6b}.why{fill:#d9c2f0}.base{fill:#d9d9d9}\n"
	".more1{fill:#fcd5cc}.more2{fill:#fca38c}.more3{fill:#fb7a5e}\n"
	".less1{fill:#d3e3f3}.less2{fill:#a3c8e8}.less3{fill:#76aede}\n"
	"g:hover rect{stroke:#000}\n"
	"@media(prefers-color-scheme:dark){.bg{fill:#1b1b1b}.h,.s{fill:#eee}"
	"rect{stroke:#1b1b1b}g:hover rect{stroke:#fff}}\n"
	"</style>\n";

/* Write at most @max letters of @text as XML; what is no plain letter becomes a question mark. */
static void put_text(FILE *out, const char *text, size_t max)
{
	for (size_t i = 0; text[i] && i < max; i++) {
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(isascii(text[i]) && isprint(text[i]) ? text[i] : '?', out);
		}
	}
}

/* The whole picture. */
struct canvas {
	FILE *out;
	const struct svg_flame *flame;
	double scale; /* px per ns */
	size_t depth; /* rows */
};

/* What a frame is: it colours the frames of one run. */
enum part {
	PART_BASE,
	PART_USER,
	PART_KERNEL,
};

static double total(const struct flame_frame *frame)
{
	return frame->value[0] + frame->value[1];
}

/* Levels below a frame that are wide enough to be drawn. */
static size_t depth_of(const struct flame_frame *frame, double scale)
{
	size_t most = 0;

	for (size_t i = 0; i < frame->nr; i++) {
		size_t depth = 1 + depth_of(frame->children[i], scale);

		if (total(frame->children[i]) * scale >= LEAST && depth > most)
			most = depth;
	}
	return most;
}

static const char *class_of(const struct canvas *c, const struct flame_frame *frame, enum part part)
{
	static const char *const more[] = {"base", "more1", "more2", "more3"};
	static const char *const less[] = {"base", "less1", "less2", "less3"};
	double change = (frame->value[1] - frame->value[0]) / total(frame);
	size_t level = (fabs(change) >= 0.02) + (fabs(change) >= 0.2) + (fabs(change) >= 0.6);

	if (c->flame->after)
		return change > 0 ? more[level] : less[level];
	if (frame->name[0] == '[' && !frame->nr)
		return "why";
	return part == PART_KERNEL ? "kernel" : part == PART_USER ? "user" : "base";
}

static void put_numbers(const struct canvas *c, const struct flame_frame *frame)
{
	const struct flame_frame *root = c->flame->root;
	double before = frame->value[0] / 1000, after = frame->value[1] / 1000;

	if (c->flame->after)
		fprintf(c->out, ": %.1f to %.1f us per 1000 faults (%+.1f)", before, after,
			after - before);
	else
		fprintf(c->out, ": %.1f us per 1000 faults, %.1f%% of all", before,
			root->value[0] > 0 ? 100 * frame->value[0] / root->value[0] : 0);
}

static void put_frame(const struct canvas *c, const struct flame_frame *frame, enum part part,
		      double x, size_t level)
{
	double width = total(frame) * c->scale;
	double y = HEAD + (c->depth - level) * ROW;
	size_t room = width > 8 ? (size_t)((width - 6) / CHARACTER) : 0;

	fputs("<g><title>", c->out);
	put_text(c->out, frame->name, 400);
	put_numbers(c, frame);
	fprintf(c->out,
		"</title><rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
		class_of(c, frame, part), x, y, width, ROW - 1);
	if (room >= 3) {
		bool cut = strlen(frame->name) > room;

		fprintf(c->out, "<text x=\"%.1f\" y=\"%.1f\">", x + 3, y + 13);
		put_text(c->out, frame->name, cut ? room - 2 : room);
		fputs(cut ? "..</text>" : "</text>", c->out);
	}
	fputs("</g>\n", c->out);
}

/* Draw a frame and all within that is wide enough. */
static void put_tree(const struct canvas *c, const struct flame_frame *frame, enum part part,
		     double x, size_t level)
{
	if (total(frame) * c->scale < LEAST)
		return;
	if (!strcmp(frame->name, "-"))
		part = PART_KERNEL;
	else if (part == PART_BASE && (level > 1 || (level && !strstr(frame->name, " client"))))
		part = PART_USER;
	put_frame(c, frame, part, x, level);
	for (size_t i = 0; i < frame->nr; i++) {
		put_tree(c, frame->children[i], part, x, level + 1);
		x += total(frame->children[i]) * c->scale;
	}
}

static void put_subtitle(FILE *out, const struct svg_flame *flame)
{
	if (!flame->after) {
		fputs("width: time per fault; blue: user, orange: kernel, violet: why", out);
		return;
	}
	fputs("width: time per fault in both runs; red: more in ", out);
	put_text(out, flame->after, 60);
	fputs(", blue: less than in ", out);
	put_text(out, flame->before, 60);
}

void svg_flame(FILE *out, const struct svg_flame *flame)
{
	struct canvas c = {.out = out, .flame = flame};
	double all = total(flame->root), height;

	c.scale = all > 0 ? (WIDTH - 2 * MARGIN) / all : 0;
	c.depth = depth_of(flame->root, c.scale);
	height = HEAD + (c.depth + 1) * ROW + MARGIN;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"title desc\">\n"
		"<title id=\"title\">",
		WIDTH, height, WIDTH, height);
	put_text(out, flame->title, 200);
	fputs("</title>\n<desc id=\"desc\">Flame graph; ", out);
	put_subtitle(out, flame);
	fputs(". The same numbers as text: faultscale without --svg.</desc>\n", out);
	fputs(style, out);
	fprintf(out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	fprintf(out, "<text class=\"h\" x=\"%.0f\" y=\"24\">", MARGIN);
	put_text(out, flame->title, 140);
	fprintf(out, "</text>\n<text class=\"s\" x=\"%.0f\" y=\"44\">", MARGIN);
	put_subtitle(out, flame);
	fputs("</text>\n", out);
	if (all > 0)
		put_tree(&c, flame->root, PART_BASE, MARGIN, 0);
	else
		fprintf(out, "<text x=\"%.0f\" y=\"%.0f\">no waits</text>\n", MARGIN, HEAD + 13);
	fputs("</svg>\n", out);
}
