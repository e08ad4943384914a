/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/fold.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"

/* How many numbers from @ids on rise by one stride. */
static size_t run_length(const unsigned *ids, size_t nr)
{
	size_t len = 2;

	if (nr < 2 || ids[1] <= ids[0])
		return 1;
	while (len < nr && ids[len] > ids[len - 1] && ids[len] - ids[len - 1] == ids[1] - ids[0])
		len++;
	return len;
}

char *fold_list(const unsigned *ids, size_t nr)
{
	char *text;
	size_t size, len;
	FILE *out;

	if (!nr)
		return xstrdup("-");
	out = xmemstream(&text, &size);
	for (size_t i = 0; i < nr; i += len) {
		unsigned stride;

		len = run_length(ids + i, nr - i);
		stride = len > 1 ? ids[i + 1] - ids[i] : 1;
		if (len == 2 && stride > 1)
			len = 1; /* "1,3" and not "1-3:2" */
		fprintf(out, "%s%u", i ? "," : "", ids[i]);
		if (len > 1)
			fprintf(out, "-%u", ids[i + len - 1]);
		if (len > 1 && stride > 1)
			fprintf(out, ":%u", stride);
	}
	fclose(out);
	return text;
}
