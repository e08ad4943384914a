/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/run_facts.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/child.h"
#include "version.h"

static const char *const order_names[] = {
	[ORDER_SEQUENTIAL] = "sequential",
	[ORDER_INTERLEAVED] = "interleaved",
	[ORDER_RANDOM] = "random",
};

void run_facts_command(struct meta *meta, const char *name, int argc, char *const argv[])
{
	char *text = xstrdup(argv[0]);

	for (int i = 1; i < argc; i++) {
		char *more = xasprintf("%s %s", text, argv[i]);

		free(text);
		text = more;
	}
	meta_add(meta, "name", "%s", name);
	meta_add(meta, "command", "%s", text);
	free(text);
}

void run_facts_config(struct meta *meta, const struct config *config, char *const sets[],
		      size_t nr_sets, const struct plan *plan)
{
	meta_add(meta, "config", "%s", config->path ? config->path : "");
	meta_add(meta, "config_text", "%s", config->text ? config->text : "");
	for (size_t i = 0; i < nr_sets; i++)
		meta_add(meta, "set", "%s", sets[i]);
	meta_add(meta, "order", "%s", order_names[plan->order]);
	meta_add(meta, "seed", "%llu", (unsigned long long)plan->seed);
	meta_add(meta, "iterations", "%u", plan->iterations);
	meta_add(meta, "warmup", "%u", plan->warmup);
	meta_add(meta, "timeout_s", "%u", plan->timeout_s);
}

static int setting(const struct meta *meta, const char *key, unsigned *value, struct why *why)
{
	const char *text = meta_get(meta, key);
	uint64_t number;

	if (!text)
		return why_not(why, EINVAL, "meta.tsv has no '%s'", key);
	if (number_parse(text, 0, UINT32_MAX, &number, why))
		return why_within(why, EINVAL, "meta.tsv, %s", key);
	*value = (unsigned)number;
	return 0;
}

int run_facts_settings(const struct meta *meta, struct plan *plan, struct why *why)
{
	int err = setting(meta, "warmup", &plan->warmup, why);

	return err ? err : setting(meta, "timeout_s", &plan->timeout_s, why);
}

static void add_pft_version(struct meta *meta, const char *pft, struct stop *stop)
{
	char *path = xstrdup(pft), option[] = "--version";
	char *argv[] = {path, option, NULL};
	struct child_result child;
	struct why why = WHY_INIT;

	if (child_run(argv, 10, stop, &child, &why) || child_verdict(&child, 10, &why))
		meta_absent(meta, "version_pft", "%s", why.text);
	else
		meta_add(meta, "version_pft", "%.*s", (int)strcspn(child.out.data, "\n"),
			 child.out.data);
	child_result_release(&child);
	free(path);
}

void run_facts_versions(struct meta *meta, const char *pft, struct stop *stop)
{
	unsigned hwloc = hwloc_get_api_version();

	meta_add(meta, "version_faultscale", "%s", FAULTSCALE_VERSION);
	add_pft_version(meta, pft, stop);
	meta_add(meta, "version_hwloc", "%u.%u.%u", hwloc >> 16, hwloc >> 8 & 0xff, hwloc & 0xff);
	meta_add(meta, "version_libc", "glibc %s", gnu_get_libc_version());
	meta_add(meta, "version_compiler", "%s", __VERSION__);
	meta_add(meta, "pft", "%s", pft);
}

void run_facts_topology(struct meta *meta, const struct topology *t)
{
	meta_add(meta, "topology", "%s", t->text);
	meta_add(meta, "cpus", "packages %u, nodes %u, cores %u, CPUs %u", t->nr_packages,
		 t->nr_nodes, t->nr_cores, t->nr_cpus);
}

char *run_facts_now(void)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return xstrdup(text);
}

void run_facts_time(struct meta *meta, const char *key)
{
	char *now = run_facts_now();

	meta_add(meta, key, "%s", now);
	free(now);
}
