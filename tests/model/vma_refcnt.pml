/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vma_refcnt: the reference count of a VMA in a SLAB_TYPESAFE_BY_RCU slab, Linux 6.15 to 6.18, by the
 * rules of 6.18. The engine's code: pft/locks/vma_refcnt.c; rcuwait: pft/base/rcuwait.h. The functions
 * named below are the kernel's and the engine's.
 *
 * Bounds: one VMA object, two readers, one after another two mms' worth of writer:
 *   mm A: change the VMA in place, then munmap it (detach, free: the object is free for reuse at once);
 *   mm NEXT: reuse the object for a mapping at the same address in mm B, or with -DSAME_MM at another
 *   address in mm A; then unmap it, drop the mm, and give the slab page back after a grace period.
 * Reader 0 looks in mm A, reader 1 in mm B, or in mm A too with -DREADERS_IN_A or -DSAME_MM; each once,
 * and once more after a detached VMA. The lookup may find the object, however stale, as long as its
 * page is there: nothing rests on the order of tree and count. The writer's two lives are one process:
 * the slab is trusted to order free before alloc, mmap_lock to order one writer before the next.
 *
 * Shown: a reader that holds the VMA finds it attached, not write-locked, of its own mm and range, and
 * sees all that was written to it, until it lets go. The writer always wakes. The count ends at 1 after
 * a write lock and at 0 after a detach. Nobody touches a slab page or an mm that was freed. No data
 * race. A lost wake-up shows as an invalid end state: the variants -DBUG_SLEEP_... end in one, all other
 * -DBUG_... in a failed assertion.
 *
 * Left free: what the first, unordered look at the sequence numbers returns. So "locked" may be false.
 * With -DBUG_... one rule is broken and the search must end in an error; with -DSPARE_... one thing is
 * left out that the protocol does not rest on, and the search must pass.
 */
#ifdef BUG_NO_RANGE_CHECK
#define SAME_MM		/* where it matters */
#endif
#define A		0
#define B		1
#ifdef SAME_MM
#define NEXT		A
#define NEXT_RANGE	2
#else
#define NEXT		B
#define NEXT_RANGE	1	/* the same address: the range check cannot tell */
#endif
#define OFFSET		16	/* VMA_LOCK_OFFSET */
#define LIMIT		(OFFSET - 1)
#define NOT_YET		255	/* a vm_lock_seq that no mm_lock_seq has */

#define SEQ		0		/* vma->vm_lock_seq: plain under the count */
#define MSEQ(mm)	(1 + (mm))	/* mm->mm_lock_seq: its value is the number of the store */
#define REFCNT		3		/* vma->vm_refcnt */
#define TASK(mm)	(4 + (mm))	/* mm->vma_writer_wait.task: set if the number is odd */
#define VM_MM		6		/* vma->vm_mm: plain */
#define DATA		7		/* vm_start, vm_end, vm_flags: plain */
#define ID_CLOCK(r)	(8 + (r))	/* the reader's plain loads of vm_lock_seq and vm_mm, */
#define DATA_CLOCK(r)	(10 + (r))	/* and of the data */
#define NL		12
#define W		2		/* the writer; the readers are 0 and 1 */
#define FENCES		3		/* views: of full barriers, */
#define REFCNT_VIEW	4		/* carried by vm_refcnt, */
#define MSEQ_VIEW(mm, k) (5 + 5 * (mm) + (k)) /* and by each store to mm_lock_seq */
#define NV		15
#include "views.pml"

byte refcnt = 1, seq = NOT_YET, vm_mm = A, range = 1;
byte mm_count[2] = 1;		/* mm->mm_count: of the mm's users, and mmgrab() */
bool sleeping;			/* the writer's task state, TASK_UNINTERRUPTIBLE */

/* What is true, for the assertions only */
bool attached = true, write_locked, gone, published = true, holds[2], in_rcu[2];

byte mms[2];		/* of the readers */
#define mm_of(r)	mms[r]

/* rcu_read_lock(): what was published before may be found and is there until the unlock. */
inline rcu_read_lock(r) { in_rcu[r] = published }
inline rcu_read_unlock(r) { in_rcu[r] = false }

