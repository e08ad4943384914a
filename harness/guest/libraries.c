/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <glob.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"

/* What one ELF file says. */
struct needs {
	unsigned machine;
	char *interpreter;
	char *runpath; /* or rpath; NULL without */
	char **names;
	size_t nr, cap;
};

static void needs_release(struct needs *n)
{
	for (size_t i = 0; i < n->nr; i++)
		free(n->names[i]);
	free(n->names);
	free(n->interpreter);
	free(n->runpath);
}

static void read_dynamic(struct needs *n, Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn dyn;

	for (int i = 0; data && gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
		const char *text = elf_strptr(elf, head->sh_link, dyn.d_un.d_val);

		if (!text)
			continue;
		if (dyn.d_tag == DT_NEEDED) {
			XGROW(n->names, n->nr, n->cap);
			n->names[n->nr++] = xstrdup(text);
		} else if (dyn.d_tag == DT_RUNPATH || dyn.d_tag == DT_RPATH) {
			free(n->runpath);
			n->runpath = xstrdup(text);
		}
	}
}

static void read_elf(struct needs *n, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr head;
	GElf_Ehdr ehdr;

	if (gelf_getehdr(elf, &ehdr))
		n->machine = ehdr.e_machine;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &head))
			continue;
		if (head.sh_type == SHT_DYNAMIC) {
			read_dynamic(n, elf, section, &head);
		} else if (head.sh_type == SHT_PROGBITS) {
			size_t names;
			const char *name = NULL;
			Elf_Data *data;

			if (!elf_getshdrstrndx(elf, &names))
				name = elf_strptr(elf, names, head.sh_name);
			data = name && !strcmp(name, ".interp") ? elf_getdata(section, NULL) : NULL;
			if (data && data->d_buf)
				n->interpreter = xstrndup(data->d_buf, data->d_size);
		}
	}
}

/* Returns 0; -errno, -ENOEXEC for what is no ELF file. The caller releases @n in any case. */
static int needs_read(struct needs *n, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;
	int err = 0;

	*n = (struct needs){0};
	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		read_elf(n, elf);
	else
		err = -ENOEXEC;
	elf_end(elf);
	close(fd);
	return err;
}

static void add_folder(struct libraries *l, const char *folder)
{
	XGROW(l->folders, l->nr_folders, l->cap_folders);
	l->folders[l->nr_folders++] = xasprintf("%s%s", l->sysroot, folder);
}

/* ld.so.conf: a folder a line, or "include PATTERN". */
static void read_conf(struct libraries *l, const char *path, unsigned depth)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		char *rest = line, *word;

		line[strcspn(line, "#\n")] = '\0';
		word = strsep(&rest, " \t");
		if (!strcmp(word, "include") && rest && depth < 4) {
			char *pattern = xasprintf("%s%s", l->sysroot, rest);
			glob_t matches;

			if (!glob(pattern, 0, NULL, &matches))
				for (size_t i = 0; i < matches.gl_pathc; i++)
					read_conf(l, matches.gl_pathv[i], depth + 1);
			globfree(&matches);
			free(pattern);
		} else if (*word == '/') {
			add_folder(l, word);
		}
	}
	free(line);
	if (in)
		fclose(in);
}

void libraries_init(struct libraries *l, const char *sysroot)
{
	char *conf = xasprintf("%s/etc/ld.so.conf", sysroot);

	*l = (struct libraries){.sysroot = sysroot};
	read_conf(l, conf, 0);
	add_folder(l, "/lib64");
	add_folder(l, "/usr/lib64");
	add_folder(l, "/lib");
	add_folder(l, "/usr/lib");
	free(conf);
}

/* FOLDER/NAME if it is a library for the programs' processor. */
static char *look_in(const struct libraries *l, const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct needs needs;
	bool fits = !needs_read(&needs, path) && needs.machine == l->machine;

	needs_release(&needs);
	if (fits)
		return path;
	free(path);
	return NULL;
}

