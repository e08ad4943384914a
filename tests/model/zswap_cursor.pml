/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zswap_cursor: the cursor of zswap's shrink worker beside groups that go offline. The engine's code:
 * next_memcg(), zswap_memcg_offline() and shrink_memcgs() of pft/zswap/shrink_worker.c, memcg_next() and
 * memcg_offline() of pft/base/memcg.c.
 *
 * Bounds: a root and four groups below it, of which the last has entries; the three before it go offline,
 * in any order; one of them stays as a zombie, as others have references; the entries may be loaded at any
 * time, which ends the worker wherever it is; two runs of it.
 *
 * Shown: the worker ends only when the entries are gone; it uses no group that is freed; when all is over
 * the cursor rests on nobody who is offline, and the groups have no other references than they ought to.
 *
 * -DBUG_... breaks one rule and must end in a failed assertion.
 */
#define GROUPS	5
#define NONE	GROUPS
#define FULL	4	/* who has entries */
#define ZOMBIE	2	/* whom others keep */
#define RETRIES	5	/* MAX_RECLAIM_RETRIES; each cleanup may make a round miss a group, and so count */

bool online[GROUPS];
byte refs[GROUPS];	/* the css's own while online, the cursor's, the worker's, others' */
byte cursor = NONE;
byte entries = 2;
bool lock;		/* zswap->shrink_lock */
byte gone;		/* groups whose offline is done */

/* A group stays in the tree for as long as anybody has a reference. */
#define linked(g)	(refs[g] > 0)

/* memcg_next(): under the tree's lock, so in one step. */
inline advance()
{
	d_step {
		n = (cursor == NONE -> 0 : cursor + 1);
		do
		:: n < GROUPS && !linked(n) -> n++
		:: else -> break
		od;
		if
		:: n < GROUPS -> refs[n]++
		:: else
		fi;
		if
		:: cursor != NONE -> assert(refs[cursor] > 0); refs[cursor]--
		:: else
		fi;
		cursor = n
	}
}

inline take() { atomic { !lock -> lock = true } }
inline give() { lock = false }

/* next_memcg(): leaves the group in m, with a reference of the worker's, or NONE. */
inline next_memcg()
{
	take();
	do
	:: advance();
	   m = cursor;
#ifdef BUG_RESET
	   /* B8: a zombie was a failure, and sent the cursor back to the root. */
	   if
	   :: m != NONE && !online[m] -> d_step { refs[m]--; cursor = NONE; m = NONE; zombie = true }
	   :: else
	   fi;
#endif
	   if
	   :: m == NONE -> break
	   :: else
	   fi;
#ifdef BUG_LOOK_THEN_GET
	   /* B2: online, and later a reference; between the two the lock was not held. */
	   if
	   :: online[m] -> give(); d_step { assert(refs[m] > 0); refs[m]++ }; take(); break
	   :: else
	   fi
#else
	   if
	   :: d_step { online[m] -> refs[m]++ }; break /* memcg_tryget_online() */
	   :: else
	   fi
#endif
	od;
	give()
}

/* shrink_memcgs() */
proctype worker()
{
	byte m, n, failures, attempts, runs;
	bool zombie;

	do
	:: runs == 2 -> break
	:: else ->
		runs++;
		failures = 0;
		attempts = 0;
		do
		:: next_memcg();
		   if
		   :: m == NONE ->
#ifdef BUG_RESET
			attempts = (zombie -> 0 : attempts);
			zombie = false;
#endif
			if
			:: attempts == 0 -> failures++
			:: else
			fi;
			attempts = 0
		   :: else ->
			assert(refs[m] > 0); /* not freed: zswap_shrink_memcg() looks at it */
			if
			:: d_step { m == FULL && entries > 0 -> entries--; attempts++ }
			:: else /* -ENOENT: not counted */
			fi;
			d_step { assert(refs[m] > 0); refs[m]--; m = NONE }
		   fi;
		   if
		   :: entries == 0 || failures == RETRIES -> break
		   :: else
		   fi
		od;
		assert(entries == 0)
	od
}

/* memcg_offline(): not online first, then zswap_memcg_offline(), then the css's own reference. */
proctype offline(byte g)
{
	byte n;

	online[g] = false;
#ifndef BUG_NO_CLEANUP
	take();
	if
	:: cursor == g ->
#ifdef BUG_CLEANUP_ONCE
		/* B8: the next one may be offline as well, with its own cleanup behind it. */
		advance()
#else
		do
		:: advance();
		   if
		   :: cursor == NONE || online[cursor] -> break
		   :: else
		   fi
		od
#endif
	:: else
	fi;
	give();
#endif
	d_step { assert(refs[g] > 0); refs[g]--; gone++ }
}

/* zswap_load() of all. */
proctype loader()
{
	entries = 0
}

init
{
	byte g;

	d_step {
		do
		:: g < GROUPS -> online[g] = true; refs[g] = 1; g++
		:: else -> break
		od;
		refs[ZOMBIE]++
	};
	atomic {
		run worker();
		run loader();
		run offline(1);
		run offline(2);
		run offline(3)
	};
	/* Whoever is offline is kept only by who has a reason, once the worker rests. */
	_nr_pr == 1 ->
	assert(gone == 3);
	assert(cursor == NONE || online[cursor]);
	assert(refs[1] == 0 && refs[2] == 1 && refs[3] == 0);
	assert(refs[0] == (cursor == 0 -> 2 : 1) && refs[FULL] == (cursor == FULL -> 2 : 1))
}
