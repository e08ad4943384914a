/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_sample: faultscale run --sample. */
#ifndef HARNESS_CMD_SAMPLE_H
#define HARNESS_CMD_SAMPLE_H

#include "harness/sample/sampling.h"

/* Leave, with a message, if @spec cannot be understood. */
void cmd_sample_check(const char *spec);

/* Choose the event by @spec, say what is not as it was asked for, and sample: all of @sampling but its event
 * and progress is set. Returns the exit code: EXIT_GOOD also where this machine lets nothing be sampled. */
int cmd_sample(struct sampling *sampling, const char *spec);

#endif
