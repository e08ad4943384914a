/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the lists of groups come, and where their items go when the groups go. */
#include "common/say.h"
#include "tests/unit/pft_memcg_fixture.h"
#include "tests/unit/pft_workers.h"

#define ITEMS 24

/* root - top - middle - leaf, and items of each. */
struct fixture {
	struct memcg_tree tree;
	struct list_lru lru;
	struct memcg *top, *middle, *leaf;
	struct item items[ITEMS];
};

static struct fixture fx;

static void setup(enum list_lru_locking locking)
{
	unsigned i;

	tree_init(&fx.tree);
	lru_init(&fx.lru, &fx.tree, locking);
	fx.top = group_below(fx.tree.root);
	fx.middle = group_below(fx.top);
	fx.leaf = group_below(fx.middle);
	for (i = 0; i < ITEMS; i++) {
		fx.items[i] = (struct item){.name = (char)('a' + i)};
		list_init(&fx.items[i].link);
	}
}

static void teardown(void)
{
	list_lru_release(&fx.lru);
	memcg_tree_release(&fx.tree);
}

static void add(unsigned item, struct memcg *memcg)
{
	assert_int_equal(memcg_list_lru_alloc(memcg, &fx.lru), 0);
	assert_true(list_lru_add(&fx.lru, &fx.items[item].link, item % NODES, memcg));
}

static void del(unsigned item, struct memcg *memcg)
{
	assert_true(list_lru_del(&fx.lru, &fx.items[item].link, item % NODES, memcg));
}

static void assert_counts(struct memcg *memcg, unsigned long even, unsigned long odd)
{
	list_lru_check(&fx.lru);
	assert_int_equal(list_lru_count_one(&fx.lru, 0, memcg), even);
	assert_int_equal(list_lru_count_one(&fx.lru, 1, memcg), odd);
}

/* The first name on a list, which is taken off. */
struct taker {
	struct list_lru_walk walk;
	char name;
	struct memcg *offline; /* to send offline with the lock dropped */
};

static enum lru_status take(struct list_lru_walk *walk, struct list_lru_one *list,
			    struct list_head *link)
{
	struct taker *taker = container_of(walk, struct taker, walk);

	taker->name = list_entry(link, struct item, link)->name;
	if (!taker->offline) {
		list_lru_isolate(list, link);
		return LRU_REMOVED;
	}
	list_lru_drop(walk, list);
	group_offline(taker->offline);
	return LRU_RETRY;
}

static char take_first(struct memcg *memcg, unsigned node)
{
	struct taker taker = {.walk.isolate = take};
	unsigned long nr = 1;

	list_lru_walk_one(&fx.lru, node, memcg, &taker.walk, &nr);
	return taker.name;
}

static void sizes_go_up(enum list_lru_locking locking)
{
	unsigned i;

	setup(locking);
	for (i = 0; i < 3; i++)
		add(i, fx.middle);
	for (i = 3; i < 10; i++)
		add(i, fx.leaf);
	assert_counts(fx.middle, 2, 1);
	assert_counts(fx.leaf, 3, 4);
	assert_counts(fx.top, 0, 0);
	memcg_get(fx.leaf, 1);
	group_offline(fx.leaf);
	assert_counts(fx.leaf, 0, 0);
	assert_counts(fx.middle, 5, 5);
	/* The zombie's items are the oldest of its parent, and nothing is on the zombie's list. */
	assert_int_equal(take_first(fx.leaf, 0), 0);
	assert_int_equal(take_first(fx.middle, 0), 'e');
	assert_int_equal(take_first(fx.middle, 0), 'g');
	assert_int_equal(take_first(fx.middle, 0), 'i');
	assert_int_equal(take_first(fx.middle, 0), 'a');
	/* Who still knows the zombie finds the item at the parent, and adds to the parent. */
	del(3, fx.leaf);
	add(4, fx.leaf);
	assert_counts(fx.middle, 2, 4);
	group_offline(fx.middle);
	group_offline(fx.top);
	assert_counts(fx.tree.root, 2, 4);
	assert_int_equal(take_first(fx.tree.root, 0), 'c');
	assert_int_equal(take_first(NULL, 0), 'e');
	for (i = 1; i < 10; i += 2)
		list_lru_del(&fx.lru, &fx.items[i].link, 1, fx.leaf);
	assert_int_equal(list_lru_count_node(&fx.lru, 1), 0);
	memcg_put(fx.leaf, 1);
	teardown();
}

