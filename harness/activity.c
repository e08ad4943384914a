/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/activity.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/sysfs.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

/* A step of fewer ticks is too short for shares of its time. */
#define TICKS_MIN 10

/* proc_stat(5): user nice system idle iowait irq softirq steal; guest time is part of user. */
static void look_at_cpus(struct activity *a, const char *root)
{
	char *text = sysfs_read(root, "/proc/stat"), *line = text ? sysfs_field(text, "cpu") : NULL;
	char *p = line;

	for (int i = 0; p && i < 8; i++) {
		unsigned long long ticks = strtoull(p, &p, 10);

		a->total += ticks;
		if (i < 3)
			a->busy += ticks;
		if (i == 7)
			a->steal = ticks;
	}
	free(line);
	free(text);
}

static void look_at_process(struct activity *a, const char *root, const char *pid)
{
	char *path = xasprintf("/proc/%s/stat", pid), *text = sysfs_read(root, path);
	char *open = text ? strchr(text, '(') : NULL, *shut = text ? strrchr(text, ')') : NULL;
	struct activity_process *process;
	unsigned long long flags, user, kernel;

	free(path);
	/* The name may hold anything, ')' too; 11 fields lie between it and the times. */
	if (open && shut && shut > open &&
	    sscanf(shut + 1, " %*c %*s %*s %*s %*s %*s %llu %*s %*s %*s %*s %llu %llu", &flags,
		   &user, &kernel) == 3) {
		XGROW(a->processes, a->nr, a->cap);
		process = &a->processes[a->nr++];
		*process = (struct activity_process){.pid = (pid_t)strtol(pid, NULL, 10),
						     .ticks = user + kernel,
						     .kernel = flags & PF_KTHREAD};
		snprintf(process->name, sizeof(process->name), "%.*s", (int)(shut - open - 1),
			 open + 1);
	}
	free(text);
}

static int by_pid(const void *a, const void *b)
{
	const struct activity_process *p = a, *q = b;

	return p->pid < q->pid ? -1 : p->pid > q->pid;
}

void activity_look(struct activity *a, const char *root)
{
	char *path = xasprintf("%s/proc", root);
	DIR *dir = opendir(path);
	struct dirent *entry;

	*a = (struct activity){0};
	free(path);
	look_at_cpus(a, root);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at_process(a, root, entry->d_name);
	if (dir)
		closedir(dir);
	if (a->nr)
		qsort(a->processes, a->nr, sizeof(*a->processes), by_pid);
}

double activity_steal(const struct activity *before, const struct activity *after)
{
	if (after->total <= before->total || after->steal < before->steal)
		return 0;
	return 100.0 * (double)(after->steal - before->steal) /
	       (double)(after->total - before->total);
}

/* The ticks that @now has used since the look @before; 0 for one that was not there then. */
static unsigned long long ticks_since(const struct activity *before,
				      const struct activity_process *now)
{
	const struct activity_process *then =
		before->nr ? bsearch(now, before->processes, before->nr, sizeof(*now), by_pid)
			   : NULL;

	return then && now->ticks > then->ticks ? now->ticks - then->ticks : 0;
}

const struct activity_process *activity_busiest(const struct activity *before,
						const struct activity *after, unsigned nr_cpus,
						pid_t self, double *percent)
{
	const struct activity_process *busiest = NULL;
	unsigned long long most = 0;

	for (size_t i = 0; i < after->nr; i++) {
		const struct activity_process *now = &after->processes[i];
		unsigned long long ticks = ticks_since(before, now);

		if (now->pid == self || ticks <= most)
			continue;
		most = ticks;
		busiest = now;
	}
	if (!busiest || after->total <= before->total)
		return NULL;
	*percent = 100.0 * (double)most * nr_cpus / (double)(after->total - before->total);
	return busiest;
}

/* Ticks between the looks that are not others': of @self, and of the kernel's threads, which work for
 * whoever faults. */
static unsigned long long ours(const struct activity *before, const struct activity *after,
			       pid_t self)
{
	unsigned long long ticks = 0;

	for (size_t i = 0; i < after->nr; i++) {
		const struct activity_process *now = &after->processes[i];

		if (now->kernel || now->pid == self)
			ticks += ticks_since(before, now);
	}
	return ticks;
}

void activity_disturbance(struct disturbance *d, const struct activity *before,
			  const struct activity *after, unsigned nr_cpus, double own_s)
{
	double ticks = (double)after->total - (double)before->total, foreign;

	*d = (struct disturbance){.known = ticks >= (double)TICKS_MIN * nr_cpus};
	if (!d->known)
		return;
	d->steal = activity_steal(before, after);
	foreign = (double)after->busy - (double)before->busy -
		  own_s * (double)sysconf(_SC_CLK_TCK) - (double)ours(before, after, getpid());
	d->foreign = foreign > 0 ? 100 * foreign * nr_cpus / ticks : 0;
}

void activity_release(struct activity *a)
{
	free(a->processes);
	*a = (struct activity){0};
}
