/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/unlike.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/exact.h"
#include "common/meta.h"
#include "common/run_tables.h"
#include "common/tsv.h"
#include "common/xalloc.h"

#define MEASURED_BY "measured_by" /* only imported runs have it */

/* What has to be alike: in all variants of one name, or in the whole run. */
static const struct kind {
	const char *name;
	unsigned column; /* of plan.tsv, or */
	const char *key; /* of meta.tsv; with '*' at its end all that begin so */
	bool machine; /* of the machine, which a comparison of two machines is about */
} kinds[] = {
	{"bytes of a step", PLAN_BYTES, NULL, false},
	{"page size", PLAN_PAGESIZE, NULL, false},
	{"mode", PLAN_MODE, NULL, false},
	{"further pft options", PLAN_EXTRA, NULL, false},
	{"program", 0, MEASURED_BY, false},
	{"version", 0, "version_pft", false},
	{"steps of warm-up", 0, "warmup", false},
	{"accelerator", 0, "accel", false},
	{"kernel", 0, "kernel", true},
	{"CPU", 0, "cpu_model", true},
	{"microcode", 0, "microcode", true},
	{"topology", 0, "cpus", true},
	{"SMT", 0, "smt", true},
	{"isolated CPUs", 0, "isolated_cpus", true},
	{"memory", 0, "memory_total", true},
	{"machine", 0, "machine", true},
	{"governor", 0, "governor", true},
	{"turbo", 0, "turbo", true},
	{"THP", 0, "thp", true},
	{"THP defrag", 0, "thp_defrag", true},
	{"NUMA balancing", 0, "numa_balancing", true},
	{"free page reporting", 0, "free_page_reporting", true},
	{"mitigation", 0, "mitigation_*", true},
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct setting {
	const struct kind *kind;
	char *variant; /* "" for the run's */
	char *value;
};

struct settings {
	struct setting *all;
	size_t nr, cap;
	char **variants; /* of the plan */
	size_t nr_variants;
	bool imported;
};

static void add(struct settings *s, const struct kind *kind, const char *variant, const char *value)
{
	XGROW(s->all, s->nr, s->cap);
	s->all[s->nr++] = (struct setting){kind, xstrdup(variant), xstrdup(value)};
}

/* The setting of @variant (NULL: of the only one that there is), or NULL if it is not known. */
static const struct setting *find(const struct settings *s, const struct kind *kind,
				  const char *variant)
{
	for (size_t i = 0; i < s->nr; i++)
		if (s->all[i].kind == kind && (!variant || !strcmp(s->all[i].variant, variant)))
			return &s->all[i];
	return NULL;
}

/* Imported runs have "-" for what is not known; of pft's options it says that there are none. */
static bool is_told(const struct settings *s, const struct kind *kind, const char *value)
{
	return strcmp(value, "-") || (kind->column == PLAN_EXTRA && !s->imported);
}

/* Whether @name is a variant that was not met before. */
static bool is_new_variant(struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->nr_variants; i++)
		if (!strcmp(s->variants[i], name))
			return false;
	s->variants = xreallocarray(s->variants, s->nr_variants + 1, sizeof(*s->variants));
	s->variants[s->nr_variants++] = xstrdup(name);
	return true;
}

static void read_plan(struct settings *s, const char *path)
{
	char *fields[NR_PLAN_COLUMNS];
	struct tsv_reader r;

	if (tsv_reader_init(&r, path, &plan_schema, NULL))
		return;
	while (tsv_reader_next(&r, fields, NULL) > 0) {
		if (!is_new_variant(s, fields[PLAN_VARIANT]))
			continue;
		for (size_t k = 0; k < NR_KINDS; k++)
			if (!kinds[k].key && is_told(s, &kinds[k], fields[kinds[k].column]))
				add(s, &kinds[k], fields[PLAN_VARIANT], fields[kinds[k].column]);
	}
	tsv_reader_release(&r);
}

/* Whether a fact of this name is of @kind. */
static bool is_of(const struct kind *kind, const char *name)
{
	size_t len = kind->key ? strlen(kind->key) : 0;

	if (!len)
		return false;
	return kind->key[len - 1] == '*' ? !strncmp(name, kind->key, len - 1)
					 : !strcmp(name, kind->key);
}

/* Where a kind has several facts their names tell them apart, as variants do. */
static void add_fact(struct settings *s, const struct kind *kind, const char *name,
		     const char *value)
{
	size_t len = strlen(kind->key);

	add(s, kind, kind->key[len - 1] == '*' ? name + len - 1 : "", value);
}

static void take_facts(struct settings *s, const struct meta *meta)
{
	for (size_t i = 0; i < meta->nr; i++)
		for (size_t k = 0; k < NR_KINDS; k++)
			if (is_of(&kinds[k], meta->facts[i].key))
				add_fact(s, &kinds[k], meta->facts[i].key, meta->facts[i].value);
}

/* Runs of our own do not say that pft measured them. */
static void name_program(struct settings *s)
{
	for (size_t k = 0; k < NR_KINDS; k++) {
		if (!kinds[k].key || strcmp(kinds[k].key, MEASURED_BY))
			continue;
		s->imported = find(s, &kinds[k], NULL);
		if (!s->imported)
			add(s, &kinds[k], "", "pft");
	}
}

