/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All at once: workers whose pages go out and come back, reclaim that shrinks, the asynchronous worker,
 * groups that come and go, parameters that change, and swapoff under those that shrink. With an
 * argument, that many times as long.
 */
#include "tests/unit/pft_workers.h"
#include "tests/unit/pft_zswap_pages.h"

#define PAGERS 3
#define PAGES  120
#define GROUPS 6

static unsigned factor = 1;

struct stress {
	struct rig *rig;
	struct memcg *groups[GROUPS]; /* under RCU; NULL, or online a moment ago */
	uint32_t pagers; /* that are not done yet */
	uint32_t stop;
};

/* A group with a reference, or NULL: the root. */
static struct memcg *get_group(struct stress *stress, struct rng *rng)
{
	struct memcg *memcg;

	rcu_read_lock();
	memcg = rcu_dereference(stress->groups[rng_below(rng, GROUPS)]);
	if (memcg && !memcg_tryget(memcg))
		memcg = NULL;
	rcu_read_unlock();
	return memcg;
}

static void put_group(struct memcg *memcg)
{
	if (memcg)
		memcg_put(memcg, 1);
}

/* Pages of its own, so it knows what each must hold. */
static void pager(struct stress *stress, struct rng *rng, unsigned slot)
{
	struct {
		bool out;
		uint64_t slot, number;
	} pages[PAGES] = {{0}};
	uint64_t next = (uint64_t)slot << 40;
	unsigned i, n;

	for (n = 0; n < 8000 * factor; n++) {
		struct memcg *memcg = get_group(stress, rng);

		i = rng_below(rng, PAGES);
		if (!pages[i].out) {
			pages[i].number = rig_page(rng_below(rng, RIG_KINDS), ++next);
			pages[i].out =
				!rig_out(stress->rig, pages[i].number, memcg, 0, &pages[i].slot);
		} else if (rng_below(rng, 4)) {
			pages[i].out = rig_in(stress->rig, pages[i].slot, pages[i].number, NULL);
		} else {
			rig_zap(stress->rig, pages[i].slot);
			pages[i].out = false;
		}
		put_group(memcg);
	}
	for (i = 0; i < PAGES; i++)
		if (pages[i].out && rig_in(stress->rig, pages[i].slot, pages[i].number, NULL))
			BUG("slot %llu cannot be read", (unsigned long long)pages[i].slot);
}

/* swapoff, while others look for something to write back (B7). */
static void swapoff_and_on(struct stress *stress)
{
	unsigned i;

	for (i = 0; i < 30 * factor; i++) {
		uint64_t slot;
		unsigned n;

		for (n = 0; n < 20; n++)
			if (!rig_out(stress->rig, rig_page(RIG_TEXT, n), NULL, 0, &slot))
				rig_zap(stress->rig, slot);
		rig_swapoff(stress->rig);
		rig_swapon(stress->rig, 4096, SWAP_IO_AUTO);
	}
	arch_store_release(&stress->stop, 1);
}

static void shrinker(struct stress *stress, struct rng *rng)
{
	while (!arch_load_acquire(&stress->stop)) {
		struct memcg *memcg = get_group(stress, rng);
		struct zswap_reclaim reclaim = {
			.memcg = memcg, .priority = rng_below(rng, 3), .may_io = true};

		if (rng_below(rng, 2))
			zswap_shrink_memcg(stress->rig->zswap, memcg);
		else
			zswap_shrink_slab(stress->rig->zswap, &reclaim);
		put_group(memcg);
	}
}

static void change_group(struct stress *stress, struct rng *rng)
{
	unsigned i = rng_below(rng, GROUPS);
	struct memcg *memcg = stress->groups[i], *parent = get_group(stress, rng);

	if (memcg && !rng_below(rng, 2)) {
		memcg_set_zswap_max(memcg, rng_below(rng, 2) ? MEMCG_UNLIMITED : 65536);
		memcg_set_zswap_writeback(memcg, rng_below(rng, 4));
	} else if (memcg) {
		rcu_assign_pointer(stress->groups[i], NULL);
		if (memcg_offline(memcg))
			rcu_assign_pointer(stress->groups[i], memcg);
	} else if (!memcg_new(&memcg,
			      parent && memcg_online(parent) ? parent : stress->rig->tree.root)) {
		rcu_assign_pointer(stress->groups[i], memcg);
	}
	put_group(parent);
}

static void change(struct stress *stress, struct rng *rng)
{
	static const char *const codecs[] = {"lzo", "lz4", "null"};
	struct zswap *zswap = stress->rig->zswap;

	while (!arch_load_acquire(&stress->stop)) {
		switch (rng_below(rng, 8)) {
		case 0:
			zswap_set_compressor(zswap, codecs[rng_below(rng, 3)], NULL);
			break;
		case 1:
			zswap_set_max_pool_percent(zswap, 5 + rng_below(rng, 20), NULL);
			break;
		case 2:
			zswap_set_enabled(zswap, rng_below(rng, 4));
			zswap_set_raw(zswap, rng_below(rng, 2));
			zswap_set_shrinker_enabled(zswap, rng_below(rng, 4));
			break;
		case 3:
			zswap_total_pages(zswap);
			break;
		default:
			change_group(stress, rng);
		}
		arch_wait(&stress->stop, 0, 20000);
	}
}

