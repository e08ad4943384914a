/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placement: where the pages of a worker really are, asked of the kernel after the measured region. */
#ifndef PFT_PLACEMENT_H
#define PFT_PLACEMENT_H

#include "pft/run.h"

/* Ask move_pages() for the nodes of a sample of worker->start..+length, evenly spread, and add them
 * to worker->measure and to run->control->pages_on_node. Called in the worker. */
void placement_sample(struct worker *worker);

/* Pages to look at among @pages: all of up to 64, then 1 %, at least 64 and at most 4096. */
unsigned placement_sample_size(uint64_t pages);

#endif
