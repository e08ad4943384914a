/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fill: write a worker's slice as -c and -z ask for. Inlined into pass(): the loop is the
 * workload's own. */
#ifndef PFT_FILL_H
#define PFT_FILL_H

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "pft/run.h"
#include "pft/touch.h"

/* The loop that everything is about, out of line so that tests/cli/pft_loop.sh can count its
 * instructions. */
static __attribute__((noinline)) void fill_pages(char *start, char *end, size_t page_size)
{
	touch_write(start, end, page_size);
}

/* Touch each base page of @worker's slice for writing. */
static inline __attribute__((always_inline)) void fill_slice(struct worker *worker)
{
	const struct run *run = worker->run;
	const struct settings *s = run->settings;
	char *start = worker->start, *end = start + worker->length;

	if (s->delay.ns)
		delay_fill(worker);
	else if (s->clear)
		memset(start, 0, worker->length);
	else if (s->cachelines == 1)
		fill_pages(start, end, run->page_size);
	else
		touch_lines(start, end, run->page_size, run->cacheline, s->cachelines);
}

/* The same, or lock the slice with -l, which brings the pages as well. A whole pass(). mlock2()
 * without flags is mlock(), which ASan and TSan turn into nothing. */
static inline int fill_or_lock_slice(struct worker *worker)
{
	if (!worker->run->settings->mlock)
		fill_slice(worker);
	else if (mlock2(worker->start, worker->length, 0))
		return worker_fails(worker, errno, "cannot mlock %zu bytes: %s; see 'ulimit -l'",
				    worker->length, strerror(errno));
	return 0;
}

#endif
