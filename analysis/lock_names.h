/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock_names: which lock, or which word of one, a sampled instruction was busy with; the rules are tables in
 * lock_names.c. */
#ifndef ANALYSIS_LOCK_NAMES_H
#define ANALYSIS_LOCK_NAMES_H

#include "common/misses.h"

/*
 * "STRUCT.FIELD" if the data that was accessed is a lock's word; else by the code "WHAT in STAGE", where the
 * stage is what the engine was at, or the function; else "no lock". In memory that the caller frees.
 */
char *lock_name_of(const struct miss_where *where);

#endif
