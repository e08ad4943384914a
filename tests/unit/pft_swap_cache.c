/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The swap cache: who finds which frame, who owns a slot, and that no reference or use is lost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/frame.h"
#include "pft/base/frame_lock.h"
#include "pft/zswap/swap.h"
#include "tests/unit/pft_workers.h"

#define SLOTS 24
#define FRAMES 64
#define MAGIC 0x5afe0000UL

/* An owner of frames. */
struct owner {
	struct swap swap;
	struct spinlock lock; /* guards free */
	struct list_head free;
	unsigned nr_free;
	struct frame frames[FRAMES];
	uint64_t holds[FRAMES]; /* slot whose page a frame contains; under the frame's lock, plain */
	uint64_t stored[SLOTS]; /* what "zswap" has; plain: of the slot's owner, or of invalidate() */
	uint64_t ptes[SLOTS * 2]; /* uses (slot + 1), for any worker to swap in */
	/* Called once, in the midst of the next frame's allocation: what another worker does meanwhile. */
	void (*meddle)(struct owner *owner, uint64_t slot);
	struct frame *faster; /* the frame that it put there */
	uint64_t new, found, skipped, freed, tried; /* how often a race took that way */
};

static struct frame *owner_alloc(struct swap *swap, uint64_t slot)
{
	struct owner *owner = container_of(swap, struct owner, swap);
	void (*meddle)(struct owner *owner, uint64_t slot) = owner->meddle;
	struct frame *frame = NULL;

	if (meddle) {
		owner->meddle = NULL;
		meddle(owner, slot);
	}
	spin_lock(&owner->lock);
	if (owner->nr_free) {
		frame = list_first_entry(&owner->free, struct frame, lru);
		list_del(&frame->lru);
		owner->nr_free--;
		arch_write_once(&frame->flags, 0);
		arch_write_once(&frame->refcount, 1);
	}
	spin_unlock(&owner->lock);
	return frame;
}

static void owner_free(struct swap *swap, struct frame *frame)
{
	struct owner *owner = container_of(swap, struct owner, swap);

	if (frame_test(frame, FRAME_SWAPCACHE | FRAME_LOCKED))
		BUG("a frame with flags %#x is freed", frame->flags);
	spin_lock(&owner->lock);
	list_add(&frame->lru, &owner->free);
	owner->nr_free++;
	spin_unlock(&owner->lock);
}

static void *owner_address(struct swap *swap, const struct frame *frame)
{
	struct owner *owner = container_of(swap, struct owner, swap);

	return &owner->holds[frame - owner->frames];
}

static const struct swap_ops ops = {owner_alloc, owner_free, owner_address};

/* The slot is no more: zswap drops its copy. Nobody may own the slot now. */
static void owner_invalidate(struct swap_slots *slots, uint64_t slot)
{
	struct owner *owner = container_of(slots, struct owner, swap.slots);

	owner->stored[slot] = 0;
}

static void init(struct owner *owner)
{
	struct why why = WHY_INIT;
	unsigned i;

	memset(owner, 0, sizeof(*owner));
	owner->swap.ops = &ops;
	list_init(&owner->free);
	for (i = 0; i < FRAMES; i++)
		list_add_tail(&owner->frames[i].lru, &owner->free);
	owner->nr_free = FRAMES;
	if (swap_slots_init(&owner->swap.slots, SLOTS, &why) ||
	    swap_cache_init(&owner->swap.cache, &owner->swap, &why))
		fail_msg("%s", why.text);
	owner->swap.slots.invalidate = owner_invalidate;
}

static void check(struct owner *owner)
{
	struct why why = WHY_INIT;

	if (swap_cache_check(&owner->swap.cache, &why) ||
	    swap_slots_check(&owner->swap.slots, &why))
		fail_msg("%s", why.text);
}

/* Everything is back where it was. */
static void end(struct owner *owner)
{
	unsigned i;

	check(owner);
	assert_int_equal(owner->swap.cache.frames, 0);
	assert_int_equal(swap_slots_used(&owner->swap.slots), 0);
	assert_int_equal(owner->nr_free, FRAMES);
	for (i = 0; i < FRAMES; i++)
		assert_int_equal(owner->frames[i].refcount, 0);
	for (i = 0; i < SLOTS; i++)
		assert_int_equal(owner->stored[i], 0);
	swap_cache_release(&owner->swap.cache);
	swap_slots_release(&owner->swap.slots);
}

/* A frame of the owner's that was just written to: with one reference, locked. */
static struct frame *used_frame(struct owner *owner)
{
	struct frame *frame = owner_alloc(&owner->swap, 0);

