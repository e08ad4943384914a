/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule: who goes next when bugs are looked for, not times: at each access of arch.h another virtual CPU
 * may take its turn, by a seed. Every second seed draws a priority for each CPU and some accesses at which
 * the one that runs gets the lowest (PCT: Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010, which
 * finds a bug of depth d in n CPUs and k accesses with a chance of 1/(n k^(d-1)) at least); the others
 * change CPUs by chance. The model costs nothing meanwhile.
 */
#ifndef PFT_SIM_SCHEDULE_H
#define PFT_SIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct event;
struct vcpu;

#define SCHEDULE_PREEMPTIONS_MAX 16

/* Explore from now on by @seed, with @preemptions (no more than that) of the CPU that runs among the first
 * @accesses. */
void schedule_start(uint64_t seed, unsigned preemptions, uint64_t accesses);

/* The order is that of the clocks again. */
void schedule_stop(void);

/* Whether schedules are explored. */
extern bool schedule_explores;

/* Whether one of @queue[@nr] shall run in place of @self, which is about to access something. */
bool schedule_preempts(struct vcpu *self, struct event *const *queue, unsigned nr);

/* Which of @queue[@nr] goes next. */
struct event *schedule_next(struct event *const *queue, unsigned nr);

/* @self waits for what others do: they come first. */
void schedule_relax(struct vcpu *self);

#endif
