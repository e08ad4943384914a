/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfer: how a line comes to a core that may not use it yet: the directory's part of the model. */
#ifndef PFT_SIM_TRANSFER_H
#define PFT_SIM_TRANSFER_H

#include "pft/sim/caches.h"
#include "pft/sim/vcpu.h"

/* What a core asks the directory for. */
enum request {
	REQUEST_READ, /* a copy */
	REQUEST_WRITE, /* the line for itself */
	REQUEST_STORE, /* the same, and the CPU goes on meanwhile */
	REQUEST_PREFETCH, /* a copy, which nobody waits for */
	REQUEST_PREFETCH_WRITE, /* the line for itself, which nobody waits for */
};

void transfer_init(const struct machine *machine);

/* Whether @core may do with @line what @write says; the line is used then, and *@ps is what that costs. */
bool transfer_hit(struct core *core, struct line *line, bool write, struct vcpu *vcpu,
		  uint64_t *ps);

/* Ask for @line on behalf of @vcpu, which runs; with REQUEST_READ and REQUEST_WRITE it comes back when it
 * has the line. */
void transfer_request(struct vcpu *vcpu, struct line *line, enum request request);

#endif
