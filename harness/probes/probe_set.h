/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe_set: the probes that are asked for, attached together, and the marks that they share. */
#ifndef HARNESS_PROBES_PROBE_SET_H
#define HARNESS_PROBES_PROBE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"
#include "harness/probes/probe.h"
#include "harness/probes/symbols.h"
#include "harness/probes/tables.h"

struct probe_set {
	struct probe mark;
	struct probe *probes;
	size_t nr;
	size_t nr_attached; /* of them */
	struct symbols symbols;
	struct tables tables;
	struct why
		blind; /* why there are no names for the kernel's addresses; empty if there are */
	int stats_fd; /* while it is open the kernel times BPF programs; -1 */
};

/* Whether @list names probes, with commas; NULL and "all" do. Returns 0, or -EINVAL naming what there is. */
int probe_set_check(const char *list, struct why *why);

/*
 * Attach the probes that @list names (NULL: all but those by request) to what this process forks from now
 * on, and make their files in @dir. A probe that cannot be had is left out, with the reason in its ->why.
 * Returns 0, or -errno with the reason in @why if the files cannot be made. The caller releases the set in
 * any case.
 */
int probe_set_init(struct probe_set *set, const char *list, const char *dir, struct why *why);

/* Count for @phase, from 1 on, until stop. */
void probe_set_start(struct probe_set *set, uint32_t phase);
void probe_set_stop(struct probe_set *set);

/* Write what was counted for @phase. @key: the first columns of each record, with tabs behind them; taken
 * over. */
void probe_set_read(struct probe_set *set, uint32_t phase, char *key);

/* Detach all, close the files. Returns 0, or -errno with the reason if something was not written. */
int probe_set_release(struct probe_set *set, struct why *why);

#endif
