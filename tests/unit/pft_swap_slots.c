/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map of swap slots against a plain one, and under several workers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/base/compiler.h"
#include "pft/zswap/swap_slots.h"
#include "tests/unit/pft_workers.h"

#define NR 2100 /* 8 clusters and a bit */
#define STEPS 60000
#define BOXES 64

/* A map with what the test knows of each slot. */
struct model {
	struct swap_slots slots;
	unsigned uses[NR]; /* what the count has to be; plain, of one worker's tests */
	unsigned invalidated[NR];
	uint64_t used;
	uint64_t owner[NR]; /* written plainly by who got the slot, and by its invalidate() */
	uint64_t exchange[BOXES]; /* uses (slot + 1) that wait for any worker to put them */
	uint64_t failed; /* gets that found nothing */
};

static void init(struct model *model, uint64_t nr)
{
	struct why why = WHY_INIT;

	memset(model, 0, sizeof(*model));
	if (swap_slots_init(&model->slots, nr, &why))
		fail_msg("%s", why.text);
}

static void check(struct model *model)
{
	struct why why = WHY_INIT;

	if (swap_slots_check(&model->slots, &why))
		fail_msg("%s", why.text);
}

static void count_invalidate(struct swap_slots *slots, uint64_t slot)
{
	struct model *model = container_of(slots, struct model, slots);

	assert_int_equal(swap_slot_count(slots, slot), 0);
	assert_int_equal(swap_slot_dup(slots, slot), -ENOENT);
	model->invalidated[slot]++;
}

/* A slot in use that @rng picks, or NR. */
static uint64_t some_used(const struct model *model, struct rng *rng)
{
	uint64_t slot = rng_below(rng, NR), i;

	for (i = 0; i < NR; i++)
		if (model->uses[(slot + i) % NR])
			return (slot + i) % NR;
	return NR;
}

/* One random step; gets prevail for a while, then puts, so that the map is full and empty at times. */
static void step(struct model *model, struct rng *rng, bool filling)
{
	uint64_t slot;
	int rc;

	arch_slot_enter(rng_below(rng, 3)); /* the map goes by the slot, as another worker's */
	if (rng_below(rng, 4) < (filling ? 3 : 1)) {
		rc = swap_slots_get(&model->slots, &slot);
		assert_int_equal(rc, model->used == NR ? -ENOSPC : 0);
		if (rc)
			return;
		assert_true(slot < NR);
		assert_int_equal(model->uses[slot], 0);
		model->uses[slot] = 1;
		model->used++;
		return;
	}
	slot = some_used(model, rng);
	if (slot == NR)
		return;
	if (rng_below(rng, 5) == 0) {
		assert_int_equal(swap_slot_dup(&model->slots, slot), 0);
		model->uses[slot]++;
		return;
	}
	model->invalidated[slot] = 0;
	swap_slot_put(&model->slots, slot);
	model->uses[slot]--;
	assert_int_equal(model->invalidated[slot], !model->uses[slot]);
	model->used -= !model->uses[slot];
}

static void against_a_plain_map(void **state)
{
	static struct model model;
	uint64_t seed = 20261122, i, slot, most = 0;
	struct rng rng;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	rng_init(&rng, seed);
	init(&model, NR);
	model.slots.invalidate = count_invalidate;
	for (i = 0; i < STEPS; i++) {
		step(&model, &rng, i / 6000 % 2 == 0);
		most = model.used > most ? model.used : most;
		assert_int_equal(swap_slots_used(&model.slots), model.used);
		if (i % 300)
			continue;
		check(&model);
		for (slot = 0; slot < NR; slot++)
			assert_int_equal(swap_slot_count(&model.slots, slot), model.uses[slot]);
	}
	assert_int_equal(most, NR);
	arch_slot_enter(0);
	swap_slots_release(&model.slots);
}

/* A worker's slots follow each other, in a cluster of its own. */
static void clusters_of_256(void **state)
{
	static struct model model;
	uint64_t slot, first[2];
	unsigned worker, i;

	(void)state;
	init(&model, NR);
	for (i = 0; i < SWAP_CLUSTER; i++) {
		for (worker = 0; worker < 2; worker++) {
			arch_slot_enter(worker);
			assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
			if (!i)
				first[worker] = slot;
			assert_int_equal(slot, first[worker] + i);
		}
	}
	assert_int_equal(first[0] % SWAP_CLUSTER, 0);
	assert_int_equal(first[1] % SWAP_CLUSTER, 0);
	assert_int_not_equal(first[0], first[1]);
	check(&model);

	/* Free clusters go first; then the partly free one, though it is older. */
	swap_slot_put(&model.slots, 7);
	assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
	assert_int_equal(slot, 2 * SWAP_CLUSTER);
	while (swap_slots_used(&model.slots) < NR - 1)
		assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
	assert_int_equal(slot, NR - 1);
	check(&model);
	assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
	assert_int_equal(slot, 7);
	arch_slot_enter(0);
	swap_slots_release(&model.slots);
}

