/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * views: weak memory for Promela, included by the models of this folder.
 *
 * The memory is that of C11 without out-of-thin-air and load buffering: every location has a list of
 * stores, numbered 0..n[location], and every thread has a view, the oldest store of each location that
 * it may still read. A relaxed load reads any store from its view on, so it may be as old as it likes:
 * that is a load satisfied early, and a store that others see late. A release store carries its thread's
 * view; who loads it with acquire takes that view over. A read-modify-write reads the newest store and
 * passes on the view that the store before it carried (release sequence). A full barrier joins the
 * thread's view with one that all full barriers share.
 *
 * Load buffering (a load that takes effect after a later store of its thread) is caught another way: a
 * plain access asserts that it is not a data race. A plain load must find the newest store in its view,
 * and moves a clock that belongs to the reader; the writer of the field must have that clock in its
 * view (excluded()), that is, some release/acquire must stand between the load and the store.
 *
 * The including model defines NL (locations and clocks), NV (views: of threads, of the full barriers,
 * carried by stores), and says of each variable how it is accessed. Every join stands in a d_step: one
 * shared access is one step of the search.
 */
byte n[NL];		/* newest store of each location; last tick of each clock */
byte view[NV * NL];	/* by thread or store, the oldest store that may be read */
byte vi;

#define VIEW(v, l)	view[(v) * NL + (l)]

/* View @to sees all that view @from sees. */
inline join(to, from)
{
	vi = 0;
	do
	:: vi < NL ->
		if
		:: VIEW(from, vi) > VIEW(to, vi) -> VIEW(to, vi) = VIEW(from, vi)
		:: else
		fi;
		vi++
	:: else -> break
	od;
	vi = 0
}

/* Thread @t takes over the view that a store carried, or adds its own to it. */
inline acquire(t, carried) { join(t, carried) }
inline release(t, carried) { join(carried, t) }

/* smp_mb(): all full barriers stand in one order, by the view that they share. */
inline full_barrier(t, shared)
{
	join(t, shared);
	join(shared, t)
}

/* A store by @t: a new one at the end of the location's list, which @t has seen. */
inline store(t, l) { n[l]++; VIEW(t, l) = n[l] }

/* Any store that @t may read, as a number in @k; after it nothing older. Atomic, not d_step. */
inline load(t, l, k)
{
	k = VIEW(t, l);
	do
	:: k < n[l] -> k++
	:: break
	od;
	VIEW(t, l) = k
}

/* Plain accesses: no race with the stores of the location; the reader's clock ticks. */
inline plain_load(t, l, clock)
{
	assert(VIEW(t, l) == n[l]);
	store(t, clock)
}
inline plain_store(t, l)
{
	assert(VIEW(t, l) == n[l]);
	store(t, l)
}

/* Before a store to what the clock's owner loads plainly: all its loads came before. */
inline excluded(t, clock) { assert(VIEW(t, clock) == n[clock]) }
