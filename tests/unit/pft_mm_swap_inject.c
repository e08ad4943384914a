/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures of memory and of the device while pages go to swap and come back: an access may be refused,
 * and works when it is tried again; no page is lost or stale. */
#include <errno.h>

#include "pft/base/slab.h"
#include "pft/mm/mm_types.h"
#include "pft/zswap/zpool.h"
#include "tests/unit/pft_mm_swap_fixture.h"

#define SET 128
#define MAX PAGES(64)

struct kind {
	const char *name;
	struct fault_inject *inject;
	enum fault_io io;
};

static const struct kind kinds[] = {
	{"slab", &fault_inject_slab, 0},
	{"frame", &fault_inject_frame, 0},
	{"page table", &fault_inject_pgtable, 0},
	{"group", &fault_inject_memcg, 0},
	{"pool", &fault_inject_zpool, 0},
	{"error of the device", &fault_inject_io, FAULT_IO_EIO},
	{"full device", &fault_inject_io, FAULT_IO_ENOSPC},
	{"short transfer", &fault_inject_io, FAULT_IO_SHORT},
};
#define NR_KINDS (sizeof(kinds) / sizeof(*kinds))

/* What pages ought to contain. */
struct set {
	struct mm *mm;
	unsigned long at;
	uint64_t which[SET];
	uint64_t next;
};

static bool refused(int rc)
{
	assert_true(rc == 0 || rc == -ENOMEM || rc == -EIO);
	return rc != 0;
}

/* Read every page and write every third. */
static void sweep(struct set *set)
{
	uint64_t page[PAGE_SIZE / sizeof(uint64_t)], wanted[PAGE_SIZE / sizeof(uint64_t)];
	unsigned i;

	for (i = 0; i < SET; i++) {
		page_fill(wanted, set->which[i]);
		if (!refused(mm_read(set->mm, set->at + PAGES(i), page, PAGE_SIZE)))
			assert_memory_equal(page, wanted, PAGE_SIZE);
		if (i % 3)
			continue;
		page_fill(page, set->next);
		if (!refused(mm_write(set->mm, set->at + PAGES(i), page, PAGE_SIZE)))
			set->which[i] = set->next;
		set->next++;
	}
}

static void begin(struct set *set, const struct lock_design *design, bool disk_only)
{
	unsigned i;

	*set = (struct set){.next = SET};
	set->mm = mm_swapping(design, &(struct swap_case){.max = MAX, .disk_only = disk_only});
	set->at = mm_map(set->mm, SET, RW);
	for (i = 0; i < SET; i++) {
		set->which[i] = i;
		page_put(set->mm, set->at + PAGES(i), i);
	}
}

static void end(struct set *set)
{
	unsigned i;

	for (i = 0; i < SET; i++)
		page_expect(set->mm, set->at + PAGES(i), set->which[i]);
	mm_check(set->mm);
	mm_free(set->mm);
}

static unsigned design_number(const struct lock_design *design)
{
	unsigned i;

	for (i = 0; lock_designs[i] != design; i++)
		;
	return i;
}

static void each_failure_loses_nothing(void **state)
{
	struct set set;
	unsigned k, n;

	/* Designs take turns with zswap and the device: what differs is below them. */
	begin(&set, *state, design_number(*state) % 2);
	for (k = 0; k < NR_KINDS; k++) {
		fault_io_kind = kinds[k].io;
		for (n = 1; n < 200; n *= 2) {
			fault_inject_nth(kinds[k].inject, n, NULL);
			sweep(&set);
			fault_inject_stop(kinds[k].inject);
		}
		mm_check(set.mm);
	}
	end(&set);
}

static void many_failures_lose_nothing(void **state)
{
	unsigned k, disk;
	struct set set;
	uint64_t failed = 0;

	for (disk = 0; disk < 2; disk++) {
		begin(&set, *state, disk);
		for (k = 0; k < NR_KINDS; k++) {
			fault_io_kind = kinds[k].io;
			fault_inject_share(kinds[k].inject, 200000, k + 1, NULL);
			sweep(&set);
			failed += fault_inject_stop(kinds[k].inject);
			mm_check(set.mm);
		}
		end(&set);
	}
	assert_true(failed > 0);
}

