/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/access_stream.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define BINS_PER_E 32 /* a bin is this part of the ranks before it */

static const char *const kind_names[NR_ACCESS_KINDS] = {
	[ACCESS_UNIFORM] = "uniform",
	[ACCESS_ZIPF] = "zipf",
	[ACCESS_SEQ] = "seq",
};

static int theta_parse(const char *text, double *theta, struct why *why)
{
	char *end;

	*theta = strtod(text, &end);
	if (*text && !*end && *theta > 0 && *theta <= ACCESS_THETA_MAX)
		return 0;
	return why_not(why, EINVAL, "not a theta above 0 and up to %g, with 'zipf:%s'",
		       ACCESS_THETA_MAX, text);
}

int access_parse(const char *text, enum access_kind *kind, double *theta, struct why *why)
{
	unsigned i;

	*theta = ACCESS_THETA_DEFAULT;
	for (i = 0; i < NR_ACCESS_KINDS; i++) {
		if (!strcmp(text, kind_names[i])) {
			*kind = i;
			return 0;
		}
	}
	if (!strncmp(text, "zipf:", 5)) {
		*kind = ACCESS_ZIPF;
		return theta_parse(text + 5, theta, why);
	}
	return why_not(why, EINVAL,
		       "no such access, with '%s'; use uniform, zipf, zipf:THETA or seq", text);
}

/* Cut the ranks into bins, and leave in @mass what each is drawn by: all its ranks as heavy as the first. */
static void cut_bins(struct access_pattern *pattern, double **mass)
{
	size_t cap = 0, mass_cap = 0, nr = 0;
	uint64_t first, width;

	for (first = 0; first < pattern->nr; first += width) {
		struct access_bin *bin;

		width = 1 + first / BINS_PER_E;
		width = width < pattern->nr - first ? width : pattern->nr - first;
		XGROW(pattern->bins, nr, cap);
		XGROW(*mass, nr, mass_cap);
		bin = &pattern->bins[nr];
		*bin = (struct access_bin){
			.first = first,
			.width = width,
			.squeeze = pow((double)(first + 1) / (first + width), pattern->theta),
		};
		(*mass)[nr++] = width * pow(first + 1, -pattern->theta);
	}
	pattern->nr_bins = nr;
}

/* Vose's table: every bin keeps its own mass up to the mean, and one other fills what is left. */
static void make_aliases(struct access_pattern *pattern, double *mass)
{
	uint32_t nr = pattern->nr_bins, nr_small = 0, nr_large = 0, i;
	uint32_t *small = xcalloc(nr, sizeof(*small)), *large = xcalloc(nr, sizeof(*large));
	double total = 0;

	for (i = 0; i < nr; i++)
		total += mass[i];
	for (i = 0; i < nr; i++) {
		mass[i] *= nr / total;
		if (mass[i] < 1)
			small[nr_small++] = i;
		else
			large[nr_large++] = i;
	}
	while (nr_small && nr_large) {
		uint32_t s = small[--nr_small], l = large[nr_large - 1];

		pattern->bins[s].keep = mass[s] * 0x1p32;
		pattern->bins[s].alias = l;
		mass[l] -= 1 - mass[s];
		if (mass[l] < 1) {
			nr_large--;
			small[nr_small++] = l;
		}
	}
	/* What is left has the mean, but for rounding: its alias is itself. */
	while (nr_small + nr_large) {
		i = nr_small ? small[--nr_small] : large[--nr_large];
		pattern->bins[i].alias = i;
	}
	free(small);
	free(large);
}

int access_pattern_init(struct access_pattern *pattern, enum access_kind kind, uint64_t nr,
			double theta, struct why *why)
{
	double *mass = NULL;

	if (!nr || nr > UINT32_MAX)
		return why_not(why, EINVAL, "no order of access to '%llu' pages; use 1 to 2^32-1",
			       (unsigned long long)nr);
	*pattern = (struct access_pattern){.kind = kind, .theta = theta, .nr = nr};
	if (kind != ACCESS_ZIPF)
		return 0;
	while (pattern->mask < nr - 1)
		pattern->mask = 2 * pattern->mask + 1;
	/* The golden section of the power of two: neighbours of rank land far from each other. */
	pattern->odd = (uint64_t)(0.6180339887498949 * pattern->mask) | 1;
	cut_bins(pattern, &mass);
	make_aliases(pattern, mass);
	free(mass);
	return 0;
}

void access_pattern_release(struct access_pattern *pattern)
{
	free(pattern->bins);
	*pattern = (struct access_pattern){0};
}

void access_stream_init(struct access_stream *stream, const struct access_pattern *pattern,
			uint64_t first, uint64_t seed, unsigned worker)
{
	struct rng rng;

	*stream = (struct access_stream){.pattern = pattern, .first = first};
	rng_init(&rng, seed);
	rng_init(&rng, rng_next(&rng) + worker);
	rng_init(&stream->rng, rng_next(&rng));
}

/* The alias method: one number gives the column by its upper half, and the side by its lower. */
static const struct access_bin *draw_bin(const struct access_pattern *pattern, struct rng *rng)
{
	uint64_t r = rng_next(rng);
	uint32_t i = (r >> 32) * pattern->nr_bins >> 32;
	const struct access_bin *bin = &pattern->bins[i];

	return (uint32_t)r < bin->keep ? bin : &pattern->bins[bin->alias];
}

uint64_t access_next_rank(struct access_stream *stream)
{
	const struct access_pattern *pattern = stream->pattern;
	const struct access_bin *bin;
	uint64_t r, rank;
	double u;

	for (;;) {
		bin = draw_bin(pattern, &stream->rng);
		if (bin->width == 1)
			return bin->first;
		r = rng_next(&stream->rng);
		rank = bin->first + ((r >> 32) * bin->width >> 32);
		u = (uint32_t)r * 0x1p-32;
		if (u < bin->squeeze || u < pow((bin->first + 1.0) / (rank + 1.0), pattern->theta))
			return rank;
	}
}