/* What one worker has of a cluster and does not use is there for another, before -ENOSPC. */
static void exhausted_and_recovered(void **state)
{
	static struct model model;
	uint64_t slot, i;

	(void)state;
	init(&model, NR);
	for (i = 0; i < NR; i++) {
		arch_slot_enter(i < 3 ? i : 3); /* three take a cluster for one slot and are gone */
		assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
	}
	for (i = 0; i < 5; i++) {
		arch_slot_enter(i);
		assert_int_equal(swap_slots_get(&model.slots, &slot), -ENOSPC);
	}
	check(&model);
	for (i = 0; i < NR; i += 300) {
		arch_slot_enter(5);
		swap_slot_put(&model.slots, i);
		arch_slot_enter(i % 5);
		assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
		assert_int_equal(slot, i);
		assert_int_equal(swap_slots_get(&model.slots, &slot), -ENOSPC);
	}
	for (i = 0; i < NR; i++)
		swap_slot_put(&model.slots, i);
	check(&model);
	assert_int_equal(swap_slots_used(&model.slots), 0);
	arch_slot_enter(0);
	swap_slots_release(&model.slots);
}

static void counts_end(void **state)
{
	static struct model model;
	uint64_t slot;
	unsigned i;

	(void)state;
	init(&model, 1);
	assert_int_equal(swap_slot_dup(&model.slots, 0), -ENOENT);
	assert_int_equal(swap_slots_get(&model.slots, &slot), 0);
	for (i = 1; i < SWAP_COUNT_MAX; i++)
		assert_int_equal(swap_slot_dup(&model.slots, slot), 0);
	assert_int_equal(swap_slot_dup(&model.slots, slot), -ENOMEM);
	for (i = 0; i < SWAP_COUNT_MAX; i++) {
		assert_int_equal(swap_slot_count(&model.slots, slot), SWAP_COUNT_MAX - i);
		swap_slot_put(&model.slots, slot);
	}
	check(&model);
	swap_slots_release(&model.slots);
}

/* The slot ends: its owner's mark is wiped, plainly, so that TSan sees whoever got it too early. */
static void wipe(struct swap_slots *slots, uint64_t slot)
{
	struct model *model = container_of(slots, struct model, slots);

	if (!model->owner[slot])
		BUG("slot %llu was invalidated without an owner", (unsigned long long)slot);
	model->owner[slot] = 0;
}

/* Leave a use of @slot for any worker to put, and put the use that was waiting in its place. */
static void leave(struct model *model, struct rng *rng, uint64_t slot)
{
	uint64_t old = arch_xchg_full(&model->exchange[rng_below(rng, BOXES)], slot + 1);

	if (old)
		swap_slot_put(&model->slots, old - 1);
}

/* Get slots and leave one or two uses of each, so that most are put by others, two at once at times. */
static void get_and_leave(unsigned worker, void *arg)
{
	struct model *model = arg;
	struct rng rng;
	uint64_t slot;
	unsigned i;

	rng_init(&rng, worker);
	for (i = 0; i < 20000; i++) {
		if (swap_slots_get(&model->slots, &slot)) {
			arch_xadd_relaxed(&model->failed, 1);
			slot = arch_xchg_full(&model->exchange[rng_below(&rng, BOXES)], 0);
			if (slot)
				swap_slot_put(&model->slots, slot - 1);
			continue;
		}
		if (model->owner[slot])
			BUG("slot %llu is given twice", (unsigned long long)slot);
		model->owner[slot] = worker;
		if (rng_below(&rng, 2)) {
			if (swap_slot_dup(&model->slots, slot))
				BUG("a slot in use cannot be used twice");
			leave(model, &rng, slot);
		}
		leave(model, &rng, slot);
	}
}

static void run_workers(uint64_t nr, unsigned workers, bool fails)
{
	static struct model model;
	unsigned i;

	init(&model, nr);
	model.slots.invalidate = wipe;
	workers_run(workers, get_and_leave, &model);
	assert_int_equal(model.failed > 0, fails);
	check(&model);
	for (i = 0; i < BOXES; i++)
		if (model.exchange[i])
			swap_slot_put(&model.slots, model.exchange[i] - 1);
	check(&model);
	assert_int_equal(swap_slots_used(&model.slots), 0);
	for (i = 0; i < nr; i++)
		assert_int_equal(model.owner[i], 0);
	swap_slots_release(&model.slots);
}

static void no_slot_given_twice(void **state)
{
	(void)state;
	run_workers(NR, 4, false);
	run_workers(3 * SWAP_CLUSTER, 6, false); /* more workers than clusters */
	run_workers(BOXES / 2, 4, true); /* full all the time */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_a_plain_map),
		cmocka_unit_test(clusters_of_256),
		cmocka_unit_test(exhausted_and_recovered),
		cmocka_unit_test(counts_end),
		cmocka_unit_test(no_slot_given_twice),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
