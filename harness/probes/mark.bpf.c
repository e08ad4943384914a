/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark: which threads belong to the run, and which of them are inside their measured region.
 *
 * The harness marks itself from outside; a mark goes on from parent to child at fork, so there is no list of
 * process numbers and no race with exec. A worker tells the begin and the end of its measured region by its
 * name (prctl(PR_SET_NAME)): as it runs at both moments, no wait of its own reaches across them.
 */
#include "harness/probes/task.bpf.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(mark_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *from = bpf_task_storage_get(&tasks, parent, NULL, 0), *to;

	if (!from)
		return 0;
	to = bpf_task_storage_get(&tasks, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!to) {
		lose(&control.lost_events);
		return 0;
	}
	to->counted = 1;
	to->inside = from->inside;
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(mark_rename, struct task_struct *task, const char *comm)
{
	static const char measured[] = "pft-measured";
	struct task_state *state = task_state(task);
	char name[sizeof(measured)] = {0};

	if (!state)
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name), comm);
	state->inside = 1;
	for (__u32 i = 0; i < sizeof(measured); i++)
		if (name[i] != measured[i])
			state->inside = 0;
	return 0;
}
