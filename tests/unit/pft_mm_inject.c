/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every allocation of every operation fails once: -ENOMEM reaches the caller, the mm stays sound, a
 * second try works, and nothing is lost when the mm ends. */
#include <errno.h>

#include "pft/base/slab.h"
#include "pft/base/frame.h"
#include "pft/mm/pgtable.h"
#include "tests/unit/pft_mm_fixture.h"

#define ARENA (4UL << 20)

struct kind {
	const char *name;
	struct fault_inject *inject;
};

static const struct kind kinds[] = {
	{"slab", &fault_inject_slab},
	{"frame", &fault_inject_frame},
	{"page table", &fault_inject_pgtable},
};

/* An operation on a mapping of 16 pages at MM_MIDDLE of which every other page is there. */
struct operation {
	const char *name;
	int (*fn)(struct mm *mm);
	unsigned least; /* allocations that it is known to need */
};

static int do_mmap(struct mm *mm)
{
	unsigned long address;

	return mm_mmap(mm, PAGES(4), MM_READ, 0, &address);
}

static int do_mmap_fixed(struct mm *mm)
{
	return mm_mmap_fixed(mm, MM_MIDDLE + PAGES(4), PAGES(4), MM_READ, 0);
}

static int do_mmap_merge(struct mm *mm)
{
	return mm_mmap_fixed(mm, MM_MIDDLE + PAGES(16), PAGES(4), RW, 0);
}

static int do_munmap(struct mm *mm)
{
	return mm_munmap(mm, MM_MIDDLE + PAGES(4), PAGES(4));
}

static int do_mprotect(struct mm *mm)
{
	return mm_mprotect(mm, MM_MIDDLE + PAGES(4), PAGES(4), MM_READ);
}

static int do_dontneed(struct mm *mm)
{
	return mm_madvise_dontneed(mm, MM_MIDDLE, PAGES(16));
}

static int do_fault(struct mm *mm)
{
	return mm_fault(mm, MM_MIDDLE + PAGES(1), true);
}

/* In a VMA and a table of its own. */
static int do_first_fault(struct mm *mm)
{
	unsigned long address = MM_MIDDLE << 1;
	int rc = mm_mmap_fixed(mm, address, PAGES(1), RW, 0);

	return rc ? rc : mm_fault(mm, address, true);
}

static int do_fork(struct mm *mm)
{
	struct mm *child;
	int rc = mm_fork(mm, &child);

	if (!rc)
		mm_free(child);
	return rc;
}

static int do_copy_on_write(struct mm *mm)
{
	unsigned char byte = 77, seen = 0;
	struct mm *child;
	int rc = mm_fork(mm, &child);

	if (rc)
		return rc;
	rc = mm_write(child, MM_MIDDLE, &byte, 1);
	mm_check(mm);
	mm_free(child);
	assert_int_equal(mm_read(mm, MM_MIDDLE, &seen, 1), 0);
	assert_int_equal(seen, 1);
	return rc;
}

static const struct operation operations[] = {
	{"mmap", do_mmap, 2},
	{"mmap fixed", do_mmap_fixed, 3},
	{"mmap merged", do_mmap_merge, 1},
	{"munmap", do_munmap, 3},
	{"mprotect", do_mprotect, 3},
	{"dontneed", do_dontneed, 0},
	{"fault", do_fault, 1},
	{"first fault", do_first_fault, 5},
	{"fork", do_fork, 5},
	{"copy on write", do_copy_on_write, 6},
};

static struct mm *make(const struct lock_design *design)
{
	struct mm *mm = mm_small(design, ARENA);
	unsigned i;

	mm_map_middle(mm, 16, RW);
	for (i = 0; i < 16; i += 2)
		mm_put(mm, MM_MIDDLE + PAGES(i), i + 1);
	return mm;
}

/* Let each allocation of one kind fail in turn; returns how many there were. */
static unsigned fail_each(const struct lock_design *design, const struct operation *operation,
			  const struct kind *kind)
{
	unsigned n;

	for (n = 1;; n++) {
		struct mm *mm = make(design);
		int rc;

		fault_inject_nth(kind->inject, n, NULL);
		rc = operation->fn(mm);
		if (!fault_inject_stop(kind->inject)) {
			assert_int_equal(rc, 0);
			mm_free(mm);
			return n - 1;
		}
		mm_check(mm);
		if (rc != -ENOMEM && rc != 0)
			fail_msg("%s: %s %u: %d", operation->name, kind->name, n, rc);
		/* A merge that fails for memory is made up for by a VMA of its own. */
		if (!rc && operation->fn != do_mmap_merge && operation->fn != do_mprotect)
			fail_msg("%s: %s %u was not missed", operation->name, kind->name, n);
		assert_int_equal(operation->fn(mm), 0);
		mm_check(mm);
		mm_free(mm);
	}
}

static void failures_reach_the_caller(void **state)
{
	unsigned i, k, nr;

	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		nr = 0;
		for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			nr += fail_each(*state, &operations[i], &kinds[k]);
		if (nr < operations[i].least)
			fail_msg("%s: only %u allocations", operations[i].name, nr);
	}
}

/* An mm that cannot be made leaves nothing behind. */
static void making_fails(void **state)
{
	struct mm_options options = MM_OPTIONS_INIT;
	struct mm *mm;
	unsigned k, n;
	int rc;

	options.design = *state;
	options.arena = ARENA;
	options.prefault = false;
	for (k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		for (n = 1;; n++) {
			struct why why = WHY_INIT;

			fault_inject_nth(kinds[k].inject, n, NULL);
			rc = mm_new(&mm, &options, &why);
			if (!fault_inject_stop(kinds[k].inject))
				break;
			assert_int_equal(rc, -ENOMEM);
			assert_true(*why.text);
		}
		assert_int_equal(rc, 0);
		mm_free(mm);
	}
}

int main(void)
{
	static const struct mm_test tests[] = {
		{"failures reach the caller", failures_reach_the_caller, false},
		{"making an mm fails", making_fails, false},
	};
	int rc = mm_run_tests(tests, sizeof(tests) / sizeof(*tests));

	engine_exit();
	return rc;
}
