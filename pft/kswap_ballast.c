/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/kswap_ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BALLAST_BYTES (64 * 4096) /* more than a reclaimer isolates at once */

static int fill(int file)
{
	char zeroes[4096] = "";

	for (off_t at = 0; at < BALLAST_BYTES; at += sizeof(zeroes))
		if (pwrite(file, zeroes, sizeof(zeroes), at) != sizeof(zeroes))
			return -errno;
	return fsync(file) ? -errno : 0;
}

int kswap_ballast_init(struct kswap_ballast *ballast, const char *directory, struct why *why)
{
	int err;

	*ballast = (struct kswap_ballast){-1, {-1, -1}};
	ballast->file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	err = ballast->file < 0 || pipe2(ballast->ends, O_CLOEXEC | O_NONBLOCK)
		      ? -errno
		      : fill(ballast->file);
	if (!err && fcntl(ballast->ends[1], F_SETPIPE_SZ, BALLAST_BYTES) < 0)
		err = -errno;
	if (!err &&
	    splice(ballast->file, &(off_t){0}, ballast->ends[1], NULL, BALLAST_BYTES, 0) <= 0)
		err = -errno;
	if (err)
		return why_not(why, -err, "cannot hold pages of a file in '%s': %s", directory,
			       strerror(-err));
	return 0;
}

void kswap_ballast_release(struct kswap_ballast *ballast)
{
	const int fds[] = {ballast->file, ballast->ends[0], ballast->ends[1]};

	for (unsigned i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*ballast = (struct kswap_ballast){-1, {-1, -1}};
}
