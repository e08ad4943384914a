/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: what an access costs on the machine: caches, directory, prefetch, and private work.
 *
 * Private caches. A core, with all its threads, has L1 and L2; a line in neither is thrown out of them. A
 * set throws out what was not used while as many lines came in as it has ways: a clock per set counts
 * those, a tag remembers when its line was used. Pages that are cleared or copied push lines out, too, by
 * the clocks alone.
 *
 * Directory. MESI: one core has a line for itself, or any number have copies. A write by another than the
 * owner takes all copies away first; a read from the owner makes two copies. A line that changes hands is
 * under way to one core at a time, for as long as the farthest of those cores is away, and all others wait
 * in the order in which they came. Then the core keeps it for a while, by chance: a store right behind an
 * atomic may find the line still there, or not. Copies come from the caller's last-level cache, else from
 * the nearest other cache, else from memory.
 *
 * Last-level caches are aged as the private ones. What an inclusive one throws out, the cores below it
 * lose as well, although they use it: they never ask the cache for it.
 *
 * The adjacent-line prefetcher fetches the other line of a pair when a core misses one: as a copy, or, behind
 * a write and if the model says so, for the core alone, even if it has a copy; nobody waits for it.
 *
 * Stores go on while they wait for their line, as many as the store buffer has room for; values are seen
 * at once, so a store's wait costs time but does not reorder it. Atomics and barriers wait for stores.
 *
 * Left out: bandwidth of links, page walks and TLBs, loads that overtake each other, speculation.
 */
#ifndef PFT_SIM_MODEL_H
#define PFT_SIM_MODEL_H

#include "common/machine_model.h"
#include "pft/sim/arch_sim.h"
#include "pft/sim/vcpu.h"

/* Make the machine. Before the first CPU. */
void model_init(const struct machine *machine);

/* What model_init() was given. */
const struct machine *model_machine(void);

unsigned model_nodes(void);

/* Give @vcpu a core, as vcpu_start() says; and take it back. */
void model_enter(struct vcpu *vcpu, int node);
void model_leave(struct vcpu *vcpu);

/* Put @vcpu on @cpu of the machine. False if another is on it: nobody shares a CPU here. */
bool model_move(struct vcpu *vcpu, unsigned cpu);

/* Put @vcpu on a CPU beside the machine's, on @node. */
void model_move_beside(struct vcpu *vcpu, unsigned node);

/* The node of @cpu. */
unsigned model_node_of_cpu(unsigned cpu);

/* Let @vcpu, which runs, access the line of @address; its clock shows the cost. It may sleep. */
void model_access(struct vcpu *vcpu, const volatile void *address, enum sim_access kind);

/* Wait until the stores of @vcpu are done. */
void model_drain(struct vcpu *vcpu);

/* @ps of private work, longer if the other thread of the core works as well. */
void model_work(struct vcpu *vcpu, uint64_t ps);

/* @size bytes at @memory are written by @vcpu, with @gbs bytes per ns, and read first if @reads. */
void model_stream(struct vcpu *vcpu, const void *memory, size_t size, double gbs, bool reads);

#endif
