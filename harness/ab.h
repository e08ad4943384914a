/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ab: two variants of one sweep in rounds, side by side, until the judge has seen enough. Each side is
 * an ordinary run, NAME-a and NAME-b; rounds.tsv in the first one pairs them. A round is one step of
 * each side for each cell; the two of a cell are neighbours, in an order that is drawn (ab_order.h).
 */
#ifndef HARNESS_AB_H
#define HARNESS_AB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/judge.h"
#include "common/meta.h"
#include "common/rounds.h"
#include "common/say.h"
#include "common/topology.h"
#include "harness/exec.h"
#include "harness/plan.h"
#include "harness/result.h"
#include "harness/stop.h"

/* One side. */
struct ab_side {
	char *name; /* of its run */
	char *pft; /* path of the program */
	char *prep; /* what the shell runs before each step, "" for nothing */
	struct topology topology; /* of this machine, or of the one that is simulated */
	struct plan plan;
	struct meta meta;
	struct result result;
	struct result_progress before;
	struct progress quiet; /* exec's, which shows nothing */
	struct exec exec;
};

struct ab {
	struct ab_side sides[2];
	struct judge_rule rule;
	uint64_t seed;
	char *metric;
	double max_s; /* seconds after which no further round begins; 0: no limit */
	const struct judge *judge;
	struct stop *stop;
	FILE *out; /* shows the state where it is a terminal */
	struct rounds rounds;
	struct judgement judgement; /* of the last round */
	uint64_t start_ns;
};

/* Words NAME=VALUE of @text, blanks in quotes kept, in memory that config_words_free() frees. Returns
 * 0, or -EINVAL with the reason in @why: a quote that does not end, a word that is no assignment. */
int ab_overrides(const char *text, char ***words, size_t *nr, struct why *why);

/* Add the settings of the comparison to the facts of side @side, for ab_settings(). */
void ab_facts(const struct ab *ab, size_t side, struct meta *meta);

/* Set rule, seed, metric and what each side runs from the sides' facts. Returns 0, or -EINVAL with the
 * reason in @why. */
int ab_settings(struct ab *ab, struct why *why);

/* Point the sides' exec at their plans and results, once those are there. */
void ab_ready(struct ab *ab);

/*
 * Run the warm-up and rounds until the judge or the clock says stop. Returns 0 with a final judgement;
 * -EINTR if somebody asked to stop; another -errno with the reason in @why: a record could not be
 * written, a preparation failed, the metric does not exist.
 */
int ab_run(struct ab *ab, struct why *why);

/* Free what the struct holds. */
void ab_release(struct ab *ab);

#endif