static void role(unsigned slot, void *arg)
{
	struct stress *stress = arg;
	struct rng rng;

	rng_init(&rng, slot);
	if (zswap_enter(stress->rig->zswap))
		BUG("no memory");
	if (slot <= PAGERS) {
		pager(stress, &rng, slot);
		if (arch_xadd_full(&stress->pagers, -1U) == 1)
			swapoff_and_on(stress);
	} else if (slot == PAGERS + 1) {
		shrinker(stress, &rng);
	} else {
		change(stress, &rng);
	}
	zswap_leave(stress->rig->zswap);
}

static void all_at_once(const char *policy)
{
	struct stress stress = {.pagers = PAGERS};
	struct why why = WHY_INIT;
	unsigned i, round;

	stress.rig = rig_new(&(struct rig_options){.policy = policy, .total_pages = 300});
	if (zswap_worker_start(stress.rig->zswap, RIG_WORKER_SLOT, &why))
		fail_msg("%s", why.text);
	workers_run(PAGERS + 2, role, &stress);
	zswap_worker_flush(stress.rig->zswap);
	zswap_worker_stop(stress.rig->zswap);
	for (round = 0; round < GROUPS; round++)
		for (i = 0; i < GROUPS; i++)
			if (stress.groups[i] && !memcg_offline(stress.groups[i]))
				stress.groups[i] = NULL;
	assert_int_equal(rig_check(stress.rig).entries, 0);
	assert_true(rig_stat(stress.rig, ZSWAP_ZSWPWB) > 0);
	/* B2: no group is left over, so no reference was lost or dropped twice: the tree's release says. */
	rig_free(stress.rig);
}

/* B7, step by step: a writeback that has looked at the device, but owns no slot yet. */
static struct {
	struct rig *rig;
	uint64_t slot;
	uint32_t in_writeback, left, never;
	bool early;
} b7;

static void hold_until_swapoff(struct rig *rig)
{
	rig->on_alloc = NULL;
	rig_zap(rig, b7.slot);
	arch_store_release(&b7.in_writeback, 1);
	while (arch_read_once(&rig->zswap->users) & ZSWAP_DEVICE_LIVE)
		arch_relax();
	arch_wait(&b7.never, 0, 5000000); /* time for a swapoff that does not wait to go wrong */
	arch_store_release(&b7.left, 1);
}

static void b7_role(unsigned slot, void *arg)
{
	(void)arg;
	if (slot == 1) {
		if (zswap_enter(b7.rig->zswap) ||
		    rig_out(b7.rig, rig_page(RIG_TEXT, 1), NULL, 0, &b7.slot))
			BUG("no memory");
		b7.rig->on_alloc = hold_until_swapoff;
		zswap_shrink_memcg(b7.rig->zswap, NULL);
		return;
	}
	while (!arch_load_acquire(&b7.in_writeback))
		arch_relax();
	zswap_swapoff(b7.rig->zswap);
	b7.early = !arch_load_acquire(&b7.left);
}

static void b7_swapoff_waits_for_who_looks(void **state)
{
	(void)state;
	b7.rig = rig_new(&(struct rig_options){.policy = "memcg"});
	workers_run(2, b7_role, NULL);
	assert_false(b7.early);
	rig_free(b7.rig);
}

/* A worker that may be counting in its row of a pool holds up the change of the compressor. */
static struct {
	struct rig *rig;
	uint32_t reading, changed, never;
	bool early;
} change_of;

static void change_role(unsigned slot, void *arg)
{
	(void)arg;
	if (slot == 1) {
		rcu_read_lock();
		arch_store_release(&change_of.reading, 1);
		while (!arch_read_once(&change_of.rig->zswap->pools->atomic))
			arch_relax();
		arch_wait(&change_of.never, 0, 5000000); /* time for a change that does not wait */
		change_of.early = arch_load_acquire(&change_of.changed);
		rcu_read_unlock();
		return;
	}
	while (!arch_load_acquire(&change_of.reading))
		arch_relax();
	zswap_set_compressor(change_of.rig->zswap, "lzo", NULL); /* which has an entry */
	arch_store_release(&change_of.changed, 1);
}

static void change_waits_for_who_counts(void **state)
{
	uint64_t slots[2];

	(void)state;
	change_of.rig = rig_new(&(struct rig_options){.compressor = "lzo"});
	assert_int_equal(rig_out(change_of.rig, rig_page(RIG_TEXT, 1), NULL, 0, &slots[0]), 0);
	assert_int_equal(zswap_set_compressor(change_of.rig->zswap, "lz4", NULL), 0);
	assert_int_equal(rig_out(change_of.rig, rig_page(RIG_TEXT, 2), NULL, 0, &slots[1]), 0);
	workers_run(2, change_role, NULL);
	assert_false(change_of.early);
	rig_check(change_of.rig);
	assert_int_equal(rig_in(change_of.rig, slots[0], rig_page(RIG_TEXT, 1), NULL), 0);
	assert_int_equal(rig_in(change_of.rig, slots[1], rig_page(RIG_TEXT, 2), NULL), 0);
	rig_free(change_of.rig);
}

static void memcg_second_chance(void **state)
{
	(void)state;
	all_at_once("memcg-second-chance");
}

static void memcg(void **state)
{
	(void)state;
	all_at_once("memcg");
}

static void global(void **state)
{
	(void)state;
	all_at_once("global");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(b7_swapoff_waits_for_who_looks),
		cmocka_unit_test(change_waits_for_who_counts),
		cmocka_unit_test(memcg_second_chance),
		cmocka_unit_test(memcg),
		cmocka_unit_test(global),
	};

	if (argc > 1)
		factor = (unsigned)strtoul(argv[1], NULL, 10);
	return rig_run(tests, sizeof(tests) / sizeof(*tests), 0);
}
