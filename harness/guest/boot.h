/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot: one life of a guest: the emulator runs, what comes through the port is written to the run, and to the
 * streams of this program, until the guest says that it is done, falls silent or dies. The emulator ends with
 * this program, however that ends (child.h).
 */
#ifndef HARNESS_GUEST_BOOT_H
#define HARNESS_GUEST_BOOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/say.h"
#include "harness/child.h"
#include "harness/guest/qemu.h"
#include "harness/guest/receiver.h"
#include "harness/guest/watcher.h"
#include "harness/guest/wire.h"
#include "harness/stop.h"

#define BOOT_S 120 /* to the first word of the init, at least */

enum boot_end {
	BOOT_DONE, /* the run in the guest ended, with ->code */
	BOOT_DIED, /* the emulator ended before: a crash of the kernel, or of the emulator */
	BOOT_SILENT, /* nothing came for too long */
};

struct boot {
	struct qemu *qemu;
	struct receiver *receiver;
	struct watcher *watcher; /* shows how far the run is */
	unsigned timeout_s; /* of silence; a boot may take BOOT_S */
	FILE *out, *err; /* for what the run writes */
	struct stop *stop;

	/* what became of it */
	enum boot_end end;
	int code;
	double hello_s; /* from the start to the init's first word; 0: it said none */
	struct why why; /* of BOOT_DIED and BOOT_SILENT */
	struct child_result child; /* of the emulator; its stdout is the console */

	/* of boot_run() */
	struct child_watch watch;
	struct wire_reader reader;
	int port, timer; /* what ->watch.fd, an epoll, looks at */
	pid_t pid;
	uint64_t start_ns;
	bool said_end, silent;
	size_t text_len; /* of what the run wrote so far */
	int err_write; /* the files could not be written, for the reason in ->why_write */
	struct why why_write;
};

/*
 * Boot and watch. Returns 0 with ->end; -EINTR if @stop was asked for; another -errno with the reason in
 * @why if the emulator could not be started or a file of the run could not be written. boot_release() in
 * any case.
 */
int boot_run(struct boot *boot, struct why *why);

/* Free what the struct holds. */
void boot_release(struct boot *boot);

#endif