	if (frame)
		frame_lock(frame);
	return frame;
}

static void unlock_and_put(struct owner *owner, struct frame *frame)
{
	frame_unlock(frame);
	swap_cache_put_frame(&owner->swap.cache, frame);
}

static void in_and_out(void **state)
{
	static struct owner owner;
	struct swap_cache *cache = &owner.swap.cache;
	struct frame *frame, *other;
	uint64_t slot;

	(void)state;
	init(&owner);
	frame = used_frame(&owner);
	assert_int_equal(swap_cache_add(cache, 3, frame), -ENOENT);
	assert_null(swap_cache_get(cache, 3));
	assert_int_equal(frame->refcount, 1);

	assert_int_equal(swap_cache_add_new(cache, frame, &slot), 0);
	assert_true(swap_cache_holds(frame, slot));
	assert_false(swap_cache_holds(frame, slot + 1));
	assert_int_equal(frame->swap, slot + 1);
	assert_int_equal(frame->refcount, 2);
	assert_int_equal(swap_slot_count(&owner.swap.slots, slot), 1);
	assert_ptr_equal(swap_cache_get(cache, slot), frame);
	assert_int_equal(frame->refcount, 3);
	swap_cache_put_frame(cache, frame);

	other = used_frame(&owner);
	assert_int_equal(swap_cache_add(cache, slot, other), -EEXIST);
	assert_int_equal(swap_slot_count(&owner.swap.slots, slot), 1);
	assert_false(frame_test(other, FRAME_SWAPCACHE));
	assert_int_equal(other->refcount, 1);
	check(&owner);

	/* With a swap PTE the slot outlives the frame. */
	assert_int_equal(swap_slot_dup(&owner.swap.slots, slot), 0);
	owner.stored[slot] = MAGIC;
	swap_cache_delete(cache, frame);
	assert_int_equal(frame->refcount, 1);
	assert_int_equal(frame->swap, 0);
	assert_null(swap_cache_get(cache, slot));
	assert_int_equal(owner.stored[slot], MAGIC);
	assert_int_equal(swap_cache_add(cache, slot, other), 0);
	swap_slot_put(&owner.swap.slots, slot);
	assert_int_equal(owner.stored[slot], MAGIC);
	swap_cache_delete(cache, other); /* the last use */
	assert_int_equal(owner.stored[slot], 0);
	unlock_and_put(&owner, frame);
	unlock_and_put(&owner, other);
	end(&owner);
}

/* What read-ahead and writeback meet: __read_swap_cache_async(). */
static void alloc_for_a_slot(void **state)
{
	static struct owner owner;
	struct swap_cache *cache = &owner.swap.cache;
	struct frame *frame, *other, *all[FRAMES + 1];
	unsigned i, nr = 0;
	uint64_t slot;
	bool was_new;

	(void)state;
	init(&owner);
	assert_int_equal(swap_cache_alloc(cache, 5, false, &frame, &was_new), -ENOENT);
	assert_int_equal(swap_slots_get(&owner.swap.slots, &slot), 0);
	assert_int_equal(swap_cache_alloc(cache, slot, true, &frame, &was_new), 0);
	assert_true(was_new);
	assert_true(frame_test(frame, FRAME_LOCKED));
	assert_int_equal(frame->refcount, 2);

	/* It is locked, and neither waits for that. */
	assert_int_equal(swap_cache_alloc(cache, slot, true, &other, &was_new), -EEXIST);
	assert_null(other);
	assert_int_equal(swap_cache_alloc(cache, slot, false, &other, &was_new), 0);
	assert_ptr_equal(other, frame);
	assert_false(was_new);
	assert_int_equal(frame->refcount, 3);
	swap_cache_put_frame(cache, other);

	/* Writeback that finds nothing to write leaves the slot as it was (CVE-2024-26832). */
	swap_cache_delete(cache, frame);
	unlock_and_put(&owner, frame);
	assert_int_equal(owner.nr_free, FRAMES);
	while ((all[nr] = owner_alloc(&owner.swap, 0)))
		nr++;
	assert_int_equal(swap_cache_alloc(cache, slot, false, &frame, &was_new), -ENOMEM);
	assert_int_equal(swap_slot_count(&owner.swap.slots, slot), 1);
	for (i = 0; i < nr; i++)
		swap_cache_put_frame(cache, all[i]);
	assert_int_equal(swap_cache_alloc(cache, slot, true, &frame, &was_new), 0);
	swap_cache_delete(cache, frame);
	unlock_and_put(&owner, frame);
	swap_slot_put(&owner.swap.slots, slot);
	end(&owner);
}

