/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/counters/counter.h"

#include <stdio.h>

#include "common/xalloc.h"

/* Below this share of the time a count is too rare to be extrapolated. */
#define LEAST_SHARE 0.2

struct counter_metric *counter_plan_add(struct counter_plan *plan, const char *name,
					const char *unit)
{
	XGROW(plan->metrics, plan->nr, plan->cap);
	plan->metrics[plan->nr] = (struct counter_metric){.name = xstrdup(name), .unit = unit};
	return &plan->metrics[plan->nr++];
}

void counting_unsupported(struct counting *c, size_t i, const char *reason)
{
	c->values[i] = (struct counter_value){.status = COUNTER_UNSUPPORTED};
	snprintf(c->values[i].reason, sizeof(c->values[i].reason), "%s", reason);
}

void counting_none(struct counting *c, const char *reason)
{
	for (size_t i = 0; i < c->plan->nr; i++)
		counting_unsupported(c, i, reason);
}

void counting_ok(struct counting *c, size_t i, double value)
{
	c->values[i] = (struct counter_value){.status = COUNTER_OK, .value = value};
}

void counting_scaled(struct counting *c, size_t i, double count, double enabled, double running)
{
	double share = enabled > 0 ? running / enabled : 0;

	if (share < LEAST_SHARE)
		c->values[i] = (struct counter_value){.status = COUNTER_LOST, .share = share};
	else if (running < enabled)
		c->values[i] = (struct counter_value){
			.status = COUNTER_SCALED, .value = count / share, .share = share};
	else
		counting_ok(c, i, count);
}
