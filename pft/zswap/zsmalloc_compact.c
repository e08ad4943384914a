/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zsmalloc.h"

#include <string.h>

/* Copy an object from one zspage of a class to another, handle and all: zs_object_copy(). Either may
 * straddle, at places of their own. */
static void copy_object(struct zspage *to, unsigned to_index, struct zspage *from,
			unsigned from_index)
{
	size_t size = from->class->size, done, piece, read, write;

	for (done = 0; done < size; done += piece) {
		read = from_index * size + done;
		write = to_index * size + done;
		piece = size - done;
		if (piece > ZPOOL_PAGE - read % ZPOOL_PAGE)
			piece = ZPOOL_PAGE - read % ZPOOL_PAGE;
		if (piece > ZPOOL_PAGE - write % ZPOOL_PAGE)
			piece = ZPOOL_PAGE - write % ZPOOL_PAGE;
		memcpy(zspage_byte(to, write), zspage_byte(from, read), piece);
	}
	arch_work(ARCH_WORK_COPY, zspage_byte(to, to_index * size), size);
}

/* Move objects until @from is empty or @to full: migrate_zspage(). With both locks, and both zspages
 * isolated. */
static void migrate(struct zspage *to, struct zspage *from)
{
	unsigned index, place, objects = from->class->objects;
	uint64_t word;

	for (index = 0; index < objects && from->used && to->used < objects; index++) {
		word = *zspage_word(from, index);
		if (!(word & ZS_USED))
			continue;
		place = to->free;
		/* Nobody can follow the handle to its new place before migrate_lock is dropped. */
		zspage_take(to, word & ~ZS_USED);
		copy_object(to, place, from, index);
		zspage_give(from, index);
	}
}

/* Take a zspage out of the first group that has one, from @first on by @step: isolate_src_zspage(),
 * isolate_dst_zspage(). With the class's lock. */
static struct zspage *isolate(struct size_class *class, int first, int step)
{
	struct zspage *zspage;
	int group;

	for (group = first; group >= ZS_FEWEST && group <= ZS_MOST; group += step) {
		zspage = list_first_entry_or_null(&class->groups[group], struct zspage, link);
		if (zspage) {
			list_del(&zspage->link);
			return zspage;
		}
	}
	return NULL;
}

/*
 * Fill the fullest zspage from the emptiest, until one of them has no more: the body of
 * __zs_compact()'s loop. Returns false if there is nothing to do, or somebody reads the emptiest. What
 * was emptied goes to @empty. With both locks.
 */
static bool compact_once(struct zs_pool *pool, struct size_class *class, struct list_head *empty)
{
	struct zspage *from, *to;
	bool moved = false;

	if (!zs_can_compact(class))
		return false;
	to = isolate(class, ZS_MOST, -1);
	if (!to)
		return false;
	from = isolate(class, ZS_FEWEST, 1);
	/* Acquire: pairs with the release of zs_read_end(). None can come: they need migrate_lock. */
	if (from && !arch_load_acquire(&from->readers)) {
		migrate(to, from);
		moved = true;
	}
	zspage_insert(to);
	if (from && from->used) {
		zspage_insert(from);
	} else if (from) {
		zspage_leave(pool, from);
		list_add(&from->link, empty);
	}
	return moved;
}

/* __zs_compact(): the locks are dropped after each zspage, so that nobody waits for more than that. */
static uint64_t compact_class(struct zs_pool *pool, struct size_class *class)
{
	struct list_head empty = LIST_HEAD_INIT(empty);
	struct zspage *zspage;
	uint64_t freed = 0;
	bool more;

	do {
		down_write(&pool->migrate_lock, RWSEM_OTHER);
		spin_lock(&class->lock);
		more = compact_once(pool, class, &empty);
		spin_unlock(&class->lock);
		up_write(&pool->migrate_lock, RWSEM_OTHER);
		while ((zspage = list_first_entry_or_null(&empty, struct zspage, link))) {
			list_del(&zspage->link);
			zspage_free(pool, zspage);
			freed += class->pages;
		}
	} while (more);
	return freed;
}

/* zs_compact() */
uint64_t zs_compact(struct zpool *zpool)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	uint64_t freed = 0;
	unsigned i;

	if (arch_xchg_acquire(&pool->compacting, 1))
		return 0;
	arch_write_once(&pool->moving, 1);
	synchronize_rcu(); /* who did not see that is through, or counts as a reader */
	for (i = pool->nr_classes; i-- > 0;)
		freed += compact_class(pool, &pool->classes[i]);
	arch_xadd_relaxed(&pool->pages_compacted, freed);
	arch_store_release(&pool->moving, 0); /* pairs with zs_lock_migrate() */
	arch_store_release(&pool->compacting, 0); /* pairs with the xchg of the next */
	return freed;
}
