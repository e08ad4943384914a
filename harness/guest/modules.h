/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules: modules of a kernel, with those that they need, out of a tree with modules.dep (depmod(8)). */
#ifndef HARNESS_GUEST_MODULES_H
#define HARNESS_GUEST_MODULES_H

#include <stddef.h>

#include "common/say.h"

struct module {
	char *path; /* of the file */
	const char *params; /* behind the name it was asked for by; NULL for none */
};

struct modules {
	char *folder; /* that holds modules.dep */
	struct module *list; /* in the order in which they have to be loaded, each once */
	size_t nr, cap;
};

/*
 * Find the modules.dep of the kernel @image in @folder: there, or below in RELEASE or lib/modules/RELEASE, as
 * the image says what it is. Returns 0, or -ENOENT with the reason in @why. The caller releases the struct in
 * any case.
 */
int modules_init(struct modules *modules, const char *folder, const char *image, struct why *why);

/* Add the module "NAME" or "NAME PARAMETERS", behind what it needs. @word must outlive the struct. Returns 0,
 * or -ENOENT with the reason in @why. */
int modules_add(struct modules *modules, const char *word, struct why *why);

/* What the kernel @image calls itself (uname -r), in memory that the caller frees; NULL if it does not say:
 * the header of a bzImage does (kernel_version in the kernel's Documentation/arch/x86/boot.rst). */
char *modules_release_of(const char *image);

/* Free what the struct holds. */
void modules_release(struct modules *modules);

#endif
