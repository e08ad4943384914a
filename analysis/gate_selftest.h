/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_selftest: does the gate still fire? Runs with known answers are written as files and judged as
 * all runs are. */
#ifndef ANALYSIS_GATE_SELFTEST_H
#define ANALYSIS_GATE_SELFTEST_H

#include <stdio.h>

#include "common/say.h"

/*
 * Judge runs that regress, are only noisy, drift, are missing, and come from another machine; one line
 * each goes to @out. Returns 0 if every exit code was the right one, -ERANGE if not, or another -errno
 * with the reason in @why.
 */
int gate_selftest(FILE *out, struct why *why);

#endif
