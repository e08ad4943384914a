/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result_order: the records of steps that ran side by side, in the order of their numbers. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/durable.h"
#include "common/xalloc.h"
#include "harness/result.h"

struct line {
	char *text;
	unsigned long step;
	size_t number; /* in the file */
};

static int by_step(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

int result_order(struct result *r, struct why *why)
{
	char *path = result_path(r, "samples.tsv"), *text = NULL, *line = NULL;
	struct line *lines = NULL;
	size_t nr = 0, cap = 0, size = 0, len = 0;
	FILE *in = fopen(path, "re"), *out = xmemstream(&text, &len);
	int err = in ? 0 : why_not(why, errno, "cannot open '%s': %s", path, strerror(errno));

	while (!err && getline(&line, &size, in) > 0) {
		if (!isdigit((unsigned char)*line)) {
			fputs(line, out); /* the head */
			continue;
		}
		XGROW(lines, nr, cap);
		lines[nr] = (struct line){xstrdup(line), strtoul(line, NULL, 10), nr};
		nr++;
	}
	if (!err && ferror(in))
		err = why_not(why, EIO, "cannot read '%s'", path);
	if (nr)
		qsort(lines, nr, sizeof(*lines), by_step);
	for (size_t i = 0; i < nr; i++) {
		fputs(lines[i].text, out);
		free(lines[i].text);
	}
	if (in)
		fclose(in);
	fclose(out);
	if (!err)
		err = durable_replace(path, text, len, why);
	free(lines);
	free(line);
	free(text);
	free(path);
	return err;
}
