/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map_ops: the writers of an mm (mm/vma.c, mm/mmap.c, mm/mprotect.c, mm/madvise.c of 6.12). */
#include "pft/mm/map_ops.h"

#include <errno.h>

#include "common/say.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/vma.h"
#include "pft/mm/vma_update.h"
#include "pft/mm/vma_walk.h"

/* Where mappings may lie: above mmap_min_addr, below the page before the end (TASK_SIZE). */
#define MAP_LOW	 0x10000UL
#define MAP_HIGH (PGTABLE_END - PAGE_SIZE)

static bool range_is_sound(unsigned long address, size_t length)
{
	return length && !(address % PAGE_SIZE) && !(length % PAGE_SIZE) && address >= MAP_LOW &&
	       length <= MAP_HIGH && address <= MAP_HIGH - length;
}

/* calc_vm_prot_bits(), calc_vm_flag_bits() */
static unsigned long flags_of(unsigned prot, unsigned flags)
{
	return (prot & MM_READ ? VM_READ : 0) | (prot & MM_WRITE ? VM_WRITE : 0) | VM_MAYACCESS |
	       (flags & MM_NO_MERGE ? VM_DONTEXPAND : 0);
}

/* The policy that flags of mm_mmap() ask for; false if there is no such node. */
static bool policy_of(struct mm *mm, unsigned flags, struct mempolicy **policy)
{
	unsigned node = flags >> 8;

	*policy = NULL;
	if (flags & MM_INTERLEAVE)
		*policy = &mm->family->policies[NODE_MEMORY_MAX];
	else if (node && node <= mm->family->nr_nodes)
		*policy = &mm->family->policies[node - 1];
	return node <= mm->family->nr_nodes && !(node && flags & MM_INTERLEAVE);
}

/* mmap_region(): nothing is there. */
static int map_free_range(struct mm *mm, unsigned long start, unsigned long end,
			  unsigned long flags, struct mempolicy *policy)
{
	if (vma_merge(mm, NULL, start, end, flags, policy))
		return 0;
	return vma_insert(mm, start, end, flags, policy);
}

int mm_mmap(struct mm *mm, size_t length, unsigned prot, unsigned flags, unsigned long *address)
{
	struct mempolicy *policy;
	int rc;

	if (!range_is_sound(MAP_LOW, length) || !policy_of(mm, flags, &policy))
		return -EINVAL;
	rc = lock_mmap_write_killable(&mm->lock);
	if (rc)
		return rc;
	rc = vma_index_empty_area_rev(&mm->index, MAP_LOW, MAP_HIGH, length, address);
	if (!rc)
		rc = map_free_range(mm, *address, *address + length, flags_of(prot, flags), policy);
	lock_mmap_write_unlock(&mm->lock);
	if (!rc)
		mm_event(mm, MM_MMAP);
	return rc;
}

int mm_mmap_fixed(struct mm *mm, unsigned long address, size_t length, unsigned prot,
		  unsigned flags)
{
	struct mempolicy *policy;
	struct detached detached;
	int rc;

	if (!range_is_sound(address, length) || !policy_of(mm, flags, &policy))
		return -EINVAL;
	rc = lock_mmap_write_killable(&mm->lock);
	if (rc)
		return rc;
	rc = detach_range(mm, address, address + length, &detached);
	if (!rc) {
		detached_unmap(mm, &detached);
		rc = map_free_range(mm, address, address + length, flags_of(prot, flags), policy);
	}
	lock_mmap_write_unlock(&mm->lock);
	if (!rc)
		mm_event(mm, MM_MMAP);
	return rc;
}

/* Split the VMA that reaches over @address, if one does. */
static int split_at(struct mm *mm, unsigned long address)
{
	struct vma *vma = vma_index_find(&mm->index, address);

	if (!vma || vma_start(mm, vma) == address)
		return 0;
	return vma_split(mm, vma, address) ? 0 : -ENOMEM;
}

