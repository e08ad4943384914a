/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define KALLSYMS "/proc/kallsyms"
#define UNKNOWN	 "[unknown]"

int symbols_init(struct symbols *s, struct why *why)
{
	*s = (struct symbols){0};
	return kallsyms_open(&s->kernel, KALLSYMS, why);
}

void symbols_clear(struct symbols *s)
{
	s->nr_mappings = 0;
}

static struct elf_symbols *file_of(struct symbols *s, const char *path)
{
	for (size_t i = 0; i < s->nr_files; i++)
		if (!strcmp(s->files[i]->path, path))
			return s->files[i];
	XGROW(s->files, s->nr_files, s->cap_files);
	s->files[s->nr_files] = elf_symbols_new(path);
	return s->files[s->nr_files++];
}

int symbols_map(struct symbols *s, const char *text)
{
	struct mapping m;
	int path = 0;

	if (sscanf(text, "%" SCNx64 "-%" SCNx64 " %" SCNx64 " %n", &m.start, &m.end, &m.offset,
		   &path) != 3 ||
	    !path || !text[path] || m.end <= m.start)
		return -EINVAL;
	m.file = file_of(s, text + path);
	XGROW(s->mappings, s->nr_mappings, s->cap_mappings);
	s->mappings[s->nr_mappings++] = m;
	return 0;
}

const char *symbols_kernel(const struct symbols *s, uint64_t address)
{
	const char *name = kallsyms_find(&s->kernel, address, NULL);

	return name ? name : UNKNOWN;
}

const char *symbols_user(const struct symbols *s, uint64_t address)
{
	for (size_t i = 0; i < s->nr_mappings; i++) {
		const struct mapping *m = &s->mappings[i];

		if (address >= m->start && address < m->end)
			return elf_symbols_find(m->file, address - m->start + m->offset);
	}
	return UNKNOWN;
}

void symbols_release(struct symbols *s)
{
	kallsyms_release(&s->kernel);
	for (size_t i = 0; i < s->nr_files; i++)
		elf_symbols_free(s->files[i]);
	free(s->files);
	free(s->mappings);
	*s = (struct symbols){0};
}
