/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prefetch: the bits with which a processor's prefetchers are switched off, one MSR bit each, per CPU.
 * On Intel they are in MSR 0x1A4 (SDM volume 4, "MISC_FEATURE_CONTROL"), on AMD in 0xC0000108 where CPUID
 * 0x80000021 EAX bit 13 says so (APM volume 2, "PrefetchControl"); a set bit means off. A processor that is
 * not known here is left alone.
 */
#ifndef HARNESS_PREFETCH_H
#define HARNESS_PREFETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "common/units.h"

/* One prefetcher. */
struct prefetcher {
	const char *name;
	unsigned bit;
	const char *summary;
};

#define PREFETCHERS_MAX 5

/* What is known of a kind of processor. */
struct prefetch_model {
	const char *name; /* of the family of processors */
	uint32_t msr;
	const char *adjacent; /* the prefetcher that --only adjacent means, and */
	const char *nearest; /* NULL, or how it differs from Intel's adjacent-line prefetcher */
	struct prefetcher prefetchers[PREFETCHERS_MAX + 1]; /* ends with a NULL name */
};

/* A machine's CPUs and what can be switched there; files are below @root, "" for this machine. */
struct prefetch {
	const char *root;
	const struct prefetch_model *model;
	struct id_list cpus; /* that are online */
};

/* The register of one CPU, before and after a change. */
struct prefetch_value {
	unsigned cpu;
	uint64_t before, after;
};

/* Find out what this machine has; nothing is written. Returns 0, or with the reason in @why: -ENOTSUP for an
 * unknown processor, -ENOENT without the msr driver, -EACCES, -EPERM. The caller releases @prefetch. */
int prefetch_init(struct prefetch *prefetch, const char *root, struct why *why);
void prefetch_release(struct prefetch *prefetch);

/* The bits of the prefetchers in @list ("adjacent", or names separated by commas, NULL for all). 0, or
 * -EINVAL with the names that there are in @why. */
int prefetch_mask(const struct prefetch *prefetch, const char *list, uint64_t *mask,
		  struct why *why);

/* Read the register of every CPU into @values (as many as prefetch->cpus has; before == after). 0 or -errno
 * with the reason in @why. */
int prefetch_read(const struct prefetch *prefetch, struct prefetch_value *values, struct why *why);

/* Let after be before with the bits of @mask set (@off) or cleared. */
void prefetch_change(struct prefetch_value *values, size_t nr, uint64_t mask, bool off);

/*
 * Write values[].after where it differs from before and read it back. 0; or -errno with CPU and reason in
 * @why: then what was written so far has been put back.
 */
int prefetch_write(const struct prefetch *prefetch, const struct prefetch_value *values, size_t nr,
		   struct why *why);

/* Put the bits of @mask back to what they are in values[].before, on every CPU that lets us; other
 * bits stay as they are. Returns how many CPUs refused. */
size_t prefetch_restore(const char *root, uint32_t msr, uint64_t mask,
			const struct prefetch_value *values, size_t nr);

#endif
