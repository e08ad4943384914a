/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as what perf script prints. */
#include <stdint.h>
#include <stdio.h>

#include "analysis/perf_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct perf_script script;
	struct why why = WHY_INIT;
	uint64_t sum = 0;

	if (!in)
		return 0;
	if (perf_script_read(&script, in, "text", &why) && !why.text[0])
		BUG("a refusal without a reason");
	for (size_t i = 0; i < script.table.nr; i++)
		if (*script.table.misses[i]->where.side != 'a')
			sum += script.table.misses[i]->counts.count;
	if (sum != script.samples)
		BUG("samples that are nowhere");
	perf_script_release(&script);
	return 0;
}
