/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/caches.h"

#include "common/say.h"
#include "common/xalloc.h"
#include "pft/base/compiler.h"
#include "pft/sim/vcpu.h"

struct caches caches;

static struct shape shape_of(const struct machine_cache *cache)
{
	return (struct shape){
		.sets = (uint32_t)(cache->bytes / ARCH_LINE / cache->ways),
		.ways = (uint32_t)cache->ways,
		.ps = ps_of(cache->ns),
	};
}

/* A clock for each set. They start at 1: 0 is before all. */
static uint32_t *clocks(const struct shape *shape)
{
	uint32_t *clock = xcalloc(shape->sets + 1, sizeof(*clock));

	for (uint32_t i = 0; i < shape->sets; i++)
		clock[i] = 1;
	return clock;
}

static void core_init(struct core *core, unsigned llc, unsigned socket, unsigned node)
{
	core->number = caches.nr_cores++;
	core->llc = llc;
	core->socket = socket;
	core->node = node;
	core->tags = xcalloc((size_t)caches.l2.sets * caches.l2.ways + 1, sizeof(*core->tags));
	core->l1_clock = clocks(&caches.l1);
	core->l2_clock = clocks(&caches.l2);
	core_set_add(&caches.llcs[llc].cores, core->number);
	core_set_add(&caches.sockets[socket], core->number);
}

void caches_init(const struct machine *m)
{
	unsigned nr = machine_cores(m);

	caches.l1 = shape_of(&m->l1);
	caches.l2 = shape_of(&m->l2);
	caches.llc = shape_of(&m->llc);
	if (!caches.l2.sets)
		caches.l1.sets = 0; /* tags are L2's */
	caches.inclusive = m->llc_inclusive && caches.llc.sets;
	caches.same_llc_ps = ps_of(m->same_llc_ns);
	caches.same_socket_ps = ps_of(m->same_socket_ns);
	caches.cross_ps = ps_of(m->cross_ns);
	caches.nr_llcs = nr / (unsigned)m->llc_cores;
	caches.nr_sockets = (unsigned)m->sockets;
	lines_init(caches.nr_llcs);
	for (unsigned i = 0; i < caches.nr_llcs; i++)
		caches.llcs[i].clock = clocks(&caches.llc);
	for (unsigned i = 0; i < nr; i++)
		core_init(&caches.cores[i], i / (unsigned)m->llc_cores, i / (unsigned)m->cores,
			  i / (nr / (unsigned)m->nodes));
}

struct core *caches_add_core(unsigned node, const struct machine *m)
{
	const struct core *beside = &caches.cores[node * (machine_cores(m) / m->nodes)];

	if (caches.nr_cores == CORES_MAX)
		BUG("more than %u threads beside the machine's CPUs", CORES_MAX - machine_cores(m));
	core_init(&caches.cores[caches.nr_cores], beside->llc, beside->socket, node);
	return &caches.cores[caches.nr_cores - 1];
}

/* The first tag of the set of L2 that @line belongs to. */
static inline struct tag *set_of(const struct core *core, const struct line *line)
{
	return &core->tags[(size_t)(line->number % caches.l2.sets) * caches.l2.ways];
}

static inline bool in_l1(const struct core *core, const struct tag *tag)
{
	return tag->l1 && core->l1_clock[tag->line % caches.l1.sets] - tag->l1 < caches.l1.ways;
}

static inline bool in_l2(const struct core *core, const struct tag *tag)
{
	return tag->l2 && core->l2_clock[tag->line % caches.l2.sets] - tag->l2 < caches.l2.ways;
}

static inline struct tag *find(const struct core *core, const struct line *line)
{
	struct tag *tag = set_of(core, line), *end = tag + caches.l2.ways;

	for (; tag < end; tag++)
		if (tag->line == line->number && (tag->l1 | tag->l2))
			return tag;
	return NULL;
}

enum cache_level core_lookup(struct core *core, const struct line *line)
{
	struct tag *tag;

