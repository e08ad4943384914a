/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/locks/plain.h"

int plain_init(struct lock_mm *mm, struct vma *vma)
{
	(void)mm;
	(void)vma;
	return 0;
}

void plain_destroy(struct lock_domain *domain, struct vma *vma)
{
	(void)domain;
	(void)vma;
}

void plain_write_locked(struct lock_mm *mm)
{
	(void)mm;
}

void plain_write_unlocking(struct lock_mm *mm)
{
	(void)mm;
}

void plain_vma_op(struct lock_mm *mm, struct vma *vma)
{
	(void)mm;
	(void)vma;
}

bool plain_vma_write_locked(struct lock_mm *mm, struct vma *vma)
{
	(void)vma;
	return rwsem_held_write(lock_mmap_sem(mm));
}
