/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kthread: a thread of the engine's own, with a slot of its own, for as long as its owner lets it
 * run. It takes no signals. What it does and when it ends is its function's matter: the owner tells
 * it to end by a word on which it sleeps, then joins it.
 */
#ifndef PFT_BASE_KTHREAD_H
#define PFT_BASE_KTHREAD_H

#include "common/say.h"

struct kthread {
	unsigned slot; /* of arch.h; in use while it runs */
	unsigned node; /* where it lives */
	void (*run)(struct kthread *kthread);
	void *native; /* the thread, or NULL */
};

/* kthread_run(): call run() on a thread that has entered kthread->slot and is an RCU reader. 0, or
 * -errno with the reason in @why. */
int kthread_start(struct kthread *kthread, struct why *why);

/* Wait until run() has returned. Nothing if it was not started. */
void kthread_join(struct kthread *kthread);

/* Most such slots at a time; they are the highest below RCU_SLOT. */
#define KTHREAD_SLOTS 64

/* A slot below RCU_SLOT that no other thread of this kind has, for ever until it is put back; 0 if
 * there is none. Workers count theirs from the other end. */
unsigned kthread_slot_get(void);
void kthread_slot_put(unsigned slot);

#endif
