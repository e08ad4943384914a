/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emit: the classic result line, and typed rows (docs/format.md, rows 1). */
#ifndef PFT_EMIT_H
#define PFT_EMIT_H

#include <stdint.h>
#include <stdio.h>

#include "common/say.h"

struct run;

/* Where rows go. */
struct emit {
	FILE *out;
};

#define EMIT_ALL (-1) /* thread "all": a figure of all workers together */

/* One row each. @thread is a worker's number or EMIT_ALL; @unit one of docs/format.md. A number
 * that is not finite becomes '-' with the status "unavailable: REASON" that emit_none() gives. */
void emit_number(struct emit *emit, const char *metric, int thread, const char *unit, double value);
void emit_count(struct emit *emit, const char *metric, int thread, const char *unit,
		uint64_t value);
void emit_text(struct emit *emit, const char *metric, const char *value);
/* A number whose status is not "ok"; NAN is no number at all. */
void emit_status(struct emit *emit, const char *metric, int thread, const char *unit, double value,
		 const char *status);
void emit_none(struct emit *emit, const char *metric, int thread, const char *unit,
	       const char *reason);

/* Write all rows of a finished run into @out. Write errors show in ferror(@out). */
void emit_rows(FILE *out, const struct run *run);

/* What precedes the classic line: the title (-T), and a TAG line if @tag is not NULL. */
void emit_title(FILE *out, const struct run *run, const char *tag);

/* The classic result line. */
void emit_classic(FILE *out, const struct run *run);

#endif
