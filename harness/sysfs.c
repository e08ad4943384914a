/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

char *sysfs_read(const char *root, const char *path)
{
	char *full = xasprintf("%s%s", root, path), *text = NULL;
	FILE *in = fopen(full, "re");
	size_t size = 0;
	ssize_t len;

	free(full);
	if (!in)
		return NULL;
	len = getdelim(&text, &size, '\0', in);
	if (len < 0 && ferror(in)) {
		int err = errno;

		free(text);
		fclose(in);
		errno = err;
		return NULL;
	}
	fclose(in);
	if (len < 0) {
		free(text);
		return xstrdup("");
	}
	while (len > 0 && strchr(" \t\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

bool sysfs_number(const char *root, const char *path, long long *value)
{
	char *text = sysfs_read(root, path), *end = NULL;

	if (text)
		*value = strtoll(text, &end, 10);
	free(text);
	return text && end != text;
}

char *sysfs_field(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value;

		line += *line == '\n';
		if (strncmp(line, key, len) || !strchr(" \t:", line[len]))
			continue;
		value = line + len + strspn(line + len, " \t");
		value += *value == ':';
		value += strspn(value, " \t");
		return xstrndup(value, strcspn(value, "\n"));
	}
	return NULL;
}

char *sysfs_choice(const char *text)
{
	const char *open = strchr(text, '['), *shut = open ? strchr(open, ']') : NULL;

	return shut ? xstrndup(open + 1, (size_t)(shut - open - 1)) : xstrdup(text);
}
