/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/event_catalog.h"

#include <errno.h>
#include <perfmon/pfmlib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/perf_event.h"
#include "common/perf_sysfs.h"
#include "common/xalloc.h"

/* The PMU of any number: it has one event, which only stands for raw codes. */
#define RAW_PMU "perf_raw"

static bool pmu_info(pfm_pmu_t pmu, pfm_pmu_info_t *info)
{
	*info = (pfm_pmu_info_t){.size = sizeof(*info)};
	return !pfm_get_pmu_info(pmu, info) && strcmp(info->name, RAW_PMU);
}

static void add_name(char ***names, size_t *nr, const char *name)
{
	*names = xreallocarray(*names, *nr + 1, sizeof(**names));
	(*names)[(*nr)++] = xstrdup(name);
}

char **catalog_pmus(size_t *nr)
{
	pfm_pmu_info_t info;
	char **names = NULL, **devices;
	size_t nr_devices;

	*nr = 0;
	for (pfm_pmu_t p = PFM_PMU_NONE; !pfm_initialize() && p < PFM_PMU_MAX; p++)
		if (pmu_info(p, &info) && info.is_present)
			add_name(&names, nr, info.name);
	devices = perf_sysfs_names("", NULL, &nr_devices);
	for (size_t i = 0; i < nr_devices; i++) {
		size_t nr_events;
		char **events = perf_sysfs_names("", devices[i], &nr_events);

		if (nr_events)
			add_name(&names, nr, devices[i]);
		perf_sysfs_free(events, nr_events);
	}
	perf_sysfs_free(devices, nr_devices);
	return names;
}

void catalog_free_names(char **names, size_t nr)
{
	perf_sysfs_free(names, nr);
}

/* Why this event cannot be counted here, or NULL. */
static char *try_event(const char *name)
{
	struct perf_event_attr attr;
	struct why why = WHY_INIT;
	char *full = NULL;
	int err = perf_event_encode(name, &attr, &full, &why), fd;

	if (err)
		return xstrdup(why.text);
	free(full);
	fd = perf_event_open_self(&attr, -1);
	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	perf_event_explain(-fd, &attr, "", &why);
	return xstrdup(why.text);
}

/* The same; where the kernel's part is not permitted, @name gets a ":u" if user mode alone can be. */
static char *try_either(char **name)
{
	char *reason = try_event(*name), *user = xasprintf("%s:u", *name);

	if (reason && strstr(reason, "(:u)")) {
		free(reason);
		reason = try_event(user);
		free(reason ? user : *name);
		if (!reason)
			*name = user;
		return reason;
	}
	free(user);
	return reason;
}

/* @name becomes the catalog's. */
static void add_event(struct catalog *c, char *name, const char *summary)
{
	XGROW(c->events, c->nr, c->cap);
	c->events[c->nr] =
		(struct catalog_event){.name = name, .summary = summary ? xstrdup(summary) : NULL};
	c->events[c->nr].reason =
		c->here ? try_either(&c->events[c->nr].name) : xasprintf("not this machine's PMU");
	c->nr_good += !c->events[c->nr].reason;
	c->nr++;
}

/* The event, once for each of its masks. Masks that must be given several at once are no events yet. */
static void add_pfm_event(struct catalog *c, const char *pmu, int index)
{
	pfm_event_info_t event = {.size = sizeof(event)};
	bool masks = false;

	if (pfm_get_event_info(index, PFM_OS_PERF_EVENT_EXT, &event) &&
	    pfm_get_event_info(index, PFM_OS_NONE, &event))
		return;
	for (int i = 0; i < event.nattrs; i++) {
		pfm_event_attr_info_t mask = {.size = sizeof(mask)};

		if (pfm_get_event_attr_info(index, i, PFM_OS_NONE, &mask) ||
		    mask.type != PFM_ATTR_UMASK)
			continue;
		masks = true;
		add_event(c, xasprintf("%s::%s:%s", pmu, event.name, mask.name), mask.desc);
	}
	if (!masks)
		add_event(c, xasprintf("%s::%s", pmu, event.name), event.desc);
}

static int init_pfm(struct catalog *c, const char *pmu)
{
	pfm_pmu_info_t info;

	for (pfm_pmu_t p = PFM_PMU_NONE; !pfm_initialize() && p < PFM_PMU_MAX; p++) {
		if (!pmu_info(p, &info) || strcmp(info.name, pmu))
			continue;
		c->summary = xstrdup(info.desc);
		c->here = info.is_present;
		for (int i = info.first_event; i >= 0; i = pfm_get_event_next(i))
			add_pfm_event(c, info.name, i);
		return 0;
	}
	return -ENOENT;
}

static int init_sysfs(struct catalog *c, const char *pmu)
{
	size_t nr;
	char **events = perf_sysfs_names("", pmu, &nr);

	for (size_t i = 0; i < nr; i++) {
		c->here = true;
		add_event(c, xasprintf("%s/%s/", pmu, events[i]), NULL);
	}
	c->summary = xstrdup("named by the kernel");
	perf_sysfs_free(events, nr);
	return nr ? 0 : -ENOENT;
}

int catalog_init(struct catalog *c, const char *pmu, struct why *why)
{
	*c = (struct catalog){.pmu = xstrdup(pmu)};
	if (!init_pfm(c, pmu) || !init_sysfs(c, pmu))
		return 0;
	catalog_release(c);
	return why_not(why, EINVAL,
		       "no such PMU, with '%s'; 'faultscale events' names this machine's, libpfm4 "
		       "others such as skx or amd64_fam19h_zen3",
		       pmu);
}

void catalog_release(struct catalog *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->events[i].name);
		free(c->events[i].summary);
		free(c->events[i].reason);
	}
	free(c->events);
	free(c->summary);
	free(c->pmu);
	*c = (struct catalog){0};
}