static void settings_read(struct settings *s, const struct run *run)
{
	char *plan = xasprintf("%s/plan.tsv", run->path);
	char *path = xasprintf("%s/meta.tsv", run->path);
	struct meta meta;

	*s = (struct settings){0};
	if (!meta_read(&meta, path, NULL)) {
		take_facts(s, &meta);
		meta_release(&meta);
	}
	name_program(s);
	read_plan(s, plan);
	free(plan);
	free(path);
}

static void settings_release(struct settings *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		free(s->all[i].variant);
		free(s->all[i].value);
	}
	free(s->all);
	for (size_t i = 0; i < s->nr_variants; i++)
		free(s->variants[i]);
	free(s->variants);
}

/* Kernels take some of the memory for themselves, not always as much: 2% are no difference. */
static bool alike(const struct kind *kind, const char *a, const char *b)
{
	double x, y;

	if (!kind->key || strcmp(kind->key, "memory_total"))
		return !strcmp(a, b);
	x = strtod(a, NULL);
	y = strtod(b, NULL);
	return x > 0 && y > 0 ? fabs(x - y) <= 0.02 * fmax(x, y) : !strcmp(a, b);
}

/* The first setting of @kind that @base has too, but with another value, which is in @other. */
static const struct setting *different(const struct settings *s, const struct settings *base,
				       const struct kind *kind, const struct setting **other)
{
	bool only_one = !kind->key && s->nr_variants == 1 && base->nr_variants == 1;

	for (size_t i = 0; i < s->nr; i++) {
		if (s->all[i].kind != kind)
			continue;
		*other = find(base, kind, only_one ? NULL : s->all[i].variant);
		if (*other && !alike(kind, (*other)->value, s->all[i].value))
			return &s->all[i];
	}
	return NULL;
}

/* What --config and docs call a kind: its column in plan.tsv, or its key in meta.tsv. */
static const char *word_of(const struct kind *kind)
{
	return kind->key ? kind->key : plan_schema.columns[kind->column];
}

/* Whether @word is in @list, which commas separate. */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, ",")) {
		p += strspn(p, ",");
		if (!strncmp(p, word, len) && strchr(",", p[len]))
			return true;
	}
	return false;
}

/* "mode 'processes', not 'threads'; version ...", or NULL if all is alike but what @may_differ. */
static char *differences(const struct settings *s, const struct settings *base, bool machine,
			 const char *may_differ)
{
	char *text = NULL;

	for (size_t k = 0; k < NR_KINDS; k++) {
		const struct setting *other, *mine = different(s, base, &kinds[k], &other);
		bool named = kinds[k].key && mine && *mine->variant;
		char *difference;

		if (!mine || (kinds[k].machine && !machine) ||
		    is_listed(may_differ, word_of(&kinds[k])))
			continue;
		difference = xasprintf("%s%s%s '%s', not '%s'", kinds[k].name, named ? " " : "",
				       named ? mine->variant : "", mine->value, other->value);
		text = xappend(text, "; ", difference);
		free(difference);
	}
	return text;
}

/* What makes the numbers of an imported run unlike those of any other. */
static void note_remarks(const struct run *run, struct notes *notes)
{
	char *path = xasprintf("%s/meta.tsv", run->path);
	struct meta meta;

	if (!meta_read(&meta, path, NULL)) {
		for (size_t i = 0; i < meta.nr; i++)
			if (!strcmp(meta.facts[i].key, "import_remark"))
				notes_add(notes, "run '%s': %s", run->name, meta.facts[i].value);
		meta_release(&meta);
	}
	free(path);
}

void note_unlike(struct run *const *runs, size_t nr, struct notes *notes)
{
	struct settings base, s;

	for (size_t i = 0; i < nr; i++)
		if (runs[i]->kind == RUN_OWN)
			note_remarks(runs[i], notes);
	if (nr < 2 || runs[0]->kind != RUN_OWN)
		return;
	settings_read(&base, runs[0]);
	for (size_t i = 1; i < nr; i++) {
		char *text;

		if (runs[i]->kind != RUN_OWN)
			continue;
		settings_read(&s, runs[i]);
		text = differences(&s, &base, false, "");
		if (text)
			notes_add(notes, "run '%s' was not measured as '%s': %s", runs[i]->name,
				  runs[0]->name, text);
		free(text);
		settings_release(&s);
	}
	settings_release(&base);
}

bool unlike_is_machine(const char *key)
{
	for (size_t k = 0; k < NR_KINDS; k++)
		if (kinds[k].machine && is_of(&kinds[k], key))
			return true;
	return false;
}

char *unlike_machine(const struct meta *machine, const struct meta *base, const char *may_differ)
{
	struct settings mine = {0}, others = {0};
	char *text;

	take_facts(&mine, machine);
	take_facts(&others, base);
	text = differences(&mine, &others, true, may_differ);
	settings_release(&mine);
	settings_release(&others);
	return text;
}

char *unlike_text(const struct run *run, const struct run *base, const char *may_differ)
{
	struct settings mine, others;
	char *text;

	settings_read(&mine, run);
	settings_read(&others, base);
	/* A simulated run is the same on every host. */
	text = differences(&mine, &others,
			   !exact_is_simulated(run) || !exact_is_simulated(base), may_differ);
	settings_release(&mine);
	settings_release(&others);
	return text;
}
