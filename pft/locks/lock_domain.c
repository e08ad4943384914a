/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock_domain: the life of caches, mms and VMAs; the functions of lock.h that faults do not call.
 */
#include <errno.h>
#include <string.h>

#include "pft/base/rcu.h"
#include "pft/base/rcuwait.h"
#include "pft/base/slab.h"
#include "pft/locks/lock.h"

/* How long lock_mm_release() naps between two looks. */
#define NAP_NS 50000

/* The fields that vm_area_dup() takes over, beyond the range. */
static void copy_fields(const struct vma_layout *layout, struct vma *to, struct vma *from)
{
	const uint16_t fields[] = {layout->vm_page_prot, layout->vm_flags,  layout->anon_vma,
				   layout->vm_pgoff,	 layout->vm_policy, layout->vm_file};
	unsigned i;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		arch_write_once(layout_at(to, fields[i], uint64_t),
				arch_read_once(layout_at(from, fields[i], uint64_t)));
}

static int create_vma_cache(struct lock_domain *domain, int vma_class, struct why *why)
{
	const struct vma_layout *layout = domain->design->vma;
	struct kmem_cache_args args = {
		.flags = layout_slab_flags(layout),
		.use_freeptr_offset = layout->typesafe,
		.freeptr_offset = layout->typesafe ? layout->vm_freeptr : 0,
		.force_class = vma_class >= 0,
		.start_mod_128 = vma_class >= 0 ? vma_class : 0,
	};

	return kmem_cache_create(&domain->vma_cache, "vm_area_struct", layout->size, &args, why);
}

static int create_vma_lock_cache(struct lock_domain *domain, struct why *why)
{
	const struct vma_lock_layout *layout = domain->design->vma_lock;
	struct kmem_cache_args args = {0};

	if (!layout)
		return 0;
	args.flags = layout->hwcache_align ? SLAB_HWCACHE_ALIGN : 0;
	return kmem_cache_create(&domain->vma_lock_cache, "vma_lock", layout->size, &args, why);
}

static int create_mm_cache(struct lock_domain *domain, struct why *why)
{
	struct kmem_cache_args args = {.flags = SLAB_HWCACHE_ALIGN};

	return kmem_cache_create(&domain->mm_cache, "mm_struct", domain->design->mm->size, &args,
				 why);
}

/* Destroy *@cache, if it exists, and forget it. */
static int destroy_cache(struct kmem_cache **cache, struct why *why)
{
	int rc = *cache ? kmem_cache_destroy(*cache, why) : 0;

	if (!rc)
		*cache = NULL;
	return rc;
}

int lock_domain_release(struct lock_domain *domain, struct why *why)
{
	int rc;

	rcu_barrier();
	rc = destroy_cache(&domain->vma_cache, why);
	if (!rc)
		rc = destroy_cache(&domain->vma_lock_cache, why);
	if (!rc)
		rc = destroy_cache(&domain->mm_cache, why);
	if (!rc)
		stat_release(&domain->events);
	return rc;
}

int lock_domain_init(struct lock_domain *domain, const struct lock_design *design,
		     const struct lock_options *options, struct why *why)
{
	int rc;

	*domain = (struct lock_domain){.design = design};
	rwsem_set_spin(options->rwsem_spin);
	rc = create_vma_cache(domain, options->vma_class, why);
	if (!rc)
		rc = create_vma_lock_cache(domain, why);
	if (!rc)
		rc = create_mm_cache(domain, why);
	if (!rc && stat_init(&domain->events, lock_event_names, NR_LOCK_EVENTS))
		rc = why_not(why, ENOMEM, "no memory for the counters of design '%s'",
			     design->name);
	if (rc)
		lock_domain_release(domain, NULL);
	return rc;
}

static int *mm_count(const struct lock_mm *mm)
{
	return layout_at(mm->image, mm->design->mm->mm_count, int);
}

