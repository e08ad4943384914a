/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/format/json_value.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/clean.h"

json_t *json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_text(const char *text)
{
	json_t *json = text ? json_string(text) : json_null();
	char *clean;

	if (json)
		return json;
	clean = clean_text(text);
	json = json_string(clean);
	free(clean);
	return json;
}

void json_print(FILE *out, const json_t *root)
{
	json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	fputc('\n', out);
}
