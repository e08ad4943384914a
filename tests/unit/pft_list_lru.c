/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_lru by one worker: every operation, every code of a callback with the lock kept and dropped,
 * on root and group lists, with a lock per list and one per node. */
#include <string.h>

#include "tests/unit/pft_memcg_fixture.h"

#define ITEMS 4

struct fixture {
	struct memcg_tree tree;
	struct list_lru lru;
	struct memcg *memcg; /* whose list is looked at */
	struct item items[ITEMS];
};

/* A callback that does @status to the item of that name when it sees it first, SKIP to all others
 * and ever after. */
struct script {
	struct list_lru_walk walk;
	char target;
	bool always; /* to all, each time */
	enum lru_status status;
	bool drop;
	char seen[64]; /* names in the order of the calls */
};

static enum lru_status act(struct list_lru_walk *walk, struct list_lru_one *list,
			   struct list_head *link)
{
	struct script *script = container_of(walk, struct script, walk);
	struct item *item = list_entry(link, struct item, link);

	assert_true(spin_is_locked(list->lock));
	strncat(script->seen, &item->name, 1);
	if (!script->always && item->name != script->target)
		return LRU_SKIP;
	script->target = 0;
	if (script->status == LRU_REMOVED || script->status == LRU_REMOVED_RETRY)
		list_lru_isolate(list, link);
	if (script->drop)
		list_lru_drop(walk, list);
	return script->status;
}

/* Items a, b, c, d on the list of the root, or of a group below a group. */
static void setup(struct fixture *fixture, enum list_lru_locking locking, bool group)
{
	unsigned i;

	tree_init(&fixture->tree);
	lru_init(&fixture->lru, &fixture->tree, locking);
	fixture->memcg = fixture->tree.root;
	if (group)
		fixture->memcg = group_below(group_below(fixture->memcg));
	assert_int_equal(memcg_list_lru_alloc(fixture->memcg, &fixture->lru), 0);
	for (i = 0; i < ITEMS; i++) {
		fixture->items[i] = (struct item){.name = (char)('a' + i)};
		list_init(&fixture->items[i].link);
		assert_true(list_lru_add(&fixture->lru, &fixture->items[i].link, 1,
					 fixture->memcg));
	}
}

static void teardown(struct fixture *fixture)
{
	struct memcg *memcg = fixture->memcg, *parent;
	unsigned i;

	list_lru_check(&fixture->lru);
	for (i = 0; i < ITEMS; i++)
		list_lru_del(&fixture->lru, &fixture->items[i].link, 1, memcg);
	assert_int_equal(list_lru_count_node(&fixture->lru, 1), 0);
	for (; memcg->parent; memcg = parent) {
		parent = memcg->parent;
		group_offline(memcg);
	}
	list_lru_release(&fixture->lru);
	memcg_tree_release(&fixture->tree);
}

static enum lru_status spell(struct list_lru_walk *walk, struct list_lru_one *list,
			     struct list_head *link)
{
	(void)list;
	strncat(container_of(walk, struct script, walk)->seen,
		&list_entry(link, struct item, link)->name, 1);
	return LRU_SKIP;
}

/* The list from head to tail, and its count, which must agree. */
static void assert_list(struct fixture *fixture, const char *names)
{
	struct script script = {.walk.isolate = spell};
	unsigned long nr = 100;

	list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &script.walk, &nr);
	assert_string_equal(script.seen, names);
	assert_int_equal(list_lru_count_one(&fixture->lru, 1, fixture->memcg), strlen(names));
	assert_int_equal(list_lru_count_node(&fixture->lru, 1), strlen(names));
	assert_int_equal(list_lru_count_node(&fixture->lru, 0), 0);
	list_lru_check(&fixture->lru);
}

/* Run @fn for each lock and each kind of list. */
static void on_each(void (*fn)(struct fixture *fixture))
{
	static struct fixture fixture;
	unsigned i;

	for (i = 0; i < 4; i++) {
		setup(&fixture, i & 1 ? LIST_LRU_LOCK_NODE : LIST_LRU_LOCK_LIST, i & 2);
		fn(&fixture);
		teardown(&fixture);
	}
}

