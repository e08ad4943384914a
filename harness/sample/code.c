/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/code.h"

#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

struct code_file {
	char *path;
	char build_id[2 * 64 + 1];
	Dwfl *dwfl; /* NULL: not a file of code */
	Dwfl_Module *module;
	Elf *elf;
	GElf_Addr bias; /* of the module's addresses above the file's */
};

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void read_build_id(struct code_file *f)
{
	const unsigned char *bits;
	GElf_Addr address;
	int len = dwfl_module_build_id(f->module, &bits, &address);

	for (int i = 0; i < len && i < 64; i++)
		snprintf(f->build_id + 2 * i, 3, "%02x", bits[i]);
}

static void open_file(struct code_file *f)
{
	f->dwfl = dwfl_begin(&callbacks);
	if (!f->dwfl)
		return;
	dwfl_report_begin(f->dwfl);
	f->module = dwfl_report_offline(f->dwfl, f->path, f->path, -1);
	dwfl_report_end(f->dwfl, NULL, NULL);
	f->elf = f->module ? dwfl_module_getelf(f->module, &f->bias) : NULL;
	if (!f->elf) {
		dwfl_end(f->dwfl);
		f->dwfl = NULL;
		return;
	}
	read_build_id(f);
}

static struct code_file *file_of(struct code *code, const char *path)
{
	struct code_file *f;

	for (size_t i = 0; i < code->nr; i++)
		if (!strcmp(code->files[i]->path, path))
			return code->files[i];
	f = xcalloc(1, sizeof(*f));
	f->path = xstrdup(path);
	if (*path == '/' && path[1] != '/') /* not [vdso], not //anon */
		open_file(f);
	XGROW(code->files, code->nr, code->cap);
	code->files[code->nr++] = f;
	return f;
}

/* Where the loader puts what stands at @offset of the file. */
static bool address_of(const struct code_file *f, uint64_t offset, GElf_Addr *address)
{
	size_t nr;

	if (elf_getphdrnum(f->elf, &nr))
		return false;
	for (size_t i = 0; i < nr; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(f->elf, (int)i, &p) || p.p_type != PT_LOAD ||
		    offset < p.p_offset || offset - p.p_offset >= p.p_filesz)
			continue;
		*address = offset - p.p_offset + p.p_vaddr + f->bias;
		return true;
	}
	return false;
}

bool code_find(struct code *code, const char *path, uint64_t offset, struct code_place *place)
{
	struct code_file *f = file_of(code, path);
	const char *slash = strrchr(path, '/');
	GElf_Addr address;
	GElf_Sym symbol;
	Dwfl_Line *line;

	*place = (struct code_place){.file = slash ? slash + 1 : path, .build_id = f->build_id};
	if (!f->dwfl || !address_of(f, offset, &address))
		return false;
	place->function =
		dwfl_module_addrinfo(f->module, address, &place->offset, &symbol, NULL, NULL, NULL);
	if (place->function)
		place->size = symbol.st_size;
	line = dwfl_module_getsrc(f->module, address);
	if (line)
		place->source = dwfl_lineinfo(line, NULL, &place->line, NULL, NULL, NULL);
	if (place->source && !strncmp(place->source, "./", 2))
		place->source += 2;
	return true;
}

void code_release(struct code *code)
{
	for (size_t i = 0; i < code->nr; i++) {
		if (code->files[i]->dwfl)
			dwfl_end(code->files[i]->dwfl);
		free(code->files[i]->path);
		free(code->files[i]);
	}
	free(code->files);
	*code = (struct code){0};
}
