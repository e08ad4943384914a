/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gate_guard: what makes the numbers of a run say nothing about a change. It is told, never dropped. */
#ifndef ANALYSIS_GATE_GUARD_H
#define ANALYSIS_GATE_GUARD_H

#include "analysis/gate_config.h"
#include "analysis/run.h"

/*
 * What is wrong with time that others took: @steal is a share of all CPU time, @foreign one of one CPU
 * (NaN: unknown), @where is "'RUN'" or "the rounds". Likewise in memory that the caller frees.
 */
char *guard_shares(const char *where, double steal, double foreign, double max_steal,
		   double max_foreign);

/* What is wrong with @run as a whole, after its meta.tsv, in memory that the caller frees; NULL: nothing.
 * mmtests' logs tell nothing. */
char *guard_run(const struct run *run, const struct gate_config *config);

/* What is wrong with one metric of one variant at one client count, likewise. */
char *guard_cell(const struct run *run, const struct series *series,
		 const struct gate_config *config);

#endif
