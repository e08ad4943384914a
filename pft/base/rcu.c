/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/base/rcu.h"

#include <limits.h>

#include "pft/base/compiler.h"

/* How long callbacks gather before a grace period is spent on them. */
#define BATCH_NS 1000000

/* The callbacks that one slot queued, newest first; the callback thread takes all at once. */
struct callbacks {
	struct rcu_head *newest;
} __attribute__((aligned(ARCH_PAIR)));

static struct callbacks callbacks[ARCH_SLOTS];

static struct {
	uint32_t running; /* the thread exists */
	uint32_t stop; /* it is to end when nothing is queued */
	uint32_t kick; /* it has something to do */
	uint32_t wanted; /* barriers asked for */
	uint32_t done; /* barriers passed */
} __attribute__((aligned(ARCH_PAIR))) state;

/* Wake the thread. Full: what was queued comes before it, and pairs with the xchg in callback_loop(). */
static void kick(void)
{
	if (!arch_xchg_full(&state.kick, 1))
		arch_wake(&state.kick, 1);
}

/* Take the callbacks of all slots; each list is turned round to its order of queueing. */
static struct rcu_head *take_all(void)
{
	struct rcu_head *all = NULL, **end = &all, *newest, *older, *first, *last;
	unsigned slot;

	for (slot = 0; slot < ARCH_SLOTS; slot++) {
		if (!arch_read_once(&callbacks[slot].newest))
			continue;
		/* Acquire: pairs with the release in call_rcu(). */
		newest = arch_xchg_acquire(&callbacks[slot].newest, NULL);
		first = NULL;
		last = newest;
		for (; newest; newest = older) {
			older = arch_read_once(&newest->next);
			arch_write_once(&newest->next, first);
			first = newest;
		}
		arch_write_once(end, first);
		end = &last->next;
	}
	return all;
}

/* Spend a grace period on @head's list and call it. */
static void run(struct rcu_head *head)
{
	struct rcu_head *next;

	synchronize_rcu();
	for (; head; head = next) {
		next = head->next; /* the callback frees it */
		head->func(head);
	}
}

static void callback_loop(void)
{
	uint32_t wanted, done = arch_read_once(&state.done);
	struct rcu_head *head;
	bool stop;

	arch_slot_enter(RCU_SLOT);
	for (;;) {
		while (!arch_read_once(&state.kick))
			arch_wait(&state.kick, 0, 0);
		if (!arch_read_once(&state.stop))
			arch_wait(&state.wanted, done, BATCH_NS);
		/* First kick, then what it was for: who comes later kicks again. */
		arch_xchg_full(&state.kick, 0);
		stop = arch_read_once(&state.stop);
		wanted = arch_load_acquire(&state.wanted);
		head = take_all();
		if (head)
			run(head);
		done = wanted;
		arch_store_release(&state.done, done); /* pairs with rcu_barrier() */
		arch_wake(&state.done, UINT_MAX);
		if (stop && !head)
			return;
		if (stop)
			kick(); /* once more: callbacks may have queued others */
	}
}

/* Before a fork(): the child must not be born with a registered thread that it does not have. */
static void stop_thread(void)
{
	if (!arch_read_once(&state.running))
		return;
	arch_write_once(&state.stop, 1);
	kick();
	arch_wake(&state.wanted, 1);
	rcu_thread_join();
	arch_write_once(&state.stop, 0);
	arch_write_once(&state.running, 0);
}

static void start_thread(void)
{
	uint32_t old = 0;

	if (arch_cmpxchg_full(&state.running, &old, 1))
		rcu_thread_start(callback_loop, stop_thread);
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	struct callbacks *mine = &callbacks[arch_slot()];
	struct rcu_head *newest = arch_read_once(&mine->newest);

	/* Not plain: a head lies over fields that readers may still look at, until they find the
	 * object dead. */
	arch_write_once(&head->func, func);
	do
		arch_write_once(&head->next, newest);
	while (!arch_cmpxchg_release(&mine->newest, &newest, head));
	if (newest)
		return; /* the thread was woken for the first of these */
	if (unlikely(!arch_read_once(&state.running)))
		start_thread();
	kick();
}

void rcu_barrier(void)
{
	uint32_t target = arch_xadd_full(&state.wanted, 1) + 1, done;

	if (!arch_read_once(&state.running))
		start_thread();
	kick();
	arch_wake(&state.wanted, 1);
	/* Acquire: pairs with the release of done; what the callbacks did is seen. */
	while ((int32_t)((done = arch_load_acquire(&state.done)) - target) < 0)
		arch_wait(&state.done, done, 0);
}
