/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

void notes_add(struct notes *notes, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < notes->nr; i++)
		if (!strcmp(notes->lines[i], line))
			return;
	XGROW(notes->lines, notes->nr, notes->cap);
	notes->lines[notes->nr++] = xstrdup(line);
}

void notes_release(struct notes *notes)
{
	for (size_t i = 0; i < notes->nr; i++)
		free(notes->lines[i]);
	free(notes->lines);
	*notes = (struct notes){0};
}
