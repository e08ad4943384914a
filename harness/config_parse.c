/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The syntax of a config: that part of the shell's which assigns and computes.
 *
 *	line   := ["export"] { NAME "=" value | NAME } ["#" comment]
 *	value  := { '...' | "..." | \c | $NAME | ${NAME} | $((...)) | any other character }
 *
 * As in the shell, $NAME inside $((...)) is replaced as text before the arithmetic is read.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "harness/config.h"
#include "harness/expr.h"

/* Values that double in each line, and $(( in $(( in ..., end here. */
#define MAX_VALUE 8192
#define MAX_DEPTH 16
#define MAX_FILE  (1 << 20)

struct text {
	char *s;
	size_t nr, cap;
};

struct parser {
	struct config *config;
	enum config_origin origin;
	const char *p, *end;
	unsigned line;
	unsigned depth;
	struct why *why;
};

static int text_add(struct parser *parser, struct text *text, const char *s, size_t len)
{
	if (text->nr + len > MAX_VALUE)
		return why_not(parser->why, EINVAL, "a value of more than %d bytes", MAX_VALUE);
	for (size_t i = 0; i < len; i++) {
		XGROW(text->s, text->nr, text->cap);
		text->s[text->nr++] = s[i];
	}
	return 0;
}

/* The text as a string, which the caller frees. */
static char *text_take(struct text *text)
{
	XGROW(text->s, text->nr, text->cap);
	text->s[text->nr] = '\0';
	return text->s;
}

/* The character @ahead of the next one, 0 at the end. */
static char peek(const struct parser *parser, size_t ahead)
{
	return (size_t)(parser->end - parser->p) > ahead ? parser->p[ahead] : '\0';
}

static char next(struct parser *parser)
{
	char c = *parser->p++;

	if (c == '\n')
		parser->line++;
	return c;
}

static size_t name_length(const struct parser *parser)
{
	size_t len = 0;

	if (isdigit((unsigned char)peek(parser, 0)))
		return 0;
	while (isalnum((unsigned char)peek(parser, len)) || peek(parser, len) == '_')
		len++;
	return len;
}

/* The value of a name, which counts as used from now on; NULL if it is not set. */
static const char *find_value(void *arg, const char *name, size_t len)
{
	struct parser *parser = arg;
	char *copy = xstrndup(name, len);
	struct config_variable *variable = config_find(parser->config, copy);

	free(copy);
	if (!variable)
		return NULL;
	variable->used = true;
	return variable->value;
}

static int no_execution(struct parser *parser, const char *what, int len)
{
	return why_not(parser->why, EINVAL, "a config computes but does not execute, with '%.*s'",
		       len < 40 ? len : 40, what);
}

/* $NAME, with ->p on its name; or what stands there instead. */
static int add_name(struct parser *parser, struct text *out)
{
	size_t len = name_length(parser);
	const char *name = parser->p, *value;

	if (!len)
		return why_not(parser->why, EINVAL, "no name behind '$'; write '\\$' for the sign");
	value = find_value(parser, name, len);
	if (!value)
		return why_not(parser->why, EINVAL, "'%.*s' is not set", (int)len, name);
	parser->p += len;
	return text_add(parser, out, value, strlen(value));
}

/* ${NAME} */
static int add_braced(struct parser *parser, struct text *out)
{
	int err;

	parser->p++;
	err = add_name(parser, out);
	if (err)
		return err;
	if (peek(parser, 0) != '}')
		return why_not(parser->why, EINVAL, "only ${NAME} is known of the shell's ${...}");
	parser->p++;
	return 0;
}

/* Evaluate what $((...)) holds and put the number in its place. */
static int add_result(struct parser *parser, const struct text *inner, struct text *out)
{
	const struct expr_names names = {.find = find_value, .arg = parser};
	char number[32];
	int64_t value;
	int err = expr_eval(inner->s ? inner->s : "", inner->nr, &names, &value, parser->why);

	if (err)
		return err;
	snprintf(number, sizeof(number), "%" PRId64, value);
	return text_add(parser, out, number, strlen(number));
}

