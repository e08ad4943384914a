/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/gate_config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

enum form {
	FORM_WORDS,
	FORM_SHARE, /* percent */
	FORM_NUMBER,
	FORM_DELTA, /* percent, and METRIC=percent, METRIC-CLIENTS=percent */
	FORM_BETTER, /* METRIC=higher, METRIC=lower */
};

#define FIELD(f) offsetof(struct gate_config, f)

static const struct setting {
	const char *name;
	enum form form;
	size_t field; /* the char *, double or, for the last two forms, gate_specials */
} settings[] = {
	{"GATE_METRICS", FORM_WORDS, FIELD(metrics)},
	{"GATE_ALPHA", FORM_NUMBER, FIELD(alpha)},
	{"GATE_DELTA", FORM_DELTA, FIELD(deltas)},
	{"GATE_BETTER", FORM_BETTER, FIELD(better)},
	{"GATE_REQUIRE_MDE", FORM_SHARE, FIELD(require_mde)},
	{"GATE_MAY_DIFFER", FORM_WORDS, FIELD(may_differ)},
	{"GATE_MAX_STEAL", FORM_SHARE, FIELD(max_steal)},
	{"GATE_MAX_FOREIGN", FORM_SHARE, FIELD(max_foreign)},
	{"GATE_MAX_MIGRATIONS", FORM_NUMBER, FIELD(max_migrations)},
	{"GATE_MAX_FAULTS_OFF", FORM_SHARE, FIELD(max_faults_off)},
	{"GATE_MIN_LOCAL", FORM_SHARE, FIELD(min_local)},
	{"GATE_MIN_COUNTED", FORM_SHARE, FIELD(min_counted)},
};

#define NR_SETTINGS (sizeof(settings) / sizeof(settings[0]))

static void special_add(struct gate_specials *specials, const char *name, double value)
{
	XGROW(specials->all, specials->nr, specials->cap);
	specials->all[specials->nr++] = (struct gate_special){xstrdup(name), value};
}

void gate_config_init(struct gate_config *config)
{
	*config = (struct gate_config){
		.metrics = xstrdup("faults/cpu,faults/sec"),
		.may_differ = xstrdup(""),
		.alpha = 0.05,
		.delta = 0.02,
		.max_steal = 0.01,
		.max_foreign = 0.25, /* below, a run notes nothing */
		.max_faults_off = 0.01,
		.min_local = 0.99,
		.min_counted = 1,
	};
	/* They repeat much better than times do. */
	special_add(&config->deltas, "hardware.instructions/fault", 0.0025);
	special_add(&config->deltas, "hardware.instructions:k/fault", 0.0025);
}

void gate_config_metrics(struct gate_config *config, const char *metrics)
{
	free(config->metrics);
	config->metrics = xstrdup(metrics);
}

static void specials_release(struct gate_specials *specials)
{
	for (size_t i = 0; i < specials->nr; i++)
		free(specials->all[i].name);
	free(specials->all);
}

void gate_config_release(struct gate_config *config)
{
	free(config->metrics);
	free(config->may_differ);
	specials_release(&config->deltas);
	specials_release(&config->better);
}

/* The last one of that name counts, as with assignments. */
static const struct gate_special *special_find(const struct gate_specials *specials,
					       const char *name)
{
	for (size_t i = specials->nr; i > 0; i--)
		if (!strcmp(specials->all[i - 1].name, name))
			return &specials->all[i - 1];
	return NULL;
}

static int positive_parse(const char *text, const char *end_with, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end == text || strspn(end, end_with) != strlen(end) || strlen(end) > 1 ||
	       !(*value >= 0 && *value <= 1e9) || !isdigit((unsigned char)*text);
}

int percent_parse(const char *text, double *share, struct why *why)
{
	double percent;

	if (positive_parse(text, "%", &percent) || percent > 100)
		return why_not(why, EINVAL,
			       "not a percentage between 0 and 100 (5%%), with '%.60s'", text);
	*share = percent / 100;
	return 0;
}

/* One word of GATE_DELTA or GATE_BETTER, which it may cut up. */
static int special_parse(struct gate_config *config, const struct setting *setting, char *word,
			 struct why *why)
{
	char *value = strrchr(word, '=');
	double number = 0;

