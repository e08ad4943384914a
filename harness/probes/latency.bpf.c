/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * latency: how long single page faults take, from the exception to where the kernel accounts the fault
 * (mm_account_fault()), which is behind all of its work. No tracepoint tells the end, but the software events
 * minor-faults and major-faults do: a program is run at each, with a period of 1. This costs each fault
 * several hundred ns, so it is for one question at a time.
 */
#include "harness/probes/task.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct latency_value);
} faults SEC(".maps");

static const struct latency_value nothing;

static __always_inline struct latency_value *value_now(void)
{
	__u32 phase = control.phase;
	struct latency_value *value = bpf_map_lookup_elem(&faults, &phase);

	if (!value) {
		bpf_map_update_elem(&faults, &phase, &nothing, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&faults, &phase);
	}
	if (!value)
		lose(&control.lost_events);
	return value;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(latency_begin, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	struct task_state *state = task_inside(bpf_get_current_task_btf());
	struct latency_value *value = state ? value_now() : NULL;

	if (!value)
		return 0;
	value->entered++;
	state->fault_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("perf_event")
int latency_end(void *ctx)
{
	struct task_state *state = task_inside(bpf_get_current_task_btf());
	struct latency_value *value;
	__u64 ns;

	if (!state || !state->fault_ns)
		return 0;
	ns = bpf_ktime_get_ns() - state->fault_ns;
	state->fault_ns = 0;
	value = value_now();
	if (value)
		value->slots[log2_slot(ns)]++;
	return 0;
}
