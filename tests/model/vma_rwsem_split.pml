/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_rwsem_split: per-VMA rwsem and sequence numbers, Linux 6.4 to 6.14, by the rule of 6.5
 * (b1f02b95758d). The engine's code: pft/locks/vma_rwsem_split.c, and the embedded and aligned designs
 * that share it. The functions named below are the kernel's and the engine's.
 *
 * Bounds: one VMA of one mm; READERS (2) readers of one lookup each; two writers, in turn three rounds
 * under mmap_lock, each of which write-locks and changes the VMA or leaves it alone, the last detaches
 * and frees it. rwsem and mmap_lock are abstract: a lock with acquire and release; that the
 * rwsem itself excludes and wakes is the business of its own tests. mm_lock_seq is raised once, at the
 * unlock; the odd numbers of 6.14 change nothing here, since both sides only compare for equality.
 *
 * Shown: a reader that holds the VMA sees all that writers wrote, is alone with other readers until it
 * lets go, and the VMA is not detached, not write-locked and not freed. No data race. No deadlock.
 *
 * Left free: what the first, unordered look at the numbers returns, and when trylock fails without cause.
 * So "locked" may be false. With -DBUG_... one rule is broken and the search must end in an error; with
 * -DSPARE_... one step is left out that the rule does not rest on, and the search must pass.
 */
#ifndef READERS
#define READERS 2
#endif
#define SEQ		0	/* vma->vm_lock_seq: relaxed before the lock, plain under it */
#define MSEQ		1	/* mm->mm_lock_seq: its value is the number of the store */
#define DATA		2	/* vm_start, vm_end, vm_flags, detached: plain */
#define SEQ_CLOCK(r)	(3 + (r))		/* the reader's plain loads of vm_lock_seq, */
#define DATA_CLOCK(r)	(3 + READERS + (r))	/* and of the data */
#define NL		(3 + 2 * READERS)
#define ROUNDS		3
/* Views: the readers, the writers, then those carried by the rwsem, mmap_lock, mm_lock_seq's stores */
#define RWSEM_VIEW	(READERS + 2)
#define MMAP_VIEW	(READERS + 3)
#define MSEQ_VIEW(k)	(READERS + 4 + (k))
#define NV		(READERS + 4 + ROUNDS + 1)
#include "views.pml"

#ifdef BUG_NARROW_SEQ	/* numbers that wrap while a reader holds its lock */
#define NUMBER(k)	((k) % 2)
#else
#define NUMBER(k)	(k)
#endif

byte seq[ROUNDS + 1];			/* value of each store to vm_lock_seq; the first is -1 */
byte readers;				/* vma->vm_lock->lock; write-locked if 255 */
bool mmap_locked;
byte rounds;
bool detached;				/* value of the newest store to DATA */

/* What is true, for the assertions only */
bool write_locked, is_detached, freed, holds[READERS], linked = true, in_rcu[READERS];

/* rcu_read_lock(), and the look into the tree: whether a VMA was to be found. */
#define rcu_read_lock(r)	in_rcu[r] = true
#define rcu_read_unlock(r)	in_rcu[r] = false

/* down_read_trylock() */
inline down_read_trylock(r, got)
{
	d_step {
		assert(!freed);
		got = readers != 255;
		if
		:: got ->
			readers++;
#ifndef BUG_DOWN_READ_RELAXED
			acquire(r, RWSEM_VIEW)
#endif
		:: else
		fi
	}
}

/* up_read(): first the count, then a look at the waiters, which touches the lock again. */
inline up_read(r)
{
	d_step {
		assert(!freed);
#ifndef BUG_UP_READ_RELAXED
		release(r, RWSEM_VIEW);
#endif
		readers--
	};
	assert(!freed)
}

/* vma_end_read(): RCU keeps the VMA and its lock through up_read(). */
inline vma_end_read(r)
{
#ifndef BUG_END_READ_WITHOUT_RCU
	rcu_read_lock(r);
#endif
	d_step {
		assert(!freed && !is_detached && !write_locked);
		plain_load(r, DATA, DATA_CLOCK(r));
		holds[r] = false
	};
	up_read(r);
	rcu_read_unlock(r)
}

/* vma_start_read(): under RCU; @got is whether the VMA is read-locked. */
inline vma_start_read(r, s, m, got)
{
#ifndef SPARE_NO_FIRST_LOOK
	/* First look, unordered: saves an atomic on a VMA that is write-locked. */
	atomic { assert(!freed); load(r, SEQ, s); s = seq[s] };
	atomic { load(r, MSEQ, m); got = s != NUMBER(m) };
#else
	got = true;
#endif
	if
	:: got -> down_read_trylock(r, got)
	:: else
	fi;
#ifndef BUG_NO_SECOND_LOOK
	if
	:: got ->
		/* Second look, under the lock: vm_lock_seq cannot change any more. */
		d_step { plain_load(r, SEQ, SEQ_CLOCK(r)); s = seq[n[SEQ]] };
		/* Acquire: pairs with the release of vma_end_write_all(). */
		atomic {
			load(r, MSEQ, m);
#if !defined(BUG_MSEQ_LOAD_RELAXED) && !defined(BUG_RULE_OF_6_4_0)
			d_step { acquire(r, MSEQ_VIEW(m)) };
#endif
			got = s != NUMBER(m)
		};
		if
		:: !got -> up_read(r)
		:: else
		fi
	:: else
	fi
#endif
}

