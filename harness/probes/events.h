/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events: what the BPF programs and the program that loads them share: keys and values of the maps. Built
 * for both sides, so only types of <linux/types.h>. No key has holes: the kernel compares all its bytes.
 */
#ifndef HARNESS_PROBES_EVENTS_H
#define HARNESS_PROBES_EVENTS_H

#include <linux/types.h>

#define STACK_FRAMES 64
#define WAIT_SLOTS   40 /* of a histogram: slot n holds 2^n up to 2^(n+1) ns, the last all above */

/* The .bss of each object. */
struct probe_control {
	__u32 phase; /* what is counted now belongs to it; 0: nothing is counted. Written from outside */
	__u32 spare;
	__u64 data_start, data_end; /* the kernel's own variables: a lock there can be named */
	__u64 lost_stacks; /* not kept: no room, or it could not be walked */
	__u64 lost_events; /* not counted: no room for their key */
};

/* Why a thread is not on a CPU. */
enum off_kind {
	OFF_BLOCKED, /* uninterruptible: a lock of the kernel, I/O, reclaim */
	OFF_RUNQUEUE, /* ready, but not running: preempted, or woken and not yet chosen */
	OFF_SLEEP, /* interruptible: futex, timer, pipe */
	NR_OFF_KINDS,
};

enum mmap_lock_side { MMAP_LOCK_READ, MMAP_LOCK_WRITE, NR_MMAP_LOCK_SIDES };

/* An mm's lock that a thread waits for or holds. */
struct mmap_lock_state {
	__u64 mm; /* 0: none */
	__u64 start_ns; /* begin of the wait; 0: not waiting */
	__u64 hold_ns; /* begin of the hold; 0: not held */
	__u32 side; /* of the hold */
	__u32 phase; /* of its begin */
};

/* What is kept of each thread of the run; made at fork, never in an event. */
struct task_state {
	__u32 counted; /* a descendant of the harness, not the harness itself */
	__u32 inside; /* between begin and end of its measured region */

	__u64 out_ns; /* when it left the CPU; 0: it is on one, or outside */
	__u64 wake_ns; /* when it was woken since; 0: not yet */
	__u64 kernel_stack, user_stack; /* at leaving the CPU */
	__u32 kind; /* enum off_kind, of the time up to the wake-up */
	__u32 out_phase;

	__u64 lock; /* that it contends for; 0: none */
	__u64 begin_ns;
	__u64 sleep_ns; /* when it left the CPU meanwhile; 0: it is on one */
	__u64 slept_ns; /* up to now */
	__u64 lock_stack;
	__u64 lock_name; /* as in struct contention_key */
	__u32 lock_flags;
	__u32 lock_phase;

	struct mmap_lock_state mmap_lock[2]; /* fork holds those of parent and child */

	__u64 fault_ns; /* begin of the page fault under way; 0: none */
};

/* offcpu.bpf.c */
struct offcpu_key {
	__u32 phase;
	__u32 kind;
	__u64 kernel_stack, user_stack; /* hash of the frames; 0: none */
};
struct offcpu_value {
	__u64 count, total_ns, max_ns;
	__u64 open; /* of count: went on when the phase was over */
	__u64 slots[WAIT_SLOTS];
};

/* contention.bpf.c. The name of a lock is its address where that is in the kernel's own data, or one of
 * these, which are no addresses. */
enum lock_name {
	LOCK_UNKNOWN,
	LOCK_MMAP_LOCK, /* of the waiter's own mm */
	LOCK_PAGE_TABLE_LOCK, /* likewise */
	NR_LOCK_NAMES,
};
struct contention_key {
	__u32 phase;
	__u32 flags; /* LCB_F_* of <trace/events/lock.h> */
	__u64 lock;
	__u64 stack;
};
struct contention_value {
	__u64 count, total_ns, slept_ns;
	__u64 max_ns; /* maxima stand last */
};

/* mmap_lock.bpf.c */
struct mmap_lock_key {
	__u32 phase;
	__u32 side;
};
struct mmap_lock_value {
	__u64 count, failed;
	__u64 in_fault; /* of count: in a page fault of user space */
	__u64 wait_ns, hold_ns;
	__u64 max_wait_ns, max_hold_ns;
};

/* alignment.bpf.c: how often an object began at this byte of a 128-byte pair of cache lines. */
#define CACHE_NAME_SIZE 16
struct alignment_key {
	__u32 phase;
	__u32 offset;
	char cache[CACHE_NAME_SIZE];
};

/* latency.bpf.c */
struct latency_value {
	__u64 slots[WAIT_SLOTS];
	__u64 entered; /* page faults that began */
};

#endif