/* What begins with a $. Inside $((...)) there can be more of them. */
static int add_dollar(struct parser *parser, struct text *out)
{
	struct text inner = {0};
	unsigned open = 0;
	int err = 0;

	parser->p++;
	if (peek(parser, 0) == '{')
		return add_braced(parser, out);
	if (peek(parser, 0) != '(')
		return add_name(parser, out);
	if (peek(parser, 1) != '(')
		return no_execution(parser, "$(", 2);
	if (parser->depth >= MAX_DEPTH)
		return why_not(parser->why, EINVAL, "$(( nested more than %d deep", MAX_DEPTH);
	parser->depth++;
	parser->p += 2;
	while (!err && parser->p < parser->end && (open || peek(parser, 0) != ')')) {
		char c = peek(parser, 0);

		open += (c == '(') - (c == ')');
		if (c == '$') {
			err = add_dollar(parser, &inner);
		} else if (c == '`') {
			err = no_execution(parser, parser->p, 1);
		} else {
			next(parser);
			err = text_add(parser, &inner, &c, 1);
		}
	}
	if (!err && (peek(parser, 0) != ')' || peek(parser, 1) != ')'))
		err = why_not(parser->why, EINVAL, "$(( without its ))");
	if (!err) {
		parser->p += 2;
		err = add_result(parser, &inner, out);
	}
	parser->depth--;
	free(inner.s);
	return err;
}

/* A quote that nothing closes is reported where it opens. */
static int never_closed(struct parser *parser, unsigned line, char quote)
{
	parser->line = line;
	return why_not(parser->why, EINVAL, "nothing closes the quote %c", quote);
}

static int add_single_quoted(struct parser *parser, struct text *out)
{
	const char *start = ++parser->p;
	unsigned line = parser->line;

	while (parser->p < parser->end && *parser->p != '\'')
		next(parser);
	if (parser->p == parser->end)
		return never_closed(parser, line, '\'');
	parser->p++;
	return text_add(parser, out, start, parser->p - 1 - start);
}

/* One character, or more behind $, of what stands between double quotes. */
static int add_quoted(struct parser *parser, struct text *out)
{
	char c = peek(parser, 0);

	if (c == '$')
		return add_dollar(parser, out);
	if (c == '`')
		return no_execution(parser, parser->p, 1);
	next(parser);
	if (c == '\\' && parser->p < parser->end && strchr("$`\"\\\n", *parser->p)) {
		c = next(parser);
		if (c == '\n')
			return 0;
	}
	return text_add(parser, out, &c, 1);
}

