/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's events of /proc/vmstat, of the whole system: everybody's faults, allocations, reclaim
 * between the first worker's start and the last one's end. Levels (nr_*) are left out: a difference of
 * two of them is no count. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/counters/counter.h"

#define PATH	  "/proc/vmstat"
#define MOST_TEXT 16384 /* the file is 5 KiB on 6.18 */

struct vmstat {
	int fd;
	char start[MOST_TEXT], end[MOST_TEXT];
};

static bool is_level(const char *name)
{
	return !strncmp(name, "nr_", 3) || !strncmp(name, "direct_map_", 11) ||
	       !strcmp(name, "workingset_nodes");
}

static int vmstat_plan(struct counter_plan *plan, const char *events, struct why *why)
{
	FILE *in = fopen(PATH, "re");
	char name[64];

	(void)events;
	(void)why;
	while (in && fscanf(in, "%63s %*s", name) == 1)
		if (!is_level(name))
			counter_plan_add(plan, name, "1");
	if (in)
		fclose(in);
	if (!plan->nr)
		counter_plan_add(plan, "pgfault", "1")->unsupported =
			xstrdup("no events in /proc/vmstat: a kernel without "
				"CONFIG_VM_EVENT_COUNTERS, or no /proc");
	return 0;
}

static void vmstat_prepare(struct counting *c)
{
	struct vmstat *v = xcalloc(1, sizeof(*v));

	v->fd = open(PATH, O_RDONLY | O_CLOEXEC);
	c->private = v;
}

/* The kernel gives a page of it at a time. */
static void take(int fd, char *text)
{
	ssize_t got, len = 0;

	if (fd < 0)
		return;
	while ((got = pread(fd, text + len, MOST_TEXT - 1 - len, len)) > 0)
		len += got;
	text[len] = '\0';
}

static void vmstat_start(struct counting *c)
{
	struct vmstat *v = c->private;

	take(v->fd, v->start);
}

static void vmstat_stop(struct counting *c)
{
	struct vmstat *v = c->private;

	take(v->fd, v->end);
}

/* The number behind @name; lines are found in order, so @from goes on from line to line. */
static bool find(const char **from, const char *name, double *value)
{
	size_t len = strlen(name);

	for (const char *line = *from; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, name, len) && line[len] == ' ') {
			*from = line;
			*value = strtod(line + len, NULL);
			return true;
		}
	return false;
}

static void vmstat_read(struct counting *c)
{
	struct vmstat *v = c->private;
	const char *before = v->start, *after = v->end;
	double from, to;

	for (size_t i = 0; i < c->plan->nr; i++) {
		const struct counter_metric *m = &c->plan->metrics[i];

		if (m->unsupported)
			counting_unsupported(c, i, m->unsupported);
		else if (find(&before, m->name, &from) && find(&after, m->name, &to))
			counting_ok(c, i, to - from);
		else
			counting_unsupported(c, i, "no longer in /proc/vmstat");
	}
}

static void vmstat_finish(struct counting *c)
{
	struct vmstat *v = c->private;

	if (!v)
		return;
	if (v->fd >= 0)
		close(v->fd);
	free(v);
	c->private = NULL;
}

const struct counter counter_proc_vmstat = {
	.name = "proc-vmstat",
	.summary = "events of /proc/vmstat, system-wide: what others do counts as well",
	.of_run = true,
	.plan = vmstat_plan,
	.prepare = vmstat_prepare,
	.start = vmstat_start,
	.stop = vmstat_stop,
	.read = vmstat_read,
	.finish = vmstat_finish,
};
