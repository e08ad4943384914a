/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/frames.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "common/xalloc.h"

#define FRAME_MAX 256

/* What a frame that is called like this says; a star at the end stands for any rest. */
struct frame_rule {
	const char *function, *says;
};

/* How threads wait, not what for: the site of a wait is the first frame that is none of these. */
static const char *const machinery[] = {
	"schedule",
	"__schedule*",
	"schedule_*",
	"preempt_schedule*",
	"__cond_resched*",
	"io_schedule*",
	"bit_wait*",
	"__wait_on_bit*",
	"out_of_line_wait*",
	"wait_on_bit*",
	"rwsem_*",
	"down_read*",
	"down_write*",
	"__down_read*",
	"__down_write*",
	"percpu_rwsem*",
	"mutex_lock*",
	"__mutex_lock*",
	"osq_lock",
	"_raw_*lock*",
	"__raw_*",
	"queued_*",
	"native_queued*",
	"__pv_queued*",
	"do_raw_*",
	"rt_spin_lock*",
	"rtlock_*",
	"__rt_mutex*",
	"futex_*",
	"__futex_*",
	"do_futex",
	"__x64_sys_futex*",
	"__do_sys_futex*",
	"do_syscall_64",
	"x64_sys_call",
	"entry_SYSCALL*",
	"invoke_syscall*",
	"el0*",
	"el1*",
	"do_el0_svc",
	"asm_*",
	"sysvec_*",
	"irqentry_*",
	"exit_to_user_mode*",
	"syscall_exit*",
	"raw_irqentry*",
	"finish_task_switch*",
	"__switch_to*",
	"task_work_run",
	/* of user space and of the engine */
	"syscall",
	"__lll_lock*",
	"__GI_*",
	"arch_wait",
	"task_schedule",
	"read_sleep",
	"rcuwait_*",
	"wait_for_word",
	"wait_for_front",
	"lock_in_queue",
	"spin_lock*",
	"frame_wait_slow",
	"frame_lock_slow",
	"enter_locked",
};

/* Locks of the kernel, by the function that takes them or, in the two frames around it, by those
 * that the compiler inlines it into. */
static const struct frame_rule kernel_locks[] = {
	{"lock_mm_and_find_vma", "mmap_lock"},
	{"mmap_read_lock*", "mmap_lock"},
	{"mmap_write_lock*", "mmap_lock"},
	{"get_mmap_lock_carefully", "mmap_lock"},
	{"do_user_addr_fault", "mmap_lock"},
	{"vm_mmap_pgoff", "mmap_lock"},
	{"__vm_munmap", "mmap_lock"},
	{"do_mprotect_pkey*", "mmap_lock"},
	{"__do_sys_brk", "mmap_lock"},
	{"__x64_sys_brk", "mmap_lock"},
	{"do_madvise*", "mmap_lock"},
	{"madvise_lock", "mmap_lock"},
	{"__mm_populate", "mmap_lock"},
	{"exit_mmap", "mmap_lock"},
	{"dup_mmap", "mmap_lock"},
	{"lock_vma_under_rcu", "vma lock"},
	{"vma_start_read*", "vma lock"},
	{"vma_start_write*", "vma lock"},
	{"__vma_start_write", "vma lock"},
	{"__vma_enter_locked", "vma lock"},
	{"folio_lruvec_*lock*", "lruvec->lru_lock"},
	{"lock_page_lruvec*", "lruvec->lru_lock"},
	{"folio_batch_move_lru", "lruvec->lru_lock"},
	{"pagevec_lru_move_fn", "lruvec->lru_lock"},
	{"rmqueue*", "zone->lock"},
	{"__rmqueue*", "zone->lock"},
	{"free_pcppages_bulk", "zone->lock"},
	{"free_one_page", "zone->lock"},
	{"get_page_from_freelist", "zone->lock"},
	{"pte_offset_map_*lock*", "page table lock"},
	{"__pte_offset_map_*lock*", "page table lock"},
	{"__pte_alloc", "page table lock"},
	{"__pmd_alloc", "page table lock"},
	{"__pud_alloc", "page table lock"},
	{"do_anonymous_page", "page table lock"},
	{"zap_pte_range", "page table lock"},
	{"try_charge_memcg", "memcg"},
	{"mem_cgroup_*", "memcg"},
	{"__mem_cgroup_*", "memcg"},
	{"page_counter_*", "memcg"},
	{"anon_vma_*", "anon_vma rwsem"},
	{"__anon_vma_prepare", "anon_vma rwsem"},
	{"unlink_anon_vmas", "anon_vma rwsem"},
	{"folio_lock_anon_vma_read", "anon_vma rwsem"},
	{"vma_prepare", "i_mmap_rwsem"},
	{"vma_link*", "i_mmap_rwsem"},
	{"unlink_file_vma*", "i_mmap_rwsem"},
	{"__folio_lock*", "page lock"},
	{"folio_wait_*", "page lock"},
};

