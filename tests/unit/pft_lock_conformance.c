/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every lock design promises (pft/locks/lock.h), under workers that fault, map, unmap, change,
 * grow and shrink in two mms that share their VMA objects:
 * - a fault that holds a VMA holds the one that covers the address in its mm, attached, and no
 * writer changes it meanwhile (ten increments, plain and atomic);
 * - no fault puts a PTE into a range after it was unmapped;
 * - a VMA that is always there is always found;
 * - writers get their turn, and the counters add up.
 */
#include "tests/unit/lock_mm_stub.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "common/rng.h"
#include "tests/unit/pft_workers.h"

#define REGIONS 64
#define FAULTS	12000
#define CHANGES 1500
#define ALWAYS	0 /* the page whose VMA is never unmapped */

static struct stress {
	struct lock_domain domain;
	struct stub_mm mms[2];
	struct region regions[REGIONS + 1]; /* number 0 stays free */
	uint32_t used[REGIONS + 1]; /* whether a region has a VMA */
	uint64_t faults, unmapped; /* faults begun, and ended with -EFAULT */
	uint64_t wrong; /* broken promises */
	const char *what; /* the last of them */
} s;

static void wrong(const char *what)
{
	arch_xadd_relaxed(&s.wrong, 1);
	arch_write_once(&s.what, what);
}

