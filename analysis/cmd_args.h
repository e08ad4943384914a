/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_args: what the command lines of commands that read runs have in common. A command lists the
 * option groups that it takes in .children of its struct argp, calls cmd_args_begin() in
 * ARGP_KEY_INIT and leaves ARGP_KEY_ARG to them. Used by cmd_*.c alone: a mistake in the input is
 * printed and ends the program with EXIT_USAGE.
 */
#ifndef ANALYSIS_CMD_ARGS_H
#define ANALYSIS_CMD_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/bootstrap.h"
#include "analysis/compare.h"
#include "analysis/metric.h"
#include "analysis/notes.h"
#include "analysis/run_args.h"

struct cmd_args {
	size_t max_runs; /* one RUN more is an error, set before parsing; 0: any number */
	struct run_args runs;
	struct compare_options options; /* --only, --by, --sub-heading */
	char *metrics; /* every --metric, separated by commas; NULL without */
	bool time; /* --altreport time */
	struct bootstrap bootstrap; /* --resamples, --seed */
	bool tells_clock; /* the command says itself whose times mean nothing */
};

/* The groups; each fills in a struct cmd_args. */
extern const struct argp cmd_argp_runs; /* -d, --results, -h and the words RUN... */
extern const struct argp cmd_argp_mmtests; /* -n, -b, -a, --sub-heading, in option group 1 */
extern const struct argp cmd_argp_metric; /* --metric; this and what follows in option group 2 */
extern const struct argp cmd_argp_only; /* --only */
extern const struct argp cmd_argp_by; /* --by */
extern const struct argp cmd_argp_bootstrap; /* --resamples, --seed */

/* Make @args the input of all @children, which are those of the command's argp, in ARGP_KEY_INIT. */
void cmd_args_begin(struct argp_state *state, const struct argp_child *children,
		    struct cmd_args *args);

/* Fill in the defaults of @args, which is part of @input, and parse the command line. */
void cmd_args_parse(struct cmd_args *args, const struct argp *argp, int argc, char **argv,
		    void *input);

/* The whole number behind --@option, in @min..@max, for a command's own options. */
uint64_t cmd_args_number(const struct argp_state *state, const char *option, const char *arg,
			 uint64_t min, uint64_t max);

/* Load the runs that were named. */
void cmd_args_load(const struct cmd_args *args, struct run_list *runs, struct notes *notes);

/* Compare the @nr runs over --metric, or mmtests' two; @report and the runs must outlive @c. */
void cmd_args_compare(const struct cmd_args *args, struct run *const *runs, size_t nr,
		      struct report *report, struct comparison *c, struct notes *notes);

/* Write what was made, @text[@len], to the file @path; to the standard output for "-" or NULL. */
void cmd_args_write(const char *path, const char *text, size_t len);

/* Print every note as a warning and free the notes. */
void cmd_args_warn(struct notes *notes);

/* Free what @args holds. */
void cmd_args_release(struct cmd_args *args);

#endif