	if (setting->form == FORM_DELTA && !value) {
		int err = percent_parse(word, &config->delta, why);

		config->exact_delta = config->delta;
		return err;
	}
	if (!value || value == word)
		return why_not(why, EINVAL, "not METRIC=VALUE, with '%.60s'", word);
	*value++ = '\0';
	if (setting->form == FORM_DELTA) {
		int err = percent_parse(value, &number, why);

		if (err)
			return err;
		special_add(&config->deltas, word, number);
		return 0;
	}
	if (strcmp(value, "higher") && strcmp(value, "lower"))
		return why_not(why, EINVAL, "neither higher nor lower is better, with '%.60s'",
			       value);
	special_add(&config->better, word, strcmp(value, "higher") ? BETTER_LOWER : BETTER_HIGHER);
	return 0;
}

/* Words end up separated by commas, as report_init_metrics() wants them. */
static char *words_of(const char *value)
{
	char *words = xstrdup(value);

	for (char *p = words; *p; p++)
		if (*p == ' ' || *p == '\t')
			*p = ',';
	return words;
}

static int set(struct gate_config *config, const struct setting *setting, char *value,
	       struct why *why)
{
	void *field = (char *)config + setting->field;
	char *word;
	int err = 0;

	switch (setting->form) {
	case FORM_WORDS:
		free(*(char **)field);
		*(char **)field = words_of(value);
		return 0;
	case FORM_SHARE:
		return percent_parse(value, field, why);
	case FORM_NUMBER:
		if (positive_parse(value, "", field))
			return why_not(why, EINVAL, "not a number from 0 up, with '%.60s'", value);
		return 0;
	default:
		while (!err && (word = strsep(&value, " \t")))
			if (*word)
				err = special_parse(config, setting, word, why);
		return err;
	}
}

/* Take comment, quotes and blanks off, in place. */
static char *strip(char *text)
{
	size_t len;
	char quote;

	text += strspn(text, " \t");
	quote = *text == '"' || *text == '\'' ? *text : '\0';
	if (quote) {
		char *end = strchr(text + 1, quote);
		char *rest = end ? end + 1 + strspn(end + 1, " \t\r\n") : NULL;

		if (!rest || (*rest && *rest != '#'))
			return NULL;
		*end = '\0';
		return text + 1;
	}
	for (char *p = text; *p; p++)
		if (*p == '#' && (p == text || p[-1] == ' ' || p[-1] == '\t'))
			*p = '\0';
	for (len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

static int no_such_setting(const char *name, struct why *why)
{
	char list[300] = "";

	for (size_t i = 0; i < NR_SETTINGS; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 settings[i].name);
	return why_not(why, EINVAL, "no such setting, with '%.60s'; there are %s", name, list);
}

static int parse_line(struct gate_config *config, char *line, struct why *why)
{
	char *name = line + strspn(line, " \t"), *value;
	int err;

	if (strchr("#\r\n", *name))
		return 0;
	value = strchr(name, '=');
	if (!value || strcspn(name, " \t\"'#") < (size_t)(value - name))
		return why_not(why, EINVAL, "not NAME=VALUE, with '%.60s'", strip(name));
	*value = '\0';
	value = strip(value + 1);
	if (!value)
		return why_not(why, EINVAL, "%s: the quotes do not match", name);
	for (size_t i = 0; i < NR_SETTINGS; i++) {
		if (strcmp(name, settings[i].name))
			continue;
		err = set(config, &settings[i], value, why);
		return err ? why_within(why, EINVAL, "%s", name) : 0;
	}
	return no_such_setting(name, why);
}

int gate_config_read(struct gate_config *config, const char *path, struct why *why)
{
	FILE *in = fopen(path, "re");
	unsigned number = 0;
	size_t size = 0;
	char *line = NULL;
	int err = 0;

	if (!in)
		return why_not(why, errno, "cannot read config '%s': %s", path, strerror(errno));
	while (!err && getline(&line, &size, in) > 0) {
		number++;
		if (parse_line(config, line, why))
			err = why_within(why, EINVAL, "%s:%u", path, number);
	}
	if (!err && ferror(in))
		err = why_not(why, EIO, "cannot read config '%s'", path);
	free(line);
	fclose(in);
	return err;
}

double gate_config_delta(const struct gate_config *config, const char *metric, const char *clients)
{
	char *name = xasprintf("%s-%s", metric, clients);
	const struct gate_special *special = special_find(&config->deltas, name);

	free(name);
	if (!special)
		special = special_find(&config->deltas, metric);
	return special ? special->value : config->delta;
}

enum better gate_config_better(const struct gate_config *config, const char *metric)
{
	const struct gate_special *special = special_find(&config->better, metric);

	return special ? (enum better)special->value : metric_better(metric);
}
