/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/swap_groups.h"

#include <errno.h>
#include <string.h>

#include "common/units.h"
#include "pft/emit.h"
#include "pft/swap_settings.h"

#define TURN 32 /* accesses to a group before the worker goes on to its next */

int swap_groups_init(struct swap_groups *groups, const struct run *run, size_t page_size,
		     unsigned most, struct why *why)
{
	uint64_t all = swap_settings_working_set(run) / page_size, greedy, cold;
	const char *text = run_param(run, "greedy");
	unsigned nr = swap_settings_memcgs(run);

	if (nr > most)
		return why_not(why, EINVAL, "at most %u groups, with '--memcgs %u'", most, nr);
	if (run->settings->nr_workers > nr)
		return why_not(why, EINVAL,
			       "%u workers for %u groups: give --memcgs at least as many",
			       run->settings->nr_workers, nr);
	greedy = nr;
	if (strcmp(text, "all") && number_parse(text, 0, nr, &greedy, why))
		return why_within(why, EINVAL, "--param greedy");
	if (number_parse(run_param(run, "cold"), 0, 90, &cold, why))
		return why_within(why, EINVAL, "--param cold");
	*groups = (struct swap_groups){
		.nr = nr,
		.nr_greedy = (unsigned)greedy,
		.pages = all > nr ? all / nr : 1,
		.limit = swap_settings_limit(run) / nr,
	};
	groups->cold = groups->pages * cold / 100;
	if (greedy && groups->limit < page_size)
		return why_not(why, EINVAL,
			       "--limit: less than a page for each of %u groups, with %lu bytes",
			       nr, (unsigned long)swap_settings_limit(run));
	return 0;
}

int swap_groups_pass(struct worker *worker, const struct swap_groups *groups,
		     int (*access)(struct worker *worker, unsigned group, uint64_t nr))
{
	unsigned step = worker->run->settings->nr_workers, group = worker->id;

	for (uint64_t left = worker->planned, nr; left; left -= nr) {
		int err;

		nr = left < TURN ? left : TURN;
		err = access(worker, group, nr);
		if (err)
			return err;
		group = group + step < groups->nr ? group + step : worker->id;
	}
	worker->faults = worker->planned;
	return 0;
}

void swap_groups_rows(const struct swap_groups *groups, struct emit *emit)
{
	emit_count(emit, "greedy", EMIT_ALL, "1", groups->nr_greedy);
	emit_count(emit, "cold_pages", EMIT_ALL, "1",
		   groups->cold * (groups->nr - groups->nr_greedy));
}

void swap_groups_emit_limit(const struct swap_groups *groups, struct emit *emit, const char *prefix,
			    bool greedy)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%slimit_bytes", prefix);
	if (greedy)
		emit_count(emit, metric, EMIT_ALL, "B", groups->limit);
	else
		emit_none(emit, metric, EMIT_ALL, "B", "it has none");
}

void swap_groups_emit_mean(struct emit *emit, const char *prefix, const char *name, uint64_t ns,
			   uint64_t nr)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%s%s", prefix, name);
	if (ns && nr)
		emit_number(emit, metric, EMIT_ALL, "ns", (double)ns / nr);
	else
		emit_none(emit, metric, EMIT_ALL, "ns", "there was none");
}
