/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker: what one worker does in a round, whether it is a thread or a process. */
#ifndef PFT_WORKER_H
#define PFT_WORKER_H

#include "pft/run.h"

/* Prepare, wait for the release, make the measured pass, wait for the others, verify, clean up.
 * Errors are left in @worker. */
void worker_round(struct worker *worker);

/* Whether the finished @worker made the faults, on the CPU, that were planned. Returns 0, or -errno
 * with the reason in @why. */
int worker_verify(const struct worker *worker, struct why *why);

#endif
