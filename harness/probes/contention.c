/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contention: waits for the kernel's locks by type, name and call site; contention.tsv. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "harness/probes/cause.h"
#include "harness/probes/maps.h"
#include "harness/probes/probe.h"
#include "harness/probes/contention.skel.h"

#define NR_SUMS 3 /* of struct contention_value */

/* A record of contention.tsv; what differs in addresses only has become one. */
struct record {
	const char *type, *caller;
	char *lock, *stack;
	struct contention_value value;
};

static int same_wait(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = strcmp(x->stack, y->stack);

	if (!order)
		order = strcmp(x->type, y->type);
	return order ? order : strcmp(x->lock, y->lock);
}

static int longest_first(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->value.total_ns != y->value.total_ns)
		return x->value.total_ns > y->value.total_ns ? -1 : 1;
	return same_wait(a, b);
}

static void record_release(struct record *r)
{
	free(r->lock);
	free(r->stack);
}

/* Returns how many records are left. */
static size_t merge(struct record *records, size_t nr)
{
	size_t kept = 0;

	if (nr)
		qsort(records, nr, sizeof(*records), same_wait);
	for (size_t i = 0; i < nr; i++) {
		struct contention_value *to = kept ? &records[kept - 1].value : NULL;
		const struct contention_value *from = &records[i].value;

		if (!to || same_wait(&records[kept - 1], &records[i])) {
			records[kept++] = records[i];
			continue;
		}
		to->count += from->count;
		to->total_ns += from->total_ns;
		to->slept_ns += from->slept_ns;
		if (from->max_ns > to->max_ns)
			to->max_ns = from->max_ns;
		record_release(&records[i]);
	}
	if (kept)
		qsort(records, kept, sizeof(*records), longest_first);
	return kept;
}

/* By its address if the program knew it, else by who takes it. */
static char *name_of(const struct contention_key *key, const char *caller,
		     const struct symbols *symbols)
{
	const char *name;
	uint64_t offset;

	if (key->lock == LOCK_MMAP_LOCK)
		return xstrdup("mmap_lock");
	if (key->lock == LOCK_PAGE_TABLE_LOCK)
		return xstrdup("page_table_lock");
	if (key->lock != LOCK_UNKNOWN) {
		name = kallsyms_find(&symbols->kernel, key->lock, &offset);
		if (name)
			return offset ? xasprintf("%s+0x%" PRIx64, name, offset) : xstrdup(name);
	}
	name = cause_lock_name(key->flags, caller);
	return xstrdup(name ? name : "-");
}

static void record_init(struct record *r, const struct contention_key *key, int contentions,
			int stacks, const struct symbols *symbols)
{
	struct stack_names stack;

	stack_kernel(&stack, stacks, key->stack, symbols);
	r->type = cause_lock_type(key->flags);
	r->caller = cause_caller(&stack);
	r->lock = name_of(key, r->caller, symbols);
	r->stack = stack_fold(&stack);
	map_sum(contentions, key, (uint64_t *)&r->value, NR_SUMS,
		sizeof(r->value) / sizeof(uint64_t));
}

static void write_record(const struct record *r, struct tables *tables)
{
	FILE *out = tables_record(tables, TABLE_CONTENTION);
	uint64_t total = r->value.total_ns, slept = r->value.slept_ns;

	fprintf(out, "%s\t", r->type);
	tsv_write_field(out, r->lock, '\t');
	tsv_write_field(out, r->caller, '\t');
	fprintf(out, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t",
		(uint64_t)r->value.count, total, (uint64_t)r->value.max_ns,
		total > slept ? total - slept : 0, slept);
	tsv_write_field(out, r->stack, '\n');
}

static uint64_t contention_read(struct probe *p, uint32_t phase, struct symbols *symbols,
				struct tables *tables)
{
	int contentions = probe_map(p, "contentions"), stacks = probe_map(p, "stacks");
	size_t nr;
	struct contention_key *keys = map_keys(contentions, sizeof(*keys), phase, &nr);
	struct record *records = xcalloc(nr + 1, sizeof(*records));
	uint64_t events = 0;

	for (size_t i = 0; i < nr; i++) {
		record_init(&records[i], &keys[i], contentions, stacks, symbols);
		events += records[i].value.count;
	}
	map_forget(contentions, sizeof(*keys), keys, nr);
	map_clear(stacks);
	nr = merge(records, nr);
	for (size_t i = 0; i < nr; i++) {
		write_record(&records[i], tables);
		record_release(&records[i]);
	}
	free(records);
	free(keys);
	return events;
}

static const struct probe_hook hooks[] = {
	{"contention_begin", "contention_begin", 2, NULL, "Linux 5.19 and later"},
	{"contention_end", "contention_end", 2, NULL, "Linux 5.19 and later"},
	{"contention_switch", "sched_switch", 0, NULL, "every Linux from 5.15 on"},
	{0},
};

const struct probe_ops contention_probe = {
	.name = "contention",
	.summary = "waits for the kernel's locks by type, name and call site",
	.elf = contention_bpf__elf_bytes,
	.hooks = hooks,
	.read = contention_read,
};
