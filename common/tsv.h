/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tsv: the one file form of the project (docs/format.md). Line 1 is "# faultscale KIND VERSION",
 * line 2 the column names, then one record a line; fields are separated by one tab. In a field tab,
 * newline, carriage return and backslash are written \t \n \r \\, so every text survives.
 */
#ifndef COMMON_TSV_H
#define COMMON_TSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/say.h"

/* What a table looks like: its kind, the version that this program writes and reads, and its
 * columns in order, NULL-terminated. */
struct tsv_schema {
	const char *kind;
	unsigned version;
	const char *const *columns;
};

/* Write the two head lines of an empty table. Errors show in ferror(@out). */
void tsv_write_head(FILE *out, const struct tsv_schema *schema);

/* Write one field, escaped, followed by @end ('\t' or '\n'). */
void tsv_write_field(FILE *out, const char *field, char end);

/* A file being read: it is read in pieces, so its size does not matter. */
struct tsv_reader {
	FILE *in;
	char *path;
	const struct tsv_schema *schema;
	unsigned line; /* 1-based number of the line read last */
	size_t nr_columns; /* of the schema */
	char *buf; /* the line read last, cut up in place */
	size_t buf_size;
	bool torn; /* the last line had no newline: a write that was cut off */
};

/*
 * Open @path and check its two head lines against @schema. Returns 0, or -errno with the reason in
 * @why: -ENOENT and so on, -EINVAL if the kind, the version or the columns are not the schema's (a
 * newer version is named as such). Columns after the schema's are allowed and ignored.
 */
int tsv_reader_init(struct tsv_reader *r, const char *path, const struct tsv_schema *schema,
		    struct why *why);

/* The same for a stream that is already open, @name in messages; it is closed in any case. */
int tsv_reader_init_stream(struct tsv_reader *r, FILE *in, const char *name,
			   const struct tsv_schema *schema, struct why *why);

/*
 * Read one record into @fields[nr_columns], unescaped, valid until the next call. Returns 1, 0 at
 * the end, or -EINVAL with file:line in @why. A last line without a newline is what a kill leaves
 * behind: it is not returned, and sets ->torn.
 */
int tsv_reader_next(struct tsv_reader *r, char **fields, struct why *why);

/* Close the file and free what the reader holds. */
void tsv_reader_release(struct tsv_reader *r);

#endif