/* The device does not read: who asks is told, and the page is there when it reads again. */
static void errors_reach_the_reader(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.disk_only = true});
	unsigned long at = mm_map(mm, 1, RW);
	unsigned char byte;

	page_put(mm, at, 7);
	while (mm_stats_of(mm).rss)
		mm_reclaim(mm, NULL, 1);
	fault_io_kind = FAULT_IO_EIO;
	fault_inject_share(&fault_inject_io, 1000000, 1, NULL);
	assert_int_equal(mm_read(mm, at, &byte, 1), -EIO);
	assert_int_equal(mm_fault(mm, at, true), -EIO);
	mm_check(mm);
	fault_inject_stop(&fault_inject_io);
	page_expect(mm, at, 7);
	mm_check(mm);
	mm_free(mm);
}

/* Neither zswap nor the device takes a page: it stays, and what needs memory is refused. */
static void nowhere_to_go(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.max = MAX, .disk_only = true});
	unsigned long at = mm_map(mm, SET, RW);
	uint64_t word = 1;
	unsigned i, n;

	fault_io_kind = FAULT_IO_EIO;
	fault_inject_share(&fault_inject_io, 1000000, 1, NULL);
	for (n = 0; n < SET && !mm_write(mm, at + PAGES(n), &word, sizeof(word)); n++)
		;
	assert_true(n > 0 && n < SET);
	assert_int_equal(mm_write(mm, at + PAGES(n), &word, sizeof(word)), -ENOMEM);
	assert_int_equal(mm_stats_of(mm).rss + mm_stats_of(mm).swapped, n);
	assert_true(mm_stats_of(mm).events[MM_OOM] > 0);
	mm_check(mm);
	fault_inject_stop(&fault_inject_io);
	for (i = 0; i < SET; i++)
		page_put(mm, at + PAGES(i), i);
	for (i = 0; i < SET; i++)
		page_expect(mm, at + PAGES(i), i);
	mm_check(mm);
	mm_free(mm);
}

/* What another worker has charged ahead is asked for before memory is refused; it comes with that one's next
 * charge. */
static void stocks_are_asked_for(void **state)
{
	struct mm *mm =
		mm_swapping(*state, &(struct swap_case){.max = PAGES(100), .disk_only = true});
	unsigned long at = mm_map(mm, SET, RW);
	uint64_t word = 1;
	unsigned n;

	arch_slot_enter(1);
	page_put(mm, at, 0); /* and 63 in the stock */
	arch_slot_enter(0);
	fault_io_kind = FAULT_IO_EIO;
	fault_inject_share(&fault_inject_io, 1000000, 1, NULL);
	for (n = 1; n < SET && !mm_write(mm, at + PAGES(n), &word, sizeof(word)); n++)
		;
	assert_int_equal(n, 1 + 100 - 64);
	arch_slot_enter(1);
	assert_int_equal(mm_write(mm, at + PAGES(n++), &word, sizeof(word)), 0);
	arch_slot_enter(0);
	while (n < 100)
		assert_int_equal(mm_write(mm, at + PAGES(n++), &word, sizeof(word)), 0);
	assert_int_equal(mm_write(mm, at + PAGES(n), &word, sizeof(word)), -ENOMEM);
	fault_inject_stop(&fault_inject_io);
	mm_check(mm);
	mm_free(mm);
}

/* No slot is free: the same, until there is room again. */
static void swap_is_full(void **state)
{
	struct mm *mm = mm_swapping(*state, &(struct swap_case){.max = MAX, .swap = PAGES(32)});
	struct swap_slots *slots = &mm_swap_area(mm)->slots;
	unsigned long at = mm_map(mm, SET, RW);
	uint64_t word = 1;
	unsigned i, n;

	for (n = 0; n < SET && !mm_write(mm, at + PAGES(n), &word, sizeof(word)); n++)
		;
	assert_true(n >= MAX / PAGE_SIZE && n < SET);
	assert_int_equal(mm_write(mm, at + PAGES(n), &word, sizeof(word)), -ENOMEM);
	assert_int_equal(swap_slots_used(slots), slots->nr);
	assert_true(mm_stats_of(mm).events[MM_SWAP_OUT_FAIL] > 0);
	mm_check(mm);
	/* To read one back takes a frame, and for that a slot. */
	assert_int_equal(mm_madvise_dontneed(mm, at, PAGES(8)), 0);
	for (i = 8; i < n; i++) {
		assert_int_equal(mm_read(mm, at + PAGES(i), &word, sizeof(word)), 0);
		assert_int_equal(word, 1);
	}
	mm_check(mm);
	mm_free(mm);
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"each failure loses nothing", each_failure_loses_nothing, false},
		{"many failures lose nothing", many_failures_lose_nothing, false},
		{"errors reach the reader", errors_reach_the_reader, false},
		{"nowhere to go", nowhere_to_go, false},
		{"stocks are asked for", stocks_are_asked_for, false},
		{"swap is full", swap_is_full, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
