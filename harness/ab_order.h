/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ab_order: who comes first. All of it follows from the seed and the number of the round, so a run that
 * goes on needs no memory of it. Strict alternation was not enough on recorded noise: a machine can
 * have a rhythm too.
 */
#ifndef HARNESS_AB_ORDER_H
#define HARNESS_AB_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each cell has b first in two of every four rounds, which two being drawn: what comes first gains
 * nothing, and no rhythm of the machine can follow. */
#define AB_BLOCK 4

/* Whether side b of @cell comes first in @round. */
bool ab_b_first(uint64_t seed, size_t cell, size_t round);

/* Put 0 .. @nr-1 into @cells in the order of @round. */
void ab_cell_order(uint64_t seed, size_t round, unsigned *cells, size_t nr);

#endif
