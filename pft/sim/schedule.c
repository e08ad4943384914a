/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/schedule.h"

#include "pft/base/compiler.h"
#include "pft/sim/vcpu.h"

#define CHANCE 8 /* of a random walk to change CPUs at an access: one in so many */

bool schedule_explores;

static struct rng rng;
static bool by_priority;
static uint64_t accesses, points[SCHEDULE_PREEMPTIONS_MAX];
static unsigned nr_points;
static int64_t lowest;

void schedule_start(uint64_t seed, unsigned preemptions, uint64_t among)
{
	schedule_explores = true;
	rng_init(&rng, seed);
	by_priority = seed % 2;
	accesses = 0;
	lowest = 0;
	nr_points = preemptions;
	for (unsigned i = 0; i < nr_points; i++)
		points[i] = rng_below(&rng, among);
}

void schedule_stop(void)
{
	schedule_explores = false;
}

static struct vcpu *cpu_of(struct event *event)
{
	struct vcpu *vcpu = container_of(event, struct vcpu, event);

	if (!vcpu->priority)
		vcpu->priority = 1 + (int64_t)rng_below(&rng, 1UL << 32);
	return vcpu;
}

void schedule_relax(struct vcpu *self)
{
	self->priority = --lowest;
}

struct event *schedule_next(struct event *const *queue, unsigned nr)
{
	struct event *best = queue[0];

	if (!by_priority)
		return queue[rng_below(&rng, nr)];
	for (unsigned i = 1; i < nr; i++)
		if (cpu_of(queue[i])->priority > cpu_of(best)->priority)
			best = queue[i];
	return best;
}

bool schedule_preempts(struct vcpu *self, struct event *const *queue, unsigned nr)
{
	uint64_t now = accesses++;

	if (!nr)
		return false;
	if (!by_priority)
		return !rng_below(&rng, CHANCE);
	for (unsigned i = 0; i < nr_points; i++)
		if (points[i] == now)
			schedule_relax(self);
	return cpu_of(schedule_next(queue, nr))->priority > cpu_of(&self->event)->priority;
}
