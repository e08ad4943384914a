/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kswap_group: a memory cgroup with a limit, of version 1 or 2, for this process. */
#ifndef PFT_KSWAP_GROUP_H
#define PFT_KSWAP_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct kswap_undo;

/* Where the memory controller is, and this process in it. */
struct kswap_hierarchy {
	int version; /* 1 or 2 */
	char *mount; /* the hierarchy's root */
	char *home; /* the group that this process is in, or the root if that is not to be seen */
};

/*
 * Find it. @mounts and @membership are as /proc/self/mounts and /proc/self/cgroup. Returns 0,
 * -ENOSYS if there is none, or -errno, with the reason in @why. kswap_hierarchy_release() in any case.
 */
int kswap_hierarchy_find(struct kswap_hierarchy *h, const char *mounts, const char *membership,
			 struct why *why);
void kswap_hierarchy_release(struct kswap_hierarchy *h);

/* What a group may have: bytes, or SWAP_UNLIMITED to leave the kernel's default. */
struct kswap_limits {
	uint64_t memory;
	uint64_t zswap; /* compressed bytes; version 2 only */
	bool no_writeback; /* of what zswap has of it; version 2 only, Linux 6.8 */
};

/*
 * Make a group with these limits below the root. @suffix tells several of one process apart. The
 * io controller is handed down too where there is one: it counts what a group reads and writes. Returns 0,
 * or -errno with the reason in @why; with the group's directory in @path, to be freed. All of it is noted
 * in @undo.
 */
int kswap_group_make(const struct kswap_hierarchy *h, const char *suffix,
		     const struct kswap_limits *limits, struct kswap_undo *undo, char **path,
		     struct why *why);

/* Move this process into @group: what it touches first from now on is the group's. Returns 0, or -errno with
 * the reason in @why. */
int kswap_group_move(const char *group, struct why *why);

#endif