/* lock_vma_under_rcu(), a fault, vma_end_read() */
proctype reader(byte r)
{
	byte s, m;
	bool got;

	atomic { linked -> rcu_read_lock(r) } unless { !linked };
	if
	:: !in_rcu[r] -> goto out
	:: else
	fi;
	vma_start_read(r, s, m, got);
	if
	:: got ->
		d_step { plain_load(r, DATA, DATA_CLOCK(r)); got = !detached };
#ifdef BUG_NO_DETACHED_CHECK
		got = true;
#endif
		if
		:: !got -> up_read(r)
		:: else
		fi
	:: else
	fi;
	if
	:: got ->
		d_step {
			assert(!freed && !is_detached && !write_locked);
			holds[r] = true;
			rcu_read_unlock(r)
		};
		vma_end_read(r)
	:: else -> rcu_read_unlock(r)
	fi;
out:
	skip
}

/* No reader is inside, and what they did is over. */
inline readers_excluded(w)
{
	assert(!holds[0]);
	excluded(w, DATA_CLOCK(0));
#if READERS > 1
	assert(!holds[1]);
	excluded(w, DATA_CLOCK(1))
#endif
}

/* Store vm_lock_seq = mm_lock_seq; the VMA is write-locked from here. */
inline set_seq(w)
{
	d_step {
		excluded(w, SEQ_CLOCK(0));
#if READERS > 1
		excluded(w, SEQ_CLOCK(1));
#endif
		plain_store(w, SEQ);
		seq[n[SEQ]] = NUMBER(n[MSEQ]);
		write_locked = true
	}
}

/* vma_start_write(), under mmap_lock held for write */
inline vma_start_write(w)
{
	d_step {
		assert(VIEW(w, SEQ) == n[SEQ] && VIEW(w, MSEQ) == n[MSEQ]);
		already = seq[n[SEQ]] == NUMBER(n[MSEQ])
	};
	if
	:: !already ->
#ifndef BUG_NO_DOWN_WRITE
		/* down_write(): waits for the readers inside */
		d_step {
			readers == 0 ->
			readers = 255;
#ifndef BUG_DOWN_WRITE_RELAXED
			acquire(w, RWSEM_VIEW)
#endif
		};
#endif
#ifndef BUG_SEQ_AFTER_UP_WRITE
		set_seq(w);
#endif
#ifndef BUG_NO_DOWN_WRITE
		/* up_write(), at once */
		d_step {
			readers = 0;
#ifndef BUG_UP_WRITE_RELAXED
			release(w, RWSEM_VIEW)
#endif
		};
#endif
#ifdef BUG_SEQ_AFTER_UP_WRITE
		set_seq(w);
#endif
	:: else
	fi
}

/* vma_end_write_all(): unlocks all VMAs of the mm. Release: pairs with the second look. */
inline vma_end_write_all(w)
{
	d_step {
		store(w, MSEQ);
#if !defined(BUG_MSEQ_STORE_RELAXED) && !defined(BUG_RULE_OF_6_4_0)
		release(w, MSEQ_VIEW(n[MSEQ]));
#endif
		write_locked = false
	}
}

/* mmap_write_lock(); the writers take turns, to save orders that differ in their names only */
inline mmap_write_lock(w)
{
	d_step {
		!mmap_locked && rounds % 2 == w - READERS ->
		mmap_locked = true;
		rounds++;
		acquire(w, MMAP_VIEW)
	}
}
inline mmap_write_unlock(w)
{
	d_step { release(w, MMAP_VIEW); mmap_locked = false }
}

inline change(w, gone)
{
	d_step {
		readers_excluded(w);
		plain_store(w, DATA);
		detached = gone;
		is_detached = gone
	}
}

/* mprotect() and the like, and at last munmap() */
proctype writer(byte w; byte todo)
{
	bool already;

	do
	:: todo > 0 ->
		todo--;
		mmap_write_lock(w);
		if
		:: rounds < ROUNDS ->
			vma_start_write(w);
			change(w, false)
		:: rounds < ROUNDS -> skip /* changes other VMAs */
		:: rounds == ROUNDS ->
			vma_start_write(w);
			change(w, true);
			linked = false
		fi;
#ifndef BUG_UNLOCK_BEFORE_SEQ
		vma_end_write_all(w);
		mmap_write_unlock(w);
#else
		mmap_write_unlock(w);
		vma_end_write_all(w);
#endif
		if
		:: w == READERS && todo == 0 -> /* the last round was ours: call_rcu() */
#ifndef BUG_FREE_AT_ONCE
			!in_rcu[0];
#if READERS > 1
			!in_rcu[1];
#endif
#endif
			freed = true
		:: else
		fi
	:: else -> break
	od
}

init {
	atomic {
		seq[0] = 255;
		run reader(0);
#if READERS > 1
		run reader(1);
#endif
		run writer(READERS, 2);
		run writer(READERS + 1, 1)
	}
}
