/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sim_rig: steps on virtual CPUs, one after the other or together, and the time that each has taken. All are
 * made in one call of vcpus_run(), which a process has once; tests then look at what came of them. */
#ifndef TESTS_UNIT_SIM_RIG_H
#define TESTS_UNIT_SIM_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pft/sim/model.h"
#include "pft/sim/vcpu.h"

#define NS PS_PER_NS

/* What happens on a CPU, and the ps that it took. */
struct sim_step {
	unsigned cpu;
	void (*act)(void *arg);
	void *arg;
	uint64_t ps;
};

static inline void sim_step_run(void *arg)
{
	struct sim_step *step = arg;
	uint64_t start;

	assert_true(model_move(vcpu_self, step->cpu));
	vcpu_yield();
	start = vcpu_self->event.time;
	step->act(step->arg);
	step->ps = vcpu_self->event.time - start;
}

/* Run all @nr at the same time; of a virtual CPU. */
static inline void sim_steps(struct sim_step *steps, unsigned nr)
{
	struct vcpu *crew[8];

	assert_in_range(nr, 1, 8);
	for (unsigned i = 0; i < nr; i++)
		crew[i] = vcpu_start(-1, sim_step_run, &steps[i]);
	for (unsigned i = 0; i < nr; i++)
		vcpu_join(crew[i]);
}

/* What @act(@arg) takes on @cpu, alone, in ps. */
static inline uint64_t sim_alone(unsigned cpu, void (*act)(void *arg), void *arg)
{
	struct sim_step step = {.cpu = cpu, .act = act, .arg = arg};

	sim_steps(&step, 1);
	return step.ps;
}

#endif
