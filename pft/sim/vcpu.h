/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcpu: the virtual CPUs and who of them goes next: each is a coroutine with a clock of its own, and the
 * one with the lowest clock goes on, ties by number. All run in one thread of the host, so nothing here
 * is locked; and nothing depends on the host's time, addresses or threads.
 *
 * Time is in picoseconds: sums of latencies stay exact, and a run may last for 200 days.
 */
#ifndef PFT_SIM_VCPU_H
#define PFT_SIM_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "common/machine_model.h"
#include "common/rng.h"
#include "pft/sim/arch_sim.h"

struct core;
struct line;

#define PS_PER_NS 1000

/* What a model says in ns, to the nearest ps. */
static inline uint64_t ps_of(double ns)
{
	return (uint64_t)(ns * PS_PER_NS + 0.5);
}

/* Something that happens at a time: a CPU goes on, or happen() is called. */
struct event {
	uint64_t time; /* ps */
	uint32_t order; /* among those of the same time */
	uint32_t place; /* in the queue, from 1 on; 0: not in it */
	void (*happen)(struct event *event); /* NULL: it is a CPU's */
};

/* What a CPU's accesses were, counted while it is measured. */
struct sim_counts {
	uint64_t loads, stores, atomics;
	uint64_t l1_hits, l2_hits, llc_hits;
	uint64_t memory, memory_remote; /* lines from memory */
	/* From other cores, or taken away from them, under the same last-level cache, ... */
	uint64_t transfers_llc, transfers_socket, transfers_cross;
	uint64_t invalidations; /* copies of others that had to go */
	uint64_t victims; /* misses because an inclusive cache threw the line out */
	uint64_t prefetches; /* adjacent lines fetched */
	uint64_t
		steals; /* of these, taken from a core that had the line for itself, or invalidated */
	uint64_t wait_ps; /* for lines under way to others */
	uint64_t work_ps; /* private work */
	uint64_t sleeps;
};

struct vcpu {
	struct event event; /* its time is the CPU's clock */
	void *sp;
	unsigned number; /* of those that live, in order of birth */
	unsigned slot; /* of arch.h */
	unsigned cpu; /* of the machine; those beyond are the engine's own threads' */
	struct core *core; /* that it runs on */
	bool asleep, done;
	bool joined; /* another one may have its number and its place in vcpus[] */
	bool counting; /* between the start and the end of its measured region */
	bool flag; /* thread_flag() */

	uintptr_t cause; /* address of the access under way, for truth.h */

	/* The store buffer: lines that stores wait for. */
	unsigned nr_pending;
	bool draining; /* blocked until there are none */
	struct line *pending[MACHINE_STORES_MAX];
	uint64_t stores_done; /* when the last of those is that need not wait any more */

	/* Sleeping in arch_wait(): */
	uint32_t *word;
	struct vcpu *next; /* on the same chain */
	uint64_t asleep_since;

	unsigned rcu_nesting;

	int64_t priority; /* of schedule.h; 0: none yet */
	uint64_t slept_ps; /* off the CPU */
	struct rng rng;
	struct sim_counts counts;

	void (*run)(void *arg);
	void *arg;
	struct vcpu *joiner;
};

/* Who runs. */
extern struct vcpu *vcpu_self;

/* By number: all that live, and others. */
#define VCPUS_MAX (2 * ARCH_SLOTS) /* at a time */
extern struct vcpu *vcpus[VCPUS_MAX];
extern unsigned nr_vcpus;

/* Put @event into the queue, by its time and order; it must not be there. Take it out; it must be. */
void event_add(struct event *event);
void event_del(struct event *event);

/* Call @run(@arg) from the time of the caller on: on a CPU of its own beside the machine's, on @node; or if
 * that is negative on the caller's, until it is moved. */
struct vcpu *vcpu_start(int node, void (*run)(void *arg), void *arg);

/* Wait until it has returned; @vcpu is not to be used any more then. */
void vcpu_join(struct vcpu *vcpu);

/* Let all run that come before the caller. */
void vcpu_yield(void);

/* Wait until somebody puts the caller's event into the queue. */
void vcpu_block(void);

/* Wake @nr of those that sleep on @word, at @cost_ps for each to the caller; each goes on @delay_ps
 * later. */
void vcpu_wake(uint32_t *word, unsigned nr, uint64_t cost_ps, uint64_t delay_ps);

/* Sleep while *@word is @value, if @timeout_ps is not 0 at most that long. 0 or -ETIMEDOUT. */
int vcpu_wait(uint32_t *word, uint32_t value, uint64_t timeout_ps);

/* Run @main(@arg) on the first CPU, and all that it starts, until it returns. */
void vcpus_run(void (*main)(void *arg), void *arg);

/* The CPU whose stack @address lies on, or NULL. */
struct vcpu *vcpu_of_stack(uintptr_t address);

#endif
