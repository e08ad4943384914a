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

/* Load the run that word @i names, alone. Returns 0, or -errno with the reason: -ENOENT if there is none. */
int run_list_load_word(struct run_list *list, const struct run_args *args, size_t i,
		       struct notes *notes, struct why *why);

/* Where names are looked up. */
const char *run_args_directory(const struct run_args *args);

/* The directory of the run that @word names, for the caller to free: below ->directory if there is
 * one, else @word is a path. NULL with the reason in @why if nothing is there. */
char *run_args_find(const struct run_args *args, const char *word, struct why *why);

/* Free the runs. */
void run_list_release(struct run_list *list);

#endif