static void lists_go_to_the_parent(void **state)
{
	(void)state;
	sizes_go_up(LIST_LRU_LOCK_LIST);
	sizes_go_up(LIST_LRU_LOCK_NODE);
}

static void ancestors_get_lists_too(void **state)
{
	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	assert_int_equal(memcg_list_lru_alloc(fx.leaf, &fx.lru), 0);
	assert_non_null(fx.lru.memcgs[fx.leaf->id]);
	assert_non_null(fx.lru.memcgs[fx.middle->id]);
	assert_non_null(fx.lru.memcgs[fx.top->id]);
	assert_null(fx.lru.memcgs[0]);
	group_offline(fx.leaf);
	group_offline(fx.middle);
	group_offline(fx.top);
	teardown();
}

/* Where no group but an offline one lacks lists there is nothing to make, and its items go up. */
static void b17_offline_before_the_lists_are_made(void **state)
{
	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	memcg_get(fx.leaf, 1);
	memcg_get(fx.middle, 1);
	group_offline(fx.leaf);
	group_offline(fx.middle);
	add(0, fx.leaf);
	assert_null(fx.lru.memcgs[fx.leaf->id]);
	assert_null(fx.lru.memcgs[fx.middle->id]);
	assert_counts(fx.top, 1, 0);
	del(0, fx.middle);
	memcg_put(fx.leaf, 1);
	memcg_put(fx.middle, 1);
	group_offline(fx.top);
	teardown();
}

/* Wait until somebody waits for @lock, besides its holder: in the pending byte, or in the queue. */
static void wait_for_waiter(struct spinlock *lock, uint32_t mask)
{
	while (!(arch_load_acquire(&lock->word) & mask))
		arch_wait(&lock->word, arch_read_once(&lock->word), 100000);
}

#define PENDING 0xff00U
#define QUEUED 0xffff0000U

/* Worker 1 holds the lock of the group's list until 2, who sends the group offline, and then 3, who
 * adds to it, wait for it: 3 gets the lock of a list that is dead. */
static void meet_at_the_lock(unsigned slot, void *arg)
{
	struct spinlock *lock = arg;

	if (slot == 1) {
		wait_for_waiter(lock, QUEUED);
		spin_unlock(lock);
	} else if (slot == 2) {
		group_offline(fx.leaf);
	} else {
		wait_for_waiter(lock, PENDING);
		if (!list_lru_add(&fx.lru, &fx.items[1].link, 1, fx.leaf))
			BUG("the item is on a list");
	}
}

static void b17_add_comes_to_a_dead_list(void **state)
{
	struct spinlock *lock;

	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	add(3, fx.leaf);
	memcg_get(fx.leaf, 1);
	lock = fx.lru.memcgs[fx.leaf->id]->nodes[1].lock;
	spin_lock(lock);
	workers_run(3, meet_at_the_lock, lock);
	assert_counts(fx.leaf, 0, 0);
	assert_counts(fx.middle, 0, 2);
	assert_int_equal(take_first(fx.middle, 1), 'd');
	assert_int_equal(take_first(fx.middle, 1), 'b');
	memcg_put(fx.leaf, 1);
	group_offline(fx.middle);
	group_offline(fx.top);
	teardown();
}

/* A walk that finds its group gone when it has the lock again must not go on with the parent's. */
static void a_walk_ends_with_its_group(void **state)
{
	struct taker taker = {.walk.isolate = take};
	unsigned long nr = 10;
	unsigned i;

	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	for (i = 0; i < 6; i++)
		add(i, i < 4 ? fx.leaf : fx.middle);
	memcg_get(fx.leaf, 1);
	taker.offline = fx.leaf;
	assert_int_equal(list_lru_walk_one(&fx.lru, 0, fx.leaf, &taker.walk, &nr), 0);
	assert_int_equal(nr, 9);
	assert_counts(fx.middle, 3, 3);
	for (i = 0; i < 6; i++)
		del(i, i < 4 ? fx.leaf : fx.middle);
	memcg_put(fx.leaf, 1);
	group_offline(fx.middle);
	group_offline(fx.top);
	teardown();
}

