/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/xalloc.h"

#define MAX_ID 65535

/* strtoull() alone takes a sign and wraps it round. */
static int digits_parse(const char *text, int base, const char **end, uint64_t *value,
			struct why *why)
{
	unsigned long long v;
	char *stop;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return why_not(why, EINVAL, "not a number, with '%s'", text);
	errno = 0;
	v = strtoull(text, &stop, base);
	if (errno == ERANGE)
		return why_not(why, ERANGE, "number too large, with '%s'", text);
	*end = stop;
	*value = v;
	return 0;
}

/* Bytes of one unit of the suffix at *@p, which is moved behind it; 0 if there is no such suffix. */
static uint64_t suffix_parse(const char **p, size_t page_size)
{
	static const char powers[] = "kmgt";
	char letter = tolower((unsigned char)**p);
	const char *power = letter ? strchr(powers, letter) : NULL;

	if (!letter)
		return 1;
	if (letter == 'p') {
		(*p)++;
		return page_size;
	}
	if (!power)
		return 0;
	(*p)++;
	if (!strcasecmp(*p, "b") || !strcasecmp(*p, "ib"))
		*p += strlen(*p);
	return 1ULL << (10 * (power - powers + 1));
}

int size_parse(const char *text, size_t page_size, uint64_t *bytes, struct why *why)
{
	const char *p;
	uint64_t value, unit;
	int err = digits_parse(text, 0, &p, &value, why);

	if (err)
		return err;
	unit = suffix_parse(&p, page_size);
	if (!unit || *p)
		return why_not(why, EINVAL,
			       "not a size, with '%s'; write e.g. 512M, 2G or 100P (pages)", text);
	if (__builtin_mul_overflow(value, unit, bytes))
		return why_not(why, ERANGE, "size too large, with '%s'", text);
	return 0;
}

int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct why *why)
{
	const char *end;
	int err = digits_parse(text, 10, &end, value, why);

	if (err)
		return err;
	if (*end)
		return why_not(why, EINVAL, "not a whole number, with '%s'", text);
	if (*value < min || *value > max)
		return why_not(why, ERANGE, "number not in %llu..%llu, with '%s'",
			       (unsigned long long)min, (unsigned long long)max, text);
	return 0;
}

/* Append the run that starts at *@p ("3" or "3-7") and move *@p behind it. */
static int id_run_parse(const char **p, struct id_list *list, size_t *cap, struct why *why)
{
	uint64_t first, last;
	int err = isdigit((unsigned char)**p) ? digits_parse(*p, 10, p, &first, why) : -EINVAL;

	if (err)
		return err;
	last = first;
	if (**p == '-') {
		(*p)++;
		err = isdigit((unsigned char)**p) ? digits_parse(*p, 10, p, &last, why) : -EINVAL;
		if (err)
			return err;
	}
	if (first > last || last > MAX_ID)
		return -ERANGE;
	for (uint64_t id = first; id <= last; id++) {
		XGROW(list->ids, list->nr, *cap);
		list->ids[list->nr++] = id;
		/* Enough for every CPU once, and an end to "0-65535,0-65535,...". */
		if (list->nr > MAX_ID + 1)
			return -ERANGE;
	}
	return 0;
}

int id_list_parse(const char *text, struct id_list *list, struct why *why)
{
	const char *p = text;
	size_t cap = 0;
	int err;

	*list = (struct id_list){0};
	do {
		err = id_run_parse(&p, list, &cap, why);
	} while (!err && *p == ',' && p++);
	if (!err && *p)
		err = -EINVAL;
	if (err) {
		id_list_release(list);
		return why_not(why, EINVAL,
			       "not a list of numbers such as 0-3,8 (up to %d), with '%s'", MAX_ID,
			       text);
	}
	return 0;
}

char *id_list_format(const unsigned *ids, size_t nr)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	for (size_t i = 0, end; i < nr; i = end) {
		for (end = i + 1; end < nr && ids[end] == ids[end - 1] + 1; end++)
			;
		fprintf(out, "%s%u", i ? "," : "", ids[i]);
		if (end - i > 1)
			fprintf(out, "-%u", ids[end - 1]);
	}
	fclose(out);
	return text;
}

void id_list_release(struct id_list *list)
{
	free(list->ids);
	*list = (struct id_list){0};
}

const char *size_format(char *buf, size_t len, uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = bytes;
	size_t unit = 0;

	while (value >= 1024 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		value /= 1024;
		unit++;
	}
	/* %.4g has no needless zeros, and keeps 1023.9 from becoming 1e+03. */
	snprintf(buf, len, "%.4g %s", value, units[unit]);
	return buf;
}

const char *duration_format(char *buf, size_t len, double seconds)
{
	unsigned long long s = seconds + 0.5;

	if (seconds < 59.95)
		snprintf(buf, len, "%.1f s", seconds);
	else if (s < 3600)
		snprintf(buf, len, "%llu min %02llu s", s / 60, s % 60);
	else
		snprintf(buf, len, "%llu h %02llu min", s / 3600, s % 3600 / 60);
	return buf;
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}
