/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over every file of the named folders, so that no target rots between two runs
 * of `make fuzz`. Reports in TAP: one line a file, announced before, as a crash ends the program.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Replay one file; returns whether it could be read. */
static int replay(const char *folder, const char *name)
{
	uint8_t *data = malloc(1 << 20);
	char path[4096];
	size_t size;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = fopen(path, "re");
	if (!in || !data) {
		free(data);
		return 0;
	}
	size = fread(data, 1, 1 << 20, in);
	fclose(in);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned nr = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		struct dirent **names;
		int n = scandir(argv[i], &names, NULL, alphasort);

		for (int k = 0; k < n; k++) {
			if (names[k]->d_name[0] != '.') {
				int good;

				printf("# %s/%s\n", argv[i], names[k]->d_name);
				good = replay(argv[i], names[k]->d_name);
				printf("%sok %u - %s\n", good ? "" : "not ", ++nr,
				       names[k]->d_name);
				bad += !good;
			}
			free(names[k]);
		}
		if (n >= 0)
			free(names);
	}
	printf("1..%u\n", nr);
	return !nr || bad;
}