static int add_double_quoted(struct parser *parser, struct text *out)
{
	unsigned line = parser->line;
	int err = 0;

	parser->p++;
	while (!err && parser->p < parser->end && *parser->p != '"')
		err = add_quoted(parser, out);
	if (err)
		return err;
	if (parser->p == parser->end)
		return never_closed(parser, line, '"');
	parser->p++;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A carriage return in front of the newline belongs to it: files from elsewhere. */
static bool at_line_end(const struct parser *parser)
{
	return parser->p == parser->end || *parser->p == '\n' ||
	       (*parser->p == '\r' && (parser->end - parser->p == 1 || parser->p[1] == '\n'));
}

static int add_bare(struct parser *parser, struct text *out)
{
	char c = *parser->p;

	switch (c) {
	case '\'':
		return add_single_quoted(parser, out);
	case '"':
		return add_double_quoted(parser, out);
	case '$':
		return add_dollar(parser, out);
	case '`':
	case ';':
	case '&':
	case '|':
	case '<':
	case '>':
	case '(':
	case ')':
		return no_execution(parser, parser->p, 1);
	case '\\':
		parser->p++;
		if (parser->p == parser->end)
			return why_not(parser->why, EINVAL, "nothing behind '\\'");
		if (*parser->p == '\n') {
			next(parser);
			return 0;
		}
		break;
	}
	c = next(parser);
	return text_add(parser, out, &c, 1);
}

/* The value in front of ->p; *@value is for the caller to free. */
static int parse_value(struct parser *parser, char **value)
{
	struct text out = {0};
	int err = 0;

	if (peek(parser, 0) == '~')
		err = why_not(parser->why, EINVAL, "'~' is not expanded; write the directory");
	while (!err && !at_line_end(parser) && !is_blank(*parser->p))
		err = add_bare(parser, &out);
	if (err) {
		free(out.s);
		return err;
	}
	*value = text_take(&out);
	return 0;
}

/* Put the place in front of the reason; the line is the one where the reading stopped. */
static int at_place(struct parser *parser, const char *name)
{
	return why_within(parser->why, EINVAL, "%s:%u", name, parser->line);
}

/* NAME=value or, behind export, NAME alone. */
static int parse_assignment(struct parser *parser, const char *file, bool exported)
{
	size_t len = name_length(parser);
	char after = peek(parser, len), *name, *value, *where;
	unsigned line = parser->line;
	int err;

	if (!len || (after != '=' && !exported)) {
		const char *stop = parser->p;

		while (stop < parser->end && !isspace((unsigned char)*stop))
			stop++;
		return no_execution(parser, parser->p, stop - parser->p);
	}
	if (after != '=' && after != '\0' && !isspace((unsigned char)after))
		return no_execution(parser, parser->p, len + 1);
	name = xstrndup(parser->p, len);
	where = xasprintf("%s:%u", file, parser->line);
	parser->p += len;
	err = 0;
	if (after == '=') {
		parser->p++;
		err = parse_value(parser, &value);
		if (!err) {
			err = config_assign(parser->config, name, value, parser->origin, where,
					    parser->why);
			if (err)
				parser->line = line; /* a value can be longer */
		}
	}
	free(where);
	free(name);
	return err;
}

static void skip_blanks(struct parser *parser)
{
	for (;;) {
		while (parser->p < parser->end && is_blank(*parser->p))
			parser->p++;
		if (peek(parser, 0) != '\\' || peek(parser, 1) != '\n')
			return;
		parser->p++;
		next(parser);
	}
}

static int parse_line(struct parser *parser, const char *file)
{
	bool exported = false;
	int err;

	skip_blanks(parser);
	if (name_length(parser) == strlen("export") && !memcmp(parser->p, "export", 6) &&
	    is_blank(peek(parser, 6))) {
		exported = true;
		parser->p += 6;
	}
	for (;;) {
		skip_blanks(parser);
		if (peek(parser, 0) == '#')
			while (!at_line_end(parser))
				parser->p++;
		if (at_line_end(parser))
			break;
		err = parse_assignment(parser, file, exported);
		if (err)
			return err;
	}
	if (peek(parser, 0) == '\r')
		parser->p++;
	if (parser->p < parser->end)
		next(parser);
	return 0;
}

int config_parse(struct config *config, const char *name, const char *text, size_t len,
		 struct why *why)
{
	struct parser parser = {
		.config = config,
		.origin = CONFIG_FILE,
		.p = text,
		.end = text + len,
		.line = 1,
		.why = why,
	};

	if (memchr(text, '\0', len))
		return why_not(why, EINVAL, "not a text file, with '%s'", name);
	while (parser.p < parser.end)
		if (parse_line(&parser, name))
			return at_place(&parser, name);
	return 0;
}

char *config_expand(struct config *config, const char *text, struct why *why)
{
	struct parser parser = {
		.config = config, .p = text, .end = text + strlen(text), .line = 1, .why = why};
	struct text out = {0};

	while (parser.p < parser.end) {
		if (add_quoted(&parser, &out)) {
			free(out.s);
			return NULL;
		}
	}
	return text_take(&out);
}

int config_set_as(struct config *config, const char *where, const char *assignment, struct why *why)
{
	struct parser parser = {.p = assignment, .end = assignment + strlen(assignment)};
	size_t len = name_length(&parser);
	char *name, *value;
	int err = -EINVAL;

	if (!len || assignment[len] != '=')
		return why_not(why, EINVAL, "not NAME=VALUE, with '%s'", assignment);
	name = xstrndup(assignment, len);
	value = config_expand(config, assignment + len + 1, why);
	if (value)
		err = config_assign(config, name, value, CONFIG_SET, where, why);
	free(name);
	return err ? why_within(why, EINVAL, "%s", where) : 0;
}

int config_set(struct config *config, const char *assignment, struct why *why)
{
	return config_set_as(config, "--set", assignment, why);
}

int config_read(struct config *config, const char *path, struct why *why)
{
	FILE *in = fopen(path, "r");
	size_t len;
	int err = 0;

	if (!in)
		return why_not(why, errno, "cannot open the config '%s': %s", path,
			       strerror(errno));
	free(config->path);
	free(config->text);
	config->path = xstrdup(path);
	config->text = xmalloc(MAX_FILE + 1);
	len = fread(config->text, 1, MAX_FILE, in);
	if (ferror(in))
		err = why_not(why, errno, "cannot read the config '%s': %s", path, strerror(errno));
	else if (len == MAX_FILE)
		err = why_not(why, EFBIG, "a config of more than a MiB, with '%s'", path);
	fclose(in);
	config->text = xreallocarray(config->text, len + 1, 1);
	config->text[len] = '\0';
	return err ? err : config_parse(config, path, config->text, len, why);
}
