/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options: the command line of pft: the classic letters of gormanm/pft, and long options beside
 * them. */
#ifndef PFT_OPTIONS_H
#define PFT_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "pft/run.h"

enum action {
	ACTION_RUN,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_CLASSIC_VERSION, /* -V: the classic prints it on stderr */
	ACTION_LIST,
	ACTION_LAYOUT,
	ACTION_CHECK, /* of what can be known without touching memory */
};

/* A command line, understood. */
struct invocation {
	enum action action;
	struct settings settings;
	const char *list_kind; /* of --list, or the design of --layout; NULL: all */
	const char *rows; /* --rows FILE, or NULL */
	bool title; /* -T */
	const char *tag; /* the word behind the options, or NULL */
	bool fifo; /* -f: SCHED_FIFO */
	bool numa_maps; /* -N: print the region's numa_maps line */
	bool pause; /* -P: wait for a signal before the memory is released */
	unsigned verbose; /* -v */
	bool sysv, in_order; /* -S or -L; -a */
	bool pin_given, pagesize_given, oversubscribe;
	bool modern; /* a long option was given: no drop-in use */
	bool usage_wanted; /* an error that the usage text helps with */
	char *notes; /* lines for stderr, worded as the classic's; NULL for none */
};

/*
 * Understand the command line. Returns 0, or -EINVAL with the reason in @why, or (an error that the
 * classic has its own words for) with empty @why and the words in ->notes. getopt(3) itself reports
 * unknown letters. The caller releases the invocation in any case.
 */
int options_parse(struct invocation *inv, int argc, char **argv, struct why *why);

/* Add a line to ->notes. */
void options_note(struct invocation *inv, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Free what the invocation holds. */
void options_release(struct invocation *inv);

/* Print the usage text. */
void options_usage(FILE *out, const char *program);

#endif
