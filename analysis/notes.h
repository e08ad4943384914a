/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes: what a reader or a comparison has to tell a person beside its result. Library code
 * collects them; the subcommand prints each as a warning. */
#ifndef ANALYSIS_NOTES_H
#define ANALYSIS_NOTES_H

#include <stddef.h>

struct notes {
	char **lines; /* without newlines, in the order of their discovery */
	size_t nr, cap;
};

/* Add a line, unless the very same one is there. */
void notes_add(struct notes *notes, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Free all lines. */
void notes_release(struct notes *notes);

#endif
