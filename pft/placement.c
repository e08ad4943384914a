/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/placement.h"

#include <numa.h>
#include <numaif.h>

#define BATCH 64

unsigned placement_sample_size(uint64_t pages)
{
	uint64_t n = pages / 100;

	n = n < 64 ? 64 : n > 4096 ? 4096 : n;
	return n < pages ? n : pages;
}

uint64_t placement_page(struct rng *rng, uint64_t pages, unsigned n, unsigned i)
{
	uint64_t from = i * pages / n, to = (i + 1) * pages / n;

	return from + rng_below(rng, to - from);
}

/* Count the nodes of @n pages. A negative status is a page that is not there (ENOENT), or the zero
 * page (EFAULT). */
static void placement_batch(struct worker *worker, void **pages, unsigned n)
{
	struct control *control = worker->run->control;
	struct measure *m = &worker->measure;
	unsigned here = m->end.node;
	int status[BATCH];

	if (numa_move_pages(0, n, pages, NULL, status, 0) < 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		if (status[i] < 0 || status[i] >= RUN_MAX_NODES)
			continue;
		__atomic_add_fetch(&control->pages_on_node[status[i]], 1, __ATOMIC_RELAXED);
		m->pages_sampled++;
		m->pages_local += status[i] == (int)here;
		m->pages_astray += !mem_policy_allows(&worker->run->settings->mem, here, status[i]);
	}
}

void placement_sample(struct worker *worker)
{
	const struct run *run = worker->run;
	struct measure *m = &worker->measure;
	uint64_t pages = worker->length / run->page_size;
	unsigned n = worker->start ? placement_sample_size(pages) : 0, nr = 0;
	void *batch[BATCH];
	struct rng rng;

	rng_init(&rng, worker->id);
	m->unsampled =
		worker->start ? "no page of the sample has a node" : "the workload keeps no pages";
	for (unsigned i = 0; i < n; i++) {
		batch[nr++] = worker->start + placement_page(&rng, pages, n, i) * run->page_size;
		if (nr == BATCH || i + 1 == n) {
			placement_batch(worker, batch, nr);
			nr = 0;
		}
	}
}
