/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/engine.h"

void engine_transfers(struct emit *emit)
{
	(void)emit;
}
