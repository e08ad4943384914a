/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge: verdicts about the rounds that 'faultscale ab' runs, in the form that common/judge.h asks. */
#ifndef ANALYSIS_JUDGE_H
#define ANALYSIS_JUDGE_H

#include "common/judge.h"

/* The judge of faultscale; docs/verdict.md has its rule. */
extern const struct judge judge;

/* The one of 'faultscale calibrate': what noise this machine makes, and what can be seen through it. */
extern const struct judge calibrator;

#endif