/* Slow paths that take a lock; the rules above hold only beyond one of them. */
static const char *const lock_paths[] = {
	"rwsem_*",	    "down_read*",	 "down_write*",	    "__down_*",
	"mutex_lock*",	    "__mutex_lock*",	 "_raw_spin_lock*", "_raw_read_lock*",
	"_raw_write_lock*", "queued_spin_lock*", "native_queued*",  "rt_spin_lock*",
	"io_schedule*",	    "schedule",
};

/* The engine's own locks (pft/base, pft/locks): what its worker waits for. */
static const struct frame_rule engine_waits[] = {
	{"enter_locked", "the readers of a VMA's refcount"},
	{"vma_ref_*", "the readers of a VMA's refcount"},
	{"vma_rwsem_start_write", "a VMA's rwsem as writer"},
	{"lock_fault_*", "mmap_lock as reader"},
	{"lock_mmap_read*", "mmap_lock as reader"},
	{"lock_mmap_write*", "mmap_lock as writer"},
	{"frame_wait_slow", "a page lock"},
	{"frame_lock_slow", "a page lock"},
	{"spin_lock_slow", "a spinlock"},
	{"rcu_barrier", "RCU callbacks"},
	{"rwsem_down_read_slow", "an rwsem as reader"},
	{"rwsem_down_write_slow", "an rwsem as writer"},
};

