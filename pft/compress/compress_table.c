/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "common/units.h"
#include "pft/compress/compress.h"

extern const struct compressor compress_null, compress_lz4, compress_lzo, compress_lzo_rle,
	compress_zstd, compress_deflate;

/* From the fastest to the densest. */
const struct compressor *const compressors[] = {
	&compress_null,	   &compress_lz4,  &compress_lzo,
	&compress_lzo_rle, &compress_zstd, &compress_deflate,
};
const unsigned nr_compressors = sizeof(compressors) / sizeof(*compressors);

static const struct compressor *find(const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < nr_compressors; i++)
		if (strlen(compressors[i]->name) == len && !memcmp(compressors[i]->name, name, len))
			return compressors[i];
	return NULL;
}

const struct compressor *compressor_find(const char *name)
{
	return find(name, strlen(name));
}

static int level_parse(const struct compressor *c, const char *text, int *level, struct why *why)
{
	uint64_t value;
	int rc;

	if (!c->level_max)
		return why_not(why, EINVAL, "codec '%s' has no levels, with ':%s'; use '%s'",
			       c->name, text, c->name);
	rc = number_parse(text, c->level_min, c->level_max, &value, why);
	if (rc)
		return why_within(why, -rc, "level of codec '%s'", c->name);
	*level = value;
	return 0;
}

int compressor_parse(const char *text, const struct compressor **compressor, int *level,
		     struct why *why)
{
	const char *colon = strchr(text, ':');
	const struct compressor *c = find(text, colon ? (size_t)(colon - text) : strlen(text));
	int rc;

	if (!c)
		return why_not(why, ENOENT,
			       "no such codec, with '%s'; 'pft --list codecs' names them", text);
	if (c->unavailable)
		return why_not(why, EOPNOTSUPP, "codec '%s' is unavailable: %s", c->name,
			       c->unavailable);
	if (colon) {
		rc = level_parse(c, colon + 1, level, why);
		if (rc)
			return rc;
	} else {
		*level = c->level_default;
	}
	*compressor = c;
	return 0;
}
