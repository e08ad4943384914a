/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin_plan: which CPU each of N workers gets. Pure arithmetic over a topology; nothing here binds. */
#ifndef COMMON_PIN_PLAN_H
#define COMMON_PIN_PLAN_H

#include "common/say.h"
#include "common/topology.h"
#include "common/units.h"

/*
 * With more workers than CPUs every plan starts again at its first CPU. Inside a node compact, spread
 * and node take one CPU of every core before the second CPU of any.
 */
enum pin_kind {
	PIN_NONE,    /* the scheduler decides */
	PIN_COMPACT, /* fill node 0, then node 1, ... */
	PIN_SPREAD,  /* round robin over the nodes */
	PIN_CORES,   /* one per core over the whole machine, node by node, before any SMT sibling */
	PIN_NODE,    /* node:LIST: only these nodes (the kernel's numbers), filled one after the other */
	PIN_CPUS,    /* cpus:LIST: worker i gets the i-th CPU of the list, in the order given */
};

struct pin_plan {
	enum pin_kind kind;
	struct id_list list; /* of node: and cpus: */
};

/* The names for --list and --help, in order of enum pin_kind, each with a line that says what it does. */
struct pin_kind_name {
	const char *name;
	const char *summary;
};
extern const struct pin_kind_name pin_kind_names[];
extern const unsigned nr_pin_kinds;

/* Parse "none", "compact", "node:0-1", "cpus:0,2,4". Returns 0 or -EINVAL with the reason in @why. */
int pin_plan_parse(struct pin_plan *plan, const char *text, struct why *why);

/* Free what the plan holds. */
void pin_plan_release(struct pin_plan *plan);

/*
 * Fill @cpus[@n] with the kernel's CPU number of each of @n workers. Returns 0; -EINVAL with the reason
 * in @why if the plan names a CPU or node that the topology lacks (or that this process may not use).
 * PIN_NONE has no CPUs: a BUG to ask.
 */
int pin_plan_cpus(const struct pin_plan *plan, const struct topology *topology, unsigned n,
		  unsigned *cpus, struct why *why);

#endif
