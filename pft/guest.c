/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/guest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define BALLOON		    "0x0005"
#define FREE_PAGE_REPORTING 5 /* bit; features reads as a string of 0 and 1, bit 0 first */

static bool read_word(const char *dir, const char *device, const char *file, char *word, int len)
{
	char *path = xasprintf("%s/%s/%s", dir, device, file);
	FILE *f = fopen(path, "re");
	bool good = f && fgets(word, len, f);

	if (f)
		fclose(f);
	free(path);
	return good;
}

bool guest_reports_free_pages(const char *devices)
{
	DIR *dir = opendir(devices);
	bool found = false;
	struct dirent *d;
	char word[80];

	while (dir && !found && (d = readdir(dir))) {
		if (!read_word(devices, d->d_name, "device", word, sizeof(word)) ||
		    strncmp(word, BALLOON, strlen(BALLOON)))
			continue;
		found = read_word(devices, d->d_name, "features", word, sizeof(word)) &&
			strlen(word) > FREE_PAGE_REPORTING && word[FREE_PAGE_REPORTING] == '1';
	}
	if (dir)
		closedir(dir);
	return found;
}
