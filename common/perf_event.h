/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf_event: counters of perf_event_open(2) by name: libpfm4's names, the generic ones of perf, and
 * those that the kernel lists below /sys/bus/event_source/devices. That a name can be encoded proves
 * nothing: libpfm4 takes a guest's CPU for the real one. Only opening the event tells.
 */
#ifndef COMMON_PERF_EVENT_H
#define COMMON_PERF_EVENT_H

#include <linux/perf_event.h>

#include "common/say.h"

/*
 * Encode @name with its modifiers (":u" user only, ":k" kernel only) into @attr, which is otherwise
 * zero; nothing is opened. Tried in this order: libpfm4, generic names, PMU/NAME/ or NAME of sysfs.
 * @full gets the unambiguous spelling, to be freed. Returns 0; -ENODEV: an event of another
 * processor; -EINVAL: of none, or with a wrong modifier; the reason is in @why. Not for two threads
 * at once.
 */
int perf_event_encode(const char *name, struct perf_event_attr *attr, char **full, struct why *why);

/* Open @attr for the calling thread on whatever CPU it runs, in the group of the open event @group
 * (-1: a group of its own). Returns the file, close-on-exec, or -errno. */
int perf_event_open_self(const struct perf_event_attr *attr, int group);

/*
 * Say in @why what errno @err from opening @attr means here, and which capability or sysctl mends it;
 * /proc and /sys are found below @root (""). Returns -@err.
 */
int perf_event_explain(int err, const struct perf_event_attr *attr, const char *root,
		       struct why *why);

/* The value of kernel.perf_event_paranoid below @root; -2 where the kernel has no perf events. */
int perf_event_paranoid(const char *root);

#endif
