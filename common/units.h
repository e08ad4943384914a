/* SPDX-License-Identifier: GPL-2.0-or-later */
/* units: sizes, counts, CPU lists and times, as people type and read them. */
#ifndef COMMON_UNITS_H
#define COMMON_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/say.h"

/*
 * Parse a size in bytes: a number in C notation (decimal, 0x, 0) and at most one suffix K, M, G, T
 * (powers of 1024, either case, optionally followed by B or iB) or P (pages of @page_size bytes).
 * Returns 0, or -EINVAL / -ERANGE with the reason in @why.
 */
int size_parse(const char *text, size_t page_size, uint64_t *bytes, struct why *why);

/* Parse a whole decimal number in @min..@max. Returns 0, or -EINVAL / -ERANGE with the reason. */
int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct why *why);

/* A list of CPU or node numbers in the order in which it was given. */
struct id_list {
	unsigned *ids;
	size_t nr;
};

/* Parse the kernel's list form "0-3,8,10-12" (numbers up to 65535, any order, repeats kept). Empty
 * is -EINVAL. Returns 0 or -EINVAL with the reason in @why; the caller releases the list. */
int id_list_parse(const char *text, struct id_list *list, struct why *why);

/* The list as text, runs folded ("0-3,8"), in memory that the caller frees. */
char *id_list_format(const unsigned *ids, size_t nr);

/* Free what the list holds and empty it. */
void id_list_release(struct id_list *list);

/* "512 MiB", "1.5 GiB": at most two digits after the point. Returns @buf. */
const char *size_format(char *buf, size_t len, uint64_t bytes);

/* "4.2 s", "3 min 20 s", "2 h 05 min". Returns @buf. */
const char *duration_format(char *buf, size_t len, double seconds);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);

#endif
