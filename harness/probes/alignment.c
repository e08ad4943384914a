/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alignment: where VMAs, their locks and mms begin in cache lines and pairs of lines; alignment.tsv. */
#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/probes/maps.h"
#include "harness/probes/probe.h"
#include "harness/probes/alignment.skel.h"

static int by_place(const void *a, const void *b)
{
	const struct alignment_key *x = a, *y = b;
	int order = strncmp(x->cache, y->cache, sizeof(x->cache));

	return order ? order : (int)x->offset - (int)y->offset;
}

static uint64_t alignment_read(struct probe *p, uint32_t phase, struct symbols *symbols,
			       struct tables *tables)
{
	int objects = probe_map(p, "objects");
	size_t nr;
	struct alignment_key *keys = map_keys(objects, sizeof(*keys), phase, &nr);
	uint64_t events = 0;

	(void)symbols;
	if (nr)
		qsort(keys, nr, sizeof(*keys), by_place);
	for (size_t i = 0; i < nr; i++) {
		uint64_t count = 0;

		bpf_map_lookup_elem(objects, &keys[i], &count);
		fprintf(tables_record(tables, TABLE_ALIGNMENT), "%.*s\t%u\t%u\t%" PRIu64 "\n",
			(int)sizeof(keys[i].cache), keys[i].cache, keys[i].offset & 63,
			keys[i].offset, count);
		events += count;
	}
	map_forget(objects, sizeof(*keys), keys, nr);
	free(keys);
	return events;
}

static const struct probe_hook hooks[] = {
	{"alignment_alloc", "kmem_cache_alloc", 0, "kmem_cache", "Linux 6.1 and later"},
	{0},
};

const struct probe_ops alignment_probe = {
	.name = "alignment",
	.summary = "where vm_area_struct, vma_lock and mm_struct begin in their cache lines",
	.elf = alignment_bpf__elf_bytes,
	.hooks = hooks,
	.read = alignment_read,
};
