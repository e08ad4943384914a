/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mirror: the guest's side of the results: what changed in the run's directory goes out through the port. */
#ifndef HARNESS_GUEST_MIRROR_H
#define HARNESS_GUEST_MIRROR_H

#include <stddef.h>
#include <sys/stat.h>

#include "common/say.h"

/* A file as it was sent. */
struct mirror_file {
	char *path; /* below the root */
	struct stat st;
};

struct mirror {
	const char *root;
	int port;
	struct mirror_file *files;
	size_t nr, cap;
};

/* What lies in @root now is known to the host already. @root need not exist yet. */
void mirror_init(struct mirror *mirror, const char *root, int port);

/* Send what is new or changed, and a commit. A file that only grew (samples.tsv) is sent from where it
 * ended. Returns 0, or -errno with the reason in @why. */
int mirror_send(struct mirror *mirror, struct why *why);

/* Free what the struct holds. */
void mirror_release(struct mirror *mirror);

#endif
