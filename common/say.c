/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static const char *program = "faultscale";

void say_as(const char *name)
{
	program = name;
}

const char *say_name(void)
{
	return program;
}

int why_not(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why) {
		va_start(ap, fmt);
		vsnprintf(why->text, sizeof(why->text), fmt, ap);
		va_end(ap);
	}
	return -err;
}

int why_within(struct why *why, int err, const char *fmt, ...)
{
	struct why inner;
	size_t len;
	va_list ap;

	if (!why)
		return -err;
	inner = *why;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	len = strlen(why->text);
	snprintf(why->text + len, sizeof(why->text) - len, ": %s", inner.text);
	return -err;
}

/* The control characters of ASCII, and in UTF-8 those from U+0080 to U+009F, which some terminals obey. */
char *say_harmless(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		bool upper = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

		if (upper)
			c[1] = '?';
		if (upper || *c < ' ' || *c == 0x7f)
			*c = '?';
	}
	return text;
}

static void say(const char *kind, const char *fmt, va_list ap)
{
	char *text;

	fflush(stdout);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL; /* this may be about memory: better the format than nothing */
	fprintf(stderr, "%s: %s%s\n", program, kind, text ? say_harmless(text) : fmt);
	free(text);
}

void die(enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	exit(code);
}

void say_line(FILE *out, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	fprintf(out, "%s\n", say_harmless(text));
	free(text);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

void check_stdout(void)
{
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: BUG at %s:%d: ", program, file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
