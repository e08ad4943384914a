/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/run_tables.h"

#include <errno.h>
#include <string.h>

static const char *const sample_columns[NR_SAMPLE_COLUMNS + 1] = {
	[SAMPLE_STEP] = "step",	      [SAMPLE_VARIANT] = "variant",
	[SAMPLE_CLIENTS] = "clients", [SAMPLE_ITERATION] = "iteration",
	[SAMPLE_METRIC] = "metric",   [SAMPLE_THREAD] = "thread",
	[SAMPLE_UNIT] = "unit",	      [SAMPLE_VALUE] = "value",
	[SAMPLE_STATUS] = "status",
};
const struct tsv_schema samples_schema = {"samples", 1, sample_columns};

static const char *const plan_columns[NR_PLAN_COLUMNS + 1] = {
	[PLAN_STEP] = "step",	  [PLAN_VARIANT] = "variant",	[PLAN_WORKLOAD] = "workload",
	[PLAN_PIN] = "pin",	  [PLAN_MEM] = "mem",		[PLAN_PAGESIZE] = "pagesize",
	[PLAN_MODE] = "mode",	  [PLAN_CLIENTS] = "clients",	[PLAN_ITERATION] = "iteration",
	[PLAN_BYTES] = "bytes",	  [PLAN_CPUS] = "cpus",		[PLAN_NODES] = "nodes",
	[PLAN_EXTRA] = "extra",
};
const struct tsv_schema plan_schema = {"plan", 1, plan_columns};

int run_name_check(const char *name, struct why *why)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	if (!*name || *name == '.' || *name == '-' || name[strspn(name, allowed)])
		return why_not(why, EINVAL,
			       "'%s' cannot name a run: use letters, digits, '.', '_' and '-', and "
			       "begin with neither '.' nor '-'",
			       name);
	return 0;
}
