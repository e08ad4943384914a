/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seqcount: the sequence rules of mm_lock_seq and mmap_seq, as macros over a pointer to an unsigned
 * integer of any size, because the eras differ in it: mm_lock_seq is an int, mmap_seq a long.
 *
 * Two rules. Writers are serialised by mmap_lock held for write in both.
 *
 * seqcount (mmap_seq of the speculative faults; mm_lock_seq from 6.14 on): odd while a writer is
 * inside. A reader that saw the same even number before and after saw no writer in between.
 *
 * counter (mm_lock_seq of 6.4 to 6.13): raised once, when the writer leaves, which unlocks at once all
 * VMAs whose vm_lock_seq equalled it. 6.4.0 did this with plain accesses; the release and acquire
 * here are what 6.5 (b1f02b95758d) made of it.
 */
#ifndef PFT_BASE_SEQCOUNT_H
#define PFT_BASE_SEQCOUNT_H

#include "pft/base/arch.h"

/*
 * do_raw_write_seqcount_begin(): the writer comes in, the number becomes odd. The barrier keeps the
 * stores that follow behind the odd number; pairs with the arch_rmb() of seqcount_retry(): a reader
 * that saw one of those stores sees a changed number.
 */
#define seqcount_write_begin(seq) \
	do { \
		arch_write_once((seq), arch_read_once(seq) + 1); \
		arch_wmb(); \
	} while (0)

/*
 * do_raw_write_seqcount_end(): the writer leaves, the number becomes even. Release: pairs with the
 * acquire of seqcount_begin(): a reader that starts from this number sees all that was written.
 */
#define seqcount_write_end(seq) arch_store_release((seq), arch_read_once(seq) + 1)

/* raw_read_seqcount(): the number; what is read after it is not older. */
#define seqcount_begin(seq) arch_load_acquire(seq)

/* Whether a writer was inside when @start was read: do not start (raw_seqcount_try_begin()). */
#define seqcount_odd(start) (((start) & 1) != 0)

/* read_seqcount_retry(): whether a writer came since @start. The barrier keeps the reads before it
 * in front of the look at the number; pairs with the arch_wmb() of seqcount_write_begin(). */
#define seqcount_retry(seq, start) \
	({ \
		arch_rmb(); \
		arch_read_once(seq) != (start); \
	})

/*
 * vma_end_write_all() of 6.5: raise the counter just before mmap_lock is released or downgraded.
 * Release: pairs with the acquire of seqcounter_read(): a reader that finds its VMA unlocked by the new
 * number sees all that was written to the VMA.
 */
#define seqcounter_end_write(seq) arch_store_release((seq), arch_read_once(seq) + 1)

/* The second look of vma_start_read(), under the VMA's lock. */
#define seqcounter_read(seq) arch_load_acquire(seq)

#endif