#define expect(condition) \
	do { \
		if (!(condition)) \
			wrong(#condition); \
	} while (0)

/* Let another worker in, now and then; never without @rng. */
static void pause_sometimes(struct rng *rng)
{
	if (rng && rng_below(rng, 16) == 0)
		sched_yield();
}

/* What is true of a VMA that is held, or of a copy that is checked afterwards. */
static void look_at(struct fault *fault, struct rng *rng)
{
	struct region *region = region_of(fault->mm, fault->vma);
	uint64_t held = 0;

	expect(fault->address >= lock_vma_start(fault->mm, fault->vma));
	expect(fault->address < lock_vma_end(fault->mm, fault->vma));
	expect(*layout_at(fault->vma, fault->mm->design->vma->vm_mm, struct lock_mm *) ==
	       fault->mm);
	expect(*layout_at(fault->vma, fault->mm->design->vma->vm_pgoff, unsigned long) % 10 == 0);
	if (fault->held == FAULT_SPECULATIVE)
		return;
	expect(region->alive);
	held = region->held;
	expect(held % 10 == 0);
	pause_sometimes(rng);
	expect(region->held == held);
	expect(arch_read_once(&region->tens) % 10 == 0);
}

/* Set the PTE as do_anonymous_page() does: commit under the PTE lock. False: speculation failed. */
static bool set_pte(struct stub_mm *mm, struct fault *fault, struct rng *rng)
{
	unsigned page = fault->address / PAGE;
	struct region *region = region_of(&mm->lock, fault->vma);
	uint64_t tens = arch_load_acquire(&region->tens);
	bool good;

	pause_sometimes(rng);
	spin_lock(&mm->ptl[page]);
	good = lock_fault_commit(fault);
	if (good) {
		expect(tens % 10 == 0);
		mm->pte[page] = region - s.regions;
	}
	spin_unlock(&mm->ptl[page]);
	return good;
}

/* Fault at @address of @mm; with @rng slowly, and with VM_FAULT_RETRY now and then. */
static void fault_at(struct stub_mm *mm, unsigned long address, struct rng *rng)
{
	struct fault fault = {.mm = &mm->lock, .address = address};
	int rc = lock_fault_begin(&fault);
	bool done = false;

	arch_xadd_relaxed(&s.faults, 1);
	while (!rc && !done) {
		look_at(&fault, rng);
		if (fault.held == FAULT_VMA && rng && rng_below(rng, 16) == 0)
			rc = lock_fault_fallback(&fault);
		else if (set_pte(mm, &fault, rng))
			done = true;
		else
			rc = lock_fault_fallback(&fault);
	}
	if (rc) {
		expect(rc == -EFAULT);
		expect(fault.address / PAGE != ALWAYS);
		arch_xadd_relaxed(&s.unmapped, 1);
		return;
	}
	lock_fault_end(&fault);
}

/* mprotect(): change what faults look at. */
static void change(struct stub_mm *mm, struct vma *vma, struct rng *rng)
{
	struct region *region = region_of(&mm->lock, vma);
	unsigned long *pgoff = layout_at(vma, mm->lock.design->vma->vm_pgoff, unsigned long);

	lock_vma_start_write(&mm->lock, vma);
	expect(lock_vma_write_locked(&mm->lock, vma));
	for (unsigned i = 0; i < 10; i++) {
		region->held++;
		arch_write_once(&region->tens, arch_read_once(&region->tens) + 1);
		arch_write_once(pgoff, arch_read_once(pgoff) + 1);
		if (i == 4)
			pause_sometimes(rng);
	}
}

/* __split_vma() without the other half: the last page goes, if there is one to spare. */
static struct vma *shrink(struct stub_mm *mm, struct vma *vma)
{
	unsigned long end = lock_vma_end(&mm->lock, vma), page = end / PAGE - 1;

	if (end - lock_vma_start(&mm->lock, vma) < 2 * PAGE)
		return NULL;
	lock_vma_start_write(&mm->lock, vma);
	arch_write_once(layout_at(vma, mm->lock.design->vma->vm_end, unsigned long), end - PAGE);
	rcu_assign_pointer(mm->index[page], NULL);
	spin_lock(&mm->ptl[page]);
	mm->pte[page] = 0;
	spin_unlock(&mm->ptl[page]);
	return vma;
}

/* A region without a VMA; the two mms have their own halves. */
static struct region *free_region(struct stub_mm *mm, struct rng *rng)
{
	unsigned half = (mm - s.mms) * (REGIONS / 2), i;

	do
		i = 1 + half + rng_below(rng, REGIONS / 2);
	while (s.used[i]);
	s.used[i] = 1;
	return &s.regions[i];
}

/* mmap() into the free pages from @page on. */
static void map(struct stub_mm *mm, unsigned page, struct rng *rng)
{
	unsigned end = page + 1;

	while (end < PAGES && !mm->index[end] && rng_below(rng, 2))
		end++;
	/* Under the PTE lock: a fault that is late looks there under it, too. */
	for (unsigned i = page; i < end; i++) {
		spin_lock(&mm->ptl[i]);
		expect(mm->pte[i] == 0);
		spin_unlock(&mm->ptl[i]);
	}
	stub_map(mm, page, end, free_region(mm, rng));
}

static void write_once(struct rng *rng)
{
	struct stub_mm *mm = &s.mms[rng_below(rng, 2)];
	unsigned page = rng_below(rng, PAGES), op = rng_below(rng, 4);
	struct vma *vma;

	lock_mmap_write(&mm->lock);
	vma = mm->index[page];
	if (!vma) {
		map(mm, page, rng);
	} else if (op == 0 || (page == ALWAYS && op != 1)) {
		change(mm, vma, rng);
	} else if (op == 1) {
		shrink(mm, vma);
	} else {
		stub_unmap(mm, vma);
		s.used[region_of(&mm->lock, vma) - s.regions] = 0;
		lock_mmap_downgrade(&mm->lock);
		pause_sometimes(rng);
		stub_zap(mm, vma);
		lock_mmap_read_unlock(&mm->lock);
		return;
	}
	pause_sometimes(rng);
	lock_mmap_write_unlock(&mm->lock);
}

static void fault_and_write(unsigned slot, void *arg)
{
	unsigned faults, writes = 0;
	struct rng rng;

	(void)arg;
	rng_init(&rng, slot);
	for (faults = 0; faults < FAULTS; faults++) {
		fault_at(&s.mms[rng_below(&rng, 2)], rng_below(&rng, PAGES * PAGE), &rng);
		if (writes < CHANGES && rng_below(&rng, FAULTS / CHANGES) == 0) {
			write_once(&rng);
			writes++;
		}
	}
}

/* Whether the counters add up after a run of @faults with as many -EFAULT as s.unmapped. */
static void check_counters(const struct lock_design *design)
{
	uint64_t n[NR_LOCK_EVENTS], under_mmap;

	for (unsigned i = 0; i < NR_LOCK_EVENTS; i++)
		n[i] = counted(&s.domain, i);
	under_mmap = n[MMAP_LOCK_FAST] + n[MMAP_LOCK_SLOW];
	/* A fault ends without mmap_lock, or goes through it once. */
	assert_int_equal(s.faults, n[VMA_LOCK_SUCCESS] + under_mmap);
	assert_true(under_mmap >= s.unmapped);
	if (!design->fault_try) {
		assert_int_equal(under_mmap, s.faults);
		return;
	}
	assert_int_equal(under_mmap, n[VMA_LOCK_ABORT] + n[VMA_LOCK_RETRY]);
	assert_true(n[VMA_LOCK_SUCCESS] > 0);
	if (design->flags & LD_SPECULATIVE) {
		assert_int_equal(n[SPF_ATTEMPT], s.faults);
		assert_true(n[SPF_ABORT_ODD] + n[SPF_ABORT_SEQ] <= n[VMA_LOCK_ABORT]);
	} else {
		assert_int_equal(n[SPF_ATTEMPT], 0);
	}
	if (design->flags & LD_PER_VMA)
		assert_true(n[VMA_START_WRITE] > 0);
	else
		assert_int_equal(n[VMA_START_WRITE] + n[VMA_LOCK_MISS], 0);
}

static void start_stress(const struct lock_design *design)
{
	memset(&s, 0, sizeof(s));
	stub_domain_init(&s.domain, design);
	for (unsigned i = 0; i < 2; i++) {
		struct rng rng;

		rng_init(&rng, i);
		stub_mm_init(&s.mms[i], &s.domain);
		lock_mmap_write(&s.mms[i].lock);
		stub_map(&s.mms[i], ALWAYS, ALWAYS + 1, free_region(&s.mms[i], &rng));
		lock_mmap_write_unlock(&s.mms[i].lock);
	}
}

static void stop_stress(void)
{
	stub_mm_release(&s.mms[0]);
	stub_mm_release(&s.mms[1]);
	stub_domain_release(&s.domain);
}

static void workers_are_kept_apart(void **state)
{
	const struct lock_design *design = *state;

	start_stress(design);
	workers_run(design->flags & LD_SINGLE ? 1 : 3, fault_and_write, NULL);
	if (s.wrong)
		fail_msg("%s: %u times not: %s", design->name, (unsigned)s.wrong, s.what);
	check_counters(design);
	stop_stress();
}

/* --- two pages, at full speed --- */

#define HOT    1 /* the page whose VMA object goes to and fro between the mms */
#define ROUNDS 20000

/* munmap() in one mm, mmap() in the other: from a typesafe slab the same object comes back at once.
 */
static void hand_over(struct stub_mm *from, struct stub_mm *to)
{
	struct vma *vma;

	lock_mmap_write(&from->lock);
	vma = from->index[HOT];
	stub_unmap(from, vma);
	stub_zap(from, vma);
	lock_mmap_write_unlock(&from->lock);
	lock_mmap_write(&to->lock);
	stub_map(to, HOT, HOT + 1, &s.regions[to == s.mms ? 1 + REGIONS / 4 : REGIONS]);
	lock_mmap_write_unlock(&to->lock);
}

static void write_hot(void)
{
	struct stub_mm *mm = &s.mms[0];

	lock_mmap_write(&mm->lock);
	stub_map(mm, HOT, HOT + 1, &s.regions[1 + REGIONS / 4]);
	lock_mmap_write_unlock(&mm->lock);
	/* The other one has begun. */
	while (arch_read_once(&s.faults) < 4)
		sched_yield();
	for (unsigned i = 0; i < ROUNDS; i++) {
		lock_mmap_write(&mm->lock);
		change(mm, mm->index[ALWAYS], NULL);
		lock_mmap_write_unlock(&mm->lock);
		hand_over(&s.mms[i % 2], &s.mms[!(i % 2)]);
	}
}

static uint32_t written;

static void fault_or_write_hot(unsigned slot, void *arg)
{
	unsigned page = 0;

	(void)arg;
	if (slot == 1) {
		write_hot();
		arch_store_release(&written, 1);
	}
	while (!arch_load_acquire(&written)) {
		fault_at(&s.mms[0], (page ? ALWAYS : HOT) * PAGE, NULL);
		page = !page;
	}
}

/* The narrow windows: between the look at the numbers and the lock, between lookup and lock. */
static void a_hot_vma_is_kept_apart(void **state)
{
	const struct lock_design *design = *state;

	start_stress(design);
	written = 0;
	workers_run(2, fault_or_write_hot, NULL);
	if (s.wrong)
		fail_msg("%s: %u times not: %s", design->name, (unsigned)s.wrong, s.what);
	check_counters(design);
	stop_stress();
}

/* --- starvation --- */

#define ENOUGH	 20 /* writes; three threads on two CPUs cost each some turns of the scheduler */
#define PATIENCE 200000000 /* faults of each worker that they may take: seconds */

static void fault_until_written(unsigned faults)
{
	struct fault fault = {.mm = &s.mms[0].lock, .address = ALWAYS * PAGE};

	while (faults-- && arch_load_acquire(&written) < ENOUGH) {
		if (faults % 64 == 0)
			arch_xadd_relaxed(&s.faults, 64);
		if (lock_fault_begin(&fault)) {
			wrong("the permanent VMA is found");
			return;
		}
		lock_fault_end(&fault);
	}
}

static void hammer(unsigned slot, void *arg)
{
	struct stub_mm *mm = &s.mms[0];
	uint64_t faults;

	(void)arg;
	if (slot > 1) {
		fault_until_written(PATIENCE);
		return;
	}
	while (arch_read_once(&written) < ENOUGH) {
		lock_mmap_write(&mm->lock);
		lock_vma_start_write(&mm->lock, mm->index[ALWAYS]);
		lock_mmap_write_unlock(&mm->lock);
		arch_store_release(&written, arch_read_once(&written) + 1);
		/* Until the faults have come back, or have run out. */
		faults = arch_read_once(&s.faults);
		while (arch_read_once(&s.faults) == faults && faults < PATIENCE && written < ENOUGH)
			sched_yield();
	}
}

/* The faults of two workers, hammering one VMA, do not run out before the writer has had its turns.
 */
static void writers_are_not_starved(void **state)
{
	const struct lock_design *design = *state;

	start_stress(design);
	written = 0;
	workers_run(3, hammer, NULL);
	assert_int_equal(written, ENOUGH);
	assert_int_equal(s.wrong, 0);
	assert_true(s.faults < PATIENCE);
	stop_stress();
}

/* --- the table --- */

static void the_table_is_complete(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		const struct lock_design *d = lock_designs[i];
		bool without = d->flags & (LD_PER_VMA | LD_SPECULATIVE | LD_SINGLE);

		assert_true(*d->name && strspn(d->name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
						strlen(d->name));
		assert_true(d->summary && *d->summary);
		assert_null(d->unavailable);
		assert_ptr_equal(lock_design_find(d->name), d);
		assert_true(d->vma && d->mm && d->vma_init && d->vma_destroy && d->write_locked &&
			    d->write_unlocking && d->vma_start_write && d->vma_mark_attached &&
			    d->vma_mark_detached && d->vma_write_locked);
		assert_int_equal(d->fault_try != NULL, without);
		assert_int_equal(d->fault_put != NULL, without);
		assert_int_equal(d->fault_commit != NULL, (d->flags & LD_SPECULATIVE) != 0);
		assert_true(d->vma->size <= sizeof(((struct fault *)NULL)->copy));
	}
	assert_non_null(lock_design_find("none"));
	assert_null(lock_design_find("non"));
	for (unsigned i = 0; i < NR_LOCK_EVENTS; i++)
		assert_non_null(lock_event_names[i]);
}

#define TESTS_MAX 64

/* What each design has to pass; one for a single worker only the first. */
static const struct CMUnitTest suite[] = {
	cmocka_unit_test(workers_are_kept_apart),
	cmocka_unit_test(a_hot_vma_is_kept_apart),
	cmocka_unit_test(writers_are_not_starved),
};

int main(void)
{
	struct CMUnitTest tests[TESTS_MAX] = {cmocka_unit_test(the_table_is_complete)};
	static char names[TESTS_MAX][80];
	unsigned nr = 1;

	/* A writer that is never woken hangs: red, not silent. */
	alarm(240);
	rcu_register_thread();
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		const struct lock_design *design = lock_designs[i];

		for (unsigned j = 0; j < (design->flags & LD_SINGLE ? 1 : 3); j++, nr++) {
			snprintf(names[nr], sizeof(*names), "%s: %s", design->name, suite[j].name);
			tests[nr] = suite[j];
			tests[nr].name = names[nr];
			tests[nr].initial_state = (void *)design;
		}
	}
	return _cmocka_run_group_tests("lock designs", tests, nr, NULL, NULL);
}
