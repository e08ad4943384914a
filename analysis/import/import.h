/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import: what another program measured, as a run of ours. A format is a file that reads and a row in
 * import_table.c: it fills a struct import with steps, their records and the facts it finds; what is
 * alike for all formats, and the writing, is in import.c.
 */
#ifndef ANALYSIS_IMPORT_IMPORT_H
#define ANALYSIS_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analysis/notes.h"
#include "common/meta.h"
#include "common/say.h"

enum { IMPORT_MAX_CLIENTS = 65536 };

/* No program writes as much about its measurements: what is larger is something else, or has no end. */
#define IMPORT_MAX_BYTES ((size_t)64 << 20)

/* A number that was measured, or that derives from one as a note says. */
struct import_record {
	char *metric;
	const char *unit; /* as docs/format.md lists them */
	double value;
	char *absent; /* NULL, or why there is no value: a status of samples.tsv */
};

struct import_step {
	char *variant, *workload, *mode, *extra; /* as in plan.tsv */
	unsigned clients, iteration;
	struct import_record *records;
	size_t nr, cap;
};

struct import {
	const char *variant; /* what all variants are called (--variant), or NULL */
	struct import_step **steps; /* in the order of the files */
	size_t nr, cap;
	struct meta facts; /* for meta.tsv */
	struct notes *notes; /* for who imports */
};

/* One file to read. */
struct import_file {
	const char *path; /* for messages; "-" is standard input */
	FILE *in; /* NULL where @path is a directory */
	unsigned clients; /* what N=FILE says, 0 without */
};

/* Free what @import holds, but for the notes. */
void import_release(struct import *import);

/*
 * A new step of this variant (named by --variant, else as told; other characters than a plan allows
 * become '_') and client count: one more iteration of its cell. @mode and @extra may be "-". The step
 * stays where it is until import_release().
 */
struct import_step *import_step(struct import *import, const char *variant, const char *workload,
				const char *mode, unsigned clients);

/* The last step of this variant and client count, or NULL. */
struct import_step *import_find(const struct import *import, const char *variant,
				unsigned clients);

/* Add a record to a step. @absent is why there is no value, NULL where there is one. */
void import_add(struct import_step *step, const char *metric, const char *unit, double value,
		const char *absent);

/* The record of this metric, or NULL. */
const struct import_record *import_record(const struct import_step *step, const char *metric);

/* A fact about where it was measured. Where files differ in it the first one counts, and a note tells. */
void import_fact(struct import *import, const char *key, const char *value);

/* What makes these numbers unlike those of pft, for meta.tsv; a remark is kept once. */
void import_remark(struct import *import, const char *remark);

/* The finite decimal number @text. Returns whether it is one. */
bool import_number(const char *text, double *value);

/* The client count @text, 1..IMPORT_MAX_CLIENTS. Returns whether it is one. */
bool import_clients(const char *text, unsigned *clients);

struct import_format {
	const char *name; /* what the command line says */
	const char *summary; /* for --list */
	const char *program; /* that measured: "will-it-scale" */
	bool directories; /* it can read a directory as well */
	/* Read one file. Returns 0, or -errno with file:line and the reason in @why. */
	int (*read)(struct import *import, const struct import_file *file, struct why *why);
};

extern const struct import_format import_will_it_scale, import_stress_ng, import_pft,
	import_published;

/* All formats, NULL-terminated. */
extern const struct import_format *const import_formats[];

/* The format called @name. Returns NULL with all names in @why if there is none. */
const struct import_format *import_format_find(const char *name, struct why *why);

/* Open @word, which is FILE or N=FILE, and read it. Returns 0, or -errno with the reason in @why. */
int import_read(struct import *import, const struct import_format *format, const char *word,
		struct why *why);

/*
 * Write the run RESULTS/@name: samples.tsv, plan.tsv and meta.tsv, all or nothing. Returns 0; -EEXIST
 * if there is such a run; -EINVAL if @name cannot name one, or there is not one step; another -errno.
 */
int import_write(const struct import *import, const struct import_format *format,
		 const char *results, const char *name, struct why *why);

#endif
