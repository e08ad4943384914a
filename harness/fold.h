/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fold: long number lists for people, in taskset(1)'s form with strides: "0-26:2,28". */
#ifndef HARNESS_FOLD_H
#define HARNESS_FOLD_H

#include <stddef.h>

/* @ids[@nr] in their order, runs of three and more with one stride folded; memory that the caller
 * frees.
 * "-" for an empty list. */
char *fold_list(const unsigned *ids, size_t nr);

#endif
