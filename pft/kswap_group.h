/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kswap_group: a memory cgroup with a limit, of version 1 or 2, for this process. */
#ifndef PFT_KSWAP_GROUP_H
#define PFT_KSWAP_GROUP_H

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

/*
 * Make a group below the root that may have @limit bytes of memory and @zswap_max compressed bytes
 * (SWAP_UNLIMITED: leave it), and move this process there. Returns 0, or -errno with the reason in
 * @why; with the group's directory in @path, to be freed. All of it is noted in @undo.
 */
int kswap_group_enter(const struct kswap_hierarchy *h, uint64_t limit, uint64_t zswap_max,
		      struct kswap_undo *undo, char **path, struct why *why);

#endif
