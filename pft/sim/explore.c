/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/explore.h"

#include <errno.h>
#include <string.h>

#include "common/rng.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/base/spinlock.h"
#include "pft/locks/lock.h"
#include "pft/sim/model.h"
#include "pft/sim/schedule.h"

#define PAGES	 4
#define PAGE	 4096UL
#define FAULTERS 2
#define FAULTS	 10 /* of each */
#define WRITES	 8 /* of the writer */
#define STEPS	 1500 /* accesses of a run, about: among them are the preemptions */

/* A small mm: an array in place of the index, a lock and a PTE for each page. */
struct small_mm {
	struct lock_mm lock; /* first: find() gets it */
	struct vma *index[PAGES]; /* read under RCU */
	struct spinlock ptl[PAGES] __attribute__((aligned(ARCH_PAIR))); /* guards the PTE */
	uint64_t pte[PAGES]; /* the number of the VMA that was faulted in, or 0 */
} __attribute__((aligned(ARCH_PAIR)));

static struct {
	struct lock_domain domain;
	struct small_mm mms[2];
	uint64_t numbers; /* VMAs ever made */
	const char *broken; /* the first promise that was */
	uint64_t seed;
} all;

#define promise(condition) \
	do { \
		if (!(condition) && !all.broken) \
			all.broken = #condition; \
	} while (0)

static struct vma *find(struct lock_mm *lock, unsigned long address)
{
	struct small_mm *mm = (struct small_mm *)lock;

	return address < PAGES * PAGE ? rcu_dereference(mm->index[address / PAGE]) : NULL;
}

/* Two fields that a writer changes one after the other, and the VMA's number. */
static unsigned long *first_field(const struct lock_mm *mm, struct vma *vma)
{
	return layout_at(vma, mm->design->vma->vm_pgoff, unsigned long);
}

static unsigned long *last_field(const struct lock_mm *mm, struct vma *vma)
{
	return layout_at(vma, mm->design->vma->vm_page_prot, unsigned long);
}

static uint64_t *number_of(const struct lock_mm *mm, struct vma *vma)
{
	return layout_at(vma, mm->design->vma->vm_file, uint64_t);
}

/* The fault holds @vma, or a copy that is looked at again: set the PTE. False: it has to begin anew. */
static bool commit(struct small_mm *mm, struct fault *fault)
{
	struct lock_mm *lock = &mm->lock;
	unsigned page = (unsigned)(fault->address / PAGE);
	struct vma *vma = fault->vma;
	unsigned long last = arch_read_once(last_field(lock, vma));
	unsigned long first = arch_read_once(first_field(lock, vma));
	struct lock_mm *owner =
		arch_read_once(layout_at(vma, lock->design->vma->vm_mm, struct lock_mm *));
	uint64_t number = arch_read_once(number_of(lock, vma));
	unsigned long start = lock_vma_start(lock, vma), end = lock_vma_end(lock, vma);
	bool good;

	spin_lock(&mm->ptl[page]);
	good = lock_fault_commit(fault);
	if (good) {
		promise(first == last);
		promise(owner == lock);
		promise(fault->address >= start && fault->address < end);
		mm->pte[page] = number;
	}
	spin_unlock(&mm->ptl[page]);
	return good;
}

static void fault_at(struct small_mm *mm, unsigned long address)
{
	struct fault fault = {.mm = &mm->lock, .address = address};
	int rc = lock_fault_begin(&fault);

	while (!rc && !commit(mm, &fault))
		rc = lock_fault_fallback(&fault);
	if (!rc)
		lock_fault_end(&fault);
	else
		promise(rc == -EFAULT);
}

static void map(struct small_mm *mm, unsigned page)
{
	struct vma *vma = lock_vma_new(&mm->lock, page * PAGE, (page + 1) * PAGE);

	spin_lock(&mm->ptl[page]);
	promise(mm->pte[page] == 0);
	spin_unlock(&mm->ptl[page]);
	arch_write_once(number_of(&mm->lock, vma), ++all.numbers);
	lock_vma_start_write(&mm->lock, vma);
	lock_vma_mark_attached(&mm->lock, vma);
	rcu_assign_pointer(mm->index[page], vma);
}

