/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/svg.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define WIDTH	  1200.0
#define MARGIN	  10.0
#define ROW	  18.0
#define HEAD	  58.0 /* title and subtitle of a file */
#define CHARACTER 7.3 /* width of one, in px */
#define CHANGED	  0.02 /* of both runs' time: less is no change */
#define NAME	  400 /* letters of a name that the pointer shows */
#define LEAST	  0.4 /* narrower frames, in px, are left out */

/* Fills are light in both modes, so that the dark letters on them can be read. */
const char svg_flame_style[] =
	".flame text{font:12px monospace;fill:#111}\n"
	".flame .h{font:bold 16px sans-serif}.flame .s{font:13px sans-serif}\n"
	".flame .bg{fill:#fff}.flame rect{stroke-width:.6;stroke:#fff}\n"
	".flame .user{fill:#9ecae1}.flame .kernel{fill:#fdae6b}.flame .why{fill:#d9c2f0}"
	".flame .base{fill:#d9d9d9}\n"
	".flame .more1{fill:#fcd5cc}.flame .more2{fill:#fca38c}.flame .more3{fill:#fb7a5e}\n"
	".flame .less1{fill:#d3e3f3}.flame .less2{fill:#a3c8e8}.flame .less3{fill:#76aede}\n"
	".flame g:hover rect{stroke:#000}\n"
	"@media(prefers-color-scheme:dark){.flame .bg{fill:#1b1b1b}.flame .h,.flame .s{fill:#eee}"
	".flame rect{stroke:#1b1b1b}.flame g:hover rect{stroke:#fff}}\n";

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
	double least; /* ns; shorter frames are left out */
	double head; /* px above the frames */
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
static size_t depth_of(const struct flame_frame *frame, double least)
{
	size_t most = 0;

	for (size_t i = 0; i < frame->nr; i++) {
		size_t depth = 1 + depth_of(frame->children[i], least);

		if (total(frame->children[i]) >= least && depth > most)
			most = depth;
	}
	return most;
}

/* How many frames are at least so long. */
static size_t frames_of(const struct flame_frame *frame, double least)
{
	size_t nr = total(frame) >= least;

	for (size_t i = 0; i < frame->nr; i++)
		nr += frames_of(frame->children[i], least);
	return nr;
}

static const char *class_of(const struct canvas *c, const struct flame_frame *frame, enum part part)
{
	static const char *const more[] = {"base", "more1", "more2", "more3"};
	static const char *const less[] = {"base", "less1", "less2", "less3"};
	double change = (frame->value[1] - frame->value[0]) / total(frame);
	size_t level = (fabs(change) >= CHANGED) + (fabs(change) >= 0.2) + (fabs(change) >= 0.6);

	if (c->flame->after)
		return change > 0 ? more[level] : less[level];
	if (frame->name[0] == '[' && !frame->nr)
		return "why";
	return part == PART_KERNEL ? "kernel" : part == PART_USER ? "user" : "base";
}

/* What its colour says of a change, for those who do not see it; two characters wide. */
static const char *sign_of(const struct canvas *c, const struct flame_frame *frame)
{
	double change = (frame->value[1] - frame->value[0]) / total(frame);

	if (!c->flame->after || !(fabs(change) >= CHANGED))
		return "";
	return change > 0 ? "\u25b2 " : "\u25bc ";
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
	double y = c->head + (c->depth - level) * ROW;
	const char *sign = sign_of(c, frame);
	size_t room = width > 8 ? (size_t)((width - 6) / CHARACTER) : 0;

	fputs("<g><title>", c->out);
	put_text(c->out, frame->name, NAME);
	put_numbers(c, frame);
	fprintf(c->out,
		"</title><rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
		class_of(c, frame, part), x, y, width, ROW - 1);
	if (room >= 3 + 2 * !!*sign) {
		bool cut;

		room -= 2 * !!*sign;
		cut = strlen(frame->name) > room;
		fprintf(c->out, "<text x=\"%.1f\" y=\"%.1f\">%s", x + 3, y + 13, sign);
		put_text(c->out, frame->name, cut ? room - 2 : room);
		fputs(cut ? "..</text>" : "</text>", c->out);
	}
	fputs("</g>\n", c->out);
}

/* Draw a frame and all within that is wide enough. */
static void put_tree(const struct canvas *c, const struct flame_frame *frame, enum part part,
		     double x, size_t level)
{
	if (total(frame) < c->least)
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

void svg_flame_words(FILE *out, const struct svg_flame *flame)
{
	if (!flame->after) {
		fputs("width: time per fault; blue: user, orange: kernel, violet: why", out);
		return;
	}
	fputs("width: time per fault in both runs; red \u25b2: more in ", out);
	put_text(out, flame->after, 60);
	fputs(", blue \u25bc: less than in ", out);
	put_text(out, flame->before, 60);
}

/* The frames that fit, and how large the picture has to be for them. */
static void fit(struct canvas *c)
{
	double all = total(c->flame->root);

	if (!(all > 0))
		return;
	c->scale = (WIDTH - 2 * MARGIN) / all;
	c->least = LEAST / c->scale;
	while (c->flame->most && frames_of(c->flame->root, c->least) > c->flame->most)
		c->least *= 1.2;
	c->depth = depth_of(c->flame->root, c->least);
}

static void put_head(const struct canvas *c, double height)
{
	const char *id = c->flame->id ? c->flame->id : "flame";

	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flame\"", c->out);
	if (!c->flame->id)
		fprintf(c->out, " width=\"%.0f\" height=\"%.0f\"", WIDTH, height);
	fprintf(c->out,
		" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"%s-title "
		"%s-words\">\n<title id=\"%s-title\">",
		WIDTH, height, id, id, id);
	put_text(c->out, c->flame->title, 200);
	fprintf(c->out, "</title>\n<desc id=\"%s-words\">Flame graph; ", id);
	svg_flame_words(c->out, c->flame);
	fputs(". The same numbers are in the tables beside it.</desc>\n", c->out);
}

/* What a page says around it, a file has to say itself. */
static void put_frame_of_file(const struct canvas *c, double height)
{
	fprintf(c->out, "<style>\n%s</style>\n", svg_flame_style);
	fprintf(c->out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	fprintf(c->out, "<text class=\"h\" x=\"%.0f\" y=\"24\">", MARGIN);
	put_text(c->out, c->flame->title, 140);
	fprintf(c->out, "</text>\n<text class=\"s\" x=\"%.0f\" y=\"44\">", MARGIN);
	svg_flame_words(c->out, c->flame);
	fputs("</text>\n", c->out);
}

size_t svg_flame(FILE *out, const struct svg_flame *flame, double *share)
{
	struct canvas c = {.out = out, .flame = flame, .head = flame->id ? MARGIN : HEAD};
	double all = total(flame->root), height;

	fit(&c);
	height = c.head + (c.depth + 1) * ROW + MARGIN;
	put_head(&c, height);
	if (!flame->id)
		put_frame_of_file(&c, height);
	if (all > 0)
		put_tree(&c, flame->root, PART_BASE, MARGIN, 0);
	else
		fprintf(out, "<text class=\"s\" x=\"%.0f\" y=\"%.0f\">no waits</text>\n", MARGIN,
			c.head + 13);
	fputs("</svg>\n", out);
	*share = all > 0 ? c.least / all : 0;
	return frames_of(flame->root, 0) - frames_of(flame->root, c.least);
}
