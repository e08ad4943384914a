/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/kswap_group.h"

#include <errno.h>
#include <inttypes.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/kswap_undo.h"
#include "pft/swap_settings.h"

/* Whether @word is one of @list, which @separators separate. */
static bool has_word(const char *list, const char *word, const char *separators)
{
	size_t len = strlen(word);

	for (const char *p = list; *p; p += strspn(p, separators)) {
		size_t n = strcspn(p, separators);

		if (n == len && !memcmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

/* Whether the hierarchy of version 2 has that controller at its root. */
static bool has_controller(const char *mount, const char *name)
{
	char *path = xasprintf("%s/cgroup.controllers", mount), line[512];
	bool has = !kswap_read(path, line, sizeof(line)) && has_word(line, name, " ");

	free(path);
	return has;
}

/* 1 or 2 if the memory controller is in the hierarchy that is mounted there, else 0. */
static int version_of(const struct mntent *mount)
{
	if (!strcmp(mount->mnt_type, "cgroup"))
		return hasmntopt(mount, "memory") ? 1 : 0;
	if (strcmp(mount->mnt_type, "cgroup2"))
		return 0;
	return has_controller(mount->mnt_dir, "memory") ? 2 : 0;
}

/* The path behind the second colon of "4:memory:/a/b", if the line is of that version's hierarchy. */
static const char *path_of(char *line, int version)
{
	char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

	if (!path)
		return NULL;
	line[strcspn(line, "\n")] = 0;
	*list++ = 0;
	*path++ = 0;
	if (version == 2 ? *list == 0 : has_word(list, "memory", ","))
		return path;
	return NULL;
}

/* In a namespace the group may lie outside of what is mounted: then the root it is. */
static void find_home(struct kswap_hierarchy *h, const char *membership)
{
	FILE *in = fopen(membership, "re");
	char *line = NULL;
	size_t size = 0;

	while (in && !h->home && getline(&line, &size, in) > 0) {
		const char *path = path_of(line, h->version);

		if (path)
			h->home = xasprintf("%s%s", h->mount, strcmp(path, "/") ? path : "");
	}
	free(line);
	if (in)
		fclose(in);
	line = h->home ? xasprintf("%s/cgroup.procs", h->home) : NULL;
	if (line && access(line, W_OK)) {
		free(h->home);
		h->home = NULL;
	}
	free(line);
	h->home = h->home ? h->home : xstrdup(h->mount);
}

int kswap_hierarchy_find(struct kswap_hierarchy *h, const char *mounts, const char *membership,
			 struct why *why)
{
	struct mntent mount;
	char line[4096];
	FILE *in;

	*h = (struct kswap_hierarchy){0};
	in = setmntent(mounts, "re");
	if (!in)
		return why_not(why, errno, "cannot read '%s': %s", mounts, strerror(errno));
	while (!h->version && getmntent_r(in, &mount, line, sizeof(line))) {
		h->version = version_of(&mount);
		if (h->version)
			h->mount = xstrdup(mount.mnt_dir);
	}
	endmntent(in);
	if (!h->version)
		return why_not(why, ENOSYS,
			       "no mounted cgroup hierarchy has the memory controller, says '%s'",
			       mounts);
	find_home(h, membership);
	return 0;
}

void kswap_hierarchy_release(struct kswap_hierarchy *h)
{
	free(h->mount);
	free(h->home);
	*h = (struct kswap_hierarchy){0};
}

/* Version 2: groups below the root have a controller only if it is handed down to them. */
static int hand_down(const struct kswap_hierarchy *h, const char *controller,
		     struct kswap_undo *undo, struct why *why)
{
	char *path = xasprintf("%s/cgroup.subtree_control", h->mount);
	char line[512], give[32], take[32];
	int err = kswap_read(path, line, sizeof(line));

	snprintf(give, sizeof(give), "+%s", controller);
	snprintf(take, sizeof(take), "-%s", controller);
	if (!err && !has_word(line, controller, " ")) {
		err = kswap_undo_note(undo, KSWAP_WRITE, path, take, why);
		err = err ? err : kswap_write(path, give);
	}
	if (err)
		why_not(why, -err, "cannot hand the %s controller down in '%s': %s", controller,
			path, strerror(-err));
	free(path);
	return err;
}

/* Write @text into the group's @file. */
static int set_file(const char *group, const char *file, const char *text, struct why *why)
{
	char *path = xasprintf("%s/%s", group, file);
	int err = kswap_write(path, text);

	if (err == -ENOENT && !access(group, F_OK))
		why_not(why, ENOENT, "cgroups of this kernel have no '%s'", file);
	else if (err)
		why_not(why, -err, "cannot write '%s' into '%s': %s", text, path, strerror(-err));
	free(path);
	return err;
}

static int set_limit(const char *group, const char *file, uint64_t value, struct why *why)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return value == SWAP_UNLIMITED ? 0 : set_file(group, file, text, why);
}

static int set_limits(const struct kswap_hierarchy *h, const char *group,
		      const struct kswap_limits *limits, struct why *why)
{
	int err;

	if (h->version == 1 && limits->zswap != SWAP_UNLIMITED)
		return why_not(why, EINVAL,
			       "--zswap-max is for cgroup version 2; here the memory controller "
			       "is with version 1, at '%s'",
			       h->mount);
	if (h->version == 1 && limits->no_writeback)
		return why_not(why, EINVAL,
			       "zswap-writeback=off is for cgroup version 2; here the memory "
			       "controller is with version 1, at '%s'",
			       h->mount);
	err = set_limit(group, "memory.zswap.max", limits->zswap, why);
	if (!err && limits->no_writeback)
		err = set_file(group, "memory.zswap.writeback", "0", why);
	if (!err)
		err = set_limit(group, h->version == 1 ? "memory.limit_in_bytes" : "memory.max",
				limits->memory, why);
	return err;
}

int kswap_group_make(const struct kswap_hierarchy *h, const char *suffix,
		     const struct kswap_limits *limits, struct kswap_undo *undo, char **path,
		     struct why *why)
{
	int err = h->version == 2 ? hand_down(h, "memory", undo, why) : 0;

	if (!err && h->version == 2 && has_controller(h->mount, "io"))
		err = hand_down(h, "io", undo, why);
	if (err)
		return err;
	*path = xasprintf("%s/pft-kernel-swap-%d%s", h->mount, (int)getpid(), suffix);
	err = kswap_undo_note(undo, KSWAP_GROUP, *path, h->home, why);
	if (!err && mkdir(*path, 0755))
		err = why_not(why, errno, "cannot make cgroup '%s': %s", *path, strerror(errno));
	return err ? err : set_limits(h, *path, limits, why);
}

int kswap_group_move(const char *group, struct why *why)
{
	char *path = xasprintf("%s/cgroup.procs", group), pid[32];
	int err;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	err = kswap_write(path, pid);
	if (err)
		why_not(why, -err, "cannot move this process into '%s': %s", group, strerror(-err));
	free(path);
	return err;
}
