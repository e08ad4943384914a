/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say: how the programs speak to people.
 *
 * Library code prints nothing: it returns 0 or -errno and, where a person has to mend something,
 * one line in a struct why. Only main.c and the subcommands' cmd_*.c turn that line into a message.
 * Messages are lower case, cause first, subject in single quotes, no full stop, then what to do.
 */
#ifndef COMMON_SAY_H
#define COMMON_SAY_H

#include <stdbool.h>
#include <stdio.h>

/* Exit codes of both programs; the verdicts of gate and ab start at 10. */
enum exit_code {
	EXIT_GOOD = 0,
	EXIT_FAILED = 1, /* verification, a child, I/O */
	EXIT_USAGE = 2, /* options or input that a person has to mend */
};

/* Why a call failed, in one line without a newline; empty when the call went well. */
struct why {
	char text[512];
};

#define WHY_INIT {""}

/* Format the reason into @why (may be NULL) and return -@err, so that it can end a function. */
int why_not(struct why *why, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put "@fmt: " in front of the reason that @why holds, e.g. a file name; returns -@err. */
int why_within(struct why *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The name that stands before each message: "pft", "faultscale compare"; kept, not copied. */
void say_as(const char *program);

/* The name given to say_as(). */
const char *say_name(void);

/* Turn what would steer a terminal or break a line, as texts out of files may hold, into '?'; returns
 * @text. die() and warn() do so. */
char *say_harmless(char *text);

/* Print a line of which parts come from files, made harmless, and a newline. */
void say_line(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "NAME: message" to stderr and leave with @code. */
_Noreturn void die(enum exit_code code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "NAME: warning: message" to stderr. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Flush stdout and leave with EXIT_FAILED if anything written to it was lost (a full disk, a closed
 * pipe); main() calls it before it returns 0. */
void check_stdout(void);

/* A broken invariant of our own: print where and abort. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
