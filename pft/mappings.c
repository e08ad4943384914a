/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/mappings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define MAPS "/proc/self/maps"

int mappings_emit(struct emit *emit, struct why *why)
{
	FILE *maps = fopen(MAPS, "re");
	char *line = NULL;
	size_t size = 0;

	if (!maps)
		return why_not(why, errno, "cannot read '%s': %s", MAPS, strerror(errno));
	while (getline(&line, &size, maps) > 0) {
		uint64_t start, end, offset;
		char mode[5], *text;
		int path = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n", &start, &end,
			   mode, &offset, &path) != 4 ||
		    mode[2] != 'x' || !path || line[path] != '/')
			continue;
		text = xasprintf("%" PRIx64 "-%" PRIx64 " %" PRIx64 " %s", start, end, offset,
				 line + path);
		emit_text(emit, "mapping", text);
		free(text);
	}
	free(line);
	fclose(maps);
	return 0;
}
