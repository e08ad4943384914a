/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "pft/locks/design.h"

extern const struct lock_design lock_none, lock_mmap_lock, lock_spf, lock_vma_rwsem_embedded,
	lock_vma_rwsem_split, lock_vma_rwsem_split_aligned, lock_vma_rwsem_aligned, lock_vma_refcnt,
	lock_vma_refcnt_near_seq;

/* In the order of their history. */
const struct lock_design *const lock_designs[] = {
	&lock_none,
	&lock_mmap_lock,
	&lock_spf,
	&lock_vma_rwsem_embedded,
	&lock_vma_rwsem_split,
	&lock_vma_rwsem_split_aligned,
	&lock_vma_rwsem_aligned,
	&lock_vma_refcnt,
	&lock_vma_refcnt_near_seq,
};
const unsigned nr_lock_designs = sizeof(lock_designs) / sizeof(*lock_designs);

const char *const lock_event_names[NR_LOCK_EVENTS] = {
	[VMA_LOCK_SUCCESS] = "vma_lock_success", [VMA_LOCK_ABORT] = "vma_lock_abort",
	[VMA_LOCK_MISS] = "vma_lock_miss",	 [VMA_LOCK_RETRY] = "vma_lock_retry",
	[MMAP_LOCK_FAST] = "mmap_lock_fast",	 [MMAP_LOCK_SLOW] = "mmap_lock_slow",
	[VMA_START_WRITE] = "vma_start_write",	 [VMA_WRITE_WAIT] = "vma_write_wait",
	[SPF_ATTEMPT] = "spf_attempt",		 [SPF_ABORT_ODD] = "spf_abort_odd",
	[SPF_ABORT_SEQ] = "spf_abort_seq",
};

const struct lock_design *lock_design_find(const char *name)
{
	unsigned i;

	for (i = 0; i < nr_lock_designs; i++)
		if (!strcmp(lock_designs[i]->name, name))
			return lock_designs[i];
	return NULL;
}
