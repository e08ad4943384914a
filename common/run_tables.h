/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run_tables: the tables that make a run (docs/format.md), as who writes and who reads them share them,
 * and what a run may be called. meta.tsv has meta.h. */
#ifndef COMMON_RUN_TABLES_H
#define COMMON_RUN_TABLES_H

#include "common/say.h"
#include "common/tsv.h"

/* The columns of samples.tsv, by number. */
enum sample_column {
	SAMPLE_STEP,
	SAMPLE_VARIANT,
	SAMPLE_CLIENTS,
	SAMPLE_ITERATION,
	SAMPLE_METRIC,
	SAMPLE_THREAD,
	SAMPLE_UNIT,
	SAMPLE_VALUE,
	SAMPLE_STATUS,
	NR_SAMPLE_COLUMNS,
};
extern const struct tsv_schema samples_schema;

/* The columns of plan.tsv, by number. */
enum plan_column {
	PLAN_STEP,
	PLAN_VARIANT,
	PLAN_WORKLOAD,
	PLAN_PIN,
	PLAN_MEM,
	PLAN_PAGESIZE,
	PLAN_MODE,
	PLAN_CLIENTS,
	PLAN_ITERATION,
	PLAN_BYTES,
	PLAN_CPUS,
	PLAN_NODES,
	PLAN_EXTRA,
	NR_PLAN_COLUMNS,
};
extern const struct tsv_schema plan_schema;

/* 0 if @name can name a run: letters, digits, '.', '_', '-', not first '.' or '-'; else -EINVAL. */
int run_name_check(const char *name, struct why *why);

#endif
