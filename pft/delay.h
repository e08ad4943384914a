/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delay: a slow-down of known size, planted behind the touches of pages, to see whether whoever looks
 * for slow-downs finds it. */
#ifndef PFT_DELAY_H
#define PFT_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"

struct worker;

struct delay {
	uint64_t ns; /* --delay-ns: busy for at least so long; 0: no delay */
	double fraction; /* --delay-fraction: of the pages, evenly spread; 0 means all of them */
};

/* Read --delay-ns or --delay-fraction. Returns 0, or -EINVAL / -ERANGE with the reason in @why. */
int delay_read_ns(struct delay *delay, const char *text, struct why *why);
int delay_read_fraction(struct delay *delay, const char *text, struct why *why);

/* Whether page @page (0..) is one of those. */
bool delay_is_due(const struct delay *delay, uint64_t page);

/* Touch each page of @worker's slice as -c and -z ask for, with the delay behind those that are due. */
void delay_fill(struct worker *worker);

#endif
