/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load: a compressed page comes back, or is of no use any more (zswap_load(), zswap_invalidate()). */
#include <errno.h>

#include "pft/zswap/zswap_types.h"

int zswap_load(struct zswap *zswap, uint64_t slot, void *page)
{
	struct zswap_entry *entry = slot_table_load(&zswap->table, slot);
	int rc;

	if (!entry)
		return -ENOENT;
	rc = zswap_decompress(zswap, entry, page);
	if (rc)
		return rc; /* the entry stays: its copy is the only one, be it as it may */
	zswap_entry_count(zswap, entry, ZSWAP_ZSWPIN, MEMCG_ZSWPIN);
	/* The slot is the caller's and its frame is authoritative: nobody else erases (B14). */
	if (slot_table_erase(&zswap->table, slot) != entry)
		BUG("slot %llu changed while its owner loaded it", (unsigned long long)slot);
	zswap_entry_free(zswap, entry);
	return 0;
}

bool zswap_present(struct zswap *zswap, uint64_t slot)
{
	return slot_table_load(&zswap->table, slot);
}

void zswap_invalidate(struct zswap *zswap, uint64_t slot)
{
	struct zswap_entry *entry = slot_table_erase(&zswap->table, slot);

	if (entry)
		zswap_entry_free(zswap, entry);
}
