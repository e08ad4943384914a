/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/engine_settings.h"

#include <errno.h>
#include <string.h>

#include "common/machine_model.h"
#include "common/units.h"
#include "pft/base/rcu.h"
#include "pft/base/slab.h"
#include "pft/locks/design.h"
#include "pft/workload.h"

void engine_settings_init(struct engine_settings *s)
{
	*s = (struct engine_settings){
		.design = lock_design_find("vma-refcnt"),
		.rwsem_spin = true,
		.writers = 1,
		.vma_class = -1,
	};
}

static int read_design(struct engine_settings *s, const char *arg, struct why *why)
{
	s->design = lock_design_find(arg);
	if (!s->design)
		return why_not(why, EINVAL,
			       "no such lock design, with '%s'; 'pft --list locks' names them",
			       arg);
	if (s->design->unavailable)
		return why_not(why, EINVAL, "lock design '%s' is not available here: %s", arg,
			       s->design->unavailable);
	return 0;
}

static int read_spin(struct engine_settings *s, const char *arg, struct why *why)
{
	s->rwsem_spin = !strcmp(arg, "on");
	if (s->rwsem_spin || !strcmp(arg, "off"))
		return 0;
	return why_not(why, EINVAL, "neither on nor off, with '--rwsem-spin %s'", arg);
}

/* As 'faultscale prefetch' calls it; a model has no other prefetcher. */
static int read_prefetch(struct engine_settings *s, const char *arg, struct why *why)
{
	static const char *const words[] = {[PREFETCH_MODEL] = "default",
					    [PREFETCH_ON] = "adjacent=on",
					    [PREFETCH_OFF] = "adjacent=off"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(arg, words[i])) {
			s->platform.prefetch = i;
			return 0;
		}
	return why_not(why, EINVAL,
		       "not adjacent=on, adjacent=off or default, with '--prefetch %s'", arg);
}

static int read_number(const char *option, const char *arg, uint64_t min, uint64_t max,
		       uint64_t *number, struct why *why)
{
	int err = number_parse(arg, min, max, number, why);

	return err ? why_within(why, EINVAL, "%s", option) : 0;
}

int engine_settings_read(struct engine_settings *s, enum engine_option option, const char *arg,
			 struct why *why)
{
	uint64_t number = 0;
	int err;

	s->given |= 1u << option;
	switch (option) {
	case ENGINE_LOCK:
		return read_design(s, arg, why);
	case ENGINE_RWSEM_SPIN:
		return read_spin(s, arg, why);
	case ENGINE_WRITERS:
		err = read_number("--writers", arg, 0, RCU_SLOT - 2, &number, why);
		s->writers = number;
		return err;
	case ENGINE_NODES:
		err = read_number("--nodes", arg, 1, NODE_MEMORY_MAX, &number, why);
		s->nodes = number;
		return err;
	case ENGINE_VMA_CLASS:
		s->vma_class = -1;
		if (!strcmp(arg, "mix"))
			return 0;
		err = read_number("--vma-class", arg, 0, ARCH_PAIR - 1, &number, why);
		s->vma_class = number;
		return err;
	case ENGINE_MACHINE:
		s->platform.machine = arg;
		return 0;
	case ENGINE_CPUS:
		err = read_number("--cpus", arg, 1, MACHINE_CPUS_MAX, &number, why);
		s->platform.cpus = number;
		return err;
	case ENGINE_PREFETCH:
		return read_prefetch(s, arg, why);
	default:
		BUG("option %d of the engine is not known", option);
	}
}

/* Whether the slab has a place at that start in its pages. */
static int check_class(const struct engine_settings *s, struct why *why)
{
	const struct lock_design *design = s->design;
	unsigned classes[ARCH_PAIR];

	if (s->vma_class < 0)
		return 0;
	kmem_cache_page_classes(design->vma->size, layout_slab_flags(design->vma), classes);
	if (classes[s->vma_class])
		return 0;
	return why_not(
		why, EINVAL,
		"no VMA of lock design '%s' starts at %d modulo 128; 'pft --layout %s' shows "
		"where they do",
		design->name, s->vma_class, design->name);
}

int engine_settings_check(const struct settings *settings, struct why *why)
{
	const struct engine_settings *s = &settings->engine;
	const struct workload *workload = settings->workload;
	unsigned writers = workload->flags & WL_WRITERS ? s->writers : 0;

	if (workload->flags & WL_THREADS && settings->processes)
		return why_not(why, EINVAL,
			       "workload '%s' is for threads (-t), not processes (-n): the memory "
			       "that it manages is in one process",
			       workload->name);
	if (!(workload->flags & WL_ENGINE))
		return 0;
	if (settings->nr_workers + writers > platform_threads())
		return why_not(why, EINVAL,
			       "%u workers and %u writers are more than the %u that "
			       "the engine has room for",
			       settings->nr_workers, writers, platform_threads());
	if (s->design->flags & LD_SINGLE && settings->nr_workers + writers > 1)
		return why_not(why, EINVAL,
			       "lock design '%s' is for one worker and no writer, not %u and %u",
			       s->design->name, settings->nr_workers, writers);
	if (settings->mem.kind == MEM_REMOTE || settings->mem.kind == MEM_BIND)
		return why_not(why, EINVAL,
			       "the engine has memory policies default, local and interleave, not "
			       "'%s'",
			       mem_kind_names[settings->mem.kind].name);
	return check_class(s, why);
}
