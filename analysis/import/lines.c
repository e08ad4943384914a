/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/import/lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

int lines_next(struct lines *lines, struct why *why)
{
	ssize_t len = getline(&lines->text, &lines->size, lines->file->in);

	if (len < 0 && ferror(lines->file->in))
		return why_not(why, EIO, "cannot read '%s': %s", lines->file->path,
			       strerror(errno));
	if (len < 0)
		return 0;
	lines->number++;
	if (memchr(lines->text, '\0', len))
		return lines_bad(lines, why, "not a text file");
	lines->text[strcspn(lines->text, "\r\n")] = '\0';
	return 1;
}

int lines_bad(const struct lines *lines, struct why *why, const char *fmt, ...)
{
	char reason[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return why_not(why, EINVAL, "%s:%u: %s", lines->file->path, lines->number, reason);
}

void lines_release(struct lines *lines)
{
	free(lines->text);
	lines->text = NULL;
}

char *lines_case(const struct import_file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;

	return xstrndup(name, strcspn(name, "."));
}
