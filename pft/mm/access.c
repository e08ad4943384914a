/* SPDX-License-Identifier: GPL-2.0-or-later */
/* access: loads and stores of a program in an mm, byte by byte through its tables. The bytes are
 * copied under the PTE's lock: what a CPU reads through its TLB is safe until the flush; here
 * nobody can be flushed, so nobody may unmap meanwhile. */
#include <errno.h>
#include <string.h>

#include "pft/mm/mm_types.h"

/* Whether an access finds what it needs in the TLB or the tables. */
static bool permitted(uint64_t pte, bool write)
{
	return (pte & (PTE_PRESENT | PTE_NOACCESS)) == PTE_PRESENT && (!write || pte & PTE_WRITE);
}

/* Copy to or from the page of @address, if it is mapped for that. False: fault first. */
static bool try_copy(struct mm *mm, unsigned long address, void *data, size_t length, bool write)
{
	struct pte_pos pos;
	bool done = false;
	uint64_t pte;

	if (address >= PGTABLE_END)
		return false;
	rcu_read_lock();
	if (pgtable_walk(&mm->tables, address, &pos) && pte_pos_lock(&pos)) {
		pte = pte_get(pos.pte);
		if (permitted(pte, write)) {
			struct zone *zones = mm->family->zones;
			char *page = frame_address(zones, frame_of_pfn(zones, pte_frame(pte)));

			/* What the CPU does; it is asked for by rmap_referenced(). */
			if (!(pte & PTE_ACCESSED))
				pte_set(pos.pte, pte | PTE_ACCESSED);
			page += address % PAGE_SIZE;
			memcpy(write ? page : data, write ? data : page, length);
			done = true;
		}
		pte_pos_unlock(&pos);
	}
	rcu_read_unlock();
	return done;
}

static int access_bytes(struct mm *mm, unsigned long address, char *data, size_t length, bool write)
{
	while (length) {
		size_t part = PAGE_SIZE - address % PAGE_SIZE;
		int rc;

		part = part < length ? part : length;
		if (!try_copy(mm, address, data, part, write)) {
			rc = mm_fault(mm, address, write);
			if (rc)
				return rc;
			continue;
		}
		address += part;
		data += part;
		length -= part;
	}
	return 0;
}

int mm_read(struct mm *mm, unsigned long address, void *data, size_t length)
{
	return access_bytes(mm, address, data, length, false);
}

int mm_write(struct mm *mm, unsigned long address, const void *data, size_t length)
{
	return access_bytes(mm, address, (char *)(uintptr_t)data, length, true);
}

void *mm_page(struct mm *mm, unsigned long address)
{
	struct zone *zones = mm->family->zones;
	struct pte_pos pos;
	uint64_t pte = 0;

	if (address >= PGTABLE_END)
		return NULL;
	rcu_read_lock();
	if (pgtable_walk(&mm->tables, address, &pos))
		pte = pte_get(pos.pte);
	rcu_read_unlock();
	if (!(pte & PTE_PRESENT))
		return NULL;
	return frame_address(zones, frame_of_pfn(zones, pte_frame(pte)));
}
