/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/fault_inject.h"

#include "common/rng.h"

/* Arm with the orders of publication: a worker that sees armed sees the rest. */
static void arm(struct fault_inject *inject, uint64_t nth, uint32_t per_million, uint64_t seed,
		const void *only)
{
	fault_inject_stop(inject);
	arch_write_once(&inject->nth, nth);
	arch_write_once(&inject->per_million, per_million);
	arch_write_once(&inject->seed, seed);
	arch_write_once(&inject->only, only);
	arch_write_once(&inject->calls, 0);
	arch_write_once(&inject->failed, 0);
	arch_store_release(&inject->armed, 1); /* pairs with fault_inject_draw() */
}

void fault_inject_nth(struct fault_inject *inject, uint64_t nth, const void *only)
{
	arm(inject, nth, 0, 0, only);
}

void fault_inject_share(struct fault_inject *inject, uint32_t per_million, uint64_t seed,
			const void *only)
{
	arm(inject, 0, per_million, seed, only);
}

uint64_t fault_inject_stop(struct fault_inject *inject)
{
	arch_write_once(&inject->armed, 0);
	return arch_read_once(&inject->failed);
}

bool fault_inject_draw(struct fault_inject *inject, const void *what)
{
	const void *only;
	uint64_t call;
	struct rng rng;
	bool fails;

	if (!arch_load_acquire(&inject->armed)) /* pairs with arm() */
		return false;
	only = arch_read_once(&inject->only);
	if (only && only != what)
		return false;
	call = arch_xadd_relaxed(&inject->calls, 1) + 1;
	/* A generator of its own per call: which calls fail does not depend on who asks when. */
	rng_init(&rng, arch_read_once(&inject->seed) + call * 0x9e3779b97f4a7c15);
	fails = call == arch_read_once(&inject->nth) ||
		rng_below(&rng, 1000000) < arch_read_once(&inject->per_million);
	if (fails)
		arch_xadd_relaxed(&inject->failed, 1);
	return fails;
}
