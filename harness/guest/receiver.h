/* SPDX-License-Identifier: GPL-2.0-or-later */
/* receiver: the host's side of the results: it writes the files of a run that come from a guest. Those sent
 * before a commit are written when it comes, so that a kill leaves a run as it was after a step. A guest gone
 * mad, or bad, must not fill memory and disk: there are limits, far above what a run needs. */
#ifndef HARNESS_GUEST_RECEIVER_H
#define HARNESS_GUEST_RECEIVER_H

#include <stddef.h>
#include <stdint.h>

#include "common/meta.h"
#include "common/say.h"
#include "harness/guest/wire.h"
#include "harness/result.h"

/* What guest it is, for the host alone: no guest can say that it was another one, such as one with files of
 * the host. */
#define RECEIVER_GUEST "guest.tsv"

#define RECEIVER_PENDING_MAX ((size_t)256 << 20) /* bytes between two commits */
#define RECEIVER_BYTES_MAX   ((uint64_t)4 << 30) /* in one life of the guest */
#define RECEIVER_FILES_MAX   65536 /* begun in one life of the guest */

/* A file that came since the last commit. */
struct received_file {
	char *path; /* below the run's directory */
	uint64_t offset; /* of @data in the file, which ends with it */
	char *data;
	size_t len, cap;
};

struct receiver {
	const char *results, *name;
	const struct meta *guest; /* for RECEIVER_GUEST of a new run; NULL: none */
	struct result result; /* ->dir NULL: there is nothing of the run yet */
	struct received_file *files;
	size_t nr, cap;
	size_t pending; /* bytes of ->files */
	uint64_t bytes, begun; /* so far */
};

/* Begin with a run that does not exist yet, or with the run @result, which is taken over. */
void receiver_init(struct receiver *receiver, const char *results, const char *name);

/* Take a frame of kind WIRE_FILE or WIRE_COMMIT. Returns 0, or -errno with the reason in @why. */
int receiver_take(struct receiver *receiver, const struct wire_frame *frame, struct why *why);

/* What came of @path since the last commit, [@len] bytes, or NULL. */
const char *receiver_pending(const struct receiver *receiver, const char *path, size_t *len);

/* Unlock the run and free what the struct holds. */
void receiver_release(struct receiver *receiver);

#endif
