/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list: the tables that --list prints, one per kind of plug-in, and what --layout prints. */
#ifndef PFT_LIST_H
#define PFT_LIST_H

#include <stdio.h>

#include "common/say.h"

/* Print the table of @kind ("workloads", "pins", "mems", "locks", "codecs"), or all if NULL. Returns 0, or
 * -EINVAL with the reason in @why if there is no such kind. */
int list_print(FILE *out, const char *kind, struct why *why);

/* Print the structs of lock design @design, or of all if NULL. Returns 0, or -EINVAL with the reason in
 * @why if there is no such design. */
int list_layout(FILE *out, const char *design, struct why *why);

#endif
