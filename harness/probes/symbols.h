/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols: names for addresses. The kernel's from /proc/kallsyms; those of the workers from the files that
 * they had mapped, as pft told in its rows: addresses become offsets in a file, which is still there when
 * the process has ended.
 */
#ifndef HARNESS_PROBES_SYMBOLS_H
#define HARNESS_PROBES_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "harness/probes/elf_symbols.h"
#include "harness/probes/kallsyms.h"

/* A part of a process's memory that is code of a file. */
struct mapping {
	uint64_t start, end; /* addresses */
	uint64_t offset; /* in the file */
	struct elf_symbols *file;
};

struct symbols {
	struct kallsyms kernel;
	struct mapping *mappings; /* of the process that is explained now */
	size_t nr_mappings, cap_mappings;
	struct elf_symbols **files; /* all that were ever mapped */
	size_t nr_files, cap_files;
};

/* Read the kernel's symbols. Without the right to see addresses there are none: -EPERM, with the reason,
 * and symbols that name nothing. The caller releases them in any case. */
int symbols_init(struct symbols *symbols, struct why *why);

/* Another process: forget the mappings. */
void symbols_clear(struct symbols *symbols);

/* Add a mapping as pft tells it: "START-END OFFSET PATH", numbers in hex. Returns 0 or -EINVAL. */
int symbols_map(struct symbols *symbols, const char *text);

/* The function that @address lies in, valid until release; "[unknown]" if it has no name, "[FILE]" if only
 * the file is known. */
const char *symbols_kernel(const struct symbols *symbols, uint64_t address);
const char *symbols_user(const struct symbols *symbols, uint64_t address);

/* Free them. */
void symbols_release(struct symbols *symbols);

#endif
