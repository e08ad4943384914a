/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recursive descent with one loop for all binary operators, driven by a table of their precedence. */
#include "harness/expr.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Deeper nesting than any person writes; a generated "((((..." must not eat the stack. */
#define MAX_DEPTH 100

struct parser {
	const char *p, *end;
	const struct expr_names *names;
	struct why *why;
	unsigned depth;
	unsigned skip; /* inside an operand that && || or ?: does not evaluate */
};

enum op {
	OP_OR, OP_AND, OP_BIT_OR, OP_XOR, OP_BIT_AND, OP_EQ, OP_NE, OP_LE, OP_GE, OP_SHL, OP_SHR,
	OP_LT, OP_GT, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
};

/* Longer signs stand before their prefixes. */
static const struct binary {
	const char *sign;
	enum op op;
	int precedence; /* a higher one binds tighter */
} binaries[] = {
	{"||", OP_OR, 1},      {"&&", OP_AND, 2}, {"==", OP_EQ, 6},  {"!=", OP_NE, 6},
	{"<<", OP_SHL, 8},     {">>", OP_SHR, 8}, {"<=", OP_LE, 7},  {">=", OP_GE, 7},
	{"|", OP_BIT_OR, 3},   {"^", OP_XOR, 4},  {"&", OP_BIT_AND, 5}, {"<", OP_LT, 7},
	{">", OP_GT, 7},       {"+", OP_ADD, 9},  {"-", OP_SUB, 9},  {"*", OP_MUL, 10},
	{"/", OP_DIV, 10},     {"%", OP_MOD, 10},
};

static void skip_space(struct parser *parser)
{
	while (parser->p < parser->end && isspace((unsigned char)*parser->p))
		parser->p++;
}

static int overflow(struct parser *parser)
{
	return why_not(parser->why, EINVAL, "the arithmetic overflows 64 bits");
}

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static int digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* A whole number in C notation at ->p. */
static int number(struct parser *parser, int64_t *value)
{
	const char *start = parser->p;
	int base = 10, d;

	if (*parser->p == '0' && parser->end - parser->p > 1) {
		base = 8;
		if (parser->p[1] == 'x' || parser->p[1] == 'X') {
			base = 16;
			parser->p += 2;
			start = parser->p;
		}
	}
	*value = 0;
	for (; parser->p < parser->end && (d = digit(*parser->p)) >= 0; parser->p++) {
		if (d >= base)
			return why_not(parser->why, EINVAL, "bad digit, with '%c'", *parser->p);
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, d, value))
			return overflow(parser);
	}
	if (parser->p == start)
		return why_not(parser->why, EINVAL, "a number without digits");
	return 0;
}

/* The value of a name: one whole number, perhaps with a sign. (bash would evaluate it as an expression;
 * POSIX asks for no more than this, and a chain of names cannot explode.) */
static int name_value(struct parser *parser, const char *name, int len, int64_t *value)
{
	const char *text = parser->names->find(parser->names->arg, name, len);
	struct parser inner = {.why = parser->why};
	bool minus;
	int err;

	if (!text)
		return why_not(parser->why, EINVAL, "'%.*s' is not set", len, name);
	inner.p = text;
	inner.end = text + strlen(text);
	skip_space(&inner);
	minus = inner.p < inner.end && *inner.p == '-';
	if (inner.p < inner.end && (*inner.p == '-' || *inner.p == '+'))
		inner.p++;
	err = -EINVAL;
	if (inner.p < inner.end && isdigit((unsigned char)*inner.p))
		err = number(&inner, value);
	skip_space(&inner);
	if (err || inner.p < inner.end)
		return why_not(parser->why, EINVAL, "'%.*s' is not a whole number, but '%s'", len,
			       name, text);
	if (minus)
		*value = -*value;
	return 0;
}

static int name(struct parser *parser, int64_t *value)
{
	const char *start = parser->p;

	while (parser->p < parser->end &&
	       (is_name_start(*parser->p) || isdigit((unsigned char)*parser->p)))
		parser->p++;
	*value = 0;
	return parser->skip ? 0 : name_value(parser, start, parser->p - start, value);
}

static int shift(struct parser *parser, enum op op, int64_t a, int64_t b, int64_t *value)
{
	if (b < 0 || b > 63)
		return why_not(parser->why, EINVAL, "a shift by %lld bits", (long long)b);
	if (op == OP_SHR) {
		*value = a >> b; /* gcc and clang: arithmetic */
		return 0;
	}
	*value = (int64_t)((uint64_t)a << b);
	return *value >> b == a ? 0 : overflow(parser);
}

static int divide(struct parser *parser, enum op op, int64_t a, int64_t b, int64_t *value)
{
	if (!b)
		return why_not(parser->why, EINVAL, "division by zero");
	if (a == INT64_MIN && b == -1)
		return overflow(parser);
	*value = op == OP_DIV ? a / b : a % b;
	return 0;
}

