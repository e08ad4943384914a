/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as arithmetic: a number, or a reason. */
#include <stddef.h>
#include <stdint.h>

#include "harness/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One letter more, one value more: small ones, the largest, and what is no number. */
static const char *find(void *arg, const char *name, size_t len)
{
	static const char *const values[] = {
		"0",  "1", "-1",  "56", "9223372036854775807", "-9223372036854775807",
		"0x", "",  "1+1",
	};

	(void)arg;
	(void)name;
	return len < sizeof(values) / sizeof(values[0]) ? values[len] : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct expr_names names = {.find = find};
	struct why why = WHY_INIT;
	int64_t value;

	if (expr_eval((const char *)data, size, &names, &value, &why) && !why.text[0])
		BUG("a refusal without a reason");
	return 0;
}
