/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libraries: the shared libraries that programs load, read out of their ELF files, so that it works for
 * programs of another processor too. What a program opens by itself later (dlopen) is not found.
 */
#ifndef HARNESS_GUEST_LIBRARIES_H
#define HARNESS_GUEST_LIBRARIES_H

#include <stddef.h>

#include "common/say.h"

struct library {
	char *name; /* as the programs ask for it */
	char *path; /* where it lies here */
};

struct libraries {
	const char *sysroot; /* below which libraries are looked for, "" for this system */
	unsigned machine; /* EM_X86_64 and so on, of all; 0 before the first program */
	char *interpreter; /* the dynamic loader that the programs name; NULL for static ones */
	char **folders; /* that are looked through, in this order */
	size_t nr_folders, cap_folders;
	struct library *found;
	size_t nr, cap;
};

/* Find out where libraries lie below @sysroot: what ld.so.conf says, and the usual folders. */
void libraries_init(struct libraries *libraries, const char *sysroot);

/* Add what @program loads, and what that loads in turn. Returns 0, or -errno with the reason in @why: no
 * ELF file, one of another processor than those before, a library that is not there. */
int libraries_add(struct libraries *libraries, const char *program, struct why *why);

/* For which processor (EM_X86_64 and so on) @program is. Returns 0, or -errno with the reason in @why. */
int libraries_machine(const char *program, unsigned *machine, struct why *why);

/* Free what the struct holds. */
void libraries_release(struct libraries *libraries);

#endif
