/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes: one row each, in the order in which they are attached. */
#include "harness/probes/probe.h"

extern const struct probe_ops offcpu_probe, contention_probe, mmap_lock_probe, alignment_probe,
	latency_probe;

const struct probe_ops *const probe_table[] = {
	&offcpu_probe, &contention_probe, &mmap_lock_probe, &alignment_probe, &latency_probe, NULL,
};
