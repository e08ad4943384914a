/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/map.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

size_t map_huge_page(const struct run *run)
{
	FILE *in = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
	size_t bytes = 0;

	if (in) {
		if (fscanf(in, "%zu", &bytes) != 1)
			bytes = 0;
		fclose(in);
	}
	return bytes >= run->page_size ? bytes : 2 << 20;
}

/* Kernels from 6.7 on align large anonymous mappings to huge pages by themselves; older ones must not
 * lose against them for that. */
size_t map_alignment(const struct run *run)
{
	size_t huge;

	if (run->settings->pagesize == PAGESIZE_BASE)
		return run->unit;
	huge = map_huge_page(run);
	return huge > run->unit ? huge : run->unit;
}

int map_advise(const struct run *run, char *start, size_t length, struct why *why)
{
	int advice = run->settings->pagesize == PAGESIZE_BASE ? MADV_NOHUGEPAGE : MADV_HUGEPAGE;

	if (run->settings->pagesize == PAGESIZE_DEFAULT || !madvise(start, length, advice))
		return 0;
	/* A kernel without transparent huge pages knows neither; then all pages are base pages. */
	if (errno == EINVAL && advice == MADV_NOHUGEPAGE)
		return 0;
	return why_not(why, errno, "cannot advise the mapping about huge pages: %s",
		       strerror(errno));
}

/* The kernel aligns to the base page only: map more, and give back what is before and behind. */
int map_new(const struct run *run, size_t length, int flags, int fd, char **start, struct why *why)
{
	size_t align = map_alignment(run);
	size_t slack = flags & MAP_HUGETLB ? 0 : align - run->page_size;
	char *base, *aligned;
	int err;

	base = mmap(NULL, length + slack, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (base == MAP_FAILED)
		return why_not(why, errno, "cannot map %zu bytes: %s", length + slack,
			       strerror(errno));
	aligned = (char *)(((uintptr_t)base + slack) / align * align);
	if (aligned > base)
		munmap(base, aligned - base);
	if (aligned < base + slack)
		munmap(aligned + length, base + slack - aligned);
	err = flags & MAP_HUGETLB ? 0 : map_advise(run, aligned, length, why);
	if (err) {
		munmap(aligned, length);
		return err;
	}
	*start = aligned;
	return 0;
}

size_t map_slice_bytes(const struct run *run)
{
	return run->units_per_worker * run->unit;
}

size_t map_total_bytes(const struct run *run)
{
	return map_slice_bytes(run) * run->settings->nr_workers;
}

void map_slice(struct run *run, char *start)
{
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		run->workers[i].start = start + i * map_slice_bytes(run);
		run->workers[i].length = map_slice_bytes(run);
	}
}

void map_free(char *start, size_t length)
{
	if (start)
		munmap(start, length);
}

int map_setup(struct run *run, int flags, int fd, struct why *why)
{
	char *start;
	int err = map_new(run, map_total_bytes(run), flags, fd, &start, why);

	if (err)
		return err;
	run->private = start;
	map_slice(run, start);
	return 0;
}

void map_teardown(struct run *run)
{
	map_free(run->private, map_total_bytes(run));
}
