/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kswap_ballast: a few pages of a file that stay on the cgroup's file lists, as every real group has some.
 *
 * In a group with anonymous pages only, whose inactive ones have all become active by refaults,
 * shrink_lruvec() of Linux 6.18 never looks at the active list: its loop runs while there is anything
 * but active anonymous pages, and inactive_is_low() goes by statistics that are up to 2 s old. The group is
 * killed although nearly all of its pages could go. With a page on another list the loop runs, sees
 * that it skips the active list, and tries again by force.
 */
#ifndef PFT_KSWAP_BALLAST_H
#define PFT_KSWAP_BALLAST_H

#include "common/say.h"

struct kswap_ballast {
	int file; /* -1: none */
	int ends[2]; /* of a pipe that holds its pages, so that reclaim cannot free them */
};

/* Take the pages of a nameless file in @directory, charged to this process's group. Returns 0, or -errno
 * with the reason in @why. kswap_ballast_release() in any case. */
int kswap_ballast_init(struct kswap_ballast *ballast, const char *directory, struct why *why);
void kswap_ballast_release(struct kswap_ballast *ballast);

#endif
