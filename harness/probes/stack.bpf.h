/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks by the hash of their frames. The kernel's own map of stacks puts each into the one bucket that its
 * hash names and drops it where another one is; an ordinary hash map loses none before it is full.
 */
#ifndef HARNESS_PROBES_STACK_BPF_H
#define HARNESS_PROBES_STACK_BPF_H

#include "harness/probes/task.bpf.h"

struct stack {
	__u64 frames[STACK_FRAMES]; /* innermost first, 0 behind the last */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct stack);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack);
} scratch SEC(".maps");

/* Keep the current thread's stack and return its hash; 0 without one. @flags: BPF_F_USER_STACK or 0. */
static __always_inline __u64 keep_stack(void *ctx, __u64 flags)
{
	__u64 hash = 14695981039346656037ULL;
	__u32 zero = 0;
	struct stack *s = bpf_map_lookup_elem(&scratch, &zero);
	long bytes;

	if (!s)
		return 0;
	bytes = bpf_get_stack(ctx, s->frames, sizeof(s->frames), flags);
	if (bytes <= 0) {
		/* A thread of the kernel, or one that is about to end, has no user stack. */
		if (!flags)
			lose(&control.lost_stacks);
		return 0;
	}
	for (int i = 0; i < STACK_FRAMES; i++) {
		if (i * 8 >= bytes)
			s->frames[i] = 0;
		else
			hash = (hash ^ s->frames[i]) * 1099511628211ULL;
	}
	hash = hash ? hash : 1;
	if (bpf_map_lookup_elem(&stacks, &hash))
		return hash;
	if (bpf_map_update_elem(&stacks, &hash, s, BPF_ANY)) {
		lose(&control.lost_stacks);
		return 0;
	}
	return hash;
}

#endif
