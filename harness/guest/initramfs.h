/* SPDX-License-Identifier: GPL-2.0-or-later */
/* initramfs: all that a guest has of files, as an archive in memory: the programs and their libraries, the
 * config, the orders for the init, and what a run that goes on has measured. */
#ifndef HARNESS_GUEST_INITRAMFS_H
#define HARNESS_GUEST_INITRAMFS_H

#include <stddef.h>

#include "common/say.h"
#include "harness/guest/modules.h"

struct initramfs {
	char *pft, *faultscale, *init; /* the programs, to go to GUEST_FOLDER */
	const char *sysroot; /* where their libraries are looked for; "" for this system */
	const char *rootfs; /* a folder, or archive, whose files the guest has as well; or NULL */
	const char *config; /* of the run, NULL for one that goes on */
	const char *run_dir; /* of a run that goes on, else NULL */
	const char *orders; /* the text of GUEST_ORDERS */
	const struct modules *modules; /* to go to GUEST_MODULES; NULL for none */
};

/* Find the programs that lie beside @pft, NULL for those of this program, and for which ELF @machine they
 * are. Returns 0, or -errno with the reason in @why. The caller releases the struct in any case. */
int initramfs_programs(struct initramfs *parts, const char *pft, unsigned *machine,
		       struct why *why);

/* Build it. Returns a descriptor that a child inherits, or -errno with the reason in @why. */
int initramfs_build(const struct initramfs *parts, struct why *why);

/* Where the file @path of this machine lies in the guest, whose working directory is its root, in memory
 * that the caller frees: the same place, but for what is no file there (/dev/fd/63). */
char *initramfs_path(const char *path);

/* Free the programs' paths. */
void initramfs_release(struct initramfs *parts);

#endif
