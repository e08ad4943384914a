/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jobs: the steps of a plan several at a time. Only for steps that do not disturb each other: those of a
 * simulated machine, whose time is virtual.
 */
#ifndef HARNESS_JOBS_H
#define HARNESS_JOBS_H

#include "common/say.h"
#include "harness/exec.h"

/*
 * Run every step that is not done, @nr at a time, those expected to take longest first. As exec_run(), but
 * without the warm-up; ->done and ->nr_done are those of this process alone, so read the samples back.
 */
int jobs_run(struct exec *exec, unsigned nr, struct why *why);

#endif
