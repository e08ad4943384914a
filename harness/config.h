/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config: the variables of a sweep, from a file in mmtests' form (faultscale-config(5)).
 *
 * A config is a list of assignments in the shell's syntax. It can compute, with $NAME and $((...)),
 * but not execute: whatever else the shell would do is an error with file and line.
 *
 * Order of use: config_init(), config_set() for each --set, config_read(), then the getters.
 */
#ifndef HARNESS_CONFIG_H
#define HARNESS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "common/topology.h"
#include "harness/config_names.h"

enum config_origin {
	CONFIG_BUILTIN, /* NUMCPUS and the like: the machine's, nobody can set them */
	CONFIG_SET, /* --set: wins over the file */
	CONFIG_FILE,
};

struct config_variable {
	char *name;
	char *value;
	enum config_origin origin;
	char *where; /* "smoke:12" or "--set" */
	bool used; /* has a meaning here, or another variable was computed from it */
};

struct config {
	struct config_variable *variables;
	size_t nr_variables, cap_variables;
	char *presets[NR_CONFIG_NAMES]; /* the defaults on this machine */
	char *path; /* of the file, NULL before it was read */
	char *text; /* of the file, for the run's record */
};

/* Start with the defaults and the builtin variables of @topology. */
void config_init(struct config *config, const struct topology *topology);

/* Free what the config holds. */
void config_release(struct config *config);

/* Override: @assignment is NAME=VALUE, where VALUE may use $NAME and $((...)) as between double
 * quotes. Comes before config_read(). Returns 0 or -EINVAL with the reason in @why. */
int config_set(struct config *config, const char *assignment, struct why *why);

/* The same for an option other than --set, which messages name as @where. */
int config_set_as(struct config *config, const char *where, const char *assignment,
		  struct why *why);

/* Read the file @path. Returns 0, or -errno with "file:line: reason" in @why. */
int config_read(struct config *config, const char *path, struct why *why);

/* The same for @len bytes of @text that @name is to be named for in messages. */
int config_parse(struct config *config, const char *name, const char *text, size_t len,
		 struct why *why);

/* Set @name to @value, which is taken over, on behalf of @where. Returns 0, or -EINVAL with the
 * reason in
 * @why: a builtin name, an unknown PFT_ name, a value that the name cannot have. */
int config_assign(struct config *config, const char *name, char *value, enum config_origin origin,
		  const char *where, struct why *why);

/* @text with its $NAME and $((...)) worked out, in memory that the caller frees; NULL with the
 * reason in
 * @why. */
char *config_expand(struct config *config, const char *text, struct why *why);

/* The variable @name, or NULL if it is not set. */
struct config_variable *config_find(const struct config *config, const char *name);

/* The value of @id as text: as set or the default; "" for none. */
const char *config_text(const struct config *config, enum config_id id);

/* The value of @id as a number, or as bytes for a size; 0 for none. Values were checked when the
 * file was read. */
uint64_t config_number(const struct config *config, enum config_id id);

/* The words of @id, in memory that config_words_free() frees. */
char **config_words(const struct config *config, enum config_id id, size_t *nr);

/* Free the words. */
void config_words_free(char **words, size_t nr);

/* Complain about the value of @id: "WHERE: NAME: reason", the reason being in @why. Returns -@err. */
int config_bad(const struct config *config, enum config_id id, int err, struct why *why);

/* The variables that were assigned but mean nothing here (mmtests' MONITORS_GZIP, a typo) as one text
 * "A, B", for the caller to say so and to free; NULL if there is none. */
char *config_ignored(const struct config *config);

#endif
