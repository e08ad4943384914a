/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "pft/base/rcu.h"
#include "pft/platform.h"

const bool platform_simulated = false;

int platform_init(const struct platform_options *o, struct why *why)
{
	if (o->machine || o->cpus || o->prefetch)
		return why_not(why, EINVAL,
			       "--machine, --cpus and --prefetch are for pft-sim, which simulates "
			       "machines");
	return 0;
}

int platform_other(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return -1;
}

/* A slot each, but for one of the parent and one of RCU's callbacks. */
unsigned platform_threads(void)
{
	return RCU_SLOT - 1;
}

uint64_t platform_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

int platform_run(int (*main)(void *arg), void *arg)
{
	return main(arg);
}
