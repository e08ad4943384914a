/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contention: waits for locks of the kernel, by type, lock and call site, and how much of each was slept.
 *
 * The stack is taken at the begin, while waiting; at the end the lock has just been taken, and a walk there
 * would make others wait. A wait within a wait (for the lock of a queue, or in an interrupt) is not counted.
 */
#include "harness/probes/stack.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct contention_key);
	__type(value, struct contention_value);
} contentions SEC(".maps");

static const struct contention_value nothing;

static __always_inline __u64 name_of(__u64 lock)
{
	struct mm_struct *mm = BPF_CORE_READ(bpf_get_current_task_btf(), mm);

	if (mm && lock == (__u64)&mm->mmap_lock)
		return LOCK_MMAP_LOCK;
	if (mm && lock == (__u64)&mm->page_table_lock)
		return LOCK_PAGE_TABLE_LOCK;
	return lock >= control.data_start && lock < control.data_end ? lock : LOCK_UNKNOWN;
}

SEC("tp_btf/contention_begin")
int BPF_PROG(contention_begin, void *lock, unsigned int flags)
{
	struct task_state *state = task_inside(bpf_get_current_task_btf());

	if (!state || state->lock)
		return 0;
	state->lock_stack = keep_stack(ctx, 0);
	state->lock_name = name_of((__u64)lock);
	state->lock_flags = flags;
	state->lock_phase = control.phase;
	state->slept_ns = 0;
	state->sleep_ns = 0;
	state->begin_ns = bpf_ktime_get_ns();
	state->lock = (__u64)lock;
	return 0;
}

SEC("tp_btf/contention_end")
int BPF_PROG(contention_end, void *lock, int ret)
{
	struct task_state *state = task_state(bpf_get_current_task_btf());
	struct contention_key key;
	struct contention_value *value;
	__u64 ns;

	if (!state || state->lock != (__u64)lock)
		return 0;
	ns = bpf_ktime_get_ns() - state->begin_ns;
	state->lock = 0;
	key = (struct contention_key){state->lock_phase, state->lock_flags, state->lock_name,
				      state->lock_stack};
	value = bpf_map_lookup_elem(&contentions, &key);
	if (!value) {
		bpf_map_update_elem(&contentions, &key, &nothing, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&contentions, &key);
	}
	if (!value) {
		lose(&control.lost_events);
		return 0;
	}
	value->count++;
	value->total_ns += ns;
	value->slept_ns += state->slept_ns;
	if (ns > value->max_ns)
		value->max_ns = ns;
	return 0;
}

static __always_inline int switched(struct task_struct *prev, struct task_struct *next)
{
	struct task_state *state;

	if (!control.phase)
		return 0;
	state = task_state(prev);
	if (state && state->lock)
		state->sleep_ns = bpf_ktime_get_ns();
	state = task_state(next);
	if (state && state->lock && state->sleep_ns) {
		state->slept_ns += bpf_ktime_get_ns() - state->sleep_ns;
		state->sleep_ns = 0;
	}
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(contention_switch, bool preempted, struct task_struct *prev, struct task_struct *next)
{
	return switched(prev, next);
}