/* *@value = a @op b; *@value may be garbage after an overflow. */
static int apply(struct parser *parser, enum op op, int64_t a, int64_t b, int64_t *value)
{
	switch (op) {
	case OP_OR: *value = a || b; return 0;
	case OP_AND: *value = a && b; return 0;
	case OP_BIT_OR: *value = a | b; return 0;
	case OP_XOR: *value = a ^ b; return 0;
	case OP_BIT_AND: *value = a & b; return 0;
	case OP_EQ: *value = a == b; return 0;
	case OP_NE: *value = a != b; return 0;
	case OP_LE: *value = a <= b; return 0;
	case OP_GE: *value = a >= b; return 0;
	case OP_LT: *value = a < b; return 0;
	case OP_GT: *value = a > b; return 0;
	case OP_SHL:
	case OP_SHR: return shift(parser, op, a, b, value);
	case OP_ADD: return __builtin_add_overflow(a, b, value) ? overflow(parser) : 0;
	case OP_SUB: return __builtin_sub_overflow(a, b, value) ? overflow(parser) : 0;
	case OP_MUL: return __builtin_mul_overflow(a, b, value) ? overflow(parser) : 0;
	case OP_DIV:
	case OP_MOD: return divide(parser, op, a, b, value);
	}
	BUG("no operator %d", op);
}

/* The operator at ->p, or NULL. "=" alone, "+=", "++" and the like are no operators here. */
static const struct binary *peek(struct parser *parser)
{
	skip_space(parser);
	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++) {
		size_t len = strlen(binaries[i].sign);

		if ((size_t)(parser->end - parser->p) >= len &&
		    !memcmp(parser->p, binaries[i].sign, len))
			return &binaries[i];
	}
	return NULL;
}

static int unexpected(struct parser *parser)
{
	int len;

	if (parser->p == parser->end)
		return why_not(parser->why, EINVAL, "the arithmetic ends too early");
	len = parser->end - parser->p < 40 ? parser->end - parser->p : 40;
	return why_not(parser->why, EINVAL, "%s, with '%.*s'",
		       *parser->p == '=' ? "arithmetic cannot assign" : "not arithmetic", len,
		       parser->p);
}

/* Parentheses hold expressions: the one knot in the order of functions. */
static int expression(struct parser *parser, int lowest, int64_t *value);

static int parentheses(struct parser *parser, int64_t *value)
{
	int err;

	parser->p++;
	err = expression(parser, 0, value);
	if (err)
		return err;
	skip_space(parser);
	if (parser->p == parser->end || *parser->p != ')')
		return unexpected(parser);
	parser->p++;
	return 0;
}

static int apply_sign(struct parser *parser, char sign, int64_t *value)
{
	if (sign == '!')
		*value = !*value;
	else if (sign == '~')
		*value = ~*value;
	else if (sign == '-' && __builtin_sub_overflow(0, *value, value))
		return overflow(parser);
	return 0;
}

static int operand(struct parser *parser, int64_t *value)
{
	int err;

	skip_space(parser);
	if (parser->p == parser->end)
		return unexpected(parser);
	if (parser->depth >= MAX_DEPTH)
		return why_not(parser->why, EINVAL, "nested more than %d deep", MAX_DEPTH);
	parser->depth++;
	if (isdigit((unsigned char)*parser->p)) {
		err = number(parser, value);
	} else if (is_name_start(*parser->p)) {
		err = name(parser, value);
	} else if (*parser->p == '(') {
		err = parentheses(parser, value);
	} else if (strchr("!~+-", *parser->p)) {
		char sign = *parser->p++;

		err = operand(parser, value);
		if (!err)
			err = apply_sign(parser, sign, value);
	} else {
		err = unexpected(parser);
	}
	parser->depth--;
	return err;
}

/* A chain of binary operators that bind as tight as @lowest or tighter, from left to right. */
static int chain(struct parser *parser, int lowest, int64_t *value)
{
	const struct binary *binary;
	int err = operand(parser, value);

	while (!err && (binary = peek(parser)) && binary->precedence >= lowest) {
		bool lazy = (binary->op == OP_OR && *value) || (binary->op == OP_AND && !*value);
		int64_t right;

		parser->p += strlen(binary->sign);
		parser->skip += lazy;
		err = chain(parser, binary->precedence + 1, &right);
		parser->skip -= lazy;
		if (err)
			return err;
		if (parser->skip)
			*value = 0;
		else
			err = apply(parser, binary->op, *value, lazy ? 0 : right, value);
	}
	return err;
}

static int expression(struct parser *parser, int lowest, int64_t *value)
{
	int64_t yes, no;
	int err = chain(parser, lowest, value);

	skip_space(parser);
	if (err || parser->p == parser->end || *parser->p != '?')
		return err;
	if (parser->depth >= MAX_DEPTH)
		return why_not(parser->why, EINVAL, "nested more than %d deep", MAX_DEPTH);
	parser->depth++;
	parser->p++;
	parser->skip += !*value;
	err = expression(parser, 0, &yes);
	parser->skip -= !*value;
	if (err)
		return err;
	skip_space(parser);
	if (parser->p == parser->end || *parser->p != ':')
		return unexpected(parser);
	parser->p++;
	parser->skip += !!*value;
	err = expression(parser, 0, &no);
	parser->skip -= !!*value;
	parser->depth--;
	*value = *value ? yes : no;
	return err;
}

int expr_eval(const char *text, size_t len, const struct expr_names *names, int64_t *result,
	      struct why *why)
{
	struct parser parser = {.p = text, .end = text + len, .names = names, .why = why};
	int err = expression(&parser, 1, result);

	if (err)
		return err;
	skip_space(&parser);
	return parser.p == parser.end ? 0 : unexpected(&parser);
}
