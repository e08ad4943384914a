/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmap_lock: waits for and holds of an mm's lock; mmap_lock.tsv. */
#include <inttypes.h>
#include <stdlib.h>

#include "harness/probes/maps.h"
#include "harness/probes/probe.h"
#include "harness/probes/mmap_lock.skel.h"

#define NR_SUMS 5 /* of struct mmap_lock_value */

static void write_record(const struct mmap_lock_key *key, const struct mmap_lock_value *v,
			 struct tables *tables)
{
	const uint64_t numbers[] = {v->count,	    v->failed,	    v->wait_ns, v->hold_ns,
				    v->max_wait_ns, v->max_hold_ns, v->in_fault};
	FILE *out = tables_record(tables, TABLE_MMAP_LOCK);

	fputs(key->side == MMAP_LOCK_WRITE ? "write" : "read", out);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		fprintf(out, "\t%" PRIu64, numbers[i]);
	fputc('\n', out);
}

/* Both sides get a record, also where nothing was counted: that is an answer. */
static uint64_t mmap_lock_read(struct probe *p, uint32_t phase, struct symbols *symbols,
			       struct tables *tables)
{
	int locks = probe_map(p, "locks");
	uint64_t events = 0;

	(void)symbols;
	for (unsigned side = 0; side < NR_MMAP_LOCK_SIDES; side++) {
		struct mmap_lock_key key = {phase, side};
		struct mmap_lock_value value;

		map_sum(locks, &key, (uint64_t *)&value, NR_SUMS, sizeof(value) / sizeof(uint64_t));
		write_record(&key, &value, tables);
		events += value.count + value.failed;
		map_forget(locks, sizeof(key), &key, 1);
	}
	return events;
}

static const struct probe_hook hooks[] = {
	{"mmap_lock_start", "mmap_lock_start_locking", 2, NULL, "Linux 5.15 and later"},
	{"mmap_lock_start_old", "mmap_lock_start_locking", 3, NULL, "Linux 5.15 and later"},
	{"mmap_lock_acquired", "mmap_lock_acquire_returned", 3, NULL, "Linux 5.15 and later"},
	{"mmap_lock_acquired_old", "mmap_lock_acquire_returned", 4, NULL, "Linux 5.15 and later"},
	{"mmap_lock_released", "mmap_lock_released", 2, NULL, "Linux 5.15 and later"},
	{"mmap_lock_released_old", "mmap_lock_released", 3, NULL, "Linux 5.15 and later"},
	{0},
};

const struct probe_ops mmap_lock_probe = {
	.name = "mmap_lock",
	.summary = "waits for and holds of mmap_lock, and how many page faults take it",
	.elf = mmap_lock_bpf__elf_bytes,
	.hooks = hooks,
	.read = mmap_lock_read,
};
