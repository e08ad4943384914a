/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/counters/counter.h"
#include "pft/counters/counters.h"
#include "pft/run.h"

static void emit_value(struct emit *emit, const char *metric, int thread, const char *unit,
		       const struct counter_value *v)
{
	char *status;

	switch (v->status) {
	case COUNTER_OK:
		emit_number(emit, metric, thread, unit, v->value);
		return;
	case COUNTER_SCALED:
		status = xasprintf("scaled: %.3f", v->share);
		emit_status(emit, metric, thread, unit, v->value, status);
		break;
	case COUNTER_LOST:
		status = xasprintf("lost: counted %.3f of the time", v->share);
		emit_status(emit, metric, thread, unit, NAN, status);
		break;
	default:
		status = xasprintf("unsupported: %s", v->reason);
		emit_status(emit, metric, thread, unit, NAN, status);
		break;
	}
	free(status);
}

/* All workers together: the sum, as good as the worst of them. */
static struct counter_value sum_of(const struct run *run, size_t index)
{
	struct counter_value sum = {.status = COUNTER_OK, .share = 1};

	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		const struct counter_value *v = run_counter_values(run, i) + index;

		if (v->status >= COUNTER_LOST) {
			if (v->status > sum.status)
				sum = *v;
			continue;
		}
		sum.value += v->value;
		if (v->status == COUNTER_SCALED && v->share < sum.share)
			sum.share = v->share;
		if (v->status > sum.status)
			sum.status = v->status;
	}
	return sum;
}

static void emit_metric(struct emit *emit, const struct run *run, const struct counter_plan *plan,
			const struct counter_metric *m, size_t index)
{
	bool of_run = plan->counter->of_run;
	char *name = xasprintf("%s.%s", plan->counter->name, m->name);
	char *per_fault = xasprintf("%s/fault", name), *full = xasprintf("%s.event", name);
	struct counter_value all = of_run ? run->run_values[index] : sum_of(run, index);
	struct totals t;

	totals_of(run, &t);
	emit_value(emit, name, EMIT_ALL, m->unit, &all);
	all.value /= (double)t.faults;
	emit_value(emit, per_fault, EMIT_ALL, m->unit, &all);
	for (unsigned i = 0; i < run->settings->nr_workers && !of_run; i++)
		emit_value(emit, name, (int)i, m->unit, run_counter_values(run, i) + index);
	if (m->full)
		emit_text(emit, full, m->full);
	free(full);
	free(per_fault);
	free(name);
}

void counters_emit(struct emit *emit, const struct run *run)
{
	for (size_t i = 0; i < run->counters.nr; i++) {
		const struct counter_plan *plan = &run->counters.plans[i];

		for (size_t k = 0; k < plan->nr; k++)
			emit_metric(emit, run, plan, &plan->metrics[k], plan->first + k);
	}
}
