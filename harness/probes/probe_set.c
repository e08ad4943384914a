/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/probe_set.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "common/xalloc.h"

/* Whether @name is a word of @list. */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && !strncmp(p, name, len))
			return true;
	return false;
}

static bool is_wanted(const char *list, const struct probe_ops *ops)
{
	if (!list)
		return !ops->by_request;
	return is_listed(list, "all") || is_listed(list, ops->name);
}

/* The names of all probes, for a message. */
static char *all_names(void)
{
	char *text = xstrdup("all");

	for (size_t i = 0; probe_table[i]; i++) {
		char *more = xasprintf("%s, %s", text, probe_table[i]->name);

		free(text);
		text = more;
	}
	return text;
}

int probe_set_check(const char *list, struct why *why)
{
	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',') {
		char *name = xstrndup(p, strcspn(p, ","));
		bool known = !strcmp(name, "all");

		for (size_t i = 0; !known && probe_table[i]; i++)
			known = !strcmp(name, probe_table[i]->name);
		if (!known) {
			char *names = all_names();

			why_not(why, EINVAL, "no such probe, with '%s'; there are %s", name, names);
			free(names);
			free(name);
			return -EINVAL;
		}
		free(name);
	}
	if (list && !*list)
		return why_not(why, EINVAL, "no probe is named behind --explain=");
	return 0;
}

/* Mark this process: what it forks inherits the mark. It does not count itself. */
static int mark_self(struct probe *mark)
{
	struct task_state state = {0};
	int fd = pidfd_open(getpid(), 0), err = 0;

	if (fd < 0 || bpf_map_update_elem(probe_map(mark, "tasks"), &fd, &state, BPF_ANY))
		err = why_not(&mark->why, errno, "cannot mark the run's processes: %s",
			      strerror(errno));
	if (fd >= 0)
		close(fd);
	if (err)
		probe_finish(mark);
	return err;
}

static void prepare_probes(struct probe_set *set)
{
	int err = probe_prepare(&set->mark, &mark_probe, -1);

	if (!err)
		err = mark_self(&set->mark);
	for (size_t i = 0; i < set->nr; i++) {
		struct probe *p = &set->probes[i];

		if (err)
			p->why = set->mark.why;
		else if (!probe_prepare(p, p->ops, probe_map(&set->mark, "tasks")))
			set->nr_attached++;
	}
	set->stats_fd = set->nr_attached ? bpf_enable_stats(BPF_STATS_RUN_TIME) : -1;
}

int probe_set_init(struct probe_set *set, const char *list, const char *dir, struct why *why)
{
	int err;

	*set = (struct probe_set){.stats_fd = -1};
	for (size_t i = 0; probe_table[i]; i++)
		set->nr += is_wanted(list, probe_table[i]);
	set->probes = xcalloc(set->nr + 1, sizeof(*set->probes));
	set->nr = 0;
	for (size_t i = 0; probe_table[i]; i++)
		if (is_wanted(list, probe_table[i]))
			set->probes[set->nr++].ops = probe_table[i];
	err = tables_init(&set->tables, dir, why);
	if (err)
		return err;
	prepare_probes(set);
	/* Behind the loading, as programs have names too. */
	symbols_init(&set->symbols, &set->blind);
	for (size_t i = 0; i < set->nr; i++)
		if (set->probes[i].object) {
			set->probes[i].control->data_start = set->symbols.kernel.data_start;
			set->probes[i].control->data_end = set->symbols.kernel.data_end;
		}
	return 0;
}

void probe_set_start(struct probe_set *set, uint32_t phase)
{
	for (size_t i = 0; i < set->nr; i++)
		probe_start(&set->probes[i], phase);
}

void probe_set_stop(struct probe_set *set)
{
	for (size_t i = 0; i < set->nr; i++)
		probe_stop(&set->probes[i]);
}

void probe_set_read(struct probe_set *set, uint32_t phase, char *key)
{
	free(set->tables.key);
	set->tables.key = key;
	for (size_t i = 0; i < set->nr; i++)
		probe_read(&set->probes[i], phase, &set->symbols, &set->tables);
}

int probe_set_release(struct probe_set *set, struct why *why)
{
	for (size_t i = 0; i < set->nr; i++)
		probe_finish(&set->probes[i]);
	probe_finish(&set->mark);
	free(set->probes);
	symbols_release(&set->symbols);
	if (set->stats_fd >= 0)
		close(set->stats_fd);
	return tables_release(&set->tables, why);
}