static struct vma **link_of(const struct mm *mm, struct vma *vma)
{
	return layout_at(vma, mm->vma->vm_file, struct vma *);
}

int detach_range(struct mm *mm, unsigned long start, unsigned long end, struct detached *detached)
{
	struct vma_index_update update;
	struct vma_range range;
	struct vma_walk walk;
	struct vma *vma;
	unsigned removed = 0;
	int *map_count = mm_field(mm, map_count, int);

	*detached = (struct detached){.start = end, .end = end, .last_link = &detached->first};
	if (!vma_index_find_next(&mm->index, start, &range) || range.start >= end)
		return 0;
	if (split_at(mm, start) || split_at(mm, end) ||
	    vma_index_prepare(&update, &mm->index, start, end, NULL, 0))
		return -ENOMEM;
	vma_index_find_next(&mm->index, start, &range);
	detached->start = range.start;
	if (vma_index_find_prev(&mm->index, start, &range))
		detached->floor = range.end;
	if (vma_index_find_next(&mm->index, end, &range))
		detached->ceiling = range.start;
	vma_walk_init(&walk, &mm->index, start);
	while ((vma = vma_walk_next(&walk)) && vma_start(mm, vma) < end) {
		lock_vma_start_write(&mm->lock, vma);
		lock_vma_mark_detached(&mm->lock, vma);
		detached->end = vma_end(mm, vma);
		arch_write_once(link_of(mm, vma), (struct vma *)NULL);
		arch_write_once(detached->last_link, vma);
		detached->last_link = link_of(mm, vma);
		removed++;
	}
	vma_index_commit(&update);
	arch_write_once(map_count, *map_count - (int)removed);
	return 0;
}

void detached_unmap(struct mm *mm, struct detached *detached)
{
	struct gather gather;
	struct vma *vma, *next;

	if (!detached->first)
		return;
	gather_begin(&gather, mm);
	for (vma = detached->first; vma; vma = arch_read_once(link_of(mm, vma)))
		gather_zap(&gather, vma_start(mm, vma), vma_end(mm, vma));
	for (vma = detached->first; vma; vma = arch_read_once(link_of(mm, vma)))
		anon_vma_unlink(mm, vma);
	pgtable_free_range(&mm->tables, detached->start, detached->end, detached->floor,
			   detached->ceiling);
	mm_event(mm, MM_TABLES_FREED);
	gather_finish(&gather);
	for (vma = detached->first; vma; vma = next) {
		next = arch_read_once(link_of(mm, vma));
		vma_store(mm, vma, vm_file, struct vma *, NULL);
		vma_free(mm, vma);
	}
}

int mm_munmap(struct mm *mm, unsigned long address, size_t length)
{
	struct detached detached;
	int rc;

	if (!range_is_sound(address, length))
		return -EINVAL;
	rc = lock_mmap_write_killable(&mm->lock);
	if (rc)
		return rc;
	rc = detach_range(mm, address, address + length, &detached);
	if (rc || !detached.first) {
		lock_mmap_write_unlock(&mm->lock);
	} else {
		/* Faults elsewhere go on while this one zaps. */
		lock_mmap_downgrade(&mm->lock);
		detached_unmap(mm, &detached);
		lock_mmap_read_unlock(&mm->lock);
	}
	if (!rc)
		mm_event(mm, MM_MUNMAP);
	return rc;
}

/* vma_modify_flags(): see to it that one VMA with @flags has [@start, @end), which @vma has a part
 * for. NULL if memory is short. */
static struct vma *modify_flags(struct mm *mm, struct vma *vma, unsigned long start,
				unsigned long end, unsigned long flags)
{
	struct vma *merged = vma_merge(mm, vma, start, end, flags, vma_policy(mm, vma));

	if (merged)
		return merged;
	if (vma_start(mm, vma) < start) {
		vma = vma_split(mm, vma, start);
		if (!vma)
			return NULL;
	}
	if (end < vma_end(mm, vma) && !vma_split(mm, vma, end))
		return NULL;
	lock_vma_start_write(&mm->lock, vma);
	vma_set_flags(mm, vma, flags);
	return vma;
}

