/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_rows: what the engine counted, as rows. */
#include <string.h>

#include "pft/base/node_memory.h"
#include "pft/workloads/engine.h"

static void count(struct engine *engine, struct engine_counts *counts)
{
	mm_stats(engine->mm, &counts->mm);
	for (unsigned class = 0; class < NR_RWSEM_CLASSES; class ++)
		for (unsigned i = 0; i < NR_RWSEM_EVENTS; i++)
			counts->rwsem[class][i] = stat_sum(rwsem_stat[class], i);
	for (unsigned i = 0; i < NR_SPINLOCK_EVENTS; i++)
		counts->spinlock[i] = stat_sum(&spinlock_stat, i);
}

void engine_ready(struct engine *engine)
{
	count(engine, &engine->before);
}

void engine_passed(struct engine *engine)
{
	count(engine, &engine->after);
	engine->stopped = true;
}

/* The unit of a counter, by the end of its name. */
static const char *unit_of(const char *name)
{
	size_t len = strlen(name);

	return len > 3 && !strcmp(name + len - 3, "_ns") ? "ns" : "1";
}

static void emit_counter(struct emit *emit, const char *prefix, const char *name, uint64_t value)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%s%s", prefix, name);
	emit_count(emit, metric, EMIT_ALL, unit_of(name), value);
}

static void emit_options(const struct run *run, struct emit *emit)
{
	const struct engine *engine = run->private;
	const struct engine_settings *s = &run->settings->engine;
	char class[16] = "mix";

	if (s->vma_class >= 0)
		snprintf(class, sizeof(class), "%d", s->vma_class);
	emit_text(emit, "lock", s->design->name);
	emit_text(emit, "vma_layout", s->design->vma->name);
	emit_text(emit, "vma_class", class);
	emit_text(emit, "rwsem_spin", s->rwsem_spin ? "on" : "off");
	emit_count(emit, "engine_nodes", EMIT_ALL, "1", node_memory_nodes());
	emit_count(emit, "arena", EMIT_ALL, "B", engine->arena);
}

void engine_rows(const struct run *run, struct emit *emit)
{
	struct engine *engine = run->private;
	const struct engine_counts *before = &engine->before;
	struct engine_counts now;

	if (engine->stopped)
		now = engine->after;
	else
		count(engine, &now);
	emit_options(run, emit);
	for (unsigned i = 0; i < NR_MM_EVENTS; i++)
		emit_counter(emit, "", mm_event_names[i], now.mm.events[i] - before->mm.events[i]);
	for (unsigned i = 0; i < NR_LOCK_EVENTS; i++)
		emit_counter(emit, "", lock_event_names[i], now.mm.locks[i] - before->mm.locks[i]);
	for (unsigned class = 0; class < NR_RWSEM_CLASSES; class ++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "%s_", rwsem_class_names[class]);
		for (unsigned i = 0; i < NR_RWSEM_EVENTS; i++)
			emit_counter(emit, prefix, rwsem_stat[class]->names[i],
				     now.rwsem[class][i] - before->rwsem[class][i]);
	}
	for (unsigned i = 0; i < NR_SPINLOCK_EVENTS; i++)
		emit_counter(emit, "", spinlock_stat.names[i],
			     now.spinlock[i] - before->spinlock[i]);
	emit_count(emit, "vmas", EMIT_ALL, "1", now.mm.vmas);
	emit_count(emit, "rss_pages", EMIT_ALL, "1", now.mm.rss);
	emit_count(emit, "table_bytes", EMIT_ALL, "B", now.mm.table_bytes);
	emit_count(emit, "frames", EMIT_ALL, "1", now.mm.frames);
	emit_count(emit, "frames_free", EMIT_ALL, "1", now.mm.frames_free);
	emit_count(emit, "memcg_pages", EMIT_ALL, "1", now.mm.memcg_pages);
	if (run->settings->announce)
		engine_announce(engine, emit);
}
