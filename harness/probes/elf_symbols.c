/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/elf_symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"

static void add_section(struct elf_symbols *e, Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym sym;

	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(elf, head->sh_link, sym.st_name);
		unsigned type = GELF_ST_TYPE(sym.st_info);

		if (!name || !*name || sym.st_shndx == SHN_UNDEF ||
		    (type != STT_FUNC && type != STT_GNU_IFUNC))
			continue;
		XGROW(e->symbols, e->nr, e->cap);
		e->symbols[e->nr++] = (struct elf_symbol){sym.st_value, sym.st_size, xstrdup(name)};
	}
}

static void add_segments(struct elf_symbols *e, Elf *elf)
{
	GElf_Phdr head;
	size_t nr = 0;

	elf_getphdrnum(elf, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (!gelf_getphdr(elf, (int)i, &head) || head.p_type != PT_LOAD)
			continue;
		XGROW(e->segments, e->nr_segments, e->cap_segments);
		e->segments[e->nr_segments++] =
			(struct elf_segment){head.p_offset, head.p_filesz, head.p_vaddr};
	}
}

/* Of several names for one address the last is found: the one with the fewest underscores in front. */
static int by_address(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;
	size_t under_x = strspn(x->name, "_"), under_y = strspn(y->name, "_");

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (under_x != under_y)
		return under_x > under_y ? -1 : 1;
	return strcmp(y->name, x->name);
}

static void read_file(struct elf_symbols *e, int fd)
{
	Elf *elf;
	Elf_Scn *section = NULL;
	GElf_Shdr head;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return;
	add_segments(e, elf);
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &head) &&
		    (head.sh_type == SHT_SYMTAB || head.sh_type == SHT_DYNSYM))
			add_section(e, elf, section, &head);
	elf_end(elf);
	if (e->nr)
		qsort(e->symbols, e->nr, sizeof(*e->symbols), by_address);
}

struct elf_symbols *elf_symbols_new(const char *path)
{
	struct elf_symbols *e = xcalloc(1, sizeof(*e));
	const char *base = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	e->path = xstrdup(path);
	e->label = xasprintf("[%s]", base ? base + 1 : path);
	if (fd < 0)
		return e;
	read_file(e, fd);
	close(fd);
	return e;
}

/* The last symbol at or below @address. */
static const struct elf_symbol *find(const struct elf_symbols *e, uint64_t address)
{
	size_t from = 0, to = e->nr;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (e->symbols[middle].address <= address)
			from = middle + 1;
		else
			to = middle;
	}
	return from ? &e->symbols[from - 1] : NULL;
}

const char *elf_symbols_find(const struct elf_symbols *e, uint64_t offset)
{
	for (size_t i = 0; i < e->nr_segments; i++) {
		const struct elf_segment *g = &e->segments[i];
		const struct elf_symbol *s;

		if (offset < g->offset || offset - g->offset >= g->size)
			continue;
		s = find(e, offset - g->offset + g->address);
		/* Code in assembly may come without a size; a return address can be one behind. */
		if (s && (!s->size || offset - g->offset + g->address <= s->address + s->size))
			return s->name;
	}
	return e->label;
}

void elf_symbols_free(struct elf_symbols *e)
{
	for (size_t i = 0; i < e->nr; i++)
		free(e->symbols[i].name);
	free(e->symbols);
	free(e->segments);
	free(e->label);
	free(e->path);
	free(e);
}
