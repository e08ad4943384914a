/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shrink_worker_native: the thread of zswap's asynchronous worker. */
#ifndef PFT_ZSWAP_SHRINK_WORKER_NATIVE_H
#define PFT_ZSWAP_SHRINK_WORKER_NATIVE_H

#include "common/say.h"

struct zswap;
struct zswap_thread;

/* Start a thread in @slot, registered with RCU, that calls @loop(@zswap) and ends. 0 or -errno. */
int zswap_thread_start(struct zswap_thread **thread, unsigned slot, void (*loop)(struct zswap *),
		       struct zswap *zswap, struct why *why);

/* Wait for its end. */
void zswap_thread_join(struct zswap_thread *thread);

#endif
