/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_args: the runs that a command line names, either as words or in mmtests' -d DIR -n A,B form. */
#ifndef ANALYSIS_RUN_ARGS_H
#define ANALYSIS_RUN_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/notes.h"
#include "analysis/run.h"
#include "common/say.h"

struct run_args {
	const char *directory; /* where names are looked up; NULL: "results" */
	const char *names; /* mmtests' list, or NULL */
	char **words; /* RUN... */
	size_t nr_words, cap_words;
};

struct run_list {
	struct run **runs;
	size_t nr, cap;
};

/*
 * Load all runs that are named. With mmtests' list a run that does not exist becomes an empty
 * column, as there; as a word it is an error. Returns 0, or -errno with the reason in @why.
 */
int run_list_load(struct run_list *list, const struct run_args *args, struct notes *notes,
		  struct why *why);

/* Free the runs. */
void run_list_release(struct run_list *list);

#endif