static void shrinker_bits_follow_the_items(void **state)
{
	unsigned bit;

	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	bit = fx.lru.shrinker;
	assert_false(memcg_shrinker_isset(fx.leaf, 1, bit));
	add(1, fx.leaf);
	assert_true(memcg_shrinker_isset(fx.leaf, 1, bit));
	assert_false(memcg_shrinker_isset(fx.leaf, 0, bit));
	assert_false(memcg_shrinker_isset(fx.middle, 1, bit));
	memcg_shrinker_clear(fx.leaf, 1, bit);
	add(3, fx.leaf); /* not the first: who cleared the bit has yet to count */
	assert_false(memcg_shrinker_isset(fx.leaf, 1, bit));
	group_offline(fx.leaf);
	assert_true(memcg_shrinker_isset(fx.middle, 1, bit));
	del(1, fx.middle);
	del(3, fx.middle);
	add(3, NULL);
	assert_true(memcg_shrinker_isset(fx.tree.root, 1, bit));
	del(3, NULL);
	group_offline(fx.middle);
	group_offline(fx.top);
	teardown();
}

static void each_tree_has_64_of_them(void **state)
{
	struct list_lru lrus[64], spare;
	unsigned i;

	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	for (i = 0; i < 63; i++)
		lru_init(&lrus[i], &fx.tree, LIST_LRU_LOCK_LIST);
	assert_int_equal(list_lru_init(&spare, &fx.tree, 1, LIST_LRU_LOCK_LIST), -ENOSPC);
	list_lru_release(&spare);
	list_lru_release(&lrus[17]);
	lru_init(&spare, &fx.tree, LIST_LRU_LOCK_LIST);
	assert_int_equal(spare.shrinker, lrus[17].shrinker);
	for (i = 0; i < 63; i++)
		list_lru_release(i == 17 ? &spare : &lrus[i]);
	group_offline(fx.leaf);
	group_offline(fx.middle);
	group_offline(fx.top);
	teardown();
}

/* Each allocation of the making of lists fails once: nothing is lost, the next try succeeds. */
static void allocations_fail(void **state)
{
	struct list_lru lru;
	unsigned n;
	int rc;

	(void)state;
	setup(LIST_LRU_LOCK_LIST);
	for (n = 1;; n++) {
		fault_inject_nth(&fault_inject_memcg, n, NULL);
		rc = list_lru_init(&lru, &fx.tree, NODES, LIST_LRU_LOCK_LIST);
		if (!fault_inject_stop(&fault_inject_memcg))
			break;
		assert_int_equal(rc, -ENOMEM);
		list_lru_release(&lru);
	}
	assert_int_equal(n, 3);
	list_lru_release(&lru);
	for (n = 1;; n++) {
		fault_inject_nth(&fault_inject_memcg, n, NULL);
		rc = memcg_list_lru_alloc(fx.leaf, &fx.lru);
		if (!fault_inject_stop(&fault_inject_memcg))
			break;
		assert_int_equal(rc, -ENOMEM);
		assert_null(fx.lru.memcgs[fx.leaf->id]);
		list_lru_check(&fx.lru);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(n, 3); /* what was made for the groups above stays */
	add(0, fx.leaf);
	del(0, fx.leaf);
	group_offline(fx.leaf);
	group_offline(fx.middle);
	group_offline(fx.top);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_go_to_the_parent),
		cmocka_unit_test(ancestors_get_lists_too),
		cmocka_unit_test(b17_offline_before_the_lists_are_made),
		cmocka_unit_test(b17_add_comes_to_a_dead_list),
		cmocka_unit_test(a_walk_ends_with_its_group),
		cmocka_unit_test(shrinker_bits_follow_the_items),
		cmocka_unit_test(each_tree_has_64_of_them),
		cmocka_unit_test(allocations_fail),
	};

	return run_registered(tests);
}
