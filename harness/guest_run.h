/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_run: a run, new or to go on, in one life of a guest. */
#ifndef HARNESS_GUEST_RUN_H
#define HARNESS_GUEST_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/meta.h"
#include "common/say.h"
#include "harness/guest/boot.h"
#include "harness/guest/initramfs.h"
#include "harness/guest/qemu.h"
#include "harness/guest/receiver.h"
#include "harness/guest/shape.h"
#include "harness/guest/watcher.h"
#include "harness/guest_options.h"
#include "harness/stop.h"

struct guest_run {
	struct guest_options options; /* as given, but for what a run that goes on recalls */
	const struct guest_options *given;
	const char *name;
	bool resume;
	struct stop *stop;
	struct shape shape;
	struct receiver receiver;
	struct watcher watcher;
	struct initramfs parts;
	struct modules modules;
	struct qemu qemu; /* ->initramfs_fd -1: not built yet */
	struct meta facts; /* that the run in the guest is to keep */
	struct boot boot;
	char label[64]; /* before each line of progress */
	bool quiet_out, quiet_err; /* what the run writes there shows only if it fails */
	struct why no_kvm; /* why it is not used, though it might; empty: it is, or is not asked for */
	unsigned iterations, next_iteration; /* of the plan, and the first that is not done */
	bool complete; /* a run that goes on has nothing left to measure */
};

/*
 * Begin the run @name, or lock one that goes on (@resume), cut off what a kill has left of it and recall its
 * guest. The options must outlive the struct. Returns 0, or -errno with the reason in @why. The caller
 * releases the struct in any case.
 */
int guest_run_init(struct guest_run *run, const struct guest_options *options, const char *name,
		   bool resume, struct stop *stop, struct why *why);

/* Find what the guest needs, and what runs its code; sets ->no_kvm. Returns as guest_run_init(). */
int guest_run_prepare(struct guest_run *run, struct why *why);

/* Boot it. Returns as boot_run(), with ->boot. */
int guest_run_boot(struct guest_run *run, struct why *why);

/* Unlock the run and free what the struct holds. */
void guest_run_release(struct guest_run *run);

#endif