int lock_mm_init(struct lock_mm *mm, struct lock_domain *domain, lock_find_fn *find)
{
	const struct lock_design *design = domain->design;

	*mm = (struct lock_mm){.design = design,
			       .fault_try = design->fault_try,
			       .fault_put = design->fault_put,
			       .find = find,
			       .domain = domain};
	mm->image = kmem_cache_alloc(domain->mm_cache);
	if (!mm->image)
		return -ENOMEM;
	memset(mm->image, 0, design->mm->size);
	rwsem_init(lock_mmap_sem(mm));
	*mm_count(mm) = 1;
	return 0;
}

void lock_mm_grab(struct lock_mm *mm)
{
	arch_xadd_relaxed(mm_count(mm), 1);
}

/* Release: pairs with the acquire in lock_mm_release(). */
void lock_mm_drop(struct lock_mm *mm)
{
	arch_xadd_release(mm_count(mm), -1);
}

void lock_mm_release(struct lock_mm *mm)
{
	uint32_t nap = 0;

	if (!rwsem_notheld(lock_mmap_sem(mm)))
		BUG("an mm ends with mmap_lock held");
	/* Acquire: pairs with the release in lock_mm_drop(). Nobody can grab it anew, for that
	 * takes a reference to a VMA of it, and all of them were detached. */
	while (arch_load_acquire(mm_count(mm)) != 1)
		arch_wait(&nap, 0, NAP_NS);
	kmem_cache_free(mm->domain->mm_cache, mm->image);
	mm->image = NULL;
}

struct vma *lock_vma_new(struct lock_mm *mm, unsigned long start, unsigned long end)
{
	const struct vma_layout *layout = mm->design->vma;
	struct vma *vma = kmem_cache_alloc(mm->domain->vma_cache);
	unsigned i;

	if (!vma)
		return NULL;
	/* Not plainly: readers of a typesafe object's last life may still look at it. */
	for (i = 0; i < layout->size / sizeof(uint64_t); i++)
		arch_write_once(layout_at(vma, i * sizeof(uint64_t), uint64_t), (uint64_t)0);
	arch_write_once(layout_at(vma, layout->vm_start, unsigned long), start);
	arch_write_once(layout_at(vma, layout->vm_end, unsigned long), end);
	arch_write_once(layout_at(vma, layout->vm_mm, struct lock_mm *), mm);
	if (mm->design->vma_init(mm, vma)) {
		kmem_cache_free(mm->domain->vma_cache, vma);
		return NULL;
	}
	return vma;
}

struct vma *lock_vma_dup(struct lock_mm *mm, struct vma *from)
{
	struct vma *vma = lock_vma_new(mm, lock_vma_start(mm, from), lock_vma_end(mm, from));

	if (vma)
		copy_fields(mm->design->vma, vma, from);
	return vma;
}

static void free_now(struct lock_domain *domain, struct vma *vma)
{
	domain->design->vma_destroy(domain, vma);
	kmem_cache_free(domain->vma_cache, vma);
}

/* A VMA that waits for a grace period: vm_rcu lies over vm_start and vm_end. */
struct dead_vma {
	struct rcu_head rcu;
	struct lock_mm *mm; /* as it was, for readers; it may be gone */
	struct lock_domain *domain; /* over vm_page_prot, which readers no longer get to see */
};

static void free_rcu(struct rcu_head *head)
{
	struct dead_vma *dead = container_of(head, struct dead_vma, rcu);

	free_now(arch_read_once(&dead->domain), (struct vma *)dead);
}

void lock_vma_free(struct lock_mm *mm, struct vma *vma)
{
	struct dead_vma *dead = (struct dead_vma *)vma;

	if (mm->design->vma->vm_rcu == LAYOUT_NONE) {
		free_now(mm->domain, vma);
		return;
	}
	arch_write_once(&dead->domain, mm->domain);
	call_rcu(&dead->rcu, free_rcu);
}
