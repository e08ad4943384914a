/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_announce: which structure lies where, so that whoever samples data addresses can name the field.
 * A row announce_struct is "NAME SIZE FIELD@OFFSET+SIZE...", a row announce_range is "NAME START LENGTH
 * STRIDE": objects of that structure from START on, STRIDE apart.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "pft/base/memcg.h"
#include "pft/base/slab.h"
#include "pft/mm/anon_vma.h"
#include "pft/mm/mm_types.h"
#include "pft/workloads/engine.h"

#define FIELD(type, field) \
	{ \
#field, offsetof(struct type, field), sizeof(((struct type *)NULL)->field) \
	}

static const struct layout_field frame_fields[] = {
	FIELD(frame, flags),	FIELD(frame, node),
	FIELD(frame, lru),	FIELD(frame, mapping),
	FIELD(frame, index),	FIELD(frame, swap),
	FIELD(frame, mapcount), FIELD(frame, refcount),
	FIELD(frame, memcg),	{0},
};

static const struct layout_field zone_fields[] = {
	FIELD(zone, base),    FIELD(zone, frames), FIELD(zone, nr_frames), FIELD(zone, lock),
	FIELD(zone, nr_free), FIELD(zone, hint),   FIELD(zone, free),	   {0},
};

static const struct layout_field memcg_fields[] = {
	FIELD(memcg, memory),	 FIELD(memcg, zswap_bytes), FIELD(memcg, zswapped),
	FIELD(memcg, zswap_max), FIELD(memcg, stats),	    {0},
};

static const struct layout_field anon_vma_fields[] = {
	FIELD(anon_vma, rwsem),	   FIELD(anon_vma, root),   FIELD(anon_vma, parent),
	FIELD(anon_vma, refcount), FIELD(anon_vma, chains), {0},
};

static const struct layout_field anon_vma_chain_fields[] = {
	FIELD(anon_vma_chain, vma),
	FIELD(anon_vma_chain, anon),
	FIELD(anon_vma_chain, next),
	FIELD(anon_vma_chain, same_anon),
	{0},
};

static const struct layout_field no_fields[] = {{0}};

static void emit_struct(struct emit *emit, const char *name, size_t size,
			const struct layout_field *fields)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	fprintf(out, "%s %zu", name, size);
	for (; fields->name; fields++)
		fprintf(out, " %s@%u+%u", fields->name, fields->offset, fields->size);
	fclose(out);
	emit_text(emit, "announce_struct", text);
	free(text);
}

static void emit_range(struct emit *emit, const char *name, const void *start, size_t length,
		       size_t stride)
{
	char *text = xasprintf("%s %#" PRIxPTR " %zu %zu", name, (uintptr_t)start, length, stride);

	emit_text(emit, "announce_range", text);
	free(text);
}

/* A cache whose pages are told. */
struct told {
	struct emit *emit;
	const struct kmem_cache *cache;
};

static void emit_page(const void *page, void *told)
{
	const struct told *t = told;

	emit_range(t->emit, t->cache->name, page, NODE_MEMORY_PAGE, t->cache->size);
}

static void emit_cache(struct emit *emit, const struct kmem_cache *cache,
		       const struct layout_field *fields)
{
	struct told told = {emit, cache};

	if (!cache)
		return;
	emit_struct(emit, cache->name, cache->object_size, fields);
	kmem_cache_pages(cache, emit_page, &told);
}

static void emit_memcgs(struct emit *emit, const struct mm_family *family)
{
	emit_struct(emit, "mem_cgroup", sizeof(struct memcg), memcg_fields);
	for (unsigned i = 0; i <= family->memcg_levels; i++)
		if (family->memcgs[i])
			emit_range(emit, "mem_cgroup", family->memcgs[i], sizeof(struct memcg),
				   sizeof(struct memcg));
}

void engine_announce(const struct engine *engine, struct emit *emit)
{
	const struct mm_family *family = engine->mm->family;
	const struct lock_domain *domain = &family->domain;
	const struct lock_design *design = domain->design;

	emit_cache(emit, domain->vma_cache, design->vma->fields);
	if (design->vma_lock)
		emit_cache(emit, domain->vma_lock_cache, design->vma_lock->fields);
	emit_cache(emit, domain->mm_cache, design->mm->fields);
	emit_cache(emit, family->vma_nodes, no_fields);
	emit_cache(emit, family->anon_vmas, anon_vma_fields);
	emit_cache(emit, family->anon_vma_chains, anon_vma_chain_fields);
	emit_memcgs(emit, family);
	emit_struct(emit, "zone", sizeof(struct zone), zone_fields);
	emit_struct(emit, "folio", sizeof(struct frame), frame_fields);
	for (unsigned i = 0; i < family->nr_nodes; i++) {
		const struct zone *zone = &family->zones[i];

		emit_range(emit, "zone", zone, sizeof(*zone), sizeof(*zone));
		emit_range(emit, "folio", zone->frames, zone->nr_frames * sizeof(*zone->frames),
			   sizeof(*zone->frames));
	}
	engine_transfers(emit);
}