	if (unlikely(!caches.l2.sets))
		return CACHE_L1;
	tag = find(core, line);
	if (!tag)
		return CACHE_NONE;
	if (!caches.l1.sets)
		return in_l2(core, tag) ? CACHE_L2 : CACHE_NONE;
	if (in_l1(core, tag)) {
		tag->l1 = core->l1_clock[tag->line % caches.l1.sets];
		return CACHE_L1;
	}
	if (!in_l2(core, tag))
		return CACHE_NONE;
	tag->l1 = ++core->l1_clock[tag->line % caches.l1.sets];
	tag->l2 = core->l2_clock[tag->line % caches.l2.sets];
	return CACHE_L2;
}

bool core_has(const struct core *core, const struct line *line)
{
	const struct tag *tag;

	if (!caches.l2.sets)
		return true;
	tag = find(core, line);
	return tag && ((caches.l1.sets && in_l1(core, tag)) || in_l2(core, tag));
}

void core_fill(struct core *core, const struct line *line)
{
	struct tag *tag, *set, *oldest;

	if (!caches.l2.sets)
		return;
	tag = find(core, line);
	set = oldest = set_of(core, line);
	for (unsigned i = 1; !tag && i < caches.l2.ways; i++)
		if (set[i].l2 < oldest->l2)
			oldest = &set[i];
	tag = tag ? tag : oldest;
	tag->line = line->number;
	tag->l2 = ++core->l2_clock[line->number % caches.l2.sets];
	tag->l1 = caches.l1.sets ? ++core->l1_clock[line->number % caches.l1.sets] : 0;
}

bool llc_has(unsigned llc, const struct line *line)
{
	if (!caches.llc.sets || !line->llc[llc])
		return line->llc[llc];
	return caches.llcs[llc].clock[line->number % caches.llc.sets] - line->llc[llc] <
	       caches.llc.ways;
}

void llc_fill(unsigned llc, struct line *line)
{
	uint32_t *clock =
		&caches.llcs[llc].clock[line->number % (caches.llc.sets | !caches.llc.sets)];

	if (!llc_has(llc, line))
		++*clock;
	line->llc[llc] = *clock | !*clock;
}

/* One line more in each of @nr sets in a row, round and round. */
static void age(uint32_t *clock, const struct shape *shape, uint32_t line, unsigned nr)
{
	uint32_t set, run;

	for (; shape->sets && nr; nr -= run, line += run) {
		set = line % shape->sets;
		run = shape->sets - set < nr ? shape->sets - set : nr;
		for (uint32_t i = 0; i < run; i++)
			clock[set + i]++;
	}
}

void caches_age(struct core *core, uint32_t line, unsigned nr)
{
	age(core->l1_clock, &caches.l1, line, nr);
	age(core->l2_clock, &caches.l2, line, nr);
	age(caches.llcs[core->llc].clock, &caches.llc, line, nr);
}

/* Whether @set has any core outside of @inside, or inside of it. */
static bool any_outside(const struct core_set *set, const struct core_set *inside)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < CORE_WORDS; i++)
		bits |= set->bits[i] & ~inside->bits[i];
	return bits;
}

static bool any_inside(const struct core_set *set, const struct core_set *inside)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < CORE_WORDS; i++)
		bits |= set->bits[i] & inside->bits[i];
	return bits;
}

uint64_t core_farthest(const struct core *core, const struct core_set *others)
{
	static const struct core_set none;

	if (any_outside(others, &caches.sockets[core->socket]))
		return caches.cross_ps;
	if (any_outside(others, &caches.llcs[core->llc].cores))
		return caches.same_socket_ps;
	return any_outside(others, &none) ? caches.same_llc_ps : 0;
}

uint64_t core_nearest(const struct core *core, const struct core_set *others)
{
	static const struct core_set none;

	if (any_inside(others, &caches.llcs[core->llc].cores))
		return caches.same_llc_ps;
	if (any_inside(others, &caches.sockets[core->socket]))
		return caches.same_socket_ps;
	return any_outside(others, &none) ? caches.cross_ps : 0;
}
