/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash: numbers that stand for texts, the same on every machine (FNV-1a: Fowler, Noll, Vo). */
#ifndef ANALYSIS_HASH_H
#define ANALYSIS_HASH_H

#include <stddef.h>
#include <stdint.h>

/* What the first hash_add() goes on from. */
#define HASH_START 0xcbf29ce484222325

/* The hash of what @hash is of, and of @data[@len] behind it. */
uint64_t hash_add(uint64_t hash, const char *data, size_t len);

#endif
