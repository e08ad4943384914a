/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu: the command line of the emulator. The machine has what its options name and nothing else: no
 * network, no disk, no file system of the host. */
#ifndef HARNESS_GUEST_QEMU_H
#define HARNESS_GUEST_QEMU_H

#include <stdbool.h>
#include <stddef.h>

#include "common/say.h"
#include "harness/guest/shape.h"
#include "harness/stop.h"

struct qemu {
	char *path; /* of the program */
	unsigned machine; /* EM_X86_64 or EM_AARCH64 */
	const char *kernel; /* path of the image */
	const char *append; /* further words for the kernel's command line, or NULL */
	const struct shape *shape;
	bool kvm; /* else TCG */
	bool icount; /* one virtual nanosecond for each instruction, CPUs take turns */
	int initramfs_fd, port_fd; /* both inherited */
};

/* Find the emulator for the processor @machine. Returns 0 with ->path for the caller to free, or -errno
 * with what to install in @why. */
int qemu_find(struct qemu *qemu, unsigned machine, struct why *why);

/* Whether programs for @machine run on this processor. */
bool qemu_is_native(unsigned machine);

/* What `--version` says first, in memory that the caller frees. */
char *qemu_version(const struct qemu *qemu, struct stop *stop);

/* The command line, NULL at its end, in memory that qemu_argv_free() frees. The console is stdout. */
char **qemu_argv(const struct qemu *qemu);
void qemu_argv_free(char **argv);

#endif
