/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin: which CPUs this process may use, and putting a worker on one of them. */
#ifndef PFT_PIN_H
#define PFT_PIN_H

#include <stdint.h>

#include "common/pin_plan.h"
#include "common/say.h"
#include "common/units.h"

/* The CPUs that this process may use, ascending; masks of any size and with holes. Returns 0, or
 * -errno with the reason in @why; the caller releases the list. */
int pin_allowed(struct id_list *cpus, struct why *why);

/* Fill @cpus[@n] with the CPU of each worker as @plan has it, -1 for PIN_NONE. The topology is only
 * loaded for plans that need it. Returns 0, or -errno with the reason in @why. */
int pin_workers(const struct pin_plan *plan, unsigned n, int *cpus, struct why *why);

/* The node of @cpu; 0 where the machine knows none. */
unsigned pin_node(unsigned cpu);

/* Bind the calling thread to @cpu. Returns 0 once it runs there, or -errno with the reason in @why. */
int pin_self(int cpu, struct why *why);

/* Let the calling thread, the @i-th beside and behind the workers, have a CPU to itself if it would: the
 * machine itself has a scheduler for that. */
void pin_helper(const struct id_list *allowed, unsigned i);

/* Allow the calling thread all of @cpus again; it stays where it runs. Returns 0, or -errno with
 * the reason in @why. */
int pin_release(const struct id_list *cpus, struct why *why);

/* How often the scheduler moved the calling thread to another CPU so far; -1 if the kernel does not
 * tell (se.nr_migrations of /proc/thread-self/sched needs CONFIG_SCHED_DEBUG). */
int64_t pin_migrations(void);

#endif
