/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/prefetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "common/xalloc.h"
#include "harness/sysfs.h"

/* The SDM lists these four for every model below; bits beyond them differ and are left alone. */
static const struct prefetch_model intel = {
	.name = "Intel Core and Xeon",
	.msr = 0x1a4,
	.adjacent = "adjacent",
	.prefetchers =
		{
			{"l2-stream", 0, "lines that follow, into L2"},
			{"adjacent", 1, "the other line of a 128-byte pair, into L2"},
			{"dcu-next", 2, "the next line, into L1"},
			{"dcu-ip", 3, "strides of an instruction, into L1"},
		},
};

static const struct prefetch_model amd = {
	.name = "AMD with PrefetchControl",
	.msr = 0xc0000108,
	.adjacent = "up-down",
	.nearest = "AMD has no adjacent-line prefetcher; up-down, which fetches the line above or "
		   "below by history, is its nearest",
	.prefetchers =
		{
			{"l1-stream", 0, "lines that follow, into L1"},
			{"l1-stride", 1, "strides of an instruction, into L1"},
			{"l1-region", 2, "lines of a region that were wanted before, into L1"},
			{"l2-stream", 3, "lines that follow, into L2"},
			{"up-down", 5, "the line above or below, into L2"},
		},
};

/* Family 6 models whose four bits the SDM documents: Nehalem to Tiger and Rocket Lake, servers to Granite
 * Rapids. Not the hybrid ones, whose small cores have other bits at the same address. */
static const unsigned char intel_models[] = {
	0x1a, 0x1e, 0x1f, 0x2e, 0x25, 0x2c, 0x2f, 0x2a, 0x2d, 0x3a, 0x3e, 0x3c,
	0x3f, 0x45, 0x46, 0x3d, 0x47, 0x4f, 0x56, 0x4e, 0x5e, 0x55, 0x8e, 0x9e,
	0xa5, 0xa6, 0x7d, 0x7e, 0x6a, 0x6c, 0xa7, 0x8c, 0x8d, 0x8f, 0xcf, 0xad,
};

/* EAX of CPUID @leaf; below a root of tests from what the cpuid driver would give. */
static uint32_t cpuid_eax(const char *root, unsigned cpu, uint32_t leaf)
{
	uint32_t regs[4] = {0};
	char *path;
	int fd;

	if (!*root) {
#if defined(__x86_64__)
		if (!__get_cpuid(leaf, &regs[0], &regs[1], &regs[2], &regs[3]))
			regs[0] = 0;
#endif
		return regs[0];
	}
	path = xasprintf("%s/dev/cpu/%u/cpuid", root, cpu);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && pread(fd, regs, sizeof(regs), leaf) != sizeof(regs))
		regs[0] = 0;
	if (fd >= 0)
		close(fd);
	free(path);
	return regs[0];
}

static long long cpuinfo_number(const char *cpuinfo, const char *key)
{
	char *text = sysfs_field(cpuinfo, key);
	long long number = text ? strtoll(text, NULL, 10) : -1;

	free(text);
	return number;
}

static const struct prefetch_model *find_model(const char *root, const char *cpuinfo,
					       const char *vendor)
{
	long long family = cpuinfo_number(cpuinfo, "cpu family"),
		  model = cpuinfo_number(cpuinfo, "model");

	if (!strcmp(vendor, "GenuineIntel") && family == 6 && model >= 0 && model < 256 &&
	    memchr(intel_models, (int)model, sizeof(intel_models)))
		return &intel;
	if (!strcmp(vendor, "AuthenticAMD") && family >= 0x19 &&
	    cpuid_eax(root, 0, 0x80000021) & 1u << 13)
		return &amd;
	return NULL;
}

static int identify(struct prefetch *p, struct why *why)
{
	char *cpuinfo = sysfs_read(p->root, "/proc/cpuinfo"), *vendor;
	int err = 0;

	if (!cpuinfo)
		return why_not(why, errno, "%s/proc/cpuinfo: %s", p->root, strerror(errno));
	vendor = sysfs_field(cpuinfo, "vendor_id");
	p->model = find_model(p->root, cpuinfo, vendor ? vendor : "");
	if (!p->model)
		err = why_not(why, ENOTSUP,
			      "no known switches of prefetchers on this processor, '%s' family "
			      "%lld model %lld; its firmware set-up may have some",
			      vendor ? vendor : "?", cpuinfo_number(cpuinfo, "cpu family"),
			      cpuinfo_number(cpuinfo, "model"));
	free(vendor);
	free(cpuinfo);
	return err;
}

static int open_msr(const char *root, unsigned cpu, int flags)
{
	char *path = xasprintf("%s/dev/cpu/%u/msr", root, cpu);
	int fd = open(path, flags | O_CLOEXEC), err = errno;

	free(path);
	return fd < 0 ? -err : fd;
}

static int read_msr(const char *root, unsigned cpu, uint32_t msr, uint64_t *value)
{
	int fd = open_msr(root, cpu, O_RDONLY), err = 0;
	ssize_t got;

	if (fd < 0)
		return fd;
	got = pread(fd, value, sizeof(*value), msr);
	if (got != sizeof(*value))
		err = got < 0 ? -errno : -EIO;
	close(fd);
	return err;
}

