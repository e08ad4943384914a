/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rwsem_spin: optimistic spinning of rwsem writers, for rwsem_slow.c only. */
#ifndef PFT_BASE_RWSEM_SPIN_H
#define PFT_BASE_RWSEM_SPIN_H

#include "pft/base/rwsem.h"

/* What a spinner saw of the owner. */
enum rwsem_owner {
	RWSEM_OWNER_NULL, /* nobody: the owner is just leaving, or the lock is free */
	RWSEM_OWNER_WRITER, /* another writer than before */
	RWSEM_OWNER_READER,
	RWSEM_OWNER_NONSPINNABLE, /* stop: asleep, nonspinnable, or spun for too long */
};

/* rwsem_spin_on_owner(): spin while one writer owns the lock and runs; says why it ended. */
enum rwsem_owner rwsem_spin_on_owner(struct rw_semaphore *sem, struct spin_limit *limit);

/* rwsem_can_spin_on_owner() and rwsem_optimistic_spin(): try to steal the lock without being queued.
 * True: the caller holds it for writing. */
bool rwsem_optimistic_spin(struct rw_semaphore *sem, enum rwsem_class class);

/* Whether spinning is on: rwsem_set_spin(). */
bool rwsem_spin_is_on(void);

/* Readers have held the lock for too long: writers stop spinning on it. */
void rwsem_set_nonspinnable(struct rw_semaphore *sem);

/* The readers are gone: undo it. */
void rwsem_clear_nonspinnable(struct rw_semaphore *sem);

#endif
