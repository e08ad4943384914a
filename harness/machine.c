/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/machine.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "common/xalloc.h"
#include "harness/sysfs.h"

/* A fact that is the text of one file; @choice: only the word in brackets of it. */
struct file_fact {
	const char *key;
	const char *path;
	bool choice;
};

static const struct file_fact file_facts[] = {
	{"hostname", "/proc/sys/kernel/hostname", false},
	{"boot_options", "/proc/cmdline", false},
	{"load", "/proc/loadavg", false},
	{"uptime", "/proc/uptime", false},
	{"smt", "/sys/devices/system/cpu/smt/control", false},
	{"thp", "/sys/kernel/mm/transparent_hugepage/enabled", true},
	{"thp_defrag", "/sys/kernel/mm/transparent_hugepage/defrag", true},
	{"thp_shmem", "/sys/kernel/mm/transparent_hugepage/shmem_enabled", true},
	{"numa_balancing", "/proc/sys/kernel/numa_balancing", false},
	{"zswap", "/sys/module/zswap/parameters/enabled", false},
	{"zswap_compressor", "/sys/module/zswap/parameters/compressor", false},
	{"lru_gen", "/sys/kernel/mm/lru_gen/enabled", false},
	{"overcommit", "/proc/sys/vm/overcommit_memory", false},
	{"aslr", "/proc/sys/kernel/randomize_va_space", false},
	{"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", false},
	{"isolated_cpus", "/sys/devices/system/cpu/isolated", false},
	{"swaps", "/proc/swaps", false},
};

/* Facts that are a line of a file: file, line, key. */
static const struct {
	const char *key;
	const char *path;
	const char *line;
} line_facts[] = {
	{"cpu_model", "/proc/cpuinfo", "model name"},
	{"microcode", "/proc/cpuinfo", "microcode"},
	{"memory_total", "/proc/meminfo", "MemTotal"},
	{"memory_available", "/proc/meminfo", "MemAvailable"},
	{"swap_total", "/proc/meminfo", "SwapTotal"},
	{"hugepages", "/proc/meminfo", "HugePages_Total"},
	{"hugepage_size", "/proc/meminfo", "Hugepagesize"},
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static void add_file(struct meta *meta, const char *root, const struct file_fact *fact)
{
	char *text = sysfs_read(root, fact->path);

	if (text && fact->choice) {
		char *word = sysfs_choice(text);

		meta_add(meta, fact->key, "%s", word);
		free(word);
	} else if (text) {
		meta_add(meta, fact->key, "%s", text);
	} else {
		meta_absent(meta, fact->key, "%s: %s", fact->path, strerror(errno));
	}
	free(text);
}

static void add_line(struct meta *meta, const char *root, const char *key, const char *path,
		     const char *line)
{
	char *text = sysfs_read(root, path);
	char *value = text ? sysfs_field(text, line) : NULL;

	if (value)
		meta_add(meta, key, "%s", value);
	else if (text)
		meta_absent(meta, key, "%s has no line '%s'", path, line);
	else
		meta_absent(meta, key, "%s: %s", path, strerror(errno));
	free(value);
	free(text);
}

static void add_kernel(struct meta *meta, const char *root)
{
	char *release = sysfs_read(root, "/proc/sys/kernel/osrelease");
	char *version = sysfs_read(root, "/proc/sys/kernel/version");
	struct utsname name;

	if (release && version && !uname(&name))
		meta_add(meta, "kernel", "Linux %s %s %s", release, version, name.machine);
	else
		meta_absent(meta, "kernel", "/proc/sys/kernel/osrelease: %s", strerror(errno));
	free(release);
	free(version);
}

/* One value per CPU, each distinct one once: "performance" or "performance, powersave". */
static void add_per_cpu(struct meta *meta, const char *root, const char *key, const char *path)
{
	char *pattern = xasprintf("%s/sys/devices/system/cpu/cpu[0-9]*/%s", root, path);
	char *all = xstrdup("");
	glob_t g;

	if (glob(pattern, 0, NULL, &g)) {
		meta_absent(meta, key, "no CPU has %s", path);
	} else {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			char *value = sysfs_read("", g.gl_pathv[i]), *more;

			if (value && !strstr(all, value)) {
				more = xasprintf("%s%s%s", all, *all ? ", " : "", value);
				free(all);
				all = more;
			}
			free(value);
		}
		meta_add(meta, key, "%s", all);
		globfree(&g);
	}
	free(all);
	free(pattern);
}

