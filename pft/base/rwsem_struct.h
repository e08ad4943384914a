/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rwsem_struct: the bytes of a rw_semaphore and what their bits say.
 *
 *	count	bit 0		a writer holds it
 *		bit 1		somebody is on wait_list
 *		bit 2		handoff: the first waiter is next, nobody may steal
 *		bits 8-62	readers, by 256
 *		bit 63		too many readers
 *	owner	bit 0		taken by a reader; it stays after the last one is gone
 *		bit 1		nonspinnable: readers held it for too long, writers do not spin
 *		bits 2-		(slot + 1) << 2 of the writer, or of the reader that came last; 0: nobody
 *
 * Reader bits alone do not make a lock reader-owned: readers add themselves before they look, and back
 * out again. It is if besides bit 0 of count is clear and bit 0 of owner is set.
 */
#ifndef PFT_BASE_RWSEM_STRUCT_H
#define PFT_BASE_RWSEM_STRUCT_H

#include <stddef.h>
#include <stdint.h>

#include "pft/base/list.h"
#include "pft/base/osq.h"
#include "pft/base/spinlock.h"

#define RWSEM_WRITER_LOCKED ((int64_t)1)
#define RWSEM_FLAG_WAITERS ((int64_t)2)
#define RWSEM_FLAG_HANDOFF ((int64_t)4)
#define RWSEM_READER_SHIFT 8
#define RWSEM_READER_BIAS ((int64_t)1 << RWSEM_READER_SHIFT)
#define RWSEM_FLAG_READFAIL INT64_MIN
#define RWSEM_READER_MASK (~(RWSEM_READER_BIAS - 1))
#define RWSEM_LOCK_MASK (RWSEM_WRITER_LOCKED | RWSEM_READER_MASK)
#define RWSEM_READ_FAILED_MASK \
	(RWSEM_WRITER_LOCKED | RWSEM_FLAG_WAITERS | RWSEM_FLAG_HANDOFF | RWSEM_FLAG_READFAIL)

#define RWSEM_READER_OWNED ((uint64_t)1)
#define RWSEM_NONSPINNABLE ((uint64_t)2)
#define RWSEM_OWNER_SHIFT 2

struct rw_semaphore {
	int64_t count;
	uint64_t owner;
	struct osq osq;
	struct spinlock wait_lock;
	struct list_head wait_list; /* of struct rwsem_waiter, first come first */
};
_Static_assert(sizeof(struct rw_semaphore) == 40, "the kernel's 40 bytes");
_Static_assert(offsetof(struct rw_semaphore, owner) == 8, "owner at 8");
_Static_assert(offsetof(struct rw_semaphore, osq) == 16, "osq at 16");
_Static_assert(offsetof(struct rw_semaphore, wait_lock) == 20, "wait_lock at 20");
_Static_assert(offsetof(struct rw_semaphore, wait_list) == 24, "wait_list at 24");

#endif
