/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mappings: which code lies where in this process, for those who look at its stacks when it has ended. */
#ifndef PFT_MAPPINGS_H
#define PFT_MAPPINGS_H

#include "common/say.h"
#include "pft/emit.h"

/* A text row "mapping" for each mapped piece of code: "START-END OFFSET PATH", in hex. Returns 0, or -errno
 * with the reason in @why. */
int mappings_emit(struct emit *emit, struct why *why);

#endif
