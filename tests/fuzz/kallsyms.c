/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the kernel's list of symbols: sorted, and found again by their addresses. */
#include <stdint.h>
#include <stdio.h>

#include "harness/probes/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct kallsyms k;
	struct why why = WHY_INIT;
	uint64_t length;

	if (!in)
		return 0;
	if (kallsyms_read(&k, in, &why) && !why.text[0])
		BUG("a refusal without a reason");
	for (size_t i = 0; i < k.nr; i++) {
		uint64_t address = k.symbols[i].address, offset;
		const char *name = kallsyms_find(&k, address, &offset);

		if (i && address <= k.symbols[i - 1].address)
			BUG("not sorted");
		if (name && (name != k.symbols[i].name || offset))
			BUG("a symbol is not found at its address");
		kallsyms_function(&k, address + 1, &length);
		kallsyms_variable(&k, address + 1);
	}
	kallsyms_release(&k);
	return 0;
}
