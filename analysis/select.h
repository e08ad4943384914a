/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select: which variants of which runs make a column of the table. Normally a run is a column, and
 * the variants of a run become rows of their own; --by turns the values of a dimension into
 * columns.
 */
#ifndef ANALYSIS_SELECT_H
#define ANALYSIS_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/run.h"
#include "common/say.h"

/* What --by and --only know beside the dimensions of enum dimension. */
enum {
	BY_RUN = -1,
	BY_VARIANT = NR_DIMENSIONS,
	ONLY_CLIENTS,
};

/* All that --by takes, for messages; --only takes clients as well. */
#define SELECTION_KEYS \
	"workload, pin, mem, pagesize, mode, lock, rwsem-spin, writers, nodes, vma-class, " \
	"prefetch, limit, working-set, codec, lru, lru-lock, memcgs, access, zswap-shrinker, " \
	"machine or variant"

/* What was asked for on the command line. */
struct selection {
	int by; /* enum dimension, BY_VARIANT or BY_RUN */
	struct only {
		int key; /* enum dimension, BY_VARIANT or ONLY_CLIENTS */
		char *value;
	} * only;
	size_t nr_only;
};

/* Read the argument of --by. Returns 0 or -EINVAL with what there is in @why. */
int selection_by(struct selection *s, const char *name, struct why *why);

/* Read one argument of --only, "pin=compact,workload=anon": values of one key are alternatives,
 * different keys must all hold. Returns 0 or -EINVAL. */
int selection_only(struct selection *s, const char *list, struct why *why);

/* Whether --only lets rows of this client count through. */
bool selection_has_clients(const struct selection *s, const char *clients);

/* Free what the selection holds. */
void selection_release(struct selection *s);

struct column {
	char *name; /* in one line */
	char *head[2]; /* in two, as the tables print it */
	struct run *run;
	char **labels; /* [run->nr_variants] what its rows are called by; NULL: not in this column
			*/
};

struct columns {
	struct column *columns;
	size_t nr;
};

/* Lay out the columns of @runs. Returns 0, or -EINVAL with the reason in @why. */
int columns_init(struct columns *c, struct run *const *runs, size_t nr, const struct selection *s,
		 struct why *why);

/* Take out column @i. */
void columns_remove(struct columns *c, size_t i);

/* Free what the columns hold; the runs stay. */
void columns_release(struct columns *c);

/* Split a run's name over two header lines as mmtests does, into memory that the caller frees. */
void name_split(const char *name, char *head[2]);

#endif
