/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/modules.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"

/* Offsets in a bzImage. */
#define MAGIC_AT   0x202 /* "HdrS" */
#define VERSION_AT 0x20e /* two bytes: where the text is, less 0x200 */

char *modules_release_of(const char *image)
{
	FILE *in = fopen(image, "re");
	char magic[4], text[128] = "";
	uint8_t at[2];
	bool good = in && !fseek(in, MAGIC_AT, SEEK_SET) && fread(magic, 4, 1, in) == 1 &&
		    !memcmp(magic, "HdrS", 4) && !fseek(in, VERSION_AT, SEEK_SET) &&
		    fread(at, 2, 1, in) == 1 &&
		    !fseek(in, (at[1] << 8 | at[0]) + 0x200, SEEK_SET) &&
		    fread(text, 1, sizeof(text) - 1, in) > 0;

	if (in)
		fclose(in);
	text[strcspn(text, " ")] = '\0';
	return good && *text ? xstrdup(text) : NULL;
}

int modules_init(struct modules *m, const char *folder, const char *image, struct why *why)
{
	char *release = modules_release_of(image);
	char *tries[] = {xstrdup(folder), xasprintf("%s/%s", folder, release ? release : ""),
			 xasprintf("%s/lib/modules/%s", folder, release ? release : "")};

	*m = (struct modules){0};
	for (size_t i = 0; i < 3; i++) {
		char *dep = xasprintf("%s/modules.dep", tries[i]);

		if (!m->folder && !access(dep, R_OK))
			m->folder = xstrdup(tries[i]);
		free(dep);
		free(tries[i]);
	}
	if (!m->folder)
		why_not(why, ENOENT,
			"no modules.dep for '%s' in '%s': make modules_install "
			"INSTALL_MOD_PATH=DIR, or depmod -b DIR, makes one",
			release ? release : image, folder);
	free(release);
	return m->folder ? 0 : -ENOENT;
}

/* Whether the file @path ("kernel/fs/9p/9p.ko.xz") is the module @name, up to its end or a blank; '-' and '_'
 * are one. */
static bool is_module(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	for (path = slash ? slash + 1 : path; *name && *name != ' '; path++, name++)
		if (*path != *name && !(strchr("-_", *path) && *path && strchr("-_", *name)))
			return false;
	return !strncmp(path, ".ko", 3);
}

static void add_file(struct modules *m, const char *file, const char *params)
{
	char *path = *file == '/' ? xstrdup(file) : xasprintf("%s/%s", m->folder, file);

	for (size_t i = 0; i < m->nr; i++) {
		if (!strcmp(m->list[i].path, path)) {
			free(path);
			return;
		}
	}
	XGROW(m->list, m->nr, m->cap);
	m->list[m->nr++] = (struct module){path, params};
}

/* A line "FILE: FILE...": what a module needs, the last to be loaded first. */
static void add_line(struct modules *m, char *line, const char *params)
{
	char *needed = strchr(line, ':'), *blank;

	*needed++ = '\0';
	needed[strcspn(needed, "\n")] = '\0';
	while ((blank = strrchr(needed, ' '))) {
		if (blank[1])
			add_file(m, blank + 1, NULL);
		*blank = '\0';
	}
	add_file(m, line, params);
}

int modules_add(struct modules *m, const char *word, struct why *why)
{
	char *dep = xasprintf("%s/modules.dep", m->folder), *line = NULL;
	const char *blank = strchr(word, ' ');
	FILE *in = fopen(dep, "re");
	bool found = false;
	size_t size = 0;

	while (in && !found && getline(&line, &size, in) > 0) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		found = is_module(line, word);
		*colon = ':';
		if (found)
			add_line(m, line, blank ? blank + 1 : NULL);
	}
	if (in)
		fclose(in);
	free(line);
	free(dep);
	return found ? 0
		     : why_not(why, ENOENT, "no module '%s' in '%s/modules.dep'", word, m->folder);
}

void modules_release(struct modules *m)
{
	for (size_t i = 0; i < m->nr; i++)
		free(m->list[i].path);
	free(m->list);
	free(m->folder);
	*m = (struct modules){0};
}
