/* SPDX-License-Identifier: GPL-2.0-or-later */
/* caches: the cores' own caches and the last-level ones, how they age, and who is how far away; for
 * model.c and transfer.c alone. */
#ifndef PFT_SIM_CACHES_H
#define PFT_SIM_CACHES_H

#include <stdbool.h>
#include <stdint.h>

#include "pft/sim/lines.h"
#include "pft/sim/vcpu.h"

/* A cache's shape. No sets: nothing is ever thrown out. */
struct shape {
	uint32_t sets, ways;
	uint64_t ps; /* of a hit */
};

/* A line in a core's own caches: the clocks of its sets when it was used there last. */
struct tag {
	uint32_t line;
	uint32_t l1, l2; /* 0: not in it */
};

struct core {
	unsigned number, llc, socket, node;
	struct vcpu *threads[MACHINE_THREADS_MAX];
	struct tag *tags; /* a set of L2's ways after the other */
	uint32_t *l1_clock, *l2_clock; /* lines that came into each set */
};

struct llc {
	uint32_t *clock;
	struct core_set cores; /* below it */
};

/* The machine, in picoseconds. */
struct caches {
	struct shape l1, l2, llc;
	bool inclusive;
	uint64_t same_llc_ps, same_socket_ps, cross_ps;
	unsigned nr_cores, nr_llcs, nr_sockets;
	struct core cores[CORES_MAX];
	struct llc llcs[MACHINE_LLCS_MAX];
	struct core_set sockets[MACHINE_SOCKETS_MAX];
};
extern struct caches caches;

void caches_init(const struct machine *machine);

/* One more core beside the machine's, on @node. */
struct core *caches_add_core(unsigned node, const struct machine *machine);

/* Where a core has a line. */
enum cache_level { CACHE_NONE, CACHE_L1, CACHE_L2 };

/* Where @core's own caches have @line, whoever may use it; it is used now. */
enum cache_level core_lookup(struct core *core, const struct line *line);

/* The same without using it. */
bool core_has(const struct core *core, const struct line *line);

/* @line comes into @core's own caches. */
void core_fill(struct core *core, const struct line *line);

/* Whether last-level cache @llc has @line. */
bool llc_has(unsigned llc, const struct line *line);

/* @line comes into @llc, or is used there. */
void llc_fill(unsigned llc, struct line *line);

/* @nr lines from number @line on pass through @core's caches and its last-level cache. */
void caches_age(struct core *core, uint32_t line, unsigned nr);

static inline void core_set_add(struct core_set *set, unsigned core)
{
	set->bits[core / 64] |= 1UL << core % 64;
}

static inline void core_set_del(struct core_set *set, unsigned core)
{
	set->bits[core / 64] &= ~(1UL << core % 64);
}

static inline bool core_set_has(const struct core_set *set, unsigned core)
{
	return set->bits[core / 64] >> core % 64 & 1;
}

/* The ps to the farthest, or the nearest, of @others, which are not @core; 0 if there are none. */
uint64_t core_farthest(const struct core *core, const struct core_set *others);
uint64_t core_nearest(const struct core *core, const struct core_set *others);

#endif
