/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/meta.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/durable.h"
#include "common/tsv.h"
#include "common/xalloc.h"

static const char *const columns[] = {"key", "value", NULL};
const struct tsv_schema meta_schema = {"meta", 1, columns};

static void add_owned(struct meta *meta, const char *key, char *value)
{
	XGROW(meta->facts, meta->nr, meta->cap);
	meta->facts[meta->nr++] = (struct meta_fact){xstrdup(key), value};
}

static char *format(const char *before, const char *fmt, va_list ap)
{
	char *text = xvasprintf(fmt, ap), *all = xasprintf("%s%s", before, text);

	free(text);
	return all;
}

void meta_add(struct meta *meta, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_owned(meta, key, format("", fmt, ap));
	va_end(ap);
}

void meta_absent(struct meta *meta, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_owned(meta, key, format("unavailable: ", fmt, ap));
	va_end(ap);
}

const char *meta_get(const struct meta *meta, const char *key)
{
	for (size_t i = 0; i < meta->nr; i++)
		if (!strcmp(meta->facts[i].key, key))
			return meta->facts[i].value;
	return NULL;
}

void meta_drop(struct meta *meta, const char *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < meta->nr; i++) {
		if (strcmp(meta->facts[i].key, key)) {
			meta->facts[kept++] = meta->facts[i];
			continue;
		}
		free(meta->facts[i].key);
		free(meta->facts[i].value);
	}
	meta->nr = kept;
}

int meta_write(const struct meta *meta, const char *path, struct why *why)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int err;

	tsv_write_head(out, &meta_schema);
	for (size_t i = 0; i < meta->nr; i++) {
		tsv_write_field(out, meta->facts[i].key, '\t');
		tsv_write_field(out, meta->facts[i].value, '\n');
	}
	fclose(out);
	err = durable_replace(path, text, len, why);
	free(text);
	return err;
}

int meta_append(const char *path, const char *key, const char *value, struct why *why)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	int fd, err;

	tsv_write_field(out, key, '\t');
	tsv_write_field(out, value, '\n');
	fclose(out);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	err = fd < 0 ? -errno : durable_append(fd, text, len);
	if (fd >= 0)
		close(fd);
	free(text);
	return err ? why_not(why, -err, "cannot write '%s': %s", path, strerror(-err)) : 0;
}

int meta_read(struct meta *meta, const char *path, struct why *why)
{
	struct tsv_reader r;
	char *fields[2];
	int got;

	*meta = (struct meta){0};
	got = tsv_reader_init(&r, path, &meta_schema, why);
	if (got)
		return got;
	while ((got = tsv_reader_next(&r, fields, why)) > 0)
		meta_add(meta, fields[0], "%s", fields[1]);
	tsv_reader_release(&r);
	if (got)
		meta_release(meta);
	return got;
}

void meta_release(struct meta *meta)
{
	for (size_t i = 0; i < meta->nr; i++) {
		free(meta->facts[i].key);
		free(meta->facts[i].value);
	}
	free(meta->facts);
	*meta = (struct meta){0};
}
