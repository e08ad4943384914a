/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define KEY "step", "variant", "clients", "iteration"

#define SCHEMA(table, name, ...) [table] = {name, 1, (const char *const[]){KEY, __VA_ARGS__, NULL}}

const struct tsv_schema probe_schemas[NR_PROBE_TABLES] = {
	SCHEMA(TABLE_OFFCPU, "offcpu", "kind", "cause", "count", "total_ns", "max_ns", "open",
	       "kernel_stack", "user_stack", "wait"),
	SCHEMA(TABLE_WAITS, "waits", "kind", "cause", "log2_ns", "count"),
	SCHEMA(TABLE_CONTENTION, "contention", "type", "lock", "caller", "count", "total_ns",
	       "max_ns", "spun_ns", "slept_ns", "kernel_stack"),
	SCHEMA(TABLE_MMAP_LOCK, "mmap_lock", "side", "count", "failed", "wait_ns", "hold_ns",
	       "max_wait_ns", "max_hold_ns", "in_fault"),
	SCHEMA(TABLE_ALIGNMENT, "alignment", "cache", "mod64", "mod128", "count"),
	SCHEMA(TABLE_LATENCY, "latency", "log2_ns", "count"),
	SCHEMA(TABLE_PROBES, "probes", "probe", "status", "events", "lost", "runs", "ns"),
};

int tables_init(struct tables *t, const char *dir, struct why *why)
{
	*t = (struct tables){.key = xstrdup("")};
	for (size_t i = 0; i < NR_PROBE_TABLES; i++) {
		char *path = xasprintf("%s/%s.tsv", dir, probe_schemas[i].kind);
		int err = 0;

		t->files[i] = fopen(path, "we");
		if (!t->files[i])
			err = why_not(why, errno, "cannot write '%s': %s", path, strerror(errno));
		else
			tsv_write_head(t->files[i], &probe_schemas[i]);
		free(path);
		if (err)
			return err;
	}
	return 0;
}

FILE *tables_record(struct tables *t, enum probe_table table)
{
	fputs(t->key, t->files[table]);
	return t->files[table];
}

int tables_release(struct tables *t, struct why *why)
{
	int err = 0;

	for (size_t i = 0; i < NR_PROBE_TABLES; i++) {
		FILE *file = t->files[i];

		if (file && (ferror(file) | fclose(file)) && !err)
			err = why_not(why, EIO, "cannot write '%s.tsv' of the run: %s",
				      probe_schemas[i].kind, strerror(errno));
	}
	free(t->key);
	*t = (struct tables){0};
	return err;
}