/* Another worker's frame gets there first, and stays locked. */
static void add_faster(struct owner *owner, uint64_t slot)
{
	owner->faster = used_frame(owner);
	assert_int_equal(swap_cache_add(&owner->swap.cache, slot, owner->faster), 0);
}

/* Another worker drops the last use of the slot. */
static void put_slot(struct owner *owner, uint64_t slot)
{
	swap_slot_put(&owner->swap.slots, slot);
}

/* The race is lost between the look and the claim: nothing of the attempt stays, locked or referenced. */
static void somebody_is_faster(void **state)
{
	static struct owner owner;
	struct swap_cache *cache = &owner.swap.cache;
	struct frame *frame;
	uint64_t slot;
	bool was_new;

	(void)state;
	init(&owner);
	assert_int_equal(swap_slots_get(&owner.swap.slots, &slot), 0);
	owner.meddle = add_faster;
	assert_int_equal(swap_cache_alloc(cache, slot, true, &frame, &was_new), -EEXIST);
	assert_null(frame);
	assert_int_equal(owner.nr_free, FRAMES - 1);
	assert_int_equal(owner.faster->refcount, 2);
	swap_cache_delete(cache, owner.faster);
	unlock_and_put(&owner, owner.faster);

	owner.meddle = add_faster;
	assert_int_equal(swap_cache_alloc(cache, slot, false, &frame, &was_new), 0);
	assert_ptr_equal(frame, owner.faster);
	assert_false(was_new);
	assert_int_equal(owner.nr_free, FRAMES - 1);
	swap_cache_put_frame(cache, frame);
	swap_cache_delete(cache, owner.faster);
	unlock_and_put(&owner, owner.faster);

	owner.meddle = put_slot;
	assert_int_equal(swap_cache_alloc(cache, slot, false, &frame, &was_new), -ENOENT);
	assert_null(frame);
	end(&owner);
}

static void free_after_the_last_pte(void **state)
{
	static struct owner owner;
	struct swap_cache *cache = &owner.swap.cache;
	struct frame *frame;
	uint64_t slot;

	(void)state;
	init(&owner);
	assert_false(swap_cache_try_free(cache, 1));
	frame = used_frame(&owner);
	assert_int_equal(swap_cache_add_new(cache, frame, &slot), 0);
	assert_false(swap_cache_try_free(cache, slot)); /* locked */
	frame_unlock(frame);
	assert_int_equal(swap_slot_dup(&owner.swap.slots, slot), 0);
	assert_false(swap_cache_try_free(cache, slot)); /* a PTE */
	swap_slot_put(&owner.swap.slots, slot);
	frame_set(frame, FRAME_WRITEBACK);
	assert_false(swap_cache_try_free(cache, slot));
	frame_clear_flags(frame, FRAME_WRITEBACK);
	assert_true(swap_cache_try_free(cache, slot));
	assert_true(frame_test(frame, FRAME_DIRTY));
	assert_false(frame_test(frame, FRAME_LOCKED));
	assert_int_equal(frame->refcount, 1);
	swap_cache_put_frame(cache, frame);
	end(&owner);
}

/* The slot is the caller's: it alone touches what is stored there, and its frame contains it. */
static void own(struct owner *owner, const struct frame *frame, uint64_t slot)
{
	if (owner->stored[slot] != (MAGIC | slot))
		BUG("slot %llu, which is owned, has %#llx", (unsigned long long)slot,
		    (unsigned long long)owner->stored[slot]);
	if (frame && owner->holds[frame - owner->frames] != slot)
		BUG("the frame of slot %llu has another page", (unsigned long long)slot);
	owner->stored[slot] = 0;
	owner->stored[slot] = MAGIC | slot;
}

/* Drop a PTE's use, then what only the cache still wants. */
static void zap(struct owner *owner, uint64_t slot)
{
	swap_slot_put(&owner->swap.slots, slot);
	/* As zap does: the count may be another slot's by now, which only makes this one not free it. */
	if (swap_cache_try_free(&owner->swap.cache, slot))
		arch_xadd_relaxed(&owner->freed, 1);
}

