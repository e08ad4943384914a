/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmap_lock: how long threads wait for an mm's lock and hold it, as readers and writers, and how often they
 * do so in a page fault: since 6.4 most are served without it.
 */
#include "harness/probes/task.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, struct mmap_lock_key);
	__type(value, struct mmap_lock_value);
} locks SEC(".maps");

static const struct mmap_lock_value nothing;

static __always_inline struct mmap_lock_value *value_of(__u32 phase, bool write)
{
	struct mmap_lock_key key = {phase, write ? MMAP_LOCK_WRITE : MMAP_LOCK_READ};
	struct mmap_lock_value *value = bpf_map_lookup_elem(&locks, &key);

	if (!value) {
		bpf_map_update_elem(&locks, &key, &nothing, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&locks, &key);
	}
	if (!value)
		lose(&control.lost_events);
	return value;
}

/* The slot for this mm: its own, or a free one. */
static __always_inline struct mmap_lock_state *slot_of(struct task_state *state, __u64 mm)
{
	if (state->mmap_lock[0].mm == mm)
		return &state->mmap_lock[0];
	if (state->mmap_lock[1].mm == mm)
		return &state->mmap_lock[1];
	return state->mmap_lock[0].mm ? &state->mmap_lock[1] : &state->mmap_lock[0];
}

static __always_inline bool in_fault(void)
{
	void *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	struct pt_regs___x86 *x86 = regs;
	struct pt_regs___arm64 *arm64 = regs;

	if (bpf_core_field_exists(x86->orig_ax))
		return (long)BPF_CORE_READ(x86, orig_ax) == -1;
	if (bpf_core_field_exists(arm64->syscallno))
		return BPF_CORE_READ(arm64, syscallno) == -1;
	return false;
}

/* The hold of @slot is over. */
static __always_inline void end_hold(struct mmap_lock_state *slot, __u64 now)
{
	struct mmap_lock_value *value;
	__u64 ns = now - slot->hold_ns;

	if (!slot->hold_ns)
		return;
	slot->hold_ns = 0;
	value = value_of(slot->phase, slot->side == MMAP_LOCK_WRITE);
	if (!value)
		return;
	value->hold_ns += ns;
	if (ns > value->max_hold_ns)
		value->max_hold_ns = ns;
}

static __always_inline int start(__u64 mm)
{
	struct task_state *state = task_inside(bpf_get_current_task_btf());
	struct mmap_lock_state *slot;

	if (!state)
		return 0;
	slot = slot_of(state, mm);
	slot->mm = mm;
	slot->hold_ns = 0;
	slot->start_ns = bpf_ktime_get_ns();
	return 0;
}

/* Also told of a writer that becomes a reader: then nobody has begun to wait, and the old hold ends. */
static __always_inline int acquired(__u64 mm, bool write, bool success)
{
	struct task_state *state = task_inside(bpf_get_current_task_btf());
	struct mmap_lock_state *slot;
	struct mmap_lock_value *value;
	__u64 now, waited;

	if (!state)
		return 0;
	slot = slot_of(state, mm);
	if (slot->mm != mm)
		return 0;
	now = bpf_ktime_get_ns();
	end_hold(slot, now);
	waited = slot->start_ns ? now - slot->start_ns : 0;
	slot->start_ns = 0;
	value = value_of(control.phase, write);
	if (value && !success)
		value->failed++;
	if (!success) {
		slot->mm = 0;
		return 0;
	}
	if (value) {
		value->count++;
		value->in_fault += in_fault();
		value->wait_ns += waited;
		if (waited > value->max_wait_ns)
			value->max_wait_ns = waited;
	}
	slot->side = write ? MMAP_LOCK_WRITE : MMAP_LOCK_READ;
	slot->phase = control.phase;
	slot->hold_ns = now;
	return 0;
}

static __always_inline int released(__u64 mm)
{
	struct task_state *state = task_state(bpf_get_current_task_btf());
	struct mmap_lock_state *slot;

	if (!state)
		return 0;
	slot = slot_of(state, mm);
	if (slot->mm != mm)
		return 0;
	end_hold(slot, bpf_ktime_get_ns());
	slot->mm = 0;
	return 0;
}

SEC("tp_btf/mmap_lock_start_locking")
int BPF_PROG(mmap_lock_start, struct mm_struct *mm, bool write)
{
	return start((__u64)mm);
}

SEC("tp_btf/mmap_lock_acquire_returned")
int BPF_PROG(mmap_lock_acquired, struct mm_struct *mm, bool write, bool success)
{
	return acquired((__u64)mm, write, success);
}

SEC("tp_btf/mmap_lock_released")
int BPF_PROG(mmap_lock_released, struct mm_struct *mm, bool write)
{
	return released((__u64)mm);
}

/* Up to 6.12 the path of the memory group comes second. */
SEC("tp_btf/mmap_lock_start_locking")
int BPF_PROG(mmap_lock_start_old, struct mm_struct *mm, const char *group, bool write)
{
	return start((__u64)mm);
}

SEC("tp_btf/mmap_lock_acquire_returned")
int BPF_PROG(mmap_lock_acquired_old, struct mm_struct *mm, const char *group, bool write,
	     bool success)
{
	return acquired((__u64)mm, write, success);
}

SEC("tp_btf/mmap_lock_released")
int BPF_PROG(mmap_lock_released_old, struct mm_struct *mm, const char *group, bool write)
{
	return released((__u64)mm);
}
