/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_symbols: the functions of a program or library, by offset in its file. */
#ifndef HARNESS_PROBES_ELF_SYMBOLS_H
#define HARNESS_PROBES_ELF_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct elf_symbol {
	uint64_t address, size;
	char *name;
};

/* A loaded segment: where a piece of the file lies among the addresses that symbols have. */
struct elf_segment {
	uint64_t offset, size, address;
};

struct elf_symbols {
	char *path;
	char *label; /* "[FILE]", for what has no name */
	struct elf_symbol *symbols; /* by address */
	size_t nr, cap;
	struct elf_segment *segments;
	size_t nr_segments, cap_segments;
};

/* Read the symbols of @path; a file that cannot be read, or has none, names nothing. The caller frees. */
struct elf_symbols *elf_symbols_new(const char *path);

/* The function at @offset of the file, or the label. */
const char *elf_symbols_find(const struct elf_symbols *e, uint64_t offset);

void elf_symbols_free(struct elf_symbols *e);

#endif
