/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measured: tells whoever looks on from outside which threads are being measured now, by their name
 * (harness/probes/mark.bpf.c; perf shows it too). */
#ifndef PFT_MEASURED_H
#define PFT_MEASURED_H

#include <stdbool.h>
#include <sys/prctl.h>

/* Name the calling thread. Before the measured region begins, and when it is over. */
static inline void measured_name(bool measured)
{
	prctl(PR_SET_NAME, measured ? "pft-measured" : "pft");
}

#endif
