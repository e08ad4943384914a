/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/zswap/zsmalloc.h"

#include <errno.h>
#include <string.h>

#include "pft/base/memory.h"

static struct zpool *zs_new(struct why *why)
{
	struct zs_pool *pool = memory_alloc(sizeof(*pool));

	if (!pool) {
		why_not(why, ENOMEM, "no memory for a pool");
		return NULL;
	}
	pool->zpool.ops = &zpool_zsmalloc;
	rwsem_init(&pool->migrate_lock);
	zs_init_classes(pool);
	if (kmem_cache_create(&pool->handles, "zs_handle", sizeof(uint64_t), NULL, why))
		goto free;
	if (kmem_cache_create(&pool->zspages, "zspage", sizeof(struct zspage), NULL, why))
		goto destroy;
	return &pool->zpool;
destroy:
	kmem_cache_destroy(pool->handles, NULL);
free:
	memory_free(pool);
	return NULL;
}

static void zs_free(struct zpool *zpool)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	struct why why = WHY_INIT;

	if (kmem_cache_destroy(pool->zspages, &why) || kmem_cache_destroy(pool->handles, &why))
		BUG("a pool is freed that is in use: %s", why.text);
	memory_free(pool);
}

/* The fullest zspage that has room: find_get_zspage(). With the class's lock. */
static struct zspage *find_zspage(struct size_class *class)
{
	struct zspage *zspage;
	unsigned group;

	for (group = ZS_MOST; group >= ZS_FEWEST; group--) {
		zspage = list_first_entry_or_null(&class->groups[group], struct zspage, link);
		if (zspage)
			return zspage;
	}
	return NULL;
}

/* zs_malloc() from 6.16 on: @node is where new pages come from, but no reason to make some. */
static int zs_malloc(struct zpool *zpool, size_t size, unsigned node, uint64_t *result)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	struct size_class *class;
	struct zspage *zspage;
	uint64_t *handle;

	if (!size)
		return -EINVAL;
	if (size > ZPOOL_PAGE)
		return -ENOSPC;
	handle = kmem_cache_alloc(pool->handles);
	if (!handle)
		return -ENOMEM;
	class = zs_class_of(pool, size);
	spin_lock(&class->lock);
	zspage = find_zspage(class);
	if (zspage) {
		zspage_take(zspage, (uintptr_t)handle);
		zspage_regroup(zspage);
	} else {
		spin_unlock(&class->lock);
		zspage = zspage_new(pool, class, node);
		if (!zspage) {
			kmem_cache_free(pool->handles, handle);
			return -ENOMEM;
		}
		spin_lock(&class->lock);
		zspage_enter(pool, zspage);
		zspage_take(zspage, (uintptr_t)handle);
		zspage_insert(zspage);
	}
	class->used++;
	spin_unlock(&class->lock);
	*result = (uintptr_t)handle;
	return 0;
}

/* zs_free() */
static void zs_free_object(struct zpool *zpool, uint64_t handle)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	struct size_class *class;
	struct zspage *zspage;
	bool empty, locked;
	unsigned index;

	/* A class's lock keeps objects where they are too, but which class it is says the zspage. */
	locked = zs_lock_migrate(pool);
	zspage = zs_locate(handle, &index);
	class = zspage->class;
	spin_lock(&class->lock);
	zs_unlock_migrate(pool, locked);
	if (*zspage_word(zspage, index) != (handle | ZS_USED))
		BUG("object %lx is not allocated", (unsigned long)handle);
	zspage_give(zspage, index);
	class->used--;
	empty = !zspage->used;
	if (empty) {
		list_del(&zspage->link);
		zspage_leave(pool, zspage);
	} else {
		zspage_regroup(zspage);
	}
	spin_unlock(&class->lock);
	kmem_cache_free(pool->handles, (uint64_t *)(uintptr_t)handle);
	if (empty)
		zspage_free(pool, zspage);
}

