/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rng: a seeded generator whose sequence is part of a run's record: same seed, same order,
 * anywhere. splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA
 * 2014). */
#ifndef COMMON_RNG_H
#define COMMON_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline void rng_init(struct rng *rng, uint64_t seed)
{
	rng->state = seed;
}

/* The next 64 random bits. */
static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A number in 0..@n-1, @n > 0, without modulo bias (Lemire, TOMACS 2019). */
uint64_t rng_below(struct rng *rng, uint64_t n);

/* Fisher-Yates over @nr elements of @size bytes. */
void rng_shuffle(struct rng *rng, void *base, size_t nr, size_t size);

#endif