/* mprotect_fixup(): the part [@start, @end) of @vma. Adds the PTEs that changed to *@changed. */
static int protect_part(struct mm *mm, struct vma *vma, unsigned long start, unsigned long end,
			unsigned long access, unsigned long *changed)
{
	unsigned long old = vma_flags(mm, vma), flags = (old & ~VM_ACCESS) | access;
	uint64_t set = 0, clear = 0;

	if (flags == old)
		return 0;
	if (!modify_flags(mm, vma, start, end, flags))
		return -ENOMEM;
	/* The right to write comes back page by page, by faults: a page may be shared. */
	if (!(access & VM_WRITE))
		clear |= PTE_WRITE;
	if (!access)
		set |= PTE_NOACCESS;
	else
		clear |= PTE_NOACCESS;
	*changed += pgtable_protect(&mm->tables, start, end, set, clear);
	return 0;
}

int mm_mprotect(struct mm *mm, unsigned long address, size_t length, unsigned prot)
{
	unsigned long access = flags_of(prot, 0) & VM_ACCESS, changed = 0;
	unsigned long at = address, next, end = address + length;
	int rc;

	if (!range_is_sound(address, length))
		return -EINVAL;
	rc = lock_mmap_write_killable(&mm->lock);
	if (rc)
		return rc;
	mm_switch(mm);
	for (; !rc && at < end; at = next) {
		struct vma *vma = vma_index_find(&mm->index, at);

		if (!vma) {
			rc = -ENOMEM;
			break;
		}
		next = vma_end(mm, vma) < end ? vma_end(mm, vma) : end;
		rc = protect_part(mm, vma, at, next, access, &changed);
	}
	if (changed)
		mm_flush_tlb(mm);
	lock_mmap_write_unlock(&mm->lock);
	if (!rc)
		mm_event(mm, MM_MPROTECT);
	return rc;
}

/* madvise_dontneed_single_vma(): the lock that holds the VMA is the caller's. */
static void dontneed(struct mm *mm, unsigned long start, unsigned long end)
{
	struct gather gather;

	gather_begin(&gather, mm);
	gather_zap(&gather, start, end);
	gather_finish(&gather);
}

/* madvise_lock(MADVISE_VMA_READ_LOCK): done if the range is in one VMA that could be locked. */
static bool dontneed_vma_locked(struct mm *mm, unsigned long start, unsigned long end)
{
	struct fault fault = {.mm = &mm->lock, .address = start};
	bool inside;

	if (!mm->lock.fault_try(&fault))
		return false;
	inside = end <= vma_end(mm, fault.vma);
	if (inside)
		dontneed(mm, start, end);
	mm->lock.fault_put(&fault);
	return inside;
}

int mm_madvise_dontneed(struct mm *mm, unsigned long address, size_t length)
{
	unsigned long at = address, end = address + length, next;
	struct vma_range range;
	int rc = 0;

	if (!range_is_sound(address, length))
		return -EINVAL;
	mm_event(mm, MM_DONTNEED);
	if (mm->dontneed_vma_lock && dontneed_vma_locked(mm, address, end)) {
		mm_event(mm, MM_DONTNEED_VMA);
		return 0;
	}
	lock_mmap_read(&mm->lock);
	for (; at < end; at = next) {
		if (!vma_index_find_next(&mm->index, at, &range) || range.start >= end) {
			rc = -ENOMEM;
			break;
		}
		if (range.start > at)
			rc = -ENOMEM;
		at = range.start > at ? range.start : at;
		next = range.end < end ? range.end : end;
		dontneed(mm, at, next);
	}
	lock_mmap_read_unlock(&mm->lock);
	return rc;
}
