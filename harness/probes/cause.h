/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cause: what a stack says about a wait. All rules are in cause.c. */
#ifndef HARNESS_PROBES_CAUSE_H
#define HARNESS_PROBES_CAUSE_H

#include "harness/probes/stacks.h"

enum cause {
	CAUSE_OTHER,
	CAUSE_RWSEM_READ,
	CAUSE_RWSEM_WRITE,
	CAUSE_MUTEX,
	CAUSE_SPIN,
	CAUSE_FUTEX,
	CAUSE_PAGE_IO,
	CAUSE_RECLAIM,
	NR_CAUSES,
};

extern const char *const cause_names[NR_CAUSES];

/* Why a thread left the CPU with this kernel stack: the innermost frame that a rule knows decides. */
enum cause cause_of(const struct stack_names *kernel);

/* Which wait of pft's engine this user stack is, as "WAIT in FUNCTION": "rwsem-read in mm_fault"; the
 * function is who asked the lock's code to wait. In memory that the caller frees; "-" for no wait of its. */
char *cause_engine_wait(const struct stack_names *user);

/* The type of a contended lock by its LCB_F_* flags: "spin", "rwsem-read", ... */
const char *cause_lock_type(unsigned flags);

/* Who takes the lock: the innermost frame that is not part of a lock; "-" without one. */
const char *cause_caller(const struct stack_names *kernel);

/* The name of the lock that @caller takes with such flags, by what the kernel's functions are known to take;
 * NULL where it is not known. */
const char *cause_lock_name(unsigned flags, const char *caller);

#endif
