/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/ab_order.h"

#include "common/rng.h"

/* A generator of its own for each @purpose and @number. */
static void seed_for(struct rng *rng, uint64_t seed, uint64_t purpose, uint64_t number)
{
	rng_init(rng, seed);
	rng_init(rng, rng_next(rng) ^ purpose);
	rng_init(rng, rng_next(rng) ^ number);
}

bool ab_b_first(uint64_t seed, size_t cell, size_t round)
{
	struct rng rng;

	seed_for(&rng, seed, cell + 1, round);
	return rng_next(&rng) >> 63;
}

void ab_cell_order(uint64_t seed, size_t round, unsigned *cells, size_t nr)
{
	struct rng rng;

	for (size_t i = 0; i < nr; i++)
		cells[i] = i;
	seed_for(&rng, seed, 0, round);
	rng_shuffle(&rng, cells, nr, sizeof(*cells));
}
