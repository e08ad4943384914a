/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/initramfs.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/guest/cpio.h"
#include "harness/guest/libraries.h"
#include "harness/guest/orders.h"
#include "harness/pft_check.h"

/* @path without "." and "..", absolute. */
static char *normal(const char *path)
{
	char *copy = xstrdup(path), *rest = copy, *name, *all = xstrdup("");

	while ((name = strsep(&rest, "/"))) {
		if (!strcmp(name, "..")) {
			char *slash = strrchr(all, '/');

			*(slash ? slash : all) = '\0';
		} else if (*name && strcmp(name, ".")) {
			char *more = xasprintf("%s/%s", all, name);

			free(all);
			all = more;
		}
	}
	free(copy);
	return all;
}

char *initramfs_path(const char *path)
{
	static const char *const covered[] = {"/dev/", "/proc/", "/sys/"};
	char *full = normal(path);

	for (size_t i = 0; i < sizeof(covered) / sizeof(covered[0]); i++) {
		if (!strncmp(full, covered[i], strlen(covered[i]))) {
			free(full);
			return xstrdup("/config");
		}
	}
	return full;
}

static char *beside(const char *pft, const char *name)
{
	const char *slash = strrchr(pft, '/');

	return xasprintf("%.*s%s", slash ? (int)(slash - pft) + 1 : 0, pft, name);
}

int initramfs_programs(struct initramfs *parts, const char *pft, unsigned *machine, struct why *why)
{
	const char *const programs[] = {"pft", "faultscale", "faultscale-init"};
	char **const paths[] = {&parts->pft, &parts->faultscale, &parts->init};

	parts->pft = pft ? xstrdup(pft) : pft_beside();
	if (!parts->pft)
		return why_not(why, errno, "cannot find this program's own path: %s",
			       strerror(errno));
	parts->faultscale = beside(parts->pft, "faultscale");
	parts->init = beside(parts->pft, "faultscale-init");
	if (access(parts->init, R_OK)) {
		free(parts->init);
		parts->init = beside(parts->pft, "../libexec/faultscale/faultscale-init");
	}
	for (size_t i = 0; i < 3; i++)
		if (access(*paths[i], R_OK))
			return why_not(why, errno,
				       "cannot read '%s', the guest's %s: %s; build it with make, "
				       "and name the pft beside it with --pft PATH",
				       *paths[i], programs[i], strerror(errno));
	return libraries_machine(parts->init, machine, why);
}

/* A copy of the program @from that names our loader: a rootfs may have its own where this one is looked for.
 * The new name is the shorter one. */
static int add_program(struct cpio *c, const char *path, const char *from, const char *loader,
		       struct why *why)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC), err = 0;
	char *data = MAP_FAILED, *at;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		err = errno;
	else
		data = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (!err && data == MAP_FAILED)
		err = errno;
	at = err || !loader ? NULL : memmem(data, (size_t)st.st_size, loader, strlen(loader) + 1);
	if (at && strlen(loader) >= strlen(GUEST_LOADER)) {
		memset(at, 0, strlen(loader));
		memcpy(at, GUEST_LOADER, strlen(GUEST_LOADER));
	}
	if (!err)
		cpio_file(c, path, 0755, data, (size_t)st.st_size);
	if (data != MAP_FAILED)
		munmap(data, (size_t)st.st_size);
	if (fd >= 0)
		close(fd);
	return err ? why_not(why, err, "cannot read '%s': %s", from, strerror(err)) : 0;
}

/* The libraries that were found, and the loader. */
static int add_libraries(struct cpio *c, const struct libraries *l, struct why *why)
{
	char *path = xasprintf("%s%s", l->sysroot, l->interpreter ? l->interpreter : "");
	int err = l->interpreter ? cpio_copy(c, GUEST_LOADER, path, why) : 0;

	free(path);
	for (size_t i = 0; i < l->nr && !err; i++) {
		path = xasprintf(GUEST_LIBRARIES "/%s", l->found[i].name);
		err = cpio_copy(c, path, l->found[i].path, why);
		free(path);
	}
	return err;
}

static int add_programs(struct cpio *c, const struct initramfs *parts, struct why *why)
{
	const char *const from[] = {parts->init, parts->pft, parts->faultscale};
	const char *const to[] = {GUEST_INIT, GUEST_FOLDER "/pft", GUEST_FOLDER "/faultscale"};
	struct libraries l;
	int err = 0;

	libraries_init(&l, parts->sysroot);
	for (size_t i = 0; i < 3 && !err; i++)
		err = libraries_add(&l, from[i], why);
	for (size_t i = 0; i < 3 && !err; i++)
		err = add_program(c, to[i], from[i], l.interpreter, why);
	if (!err)
		err = add_libraries(c, &l, why);
	libraries_release(&l);
	return err;
}