/* Reclaim: give a frame a slot, store it, leave a PTE, take the frame out of the cache or not. */
static void swap_out(struct owner *owner, struct rng *rng)
{
	struct frame *frame = used_frame(owner);
	uint64_t slot, old;

	if (!frame)
		return;
	if (swap_cache_add_new(&owner->swap.cache, frame, &slot)) {
		unlock_and_put(owner, frame);
		old = arch_xchg_full(&owner->ptes[rng_below(rng, SLOTS * 2)], 0);
		if (old)
			zap(owner, old - 1);
		return;
	}
	if (owner->stored[slot])
		BUG("slot %llu is new, and has something", (unsigned long long)slot);
	owner->stored[slot] = MAGIC | slot;
	owner->holds[frame - owner->frames] = slot;
	if (swap_slot_dup(&owner->swap.slots, slot))
		BUG("a new slot is free");
	if (rng_below(rng, 2))
		swap_cache_delete(&owner->swap.cache, frame);
	old = arch_xchg_full(&owner->ptes[rng_below(rng, SLOTS * 2)], slot + 1);
	unlock_and_put(owner, frame);
	if (old)
		zap(owner, old - 1);
}

/* A fault: find or make the frame, own the slot, put the PTE's use, perhaps leave it in the cache. */
static void swap_in(struct owner *owner, struct rng *rng)
{
	uint64_t pte = arch_xchg_full(&owner->ptes[rng_below(rng, SLOTS * 2)], 0), slot = pte - 1;
	struct frame *frame;
	bool was_new;

	if (!pte)
		return;
	do {
		if (swap_cache_alloc(&owner->swap.cache, slot, false, &frame, &was_new)) {
			zap(owner, slot); /* no frame */
			return;
		}
		if (!was_new)
			frame_lock(frame);
		if (swap_cache_holds(frame, slot))
			break;
		unlock_and_put(owner, frame);
	} while (true);
	if (was_new)
		owner->holds[frame - owner->frames] = slot;
	arch_xadd_relaxed(was_new ? &owner->new : &owner->found, 1);
	own(owner, frame, slot);
	swap_slot_put(&owner->swap.slots, slot);
	if (swap_slot_count(&owner->swap.slots, slot) == 1)
		swap_cache_delete(&owner->swap.cache, frame);
	unlock_and_put(owner, frame);
}

/* zswap's writeback: only tries, and the slot may be free, cached or in use again. */
static void write_back(struct owner *owner, struct rng *rng)
{
	uint64_t slot = rng_below(rng, SLOTS);
	struct frame *frame;
	bool was_new;

	if (swap_cache_alloc(&owner->swap.cache, slot, true, &frame, &was_new)) {
		arch_xadd_relaxed(&owner->skipped, 1);
		return;
	}
	own(owner, NULL, slot);
	owner->holds[frame - owner->frames] = slot;
	if (rng_below(rng, 2))
		swap_cache_delete(&owner->swap.cache, frame);
	unlock_and_put(owner, frame);
	swap_cache_try_free(&owner->swap.cache, slot);
}

/* Anybody who looks: the frame found under its lock is the slot's, or is passed over. */
static void look(struct owner *owner, struct rng *rng)
{
	uint64_t slot = rng_below(rng, SLOTS);
	struct frame *frame = swap_cache_get(&owner->swap.cache, slot);

	if (!frame)
		return;
	frame_lock(frame);
	if (swap_cache_holds(frame, slot))
		own(owner, frame, slot);
	unlock_and_put(owner, frame);
	arch_xadd_relaxed(&owner->tried, 1);
}

static void all_at_once(unsigned worker, void *arg)
{
	static void (*const steps[])(struct owner *owner, struct rng *rng) = {
		swap_out, swap_out, swap_in, write_back, look};
	struct owner *owner = arg;
	struct rng rng;
	unsigned i;

	rng_init(&rng, worker);
	for (i = 0; i < 40000; i++)
		steps[rng_below(&rng, sizeof(steps) / sizeof(*steps))](owner, &rng);
}

static void races(void **state)
{
	static struct owner owner;
	uint64_t slot;
	unsigned i;

	(void)state;
	init(&owner);
	workers_run(4, all_at_once, &owner);
	check(&owner);
	assert_true(owner.new > 0 && owner.found > 0 && owner.skipped > 0 && owner.freed > 0 &&
		    owner.tried > 0);
	for (i = 0; i < SLOTS * 2; i++)
		if (owner.ptes[i])
			zap(&owner, owner.ptes[i] - 1);
	for (slot = 0; slot < SLOTS; slot++)
		swap_cache_try_free(&owner.swap.cache, slot);
	end(&owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_and_out),
		cmocka_unit_test(alloc_for_a_slot),
		cmocka_unit_test(somebody_is_faster),
		cmocka_unit_test(free_after_the_last_pte),
		cmocka_unit_test(races),
	};

	rcu_register_thread();
	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
