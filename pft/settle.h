/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settle: what the options mean together: defaults, and which exclude each other. */
#ifndef PFT_SETTLE_H
#define PFT_SETTLE_H

#include "pft/options.h"

/* Complete and check @inv, whose options have all been read. Errors are as options_parse() has
 * them. */
int options_settle(struct invocation *inv, struct why *why);

#endif
