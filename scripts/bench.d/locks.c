/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times each lock design's uncontended read lock and unlock beside one relaxed load and the fewest
 * atomics that could do its work, written by hand; and the whole of lock_fault_begin() and _end()
 * with a lookup that costs nothing: interleaved, medians of repeats.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "pft/base/rcu.h"
#include "pft/locks/layouts_mm.h"
#include "pft/locks/vma_ref.h"
#include "pft/locks/vma_rwsem.h"

#define REPEATS 301
#define PASSES	10000

/* The mm and the one VMA of the design in turn, and the hand-written lock beside it. */
static struct lock_mm mm;
static struct vma *vma;
static struct {
	uint32_t mm_seq __attribute__((aligned(ARCH_PAIR)));
	uint32_t seq __attribute__((aligned(ARCH_PAIR)));
	int64_t count __attribute__((aligned(ARCH_PAIR)));
	int32_t refcnt __attribute__((aligned(ARCH_PAIR)));
} hand = {.seq = 1, .refcnt = 1};

#define LOAD(p)		 __atomic_load_n((p), __ATOMIC_RELAXED)
#define ADD(p, n, order) __atomic_fetch_add((p), (n), __ATOMIC_##order)
#define CAS(p, old, new, order) \
	__atomic_compare_exchange_n((p), (old), (new), false, __ATOMIC_##order, __ATOMIC_RELAXED)

/* A function @name that runs its body PASSES times: no call is timed. */
#define TIMED(name, ...) \
	static void name(void) \
	{ \
		for (unsigned pass = 0; pass < PASSES; pass++) { \
			__VA_ARGS__ \
		} \
	}

/* What no design can do without: a look at the number, and the reader into and out of the count,
 * whose old value has to be loaded. */
TIMED(hand_mmap, int64_t old = LOAD(&hand.count);
      if (CAS(&hand.count, &old, old + 256, ACQUIRE)) ADD(&hand.count, -256, RELEASE);)
TIMED(hand_rwsem, int64_t old = LOAD(&hand.count);
      if (LOAD(&hand.seq) && CAS(&hand.count, &old, old + 256, ACQUIRE))
	      ADD(&hand.count, -256, RELEASE);)
TIMED(hand_ref, int32_t old = LOAD(&hand.refcnt);
      if (LOAD(&hand.seq) && CAS(&hand.refcnt, &old, old + 1, ACQUIRE))
	      ADD(&hand.refcnt, -1, RELEASE);)
/* The number, under RCU a lookup (here and in ours a call) and a copy of the VMA, the number again.
 */
TIMED(hand_spf, uint64_t copy[19]; uint32_t start = __atomic_load_n(&hand.mm_seq, __ATOMIC_ACQUIRE);
      rcu_read_lock(); const uint64_t *from = (const uint64_t *)mm.find(&mm, 0);
      for (unsigned i = 0; i < 19; i++) copy[i] = LOAD(&from[i]); rcu_read_unlock();
      __asm__ __volatile__("" ::"r"(copy)
			   : "memory");
      if (LOAD(&hand.mm_seq) != start) abort();)

static const struct vma_rwsem_layout embedded = {&vma_layout_6_4_embedded, &mm_layout_6_12, false};
static const struct vma_rwsem_layout split = {&vma_layout_6_12, &mm_layout_6_12, true};
static const struct vma_rwsem_layout aligned = {&vma_layout_rfc, &mm_layout_6_12, false};
static const struct vma_ref_layout refcnt = {&vma_layout_6_18, &mm_layout_6_18};
static const struct vma_ref_layout near_seq = {&vma_layout_near_seq, &mm_layout_6_18};

TIMED(our_mmap, if (lock_mmap_read_trylock(&mm)) lock_mmap_read_unlock(&mm);)
TIMED(our_embedded, if (vma_rwsem_start_read(vma, &embedded)) vma_rwsem_end_read(vma, &embedded);)
TIMED(our_split, if (vma_rwsem_start_read(vma, &split)) vma_rwsem_end_read(vma, &split);)
TIMED(our_aligned, if (vma_rwsem_start_read(vma, &aligned)) vma_rwsem_end_read(vma, &aligned);)
TIMED(our_refcnt, if (!vma_ref_start_read(&mm, vma, &refcnt)) vma_ref_put(vma, &refcnt);)
TIMED(our_near_seq, if (!vma_ref_start_read(&mm, vma, &near_seq)) vma_ref_put(vma, &near_seq);)
TIMED(our_spf, struct fault fault; fault.mm = &mm; fault.address = 0;
      if (!mm.fault_try(&fault) || !lock_fault_commit(&fault)) abort();)

TIMED(whole, struct fault fault; fault.mm = &mm; fault.address = 0;
      if (lock_fault_begin(&fault)) abort(); lock_fault_end(&fault);)

static const struct row {
	const char *design;
	void (*hand)(void);
	void (*ours)(void);
} rows[] = {
	{"mmap-lock", hand_mmap, our_mmap},
	{"spf", hand_spf, our_spf},
	{"vma-rwsem-embedded", hand_rwsem, our_embedded},
	{"vma-rwsem-split", hand_rwsem, our_split},
	{"vma-rwsem-split-aligned", hand_rwsem, our_split},
	{"vma-rwsem-aligned", hand_rwsem, our_aligned},
	{"vma-refcnt", hand_ref, our_refcnt},
	{"vma-refcnt-near-seq", hand_ref, our_near_seq},
	{"none", NULL, NULL},
};

static struct vma *find_it(struct lock_mm *unused, unsigned long address)
{
	(void)unused;
	(void)address;
	return vma;
}

static double time_once(void (*fn)(void))
{
	uint64_t start = now_ns();

	fn();
	return (double)(now_ns() - start) / PASSES;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *ns)
{
	qsort(ns, REPEATS, sizeof(*ns), by_value);
	return ns[REPEATS / 2];
}

static void time_row(const struct row *row)
{
	static double by_hand[REPEATS], ours[REPEATS], all[REPEATS];
	double h, o;

	for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
		by_hand[repeat] = row->hand ? time_once(row->hand) : 0;
		ours[repeat] = row->ours ? time_once(row->ours) : 0;
		all[repeat] = time_once(whole);
	}
	h = median(by_hand);
	o = median(ours);
	if (row->hand)
		printf("%-26s %9.2f %9.2f %6.2f", row->design, h, o, o / h);
	else
		printf("%-26s %9s %9s %6s", row->design, "-", "-", "-");
	printf(" %12.2f\n", median(all));
}

