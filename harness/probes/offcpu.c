/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offcpu: why and for how long threads were not on a CPU; offcpu.tsv and waits.tsv. */
#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "harness/probes/cause.h"
#include "harness/probes/maps.h"
#include "harness/probes/probe.h"
#include "harness/probes/offcpu.skel.h"

static const char *const kind_names[NR_OFF_KINDS] = {
	[OFF_BLOCKED] = "blocked",
	[OFF_RUNQUEUE] = "runqueue",
	[OFF_SLEEP] = "sleep",
};

/* A record of offcpu.tsv; stacks that differ in their addresses only have become one. */
struct record {
	uint32_t kind;
	enum cause cause;
	char *kernel, *user, *wait;
	struct offcpu_value value;
};

static int same_stacks(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = strcmp(x->kernel, y->kernel);

	if (!order)
		order = strcmp(x->user, y->user);
	return order ? order : (int)x->kind - (int)y->kind;
}

static int longest_first(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->value.total_ns != y->value.total_ns)
		return x->value.total_ns > y->value.total_ns ? -1 : 1;
	return same_stacks(a, b);
}

static void add_value(struct offcpu_value *to, const struct offcpu_value *from)
{
	to->count += from->count;
	to->total_ns += from->total_ns;
	to->open += from->open;
	if (from->max_ns > to->max_ns)
		to->max_ns = from->max_ns;
	for (size_t i = 0; i < WAIT_SLOTS; i++)
		to->slots[i] += from->slots[i];
}

static void record_release(struct record *r)
{
	free(r->kernel);
	free(r->user);
	free(r->wait);
}

/* Returns how many records are left. */
static size_t merge(struct record *records, size_t nr)
{
	size_t kept = 0;

	if (nr)
		qsort(records, nr, sizeof(*records), same_stacks);
	for (size_t i = 0; i < nr; i++) {
		if (kept && !same_stacks(&records[kept - 1], &records[i])) {
			add_value(&records[kept - 1].value, &records[i].value);
			record_release(&records[i]);
		} else {
			records[kept++] = records[i];
		}
	}
	if (kept)
		qsort(records, kept, sizeof(*records), longest_first);
	return kept;
}

static void record_init(struct record *r, const struct offcpu_key *key, int waits, int stacks,
			const struct symbols *symbols)
{
	struct stack_names kernel, user;

	stack_kernel(&kernel, stacks, key->kernel_stack, symbols);
	stack_user(&user, stacks, key->user_stack, symbols);
	*r = (struct record){.kind = key->kind,
			     .cause = cause_of(&kernel),
			     .kernel = stack_fold(&kernel),
			     .user = stack_fold(&user),
			     .wait = cause_engine_wait(&user)};
	bpf_map_lookup_elem(waits, key, &r->value);
}

static void write_record(const struct record *r, struct tables *tables)
{
	FILE *out = tables_record(tables, TABLE_OFFCPU);
	const struct offcpu_value *v = &r->value;

	fprintf(out, "%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t",
		kind_names[r->kind], cause_names[r->cause], (uint64_t)v->count,
		(uint64_t)v->total_ns, (uint64_t)v->max_ns, (uint64_t)v->open);
	tsv_write_field(out, r->kernel, '\t');
	tsv_write_field(out, r->user, '\t');
	tsv_write_field(out, r->wait, '\n');
}

/* The histograms, of all stacks of one kind and cause together. */
static void write_waits(const struct record *records, size_t nr, struct tables *tables)
{
	for (unsigned kind = 0; kind < NR_OFF_KINDS; kind++)
		for (unsigned cause = 0; cause < NR_CAUSES; cause++)
			for (unsigned slot = 0; slot < WAIT_SLOTS; slot++) {
				uint64_t count = 0;

				for (size_t i = 0; i < nr; i++)
					if (records[i].kind == kind && records[i].cause == cause)
						count += records[i].value.slots[slot];
				if (count)
					fprintf(tables_record(tables, TABLE_WAITS),
						"%s\t%s\t%u\t%" PRIu64 "\n", kind_names[kind],
						cause_names[cause], slot, count);
			}
}

static uint64_t offcpu_read(struct probe *p, uint32_t phase, struct symbols *symbols,
			    struct tables *tables)
{
	int waits = probe_map(p, "waits"), stacks = probe_map(p, "stacks");
	size_t nr;
	struct offcpu_key *keys = map_keys(waits, sizeof(*keys), phase, &nr);
	struct record *records = xcalloc(nr + 1, sizeof(*records));
	uint64_t events = 0;

	for (size_t i = 0; i < nr; i++) {
		record_init(&records[i], &keys[i], waits, stacks, symbols);
		events += records[i].value.count;
	}
	map_forget(waits, sizeof(*keys), keys, nr);
	map_clear(stacks);
	nr = merge(records, nr);
	for (size_t i = 0; i < nr; i++)
		write_record(&records[i], tables);
	write_waits(records, nr, tables);
	for (size_t i = 0; i < nr; i++)
		record_release(&records[i]);
	free(records);
	free(keys);
	return events;
}

static const struct probe_hook hooks[] = {
	{"offcpu_switch", "sched_switch", 4, NULL, "every Linux from 5.15 on"},
	{"offcpu_switch_old", "sched_switch", 3, NULL, "every Linux from 5.15 on"},
	{"offcpu_wakeup", "sched_wakeup", 1, NULL, "every Linux from 5.15 on"},
	{0},
};

const struct probe_ops offcpu_probe = {
	.name = "offcpu",
	.summary = "time off the CPU by stack and cause, and its histogram",
	.elf = offcpu_bpf__elf_bytes,
	.hooks = hooks,
	.read = offcpu_read,
};
