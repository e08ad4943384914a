/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The events of --events, by any name that perf_event_encode() takes; each worker counts its own.
 * More events than the PMU has counters take turns: such values are scaled and say so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/counters/default_events.h"
#include "pft/counters/event_list.h"
#include "pft/counters/perf_group.h"

/* Groups of the list and of the defaults are numbered apart, and so is every event that is alone. */
#define DEFAULT_GROUPS 1000
#define ALONE	       1000000

static bool opens(const struct perf_event_attr *attr)
{
	int fd = perf_event_open_self(attr, -1);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static struct counter_metric *add(struct counter_plan *plan, const char *name, unsigned group)
{
	struct counter_metric *m = counter_plan_add(plan, name, "1");

	m->group = group ? group : ALONE + (unsigned)plan->nr;
	return m;
}

/* The first candidate that can be opened; if none can, the first that can be encoded, whose open
 * will say why not. */
static void add_default(struct counter_plan *plan, const struct default_event *d)
{
	struct counter_metric *m = add(plan, d->name, d->group ? DEFAULT_GROUPS + d->group : 0);
	bool found = false;

	for (unsigned i = 0; i < MOST_CANDIDATES && d->candidates[i] && !found; i++) {
		struct perf_event_attr attr;
		char *full;

		if (perf_event_encode(d->candidates[i], &attr, &full, NULL))
			continue;
		found = opens(&attr);
		if (found || !m->full) {
			free(m->full);
			m->full = full;
			m->attr = attr;
		} else {
			free(full);
		}
	}
	if (!m->full)
		m->unsupported = xstrdup("this processor has no such event, nor one near it");
}

static bool is_clock(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE && (attr->config == PERF_COUNT_SW_TASK_CLOCK ||
						    attr->config == PERF_COUNT_SW_CPU_CLOCK);
}

static int add_listed(struct counter_plan *plan, const struct listed_event *e, struct why *why)
{
	struct why encoding;
	struct counter_metric *m;
	int err;

	if (!strcmp(e->name, "default") && !e->group) {
		for (unsigned i = 0; i < nr_default_events; i++)
			add_default(plan, &default_events[i]);
		return 0;
	}
	m = add(plan, e->name, e->group);
	err = perf_event_encode(e->name, &m->attr, &m->full, &encoding);
	if (err == -ENODEV)
		m->unsupported = xstrdup(encoding.text);
	else if (err)
		return why_not(why, -err, "%s", encoding.text);
	if (err || !is_clock(&m->attr))
		return 0;
	m->unit = "ns";
	if (e->group)
		return why_not(why, EINVAL,
			       "'%s' in a group: kernels miss counts of the others then; name it "
			       "outside of the braces",
			       e->name);
	return 0;
}

static int hardware_plan(struct counter_plan *plan, const char *events, struct why *why)
{
	struct event_list list;
	int err = event_list_parse(&list, events, why);

	for (size_t i = 0; i < list.nr && !err; i++)
		err = add_listed(plan, &list.events[i], why);
	event_list_release(&list);
	return err;
}

const struct counter counter_hardware = {
	.name = "hardware",
	.summary = "events of the PMU for each worker, those that --events names",
	.needs = "a PMU, and kernel.perf_event_paranoid=1 or CAP_PERFMON; at 2 only events with :u",
	.plan = hardware_plan,
	.prepare = perf_group_prepare,
	.start = perf_group_start,
	.stop = perf_group_stop,
	.read = perf_group_read,
	.finish = perf_group_finish,
};
