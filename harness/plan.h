/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan: what a sweep will do, worked out before anything runs: cells (variant x client count) and
 * the order of their iterations. plan.tsv is this structure on disk (docs/format.md).
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/say.h"
#include "common/topology.h"

struct config;

enum plan_order {
	ORDER_SEQUENTIAL, /* all iterations of a cell, then the next: as mmtests does */
	ORDER_INTERLEAVED, /* iteration 0 of every cell, then iteration 1, ...: drift hits all alike
			    */
	ORDER_RANDOM, /* as interleaved, the cells of each round in seeded random order */
};

/* One cell: a variant at one client count. Texts are owned by the plan. */
struct plan_cell {
	char *variant; /* unique name of (workload, pin, mem, pagesize, mode) in this plan */
	char *workload; /* pft --workload */
	char *pin; /* name of the pin plan, "none" without */
	char *mem; /* pft --mem */
	char *pagesize; /* base, transhuge or default */
	bool processes; /* -n instead of -t */
	unsigned clients;
	uint64_t bytes; /* of the whole step */
	unsigned *cpus; /* [clients] the kernel's CPU numbers; NULL without pinning */
	unsigned *
		nodes; /* [clients] the kernel's node numbers of those CPUs; NULL without pinning */
	char *extra; /* further pft options, space separated; "" for none */
};

/* One pft process to run. */
struct plan_step {
	unsigned cell;
	unsigned iteration;
};

struct plan {
	struct plan_cell *cells;
	size_t nr_cells;
	struct plan_step *steps; /* in the order of execution */
	size_t nr_steps;
	unsigned iterations; /* per cell */
	unsigned warmup; /* steps of full size whose samples are dropped, before the first step */
	enum plan_order order;
	uint64_t seed;
	unsigned timeout_s; /* per step */
};

/*
 * Work out the plan of @config on @topology. Returns 0, or -errno with the reason in @why (a bad
 * value names the file and line that set it). The caller releases the plan.
 */
int plan_init(struct plan *plan, const struct config *config, const struct topology *topology,
	      struct why *why);

/* Free what the plan holds. */
void plan_release(struct plan *plan);

/* Print plan.tsv to @out; errors show in ferror(@out). */
void plan_print(const struct plan *plan, FILE *out);

/* Write plan.tsv to @path, which must not exist. Returns 0 or -errno with the reason. */
int plan_write(const struct plan *plan, const char *path, struct why *why);

/* Read plan.tsv back (everything but warmup, order, seed and timeout_s, which meta.tsv keeps).
 * Returns 0, or -errno with file:line in @why. The caller releases the plan. */
int plan_read(struct plan *plan, const char *path, struct why *why);

/* Seconds that one step of @cell will take, a guess before anything was measured: process start
 * plus bytes at a first-touch rate that a bare machine and a VM both reach. */
double plan_estimate_s(const struct plan_cell *cell);

#endif
