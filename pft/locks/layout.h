/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout: where the fields of vm_area_struct, vma_lock and mm_struct lie, per kernel era. Layouts
 * are data: VMAs and mms are images of the kernel's size whose fields are reached by offset, so
 * that one protocol runs on any packing, and `pft --layout` prints what is really used.
 */
#ifndef PFT_LOCKS_LAYOUT_H
#define PFT_LOCKS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct lock_design;
struct vma; /* an image of vm_area_struct: struct vma_layout says what is where */
struct mm_image; /* an image of mm_struct: struct mm_layout says what is where */

/* No such field in this era. */
#define LAYOUT_NONE UINT16_MAX

/* One field for printing, in order of offset. */
struct layout_field {
	const char *name;
	uint16_t offset;
	uint16_t size;
};

struct vma_layout {
	const char *name; /* "6.12" */
	const char *source; /* where the figures come from */
	uint16_t size; /* sizeof(struct vm_area_struct), before the slab's rounding */
	bool hwcache_align; /* SLAB_HWCACHE_ALIGN */
	bool typesafe; /* SLAB_TYPESAFE_BY_RCU */
	uint16_t vm_start, vm_end; /* unsigned long */
	uint16_t vm_mm; /* struct lock_mm * */
	uint16_t vm_page_prot, vm_flags; /* unsigned long */
	uint16_t detached; /* bool */
	uint16_t vm_lock_seq; /* unsigned int */
	uint16_t lock; /* struct rw_semaphore, pointer to struct vma_lock, or vm_refcnt (int) */
	uint16_t anon_vma_chain; /* struct anon_vma_chain *, and 8 bytes that the kernel's list has */
	uint16_t anon_vma, vm_pgoff, vm_policy, vm_file;
	uint16_t vm_freeptr; /* free-list pointer of a typesafe slab */
	uint16_t vm_rcu; /* rcu_head of eras that free through call_rcu() */
	const struct layout_field *fields; /* ends with a NULL name */
};

/* The lock object of eras that keep it outside the VMA. */
struct vma_lock_layout {
	const char *name;
	const char *source;
	uint16_t size;
	bool hwcache_align;
	const struct layout_field *fields;
};

struct mm_layout {
	const char *name;
	const char *source;
	uint16_t size;
	uint16_t mm_count; /* int: what keeps the image, besides the mm itself */
	uint16_t mm_mt; /* struct vma_index * */
	uint16_t pgd; /* struct pgtable * */
	uint16_t map_count; /* int */
	uint16_t page_table_lock; /* spinlock */
	uint16_t mmap_lock; /* struct rw_semaphore */
	uint16_t vma_writer_wait; /* struct rcuwait */
	uint16_t mm_lock_seq; /* unsigned int; spf: mmap_seq, unsigned long */
	uint16_t rss_stat;
	const struct layout_field *fields;
};

/* The field at @offset (a member of a layout) of an image, as a pointer to @type. */
#define layout_at(image, offset, type) ((type *)((char *)(image) + (offset)))

/* The slab flags that the VMAs of a layout ask for. */
unsigned layout_slab_flags(const struct vma_layout *vma);

/* Print the structs of @design as pahole does: field, offset, size, cache line, 128-byte pair, and
 * where the slab puts the objects. */
void layout_print(FILE *out, const struct lock_design *design);

#endif
