/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map: mappings as the settings ask for, cut into slices for the workers. For setup() and
 * thread_setup(). */
#ifndef PFT_MAP_H
#define PFT_MAP_H

#include "pft/run.h"

/* Bytes of a transparent huge page (of a PMD); 2 MiB where the kernel does not tell. */
size_t map_huge_page(const struct run *run);

/* What map_new() aligns to: a fault of this workload, or a huge page if settings->pagesize allows them. */
size_t map_alignment(const struct run *run);

/*
 * Map @length bytes with @flags (MAP_PRIVATE|MAP_ANONYMOUS, ...) of @fd (or -1), start aligned to
 * map_alignment(), and advise it as settings->pagesize says. Nothing is populated. Returns 0 with the
 * address in @start, or -errno with the reason in @why.
 */
int map_new(const struct run *run, size_t length, int flags, int fd, char **start, struct why *why);

/* Apply settings->pagesize to a mapping. Returns 0, or -errno with the reason in @why. */
int map_advise(const struct run *run, char *start, size_t length, struct why *why);

/* Give worker i the i-th slice of units_per_worker units of the memory at @start. */
void map_slice(struct run *run, char *start);

/* Bytes of one slice, and of all slices together. */
size_t map_slice_bytes(const struct run *run);
size_t map_total_bytes(const struct run *run);

/* Unmap; @start may be NULL. */
void map_free(char *start, size_t length);

/* setup() and teardown() of workloads with one mapping: map_new() of all slices, kept in run->private
 * and cut up. Returns as map_new(). */
int map_setup(struct run *run, int flags, int fd, struct why *why);
void map_teardown(struct run *run);

#endif
