/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts nothing: the floor, what asking for counters costs by itself. */
#include "pft/counters/counter.h"

const struct counter counter_null = {
	.name = "null",
	.summary = "nothing: what the calls cost by themselves",
	.plan = counter_no_plan,
	.prepare = counter_nothing,
	.start = counter_nothing,
	.stop = counter_nothing,
	.read = counter_nothing,
	.finish = counter_nothing,
};
