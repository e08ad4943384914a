/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rounds: pairs of measurements of sides a and b taken one beside the other, a row of cells a round:
 * rounds.tsv (docs/format.md), and the same in memory. */
#ifndef COMMON_ROUNDS_H
#define COMMON_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/say.h"

struct rounds_cell {
	char *name; /* the variant's, or "A | B" where the sides' differ */
	unsigned clients;
};

struct rounds_pair {
	double a, b; /* in the metric's unit; NaN for none */
	bool b_first;
	char *failure; /* why there are no values, NULL for a good pair */
	double steal, foreign; /* shares of all CPU time, of one CPU, that others took; NaN: unknown */
	double frequency; /* of the steps' CPUs, in Hz; NaN: unknown */
};

struct rounds {
	char *metric;
	struct rounds_cell *cells;
	size_t nr_cells;
	struct rounds_pair *pairs; /* [nr * nr_cells] round by round */
	size_t nr, cap; /* whole rounds; room for pairs */
};

/* Start without cells; @metric is copied. */
void rounds_init(struct rounds *rounds, const char *metric);

/* Free what the struct holds. */
void rounds_release(struct rounds *rounds);

/* Add a cell, before the first round. @name is copied. */
void rounds_add_cell(struct rounds *rounds, const char *name, unsigned clients);

/* Add a round without values and return its pairs, one for each cell, valid until the next call. */
struct rounds_pair *rounds_add(struct rounds *rounds);

/* The pair of @cell in @round. */
struct rounds_pair *rounds_at(const struct rounds *rounds, size_t round, size_t cell);

/* The first failure of a cell, or NULL. */
const char *rounds_failure(const struct rounds *rounds, size_t cell);

/* Read rounds.tsv @path: one metric, and in each round the same cells in the same order. Returns 0 with
 * @rounds to release, or -errno with the reason, file:line in it, in @why. */
int rounds_read(struct rounds *rounds, const char *path, struct why *why);

/* Print rounds.tsv; errors show in ferror(@out). */
void rounds_print(const struct rounds *rounds, FILE *out);

#endif
