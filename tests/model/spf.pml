/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spf: speculative faults by one sequence count per mm (Lespinasse, 2021-22), from the copy of the VMA to
 * the commit under the PTE page's lock. The engine's code: pft/locks/spf.c, pft/base/seqcount.h. The
 * functions named below are the engine's, or the series' own.
 *
 * Bounds: one VMA of two words, one PTE; two readers of one fault each; one writer (mmap_lock is held)
 * that changes the VMA twice and zaps the PTE after each: inside the write section, as mprotect() does, or
 * with -DDOWNGRADE behind it, as munmap() does after its downgrade. All words but the PTE are relaxed.
 *
 * Shown: a copy that passed the check is of one piece; a reader that found mmap_seq even and unchanged
 * commits what the newest VMA allows, or a PTE that the writer is still to zap; when all is over the PTE
 * is empty or what the VMA allows. The PTE is not raced for.
 *
 * -DBUG_... breaks one rule and must end in a failed assertion, -DSPARE_... must pass.
 */
#define ROUNDS		2
#define SEQ		0	/* mm->mmap_seq: its value is the number of the store */
#define LOW		1	/* the VMA: vm_start ... */
#define HIGH		2	/* ... vm_flags; values are numbers of the stores, too */
#define PTE		3	/* plain, under the PTE page's lock */
#define NL		4
#define W		2	/* the writer; the readers are 0 and 1 */
#define PTL_VIEW	3	/* carried by the PTE page's lock, */
#define SEQ_VIEW(k)	(4 + (k))		/* by each store to mmap_seq, */
#define VMA_VIEW(k)	(5 + 2 * ROUNDS + (k))	/* and to the VMA: what stood before the wmb */
#define NV		(6 + 3 * ROUNDS)
#include "views.pml"

bool ptl;
byte pte;		/* 0, or 1 + the VMA that allowed it */
byte zapped;		/* the newest VMA whose writer has zapped, for the assertions only */

/* The PTE page's lock; readers only try. */
inline ptl_lock(t) { d_step { !ptl -> ptl = true; acquire(t, PTL_VIEW) } }
inline ptl_unlock(t)
{
	d_step {
#ifndef BUG_PTL_UNLOCK_RELAXED
		release(t, PTL_VIEW);
#endif
		ptl = false
	}
}

proctype reader(byte r)
{
	byte s, low, high, now;

	/* seqcount_begin(). Acquire: pairs with the release of seqcount_write_end(). */
	atomic {
		load(r, SEQ, s);
#ifndef BUG_BEGIN_RELAXED
		d_step { acquire(r, SEQ_VIEW(s)) };
#endif
	};
#ifndef BUG_ODD
	if
	:: s % 2 -> goto out
	:: else
	fi;
#endif
	/* Copy the VMA to the stack. */
	atomic { load(r, LOW, low) };
	atomic { load(r, HIGH, high) };
	/* seqcount_retry(): rmb, then the number. Pairs with the wmb of seqcount_write_begin(). */
#ifndef SPARE_NO_CHECK_OF_COPY
	atomic {
#ifndef BUG_NO_RMB
		d_step { acquire(r, VMA_VIEW(low)); acquire(r, VMA_VIEW(high)) };
#endif
		load(r, SEQ, now);
		if
		:: now != s -> now = 0; goto out
		:: else -> now = 0
		fi;
		assert(low == high)
	};
#endif
	/* spin_trylock(ptl), and the check that counts: a writer that comes now must take this lock
	 * before it touches the PTE, and one that was here has shown us its number. */
	if
	:: atomic { !ptl -> d_step { ptl = true; acquire(r, PTL_VIEW) } }
	:: goto out
	fi;
#ifndef BUG_NO_CHECK_AT_COMMIT
	atomic {
		d_step { acquire(r, VMA_VIEW(low)); acquire(r, VMA_VIEW(high)) };
		load(r, SEQ, now)
	};
	if
	:: now != s -> goto unlock
	:: else
	fi;
#endif
	d_step {
		plain_store(r, PTE);
		assert(low == high && low >= zapped);
		pte = 1 + low
	};
unlock:
	skip;
	ptl_unlock(r);
out:
	skip
}

inline zap()
{
#ifndef BUG_ZAP_WITHOUT_PTL
	ptl_lock(W);
#endif
	d_step { plain_store(W, PTE); pte = 0; zapped = n[LOW] };
#ifndef BUG_ZAP_WITHOUT_PTL
	ptl_unlock(W)
#endif
}

/* seqcount_write_begin(): odd, then wmb, so that who sees a store of the section sees the number */
inline seqcount_write_begin() { d_step { store(W, SEQ) } }

/* seqcount_write_end(): even. Release: who starts from this number sees the section. */
inline seqcount_write_end()
{
	d_step {
		store(W, SEQ);
#ifndef BUG_END_RELAXED
		release(W, SEQ_VIEW(n[SEQ]))
#endif
	}
}

/* A relaxed store behind the wmb, which carries the odd number */
inline change(word)
{
	d_step {
		store(W, word);
#ifndef BUG_NO_WMB
		release(W, VMA_VIEW(n[word]))
#endif
	}
}

proctype writer()
{
	byte round;

	do
	:: round < ROUNDS ->
		round++;
#ifndef BUG_BEGIN_LATE
		seqcount_write_begin();
#endif
		change(LOW);
		change(HIGH);
#ifdef BUG_BEGIN_LATE
		seqcount_write_begin();
#endif
#ifdef DOWNGRADE
		seqcount_write_end();
		zap()
#else
		zap();
		seqcount_write_end()
#endif
	:: else -> break
	od
}

init {
	atomic {
		run reader(0);
		run reader(1);
		run writer()
	};
	_nr_pr == 1;
	assert(pte == 0 || pte == 1 + n[LOW])
}
