/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/resolve.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"

/* Texts of one sample. */
struct texts {
	char symbol[256], offset[64], line[256], data[256], file[256];
};

void resolver_init(struct resolver *r)
{
	struct why why = WHY_INIT;

	*r = (struct resolver){0};
	if (kallsyms_open(&r->kernel, "/proc/kallsyms", &why))
		r->no_kernel = xasprintf("unavailable: %s", why.text);
}

void resolver_release(struct resolver *r)
{
	kallsyms_release(&r->kernel);
	free(r->no_kernel);
	code_release(&r->code);
}

/* As the kernel prints it; the size tells whether another build's function is the same. */
static void print_offset(struct texts *t, uint64_t offset, uint64_t size)
{
	if (size)
		snprintf(t->offset, sizeof(t->offset), "+%#" PRIx64 "/%#" PRIx64, offset, size);
	else
		snprintf(t->offset, sizeof(t->offset), "+%#" PRIx64, offset);
}

static const char *resolve_kernel(const struct resolver *r, uint64_t ip, struct texts *t)
{
	const struct kallsyms_symbol *s;
	uint64_t size;

	if (r->no_kernel)
		return r->no_kernel;
	s = kallsyms_function(&r->kernel, ip, &size);
	if (!s)
		return "unavailable: no symbol there";
	snprintf(t->symbol, sizeof(t->symbol), "%s", s->name);
	snprintf(t->file, sizeof(t->file), "%s", s->module ? s->module : "vmlinux");
	print_offset(t, ip - s->address, size);
	return "ok";
}

/*
 * The last thing that was mapped at @ip before @ns. Worker processes have the maps of their parent without
 * telling so: the programs that a step consists of come one after the other, so the process does not matter.
 */
static const struct sample_map *find_map(const struct sample_log *log, uint64_t ip, uint64_t ns)
{
	for (size_t i = log->nr_maps; i-- > 0;) {
		const struct sample_map *m = &log->maps[i];

		if (m->ns <= ns && ip >= m->start && ip - m->start < m->length)
			return m;
	}
	return NULL;
}

static const char *resolve_user(struct resolver *r, const struct sample_map *m, uint64_t ip,
				struct texts *t)
{
	uint64_t offset;
	struct code_place p;

	if (!m)
		return "unavailable: nothing of a file is mapped there";
	offset = ip - m->start + m->offset;
	if (!code_find(&r->code, m->path, offset, &p) || !p.function) {
		snprintf(t->symbol, sizeof(t->symbol), "[%s]", p.file);
		return "unavailable: no symbol there";
	}
	snprintf(t->symbol, sizeof(t->symbol), "%s", p.function);
	print_offset(t, p.offset, p.size);
	if (p.source)
		snprintf(t->line, sizeof(t->line), "%s:%d", p.source, p.line);
	snprintf(t->file, sizeof(t->file), "%s[%s]:%#" PRIx64, p.file, p.build_id, offset);
	return "ok";
}

/* Bit 63 is set in the kernel's half of the addresses. */
#define KERNEL_HALF ((uint64_t)1 << 63)

/*
 * What was accessed. Which slab an object of the kernel's is from would be in its page's struct page, which
 * nothing shows to user space without CONFIG_PROC_KCORE, and by now the object is gone.
 */
static void name_data(const struct resolver *r, const struct objects *objects, uint64_t address,
		      struct texts *t)
{
	const struct kallsyms_symbol *v;

	if (!address || objects_name(objects, address, t->data, sizeof(t->data)) ||
	    !(address & KERNEL_HALF))
		return;
	v = kallsyms_variable(&r->kernel, address);
	if (v)
		snprintf(t->data, sizeof(t->data), "%s @%" PRIu64 " line %" PRIu64, v->name,
			 address - v->address, address / OBJECT_LINE - v->address / OBJECT_LINE);
	else
		snprintf(t->data, sizeof(t->data), "kernel memory");
}

static void add_sample(struct resolver *r, const struct sample_log *log, const struct sample *s,
		       const struct source *source, const struct objects *objects,
		       struct miss_table *table)
{
	struct texts t = {"[unknown]", "-", "-", "-", "-"};
	struct miss_where where = {
		s->kernel ? "kernel" : "user", t.symbol, t.offset, t.line, t.data, t.file};
	struct miss_counts counts = {
		.count = 1,
		.weight = s->weight,
		.loads = source->load,
		.stores = source->store,
		.hitm_local = source->hitm_local,
		.hitm_remote = source->hitm_remote,
	};
	const char *status;

	if (s->foreign)
		return;
	if (s->kernel)
		status = resolve_kernel(r, s->ip, &t);
	else
		status = resolve_user(r, find_map(log, s->ip, s->ns), s->ip, &t);
	name_data(r, objects, s->address, &t);
	miss_table_add(table, &where, &counts, status);
}

static int compare_maps(const void *x, const void *y)
{
	const struct sample_map *a = x, *b = y;

	return a->ns < b->ns ? -1 : a->ns > b->ns;
}

void resolve_samples(struct resolver *r, struct sample_log *log, const struct objects *objects,
		     bool far_only, struct miss_table *table)
{
	uint64_t outside = 0;

	if (log->nr_maps)
		qsort(log->maps, log->nr_maps, sizeof(*log->maps), compare_maps);
	for (size_t i = 0; i < log->nr_samples; i++) {
		const struct sample *s = &log->samples[i];
		struct source source = source_decode(s->source);

		if (!objects_in_window(objects, s->tid, s->ns))
			outside++;
		else if (!far_only || source.level == SOURCE_FAR)
			add_sample(r, log, s, &source, objects, table);
	}
	miss_table_add_total(table, MISSES_FAULTS, objects->faults);
	miss_table_add_total(table, MISSES_LOST, log->lost);
	miss_table_add_total(table, MISSES_OUTSIDE, outside);
	miss_table_add_total(table, MISSES_THROTTLED, log->throttled);
}