static const struct code {
	enum lru_status status;
	bool drop;
	const char *seen, *list; /* calls, and what is left */
} codes[] = {
	{LRU_REMOVED, false, "abcd", "acd"},
	{LRU_REMOVED_RETRY, false, "abacd", "acd"},
	{LRU_REMOVED_RETRY, true, "abacd", "acd"},
	{LRU_ROTATE, false, "abcdb", "acdb"},
	{LRU_SKIP, false, "abcd", "abcd"},
	{LRU_RETRY, false, "ababcd", "abcd"},
	{LRU_RETRY, true, "ababcd", "abcd"},
	{LRU_STOP, false, "ab", "abcd"},
	{LRU_STOP, true, "ab", "abcd"},
};

static void each_code(struct fixture *fixture)
{
	const struct code *code;
	unsigned long nr;

	for (code = codes; code < codes + sizeof(codes) / sizeof(*codes); code++) {
		struct script script = {.walk.isolate = act,
					.target = 'b',
					.status = code->status,
					.drop = code->drop};
		unsigned i;

		nr = 20;
		assert_int_equal(list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &script.walk,
						   &nr),
				 strlen(code->list) == 3);
		assert_string_equal(script.seen, code->seen);
		assert_int_equal(nr, 20 - strlen(code->seen));
		assert_list(fixture, code->list);
		for (i = 0; i < ITEMS; i++) {
			list_lru_del(&fixture->lru, &fixture->items[i].link, 1, fixture->memcg);
			list_lru_add(&fixture->lru, &fixture->items[i].link, 1, fixture->memcg);
		}
	}
}

static void codes_do_what_they_say(void **state)
{
	(void)state;
	on_each(each_code);
}

static const struct budget {
	enum lru_status status;
	bool drop;
	unsigned long nr;
	unsigned long removed;
	const char *seen;
} budgets[] = {
	{LRU_RETRY, true, 5, 0, "aaaaa"},
	{LRU_RETRY, false, 5, 0, "aaaaa"},
	{LRU_ROTATE, false, 6, 0, "abcdab"},
	{LRU_SKIP, false, 3, 0, "abc"},
	{LRU_SKIP, false, 0, 0, ""},
	{LRU_REMOVED, false, 3, 3, "abc"},
	{LRU_REMOVED_RETRY, true, 1, 1, "d"},
};

static void each_budget(struct fixture *fixture)
{
	const struct budget *budget;
	unsigned long nr;

	for (budget = budgets; budget < budgets + sizeof(budgets) / sizeof(*budgets); budget++) {
		struct script script = {.walk.isolate = act,
					.always = true,
					.status = budget->status,
					.drop = budget->drop};

		nr = budget->nr;
		/* The rotation has left c first: turn the list to a again. */
		if (budget->status == LRU_SKIP && budget->nr) {
			struct script turn = {.walk.isolate = act,
					      .always = true,
					      .status = LRU_ROTATE};
			unsigned long two = 2;

			list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &turn.walk, &two);
		}
		assert_int_equal(list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &script.walk,
						   &nr),
				 budget->removed);
		assert_string_equal(script.seen, budget->seen);
		assert_int_equal(nr, 0);
	}
	assert_list(fixture, "");
}

static void walks_end_when_their_number_is_used_up(void **state)
{
	(void)state;
	on_each(each_budget);
}

static void empty_and_missing(struct fixture *fixture)
{
	struct script script = {.walk.isolate = act, .always = true, .status = LRU_SKIP};
	struct memcg *other = group_below(fixture->tree.root);
	struct item item = {.name = 'x'};
	unsigned long nr = 7;

	list_init(&item.link);
	assert_int_equal(list_lru_walk_one(&fixture->lru, 0, fixture->memcg, &script.walk, &nr), 0);
	assert_int_equal(list_lru_walk_one(&fixture->lru, 1, other, &script.walk, &nr), 0);
	assert_int_equal(nr, 7);
	assert_string_equal(script.seen, "");
	assert_int_equal(list_lru_count_one(&fixture->lru, 1, other), 0);
	assert_false(list_lru_del(&fixture->lru, &item.link, 1, other));
	group_offline(other);
}

static void empty_and_missing_lists_are_none(void **state)
{
	(void)state;
	on_each(empty_and_missing);
}

