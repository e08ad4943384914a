/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as records of SPE, at any place of the AUX area. */
#include <stdint.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "harness/sample/spe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sample_aux from = {.size = size, .who = {1, 2, 3, 4}};
	const struct spe_clock clock = {.ticks = 1000, .ns = 1000000, .hz = 25000000};

	for (unsigned sources = 0; sources < 2; sources++) {
		struct sample_log log;

		from.offset = size && sources ? data[0] : 0;
		sample_log_init(&log, SAMPLE_TYPE_BASE);
		spe_decode(&log, data, size, &from, &clock, sources);
		/* A record has an operation and a PC, and an end. */
		if (log.nr_samples * (2 + 9 + 1) > size || log.lost > 1)
			BUG("%zu samples of %zu bytes", log.nr_samples, size);
		for (size_t i = 0; i < log.nr_samples; i++)
			source_decode(log.samples[i].source);
		sample_log_release(&log);
	}
	return 0;
}
