/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kswap_undo: what is changed of the machine, not of this process, is written down before it is done, and
 * taken back at the end, the latest first: by this process; if it dies, by a child that watches it from a
 * session of its own; if that dies too, by whoever opens the log next. All three do the same, and
 * nothing twice is worse than once.
 *
 * The log is a file with a line for each change, locked for as long as its owner or its watcher
 * lives, so that only one run at a time changes the machine.
 */
#ifndef PFT_KSWAP_UNDO_H
#define PFT_KSWAP_UNDO_H

#include <sys/types.h>

#include "common/say.h"

/* The log of this machine: where nothing outlives a reboot, as the changes do not. */
#define KSWAP_UNDO_LOG "/run/pft-kernel-swap"

enum kswap_change {
	KSWAP_WRITE, /* a file's contents: @subject is the file, @before what was in it */
	KSWAP_FILE, /* a file made: @subject, @before "DEVICE:INODE" */
	KSWAP_SWAPON, /* @subject, a file or device, became swap */
	KSWAP_ZRAM, /* a zram device made: @subject is its number */
	KSWAP_GROUP, /* a cgroup made: @subject is its directory, @before where its processes were */
	NR_KSWAP_CHANGES
};

struct kswap_undo {
	char *path;
	int fd; /* of the log, with the lock; -1: not open */
	int alive; /* pipe to the watcher: it acts when this is closed; -1: none */
	pid_t watcher; /* 0: none */
};

/*
 * Open the log, take back what it still holds, and start the watcher; call it with one thread only.
 * Waits up to 20 s for another run, or for a watcher at work. Returns 0; -EBUSY if that is not
 * enough; or -errno; with the reason in @why. kswap_undo_finish() in any case.
 */
int kswap_undo_start(struct kswap_undo *undo, const char *path, struct why *why);

/* Write down a change that is made next. Returns 0, or -errno with the reason in @why. */
int kswap_undo_note(struct kswap_undo *undo, enum kswap_change change, const char *subject,
		    const char *before, struct why *why);

/* Take everything back and end the watcher. Goes on after a failure. Returns 0, or the first -errno
 * with the reason in @why; what failed stays in the log. */
int kswap_undo_finish(struct kswap_undo *undo, struct why *why);

/* Lift the memory limit of the cgroup @group, of whichever version. */
void kswap_raise_limit(const char *group);

/* Replace what is in the file @path, at one write. Returns 0 or -errno. */
int kswap_write(const char *path, const char *text);

/* The first line of the file @path, without its newline, "" if it is empty. Returns 0 or -errno. */
int kswap_read(const char *path, char *line, size_t size);

#endif