/* Write and see that it stuck: a hypervisor may take a write and drop it. */
static int write_msr(const char *root, unsigned cpu, uint32_t msr, uint64_t value)
{
	int fd = open_msr(root, cpu, O_WRONLY), err = 0;
	uint64_t now = 0;
	ssize_t put;

	if (fd < 0)
		return fd;
	put = pwrite(fd, &value, sizeof(value), msr);
	if (put != sizeof(value))
		err = put < 0 ? -errno : -EIO;
	close(fd);
	if (!err)
		err = read_msr(root, cpu, msr, &now);
	return err ? err : now == value ? 0 : -EREMOTEIO;
}

/* One line for what the msr driver answered. */
static int msr_failed(const struct prefetch *p, unsigned cpu, const char *verb, int err,
		      struct why *why)
{
	const char *reason = strerror(err);

	if (err == ENOENT || err == ENXIO)
		reason = "there is no msr driver; load it: modprobe msr";
	else if (err == EACCES)
		reason = "only root may; run it as root";
	else if (err == EPERM)
		reason = "the kernel forbids it: it wants CAP_SYS_RAWIO, and no lockdown "
			 "(/sys/kernel/security/lockdown)";
	else if (err == EIO)
		reason = "the processor does not have it, or a hypervisor hides it";
	else if (err == EREMOTEIO)
		reason = "what was written does not read back; a hypervisor drops it";
	return why_not(why, err, "cannot %s MSR %#x of CPU %u in '%s/dev/cpu/%u/msr': %s", verb,
		       p->model->msr, cpu, p->root, cpu, reason);
}

int prefetch_init(struct prefetch *p, const char *root, struct why *why)
{
	char *online;
	int err;

	*p = (struct prefetch){.root = root};
	err = identify(p, why);
	if (err)
		return err;
	online = sysfs_read(root, "/sys/devices/system/cpu/online");
	if (!online)
		return why_not(why, errno, "%s/sys/devices/system/cpu/online: %s", root,
			       strerror(errno));
	err = id_list_parse(online, &p->cpus, why);
	free(online);
	return err;
}

void prefetch_release(struct prefetch *p)
{
	id_list_release(&p->cpus);
	*p = (struct prefetch){0};
}

static int unknown(const struct prefetch *p, const char *name, struct why *why)
{
	char *names = xstrdup("adjacent");

	for (const struct prefetcher *f = p->model->prefetchers; f->name; f++) {
		char *more;

		if (!strcmp(f->name, "adjacent"))
			continue;
		more = xasprintf("%s, %s", names, f->name);
		free(names);
		names = more;
	}
	why_not(why, EINVAL, "no such prefetcher, with '%s'; there are %s", name, names);
	free(names);
	return -EINVAL;
}

int prefetch_mask(const struct prefetch *p, const char *list, uint64_t *mask, struct why *why)
{
	char *copy = list ? xstrdup(list) : NULL, *rest = copy, *name;
	const struct prefetcher *f;
	int err = 0;

	*mask = 0;
	for (f = p->model->prefetchers; !list && f->name; f++)
		*mask |= 1UL << f->bit;
	while (!err && (name = strsep(&rest, ","))) {
		const char *wanted = strcmp(name, "adjacent") ? name : p->model->adjacent;

		for (f = p->model->prefetchers; f->name && strcmp(f->name, wanted); f++)
			;
		if (f->name)
			*mask |= 1UL << f->bit;
		else
			err = unknown(p, name, why);
	}
	free(copy);
	return err;
}

int prefetch_read(const struct prefetch *p, struct prefetch_value *values, struct why *why)
{
	for (size_t i = 0; i < p->cpus.nr; i++) {
		struct prefetch_value *v = &values[i];
		int err;

		v->cpu = p->cpus.ids[i];
		err = read_msr(p->root, v->cpu, p->model->msr, &v->before);
		if (err)
			return msr_failed(p, v->cpu, "read", -err, why);
		v->after = v->before;
	}
	return 0;
}

void prefetch_change(struct prefetch_value *values, size_t nr, uint64_t mask, bool off)
{
	for (size_t i = 0; i < nr; i++)
		values[i].after = off ? values[i].before | mask : values[i].before & ~mask;
}

int prefetch_write(const struct prefetch *p, const struct prefetch_value *values, size_t nr,
		   struct why *why)
{
	uint64_t changed = 0;

	for (size_t i = 0; i < nr; i++) {
		int err;

		if (values[i].after == values[i].before)
			continue;
		changed |= values[i].after ^ values[i].before;
		err = write_msr(p->root, values[i].cpu, p->model->msr, values[i].after);
		if (!err)
			continue;
		/* Siblings share the register, so also the one that failed. */
		prefetch_restore(p->root, p->model->msr, changed, values, i + 1);
		return msr_failed(p, values[i].cpu, "write", -err, why);
	}
	return 0;
}

size_t prefetch_restore(const char *root, uint32_t msr, uint64_t mask,
			const struct prefetch_value *values, size_t nr)
{
	size_t refused = 0;

	for (size_t i = 0; i < nr; i++) {
		uint64_t now, wanted;

		if (read_msr(root, values[i].cpu, msr, &now)) {
			refused++;
			continue;
		}
		wanted = (now & ~mask) | (values[i].before & mask);
		if (now != wanted && write_msr(root, values[i].cpu, msr, wanted))
			refused++;
	}
	return refused;
}
