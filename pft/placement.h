/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placement: where the pages of a worker really are, asked of the kernel after the measured region. */
#ifndef PFT_PLACEMENT_H
#define PFT_PLACEMENT_H

#include "common/rng.h"
#include "pft/run.h"

/* Ask move_pages() for the nodes of a sample of worker->start..+length, one
 * from each of equal parts, and add them to worker->measure and to run->control->pages_on_node.
 * Called in the worker. */
void placement_sample(struct worker *worker);

/* Pages to look at among @pages: all of up to 64, then 1 %, at least 64 and at most 4096. */
unsigned placement_sample_size(uint64_t pages);

/* A page of part @i when @pages are cut into @n equal parts. Any of that part: at a fixed distance of an
 * even number of pages all of the sample is on one node where the kernel interleaves two. */
uint64_t placement_page(struct rng *rng, uint64_t pages, unsigned n, unsigned i);

#endif
