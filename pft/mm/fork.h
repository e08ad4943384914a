/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fork: the beginning and the end of an mm, for mm.c and fork.c. */
#ifndef PFT_MM_FORK_H
#define PFT_MM_FORK_H

#include "pft/mm/mm_types.h"

/* mm_init(): an empty mm of @family, charged to @memcg, which may be NULL. 0 or -ENOMEM. */
int mm_alloc(struct mm_family *family, struct memcg *memcg, struct mm **mm);

/* exit_mmap(): unmap all, free all VMAs; the index and the tables are empty then. */
void mm_exit(struct mm *mm);

#endif
