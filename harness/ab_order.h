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

/*
 * Whether side b of @cell comes first in @round: a fair coin, tossed for each. That makes the sign of
 * every difference a fair coin of its own if the sides are alike, whatever the machine does, which is
 * all that the signed-rank test asks for. Blocks with as many of the one as of the other would not:
 * on noise with a correlation of 0.3 blocks of four gave 5.6 % of false alarms instead of 5.
 */
bool ab_b_first(uint64_t seed, size_t cell, size_t round);

/* Put 0 .. @nr-1 into @cells in the order of @round. */
void ab_cell_order(uint64_t seed, size_t round, unsigned *cells, size_t nr);

#endif