static int add_modules(struct cpio *c, const struct modules *m, struct why *why)
{
	int err = 0;

	for (size_t i = 0; m && i < m->nr && !err; i++) {
		char *path = xasprintf(GUEST_MODULES "%s", strrchr(m->list[i].path, '/'));

		err = cpio_copy(c, path, m->list[i].path, why);
		free(path);
	}
	return err;
}

/* The files and links below the folder @from, as those below @to. */
static int add_tree(struct cpio *c, const char *from, const char *to, struct why *why)
{
	char *copy = xstrdup(from), *roots[] = {copy, NULL}, target[4096];
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	const FTSENT *e;
	ssize_t len;
	int err = tree ? 0 : -errno;

	while (!err && (e = fts_read(tree))) {
		char *path = xasprintf("%s%s", to, e->fts_path + strlen(from));

		switch (e->fts_info) {
		case FTS_D:
			cpio_folder(c, path);
			break;
		case FTS_F:
			err = cpio_copy(c, path, e->fts_path, why);
			break;
		case FTS_SL:
		case FTS_SLNONE:
			len = readlink(e->fts_path, target, sizeof(target) - 1);
			target[len > 0 ? len : 0] = '\0';
			cpio_link(c, path, target);
			break;
		case FTS_DNR:
		case FTS_ERR:
			err = why_not(why, e->fts_errno, "cannot read '%s': %s", e->fts_path,
				      strerror(e->fts_errno));
			break;
		default:
			break;
		}
		free(path);
	}
	if (tree)
		fts_close(tree);
	free(copy);
	return err;
}

static int add_config(struct cpio *c, const char *config, struct why *why)
{
	char *path = initramfs_path(config), *text = NULL;
	FILE *in = fopen(config, "re");
	size_t size = 0;
	ssize_t len = in ? getdelim(&text, &size, EOF, in) : -1;
	int err = 0;

	if (len < 0 && (!in || ferror(in)))
		err = why_not(why, errno, "cannot read '%s': %s", config, strerror(errno));
	else
		cpio_file(c, path, 0644, text, len > 0 ? (size_t)len : 0);
	if (in)
		fclose(in);
	free(text);
	free(path);
	return err;
}

static int add_all(struct cpio *c, const struct initramfs *parts, struct why *why)
{
	int err = add_programs(c, parts, why);

	cpio_file(c, GUEST_ORDERS, 0600, parts->orders, strlen(parts->orders));
	if (!err)
		err = add_modules(c, parts->modules, why);
	if (!err && parts->config)
		err = add_config(c, parts->config, why);
	if (!err && parts->run_dir) {
		char *to = initramfs_path(parts->run_dir);

		err = add_tree(c, parts->run_dir, to, why);
		free(to);
	}
	return err;
}

/* The files of a rootfs, in an archive of their own behind ours: the kernel unpacks one after the other,
 * compressed ones too. */
static int add_rootfs(FILE *out, const char *rootfs, struct why *why)
{
	char *text = NULL;
	size_t size = 0;
	struct stat st;
	struct cpio c;
	FILE *in;
	ssize_t len;
	int err = 0;

	if (stat(rootfs, &st))
		return why_not(why, errno, "cannot read '%s': %s", rootfs, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		cpio_init(&c, out);
		err = add_tree(&c, rootfs, "", why);
		cpio_end(&c);
		return err;
	}
	in = fopen(rootfs, "re");
	len = in ? getdelim(&text, &size, EOF, in) : -1;
	if (len < 0)
		err = why_not(why, errno, "cannot read '%s': %s", rootfs, strerror(errno));
	else
		fwrite(text, 1, (size_t)len, out);
	if (in)
		fclose(in);
	free(text);
	return err;
}

int initramfs_build(const struct initramfs *parts, struct why *why)
{
	int fd = memfd_create("initramfs", MFD_CLOEXEC), high, err;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	struct cpio c;

	if (!out)
		return why_not(why, errno, "cannot make a file in memory: %s", strerror(errno));
	cpio_init(&c, out);
	err = add_all(&c, parts, why);
	cpio_end(&c);
	if (!err && parts->rootfs)
		err = add_rootfs(out, parts->rootfs, why);
	if (!err && (fflush(out) || ferror(out)))
		err = why_not(why, errno, "cannot write the initramfs: %s", strerror(errno));
	/* Above the descriptors that a child gets of its own, and inherited. */
	high = err ? -1 : fcntl(fd, F_DUPFD, 100);
	if (!err && high < 0)
		err = why_not(why, errno, "cannot hand the initramfs on: %s", strerror(errno));
	fclose(out);
	return err ? err : high;
}

void initramfs_release(struct initramfs *parts)
{
	free(parts->pft);
	free(parts->faultscale);
	free(parts->init);
	parts->pft = parts->faultscale = parts->init = NULL;
}