static void add_and_del(struct fixture *fixture)
{
	struct list_head *b = &fixture->items[1].link;

	assert_false(list_lru_add(&fixture->lru, b, 1, fixture->memcg));
	assert_list(fixture, "abcd");
	assert_true(list_lru_del(&fixture->lru, b, 1, fixture->memcg));
	assert_false(list_lru_del(&fixture->lru, b, 1, fixture->memcg));
	assert_list(fixture, "acd");
	list_lru_putback(&fixture->lru, b, 1, fixture->memcg);
	list_lru_putback(&fixture->lru, b, 1, fixture->memcg);
	assert_list(fixture, "acdb");
}

static void items_are_added_and_taken_off_once(void **state)
{
	(void)state;
	on_each(add_and_del);
}

struct mover {
	struct list_lru_walk walk;
	struct list_head moved;
};

static enum lru_status move(struct list_lru_walk *walk, struct list_lru_one *list,
			    struct list_head *link)
{
	list_lru_isolate_move(list, link, &container_of(walk, struct mover, walk)->moved);
	return LRU_REMOVED;
}

static void isolate_move(struct fixture *fixture)
{
	struct mover mover = {.walk.isolate = move};
	unsigned long nr = 2;

	list_init(&mover.moved);
	assert_int_equal(list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &mover.walk, &nr), 2);
	assert_ptr_equal(mover.moved.next, &fixture->items[1].link);
	assert_ptr_equal(mover.moved.prev, &fixture->items[0].link);
	list_del_init(&fixture->items[0].link);
	list_del_init(&fixture->items[1].link);
	assert_list(fixture, "cd");
}

static void items_move_to_a_private_list(void **state)
{
	(void)state;
	on_each(isolate_move);
}

static void walk_node(struct fixture *fixture)
{
	struct script script = {.walk.isolate = spell};
	struct memcg *other = group_below(fixture->tree.root);
	struct item x = {.name = 'x'}, y = {.name = 'y'};
	unsigned long nr = 5;

	list_init(&x.link);
	list_init(&y.link);
	assert_int_equal(memcg_list_lru_alloc(other, &fixture->lru), 0);
	list_lru_add(&fixture->lru, &x.link, 1, other);
	list_lru_add(&fixture->lru, &y.link, 1, NULL);
	list_lru_walk_node(&fixture->lru, 1, &script.walk, &nr);
	assert_string_equal(script.seen, fixture->memcg->parent ? "yabcd" : "abcdy");
	nr = 10;
	list_lru_walk_node(&fixture->lru, 1, &script.walk, &nr);
	assert_int_equal(nr, 4);
	assert_int_equal(list_lru_count_node(&fixture->lru, 1), 6);
	list_lru_del(&fixture->lru, &x.link, 1, other);
	list_lru_del(&fixture->lru, &y.link, 1, NULL);
	group_offline(other);
}

static void the_node_is_the_root_list_then_the_groups(void **state)
{
	(void)state;
	on_each(walk_node);
}

/* B3: the callback drops the lock, and its item and the next one are freed meanwhile. */
struct freer {
	struct list_lru_walk walk;
	struct fixture *fixture;
	struct item *victim, *neighbour;
	unsigned calls;
};

static enum lru_status free_two(struct list_lru_walk *walk, struct list_lru_one *list,
				struct list_head *link)
{
	struct freer *freer = container_of(walk, struct freer, walk);
	struct fixture *fixture = freer->fixture;

	freer->calls++;
	if (!freer->victim || link != &freer->victim->link)
		return LRU_SKIP;
	list_lru_drop(walk, list);
	assert_true(list_lru_del(&fixture->lru, &freer->victim->link, 1, fixture->memcg));
	assert_true(list_lru_del(&fixture->lru, &freer->neighbour->link, 1, fixture->memcg));
	free(freer->victim);
	free(freer->neighbour);
	freer->victim = NULL;
	return LRU_REMOVED_RETRY;
}

