/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/delay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "pft/run.h"
#include "pft/touch.h"

int delay_read_ns(struct delay *delay, const char *text, struct why *why)
{
	return number_parse(text, 1, 1000000000, &delay->ns, why)
		       ? why_within(why, EINVAL, "--delay-ns")
		       : 0;
}

int delay_read_fraction(struct delay *delay, const char *text, struct why *why)
{
	char *end;

	delay->fraction = strtod(text, &end);
	if (end == text || *end || !(delay->fraction > 0 && delay->fraction <= 1))
		return why_not(why, EINVAL,
			       "not a share above 0 and up to 1, with '--delay-fraction %s'", text);
	return 0;
}

bool delay_is_due(const struct delay *delay, uint64_t page)
{
	double fraction = delay->fraction ? delay->fraction : 1;

	/* Where page * fraction passes a whole number. */
	return (uint64_t)((page + 1) * fraction) > (uint64_t)(page * fraction);
}

static void wait_ns(uint64_t ns)
{
	uint64_t start = now_ns();

	while (now_ns() - start < ns)
		;
}

void delay_fill(struct worker *worker)
{
	const struct run *run = worker->run;
	const struct settings *s = run->settings;
	size_t nr = worker->length / run->page_size;

	for (size_t i = 0; i < nr; i++) {
		char *page = worker->start + i * run->page_size;

		if (s->clear)
			memset(page, 0, run->page_size);
		else
			touch_lines(page, page + run->page_size, run->page_size, run->cacheline,
				    s->cachelines);
		if (delay_is_due(&s->delay, i))
			wait_ns(s->delay.ns);
	}
}
