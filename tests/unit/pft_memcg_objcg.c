/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compressed bytes: charges in parts of pages, zswap.max, and what offline does with them. */
#include "tests/unit/pft_memcg_fixture.h"

static struct memcg_tree tree;
static struct memcg *parent, *child;

static void setup(void)
{
	tree_init(&tree);
	parent = group_below(tree.root);
	child = group_below(parent);
}

static void teardown(void)
{
	memcg_tree_release(&tree);
}

static void assert_bytes(long bytes, long pages)
{
	assert_int_equal(parent->zswap_bytes, bytes);
	assert_int_equal(parent->zswapped, pages);
	memcg_tree_check(&tree);
}

static void bytes_make_pages(void **state)
{
	struct obj_cgroup *objcg;

	(void)state;
	setup();
	objcg = obj_cgroup_of(child);
	assert_ptr_equal(objcg->memcg, child);
	obj_cgroup_charge_zswap(objcg, 1000);
	obj_cgroup_charge_zswap(objcg, 3000);
	assert_int_equal(child->memory.usage, 1);
	assert_int_equal(parent->memory.usage, 1);
	obj_cgroup_charge_zswap(objcg, 97); /* the page has 96 left */
	assert_int_equal(parent->memory.usage, 2);
	obj_cgroup_charge_zswap(objcg, 4096);
	assert_int_equal(parent->memory.usage, 3);
	assert_bytes(1000 + 3000 + 97 + 4096, 4);
	obj_cgroup_uncharge_zswap(objcg, 4096);
	obj_cgroup_uncharge_zswap(objcg, 3000);
	assert_bytes(1097, 2);
	assert_int_equal(parent->memory.usage, 1); /* whole pages do not stay in the stock */
	obj_cgroup_drain(&tree);
	assert_int_equal(parent->memory.usage, 1);
	assert_int_equal(objcg->nr_charged_bytes, 4096 - 1097);
	obj_cgroup_uncharge_zswap(objcg, 1000); /* takes the rest into the stock */
	assert_int_equal(objcg->nr_charged_bytes, 0);
	obj_cgroup_uncharge_zswap(objcg, 97);
	obj_cgroup_put(objcg);
	obj_cgroup_drain(&tree);
	assert_int_equal(parent->memory.usage, 0);
	assert_bytes(0, 0);
	assert_int_equal(child->objcg->refs, 1);
	group_offline(child);
	group_offline(parent);
	teardown();
}

/* The limits of memory.max do not hold back what frees memory. */
static void bytes_are_charged_beyond_the_limit(void **state)
{
	struct obj_cgroup *objcg;

	(void)state;
	setup();
	memcg_set_max(parent, 0);
	objcg = obj_cgroup_of(child);
	obj_cgroup_charge_zswap(objcg, 10);
	assert_int_equal(parent->memory.usage, 1);
	obj_cgroup_uncharge_zswap(objcg, 10);
	obj_cgroup_put(objcg);
	obj_cgroup_drain(&tree);
	group_offline(child);
	group_offline(parent);
	teardown();
}

/* The kernel's arithmetic: whole pages below whole pages of the limit, on each level with one. */
static void b21_zswap_max_is_hierarchical(void **state)
{
	struct obj_cgroup *objcg;

	(void)state;
	setup();
	objcg = obj_cgroup_of(child);
	assert_true(obj_cgroup_may_zswap(NULL));
	assert_true(obj_cgroup_may_zswap(objcg));
	memcg_set_zswap_max(parent, 4095);
	assert_false(obj_cgroup_may_zswap(objcg));
	memcg_set_zswap_max(parent, 0);
	memcg_set_zswap_max(child, MEMCG_UNLIMITED);
	assert_false(obj_cgroup_may_zswap(objcg));
	memcg_set_zswap_max(parent, 2 * 4096);
	assert_true(obj_cgroup_may_zswap(objcg));
	obj_cgroup_charge_zswap(objcg, 4096);
	obj_cgroup_charge_zswap(objcg, 4095);
	assert_true(obj_cgroup_may_zswap(objcg));
	obj_cgroup_charge_zswap(objcg, 1);
	assert_false(obj_cgroup_may_zswap(objcg));
	memcg_set_zswap_max(parent, 3 * 4096 - 1);
	assert_false(obj_cgroup_may_zswap(objcg));
	memcg_set_zswap_max(parent, 3 * 4096);
	assert_true(obj_cgroup_may_zswap(objcg));
	obj_cgroup_uncharge_zswap(objcg, 1);
	obj_cgroup_uncharge_zswap(objcg, 4095);
	obj_cgroup_uncharge_zswap(objcg, 4096);
	obj_cgroup_put(objcg);
	group_offline(child);
	group_offline(parent);
	teardown();
}

/* A group is gone at once when only compressed pages are left of it; they are the parent's. */
static void offline_hands_bytes_to_the_parent(void **state)
{
	struct obj_cgroup *objcg;
	struct memcg *memcg;

	(void)state;
	setup();
	objcg = obj_cgroup_of(child);
	obj_cgroup_charge_zswap(objcg, 2500);
	obj_cgroup_count(objcg, MEMCG_ZSWPOUT);
	group_offline(child);
	rcu_barrier();
	assert_int_equal(tree.nr_groups, 2);
	assert_ptr_equal(objcg->memcg, parent);
	obj_cgroup_count(objcg, MEMCG_ZSWPWB);
	assert_int_equal(memcg_stat_local(parent, MEMCG_ZSWPWB), 1);
	assert_int_equal(memcg_stat(parent, MEMCG_ZSWPOUT), 1);
	assert_bytes(2500, 1);
	memcg = obj_cgroup_get_memcg(objcg);
	assert_ptr_equal(memcg, parent);
	memcg_put(memcg, 1);
	obj_cgroup_uncharge_zswap(objcg, 2500);
	assert_bytes(0, 0);
	obj_cgroup_put(objcg);
	obj_cgroup_drain(&tree);
	assert_int_equal(parent->memory.usage, 0);
	assert_int_equal(memcg_refs(parent), 1);
	group_offline(parent);
	teardown();
}