/* What the engine was at; the outermost frame that has a rule. */
static const struct frame_rule engine_stages[] = {
	{"kswapd*", "kswapd"},
	{"mm_fault*", "fault"},
	{"fault_*", "fault"},
	{"mm_mmap*", "mmap"},
	{"mm_munmap", "munmap"},
	{"mm_mprotect", "mprotect"},
	{"mm_madvise*", "madvise"},
	{"mm_fork", "fork"},
	{"mm_exit", "exit"},
	{"reclaim_*", "reclaim"},
	{"zswap_store*", "zswap store"},
	{"zswap_load", "zswap load"},
	{"zswap_writeback*", "zswap writeback"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static bool called(const char *function, const char *pattern)
{
	return !fnmatch(pattern, function, 0);
}

static bool one_of(const char *function, const char *const *patterns, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (called(function, patterns[i]))
			return true;
	return false;
}

static const char *rule_of(const char *function, const struct frame_rule *rules, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (called(function, rules[i].function))
			return rules[i].says;
	return NULL;
}

const char *engine_stage(const char *function)
{
	return rule_of(function, engine_stages, LENGTH(engine_stages));
}

/* The length of @frame[@len] without offset and without what a compiler appends to a clone. */
static size_t plain_length(const char *frame, size_t len)
{
	static const char *const clones[] = {".constprop.", ".isra.",	  ".part.", ".cold",
					     ".llvm.",	    ".lto_priv.", "+0x"};

	for (size_t c = 0; c < LENGTH(clones); c++) {
		const char *at = memmem(frame, len, clones[c], strlen(clones[c]));

		if (at && at > frame)
			len = at - frame;
	}
	return len;
}

/* A stack that is read from its innermost frame outwards. */
struct walk {
	const char *stack, *end;
	char function[FRAME_MAX]; /* the frame that walk_next() came to */
};

static struct walk walk_of(const char *stack)
{
	return (struct walk){.stack = stack, .end = stack + strlen(stack)};
}

static bool walk_next(struct walk *w)
{
	const char *start;
	size_t len;

	if (w->end <= w->stack)
		return false;
	start = memrchr(w->stack, ';', w->end - w->stack);
	start = start ? start + 1 : w->stack;
	len = plain_length(start, w->end - start);
	snprintf(w->function, sizeof(w->function), "%.*s", (int)(len < FRAME_MAX ? len : FRAME_MAX),
		 start);
	w->end = start > w->stack ? start - 1 : w->stack;
	return true;
}

/* The first frame that is not machinery, with the two around it looked up as a lock. */
static void look_at_kernel(struct wait_place *place, const char *stack)
{
	struct walk w = walk_of(stack);
	const char *lock = NULL;
	bool in_lock = false;
	size_t beyond = 0;

	while (beyond < 3 && walk_next(&w)) {
		in_lock |= !beyond && one_of(w.function, lock_paths, LENGTH(lock_paths));
		if (!beyond && one_of(w.function, machinery, LENGTH(machinery)))
			continue;
		if (!beyond++)
			place->site = xstrdup(w.function);
		lock = in_lock ? rule_of(w.function, kernel_locks, LENGTH(kernel_locks)) : NULL;
		if (lock)
			break;
	}
	place->lock = lock ? xstrdup(lock) : NULL;
}

/* The frames of pft, where the engine waits. */
static void look_at_user(struct wait_place *place, const char *stack, const char *design)
{
	const char *wait = NULL, *stage = NULL, *says;
	struct walk w = walk_of(stack);

	while (walk_next(&w)) {
		if (!place->site && !one_of(w.function, machinery, LENGTH(machinery)))
			place->site = xstrdup(w.function);
		says = rule_of(w.function, engine_waits, LENGTH(engine_waits));
		if (says && (!wait || !strncmp(wait, "an rwsem", 8)))
			wait = says; /* which rwsem is said further out */
		says = engine_stage(w.function);
		stage = says ? says : stage;
	}
	if (!place->lock && wait)
		place->lock =
			xasprintf("%s%s%s (%s%s)", wait, stage ? " in " : "", stage ? stage : "",
				  design ? "design " : "engine", design ? design : "");
}

void wait_place_init(struct wait_place *place, const char *kernel_stack, const char *user_stack,
		     const char *design)
{
	*place = (struct wait_place){0};
	look_at_kernel(place, kernel_stack);
	look_at_user(place, user_stack, design && strcmp(design, "-") ? design : NULL);
	if (!place->site)
		place->site = xstrdup("?");
	if (!place->lock)
		place->lock = xstrdup("");
}

void wait_place_release(struct wait_place *place)
{
	free(place->site);
	free(place->lock);
	*place = (struct wait_place){0};
}

static void put_frames(FILE *out, const char *stack)
{
	bool more = false;

	for (const char *frame = stack; *frame;) {
		size_t len = strcspn(frame, ";");

		if (len && more)
			fputc(';', out);
		more |= len;
		fwrite(frame, 1, plain_length(frame, len), out);
		frame += len + (frame[len] == ';');
	}
}

char *stack_join(const char *kernel_stack, const char *user_stack)
{
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	put_frames(out, user_stack);
	if (*kernel_stack)
		fputs(*user_stack ? ";-;" : "-;", out);
	put_frames(out, kernel_stack);
	if (fclose(out))
		BUG("cannot close a stream in memory");
	return text;
}

char *frame_plain(const char *frame)
{
	return xstrndup(frame, plain_length(frame, strlen(frame)));
}
