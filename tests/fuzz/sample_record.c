/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the records of a ring buffer, and as a ring buffer. */
#include <stdint.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "harness/sample/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const uint8_t *data, size_t size, uint64_t type)
{
	struct why why = WHY_INIT;
	struct sample_log log;

	sample_log_init(&log, type);
	if (sample_log_decode(&log, data, size, &why) && !why.text[0])
		BUG("a refusal without a reason");
	for (size_t i = 0; i < log.nr_samples; i++)
		source_decode(log.samples[i].source);
	sample_log_release(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t ring = 1;
	uint8_t *copy = xmalloc(size + 1);

	decode(data, size, SAMPLE_TYPE_BASE);
	decode(data, size, SAMPLE_TYPE_BASE | SAMPLE_TYPE_DATA);
	while (2 * ring <= size)
		ring *= 2;
	if (size && ring_copy(copy, data, ring, data[0], data[0] + ring) != ring)
		BUG("a full ring is not copied");
	free(copy);
	return 0;
}
