/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/flame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/xalloc.h"

/* Write @text, without what has a meaning in a folded line. */
static void put_name(FILE *out, const char *text, const char *not_in_it)
{
	for (; *text; text++)
		fputc(strchr(not_in_it, *text) ? '_' : *text, out);
}

static void put_cell(FILE *out, const struct where_cell *cell)
{
	put_name(out, cell->label, ";\t\n\r");
	fprintf(out, "%s%u client%s;", *cell->label ? ", " : "", cell->clients,
		cell->clients == 1 ? "" : "s");
}

/* The folded stack of an entry, behind the name of the cell if it is @one_of several. In memory that the
 * caller frees. */
static char *folded(const struct where_cell *cell, const struct wait_entry *e, bool one_of)
{
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	if (one_of)
		put_cell(out, cell);
	put_name(out, *e->stack ? e->stack : e->site, "\t\n\r");
	fputs(";[", out);
	put_name(out, e->what, ";\t\n\r");
	if (*e->lock)
		fputs(": ", out);
	put_name(out, e->lock, ";\t\n\r");
	fputs("]", out);
	if (fclose(out))
		BUG("cannot close a stream in memory");
	return text;
}

static double value_of(const struct profile *p, const struct wait_entry *e, size_t side)
{
	double value = profile_us(p, e, side) * 1000, sum = 0;

	if (!isnan(value))
		return value;
	for (size_t i = 0; i < p->sides[side].nr; i++)
		sum += e->side[side].ns[i];
	return p->sides[side].nr ? sum / p->sides[side].nr : 0;
}

/* Whether there is something to compare: a cell that a run lacks has not become faster. */
static bool is_whole(const struct profile *p)
{
	for (size_t s = 0; s < p->nr_sides; s++)
		if (!p->sides[s].present)
			return false;
	return true;
}

/* Call @use with the folded stack and the values of each entry of a cell. */
static void for_each(const struct where_cell *cell, bool one_of, void *to,
		     void (*use)(void *to, size_t nr_sides, char *stack, const double values[2]))
{
	const struct profile *p = &cell->profile;

	for (size_t i = 0; is_whole(p) && i < p->nr_stacks; i++) {
		char *stack = folded(cell, p->stacks[i], one_of);
		double values[2] = {0, 0};

		for (size_t s = 0; s < p->nr_sides; s++)
			values[s] = value_of(p, p->stacks[i], s);
		use(to, p->nr_sides, stack, values);
		free(stack);
	}
}

static void put_line(void *to, size_t nr_sides, char *stack, const double values[2])
{
	fprintf(to, "%s %.0f", stack, values[0]);
	if (nr_sides == 2)
		fprintf(to, " %.0f", values[1]);
	fputc('\n', to);
}

void flame_fold(FILE *out, const struct where *where)
{
	for (size_t c = 0; c < where->nr; c++)
		for_each(&where->cells[c], where->nr > 1, out, put_line);
}

static struct flame_frame *frame_new(const char *name)
{
	struct flame_frame *frame = xcalloc(1, sizeof(*frame));

	frame->name = xstrdup(name);
	return frame;
}

static struct flame_frame *child_of(struct flame_frame *frame, const char *name)
{
	size_t at = 0;
	int diff = 1;

	while (at < frame->nr && (diff = strcmp(frame->children[at]->name, name)) < 0)
		at++;
	if (at < frame->nr && !diff)
		return frame->children[at];
	XGROW(frame->children, frame->nr, frame->cap);
	memmove(&frame->children[at + 1], &frame->children[at],
		(frame->nr - at) * sizeof(*frame->children));
	frame->nr++;
	return frame->children[at] = frame_new(name);
}

static void add_stack(void *to, size_t nr_sides, char *stack, const double values[2])
{
	struct flame_frame *frame = to;
	char *name;

	(void)nr_sides;
	for (size_t depth = 0;; depth++) {
		frame->value[0] += values[0];
		frame->value[1] += values[1];
		name = strsep(&stack, ";");
		if (!name || depth == FLAME_DEPTH)
			return;
		frame = child_of(frame, name);
	}
}

struct flame_frame *flame_new(const struct where *where)
{
	struct flame_frame *root = frame_new("all");

	for (size_t c = 0; c < where->nr; c++)
		for_each(&where->cells[c], where->nr > 1, root, add_stack);
	return root;
}

struct flame_frame *flame_new_cell(const struct where_cell *cell)
{
	struct flame_frame *root = frame_new("all");

	for_each(cell, false, root, add_stack);
	return root;
}

void flame_free(struct flame_frame *root)
{
	for (size_t i = 0; i < root->nr; i++)
		flame_free(root->children[i]);
	free(root->children);
	free(root->name);
	free(root);
}