/* rcuwait_wake_up(): its full barrier pairs with the one of task_prepare() in the waiter. */
inline rcuwait_wake_up(r, mm, k)
{
	atomic {
#ifndef BUG_SLEEP_WAKER_WITHOUT_BARRIER
		d_step { full_barrier(r, FENCES) };
#endif
		assert(mm_count[mm] > 0);
		load(r, TASK(mm), k)
	};
	if
	:: k % 2 -> d_step { sleeping = false; k = 0 }
	:: else -> k = 0
	fi
}

/*
 * vma_refcount_put(): the mm is read before the count goes down, for then the VMA may be another's.
 * Release: pairs with the writer's acquire, when it sees the readers gone.
 */
inline vma_refcount_put(r, mm, k)
{
#ifndef BUG_MM_AFTER_PUT
	d_step { plain_load(r, VM_MM, ID_CLOCK(r)); mm = vm_mm };
#endif
	d_step {
		assert(!gone && refcnt % OFFSET > 0);
		refcnt--;
		store(r, REFCNT);
#ifndef BUG_PUT_RELAXED
		release(r, REFCNT_VIEW);
#endif
		k = refcnt
	};
#ifdef BUG_MM_AFTER_PUT
	d_step { plain_load(r, VM_MM, ID_CLOCK(r)); mm = vm_mm };
#endif
	if
#if defined(BUG_SLEEP_WAKE_ONLY_ATTACHED)	/* forgets the writer that detaches */
	:: k == OFFSET + 1 ->
#elif defined(BUG_SLEEP_WAKE_ONLY_DETACHED)
	:: k == OFFSET ->
#elif defined(SPARE_WAKE_ALWAYS)
	:: true ->
#else
	:: k >= OFFSET && k <= OFFSET + 1 ->
#endif
		rcuwait_wake_up(r, mm, k)
	:: else -> k = 0
	fi
}

/*
 * The inc-not-zero-limited of vma_start_read(). Acquire: pairs with the release of
 * vma_mark_attached(), and with that of the writer's end of exclusion: who gets in after a write lock
 * sees its vm_lock_seq, and its mm_lock_seq.
 */
inline refcount_inc_not_zero_limited_acquire(r, old)
{
	d_step {
		assert(!gone);
		old = refcnt;
		if
#ifdef BUG_INC_ZERO
		:: old < LIMIT ->
#elif defined(BUG_INC_UNLIMITED)
		:: old > 0 ->
#else
		:: old > 0 && old < LIMIT ->
#endif
			refcnt++;
			store(r, REFCNT);
#ifndef BUG_INC_RELAXED
			acquire(r, REFCNT_VIEW);
#endif
			old = 1
		:: else -> old = (old == 0 -> 0 : LIMIT)
		fi
	}
}

/*
 * lock_vma_under_rcu() with vma_start_read(), then vma_end_read(). vma_start_read() of 6.18 leaves RCU
 * when it fails: to look again is to enter it again.
 */
