/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmtests: a run's samples in the directory layout that mmtests' compare-mmtests.pl reads. */
#ifndef HARNESS_MMTESTS_H
#define HARNESS_MMTESTS_H

#include "common/say.h"
#include "harness/plan.h"
#include "harness/records.h"

/*
 * Write iter-0/ and mmtests-activity below @dir, or below @dir/VARIANT for each variant if the plan
 * has several. What was there is replaced. Returns 0, or -errno with the reason in @why.
 */
int mmtests_write(const char *dir, const struct plan *plan, const struct records *records,
		  struct why *why);

#endif
