/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms: the kernel's symbols, as /proc/kallsyms lists them, sorted to be searched by address. */
#ifndef HARNESS_PROBES_KALLSYMS_H
#define HARNESS_PROBES_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/say.h"

struct kallsyms_symbol {
	uint64_t address;
	const char *name;
	const char *module; /* NULL: of the kernel itself */
	char type; /* as nm(1) has it: t and T code, d and D data, b and B zeroed data */
};

struct kallsyms {
	char *text; /* the names are in it */
	struct kallsyms_symbol *symbols; /* [nr], ascending; of several at an address the best */
	size_t nr, cap;
	uint64_t etext; /* _etext, where the kernel's own code ends; 0 if it is not listed */
	uint64_t data_start, data_end; /* its own variables, without modules'; 0: not listed */
};

/* Read @in, in the form of /proc/kallsyms, and close it; lines that are none are passed over. Returns 0;
 * -EPERM if all addresses are hidden; -EINVAL without a symbol. The caller releases in any case. */
int kallsyms_read(struct kallsyms *kallsyms, FILE *in, struct why *why);

/* The same for a file, "/proc/kallsyms". Returns -errno too if it cannot be opened. */
int kallsyms_open(struct kallsyms *kallsyms, const char *path, struct why *why);

/* The name of the symbol, code or data, that @address lies in, or NULL; *@offset (may be NULL) from its
 * start. What lies behind the kernel's own code is in no function. */
const char *kallsyms_find(const struct kallsyms *kallsyms, uint64_t address, uint64_t *offset);

/* The function around the code at @address, or NULL. *@size: bytes up to the next symbol, 0 if none follows
 * near enough. */
const struct kallsyms_symbol *kallsyms_function(const struct kallsyms *kallsyms, uint64_t address,
						uint64_t *size);

/* The variable around the data at @address, or NULL; most kernels list those of modules alone, others
 * (CONFIG_KALLSYMS_ALL) their own as well. */
const struct kallsyms_symbol *kallsyms_variable(const struct kallsyms *kallsyms, uint64_t address);

/* Free what the struct holds. */
void kallsyms_release(struct kallsyms *kallsyms);

#endif