static void time_design(const struct row *row)
{
	struct lock_options options = {.vma_class = -1, .rwsem_spin = true};
	const struct lock_design *design = lock_design_find(row->design);
	struct lock_domain domain;
	struct why why = WHY_INIT;

	if (lock_domain_init(&domain, design, &options, &why) ||
	    lock_mm_init(&mm, &domain, find_it))
		die(EXIT_FAILED, "cannot time '%s': %s", row->design, why.text);
	vma = lock_vma_new(&mm, 0, 4096);
	lock_mmap_write(&mm);
	lock_vma_start_write(&mm, vma);
	lock_vma_mark_attached(&mm, vma);
	lock_mmap_write_unlock(&mm);
	rcu_read_lock();
	time_row(row);
	rcu_read_unlock();
	lock_mmap_write(&mm);
	lock_vma_start_write(&mm, vma);
	lock_vma_mark_detached(&mm, vma);
	lock_mmap_write_unlock(&mm);
	lock_vma_free(&mm, vma);
	lock_mm_release(&mm);
	if (lock_domain_release(&domain, &why))
		die(EXIT_FAILED, "%s: %s", row->design, why.text);
}

int main(void)
{
	rcu_register_thread();
	__asm__ __volatile__("" ::"r"(&hand), "r"(&vma), "r"(&mm) : "memory");
	printf("%-26s %9s %9s %6s %12s\n", "read lock + unlock", "hand, ns", "ours, ns", "ratio",
	       "begin + end");
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		time_design(&rows[i]);
	rcu_unregister_thread();
	check_stdout();
	return 0;
}