proctype reader(byte r)
{
	byte mm, k;
	bool again = true, found;

retry:
	atomic { rcu_read_lock(r); found = in_rcu[r] };
look:
	if
	:: found -> assert(!gone) /* the first look, at vm_lock_seq */
	:: found -> rcu_read_unlock(r); goto out /* looked locked */
	:: !found -> goto out
	fi;
	refcount_inc_not_zero_limited_acquire(r, k);
	if
	:: k == 0 -> /* detached: -EAGAIN, VMA_LOCK_MISS */
		rcu_read_unlock(r);
		if
		:: again ->
			again = false;
#ifdef BUG_RETRY_WITHOUT_RCU
			goto look /* at what the old walk found */
#else
			goto retry
#endif
		:: else -> goto out
		fi
	:: k == LIMIT -> /* a writer is there: VMA_LOCK_ABORT */
		rcu_read_unlock(r);
		k = 0;
		goto out
	:: else -> k = 0
	fi;

	/* The object may be another mm's by now (6.17, 9bbffee67ffd); that mm lives as long as we
	 * hold its VMA, and must live until we have woken its writer. */
	d_step { plain_load(r, VM_MM, ID_CLOCK(r)); mm = vm_mm };
#ifndef BUG_NO_MM_CHECK
	if
	:: mm != mm_of(r) ->
		rcu_read_unlock(r);
#ifndef BUG_NO_MMGRAB
		d_step { assert(mm_count[mm] > 0); mm_count[mm]++ };
#endif
		vma_refcount_put(r, mm, k);
#ifndef BUG_NO_MMGRAB
		mm_count[mm]--;
#endif
		goto out
	:: else
	fi;
#endif

	/* Second look: vm_lock_seq cannot change while we hold the count. Acquire: pairs with the
	 * release of vma_end_write_all(). */
#ifndef BUG_NO_SECOND_LOOK
	d_step { plain_load(r, SEQ, ID_CLOCK(r)); mm = seq };
	atomic {
		load(r, MSEQ(mm_of(r)), k);
#ifndef BUG_MSEQ_LOAD_RELAXED
		d_step { acquire(r, MSEQ_VIEW(mm_of(r), k)) };
#endif
		mm = mm == k;
		k = 0
	};
	if
	:: mm ->
		vma_refcount_put(r, mm, k);
		rcu_read_unlock(r);
		goto out
	:: else
	fi;
#endif

	/* Still under RCU, in lock_vma_under_rcu(): does it cover our address? */
	d_step { plain_load(r, DATA, DATA_CLOCK(r)); mm = range };
#ifndef BUG_NO_RANGE_CHECK
	if
	:: mm != 1 ->
		vma_refcount_put(r, mm, k);
		rcu_read_unlock(r);
		goto out
	:: else
	fi;
#endif
	d_step {
		assert(attached && !write_locked && vm_mm == mm_of(r) && range == 1);
		holds[r] = true
	};
	rcu_read_unlock(r);

	/* The fault, and vma_end_read() without RCU */
	d_step {
		plain_load(r, DATA, DATA_CLOCK(r));
		assert(attached && !write_locked && vm_mm == mm_of(r) && range == 1);
		holds[r] = false
	};
	vma_refcount_put(r, mm, k);
out:
	/* The task ends, and with it its use of the mm. */
	mm_count[mm_of(r)]--
}

/* rcuwait_wait_event(): publish the waiter; then state, full barrier, condition, sleep. */
inline rcuwait_wait_event(mm, target)
{
#ifndef BUG_SLEEP_TASK_AFTER_CONDITION
	d_step { store(W, TASK(mm)) };
#endif
	do
	:: true ->
#ifndef BUG_SLEEP_STATE_AFTER_CONDITION
		d_step {
			sleeping = true;
#ifndef BUG_SLEEP_WAITER_WITHOUT_BARRIER
			full_barrier(W, FENCES)
#endif
		};
#endif
		/* Acquire: pairs with the release of the last vma_refcount_put(). The readers only
		 * count down to the target, so an old value is never the target. */
		if
		:: refcnt == target ->
			d_step {
				VIEW(W, REFCNT) = n[REFCNT];
#ifndef BUG_WAIT_RELAXED
				acquire(W, REFCNT_VIEW)
#endif
			};
			break
		:: refcnt != target || VIEW(W, REFCNT) < n[REFCNT]
		fi;
#ifdef BUG_SLEEP_TASK_AFTER_CONDITION
		d_step { store(W, TASK(mm)) };
#endif
#ifdef BUG_SLEEP_STATE_AFTER_CONDITION
		sleeping = true;
#endif
		!sleeping /* schedule() */
	od;
	/* finish_rcuwait() */
	sleeping = false;
	d_step {
		if
		:: n[TASK(mm)] % 2 -> store(W, TASK(mm))
		:: else
		fi
	}
}

/* __vma_enter_locked(), the add-not-zero of it: no new reader from here. */
inline refcount_add_not_zero(entered)
{
	d_step {
		entered = refcnt > 0;
		if
		:: entered -> refcnt = refcnt + OFFSET; store(W, REFCNT)
		:: else ->
			VIEW(W, REFCNT) = n[REFCNT];
#ifndef BUG_ADD_FAIL_RELAXED
			/* Acquire though it failed: pairs with the put of the reader that left between
			 * the decrement of vma_mark_detached() and here. */
			acquire(W, REFCNT_VIEW)
#endif
		fi
	}
}

/* __vma_exit_locked(). Release: pairs with the readers' acquire when they count up. */
inline refcount_sub(left)
{
	d_step {
		refcnt = refcnt - OFFSET;
		store(W, REFCNT);
#ifndef BUG_EXIT_RELAXED
		release(W, REFCNT_VIEW);
#endif
		assert(left == 0 && refcnt == 0 || left == 1 && refcnt >= 1 && refcnt < LIMIT)
	}
}

#define nobody_loads(clock)	excluded(W, clock(0)); excluded(W, clock(1))

