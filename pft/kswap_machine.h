/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kswap_machine: what the workloads that use the kernel's swap change of the machine: swap of their own,
 * zswap's parameters, how many pages are read at once. All of it is noted first, and taken back
 * whatever happens. */
#ifndef PFT_KSWAP_MACHINE_H
#define PFT_KSWAP_MACHINE_H

#include "pft/kswap_group.h"
#include "pft/kswap_undo.h"

struct run;

/* Where the pages go that do not fit. */
enum kswap_backend { KSWAP_ZSWAP_FILE, KSWAP_ZRAM_DEVICE, KSWAP_PLAIN_FILE, NR_KSWAP_BACKENDS };

/* By the names that the parameter `backend` has for them. */
extern const char *const kswap_backends[NR_KSWAP_BACKENDS];

struct kswap_machine {
	enum kswap_backend backend;
	bool verify_all; /* each page at the end, besides those that were read */
	bool writeback; /* zswap may write the groups' pages to the swap file */
	struct kswap_undo undo;
	struct kswap_hierarchy hierarchy;
	unsigned zram; /* its number, with KSWAP_ZRAM_DEVICE */
	char codec[64]; /* as the kernel names what it uses */
	char page_cluster[16]; /* as it is during the run */
};

/* The parameters that these workloads have, to be put into their tables. */
#define KSWAP_PARAMS \
	{"page-cluster", "0", "pages read at once, as a power of two: 0 to 6, or as-is"}, \
		{"verify", "all", "pages verified: all (once more, at the end) or accessed"}, \
	{ \
		"zswap-writeback", "on", \
			"whether zswap may write the group's pages to the file: on, or off" \
	}

/* Whether a machine like this can run them: 0, or -errno with the reason in @why. */
int kswap_machine_probe(struct why *why);

/* Read the parameters and check the options of @run, for @backend. Changes nothing. Returns 0, or -EINVAL
 * with the reason in @why; kswap_machine_release() in any case. */
int kswap_machine_init(struct kswap_machine *machine, enum kswap_backend backend,
		       const struct run *run, struct why *why);

/* Find the memory controller, open the log and make the swap. Groups come after it, and so go before it: a
 * limit must not be in force while swap is ended. Returns 0, or -errno with the reason in @why. */
int kswap_machine_change(struct kswap_machine *machine, const struct run *run, struct why *why);

/* Free what it holds, after kswap_undo_finish() of its log. */
void kswap_machine_release(struct kswap_machine *machine);

#endif
