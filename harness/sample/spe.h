/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spe: records of Arm's Statistical Profiling Extension, as the processor writes them into the AUX area of
 * the event arm_spe_0 (Arm Architecture Reference Manual, DDI 0487, "Statistical Profiling Extension sample
 * record specification").
 */
#ifndef HARNESS_SAMPLE_SPE_H
#define HARNESS_SAMPLE_SPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/sample/record.h"

/* The event's config and config2 (drivers/perf/arm_spe_pmu.c, "User ABI"). */
#define SPE_TIMESTAMPS	  ((uint64_t)1 << 0)
#define SPE_JITTER	  ((uint64_t)1 << 16) /* not in step with loops */
#define SPE_LOADS	  ((uint64_t)1 << 33)
#define SPE_STORES	  ((uint64_t)1 << 34)
#define SPE_LATENCY_LEAST 30 /* cycles: as of PEBS; below it nothing has left the core */

/* A moment by the processor's counter, which the records have, and by CLOCK_MONOTONIC. */
struct spe_clock {
	uint64_t ticks, ns;
	uint64_t hz; /* of the counter */
};

/* Read both. Returns false where there is no such counter: on other processors. */
bool spe_clock_now(struct spe_clock *clock);

/*
 * Whether the processor with this MIDR_EL1 numbers where data came from as Arm's own cores do: each maker
 * may number them as it likes.
 */
bool spe_has_sources(uint64_t midr);

/*
 * Add the loads and stores among @size bytes of the AUX area, which are those of @from, to @log: of the
 * thread that @log says was on the CPU then, else of the one that @from names. @clock is a moment near
 * them, and @sources whether spe_has_sources(). What is half a record or none is lost with all behind it.
 */
void spe_decode(struct sample_log *log, const void *data, size_t size,
		const struct sample_aux *from, const struct spe_clock *clock, bool sources);

#endif
