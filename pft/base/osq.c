/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/osq.h"

/*
 * A slot's place in a queue. Neighbours are named by slot plus one, 0 for none; the nodes are static, so
 * a neighbour's node can always be touched, even when its worker has left.
 */
struct osq_node {
	uint32_t next, prev;
	uint32_t locked; /* it is this node's turn */
} __attribute__((aligned(ARCH_PAIR)));

static struct osq_node osq_nodes[ARCH_SLOTS];

static struct osq_node *osq_node_of(uint32_t name)
{
	return &osq_nodes[name - 1];
}

void spin_limit_init(struct spin_limit *limit, uint64_t now_ns)
{
	limit->end_ns = now_ns + SPIN_LIMIT_NS;
	limit->looks = 0;
	limit->hit = false;
}

/*
 * osq_wait_next(): the successor of node @self, to be passed the turn or to be linked to @prev; 0 if there
 * is none and the tail is back at @prev (0: free). One that has put itself on the tail but not yet
 * into our next is waited for: two stores of a running worker.
 */
static uint32_t osq_wait_next(struct osq *osq, uint32_t self, uint32_t prev)
{
	struct osq_node *node = osq_node_of(self);

	for (;;) {
		uint32_t last = self;

		/*
		 * Acquire: what @prev does next with its next is not seen as older than this. Release:
		 * from osq_unlock() this is what frees the lock; it pairs with the exchange in the next
		 * osq_lock(). The kernel gets by with acquire, after an xchg() that is a full barrier;
		 * C11's orders only what goes through node->next.
		 */
		if (arch_read_once(&osq->tail) == self &&
		    arch_cmpxchg_full(&osq->tail, &last, prev))
			return 0;
		/* Taking next away, not just reading it, keeps the successor from leaving meanwhile:
		 * its step A below needs our next to name it. */
		if (arch_read_once(&node->next)) {
			uint32_t next = arch_xchg_full(&node->next, (uint32_t)0);

			if (next)
				return next;
		}
		arch_relax();
	}
}

/* Leave the queue. Returns whether it was our turn before we could: then we hold it. */
static bool osq_unqueue(struct osq *osq, uint32_t self)
{
	struct osq_node *node = osq_node_of(self);
	uint32_t prev = arch_read_once(&node->prev), next;

	/* Step A: make our predecessor wait for a new next, so that it stays where it is. */
	for (;;) {
		uint32_t expected = self;

		if (arch_read_once(&osq_node_of(prev)->next) == self &&
		    arch_cmpxchg_full(&osq_node_of(prev)->next, &expected, (uint32_t)0))
			break;
		/* It fails when the predecessor unlocks, which makes it our turn, ... */
		if (arch_load_acquire(&node->locked))
			return true;
		arch_relax();
		/* ... or leaves itself, which gives us a new one in its step C. */
		prev = arch_read_once(&node->prev);
	}
	/* Step B: find our successor, or put the tail back. */
	next = osq_wait_next(osq, self, prev);
	if (!next)
		return false;
	/* Step C: link the two. Both stand still: the one waits for its next, the other for our next to
	 * name it again. Release: pairs with the full operations on next in steps A and B. */
	arch_write_once(&osq_node_of(next)->prev, prev);
	arch_store_release(&osq_node_of(prev)->next, next);
	return false;
}

bool osq_lock(struct osq *osq, struct spin_limit *limit)
{
	uint32_t self = arch_slot() + 1, prev;
	struct osq_node *node = osq_node_of(self);

	arch_write_once(&node->locked, 0);
	arch_write_once(&node->next, 0);
	/* Full: releases our node to the one that comes after us, acquires from the last osq_unlock(). */
	prev = arch_xchg_full(&osq->tail, self);
	if (!prev)
		return true;
	arch_write_once(&node->prev, prev);
	/* Release: our node is ready before the predecessor can set its locked. */
	arch_store_release(&osq_node_of(prev)->next, self);
	/* Acquire: pairs with the release in osq_unlock(). */
	while (!arch_load_acquire(&node->locked)) {
		if (spin_limit_reached(limit) || !arch_on_cpu(arch_read_once(&node->prev) - 1))
			return osq_unqueue(osq, self);
		arch_relax();
	}
	return true;
}

void osq_unlock(struct osq *osq)
{
	uint32_t self = arch_slot() + 1, last = self, next;

	if (arch_cmpxchg_release(&osq->tail, &last, (uint32_t)0))
		return;
	next = arch_xchg_full(&osq_node_of(self)->next, (uint32_t)0);
	if (!next)
		next = osq_wait_next(osq, self, 0);
	/* Release: pairs with the acquire of the successor's wait. */
	if (next)
		arch_store_release(&osq_node_of(next)->locked, (uint32_t)1);
}
