/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/sums.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static bool is_of(const struct where_cell *cell, size_t side, const struct epoch *epoch)
{
	return epoch->variant == cell->sources[side].variant && epoch->clients == cell->clients;
}

static double all_faults(const struct where_cell *cell, size_t side)
{
	const struct profile_side *s = &cell->profile.sides[side];
	double sum = 0;

	for (size_t i = 0; i < s->nr; i++)
		sum += s->faults[i];
	return sum > 0 ? sum : NAN;
}

void mmap_lock_sum(struct mmap_lock_sum *sum, const struct where_cell *cell, size_t side,
		   bool write)
{
	const struct findings *e = cell->sources[side].findings;
	double faults = all_faults(cell, side), count = 0;

	*sum = (struct mmap_lock_sum){0};
	for (size_t i = 0; e && i < e->nr_mmap_lock; i++) {
		const struct mmap_lock_row *row = &e->mmap_lock[i];

		if (!is_of(cell, side, &row->epoch))
			continue;
		sum->known = true;
		if (row->write != write)
			continue;
		count += row->count;
		sum->failed += row->failed * 1000 / faults;
		sum->in_fault += row->in_fault * 1000 / faults;
		sum->wait_ns += row->wait_ns;
		sum->hold_ns += row->hold_ns;
		if (row->max_wait_ns > sum->max_wait_ns)
			sum->max_wait_ns = row->max_wait_ns;
		if (row->max_hold_ns > sum->max_hold_ns)
			sum->max_hold_ns = row->max_hold_ns;
	}
	sum->acquired = count * 1000 / faults;
	sum->wait_ns = count > 0 ? sum->wait_ns / count : NAN;
	sum->hold_ns = count > 0 ? sum->hold_ns / count : NAN;
}

double minor_faults_sum(const struct where_cell *cell, size_t side)
{
	const struct profile_side *p = &cell->profile.sides[side];
	double sum = 0;

	for (size_t i = 0; i < p->nr; i++) {
		const struct epoch epoch = {cell->sources[side].variant, cell->clients,
					    p->iterations[i]};

		sum += findings_fact(cell->sources[side].findings, &epoch, "minor_faults");
	}
	return sum;
}

uint64_t latency_sum(uint64_t bins[NR_BINS], const struct where_cell *cell, size_t side)
{
	const struct findings *e = cell->sources[side].findings;
	uint64_t all = 0;

	memset(bins, 0, NR_BINS * sizeof(*bins));
	for (size_t i = 0; e && i < e->nr_latency; i++)
		if (is_of(cell, side, &e->latency[i].epoch)) {
			bins[e->latency[i].log2_ns] += e->latency[i].count;
			all += e->latency[i].count;
		}
	return all;
}

static struct alignment_sum *sum_of(struct alignment_sum **sums, size_t *nr, const char *cache)
{
	for (size_t i = 0; i < *nr; i++)
		if (!strcmp((*sums)[i].cache, cache))
			return &(*sums)[i];
	*sums = xreallocarray(*sums, *nr + 1, sizeof(**sums));
	(*sums)[*nr] = (struct alignment_sum){.cache = cache};
	return &(*sums)[(*nr)++];
}

size_t alignment_sums(struct alignment_sum **sums, const struct where *where, size_t side)
{
	size_t nr = 0;

	*sums = NULL;
	for (size_t c = 0; c < where->nr; c++) {
		const struct findings *e = where->cells[c].sources[side].findings;

		for (size_t i = 0; e && i < e->nr_alignment; i++) {
			const struct alignment_row *row = &e->alignment[i];
			struct alignment_sum *sum;

			if (!is_of(&where->cells[c], side, &row->epoch))
				continue;
			sum = sum_of(sums, &nr, row->cache);
			sum->mod64[row->mod64] += row->count;
			sum->mod128[row->mod128] += row->count;
			sum->count += row->count;
		}
	}
	return nr;
}

double measured_mean(const struct where_cell *cell, size_t side, const char *metric)
{
	const struct profile_source *source = &cell->sources[side];
	char clients[24];

	if (!source->findings)
		return NAN;
	snprintf(clients, sizeof(clients), "%u", cell->clients);
	return series_mean(run_find(source->findings->run, source->variant, clients, metric));
}
