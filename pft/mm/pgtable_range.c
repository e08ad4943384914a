/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pgtable_range: one PTE page after the other, each under its lock. */
#include "pft/mm/pgtable_range.h"

/* The first address behind what an entry of 1 << @shift bytes covers around @address. */
static unsigned long behind(unsigned long address, unsigned shift)
{
	return (address | ((1UL << shift) - 1)) + 1;
}

/* The part of a range that lies in one PTE page: [at, stop) of [.., end). */
struct span {
	unsigned long at, stop, end;
	struct pte_pos pos; /* of at */
};

/* Move span->at on to the first PTE page that exists at or above it; false at the end. */
static bool span_find(const struct pgtable *tables, struct span *span)
{
	while (span->at < span->end) {
		uint64_t *entry = pgtable_entry(tables->pgd, span->at, PGD_SHIFT);
		uint64_t value = arch_load_acquire(entry);

		if (!value) {
			span->at = behind(span->at, PGD_SHIFT);
			continue;
		}
		value = arch_load_acquire(pgtable_entry(pgtable_table(value), span->at, PUD_SHIFT));
		if (!value) {
			span->at = behind(span->at, PUD_SHIFT);
			continue;
		}
		span->stop = behind(span->at, PMD_SHIFT);
		span->pos.pmd = pgtable_entry(pgtable_table(value), span->at, PMD_SHIFT);
		if (pte_pos_below(&span->pos, span->at)) {
			span->stop = span->stop < span->end ? span->stop : span->end;
			return true;
		}
		span->at = span->stop;
	}
	return false;
}

/* Find the next PTE page and take its lock. */
static bool span_lock(const struct pgtable *tables, struct span *span)
{
	while (span_find(tables, span)) {
		if (pte_pos_lock(&span->pos))
			return true;
	}
	return false;
}

/* Drop the lock and go on behind the page. */
static void span_unlock(struct span *span)
{
	pte_pos_unlock(&span->pos);
	span->at = span->stop;
}

void pgtable_zap(struct pgtable *tables, unsigned long start, unsigned long end,
		 struct pgtable_visit *visit)
{
	struct span span = {.at = start, .end = end};

	while (span_lock(tables, &span)) {
		uint64_t *pte = span.pos.pte;
		unsigned long at;

		for (at = span.at; at < span.stop; at += PAGE_SIZE, pte++) {
			if (arch_read_once(pte))
				visit->entry(visit, at, pte_get_and_clear(pte));
		}
		span_unlock(&span);
		if (visit->unlocked)
			visit->unlocked(visit);
	}
}

void pgtable_look(struct pgtable *tables, unsigned long start, unsigned long end,
		  struct pgtable_visit *visit)
{
	struct span span = {.at = start, .end = end};

	while (span_lock(tables, &span)) {
		uint64_t *pte = span.pos.pte;
		unsigned long at;

		for (at = span.at; at < span.stop; at += PAGE_SIZE, pte++) {
			uint64_t value = arch_read_once(pte);

			if (value)
				visit->entry(visit, at, value);
		}
		span_unlock(&span);
		if (visit->unlocked)
			visit->unlocked(visit);
	}
}

unsigned long pgtable_protect(struct pgtable *tables, unsigned long start, unsigned long end,
			      uint64_t set, uint64_t clear)
{
	struct span span = {.at = start, .end = end};
	unsigned long changed = 0;

	while (span_lock(tables, &span)) {
		uint64_t *pte = span.pos.pte;
		unsigned long at;

		for (at = span.at; at < span.stop; at += PAGE_SIZE, pte++) {
			uint64_t old = arch_read_once(pte), value = (old & ~clear) | set;

			if (!(old & PTE_PRESENT) || old == value)
				continue;
			arch_write_once(pte, value);
			changed++;
		}
		span_unlock(&span);
	}
	return changed;
}

/* copy_present_pte(): what the child gets for *@pte; the parent loses the right to write as well.
 */
static uint64_t share(uint64_t *pte, bool cow)
{
	uint64_t value = arch_read_once(pte);

	if (!(value & PTE_PRESENT))
		return value;
	if (cow && (value & PTE_WRITE)) {
		value &= ~PTE_WRITE;
		arch_write_once(pte, value);
	}
	return value & ~PTE_ACCESSED;
}

/* Copy the entries of one pair of PTE pages, both locked. */
static int copy_entries(uint64_t *to, const struct span *from, bool cow,
			struct pgtable_visit *visit)
{
	uint64_t *pte = from->pos.pte;
	unsigned long at;
	int rc;

	for (at = from->at; at < from->stop; at += PAGE_SIZE, pte++, to++) {
		uint64_t value = share(pte, cow);

		if (!value)
			continue;
		rc = visit->entry(visit, at, value);
		if (rc)
			return rc;
		pte_set(to, value);
	}
	return 0;
}

int pgtable_copy(struct pgtable *to, struct pgtable *from, unsigned long start, unsigned long end,
		 bool cow, struct pgtable_visit *visit)
{
	struct span span = {.at = start, .end = end};
	struct pte_pos pos;
	int rc = 0;

	while (!rc && span_find(from, &span)) {
		rc = pgtable_alloc(to, span.at, &pos);
		if (rc)
			return rc;
		if (!pte_pos_lock(&pos))
			continue;
		if (pte_pos_lock(&span.pos)) {
			rc = copy_entries(pos.pte, &span, cow, visit);
			span_unlock(&span);
		}
		pte_pos_unlock(&pos);
		if (visit->unlocked)
			visit->unlocked(visit);
	}
	return rc;
}
