/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each object has: the marks of threads, the phase, what was lost. */
#ifndef HARNESS_PROBES_TASK_BPF_H
#define HARNESS_PROBES_TASK_BPF_H

#include "harness/probes/events.h"
#include "harness/probes/kernel.bpf.h"

char gpl[] SEC("license") = "GPL";

/* One map for all objects: mark.bpf.c makes it, the others are given it. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

struct probe_control control;

/* The state of a thread of the run, or NULL. */
static __always_inline struct task_state *task_state(struct task_struct *task)
{
	struct task_state *state = bpf_task_storage_get(&tasks, task, NULL, 0);

	return state && state->counted ? state : NULL;
}

/* The same, but NULL where nothing is to be counted of it now. */
static __always_inline struct task_state *task_inside(struct task_struct *task)
{
	struct task_state *state;

	if (!control.phase)
		return NULL;
	state = task_state(task);
	return state && state->inside ? state : NULL;
}

static __always_inline void lose(__u64 *what)
{
	__sync_fetch_and_add(what, 1);
}

static __always_inline __u32 log2_slot(__u64 ns)
{
	__u32 slot = 0;

	for (__u32 shift = 32; shift; shift >>= 1) {
		if (ns >> shift) {
			ns >>= shift;
			slot += shift;
		}
	}
	return slot < WAIT_SLOTS ? slot : WAIT_SLOTS - 1;
}

#endif