/* munmap() with mmap_lock downgraded; it is released here. */
static void unmap(struct small_mm *mm, unsigned page)
{
	struct vma *vma = mm->index[page];

	lock_vma_start_write(&mm->lock, vma);
	lock_vma_mark_detached(&mm->lock, vma);
	rcu_assign_pointer(mm->index[page], NULL);
	lock_mmap_downgrade(&mm->lock);
	spin_lock(&mm->ptl[page]);
	mm->pte[page] = 0;
	spin_unlock(&mm->ptl[page]);
	lock_vma_free(&mm->lock, vma);
	lock_mmap_read_unlock(&mm->lock);
}

static void change(struct small_mm *mm, struct vma *vma)
{
	unsigned long next = arch_read_once(first_field(&mm->lock, vma)) + 1;

	lock_vma_start_write(&mm->lock, vma);
	arch_write_once(first_field(&mm->lock, vma), next);
	arch_write_once(last_field(&mm->lock, vma), next);
}

static void write_once(struct rng *rng)
{
	struct small_mm *mm = &all.mms[rng_below(rng, 2)];
	unsigned page = (unsigned)rng_below(rng, PAGES);

	lock_mmap_write(&mm->lock);
	if (!mm->index[page]) {
		map(mm, page);
	} else if (rng_below(rng, 2)) {
		change(mm, mm->index[page]);
	} else {
		unmap(mm, page);
		return;
	}
	lock_mmap_write_unlock(&mm->lock);
}

/* The slot of a worker; the writer has the last. */
static void work(void *arg)
{
	unsigned slot = (unsigned)(uintptr_t)arg;
	struct rng rng;

	rng_init(&rng, all.seed * 64 + slot);
	arch_slot_enter(slot);
	rcu_register_thread();
	if (slot <= FAULTERS)
		for (unsigned i = 0; i < FAULTS; i++)
			fault_at(&all.mms[rng_below(&rng, 2)], rng_below(&rng, PAGES) * PAGE);
	else
		for (unsigned i = 0; i < WRITES; i++)
			write_once(&rng);
	rcu_unregister_thread();
}

static void set_up(const struct lock_design *design)
{
	const struct lock_options options = {.vma_class = -1, .rwsem_spin = true};
	struct why why = WHY_INIT;

	if (node_memory_init(1, &why) || lock_domain_init(&all.domain, design, &options, &why))
		BUG("%s", why.text);
	for (unsigned i = 0; i < 2; i++) {
		if (lock_mm_init(&all.mms[i].lock, &all.domain, find))
			BUG("no memory for an mm");
		lock_mmap_write(&all.mms[i].lock);
		for (unsigned page = 0; page < PAGES; page += 2)
			map(&all.mms[i], page);
		lock_mmap_write_unlock(&all.mms[i].lock);
	}
}

static void take_down(void)
{
	struct why why = WHY_INIT;

	for (unsigned i = 0; i < 2; i++) {
		struct small_mm *mm = &all.mms[i];

		for (unsigned page = 0; page < PAGES; page++) {
			promise(mm->index[page] || !mm->pte[page]);
			if (!mm->index[page])
				continue;
			lock_mmap_write(&mm->lock);
			unmap(mm, page);
		}
		lock_mm_release(&mm->lock);
	}
	if (lock_domain_release(&all.domain, &why) && !all.broken)
		BUG("%s", why.text);
}

struct exploration {
	const struct lock_design *design;
	unsigned preemptions;
};

static void explore(void *arg)
{
	const struct exploration *e = arg;
	struct vcpu *workers[FAULTERS + 1];

	arch_slot_enter(0);
	set_up(e->design);
	for (uintptr_t i = 0; i <= FAULTERS; i++)
		workers[i] = vcpu_start(-1, work, (void *)(i + 1));
	schedule_start(all.seed, e->preemptions, STEPS);
	for (unsigned i = 0; i <= FAULTERS; i++)
		vcpu_join(workers[i]);
	schedule_stop();
	take_down();
}

int explore_locks(const struct lock_design *design, uint64_t seed, unsigned preemptions,
		  struct why *why)
{
	/* Where nothing costs anything. */
	const struct machine machine = {
		.name = "none",
		.sockets = 1,
		.cores = 1,
		.threads = 1,
		.llc_cores = 1,
		.nodes = 1,
		.l1.ways = 1,
		.l2.ways = 1,
		.llc.ways = 1,
	};
	struct exploration e = {design, preemptions};

	model_init(&machine);
	all.seed = seed;
	vcpus_run(explore, &e);
	return all.broken ? why_not(why, EPROTO, "not: %s", all.broken) : 0;
}