/* New pages of a zombie are charged to the next group above that is online. */
static void a_zombie_charges_its_parent(void **state)
{
	struct obj_cgroup *objcg;

	(void)state;
	setup();
	memcg_get(child, 1);
	group_offline(child);
	objcg = obj_cgroup_of(child);
	assert_ptr_equal(objcg, parent->objcg);
	obj_cgroup_put(objcg);
	memcg_get(parent, 1);
	group_offline(parent);
	assert_null(obj_cgroup_of(child));
	assert_null(obj_cgroup_of(tree.root));
	memcg_put(parent, 1);
	memcg_put(child, 1);
	teardown();
}

/* B4: the last entry of an offline group is freed in the order in which zswap does it; the other
 * way round the list would be looked up through a freed obj_cgroup. */
static void b4_the_last_entry_of_an_offline_group(void **state)
{
	struct list_lru lru;
	struct item item;
	struct memcg *memcg;

	(void)state;
	setup();
	lru_init(&lru, &tree, LIST_LRU_LOCK_LIST);
	item.objcg = obj_cgroup_of(child);
	list_init(&item.link);
	assert_int_equal(memcg_list_lru_alloc(child, &lru), 0);
	obj_cgroup_charge_zswap(item.objcg, 77);
	assert_true(list_lru_add(&lru, &item.link, 0, child));
	group_offline(child);
	group_offline(parent);
	obj_cgroup_drain(&tree);
	rcu_barrier();
	rcu_barrier();
	assert_int_equal(tree.nr_groups, 1);
	rcu_read_lock();
	memcg = obj_cgroup_memcg(item.objcg);
	assert_ptr_equal(memcg, tree.root);
	assert_true(list_lru_del(&lru, &item.link, 0, memcg));
	rcu_read_unlock();
	obj_cgroup_uncharge_zswap(item.objcg, 77);
	obj_cgroup_put(item.objcg);
	obj_cgroup_drain(&tree);
	list_lru_release(&lru);
	teardown();
}

/* References go through the stock in batches, and all come back. */
static void references_come_back(void **state)
{
	struct obj_cgroup *objcg;
	unsigned i;

	(void)state;
	setup();
	objcg = obj_cgroup_of(child);
	assert_int_equal(objcg->refs, 2);
	obj_cgroup_charge_zswap(objcg, 1);
	for (i = 0; i < 1000; i++)
		if (i % 2)
			obj_cgroup_get(objcg);
		else
			assert_ptr_equal(obj_cgroup_of(child), objcg);
	for (i = 0; i < 1000; i++)
		obj_cgroup_put(objcg);
	obj_cgroup_uncharge_zswap(objcg, 1);
	assert_true(objcg->refs > 2);
	obj_cgroup_put(objcg);
	obj_cgroup_drain(&tree);
	assert_int_equal(objcg->refs, 1);
	group_offline(child);
	group_offline(parent);
	teardown();
}

static struct obj_cgroup *lossy;

static void lose_bytes(void)
{
	obj_cgroup_charge_zswap(lossy, 5);
	obj_cgroup_put(lossy);
	group_offline(child);
	obj_cgroup_drain(&tree);
}

static void lost_bytes_are_a_bug(void **state)
{
	(void)state;
	setup();
	lossy = obj_cgroup_of(child);
	assert_true(is_bug(lose_bytes));
	obj_cgroup_put(lossy);
	group_offline(child);
	group_offline(parent);
	teardown();
}

/* cgroup v1: what is compressed is known, and in no usage. */
static void only_frames_are_charged(void **state)
{
	struct obj_cgroup *objcg;

	(void)state;
	setup();
	tree.frames_only = true;
	objcg = obj_cgroup_of(child);
	obj_cgroup_charge_zswap(objcg, 1000);
	obj_cgroup_charge_zswap(objcg, 4096);
	assert_bytes(5096, 2);
	assert_int_equal(child->memory.usage + parent->memory.usage, 0);
	obj_cgroup_uncharge_zswap(objcg, 4096);
	obj_cgroup_uncharge_zswap(objcg, 1000);
	obj_cgroup_put(objcg);
	obj_cgroup_drain(&tree);
	assert_bytes(0, 0);
	assert_int_equal(child->objcg->refs, 1);
	group_offline(child);
	group_offline(parent);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_make_pages),
		cmocka_unit_test(only_frames_are_charged),
		cmocka_unit_test(bytes_are_charged_beyond_the_limit),
		cmocka_unit_test(b21_zswap_max_is_hierarchical),
		cmocka_unit_test(offline_hands_bytes_to_the_parent),
		cmocka_unit_test(a_zombie_charges_its_parent),
		cmocka_unit_test(b4_the_last_entry_of_an_offline_group),
		cmocka_unit_test(references_come_back),
		cmocka_unit_test(lost_bytes_are_a_bug),
	};

	return run_registered(tests);
}
