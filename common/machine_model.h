/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine_model: what a simulated machine is like, from a file of "key = value" lines (configs/machines/).
 * Text from a # to the end of the line is a comment: it says whence the number is. Every part of the
 * model can be switched off there: a time of 0 costs nothing; without a size there is no L1, and the other
 * caches never throw anything out.
 */
#ifndef COMMON_MACHINE_MODEL_H
#define COMMON_MACHINE_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/say.h"

/* Most of a machine; the engine's own threads have cores beside these. */
#define MACHINE_CPUS_MAX    512
#define MACHINE_CORES_MAX   256
#define MACHINE_LLCS_MAX    64
#define MACHINE_SOCKETS_MAX 16
#define MACHINE_NODES_MAX   64
#define MACHINE_THREADS_MAX 8 /* of a core */
#define MACHINE_STORES_MAX  64 /* of a store buffer */

/* A cache; bytes 0 as said above. */
struct machine_cache {
	uint64_t bytes;
	uint64_t ways;
	double ns; /* of a hit */
};

struct machine {
	char name[64]; /* of the file, without its folder */

	/* Shape. */
	uint64_t sockets, cores, threads; /* cores of a socket, threads of a core */
	uint64_t llc_cores; /* cores that share a last-level cache */
	uint64_t nodes;

	struct machine_cache l1, l2; /* of a core */
	struct machine_cache llc; /* of llc_cores */
	bool llc_inclusive; /* what it throws out, the cores below it lose too */

	/* From one core's cache to another's, and from memory. */
	double same_llc_ns, same_socket_ns, cross_ns;
	double memory_ns, memory_remote_ns;
	double hold_ns; /* how long a core keeps a line that it has waited for: up to twice that, by chance */
	bool forward; /* lines that several caches have come from the nearest, not from memory */

	double atomic_ns; /* what a locked instruction costs above a store */
	/* Stores of a thread that may wait for lines on their way to others; 0: it waits for each store. */
	uint64_t store_buffer;
	bool prefetch_adjacent; /* a miss fetches the other line of its pair of 128 bytes too */
	bool prefetch_ownership; /* and for writing, if the miss was a write */
	double pause_ns; /* cpu_relax() */
	uint64_t spin_looks; /* before the waiter for a spinlock sleeps; the kernel's never does */
	double clock_ns; /* a look at the clock */

	/* Private work. */
	double work_ns; /* of each fault: the trap, and all that the engine leaves out */
	double work_spread; /* it is that many percent more or less, by chance */
	double smt_factor; /* how much longer it takes while the sibling is busy too */
	double clear_gbs, copy_gbs; /* bytes per ns of one thread */
	double memory_gbs; /* of all threads, to each node's memory */
	double compress_ns, decompress_ns; /* a page */
	double shootdown_ns, shootdown_cpu_ns; /* of any shootdown, and for each CPU in it */

	/* Scheduler. */
	double sleep_ns; /* from going to sleep to being off the CPU */
	double wake_ns; /* of who wakes, for each that he wakes */
	double wakeup_ns; /* until who was woken runs */
	double grace_ns; /* of an RCU grace period, above waiting for readers */

	/* Swap device. */
	double swap_read_ns, swap_write_ns;
	double swap_gbs;

	uint64_t seed; /* of the spread of work */
};

/* Read the model @name: the path of a file, or the name of one in configs/machines. Returns 0, or
 * -errno with the reason, "file:line: ..." where it is in the file, in @why. */
int machine_read(struct machine *machine, const char *name, struct why *why);

/* The same from an open file that @path is to be named for in messages. */
int machine_parse(struct machine *machine, const char *path, FILE *in, struct why *why);

/*
 * Print the file of the model @name as it is, with its sources, and behind it what it leaves to defaults.
 * Returns 0, or -errno as machine_read() with the reason in @why.
 */
int machine_print(const char *name, FILE *out, struct why *why);

/* The names of the models that come with the program, sorted, *@nr of them, in memory that
 * machine_names_free() frees; NULL if their folder cannot be found. */
char **machine_names(size_t *nr);
void machine_names_free(char **names, size_t nr);

/* The machine's shape in hwloc's words, "pack:2 [numa] core:14 pu:2", in memory that the caller frees. */
char *machine_synthetic(const struct machine *machine);

/* Print all keys, with their units and what they mean. */
void machine_list_keys(FILE *out);

/* How many CPUs, and cores, there are. */
static inline unsigned machine_cpus(const struct machine *m)
{
	return m->sockets * m->cores * m->threads;
}

static inline unsigned machine_cores(const struct machine *m)
{
	return m->sockets * m->cores;
}

#endif
