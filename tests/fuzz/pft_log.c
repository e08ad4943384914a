/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the log of a client count. */
#include <stdint.h>

#include "analysis/mmtests.h"
#include "common/say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Numbers ascend one by one. */
static void check(void *arg, unsigned number, const double fields[NR_LOG_FIELDS])
{
	unsigned *last = arg;

	(void)fields;
	if (number != ++*last)
		BUG("line %u has the number %u", *last, number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned last = 0;

	mmtests_parse_log((const char *)data, size, check, &last);
	return 0;
}