/* In a run path $ORIGIN is where @asker lies. */
static char *look_in_runpath(const struct libraries *l, const char *runpath, const char *asker,
			     const char *name)
{
	char *text = xstrdup(runpath), *rest = text, *folder, *path = NULL;
	const char *slash = strrchr(asker, '/');

	while (!path && (folder = strsep(&rest, ":"))) {
		const char *behind = folder + strlen("$ORIGIN");
		char *full;

		if (!strncmp(folder, "$ORIGIN", strlen("$ORIGIN")))
			full = xasprintf("%.*s%s", slash ? (int)(slash - asker) : 1,
					 slash ? asker : ".", behind);
		else
			full = xasprintf("%s%s", l->sysroot, folder);
		path = look_in(l, full, name);
		free(full);
	}
	free(text);
	return path;
}

static bool is_found(const struct libraries *l, const char *name)
{
	for (size_t i = 0; i < l->nr; i++)
		if (!strcmp(l->found[i].name, name))
			return true;
	return false;
}

/* Put the multiarch folders of Debian in front, which are named after the processor. */
static void add_multiarch(struct libraries *l)
{
	const char *triplet = l->machine == EM_X86_64	 ? "x86_64-linux-gnu"
			      : l->machine == EM_AARCH64 ? "aarch64-linux-gnu"
							 : NULL;
	char *folder;

	if (!triplet)
		return;
	folder = xasprintf("/lib/%s", triplet);
	add_folder(l, folder);
	free(folder);
	folder = xasprintf("/usr/lib/%s", triplet);
	add_folder(l, folder);
	free(folder);
}

/* What @asker needs, whose needs are @needs. */
static int add_needs(struct libraries *l, const struct needs *needs, const char *asker,
		     struct why *why)
{
	int err = 0;

	for (size_t i = 0; i < needs->nr && !err; i++) {
		const char *name = needs->names[i];
		char *path = NULL;

		if (is_found(l, name))
			continue;
		if (needs->runpath)
			path = look_in_runpath(l, needs->runpath, asker, name);
		for (size_t j = 0; j < l->nr_folders && !path; j++)
			path = look_in(l, l->folders[j], name);
		if (!path)
			return why_not(why, ENOENT,
				       "the library '%s', which '%s' loads, is not below '%s/'; "
				       "install it there, or name its root with --sysroot DIR",
				       name, asker, l->sysroot);
		XGROW(l->found, l->nr, l->cap);
		l->found[l->nr++] = (struct library){xstrdup(name), path};
		err = libraries_add(l, path, why);
	}
	return err;
}

static int read_program(struct needs *needs, const char *program, struct why *why)
{
	int err = needs_read(needs, program);

	return err ? why_not(why, -err, "cannot read '%s': %s", program,
			     err == -ENOEXEC ? "not a program of Linux (ELF)" : strerror(-err))
		   : 0;
}

int libraries_machine(const char *program, unsigned *machine, struct why *why)
{
	struct needs needs;
	int err = read_program(&needs, program, why);

	*machine = needs.machine;
	needs_release(&needs);
	return err;
}

int libraries_add(struct libraries *l, const char *program, struct why *why)
{
	struct needs needs;
	int err = read_program(&needs, program, why);

	if (!err && !l->machine) {
		l->machine = needs.machine;
		add_multiarch(l);
	}
	if (!err && needs.machine != l->machine)
		err = why_not(why, EINVAL,
			      "'%s' is for another processor than the programs with it", program);
	if (!err && needs.interpreter && !l->interpreter)
		l->interpreter = xstrdup(needs.interpreter);
	if (!err)
		err = add_needs(l, &needs, program, why);
	needs_release(&needs);
	return err;
}

void libraries_release(struct libraries *l)
{
	for (size_t i = 0; i < l->nr; i++) {
		free(l->found[i].name);
		free(l->found[i].path);
	}
	for (size_t i = 0; i < l->nr_folders; i++)
		free(l->folders[i]);
	free(l->found);
	free(l->folders);
	free(l->interpreter);
	*l = (struct libraries){0};
}
