/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: one source of explanations, a BPF object of its own, so that one that this kernel lacks takes
 * nothing else with it. A probe is a constant probe_ops in a file of its own, listed in probe_table.c.
 *
 * All objects count only threads that the harness forked, marked by inheritance in mark.bpf.c, and put the
 * phase that stands in their .bss into each key: attached once, they serve all client counts and iterations.
 * Nothing is pinned: programs, links and maps go with this process, however it ends.
 */
#ifndef HARNESS_PROBES_PROBE_H
#define HARNESS_PROBES_PROBE_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "harness/probes/events.h"
#include "harness/probes/symbols.h"
#include "harness/probes/tables.h"

/*
 * A program that belongs to a tracepoint. Kernels give a tracepoint's arguments differently, so there may be
 * several programs for one, each for its own number of arguments; the kernel's BTF tells which one is
 * loaded. Which argument is read is not chosen in BPF: clang 14 folds that into an offset that the verifier
 * refuses.
 */
struct probe_hook {
	const char *program; /* its name in the object */
	const char *tracepoint;
	unsigned nr_args;
	const char
		*arg_struct; /* NULL, or: the third argument must point to a struct of this name */
	const char *since; /* which kernel has the tracepoint so, for the reason where it lacks */
};

struct probe;

struct probe_ops {
	const char *name; /* what --explain=LIST calls it */
	const char *summary; /* one line; of one by request, what it costs */
	bool by_request; /* it acts on each fault: only where it is named, or with 'all' */
	const void *(*elf)(size_t *size); /* the object's bytes, from its skeleton */
	const struct probe_hook *hooks; /* ended by one without a program */
	/* NULL, or: attach what libbpf cannot. Returns 0, or -errno with the reason. */
	int (*attach)(struct probe *probe, struct why *why);
	/* Write the records of @phase into @tables and forget them. Returns the number of events. */
	uint64_t (*read)(struct probe *probe, uint32_t phase, struct symbols *symbols,
			 struct tables *tables);
};

/* A probe of this run. */
struct probe {
	const struct probe_ops *ops;
	struct bpf_object *object; /* NULL: not there, and why says why */
	struct probe_control *control; /* its .bss */
	struct bpf_link **links;
	size_t nr_links, cap_links;
	uint64_t runs, run_ns; /* of its programs, as of the last look; with BPF_STATS only */
	uint64_t lost; /* likewise, stacks and events */
	struct why why;
};

extern const struct probe_ops *const probe_table[]; /* NULL-terminated, without the marks */
extern const struct probe_ops mark_probe;

/*
 * Open, choose variants, load and attach. @tasks: the map of marks that the object is to use, -1 for the
 * marks themselves. Returns 0, or -errno with the reason in probe->why and nothing left over.
 */
int probe_prepare(struct probe *probe, const struct probe_ops *ops, int tasks);

/* Count for @phase from now on; 0: count nothing. A probe that is not there does nothing. */
void probe_start(struct probe *probe, uint32_t phase);
void probe_stop(struct probe *probe);

/* Write what @phase has counted, and the probe's line of probes.tsv. */
void probe_read(struct probe *probe, uint32_t phase, struct symbols *symbols,
		struct tables *tables);

/* Detach, unload, free. */
void probe_finish(struct probe *probe);

/* The file descriptor of a map by its name. BUG if there is none. */
int probe_map(const struct probe *probe, const char *name);

/* Attach and keep the link. Returns 0, or -errno with the reason in @why. */
int probe_keep_link(struct probe *probe, struct bpf_link *link, const char *what, struct why *why);

#endif
