/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little that the programs need to know of the kernel's structures: names and kinds of members. Where a
 * member lies is put in when an object is loaded, from the BTF of the kernel that runs (CO-RE), so neither
 * order nor offsets here mean anything, and no header made from some kernel is needed.
 */
#ifndef HARNESS_PROBES_KERNEL_BPF_H
#define HARNESS_PROBES_KERNEL_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct rw_semaphore {
	int unused;
};

struct spinlock {
	int unused;
};

struct mm_struct {
	struct rw_semaphore mmap_lock;
	struct spinlock page_table_lock;
};

struct task_struct {
	unsigned int __state;
	struct mm_struct *mm;
};

struct kmem_cache {
	const char *name;
};

/* What tells a page fault from a system call in the registers that user space left. */
struct pt_regs___x86 {
	unsigned long orig_ax; /* -1 in an exception */
};

struct pt_regs___arm64 {
	int syscallno; /* -1 (NO_SYSCALL) in an exception */
};

#pragma clang attribute pop

/* <linux/sched.h>, the same from 5.14 to 6.18 */
#define TASK_RUNNING	     0
#define TASK_INTERRUPTIBLE   1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_DEAD	     0x80

#endif
