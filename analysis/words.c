/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/sums.h"
#include "common/say.h"
#include "common/xalloc.h"

/* By the cause of an off-CPU wait or the type of a lock: with a lock's name and without. */
static const struct phrase {
	const char *cause, *with_lock, *without;
} phrases[] = {
	{"rwsem-read", "waiting for %s as reader", "waiting for an rwsem as reader"},
	{"rwsem-write", "waiting for %s as writer", "waiting for an rwsem as writer"},
	{"mutex", "waiting for the mutex %s", "waiting for a mutex"},
	{"spin", "waiting for %s", "waiting for a spinlock"},
	{"futex", "waiting for %s", "waiting on a futex"},
	{"page-io", "waiting for I/O (%s)", "waiting for I/O of pages"},
	{"reclaim", "in reclaim (%s)", "in reclaim"},
};

/* What a thread does in these waits, to stand behind a share: "waiting for mmap_lock as reader", for the
 * caller to free. */
static char *words_of_wait(const struct wait_entry *entry)
{
	const char *cause = strrchr(entry->what, ' ');

	cause = cause ? cause + 1 : entry->what;
	if (!strncmp(entry->what, "runqueue", 8))
		return xstrdup("ready to run but waiting for a CPU");
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const char *split = strstr(phrases[i].with_lock, "%s");

		if (strcmp(cause, phrases[i].cause))
			continue;
		if (!*entry->lock)
			return xstrdup(phrases[i].without);
		return xasprintf("%.*s%s%s", (int)(split - phrases[i].with_lock),
				 phrases[i].with_lock, entry->lock, split + 2);
	}
	if (*entry->lock)
		return xasprintf("waiting for %s", entry->lock);
	if (!strncmp(entry->what, "sleep", 5))
		return xstrdup("asleep");
	return xasprintf("in waits of the kind '%s'", entry->what);
}

/* Waits that are told with the same words. */
struct reason {
	char *words;
	double share[2];
};

struct reasons {
	struct reason *reasons;
	size_t nr, cap;
};

static struct reason *reason_of(struct reasons *r, char *words)
{
	for (size_t i = 0; i < r->nr; i++)
		if (!strcmp(r->reasons[i].words, words)) {
			free(words);
			return &r->reasons[i];
		}
	XGROW(r->reasons, r->nr, r->cap);
	r->reasons[r->nr] = (struct reason){.words = words};
	return &r->reasons[r->nr++];
}

static void reasons_init(struct reasons *r, const struct profile *p)
{
	*r = (struct reasons){0};
	for (size_t i = 0; i < p->nr_stacks; i++) {
		struct reason *reason = reason_of(r, words_of_wait(p->stacks[i]));

		for (size_t s = 0; s < p->nr_sides; s++)
			reason->share[s] += profile_share(p, p->stacks[i], s);
	}
}

static void reasons_release(struct reasons *r)
{
	for (size_t i = 0; i < r->nr; i++)
		free(r->reasons[i].words);
	free(r->reasons);
}

/* Of the side that has more of it: what has gone is as much of an answer as what has come. */
static double larger_share(const struct reason *r)
{
	return r->share[0] > r->share[1] ? r->share[0] : r->share[1];
}

/* The largest reason that is none of the @nr in @told. */
static const struct reason *next_reason(const struct reasons *r, const struct reason *const *told,
					size_t nr)
{
	const struct reason *most = NULL;

	for (size_t i = 0; i < r->nr; i++) {
		bool is_told = false;

		for (size_t t = 0; t < nr; t++)
			is_told |= told[t] == &r->reasons[i];
		if (!is_told && (!most || larger_share(&r->reasons[i]) > larger_share(most)))
			most = &r->reasons[i];
	}
	return most;
}

static void put_percent(FILE *out, double share)
{
	double percent = share * 100;

	if (isnan(percent))
		fputs("an unknown share", out);
	else if (percent > 0 && percent < 0.1)
		fputs("less than 0.1%", out);
	else
		fprintf(out, "%.*f%%", percent > 0 && percent < 10, percent);
}

/* "At 12 clients 31% of thread time is off-CPU, 27% waiting for mmap_lock as reader; before: ..." */
static void put_waits(FILE *out, const struct where *where, const struct where_cell *cell)
{
	const struct profile *p = &cell->profile;
	size_t side = p->nr_sides - 1, nr = 0;
	const struct reason *told[2];
	struct reasons reasons;

	reasons_init(&reasons, p);
	fprintf(out, "%s%s%s %u client%s ", cell->label, *cell->label ? ": " : "",
		*cell->label ? "at" : "At", cell->clients, cell->clients == 1 ? "" : "s");
	put_percent(out, profile_share(p, p->all, side));
	fputs(where->of == PROFILE_OFFCPU ? " of thread time is off-CPU"
					  : " of thread time is contention for locks of the kernel",
	      out);
	for (; nr < 2; nr++) {
		told[nr] = next_reason(&reasons, told, nr);
		if (!told[nr] || !(larger_share(told[nr]) >= 0.001))
			break;
		fputs(", ", out);
		put_percent(out, told[nr]->share[side]);
		fprintf(out, " %s", told[nr]->words);
	}
	if (p->nr_sides == 2) {
		fputs("; before: ", out);
		put_percent(out, profile_share(p, p->all, 0));
		for (size_t i = 0; i < nr; i++) {
			fputs(i + 1 < nr ? ", " : " and ", out);
			put_percent(out, told[i]->share[0]);
		}
	}
	fputs(".", out);
	reasons_release(&reasons);
}

static void put_mmap_lock(FILE *out, const struct where_cell *cell)
{
	size_t nr = cell->profile.nr_sides;
	struct mmap_lock_sum sums[2];

	for (size_t s = 0; s < nr; s++)
		mmap_lock_sum(&sums[s], cell, s, false);
	if (!sums[nr - 1].known || isnan(sums[nr - 1].in_fault))
		return;
	fprintf(out, " Of 1000 faults %.1f were served under the kernel's mmap_lock",
		sums[nr - 1].in_fault);
	if (nr == 2 && sums[0].known && !isnan(sums[0].in_fault))
		fprintf(out, "; before: %.1f", sums[0].in_fault);
	fputs(".", out);
}

/* Stacks come in the order of their changes. */
static void put_change(FILE *out, const struct profile *p)
{
	const struct wait_entry *e = p->nr_stacks ? p->stacks[0] : NULL;

	char *words;

	if (!e || isnan(e->change) || e->change == 0)
		return;
	words = words_of_wait(e);
	fprintf(out, " The largest change is %+.1f us per 1000 faults %s, in %s", e->change, words,
		e->site);
	free(words);
	if (!isnan(e->interval.low))
		fprintf(out, " (95%%: %+.1f to %+.1f)", e->interval.low, e->interval.high);
	fputs(".", out);
}

void words_print(FILE *out, const struct where *where)
{
	for (size_t i = 0; i < where->nr; i++) {
		const struct where_cell *cell = where_largest(where, i);
		size_t len;
		char *text;
		FILE *line;

		if (!cell)
			continue;
		line = xmemstream(&text, &len);
		put_waits(line, where, cell);
		put_mmap_lock(line, cell);
		put_change(line, &cell->profile);
		fclose(line);
		say_line(out, "%s", text);
		fputc('\n', out);
		free(text);
	}
}
