/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmtests: reads pft's logs as mmtests lays them out, with exactly the reading rules of its
 * reports. */
#ifndef ANALYSIS_MMTESTS_H
#define ANALYSIS_MMTESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/notes.h"
#include "analysis/run.h"
#include "common/say.h"

/* The columns of a pft result line that are read, in their order there. */
enum log_field {
	LOG_USER,
	LOG_SYSTEM,
	LOG_WALL,
	LOG_FAULTS_CPU,
	LOG_FAULTS_SEC,
	NR_LOG_FIELDS,
};

/* Called for each line that takes a sample number; a field that is missing or no number is NaN. */
typedef void mmtests_line_fn(void *arg, unsigned number, const double fields[NR_LOG_FIELDS]);

/* Read the log in @text[@len] line by line. */
void mmtests_parse_log(const char *text, size_t len, mmtests_line_fn *fn, void *arg);

/* Whether @dir holds iter-* directories with pft logs. */
bool mmtests_is_tree(const char *dir);

/* Read all logs below @run->path. Returns 0, or -errno with the file in @why. */
int mmtests_read(struct run *run, struct notes *notes, struct why *why);

#endif
