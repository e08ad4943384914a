/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_command: what the options of faultscale guest mean for the guest's init (harness/guest/orders.h). */
#ifndef HARNESS_GUEST_COMMAND_H
#define HARNESS_GUEST_COMMAND_H

#include "common/meta.h"
#include "harness/guest/modules.h"
#include "harness/guest_options.h"

/* The text of the orders for the run @name, which is to keep @facts, in memory that the caller frees; a run
 * that goes on (@resume) keeps those it has. */
char *guest_command(const struct guest_options *options, const struct modules *modules,
		    const char *name, bool resume, const struct meta *facts);

#endif
