/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/counters/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/xalloc.h"
#include "pft/counters/counter.h"

/* What one thread has at work. */
struct counting_set {
	size_t nr;
	struct counting each[];
};

/* Whether the list @text has the word @name. */
static bool has_word(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = text; *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && !memcmp(p, name, len))
			return true;
	return false;
}

static int check_list(const char *list, struct why *why)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	int err = 0;

	while (!err && (word = strsep(&rest, ",")))
		if (strcmp(word, "none") && strcmp(word, "all") && strcmp(word, "default") &&
		    !counter_find(word))
			err = why_not(why, EINVAL,
				      "no such counters, with '--counters %s'; 'pft --list "
				      "counters' names them",
				      word);
	free(copy);
	return err;
}

static bool asked_for(const struct counter *counter, const char *list, const char *events)
{
	bool hardware = !strcmp(counter->name, "hardware");

	if (hardware && events)
		return strcmp(events, "none");
	if (has_word(list, "all") && strcmp(counter->name, "null"))
		return true;
	if (has_word(list, "default") && !strcmp(counter->name, "rusage"))
		return true;
	return has_word(list, counter->name);
}

/* Every event of every worker is an open file. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int plan(struct counter_plan *p, const char *events, struct why *why)
{
	int err;

	if (p->counter->unavailable)
		counter_plan_add(p, p->counter->name, "1")->unsupported =
			xstrdup(p->counter->unavailable);
	err = p->counter->unavailable ? 0 : p->counter->plan(p, events, why);
	for (size_t i = 0; i < p->nr && !err; i++)
		for (size_t j = 0; j < i && !err; j++)
			if (!strcmp(p->metrics[i].name, p->metrics[j].name))
				err = why_not(why, EINVAL, "'%s' is counted twice",
					      p->metrics[i].name);
	return err ? why_within(why, -err, "--events %s", events) : 0;
}

int counters_init(struct counters *all, const struct counter_settings *settings, struct why *why)
{
	const char *list = settings->list ? settings->list : "default";
	const char *events = settings->events ? settings->events : "default";
	int err = check_list(list, why);

	*all = (struct counters){.plans = xcalloc(nr_counters, sizeof(*all->plans))};
	for (unsigned i = 0; i < nr_counters && !err; i++) {
		struct counter_plan *p = &all->plans[all->nr];
		size_t *sum = counters[i]->of_run ? &all->nr_run_values : &all->nr_worker_values;

		if (!asked_for(counters[i], list, settings->events))
			continue;
		p->counter = counters[i];
		all->nr++;
		err = plan(p, events, why);
		p->first = *sum;
		*sum += p->nr;
	}
	if (all->nr_worker_values)
		allow_files();
	return err;
}

void counters_release(struct counters *all)
{
	for (size_t i = 0; i < all->nr; i++) {
		struct counter_plan *p = &all->plans[i];

		for (size_t k = 0; k < p->nr; k++) {
			free(p->metrics[k].name);
			free(p->metrics[k].full);
			free(p->metrics[k].unsupported);
		}
		free(p->metrics);
	}
	free(all->plans);
	*all = (struct counters){0};
}

struct counting_set *counters_prepare(const struct counters *all, const struct measure *measure,
				      struct counter_value *values)
{
	struct counting_set *set = xcalloc(1, sizeof(*set) + all->nr * sizeof(set->each[0]));

	for (size_t i = 0; i < all->nr; i++) {
		const struct counter_plan *p = &all->plans[i];

		if (p->counter->of_run != !measure)
			continue;
		set->each[set->nr++] = (struct counting){
			.plan = p, .values = values + p->first, .measure = measure};
		p->counter->prepare(&set->each[set->nr - 1]);
	}
	counters_start(set);
	counters_stop(set);
	return set;
}

void counters_start(struct counting_set *set)
{
	for (size_t i = 0; i < set->nr; i++)
		set->each[i].plan->counter->start(&set->each[i]);
}

void counters_stop(struct counting_set *set)
{
	for (size_t i = set->nr; i-- > 0;)
		set->each[i].plan->counter->stop(&set->each[i]);
}

void counters_finish(struct counting_set *set)
{
	for (size_t i = set ? set->nr : 0; i-- > 0;) {
		struct counting *c = &set->each[i];

		c->plan->counter->read(c);
		c->plan->counter->finish(c);
	}
	free(set);
}
