/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expr: the shell's integer arithmetic, as inside $((...)), in 64 signed bits with C's precedence:
 * ?: || && | ^ & == != < <= > >= << >> + - * / % ! ~ - + ( ). What the shell lets pass is an error
 * here: overflow, division by zero, a shift by less than 0 or more than 63, an unset name, and
 * anything that assigns. Operands that && || ?: skip are parsed, but cannot fail.
 */
#ifndef HARNESS_EXPR_H
#define HARNESS_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "common/say.h"

/* How names get their values. */
struct expr_names {
	/* The text of @name[@len], which must be a whole number, or NULL if it is not set. */
	const char *(*find)(void *arg, const char *name, size_t len);
	void *arg;
};

/* Evaluate @text[@len]. Returns 0, or -EINVAL with the reason in @why (without file and line). */
int expr_eval(const char *text, size_t len, const struct expr_names *names, int64_t *result,
	      struct why *why);

#endif
