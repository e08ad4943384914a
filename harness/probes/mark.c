/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mark: the object that marks the threads of the run; the other probes are given its map. */
#include "harness/probes/probe.h"
#include "harness/probes/mark.skel.h"

static const struct probe_hook hooks[] = {
	{"mark_fork", "sched_process_fork", 2, NULL, "every Linux from 5.15 on"},
	{"mark_rename", "task_rename", 2, NULL, "every Linux from 5.15 on"},
	{0},
};

const struct probe_ops mark_probe = {
	.name = "mark",
	.summary = "which threads belong to the run",
	.elf = mark_bpf__elf_bytes,
	.hooks = hooks,
};
