/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unlike: settings that make two runs of our own no fair comparison. Workload, pin, memory policy
 * and kernel are what runs are compared for; the bytes of a step or the version of pft are not.
 */
#ifndef ANALYSIS_UNLIKE_H
#define ANALYSIS_UNLIKE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/notes.h"
#include "analysis/run.h"
#include "common/meta.h"

/* Add a note for each run that was measured unlike the first one, saying in what, and the remarks of
 * imported ones. Looks into plan.tsv and meta.tsv; what cannot be read there is not told. */
void note_unlike(struct run *const *runs, size_t nr, struct notes *notes);

/*
 * In what @run was measured unlike @base, the machine included: "kernel 'X', not 'Y'; ...", in memory
 * that the caller frees; NULL: nothing that is known. @may_differ lists what need not be alike, by
 * column of plan.tsv or key of meta.tsv ("mitigation_*" for all of them), separated by commas.
 */
char *unlike_text(const struct run *run, const struct run *base, const char *may_differ);

/* Whether a fact of meta.tsv is one of the machine: the kernel is. */
bool unlike_is_machine(const char *key);

/* In what the facts of @machine differ from those of @base, likewise. What only one of them has is no
 * difference. */
char *unlike_machine(const struct meta *machine, const struct meta *base, const char *may_differ);

#endif
