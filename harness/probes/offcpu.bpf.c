/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offcpu: how long threads were not on a CPU, by the stacks with which they left it. What precedes the
 * wake-up is the wait itself; what follows it, and all of a preemption, is waiting for a CPU.
 */
#include "harness/probes/stack.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct offcpu_key);
	__type(value, struct offcpu_value);
} waits SEC(".maps");

static const struct offcpu_value nothing;

/* Threads share the value: all is added atomically; two maxima at once can lose the smaller one only. */
static __always_inline void count(const struct task_state *state, __u32 kind, __u64 ns)
{
	struct offcpu_key key = {state->out_phase, kind, state->kernel_stack, state->user_stack};
	struct offcpu_value *value = bpf_map_lookup_elem(&waits, &key);

	if (!value) {
		bpf_map_update_elem(&waits, &key, &nothing, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&waits, &key);
	}
	if (!value) {
		lose(&control.lost_events);
		return;
	}
	__sync_fetch_and_add(&value->count, 1);
	__sync_fetch_and_add(&value->total_ns, ns);
	__sync_fetch_and_add(&value->slots[log2_slot(ns)], 1);
	if (state->out_phase != control.phase)
		__sync_fetch_and_add(&value->open, 1);
	if (ns > value->max_ns)
		value->max_ns = ns;
}

static __always_inline void leave(void *ctx, bool preempted, struct task_struct *task, __u32 why)
{
	struct task_state *state = task_inside(task);

	if (!state || why & TASK_DEAD)
		return;
	if (preempted || why == TASK_RUNNING)
		state->kind = OFF_RUNQUEUE;
	else
		state->kind = why & TASK_UNINTERRUPTIBLE ? OFF_BLOCKED : OFF_SLEEP;
	state->kernel_stack = keep_stack(ctx, 0);
	state->user_stack = keep_stack(ctx, BPF_F_USER_STACK);
	state->out_phase = control.phase;
	state->wake_ns = 0;
	/* Last, as a begin without its stacks would be counted. */
	state->out_ns = bpf_ktime_get_ns();
}

static __always_inline void enter(struct task_struct *task)
{
	struct task_state *state = task_state(task);
	__u64 now, woken;

	if (!state || !state->out_ns)
		return;
	now = bpf_ktime_get_ns();
	woken = state->wake_ns;
	if (state->kind == OFF_RUNQUEUE || woken < state->out_ns)
		woken = 0;
	if (woken)
		count(state, state->kind, woken - state->out_ns);
	else
		woken = state->out_ns;
	count(state, state->kind == OFF_RUNQUEUE || state->wake_ns ? OFF_RUNQUEUE : state->kind,
	      now - woken);
	state->out_ns = 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(offcpu_switch, bool preempted, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	leave(ctx, preempted, prev, prev_state);
	enter(next);
	return 0;
}

/* Before 6.0 the state is not handed over; it may have been changed by a wake-up since. */
SEC("tp_btf/sched_switch")
int BPF_PROG(offcpu_switch_old, bool preempted, struct task_struct *prev, struct task_struct *next)
{
	leave(ctx, preempted, prev, prev->__state);
	enter(next);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(offcpu_wakeup, struct task_struct *task)
{
	struct task_state *state = task_state(task);

	if (state && state->out_ns)
		state->wake_ns = bpf_ktime_get_ns();
	return 0;
}
