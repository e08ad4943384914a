/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compiler: the few words that every file of the engine uses about layout and likelihood. */
#ifndef PFT_BASE_COMPILER_H
#define PFT_BASE_COMPILER_H

#include <stddef.h>

/* Which way a branch of a hot path nearly always goes. */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* The struct of @type whose @member @ptr points to. */
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* @n rounded up or down to a multiple of @to, a power of two. */
#define round_up_to(n, to) (((n) + (to) - 1) & ~((__typeof__(n))(to) - 1))
#define round_down_to(n, to) ((n) & ~((__typeof__(n))(to) - 1))

/* OPTIMIZER_HIDE_VAR(): the compiler forgets what it knows of the value of @var. */
#define hide_value(var) __asm__("" : "+r"(var))

#endif
