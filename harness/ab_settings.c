/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ab_settings: what a comparison was asked for, from words and in meta.tsv. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/ab.h"
#include "harness/simulated.h"

/* The next word of *@text into memory that the caller frees, quotes taken off; NULL at the end, or with
 * the reason in @why. */
static char *next_word(const char **text, struct why *why)
{
	const char *p = *text + strspn(*text, " \t\n");
	char *word = xstrdup(p), *out = word, quote = 0;

	if (!*p) {
		free(word);
		return NULL;
	}
	for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
		if (*p == quote)
			quote = 0;
		else if (!quote && (*p == '"' || *p == '\''))
			quote = *p;
		else
			*out++ = *p;
	}
	*out = '\0';
	*text = p;
	if (!quote)
		return word;
	why_not(why, EINVAL, "a quote does not end, with '%s'", word);
	free(word);
	return NULL;
}

int ab_overrides(const char *text, char ***words, size_t *nr, struct why *why)
{
	struct why quote = WHY_INIT;
	size_t cap = 0;
	char *word;

	*words = NULL;
	*nr = 0;
	while ((word = next_word(&text, &quote))) {
		XGROW(*words, *nr, cap);
		(*words)[(*nr)++] = word;
		if (!strchr(word, '=') || *word == '=')
			return why_not(why, EINVAL, "not NAME=VALUE, with '%s'", word);
	}
	return *quote.text ? why_not(why, EINVAL, "%s", quote.text) : 0;
}

void ab_facts(const struct ab *ab, size_t side, struct meta *meta)
{
	meta_add(meta, "ab_side", "%c", "ab"[side]);
	meta_add(meta, "ab_other", "%s", ab->sides[!side].name);
	meta_add(meta, "ab_prep", "%s", ab->sides[side].prep);
	meta_add(meta, "ab_seed", "%llu", (unsigned long long)ab->seed);
	meta_add(meta, "ab_metric", "%s", ab->metric);
	meta_add(meta, "ab_delta", "%.12g", ab->rule.delta);
	meta_add(meta, "ab_alpha", "%.12g", ab->rule.alpha);
	meta_add(meta, "ab_min_rounds", "%u", ab->rule.min_rounds);
	meta_add(meta, "ab_look_every", "%u", ab->rule.look_every);
	meta_add(meta, "ab_max_rounds", "%u", ab->rule.max_rounds);
	meta_add(meta, "ab_max_steal", "%.12g", ab->rule.max_steal);
	meta_add(meta, "ab_max_foreign", "%.12g", ab->rule.max_foreign);
}

static const char *fact(const struct meta *meta, const char *key, struct why *why)
{
	const char *value = meta_get(meta, key);

	if (!value)
		why_not(why, EINVAL, "meta.tsv has no '%s': this is no run of 'faultscale ab'",
			key);
	return value;
}

static int whole(const struct meta *meta, const char *key, uint64_t max, uint64_t *value,
		 struct why *why)
{
	const char *text = fact(meta, key, why);

	if (!text)
		return -EINVAL;
	if (number_parse(text, 0, max, value, why))
		return why_within(why, EINVAL, "meta.tsv, %s", key);
	return 0;
}

static int rounds_of(const struct meta *meta, const char *key, unsigned *value, struct why *why)
{
	uint64_t number;
	int err = whole(meta, key, UINT32_MAX, &number, why);

	*value = err ? 0 : (unsigned)number;
	return err;
}

static int share(const struct meta *meta, const char *key, double *value, struct why *why)
{
	const char *text = fact(meta, key, why);
	char *end;

	if (!text)
		return -EINVAL;
	*value = strtod(text, &end);
	if (end == text || *end || !isfinite(*value))
		return why_not(why, EINVAL, "meta.tsv, %s: not a share, with '%s'", key, text);
	return 0;
}

/* A guard's limit; comparisons that were begun before there were any go on without. */
static int limit(const struct meta *meta, const char *key, double *value, struct why *why)
{
	*value = 1;
	return meta_get(meta, key) ? share(meta, key, value, why) : 0;
}

int ab_settings(struct ab *ab, struct why *why)
{
	const struct meta *meta = &ab->sides[0].meta;
	const char *metric = fact(meta, "ab_metric", why);
	int err = metric ? whole(meta, "ab_seed", UINT64_MAX, &ab->seed, why) : -EINVAL;

	if (!err)
		err = share(meta, "ab_delta", &ab->rule.delta, why);
	if (!err)
		err = share(meta, "ab_alpha", &ab->rule.alpha, why);
	ab->rule.exact = simulated_is(&ab->sides[0].plan);
	if (!err)
		err = limit(meta, "ab_max_steal", &ab->rule.max_steal, why);
	if (!err)
		err = limit(meta, "ab_max_foreign", &ab->rule.max_foreign, why);
	if (!err)
		err = rounds_of(meta, "ab_min_rounds", &ab->rule.min_rounds, why);
	if (!err)
		err = rounds_of(meta, "ab_look_every", &ab->rule.look_every, why);
	if (!err)
		err = rounds_of(meta, "ab_max_rounds", &ab->rule.max_rounds, why);
	for (size_t i = 0; !err && i < 2; i++) {
		const char *prep = fact(&ab->sides[i].meta, "ab_prep", why);
		const char *pft = fact(&ab->sides[i].meta, "pft", why);

		if (!prep || !pft)
			return -EINVAL;
		ab->sides[i].prep = xstrdup(prep);
		ab->sides[i].pft = xstrdup(pft);
	}
	if (!err)
		ab->metric = xstrdup(metric);
	return err;
}
