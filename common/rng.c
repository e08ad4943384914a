/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rng.h"

uint64_t rng_below(struct rng *rng, uint64_t n)
{
	unsigned __int128 product = (unsigned __int128)rng_next(rng) * n;

	if ((uint64_t)product < n) {
		/* 2^64 mod n: results below it would come up once too often. */
		uint64_t floor = -n % n;

		while ((uint64_t)product < floor)
			product = (unsigned __int128)rng_next(rng) * n;
	}
	return product >> 64;
}

static void swap(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char t = a[i];

		a[i] = b[i];
		b[i] = t;
	}
}

void rng_shuffle(struct rng *rng, void *base, size_t nr, size_t size)
{
	char *p = base;

	for (size_t i = nr; i > 1; i--) {
		size_t j = rng_below(rng, i);

		if (j != i - 1)
			swap(p + j * size, p + (i - 1) * size, size);
	}
}