/* A store that the first look of a reader may see at once: not plain. From here it is write-locked. */
inline set_seq(mm)
{
	d_step {
		nobody_loads(ID_CLOCK);
		plain_store(W, SEQ);
		seq = n[MSEQ(mm)];
		write_locked = true
	}
}

/* vma_start_write() */
inline vma_start_write(mm)
{
	if
	:: seq != n[MSEQ(mm)] ->
#ifndef BUG_WRITE_WITHOUT_WAIT
		refcount_add_not_zero(entered);
		if
		:: entered -> rcuwait_wait_event(mm, OFFSET + 1)
		:: else
		fi;
#endif
		set_seq(mm);
#ifndef BUG_WRITE_WITHOUT_WAIT
		if
		:: entered -> refcount_sub(1)
		:: else
		fi
#endif
	:: else
	fi
}

/* vma_end_write_all(). Release: pairs with the reader's second look. */
inline vma_end_write_all(mm)
{
	d_step {
		store(W, MSEQ(mm));
#ifndef BUG_MSEQ_STORE_RELAXED
		release(W, MSEQ_VIEW(mm, n[MSEQ(mm)]));
#endif
		write_locked = false
	}
}

/* vma_mark_attached(): a store, no read-modify-write. Release: publishes the VMA's fields. */
inline vma_mark_attached()
{
	d_step {
		assert(refcnt == 0);
		refcnt = 1;
		store(W, REFCNT);
		/* a plain store ends the release sequence of those before */
		vi = 0;
		do
		:: vi < NL -> VIEW(REFCNT_VIEW, vi) = 0; vi++
		:: else -> break
		od;
#ifndef BUG_ATTACH_RELAXED
		release(W, REFCNT_VIEW);
#endif
		vi = 0;
		attached = true
	}
}

/* vma_mark_detached(): readers may still be between their count up and their second look. */
inline vma_mark_detached(mm)
{
	d_step {
		assert(refcnt > 0 && refcnt < LIMIT);
		refcnt--;
		store(W, REFCNT);
		/* Acquire if it is 0: pairs with the readers' puts. */
		entered = refcnt > 0;
		if
#ifndef BUG_DETACH_RELAXED
		:: !entered -> acquire(W, REFCNT_VIEW)
#endif
		:: else
		fi;
		attached = false
	};
#ifndef BUG_DETACH_WITHOUT_WAIT
	if
	:: entered ->
		refcount_add_not_zero(entered);
		if
		:: entered ->
			rcuwait_wait_event(mm, OFFSET);
			refcount_sub(0)
		:: else
		fi
	:: else
	fi;
	assert(refcnt == 0)
#endif
}

/* A change of the VMA's range or flags, write-locked */
inline change(value)
{
	d_step {
		assert(!holds[0] && !holds[1]);
		nobody_loads(DATA_CLOCK);
		plain_store(W, DATA);
		range = value
	}
}

proctype writer()
{
	bool entered;

	/* mm A: mprotect() */
	vma_start_write(A);
	change(1);
	vma_end_write_all(A);

	/* mm A: munmap() */
	vma_start_write(A);
	vma_mark_detached(A);
	vma_end_write_all(A);

	/* mm NEXT: mmap(), which gets the same object */
	d_step {
		nobody_loads(ID_CLOCK);
		plain_store(W, VM_MM);
		vm_mm = NEXT;
		plain_store(W, SEQ);
		seq = NOT_YET
	};
	change(NEXT_RANGE);
	/* vma_start_write() of a detached VMA: no reader to wait for */
	refcount_add_not_zero(entered);
	assert(!entered);
	set_seq(NEXT);
	vma_mark_attached();
	change(NEXT_RANGE);
	vma_end_write_all(NEXT);

	/* mm NEXT: exit_mmap(); mmdrop() */
	vma_start_write(NEXT);
	vma_mark_detached(NEXT);
	vma_end_write_all(NEXT);
	mm_count[NEXT]--;

	/* The slab page goes back after a grace period. */
	published = false;
	!in_rcu[0] && !in_rcu[1];
	gone = true
}

init {
	atomic {
		mms[0] = A;
#if defined(SAME_MM) || defined(READERS_IN_A)
		mms[1] = A;
#else
		mms[1] = B;
#endif
		mm_count[mms[0]]++;
		mm_count[mms[1]]++;
		run reader(0);
		run reader(1);
		run writer()
	}
}
