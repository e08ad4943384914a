/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pft_check: where pft is, and whether it can run what a config asks for. */
#ifndef HARNESS_PFT_CHECK_H
#define HARNESS_PFT_CHECK_H

#include "common/say.h"
#include "harness/config.h"
#include "harness/plan.h"
#include "harness/stop.h"

/* The path of the program that is to be run: @path, or without one that of @name ("pft", "pft-sim")
 * beside this program. In memory that the caller frees; NULL if it cannot be run, with the reason in
 * @why. */
char *pft_find(const char *path, const char *name, struct why *why);

/* The path of pft beside this program, whether or not it is there, in memory that the caller frees;
 * NULL if this program's own path cannot be found. */
char *pft_beside(void);

/*
 * Ask @pft whether it can run every cell of @plan, so that a name that it does not know is told
 * before a first step and not in each. Returns 0; -EINVAL with what pft says in @why, and the file
 * and line of @config that it dislikes; -EINTR if somebody asked to stop; another -errno if pft
 * could not look.
 */
int pft_check(const struct plan *plan, const struct config *config, const char *pft,
	      unsigned nr_cpus, struct stop *stop, struct why *why);

#endif