static void add_turbo(struct meta *meta, const char *root)
{
	long long value;

	if (sysfs_number(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", &value))
		meta_add(meta, "turbo", "%s", value ? "off" : "on");
	else if (sysfs_number(root, "/sys/devices/system/cpu/cpufreq/boost", &value))
		meta_add(meta, "turbo", "%s", value ? "on" : "off");
	else
		meta_absent(meta, "turbo",
			    "neither intel_pstate/no_turbo nor cpufreq/boost exists");
}

static void add_mitigations(struct meta *meta, const char *root)
{
	char *pattern = xasprintf("%s/sys/devices/system/cpu/vulnerabilities/*", root);
	glob_t g;

	if (glob(pattern, 0, NULL, &g)) {
		meta_absent(meta, "mitigations",
			    "/sys/devices/system/cpu/vulnerabilities is empty");
		free(pattern);
		return;
	}
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *key = xasprintf("mitigation_%s", basename(g.gl_pathv[i]));
		char *value = sysfs_read("", g.gl_pathv[i]);

		if (value)
			meta_add(meta, key, "%s", value);
		else
			meta_absent(meta, key, "%s", strerror(errno));
		free(value);
		free(key);
	}
	globfree(&g);
	free(pattern);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += len)
		if ((p == text || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

/* "virtual: VENDOR PRODUCT", or "bare metal": the CPUID bit that hypervisors set for their guests
 * decides, firmware names it. */
static void add_machine(struct meta *meta, const char *root)
{
	char *vendor = sysfs_read(root, "/sys/class/dmi/id/sys_vendor");
	char *product = sysfs_read(root, "/sys/class/dmi/id/product_name");
	char *type = sysfs_read(root, "/sys/hypervisor/type");
	char *cpuinfo = sysfs_read(root, "/proc/cpuinfo");
	char *flags = cpuinfo ? sysfs_field(cpuinfo, "flags") : NULL;
	bool guest = type || (flags && has_word(flags, "hypervisor"));
	char *maker = xasprintf("%s%s%s", vendor ? vendor : "", vendor && product ? " " : "",
				product ? product : "");

	if (!flags && !type)
		meta_absent(meta, "machine", "/proc/cpuinfo has no flags on this architecture%s%s",
			    *maker ? "; made by " : "", maker);
	else
		meta_add(meta, "machine", "%s%s%s%s%s", guest ? "virtual" : "bare metal",
			 type ? ", " : "", type ? type : "", *maker ? ": " : "", maker);
	free(maker);
	free(flags);
	free(cpuinfo);
	free(type);
	free(product);
	free(vendor);
}

char *machine_page_reporting(const char *root)
{
	char *pattern = xasprintf("%s/sys/bus/virtio/devices/*/features", root), *found = NULL;
	glob_t g;

	if (glob(pattern, 0, NULL, &g)) {
		free(pattern);
		return NULL;
	}
	for (size_t i = 0; i < g.gl_pathc && !found; i++) {
		char *features = sysfs_read("", g.gl_pathv[i]);
		char *device, *path;

		*strrchr(g.gl_pathv[i], '/') = '\0';
		path = xasprintf("%s/device", g.gl_pathv[i]);
		device = sysfs_read("", path);
		if (features && device && !strcmp(device, "0x0005") && strnlen(features, 6) == 6 &&
		    features[5] == '1')
			found = xstrdup(basename(g.gl_pathv[i]));
		free(device);
		free(path);
		free(features);
	}
	globfree(&g);
	free(pattern);
	return found;
}

static void lower(double *limit, double value)
{
	if (value > 0 && (*limit == 0 || value < *limit))
		*limit = value;
}

/* The limits of one directory, version 2 and version 1 files alike. */
static void directory_limits(struct machine_limits *l, const char *root, const char *dir)
{
	static const char *const bytes[] = {"memory.max", "memory.limit_in_bytes"};
	char *path = xasprintf("%s/cpu.max", dir), *text = sysfs_read(root, path);
	double quota, period;
	long long number, every;

	if (text && sscanf(text, "%lf %lf", &quota, &period) == 2 && period > 0)
		lower(&l->cpus, quota / period);
	free(text);
	free(path);
	path = xasprintf("%s/cpu.cfs_quota_us", dir);
	if (sysfs_number(root, path, &number) && number > 0) {
		free(path);
		path = xasprintf("%s/cpu.cfs_period_us", dir);
		if (sysfs_number(root, path, &every) && every > 0)
			lower(&l->cpus, (double)number / (double)every);
	}
	free(path);
	for (size_t i = 0; i < NR(bytes); i++) {
		path = xasprintf("%s/%s", dir, bytes[i]);
		/* version 1 says "none" by a number near 2^63 */
		if (sysfs_number(root, path, &number) && number < 1LL << 60)
			lower(&l->bytes, (double)number);
		free(path);
	}
}

void machine_limits(struct machine_limits *l, const char *root)
{
	char *text = sysfs_read(root, "/proc/self/cgroup"), *rest = text, *line;

	*l = (struct machine_limits){0};
	while ((line = strsep(&rest, "\n"))) {
		char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
		char *dir;

		if (!group)
			continue;
		*group++ = '\0';
		names++;
		dir = xasprintf("/sys/fs/cgroup%s%s%s", *names ? "/" : "", names,
				strcmp(group, "/") ? group : "");
		/* Up to the mount's own directory: a limit of any level holds. */
		while (strlen(dir) >= strlen("/sys/fs/cgroup")) {
			directory_limits(l, root, dir);
			*strrchr(dir, '/') = '\0';
		}
		free(dir);
	}
	free(text);
}

static void add_limits(struct meta *meta, const char *root)
{
	struct machine_limits l;

	machine_limits(&l, root);
	if (l.cpus > 0)
		meta_add(meta, "cgroup_cpus", "%.2f", l.cpus);
	else
		meta_add(meta, "cgroup_cpus", "no limit");
	if (l.bytes > 0)
		meta_add(meta, "cgroup_memory", "%.0f B", l.bytes);
	else
		meta_add(meta, "cgroup_memory", "no limit");
}

void machine_facts(struct meta *meta, const char *root)
{
	char *balloon = machine_page_reporting(root);

	add_kernel(meta, root);
	for (size_t i = 0; i < NR(line_facts); i++)
		add_line(meta, root, line_facts[i].key, line_facts[i].path, line_facts[i].line);
	for (size_t i = 0; i < NR(file_facts); i++)
		add_file(meta, root, &file_facts[i]);
	add_per_cpu(meta, root, "governor", "cpufreq/scaling_governor");
	add_per_cpu(meta, root, "cpufreq_driver", "cpufreq/scaling_driver");
	add_turbo(meta, root);
	add_machine(meta, root);
	add_mitigations(meta, root);
	add_limits(meta, root);
	meta_add(meta, "free_page_reporting", "%s%s", balloon ? "on: " : "off",
		 balloon ? balloon : "");
	free(balloon);
}

int machine_same(const struct meta *before, const struct meta *now, struct why *why)
{
	static const char *const keys[] = {"kernel", "cpu_model", "cpus", "version_pft"};

	for (size_t i = 0; i < NR(keys); i++) {
		const char *was = meta_get(before, keys[i]), *is = meta_get(now, keys[i]);

		if (!was || !is || strcmp(was, is))
			return why_not(why, EINVAL,
				       "the %s is not the one the run began with: '%s' now, '%s' "
				       "then; start a new run",
				       keys[i], is ? is : "unknown", was ? was : "unknown");
	}
	return 0;
}
