/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/list.h"

#include <errno.h>
#include <string.h>

#include "common/machine_model.h"
#include "common/pin_plan.h"
#include "pft/compress/compress.h"
#include "pft/counters/counter.h"
#include "pft/locks/design.h"
#include "pft/workload.h"
#include "pft/zswap/policy.h"
#include "pft/zswap/zpool.h"

static void list_workloads(FILE *out)
{
	for (unsigned i = 0; i < nr_workloads; i++) {
		const struct workload *w = workloads[i];
		struct why why = WHY_INIT;

		fprintf(out, "  %-18s %s\n", w->name, w->summary);
		if (workload_available(w, &why))
			fprintf(out, "  %-18s unavailable: %s\n", "", why.text);
		for (const struct workload_param *p = w->params; p && p->name; p++)
			fprintf(out, "  %-18s --param %s=%s  %s\n", "", p->name, p->value,
				p->summary);
	}
}

static void list_pins(FILE *out)
{
	for (unsigned i = 0; i < nr_pin_kinds; i++)
		fprintf(out, "  %-18s %s\n", pin_kind_names[i].name, pin_kind_names[i].summary);
}

static void list_mems(FILE *out)
{
	for (unsigned i = 0; i < nr_mem_kinds; i++) {
		struct mem_policy policy = {.kind = i};
		struct why why = WHY_INIT;

		fprintf(out, "  %-18s %s\n", mem_kind_names[i].name, mem_kind_names[i].summary);
		if (mem_policy_check(&policy, &why))
			fprintf(out, "  %-18s unavailable: %s\n", "", why.text);
	}
}

static void list_locks(FILE *out)
{
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		const struct lock_design *d = lock_designs[i];

		fprintf(out, "  %-24s %s\n", d->name, d->summary);
		if (d->unavailable)
			fprintf(out, "  %-24s unavailable: %s\n", "", d->unavailable);
	}
}

static void list_codecs(FILE *out)
{
	for (unsigned i = 0; i < nr_compressors; i++) {
		const struct compressor *c = compressors[i];

		fprintf(out, "  %-18s %s", c->name, c->summary);
		if (c->level_max)
			fprintf(out, "; levels %d to %d, default %d", c->level_min, c->level_max,
				c->level_default);
		fprintf(out, "\n");
		if (c->unavailable)
			fprintf(out, "  %-18s unavailable: %s\n", "", c->unavailable);
	}
}

static void list_counters(FILE *out)
{
	for (unsigned i = 0; i < nr_counters; i++) {
		const struct counter *c = counters[i];

		fprintf(out, "  %-18s %s\n", c->name, c->summary);
		if (c->needs)
			fprintf(out, "  %-18s needs %s\n", "", c->needs);
		if (c->unavailable)
			fprintf(out, "  %-18s unavailable: %s\n", "", c->unavailable);
	}
}

static void list_policies(FILE *out)
{
	for (unsigned i = 0; i < nr_zswap_policies; i++)
		fprintf(out, "  %-24s %s\n", zswap_policies[i]->name, zswap_policies[i]->summary);
}

static void list_pools(FILE *out)
{
	for (unsigned i = 0; i < nr_zpools; i++)
		fprintf(out, "  %-18s %s\n", zpools[i]->name, zpools[i]->summary);
}

static const struct {
	const char *kind;
	void (*print)(FILE *out);
} lists[] = {
	{"workloads", list_workloads},
	{"pins", list_pins},
	{"mems", list_mems},
	{"locks", list_locks},
	{"codecs", list_codecs},
	{"policies", list_policies},
	{"pools", list_pools},
	{"counters", list_counters},
	{"machine-keys", machine_list_keys},
};

int list_print(FILE *out, const char *kind, struct why *why)
{
	bool found = false;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (kind && strcmp(kind, lists[i].kind))
			continue;
		fprintf(out, "%s%s:\n", found ? "\n" : "", lists[i].kind);
		lists[i].print(out);
		found = true;
	}
	if (!found)
		return why_not(why, EINVAL, "nothing to list, with '%s'; %s", kind,
			       "use workloads, pins, mems, locks, codecs, policies, pools, "
			       "counters or machine-keys");
	return 0;
}

int list_layout(FILE *out, const char *design, struct why *why)
{
	const struct lock_design *one = design ? lock_design_find(design) : NULL;

	if (design && !one)
		return why_not(why, EINVAL,
			       "no such lock design, with '%s'; 'pft --list locks' names them",
			       design);
	for (unsigned i = 0; i < nr_lock_designs; i++)
		if (!one || one == lock_designs[i])
			layout_print(out, lock_designs[i]);
	return 0;
}
