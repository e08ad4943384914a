/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/cause.h"

#include <stdbool.h>
#include <string.h>

#include "common/xalloc.h"

/* <trace/events/lock.h> */
enum {
	LCB_F_SPIN = 1,
	LCB_F_READ = 2,
	LCB_F_WRITE = 4,
	LCB_F_RT = 8,
	LCB_F_PERCPU = 16,
	LCB_F_MUTEX = 32,
};

/* A name, or with '*' behind it all that begin so. What compilers put behind a name (.isra.0, .cold) is not
 * part of it. */
static bool matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, name, len - 1);
	return strcspn(name, ".") == len && !strncmp(pattern, name, len);
}

const char *const cause_names[NR_CAUSES] = {
	[CAUSE_OTHER] = "other",
	[CAUSE_RWSEM_READ] = "rwsem-read",
	[CAUSE_RWSEM_WRITE] = "rwsem-write",
	[CAUSE_MUTEX] = "mutex",
	[CAUSE_SPIN] = "spin",
	[CAUSE_FUTEX] = "futex",
	[CAUSE_PAGE_IO] = "page-io",
	[CAUSE_RECLAIM] = "reclaim",
};

/* The kernel's functions from 5.15 to 6.18. Of two that match one frame the first counts. */
static const struct {
	const char *function;
	enum cause cause;
} cause_rules[] = {
	{"rwsem_down_read_slowpath", CAUSE_RWSEM_READ},
	{"__down_read*", CAUSE_RWSEM_READ},
	{"down_read*", CAUSE_RWSEM_READ},
	{"rwsem_down_write_slowpath", CAUSE_RWSEM_WRITE},
	{"__down_write*", CAUSE_RWSEM_WRITE},
	{"down_write*", CAUSE_RWSEM_WRITE},
	{"__mutex_lock*", CAUSE_MUTEX},
	{"mutex_lock*", CAUSE_MUTEX},
	{"queued_spin_lock_slowpath", CAUSE_SPIN},
	{"native_queued_spin_lock_slowpath", CAUSE_SPIN},
	{"__pv_queued_spin_lock_slowpath", CAUSE_SPIN},
	{"_raw_spin_lock*", CAUSE_SPIN},
	{"rtlock_slowlock*", CAUSE_SPIN},
	{"futex_wait*", CAUSE_FUTEX},
	{"__futex_wait", CAUSE_FUTEX},
	{"futex_lock_pi", CAUSE_FUTEX},
	{"folio_wait_bit*", CAUSE_PAGE_IO},
	{"folio_wait_writeback*", CAUSE_PAGE_IO},
	{"__folio_lock*", CAUSE_PAGE_IO},
	{"wait_on_page_bit*", CAUSE_PAGE_IO},
	{"__lock_page*", CAUSE_PAGE_IO},
	{"io_schedule*", CAUSE_PAGE_IO},
	{"submit_bio_wait", CAUSE_PAGE_IO},
	{"blk_mq_get_tag", CAUSE_PAGE_IO},
	{"shrink_*", CAUSE_RECLAIM},
	{"reclaim_throttle", CAUSE_RECLAIM},
	{"throttle_direct_reclaim", CAUSE_RECLAIM},
	{"do_try_to_free_pages", CAUSE_RECLAIM},
	{"try_to_free_pages", CAUSE_RECLAIM},
	{"try_to_free_mem_cgroup_pages", CAUSE_RECLAIM},
	{"__alloc_pages_direct_*", CAUSE_RECLAIM},
	{"compact_zone*", CAUSE_RECLAIM},
	{"mem_cgroup_handle_over_high", CAUSE_RECLAIM},
};

enum cause cause_of(const struct stack_names *kernel)
{
	for (unsigned i = 0; i < kernel->nr; i++)
		for (size_t r = 0; r < sizeof(cause_rules) / sizeof(cause_rules[0]); r++)
			if (matches(cause_rules[r].function, kernel->names[i]))
				return cause_rules[r].cause;
	return CAUSE_OTHER;
}

/* pft's own functions that wait (pft/base, pft/zswap), and the words for them. */
static const struct {
	const char *function, *wait;
} engine_rules[] = {
	{"rwsem_down_read_slow", "rwsem-read"},
	{"rwsem_down_write_slow", "rwsem-write"},
	{"rcuwait_schedule", "rcuwait"},
	{"lock_in_queue", "spin"},
	{"frame_wait_slow", "frame"},
	{"frame_lock_slow", "frame"},
	{"synchronize_rcu*", "rcu"},
	{"rcu_barrier", "rcu"},
	{"swap_device_*", "swap-io"},
	{"swap_uring_*", "swap-io"},
};

/* Functions of pft that wait on behalf of who has called them. */
static const char *const engine_inner[] = {
	"rwsem_*", "down_*",	    "rcuwait_*",  "task_*",	"arch_*",  "syscall",
	"spin_*",  "lock_in_queue", "wait_for_*", "read_sleep", "frame_*",
};

static bool is_engine_inner(const char *name)
{
	for (size_t i = 0; i < sizeof(engine_inner) / sizeof(engine_inner[0]); i++)
		if (matches(engine_inner[i], name))
			return true;
	return false;
}

char *cause_engine_wait(const struct stack_names *user)
{
	const char *wait = NULL;

	for (unsigned i = 0; i < user->nr; i++) {
		const char *name = user->names[i];

		for (size_t r = 0; !wait && r < sizeof(engine_rules) / sizeof(engine_rules[0]); r++)
			if (matches(engine_rules[r].function, name))
				wait = engine_rules[r].wait;
		if (wait && !is_engine_inner(name))
			return xasprintf("%s in %.*s", wait, (int)strcspn(name, "."), name);
	}
	return xstrdup(wait ? wait : "-");
}

