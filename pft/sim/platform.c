/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/platform.h"

#include <errno.h>

#include "pft/base/kthread.h"
#include "pft/platform.h"
#include "pft/sim/lines.h"
#include "pft/sim/model.h"
#include "pft/sim/truth.h"

const bool platform_simulated = true;

static unsigned nr_cpus;

unsigned platform_cpus(void)
{
	return nr_cpus;
}

int platform_init(const struct platform_options *o, struct why *why)
{
	struct machine model;
	int err;

	if (!o->machine)
		return why_not(why, EINVAL,
			       "which machine? give --machine and a model of configs/machines");
	err = machine_read(&model, o->machine, why);
	if (err)
		return err;
	if (o->cpus > machine_cpus(&model))
		return why_not(why, EINVAL, "machine '%s' has %u CPUs, not %u", model.name,
			       machine_cpus(&model), o->cpus);
	nr_cpus = o->cpus ? o->cpus : machine_cpus(&model);
	if (o->prefetch)
		model.prefetch_adjacent = o->prefetch == PREFETCH_ON;
	model_init(&model);
	if (o->transfers)
		truth_start();
	return 0;
}

/* Who finds no CPU is on a core beside; so are the threads of the engine itself. */
unsigned platform_threads(void)
{
	return nr_cpus + CORES_BESIDE - KTHREAD_SLOTS;
}

/* Models say nothing of it: as much as such machines often have. */
uint64_t platform_memory(void)
{
	return model_nodes() * (64ULL << 30);
}

struct call {
	int (*main)(void *arg);
	void *arg;
	int result;
};

static void call_main(void *arg)
{
	struct call *call = arg;

	call->result = call->main(call->arg);
}

int platform_run(int (*main)(void *arg), void *arg)
{
	struct call call = {main, arg, 0};

	vcpus_run(call_main, &call);
	return call.result;
}
