/* SPDX-License-Identifier: GPL-2.0-or-later */
/* meta: the facts about a run, key and value, as meta.tsv keeps them (docs/format.md). */
#ifndef COMMON_META_H
#define COMMON_META_H

#include <stddef.h>

#include "common/say.h"
#include "common/tsv.h"

/* The columns of meta.tsv: key, value. */
extern const struct tsv_schema meta_schema;

struct meta_fact {
	char *key;
	char *value;
};

struct meta {
	struct meta_fact *facts;
	size_t nr, cap;
};

/* Add a fact behind the others. */
void meta_add(struct meta *meta, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Add what could not be found out: "unavailable: REASON". */
void meta_absent(struct meta *meta, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The value of the first fact of this key, or NULL. */
const char *meta_get(const struct meta *meta, const char *key);

/* Drop every fact of this key. */
void meta_drop(struct meta *meta, const char *key);

/* Write meta.tsv as a whole, in one step that a kill cannot split. Returns 0 or -errno with the
 * reason. */
int meta_write(const struct meta *meta, const char *path, struct why *why);

/* Append one fact to meta.tsv and have it on disk. Returns 0 or -errno with the reason. */
int meta_append(const char *path, const char *key, const char *value, struct why *why);

/* Read meta.tsv; what a kill left of a last line is dropped. Returns 0 or -errno with the reason. */
int meta_read(struct meta *meta, const char *path, struct why *why);

/* Free what the table holds and empty it. */
void meta_release(struct meta *meta);

#endif
