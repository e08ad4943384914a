/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/select.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* The key called @name, or BY_RUN if there is none. */
static int find_key(const char *name)
{
	for (int d = 0; d < NR_DIMENSIONS; d++)
		if (!strcmp(name, dimension_names[d]))
			return d;
	if (!strcmp(name, "variant"))
		return BY_VARIANT;
	return strcmp(name, "clients") ? BY_RUN : ONLY_CLIENTS;
}

int selection_by(struct selection *s, const char *name, struct why *why)
{
	s->by = find_key(name);
	if (s->by == BY_RUN || s->by == ONLY_CLIENTS)
		return why_not(why, EINVAL, "no such dimension, with '%.40s': take " SELECTION_KEYS,
			       name);
	return 0;
}

int selection_only(struct selection *s, const char *list, struct why *why)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	int err = 0;

	while (!err && (word = strsep(&rest, ","))) {
		char *value = strchr(word, '=');
		int key;

		if (value)
			*value++ = '\0';
		key = find_key(word);
		if (!value || !*value || key == BY_RUN) {
			err = why_not(
				why, EINVAL,
				"not KEY=VALUE, with '%.40s': KEY is clients, " SELECTION_KEYS,
				word);
			break;
		}
		s->only = xreallocarray(s->only, s->nr_only + 1, sizeof(*s->only));
		s->only[s->nr_only++] = (struct only){.key = key, .value = xstrdup(value)};
	}
	free(copy);
	return err;
}

/* Whether @value is among those asked for of @key, or nothing is asked of it. */
static bool passes(const struct selection *s, int key, const char *value)
{
	bool asked = false;

	for (size_t i = 0; i < s->nr_only; i++) {
		if (s->only[i].key != key)
			continue;
		asked = true;
		if (value && !strcmp(s->only[i].value, value))
			return true;
	}
	return !asked;
}

bool selection_has_clients(const struct selection *s, const char *clients)
{
	return passes(s, ONLY_CLIENTS, clients);
}

static bool variant_passes(const struct selection *s, const struct variant *v)
{
	for (int d = 0; d < NR_DIMENSIONS; d++)
		if (!passes(s, d, v->dims[d]))
			return false;
	return passes(s, BY_VARIANT, v->name);
}

void selection_release(struct selection *s)
{
	for (size_t i = 0; i < s->nr_only; i++)
		free(s->only[i].value);
	free(s->only);
	*s = (struct selection){.by = BY_RUN};
}

/* Whether "-rc" and a digit stand in @text[@len]. */
static bool has_release_candidate(const char *text, size_t len)
{
	for (size_t i = 0; i + 3 < len; i++)
		if (!strncmp(text + i, "-rc", 3) && isdigit((unsigned char)text[i + 3]))
			return true;
	return false;
}

void name_split(const char *name, char *head[2])
{
	size_t len = strlen(name), k = strcspn(name, "-");

	if (k == len) {
		head[0] = xstrndup(name, len ? len - 1 : 0);
		head[1] = xstrdup(name);
		return;
	}
	if (has_release_candidate(name + k, len - k < k + 3 ? len - k : k + 3))
		k = k + 4 < len ? k + 4 : len;
	head[0] = xstrndup(name, k);
	head[1] = xstrdup(k < len ? name + k + 1 : "");
}

/* The value that makes the column of variant @v. */
static const char *column_value(const struct selection *s, const struct variant *v)
{
	return s->by == BY_VARIANT ? v->name : v->dims[s->by];
}

static struct column *columns_add(struct columns *c, struct run *run)
{
	struct column *column;

	c->columns = xreallocarray(c->columns, c->nr + 1, sizeof(*c->columns));
	column = &c->columns[c->nr++];
	*column = (struct column){.run = run,
				  .labels = xcalloc(run->nr_variants, sizeof(*column->labels))};
	return column;
}

/* Which dimensions tell the chosen variants of all runs apart, but for the one that makes columns. */
static void varying(struct run *const *runs, size_t nr, const struct selection *s,
		    bool varies[NR_DIMENSIONS])
{
	const struct variant *first = NULL;

	memset(varies, 0, NR_DIMENSIONS * sizeof(*varies));
	for (size_t r = 0; r < nr; r++)
		for (size_t v = 0; v < runs[r]->nr_variants; v++) {
			const struct variant *variant = &runs[r]->variants[v];

			if (!variant_passes(s, variant))
				continue;
			if (!first)
				first = variant;
			for (int d = 0; d < NR_DIMENSIONS; d++)
				if (d != s->by && first->dims[d] && variant->dims[d] &&
				    strcmp(first->dims[d], variant->dims[d]))
					varies[d] = true;
		}
}

