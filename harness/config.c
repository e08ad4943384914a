/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

struct config_variable *config_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->nr_variables; i++)
		if (!strcmp(config->variables[i].name, name))
			return &config->variables[i];
	return NULL;
}

static void store(struct config *config, const char *name, char *value, enum config_origin origin,
		  const char *where)
{
	struct config_variable *variable = config_find(config, name);

	if (!variable) {
		XGROW(config->variables, config->nr_variables, config->cap_variables);
		variable = &config->variables[config->nr_variables++];
		*variable = (struct config_variable){
			.name = xstrdup(name),
			.used = origin == CONFIG_BUILTIN || config_name_find(name),
		};
	}
	free(variable->value);
	free(variable->where);
	variable->value = value;
	variable->where = xstrdup(where);
	variable->origin = origin;
}

static void add_builtin(struct config *config, const char *name, uint64_t value)
{
	store(config, name, xasprintf("%" PRIu64, value), CONFIG_BUILTIN, "this machine");
}

void config_init(struct config *config, const struct topology *topology)
{
	struct why why = WHY_INIT;

	*config = (struct config){0};
	add_builtin(config, "NUMCPUS", topology->nr_cpus);
	add_builtin(config, "NUMCORES", topology->nr_cores);
	add_builtin(config, "NUMNODES", topology->nr_nodes);
	add_builtin(config, "MEMTOTAL_BYTES", topology->bytes);
	for (size_t i = 0; i < NR_CONFIG_NAMES; i++) {
		config->presets[i] = config_expand(config, config_names[i].preset, &why);
		if (!config->presets[i])
			BUG("default of %s: %s", config_names[i].name, why.text);
	}
}

void config_release(struct config *config)
{
	for (size_t i = 0; i < config->nr_variables; i++) {
		free(config->variables[i].name);
		free(config->variables[i].value);
		free(config->variables[i].where);
	}
	free(config->variables);
	for (size_t i = 0; i < NR_CONFIG_NAMES; i++)
		free(config->presets[i]);
	free(config->path);
	free(config->text);
	*config = (struct config){0};
}

static int check(const char *name, const char *value, struct why *why)
{
	const struct config_name *row = config_name_find(name);
	const char *nearest;

	if (row) {
		if (config_name_check(row, value, why))
			return why_within(why, EINVAL, "%s", name);
		return 0;
	}
	if (strncmp(name, "PFT_", 4))
		return 0;
	nearest = config_name_nearest(name);
	if (nearest)
		return why_not(why, EINVAL, "no such variable, with '%s': did you mean '%s'?", name,
			       nearest);
	return why_not(why, EINVAL,
		       "no such variable, with '%s': 'faultscale plan --list-variables' lists them",
		       name);
}

int config_assign(struct config *config, const char *name, char *value, enum config_origin origin,
		  const char *where, struct why *why)
{
	const struct config_variable *old = config_find(config, name);
	int err = 0;

	if (old && old->origin == CONFIG_BUILTIN)
		err = why_not(why, EINVAL,
			      "'%s' is what the machine has; --topology describes another", name);
	else if (old && old->origin == CONFIG_SET && origin == CONFIG_FILE)
		goto drop;
	else
		err = check(name, value, why);
	if (err)
		goto drop;
	store(config, name, value, origin, where);
	return 0;
drop:
	free(value);
	return err;
}

const char *config_text(const struct config *config, enum config_id id)
{
	const struct config_variable *variable = config_find(config, config_names[id].name);

	const char *value = variable ? variable->value : "";

	return value[strspn(value, " \t\n")] ? value : config->presets[id];
}

uint64_t config_number(const struct config *config, enum config_id id)
{
	const char *text = config_text(config, id);
	struct why why = WHY_INIT;
	uint64_t value = 0;

	if (!*text)
		return 0;
	if (config_names[id].type == CONFIG_SIZE
		    ? size_parse(text, sysconf(_SC_PAGESIZE), &value, &why)
		    : number_parse(text, 0, UINT64_MAX, &value, &why))
		BUG("%s was not checked: %s", config_names[id].name, why.text);
	return value;
}

char **config_words(const struct config *config, enum config_id id, size_t *nr)
{
	static const char blanks[] = " \t\n";
	const char *p = config_text(config, id);
	char **words = NULL;
	size_t cap = 0;

	*nr = 0;
	for (p += strspn(p, blanks); *p; p += strspn(p, blanks)) {
		size_t len = strcspn(p, blanks);

		XGROW(words, *nr, cap);
		words[(*nr)++] = xstrndup(p, len);
		p += len;
	}
	return words;
}

void config_words_free(char **words, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(words[i]);
	free(words);
}

int config_bad(const struct config *config, enum config_id id, int err, struct why *why)
{
	const struct config_variable *variable = config_find(config, config_names[id].name);

	return why_within(why, err, "%s: %s", variable ? variable->where : "default",
			  config_names[id].name);
}

char *config_ignored(const struct config *config)
{
	char *text = NULL;

	for (size_t i = 0; i < config->nr_variables; i++) {
		char *longer;

		if (config->variables[i].used)
			continue;
		longer = xasprintf("%s%s%s", text ? text : "", text ? ", " : "",
				   config->variables[i].name);
		free(text);
		text = longer;
	}
	return text;
}
