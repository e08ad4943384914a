/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "pft/platform.h"

const bool platform_simulated = false;

int platform_init(const char *machine, unsigned cpus, struct why *why)
{
	if (machine || cpus)
		return why_not(why, EINVAL,
			       "--machine and --cpus are for pft-sim, which simulates machines");
	return 0;
}

int platform_run(int (*main)(void *arg), void *arg)
{
	return main(arg);
}
