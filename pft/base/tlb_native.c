/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tlb_native: tlb.h by membarrier(2). */
#include "pft/base/tlb.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/say.h"
#include "pft/base/arch.h"

static int membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0);
}

void tlb_shootdown(unsigned cpus)
{
	(void)cpus;
	if (!membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		return;
	/* -EPERM: the process has not registered yet; liburcu does it only where it needs it. */
	if (errno != EPERM || membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) ||
	    membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		BUG("membarrier() failed: %s", strerror(errno));
}
