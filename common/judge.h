/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge: what those who run pairs of measurements and those who decide about them say to each other.
 * harness/ and analysis/ know nothing of each other; faultscale.c hands the one to the other.
 */
#ifndef COMMON_JUDGE_H
#define COMMON_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/rounds.h"
#include "common/say.h"

/* From best to worst: the verdict of several cells is the worst of theirs. */
enum verdict {
	VERDICT_IMPROVEMENT, /* better, by more than delta counts for */
	VERDICT_SAME, /* equivalence was shown: the interval lies within delta */
	VERDICT_INCONCLUSIVE, /* neither was shown */
	VERDICT_REGRESSION, /* worse, by more than delta counts for */
	VERDICT_INVALID, /* a guard failed: the numbers say nothing */
	NR_VERDICTS,
};

/* Exit codes of a verdict: neither 1 nor 2, which make and getopt use for everything. */
enum verdict_exit {
	EXIT_REGRESSION = 10,
	EXIT_INCONCLUSIVE = 11, /* where asked to fail on it */
	EXIT_INVALID = 12,
	EXIT_NO_BASELINE = 13, /* there is nothing to compare with */
};

/* What is asked for. */
struct judge_rule {
	double delta; /* smaller changes do not count: 0.02 is 2 % */
	double alpha; /* share of false alarms over all cells and looks */
	unsigned min_rounds; /* the first look */
	unsigned look_every; /* rounds between two looks */
	unsigned max_rounds; /* the last look */
	double max_steal, max_foreign; /* the guards' limits: shares of all CPU time, of one CPU */
	bool exact; /* simulated: no noise, so one round says all, and delta may be 0 */
	const char *run; /* directory of side a's run: beside it may be a calibration; NULL: there is none */
};

/* What is answered. */
struct judgement {
	enum verdict verdict; /* of the worst cell */
	bool stop; /* a look was due, and no further round would change enough */
	char running[160]; /* the state of the widest open cell, for a line that is rewritten */
	char *report; /* lines for people, one a cell; NULL before the stop; the caller frees it */
	char *table; /* what is to be kept as calibration.tsv, NULL for nothing; likewise */
};

/*
 * Decides about the whole rounds that there are. Called after each; looks at those numbers of rounds
 * that the rule names, and again at the end with @last, when there will be no more. Returns 0, or
 * -EINVAL with the reason in @why: a metric whose better direction nobody knows.
 */
struct judge {
	bool same_sides; /* is about the machine, so both sides are to be the same */
	int (*look)(const struct judge_rule *rule, const struct rounds *rounds, bool last,
		    struct judgement *judgement, struct why *why);
};

#endif