/* Find the object and keep it where it is until zs_put(): zspage_read_lock(). */
static struct zspage *zs_get(struct zs_pool *pool, uint64_t handle, unsigned *index)
{
	bool locked = zs_lock_migrate(pool);
	struct zspage *zspage = zs_locate(handle, index);

	/* Relaxed: whoever moves objects looks only after this section. */
	arch_xadd_relaxed(&zspage->readers, 1);
	zs_unlock_migrate(pool, locked);
	return zspage;
}

/* Release: pairs with the acquire in compact_once(), so that all was read before it moves. */
static void zs_put(struct zspage *zspage)
{
	arch_xadd_release(&zspage->readers, -1);
}

/* zs_obj_read_begin() */
static const void *zs_read_begin(struct zpool *zpool, uint64_t handle, void *scratch)
{
	unsigned index;
	struct zspage *zspage = zs_get(zs_pool_of(zpool), handle, &index);
	size_t size = zspage->class->size, offset, first;

	offset = zspage_payload(zspage, index);
	if (!zs_is_whole(zspage->class))
		size -= ZS_HANDLE;
	first = ZPOOL_PAGE - offset % ZPOOL_PAGE;
	if (first >= size)
		return zspage_byte(zspage, offset);
	memcpy(scratch, zspage_byte(zspage, offset), first);
	memcpy((char *)scratch + first, zspage_byte(zspage, offset + first), size - first);
	arch_work(ARCH_WORK_COPY, scratch, size);
	return scratch;
}

/* zs_obj_read_end() */
static void zs_read_end(struct zpool *zpool, uint64_t handle)
{
	unsigned index;

	(void)zpool;
	zs_put(zs_locate(handle, &index));
}

/* zs_obj_write() */
static void zs_write(struct zpool *zpool, uint64_t handle, const void *data, size_t size)
{
	unsigned index;
	struct zspage *zspage = zs_get(zs_pool_of(zpool), handle, &index);
	size_t offset = zspage_payload(zspage, index), first = ZPOOL_PAGE - offset % ZPOOL_PAGE;

	if (first > size)
		first = size;
	/* A size of which gcc knows that it is at most a page becomes a rep movsq, which takes 150 ns more
	 * than the library's copy of an object, as objects are aligned to 8 bytes only. */
	hide_value(first);
	memcpy(zspage_byte(zspage, offset), data, first);
	if (first < size)
		memcpy(zspage_byte(zspage, offset + first), (const char *)data + first,
		       size - first);
	arch_work(ARCH_WORK_COPY, zspage_byte(zspage, offset), size);
	zs_put(zspage);
}

static void zs_stats(struct zpool *zpool, struct zpool_stats *stats)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	unsigned i;

	for (i = 0; i < pool->nr_classes; i++) {
		spin_lock(&pool->classes[i].lock);
		stats->objects += pool->classes[i].used;
		spin_unlock(&pool->classes[i].lock);
	}
	stats->pages_compacted = arch_read_once(&pool->pages_compacted);
}

static bool zs_class_stats(struct zpool *zpool, unsigned nr, struct zpool_class *stats)
{
	struct zs_pool *pool = zs_pool_of(zpool);
	struct size_class *class = &pool->classes[nr];

	if (nr >= pool->nr_classes)
		return false;
	spin_lock(&class->lock);
	*stats = (struct zpool_class){
		.size = class->size,
		.pages = class->pages,
		.objects = class->objects,
		.zspages = class->zspages,
		.used = class->used,
		.freeable = zs_can_compact(class),
	};
	spin_unlock(&class->lock);
	return true;
}

const struct zpool_ops zpool_zsmalloc = {
	.name = "zsmalloc",
	.summary = "size classes in chains of up to 8 pages; objects straddle pages and move",
	.new = zs_new,
	.free = zs_free,
	.malloc = zs_malloc,
	.free_object = zs_free_object,
	.read_begin = zs_read_begin,
	.read_end = zs_read_end,
	.write = zs_write,
	.compact = zs_compact,
	.stats = zs_stats,
	.class_stats = zs_class_stats,
	.check = zs_check,
};
