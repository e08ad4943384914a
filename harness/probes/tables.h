/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tables: the files that probes write into a run's directory (docs/format.md). */
#ifndef HARNESS_PROBES_TABLES_H
#define HARNESS_PROBES_TABLES_H

#include <stdio.h>

#include "common/say.h"
#include "common/tsv.h"

enum probe_table {
	TABLE_OFFCPU,
	TABLE_WAITS,
	TABLE_CONTENTION,
	TABLE_MMAP_LOCK,
	TABLE_ALIGNMENT,
	TABLE_LATENCY,
	TABLE_PROBES,
	NR_PROBE_TABLES,
};

/* The schema of each; its file is KIND.tsv. The first four columns are those of samples.tsv. */
extern const struct tsv_schema probe_schemas[NR_PROBE_TABLES];

/* The files of one run, and the four columns that begin each record now. */
struct tables {
	FILE *files[NR_PROBE_TABLES];
	char *key; /* with a tab behind it */
};

/* Make the files in @dir anew, with their heads. Returns 0, or -errno with the reason in @why. */
int tables_init(struct tables *tables, const char *dir, struct why *why);

/* Begin a record: the key columns. The caller writes the rest of the line into the stream returned. */
FILE *tables_record(struct tables *tables, enum probe_table table);

/* Flush and close the files. Returns 0, or -errno with the reason if anything was lost. */
int tables_release(struct tables *tables, struct why *why);

#endif