/* The values of the varying dimensions, joined with '/'. */
static char *row_label(const struct variant *v, const bool varies[NR_DIMENSIONS])
{
	char *label = xstrdup("");

	for (int d = 0; d < NR_DIMENSIONS; d++)
		if (varies[d] && v->dims[d])
			label = xappend(label, "/", v->dims[d]);
	return label;
}

/* The column of @run for @value, which is made if it is new. */
static struct column *value_column(struct columns *c, struct run *run, const char *value)
{
	struct column *column;

	for (size_t i = 0; i < c->nr; i++)
		if (c->columns[i].run == run && !strcmp(c->columns[i].head[1], value))
			return &c->columns[i];
	column = columns_add(c, run);
	column->name = xasprintf("%s %s", run->name, value);
	column->head[0] = xstrdup(run->name);
	column->head[1] = xstrdup(value);
	return column;
}

static int columns_by(struct columns *c, struct run *run, const struct selection *s,
		      const bool varies[NR_DIMENSIONS], struct why *why)
{
	for (size_t v = 0; v < run->nr_variants; v++) {
		const char *value = column_value(s, &run->variants[v]);
		struct column *column;
		char *label;

		if (!variant_passes(s, &run->variants[v]))
			continue;
		if (!value || !*value)
			return why_not(why, EINVAL,
				       "run '%s' has no plan.tsv that tells its variants apart: "
				       "--by cannot be used on it",
				       run->path);
		column = value_column(c, run, value);
		label = s->by == BY_VARIANT ? xstrdup("") : row_label(&run->variants[v], varies);
		for (size_t o = 0; o < v; o++)
			if (column->labels[o] && !strcmp(column->labels[o], label)) {
				free(label);
				return why_not(why, EINVAL,
					       "run '%s': variants '%s' and '%s' fall together; "
					       "use --by variant or --only",
					       run->path, run->variants[o].name,
					       run->variants[v].name);
			}
		column->labels[v] = label;
	}
	return 0;
}

/* One column for the run; @labelled: its rows are told apart by the variants' names. */
static void column_of_run(struct columns *c, struct run *run, const struct selection *s,
			  bool labelled)
{
	struct column *column = columns_add(c, run);

	column->name = xstrdup(run->name);
	name_split(run->name, column->head);
	/* mmtests cuts the last character of a name without dash; only its own runs need to look
	 * so. */
	if (run->kind == RUN_OWN && !strchr(run->name, '-'))
		*column->head[0] = '\0';
	for (size_t v = 0; v < run->nr_variants; v++)
		if (variant_passes(s, &run->variants[v]))
			column->labels[v] = xstrdup(labelled ? run->variants[v].name : "");
}

int columns_init(struct columns *c, struct run *const *runs, size_t nr, const struct selection *s,
		 struct why *why)
{
	bool varies[NR_DIMENSIONS], labelled = false;
	int err = 0;

	*c = (struct columns){0};
	varying(runs, nr, s, varies);
	for (size_t r = 0; r < nr; r++) {
		size_t chosen = 0;

		for (size_t v = 0; v < runs[r]->nr_variants; v++)
			chosen += variant_passes(s, &runs[r]->variants[v]);
		if (!chosen && runs[r]->nr_variants)
			return why_not(why, EINVAL, "run '%s': --only leaves nothing of it",
				       runs[r]->path);
		labelled |= chosen > 1;
	}
	for (size_t r = 0; r < nr && !err; r++) {
		if (s->by != BY_RUN)
			err = columns_by(c, runs[r], s, varies, why);
		else
			column_of_run(c, runs[r], s, labelled);
	}
	if (err)
		columns_release(c);
	return err;
}

static void column_release(struct column *column)
{
	for (size_t v = 0; v < column->run->nr_variants; v++)
		free(column->labels[v]);
	free(column->labels);
	free(column->name);
	free(column->head[0]);
	free(column->head[1]);
}

void columns_remove(struct columns *c, size_t i)
{
	column_release(&c->columns[i]);
	memmove(&c->columns[i], &c->columns[i + 1], (--c->nr - i) * sizeof(*c->columns));
}

void columns_release(struct columns *c)
{
	for (size_t i = 0; i < c->nr; i++)
		column_release(&c->columns[i]);
	free(c->columns);
	*c = (struct columns){0};
}
