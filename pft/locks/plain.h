/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain: the ops of designs that keep no lock in their VMAs. */
#ifndef PFT_LOCKS_PLAIN_H
#define PFT_LOCKS_PLAIN_H

#include <stdbool.h>

#include "pft/locks/lock.h"

/* Nothing to set up or tear down. */
int plain_init(struct lock_mm *mm, struct vma *vma);
void plain_destroy(struct lock_domain *domain, struct vma *vma);

/* mmap_lock says it all. */
void plain_write_locked(struct lock_mm *mm);
void plain_write_unlocking(struct lock_mm *mm);
void plain_vma_op(struct lock_mm *mm, struct vma *vma);

/* Whether the caller holds mmap_lock for write. */
bool plain_vma_write_locked(struct lock_mm *mm, struct vma *vma);

#endif
