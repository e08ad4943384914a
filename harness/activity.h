/* SPDX-License-Identifier: GPL-2.0-or-later */
/* activity: what the CPUs did between two looks at /proc: time stolen by the host, busy processes. */
#ifndef HARNESS_ACTIVITY_H
#define HARNESS_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct activity_process {
	pid_t pid;
	char name[32];
	unsigned long long ticks; /* user and system time */
	bool kernel; /* a thread of the kernel's */
};

struct activity {
	unsigned long long total, steal; /* ticks of all CPUs since boot, guests' counted once */
	unsigned long long busy; /* of these in user mode and in the kernel, not for interrupts */
	struct activity_process *processes; /* by pid */
	size_t nr, cap;
};

/* Look at /proc below @root. What cannot be read stays 0. */
void activity_look(struct activity *activity, const char *root);

/* Share of all CPU time that the host took for others between the two looks, in percent. */
double activity_steal(const struct activity *before, const struct activity *after);

/* The process other than @self that used most CPU between the looks, and its share of one CPU in
 * percent (@nr_cpus CPUs counted the ticks); NULL if none used any. */
const struct activity_process *activity_busiest(const struct activity *before,
						const struct activity *after, unsigned nr_cpus,
						pid_t self, double *percent);

/* What others did while a step ran. */
struct disturbance {
	bool known; /* the step took long enough for ticks to tell */
	double steal; /* percent of all CPU time, by the host */
	double foreign; /* percent of one CPU, by others' processes; the kernel's threads work for us */
	double frequency; /* of the step's CPUs at its end, in Hz; 0: not known */
};

/* Work it out from the looks before and after a step that used @own_s seconds of CPU time itself. */
void activity_disturbance(struct disturbance *d, const struct activity *before,
			  const struct activity *after, unsigned nr_cpus, double own_s);

/* Free what the looks hold. */
void activity_release(struct activity *activity);

#endif
