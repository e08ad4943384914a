/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/counters/perf_group.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/xalloc.h"

/* What read(2) gives with this format (kernel: perf_read_group()). */
#define READ_FORMAT \
	(PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING)
struct group_reading {
	uint64_t nr, enabled, running; /* ns */
	uint64_t values[]; /* leader first, then members as they were opened */
};

/* An event at work. */
struct member {
	int fd; /* -1: not opened */
	size_t leader; /* index of its group's first event that opened */
	size_t position; /* in the group's reading; 0 for a leader */
	size_t nr; /* of a leader: events in its group; 0 for others */
	struct group_reading *start, *end; /* of a leader */
};

struct perf_group {
	struct member *members; /* [plan->nr] */
	uint64_t *words; /* in which all readings lie */
};

/*
 * The leader's group starts stopped, the others follow it. ARM's validate_event() leaves a stopped
 * leader out when it looks whether a group fits, but for one that an exec would start; here is none.
 */
static int open_event(const struct counter_metric *metric, int leader_fd)
{
	struct perf_event_attr attr = metric->attr;
	int fd;

	attr.disabled = attr.enable_on_exec = leader_fd < 0;
	attr.read_format = READ_FORMAT;
	fd = perf_event_open_self(&attr, leader_fd);
	if ((fd == -EACCES || fd == -EPERM) && metric->user_will_do) {
		attr.exclude_kernel = attr.exclude_hv = 1;
		fd = perf_event_open_self(&attr, leader_fd);
	}
	return fd;
}

static void explain(struct counting *c, size_t i, int err, size_t group_nr)
{
	struct why why;

	if (err == EINVAL && group_nr)
		why_not(&why, err,
			"does not fit into its group: the PMU takes %zu of these events at once; "
			"make the group smaller",
			group_nr);
	else
		perf_event_explain(err, &c->plan->metrics[i].attr, "", &why);
	counting_unsupported(c, i, why.text);
}

/* Open event @i, whose group has @leader (itself if none of its members opened so far). */
static void open_member(struct counting *c, struct member *members, size_t i, size_t leader)
{
	const struct counter_metric *metric = &c->plan->metrics[i];
	struct member *m = &members[i], *l = &members[leader];
	int fd;

	m->fd = -1;
	if (metric->unsupported) {
		counting_unsupported(c, i, metric->unsupported);
		return;
	}
	fd = open_event(metric, leader == i ? -1 : l->fd);
	if (fd < 0) {
		explain(c, i, -fd, leader == i ? 0 : l->nr);
		return;
	}
	m->fd = fd;
	m->leader = leader;
	m->position = leader == i ? 0 : l->nr;
	l->nr = m->position + 1;
}

static size_t words_of(const struct member *leader)
{
	return sizeof(struct group_reading) / sizeof(uint64_t) + leader->nr;
}

/* Two readings for every group, so that start() and stop() allocate nothing. */
static void make_room(struct perf_group *g, size_t nr)
{
	size_t words = 0;
	uint64_t *p;

	for (size_t i = 0; i < nr; i++)
		words += g->members[i].nr ? 2 * words_of(&g->members[i]) : 0;
	p = g->words = xcalloc(words + 1, sizeof(*g->words));
	for (size_t i = 0; i < nr; i++) {
		struct member *m = &g->members[i];

		if (!m->nr)
			continue;
		m->start = (struct group_reading *)p;
		p += words_of(m);
		m->end = (struct group_reading *)p;
		p += words_of(m);
	}
}

void perf_group_prepare(struct counting *c)
{
	const struct counter_metric *metrics = c->plan->metrics;
	struct perf_group *g = xcalloc(1, sizeof(*g));
	size_t leader = 0;

	c->private = g;
	g->members = xcalloc(c->plan->nr + 1, sizeof(*g->members));
	for (size_t i = 0; i < c->plan->nr; i++) {
		if (!i || metrics[i].group != metrics[leader].group || g->members[leader].fd < 0)
			leader = i;
		open_member(c, g->members, i, leader);
	}
	make_room(g, c->plan->nr);
}

static void take(const struct member *leader, struct group_reading *reading)
{
	size_t size = words_of(leader) * sizeof(uint64_t);

	if (read(leader->fd, reading, size) != (ssize_t)size)
		reading->nr = 0;
}

/* All are read before any counts, so that the counts see nothing of the reading. */
void perf_group_start(struct counting *c)
{
	const struct perf_group *g = c->private;

	for (size_t i = 0; i < c->plan->nr; i++)
		if (g->members[i].nr)
			take(&g->members[i], g->members[i].start);
	for (size_t i = 0; i < c->plan->nr; i++)
		if (g->members[i].nr)
			ioctl(g->members[i].fd, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
}

void perf_group_stop(struct counting *c)
{
	const struct perf_group *g = c->private;

	for (size_t i = c->plan->nr; i-- > 0;)
		if (g->members[i].nr)
			ioctl(g->members[i].fd, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
	for (size_t i = 0; i < c->plan->nr; i++)
		if (g->members[i].nr)
			take(&g->members[i], g->members[i].end);
}

void perf_group_read(struct counting *c)
{
	const struct perf_group *g = c->private;

	for (size_t i = 0; i < c->plan->nr; i++) {
		const struct member *m = &g->members[i], *leader = &g->members[m->leader];

		if (m->fd < 0)
			continue;
		if (leader->start->nr != leader->nr || leader->end->nr != leader->nr) {
			counting_unsupported(c, i, "the kernel does not let its group be read");
			continue;
		}
		counting_scaled(c, i,
				(double)(leader->end->values[m->position] -
					 leader->start->values[m->position]),
				(double)(leader->end->enabled - leader->start->enabled),
				(double)(leader->end->running - leader->start->running));
	}
}

/* Members first: with the leader gone they would be counters of their own for a moment. */
void perf_group_finish(struct counting *c)
{
	struct perf_group *g = c->private;

	if (!g)
		return;
	for (size_t i = c->plan->nr; i-- > 0;)
		if (g->members[i].fd >= 0)
			close(g->members[i].fd);
	free(g->words);
	free(g->members);
	free(g);
	c->private = NULL;
}
