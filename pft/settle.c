/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/settle.h"

#include <errno.h>
#include <string.h>

#include "pft/pin.h"
#include "pft/platform.h"
#include "pft/workload.h"

/* -S and -L choose the workload; every workload says which options it honours. */
static int settle_workload(struct invocation *inv, struct why *why)
{
	struct settings *s = &inv->settings;
	const struct {
		bool given;
		unsigned flag;
		const char *option;
	} needs[] = {
		{s->cachelines > 1, WL_CACHELINES, "-c"},
		{s->clear, WL_CLEAR, "-z"},
		{s->delay.ns, WL_CACHELINES, "--delay-ns"},
		{s->mlock, WL_MLOCK, "-l"},
		{s->shm_lock, WL_SHM_LOCK, "-L"},
		{s->dev_zero, WL_DEV_ZERO, "-Z"},
		{s->file_dir, WL_FILE, "--file"},
		{inv->pagesize_given, WL_PAGESIZE, "--pagesize"},
		{s->engine.given & 1 << ENGINE_LOCK, WL_ENGINE, "--lock"},
		{s->engine.given & 1 << ENGINE_RWSEM_SPIN, WL_ENGINE, "--rwsem-spin"},
		{s->engine.given & 1 << ENGINE_WRITERS, WL_WRITERS, "--writers"},
		{s->engine.given & 1 << ENGINE_NODES, WL_ENGINE, "--nodes"},
		{s->engine.given & 1 << ENGINE_VMA_CLASS, WL_ENGINE, "--vma-class"},
	};
	int err;

	if (s->delay.fraction && !s->delay.ns)
		return why_not(why, EINVAL, "--delay-fraction needs a delay: --delay-ns N");
	if (s->delay.ns && s->mlock)
		return why_not(why, EINVAL, "-l touches no pages that --delay-ns could delay");
	if (!s->workload)
		s->workload = workload_find(inv->sysv ? "sysv" : workload_default);
	if (inv->sysv && strcmp(s->workload->name, "sysv"))
		return why_not(why, EINVAL, "-S and -L are for workload 'sysv', not '%s'",
			       s->workload->name);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].given && !(s->workload->flags & needs[i].flag))
			return why_not(why, EINVAL, "workload '%s' has no use for option %s",
				       s->workload->name, needs[i].option);
	for (unsigned i = 0; i < NR_SWAP_OPTIONS; i++)
		if (s->swap.given & 1u << i && !(s->workload->flags & swap_options[i].flag))
			return why_not(why, EINVAL, "workload '%s' has no use for option %s",
				       s->workload->name, swap_options[i].name);
	err = workload_available(s->workload, why);
	return err ? why_within(why, -err, "workload '%s' is not available here", s->workload->name)
		   : 0;
}

static int settle_params(const struct settings *s, struct why *why)
{
	for (size_t i = 0; i < s->nr_params; i++) {
		const struct workload_param *p = s->workload->params;

		while (p && p->name && strcmp(p->name, s->params[i].name))
			p++;
		if (!p || !p->name)
			return why_not(
				why, EINVAL,
				"workload '%s' has no parameter '%s'; 'pft --list workloads' "
				"names them",
				s->workload->name, s->params[i].name);
	}
	return 0;
}

/* As the classic: no more workers than allowed CPUs, unless --pin or --oversubscribe says
 * otherwise. */
static int settle_workers(struct invocation *inv, struct why *why)
{
	struct settings *s = &inv->settings;
	struct id_list allowed;
	int err = pin_allowed(&allowed, why);

	if (err)
		return err;
	if (!s->nr_workers) {
		options_note(inv, "Using 1 thread");
		s->nr_workers = 1;
		s->processes = false;
	}
	if (s->nr_workers > allowed.nr && platform_simulated) {
		err = why_not(why, EINVAL,
			      "%u workers, and %zu CPUs: simulated ones are not shared",
			      s->nr_workers, allowed.nr);
		id_list_release(&allowed);
		return err;
	}
	if (s->nr_workers > allowed.nr && !inv->pin_given && !inv->oversubscribe) {
		options_note(inv, "clipping nr_tests to nr_cpus_allowed [%zu]", allowed.nr);
		s->nr_workers = allowed.nr;
	}
	if (!inv->in_order) {
		id_list_release(&allowed);
		return 0;
	}
	if (inv->pin_given)
		err = why_not(why, EINVAL, "-a and --pin exclude each other");
	pin_plan_release(&s->pin);
	s->pin.kind = PIN_CPUS;
	s->pin.list = allowed;
	return err;
}

int options_settle(struct invocation *inv, struct why *why)
{
	struct settings *s = &inv->settings;
	int err = settle_workload(inv, why);

	if (!err)
		err = settle_params(s, why);
	if (!err)
		err = settle_workers(inv, why);
	if (!err)
		err = engine_settings_check(s, why);
	if (!err)
		err = swap_settings_check(s, why);
	if (!err)
		err = mem_policy_check(&s->mem, why);
	if (!err && !s->bytes) {
		options_note(inv, "Memory size too small.  Need at least 1 page per test");
		err = -EINVAL;
	}
	return err;
}
