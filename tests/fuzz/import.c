/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a file of each kind that can be imported: a reason with the file's name, or a run that
 * can be read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/import/import.h"
#include "analysis/load.h"
#include "common/say.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Everything that was imported is a run, and as many steps of it are read. */
static void read_back(const struct import *import, const struct import_format *format,
		      const char *dir)
{
	static const char *const files[] = {"samples.tsv", "plan.tsv", "meta.tsv"};
	struct notes notes = {0};
	struct why why = WHY_INIT;
	char path[100];
	struct run run;

	if (import_write(import, format, dir, "run", &why))
		BUG("%s: what was read cannot be written: %s", format->name, why.text);
	snprintf(path, sizeof(path), "%s/run", dir);
	if (run_load(&run, "run", path, false, &notes, &why))
		BUG("%s: what was written cannot be read: %s", format->name, why.text);
	if (notes.nr || !run.nr_clients)
		BUG("%s: what was written is read as %zu client counts, with the note '%s'",
		    format->name, run.nr_clients, notes.nr ? notes.lines[0] : "");
	run_release(&run);
	notes_release(&notes);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/run/%s", dir, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/run", dir);
	rmdir(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/dev/shm/faultscale-fuzz-XXXXXX", path[80];
	FILE *file;

	if (!mkdtemp(dir))
		BUG("cannot make '%s'", dir);
	snprintf(path, sizeof(path), "%s/page_fault1", dir);
	file = fopen(path, "we");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		BUG("cannot write '%s'", path);
	for (size_t i = 0; import_formats[i]; i++) {
		struct notes notes = {0};
		struct import import = {.notes = &notes};
		struct why why = WHY_INIT;

		if (!import_read(&import, import_formats[i], path, &why)) {
			if (import.nr)
				read_back(&import, import_formats[i], dir);
		} else if (!strstr(why.text, path)) {
			BUG("%s: '%s' does not name the file", import_formats[i]->name, why.text);
		}
		import_release(&import);
		notes_release(&notes);
	}
	unlink(path);
	rmdir(dir);
	return 0;
}
