/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/perf_sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"

#define DEVICES "/sys/bus/event_source/devices"

/* The first line of ROOT/sys/.../@pmu/@file, without its end, in @line. */
static int read_line(const char *root, const char *pmu, const char *file, char *line, size_t size)
{
	char *path = xasprintf("%s" DEVICES "/%s/%s", root, pmu, file);
	FILE *in = fopen(path, "re");
	int err = in ? 0 : -errno;

	if (in && !fgets(line, (int)size, in))
		err = -EINVAL;
	if (!err)
		line[strcspn(line, "\n")] = '\0';
	if (in)
		fclose(in);
	free(path);
	return err;
}

/* Put the bits of @value where a field "0-7,32-35" of @config has them. */
static int scatter(const char *bits, uint64_t value, __u64 *config)
{
	struct id_list list;
	int err = id_list_parse(bits, &list, NULL);

	if (err)
		return err;
	for (size_t i = 0; i < list.nr && !err; i++, value >>= 1)
		if (list.ids[i] > 63)
			err = -EINVAL;
		else
			*config |= (value & 1) << list.ids[i];
	id_list_release(&list);
	return err;
}

/* One term of an event, "umask=0x41" or a flag "edge", by the file format/TERM: "config:8-15". */
static int add_term(const char *root, const char *pmu, char *term, struct perf_event_attr *attr)
{
	char *equals = strchr(term, '='), *file, *bits, line[128];
	uint64_t value = 1;
	int err;

	if (equals) {
		*equals = '\0';
		value = strtoull(equals + 1, NULL, 0);
	}
	file = xasprintf("format/%s", term);
	err = read_line(root, pmu, file, line, sizeof(line));
	free(file);
	bits = err ? NULL : strchr(line, ':');
	if (!bits)
		return -EINVAL;
	*bits++ = '\0';
	if (!strcmp(line, "config"))
		return scatter(bits, value, &attr->config);
	if (!strcmp(line, "config1"))
		return scatter(bits, value, &attr->config1);
	return strcmp(line, "config2") ? -EINVAL : scatter(bits, value, &attr->config2);
}

static int encode(const char *root, const char *pmu, const char *event,
		  struct perf_event_attr *attr, struct why *why)
{
	char *file = xasprintf("events/%s", event), line[256], type[16], *rest = line, *term;
	int err = read_line(root, pmu, file, line, sizeof(line));
	uint64_t number;

	free(file);
	if (err)
		return why_not(why, ENOENT, "PMU '%s' has no event '%s'", pmu, event);
	if (read_line(root, pmu, "type", type, sizeof(type)) ||
	    number_parse(type, 0, UINT32_MAX, &number, NULL))
		return why_not(why, EINVAL, "PMU '%s' does not say its type", pmu);
	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = (__u32)number;
	while (!err && (term = strsep(&rest, ",")))
		err = add_term(root, pmu, term, attr);
	return err ? why_not(why, EINVAL, "'%s/%s/' of %s is not understood", pmu, event, DEVICES)
		   : 0;
}

int perf_sysfs_encode(const char *root, const char *name, struct perf_event_attr *attr, char **full,
		      struct why *why)
{
	const char *slash = strchr(name, '/');
	char *pmu = slash ? xstrndup(name, slash - name) : NULL;
	char *event = xstrdup(slash ? slash + 1 : name), **pmus = NULL;
	size_t nr = 0;
	int err = -ENOENT;

	event[strcspn(event, "/")] = '\0';
	if (pmu)
		err = encode(root, pmu, event, attr, why);
	else
		pmus = perf_sysfs_names(root, NULL, &nr);
	for (size_t i = 0; i < nr && err == -ENOENT; i++) {
		err = encode(root, pmus[i], event, attr, why);
		if (!err)
			pmu = xstrdup(pmus[i]);
	}
	if (!err)
		*full = xasprintf("%s/%s/", pmu, event);
	perf_sysfs_free(pmus, nr);
	free(event);
	free(pmu);
	return err;
}

bool perf_sysfs_has_cpu(const char *root)
{
	static const char *const starts[] = {"cpu", "armv", "apple_"};
	bool found = false;
	size_t nr;
	char **names = perf_sysfs_names(root, NULL, &nr);

	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < sizeof(starts) / sizeof(starts[0]); k++)
			found |= !strncmp(names[i], starts[k], strlen(starts[k]));
	perf_sysfs_free(names, nr);
	return found;
}

/* ".scale" and ".unit" go with an event, they are none. */
static int is_name(const struct dirent *entry)
{
	return !strchr(entry->d_name, '.');
}

char **perf_sysfs_names(const char *root, const char *pmu, size_t *nr)
{
	char *path = xasprintf("%s" DEVICES "%s%s%s", root, pmu ? "/" : "", pmu ? pmu : "",
			       pmu ? "/events" : "");
	struct dirent **entries = NULL;
	int found = scandir(path, &entries, is_name, alphasort);
	char **names;

	free(path);
	*nr = found > 0 ? found : 0;
	names = xcalloc(*nr + 1, sizeof(*names));
	for (size_t i = 0; i < *nr; i++) {
		names[i] = xstrdup(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return names;
}

void perf_sysfs_free(char **names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}
