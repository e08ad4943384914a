/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_mm_swap_fixture: an mm that may use less memory than its test does, and swap. */
#ifndef TESTS_UNIT_PFT_MM_SWAP_FIXTURE_H
#define TESTS_UNIT_PFT_MM_SWAP_FIXTURE_H

#include <unistd.h>

#include "pft/mm/mm_groups.h"
#include "tests/unit/pft_mm_fixture.h"

#define SWAP_SIZE (4UL << 20)

/* What differs from test to test; all zero is zswap over a file, no limit. */
struct swap_case {
	size_t arena; /* 0: 4 MiB */
	size_t max; /* of the lowest group; 0: none */
	size_t swap; /* 0: SWAP_SIZE */
	bool disk_only; /* zswap is disabled */
	unsigned max_pool_percent; /* 0: 50 */
	enum swap_io io;
	unsigned page_cluster;
};

static inline struct mm *mm_swapping(const struct lock_design *design, const struct swap_case *what)
{
	struct mm_swap_options swap = {.zswap = ZSWAP_OPTIONS_INIT};
	struct mm_options options = MM_OPTIONS_INIT;
	struct why why = WHY_INIT;
	struct mm *mm;
	static unsigned nth; /* a test that failed keeps its file */
	char path[64];

	snprintf(path, sizeof(path), "/var/tmp/pft_mm_swap.%d.%u", (int)getpid(), nth++);
	swap.device.path = path;
	swap.device.size = what->swap ? what->swap : SWAP_SIZE;
	swap.device.io = what->io;
	swap.zswap.enabled = !what->disk_only;
	swap.zswap.max_pool_percent = what->max_pool_percent ? what->max_pool_percent : 50;
	swap.page_cluster = what->page_cluster;
	options.design = design;
	options.arena = what->arena ? what->arena : 4UL << 20;
	options.prefault = false;
	options.memcg_levels = 2;
	options.memcg_max = what->max;
	options.swap = &swap;
	if (mm_new(&mm, &options, &why))
		fail_msg("%s", why.text);
	return mm;
}

/* A page all of whose words tell which it is and what generation; every fourth does not compress. */
static inline void page_fill(uint64_t *page, uint64_t which)
{
	uint64_t word = which * 0x9e3779b97f4a7c15UL + 1;
	unsigned i;

	for (i = 0; i < PAGE_SIZE / sizeof(*page); i++) {
		word = which % 4 ? word : word * 6364136223846793005UL + 1442695040888963407UL;
		page[i] = which % 4 ? which + i % 64 : word;
	}
}

static inline void page_put(struct mm *mm, unsigned long address, uint64_t which)
{
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)];

	page_fill(page, which);
	assert_int_equal(mm_write(mm, address, page, PAGE_SIZE), 0);
}

static inline void page_expect(struct mm *mm, unsigned long address, uint64_t which)
{
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)], wanted[PAGE_SIZE / sizeof(uint64_t)];

	page_fill(wanted, which);
	assert_int_equal(mm_read(mm, address, page, PAGE_SIZE), 0);
	assert_memory_equal(page, wanted, PAGE_SIZE);
}

#endif
