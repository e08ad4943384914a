/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/tsv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"

#define MAGIC "# faultscale "

void tsv_write_head(FILE *out, const struct tsv_schema *schema)
{
	fprintf(out, MAGIC "%s %u\n", schema->kind, schema->version);
	for (const char *const *c = schema->columns; *c; c++)
		tsv_write_field(out, *c, c[1] ? '\t' : '\n');
}

void tsv_write_field(FILE *out, const char *field, char end)
{
	static const char special[] = "\t\n\r\\", letter[] = "tnr\\";

	for (;;) {
		size_t plain = strcspn(field, special);

		fwrite(field, 1, plain, out);
		field += plain;
		if (!*field)
			break;
		fputc('\\', out);
		fputc(letter[strchr(special, *field++) - special], out);
	}
	fputc(end, out);
}

/* Undo the escapes of tsv_write_field() in place. Returns false on one that it never writes. */
static bool unescape(char *field)
{
	char *to = strchr(field, '\\');

	if (!to)
		return true;
	for (char *from = to; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		switch (*++from) {
		case 't':
			*to++ = '\t';
			break;
		case 'n':
			*to++ = '\n';
			break;
		case 'r':
			*to++ = '\r';
			break;
		case '\\':
			*to++ = '\\';
			break;
		default:
			return false;
		}
	}
	*to = '\0';
	return true;
}

/* The next whole line without its newline. Returns 1, 0 at the end, or -errno. */
static int read_line(struct tsv_reader *r, struct why *why)
{
	ssize_t len = getline(&r->buf, &r->buf_size, r->in);

	if (len < 0) {
		if (ferror(r->in))
			return why_not(why, EIO, "cannot read '%s': %s", r->path, strerror(errno));
		return 0;
	}
	r->line++;
	if (r->buf[len - 1] != '\n') {
		r->torn = true;
		return 0;
	}
	if (memchr(r->buf, '\0', len))
		return why_not(why, EINVAL, "%s:%u: not a text file", r->path, r->line);
	r->buf[len - 1] = '\0';
	return 1;
}

static int check_version(struct tsv_reader *r, struct why *why)
{
	size_t kind_len = strlen(r->schema->kind), magic_len = strlen(MAGIC);
	const char *found = r->buf;
	uint64_t version;

	if (strncmp(found, MAGIC, magic_len))
		return why_not(why, EINVAL,
			       "%s:1: not a faultscale table: the first line is not '%s%s %u'",
			       r->path, MAGIC, r->schema->kind, r->schema->version);
	found += magic_len;
	if (strncmp(found, r->schema->kind, kind_len) || found[kind_len] != ' ')
		return why_not(why, EINVAL, "%s:1: wrong kind of table: found '%.80s', want '%s'",
			       r->path, found, r->schema->kind);
	if (number_parse(found + kind_len + 1, 0, 1000000, &version, NULL) ||
	    version != r->schema->version)
		return why_not(
			why, EINVAL,
			"%s:1: version '%.40s' of %s is unknown: this program reads version %u; "
			"use the faultscale that wrote it",
			r->path, found + kind_len + 1, r->schema->kind, r->schema->version);
	return 0;
}

static int check_columns(struct tsv_reader *r, struct why *why)
{
	char *rest = r->buf;

	for (const char *const *c = r->schema->columns; *c; c++) {
		char *name = strsep(&rest, "\t");

		if (!name || strcmp(name, *c))
			return why_not(why, EINVAL, "%s:2: column '%s' expected, found '%.80s'",
				       r->path, *c, name ? name : "the end of the line");
	}
	return 0;
}

static int read_head(struct tsv_reader *r, struct why *why)
{
	int got = read_line(r, why);

	if (got == 1)
		got = check_version(r, why);
	else if (!got)
		got = why_not(why, EINVAL, "%s:1: empty file, no table", r->path);
	if (got)
		return got;
	got = read_line(r, why);
	if (got == 1)
		return check_columns(r, why);
	return got ? got : why_not(why, EINVAL, "%s:2: the column names are missing", r->path);
}

int tsv_reader_init_stream(struct tsv_reader *r, FILE *in, const char *name,
			   const struct tsv_schema *schema, struct why *why)
{
	int err;

	*r = (struct tsv_reader){.schema = schema, .in = in, .path = xstrdup(name)};
	while (schema->columns[r->nr_columns])
		r->nr_columns++;
	err = read_head(r, why);
	if (err)
		tsv_reader_release(r);
	return err;
}

int tsv_reader_init(struct tsv_reader *r, const char *path, const struct tsv_schema *schema,
		    struct why *why)
{
	FILE *in = fopen(path, "re");

	*r = (struct tsv_reader){0};
	if (!in)
		return why_not(why, errno, "cannot open '%s': %s", path, strerror(errno));
	return tsv_reader_init_stream(r, in, path, schema, why);
}

int tsv_reader_next(struct tsv_reader *r, char **fields, struct why *why)
{
	int got = read_line(r, why);
	char *rest = r->buf;
	bool escapes;

	if (got <= 0)
		return got;
	escapes = strchr(r->buf, '\\');
	for (size_t i = 0; i < r->nr_columns; i++) {
		fields[i] = strsep(&rest, "\t");
		if (!fields[i])
			return why_not(why, EINVAL, "%s:%u: %zu fields, want %zu", r->path, r->line,
				       i, r->nr_columns);
		if (escapes && !unescape(fields[i]))
			return why_not(why, EINVAL, "%s:%u: field '%s' has an unknown escape",
				       r->path, r->line, r->schema->columns[i]);
	}
	return 1;
}

void tsv_reader_release(struct tsv_reader *r)
{
	if (r->in)
		fclose(r->in);
	free(r->path);
	free(r->buf);
	*r = (struct tsv_reader){0};
}
