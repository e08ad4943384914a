/* SPDX-License-Identifier: GPL-2.0-or-later */
/* code: functions and source lines of programs and libraries, by the offset of an instruction in the file:
 * the file is still there when the process has ended. */
#ifndef HARNESS_SAMPLE_CODE_H
#define HARNESS_SAMPLE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code_file;

/* All files that were ever asked for. Zero before the first call. */
struct code {
	struct code_file **files;
	size_t nr, cap;
};

/* An instruction. Texts are valid until release, or the next call. */
struct code_place {
	const char *function; /* NULL: the file has no symbol for it */
	uint64_t offset, size; /* in the function; its size, 0 if the file does not say */
	const char *source; /* NULL: no line information */
	int line;
	const char *file; /* last part of the path */
	const char *build_id; /* hexadecimal, "" if the file has none */
};

/* The instruction at @offset bytes of the file @path. Returns whether there is such a file of code. */
bool code_find(struct code *code, const char *path, uint64_t offset, struct code_place *place);

/* Close the files. */
void code_release(struct code *code);

#endif