const char *cause_lock_type(unsigned flags)
{
	if (flags & LCB_F_PERCPU)
		return flags & LCB_F_WRITE ? "percpu-rwsem-write" : "percpu-rwsem-read";
	if (flags & LCB_F_MUTEX)
		return "mutex";
	if (flags & LCB_F_RT)
		return "rt-mutex";
	if (flags & LCB_F_SPIN) {
		if (flags & LCB_F_READ)
			return "rwlock-read";
		return flags & LCB_F_WRITE ? "rwlock-write" : "spin";
	}
	if (flags & LCB_F_READ)
		return "rwsem-read";
	return flags & LCB_F_WRITE ? "rwsem-write" : "other";
}

/* Frames that belong to a lock, not to who takes it. */
static const char *const lock_frames[] = {
	"_raw_spin_*",	 "_raw_read_*",	    "_raw_write_*",  "queued_*",      "native_queued_*",
	"__pv_queued_*", "do_raw_*",	    "rwsem_*",	     "down_*",	      "raw_spin_rq_lock*",
	"__down_*",	 "__mutex_*",	    "mutex_*",	     "ww_mutex_*",    "rt_*",
	"__rt_*",	 "__percpu_down_*", "percpu_down_*", "__lock_text_*",
};

const char *cause_caller(const struct stack_names *kernel)
{
	for (unsigned i = 0; i < kernel->nr; i++) {
		const char *name = kernel->names[i];
		size_t r, nr = sizeof(lock_frames) / sizeof(lock_frames[0]);

		for (r = 0; r < nr && !matches(lock_frames[r], name); r++)
			;
		if (r == nr)
			return name;
	}
	return "-";
}

#define SLEEPING (LCB_F_READ | LCB_F_WRITE)

/* What the callers of mm, and pipes, take: of the kernel's functions from 5.19 to 6.18. */
static const struct {
	const char *caller, *lock;
	bool rwsem; /* a sleeping reader-writer lock, else a spinlock or a mutex */
} lock_rules[] = {
	{"lock_mm_and_find_vma", "mmap_lock", true},
	{"do_user_addr_fault", "mmap_lock", true},
	{"vm_mmap_pgoff", "mmap_lock", true},
	{"__vm_munmap", "mmap_lock", true},
	{"vm_munmap*", "mmap_lock", true},
	{"do_mprotect_pkey*", "mmap_lock", true},
	{"madvise_*", "mmap_lock", true},
	{"do_madvise*", "mmap_lock", true},
	{"__do_sys_mremap", "mmap_lock", true},
	{"__do_sys_brk", "mmap_lock", true},
	{"dup_mmap", "mmap_lock", true},
	{"exit_mmap", "mmap_lock", true},
	{"exit_mm*", "mmap_lock", true},
	{"m_start", "mmap_lock", true},
	{"lock_vma_under_rcu", "vma lock", true},
	{"vma_start_write", "vma lock", true},
	{"__vma_start_write", "vma lock", true},
	{"unlink_anon_vmas", "anon_vma->rwsem", true},
	{"anon_vma_*", "anon_vma->rwsem", true},
	{"folio_lock_anon_vma_read", "anon_vma->rwsem", true},
	{"vma_link*", "i_mmap_rwsem", true},
	{"vma_prepare", "i_mmap_rwsem", true},
	{"unlink_file_vma*", "i_mmap_rwsem", true},
	{"__schedule", "rq->lock", false},
	{"sched_tick", "rq->lock", false},
	{"scheduler_tick", "rq->lock", false},
	{"task_rq_lock", "rq->lock", false},
	{"__task_rq_lock", "rq->lock", false},
	{"try_to_wake_up", "task->pi_lock", false},
	{"folio_lruvec_lock*", "lruvec->lru_lock", false},
	{"lru_add_drain*", "lruvec->lru_lock", false},
	{"rmqueue*", "zone->lock", false},
	{"__rmqueue*", "zone->lock", false},
	{"free_pcppages_bulk", "zone->lock", false},
	{"free_one_page", "zone->lock", false},
	{"free_unref_*", "pcp->lock", false},
	{"free_frozen_page*", "pcp->lock", false},
	{"get_page_from_freelist", "zone->lock", false},
	{"__pte_offset_map_lock", "ptl", false},
	{"pte_offset_map_lock*", "ptl", false},
	{"do_anonymous_page", "ptl", false},
	{"do_wp_page", "ptl", false},
	{"wp_page_copy", "ptl", false},
	{"finish_fault", "ptl", false},
	{"__handle_mm_fault", "ptl", false},
	{"handle_pte_fault", "ptl", false},
	{"zap_pte_range", "ptl", false},
	{"copy_pte_range", "ptl", false},
	{"change_pte_range", "ptl", false},
	{"__pte_alloc", "page_table_lock", false},
	{"__pmd_alloc", "page_table_lock", false},
	{"pmd_install", "ptl", false},
	{"try_charge_memcg", "memcg", false},
	{"mem_cgroup_*", "memcg", false},
	{"refill_stock", "memcg", false},
	{"drain_stock", "memcg", false},
	{"pipe_*", "pipe->mutex", false},
	{"anon_pipe_*", "pipe->mutex", false},
};

const char *cause_lock_name(unsigned flags, const char *caller)
{
	bool rwsem = !(flags & (LCB_F_SPIN | LCB_F_MUTEX)) && flags & SLEEPING;

	for (size_t r = 0; r < sizeof(lock_rules) / sizeof(lock_rules[0]); r++)
		if (lock_rules[r].rwsem == rwsem && matches(lock_rules[r].caller, caller))
			return lock_rules[r].lock;
	return NULL;
}
