/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolve: samples of a process that has ended, as rows of misses.tsv: where each instruction is, and what
 * it accessed. */
#ifndef HARNESS_SAMPLE_RESOLVE_H
#define HARNESS_SAMPLE_RESOLVE_H

#include <stdbool.h>

#include "common/misses.h"
#include "harness/probes/kallsyms.h"
#include "harness/sample/code.h"
#include "harness/sample/objects.h"
#include "harness/sample/record.h"

/* What is known of a machine's code; zero before the first call. */
struct resolver {
	struct kallsyms kernel;
	char *no_kernel; /* NULL, or the status of rows for want of its symbols */
	struct code code;
};

/* Read the kernel's symbols; without them its rows say why they have no names. */
void resolver_init(struct resolver *resolver);

/*
 * Add the samples of the measured region to @table, with the rows about the iteration. @far_only: leave out
 * those of which the processor says that they did not leave the core, or says nothing. The maps of @log are
 * sorted.
 */
void resolve_samples(struct resolver *resolver, struct sample_log *log,
		     const struct objects *objects, bool far_only, struct miss_table *table);

/* Free what the struct holds; no table that it added to may be used any more. */
void resolver_release(struct resolver *resolver);

#endif