static void drop_and_free(struct fixture *fixture)
{
	struct freer freer = {.walk.isolate = free_two, .fixture = fixture};
	unsigned long nr = 20;

	freer.victim = calloc(1, sizeof(*freer.victim));
	freer.neighbour = calloc(1, sizeof(*freer.neighbour));
	list_init(&freer.victim->link);
	list_init(&freer.neighbour->link);
	list_lru_add(&fixture->lru, &freer.victim->link, 1, fixture->memcg);
	list_lru_add(&fixture->lru, &freer.neighbour->link, 1, fixture->memcg);
	assert_int_equal(list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &freer.walk, &nr), 1);
	assert_int_equal(freer.calls, ITEMS + 1 + ITEMS);
	assert_list(fixture, "abcd");
}

static void b3_freed_while_the_lock_was_dropped(void **state)
{
	(void)state;
	on_each(drop_and_free);
}

/* A callback that drops the lock, after which another takes it. */
static enum lru_status stop_in_others_lock(struct list_lru_walk *walk, struct list_lru_one *list,
					   struct list_head *link)
{
	(void)link;
	list_lru_drop(walk, list);
	spin_lock(list->lock);
	return LRU_STOP;
}

static void stop_in_lock(struct fixture *fixture)
{
	struct list_lru_walk walk = {.isolate = stop_in_others_lock};
	struct list_lru_one *list = &fixture->lru.nodes[1].root;
	unsigned long nr = 20;

	if (fixture->memcg->parent)
		list = &fixture->lru.memcgs[fixture->memcg->id]->nodes[1];
	assert_int_equal(list_lru_walk_one(&fixture->lru, 1, fixture->memcg, &walk, &nr), 0);
	assert_true(spin_is_locked(list->lock));
	spin_unlock(list->lock);
}

/* As the second version of the kernel's per-list locks did, which oopsed. */
static void stop_after_a_drop_does_not_unlock_again(void **state)
{
	(void)state;
	on_each(stop_in_lock);
}

static struct fixture bug_fixture;

static void skip_after_drop(void)
{
	struct script script = {.walk.isolate = act, .target = 'b', .drop = true};
	unsigned long nr = 20;

	script.status = LRU_SKIP;
	list_lru_walk_one(&bug_fixture.lru, 1, bug_fixture.memcg, &script.walk, &nr);
}

static void rotate_after_drop(void)
{
	struct script script = {.walk.isolate = act, .target = 'b', .drop = true};
	unsigned long nr = 20;

	script.status = LRU_ROTATE;
	list_lru_walk_one(&bug_fixture.lru, 1, bug_fixture.memcg, &script.walk, &nr);
}

static void add_without_lists(void)
{
	struct item item = {.name = 'x'};

	list_init(&item.link);
	list_lru_add(&bug_fixture.lru, &item.link, 1, group_below(bug_fixture.tree.root));
}

static void b3_going_on_after_a_drop_is_a_bug(void **state)
{
	(void)state;
	setup(&bug_fixture, LIST_LRU_LOCK_LIST, true);
	assert_true(is_bug(skip_after_drop));
	assert_true(is_bug(rotate_after_drop));
	assert_true(is_bug(add_without_lists));
	teardown(&bug_fixture);
}

static void without_groups(void **state)
{
	struct list_lru lru;
	struct item item = {.name = 'x'};

	(void)state;
	lru_init(&lru, NULL, LIST_LRU_LOCK_LIST);
	list_init(&item.link);
	assert_int_equal(memcg_list_lru_alloc(NULL, &lru), 0);
	assert_true(list_lru_add(&lru, &item.link, 0, NULL));
	assert_int_equal(list_lru_count_one(&lru, 0, NULL), 1);
	assert_true(list_lru_del(&lru, &item.link, 0, NULL));
	list_lru_release(&lru);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_do_what_they_say),
		cmocka_unit_test(walks_end_when_their_number_is_used_up),
		cmocka_unit_test(empty_and_missing_lists_are_none),
		cmocka_unit_test(items_are_added_and_taken_off_once),
		cmocka_unit_test(items_move_to_a_private_list),
		cmocka_unit_test(the_node_is_the_root_list_then_the_groups),
		cmocka_unit_test(b3_freed_while_the_lock_was_dropped),
		cmocka_unit_test(stop_after_a_drop_does_not_unlock_again),
		cmocka_unit_test(b3_going_on_after_a_drop_is_a_bug),
		cmocka_unit_test(without_groups),
	};

	return run_registered(tests);
}
