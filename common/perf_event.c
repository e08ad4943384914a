/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/perf_event.h"

#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/perf_sysfs.h"
#include "common/xalloc.h"

#define CACHE(cache, op, result) \
	(PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_##op << 8 | \
	 PERF_COUNT_HW_CACHE_RESULT_##result << 16)

/* Those that perf's own tools know on every processor. */
/* clang-format off */
static const struct {
	const char *name;
	__u32 type;
	__u64 config;
} generic[] = {
	{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
	{"cpu-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
	{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
	{"cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES},
	{"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
	{"branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
	{"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
	{"bus-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES},
	{"stalled-cycles-frontend", PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND},
	{"stalled-cycles-backend", PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND},
	{"ref-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES},
	{"L1-dcache-loads", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, ACCESS)},
	{"L1-dcache-load-misses", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, MISS)},
	{"LLC-loads", PERF_TYPE_HW_CACHE, CACHE(LL, READ, ACCESS)},
	{"LLC-load-misses", PERF_TYPE_HW_CACHE, CACHE(LL, READ, MISS)},
	{"LLC-stores", PERF_TYPE_HW_CACHE, CACHE(LL, WRITE, ACCESS)},
	{"LLC-store-misses", PERF_TYPE_HW_CACHE, CACHE(LL, WRITE, MISS)},
	{"dTLB-loads", PERF_TYPE_HW_CACHE, CACHE(DTLB, READ, ACCESS)},
	{"dTLB-load-misses", PERF_TYPE_HW_CACHE, CACHE(DTLB, READ, MISS)},
	{"dTLB-store-misses", PERF_TYPE_HW_CACHE, CACHE(DTLB, WRITE, MISS)},
	{"iTLB-load-misses", PERF_TYPE_HW_CACHE, CACHE(ITLB, READ, MISS)},
	{"node-loads", PERF_TYPE_HW_CACHE, CACHE(NODE, READ, ACCESS)},
	{"node-load-misses", PERF_TYPE_HW_CACHE, CACHE(NODE, READ, MISS)},
	{"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
	{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
	{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
	{"minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
	{"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
	{"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
	{"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
	{"alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS},
	{"emulation-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS},
};
/* clang-format on */

/* Length of @name without its modifiers. */
static size_t base_length(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? (size_t)(slash - name) + 1 : strcspn(name, ":");
}

/* ":u", ":k", ":uk", ":u:k" for what libpfm4 has not encoded; h for a hypervisor's. */
static int apply_modifiers(const char *mods, struct perf_event_attr *attr)
{
	bool user = false, kernel = false;

	if (!*mods)
		return 0;
	for (; *mods; mods++) {
		user |= *mods == 'u';
		kernel |= *mods == 'k';
		if (!strchr(":uk", *mods))
			return -EINVAL;
	}
	attr->exclude_user = !user;
	attr->exclude_kernel = !kernel;
	attr->exclude_hv = 1;
	return user || kernel ? 0 : -EINVAL;
}

static int encode_generic(const char *name, struct perf_event_attr *attr, char **full)
{
	size_t len = base_length(name);

	for (size_t i = 0; i < sizeof(generic) / sizeof(generic[0]); i++) {
		if (strlen(generic[i].name) != len || strncasecmp(name, generic[i].name, len))
			continue;
		memset(attr, 0, sizeof(*attr));
		attr->size = sizeof(*attr);
		attr->type = generic[i].type;
		attr->config = generic[i].config;
		if (apply_modifiers(name + len, attr))
			return -EINVAL;
		*full = xstrdup(name);
		return 0;
	}
	return -ENOENT;
}

static int encode_sysfs(const char *name, struct perf_event_attr *attr, char **full)
{
	size_t len = base_length(name);
	char *base = xstrndup(name, len), *event = NULL;
	int err = perf_sysfs_encode("", base, attr, &event, NULL);

	if (!err)
		err = apply_modifiers(name + len, attr);
	if (!err)
		*full = xasprintf("%s%s", event, name + len);
	free(event);
	free(base);
	return err;
}

static int encode_pfm(const char *name, struct perf_event_attr *attr, char **full)
{
	pfm_perf_encode_arg_t arg = {.attr = attr, .fstr = full, .size = sizeof(arg)};

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	*full = NULL;
	return pfm_get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT_EXT, &arg);
}

/* What happens in the kernel only, and would be 0 in user mode. */
static bool never_in_user(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE &&
	       (attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES ||
		attr->config == PERF_COUNT_SW_CPU_MIGRATIONS ||
		attr->config == PERF_COUNT_SW_CGROUP_SWITCHES);
}

/* The PMU of any processor that has an event of this name, or NULL. */
static const char *foreign_pmu(const char *name)
{
	const char *colons = strstr(name, "::");
	size_t len;

	name = colons ? colons + 2 : name;
	len = base_length(name);
	for (pfm_pmu_t pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; pmu++) {
		pfm_pmu_info_t info = {.size = sizeof(info)};

		if (pfm_get_pmu_info(pmu, &info) || !strncmp(info.name, "perf", 4))
			continue;
		for (int i = info.first_event; i >= 0; i = pfm_get_event_next(i)) {
			pfm_event_info_t event = {.size = sizeof(event)};

			if (!pfm_get_event_info(i, PFM_OS_NONE, &event) &&
			    strlen(event.name) == len && !strncasecmp(event.name, name, len))
				return info.name;
		}
	}
	return NULL;
}

int perf_event_encode(const char *name, struct perf_event_attr *attr, char **full, struct why *why)
{
	const char *pmu;
	int pfm = pfm_initialize();

	if (!pfm)
		pfm = encode_pfm(name, attr, full);
	if (!pfm || !encode_generic(name, attr, full) || !encode_sysfs(name, attr, full)) {
		if (!attr->exclude_kernel || !never_in_user(attr))
			return 0;
		free(*full);
		*full = NULL;
		return why_not(why, EINVAL,
			       "happens in the kernel only, and never with ':u'; without it needs "
			       "kernel.perf_event_paranoid=1 or CAP_PERFMON");
	}
	if (pfm != PFM_ERR_NOTFOUND && pfm != PFM_ERR_NOTSUPP)
		return why_not(why, EINVAL,
			       "%s, with '%s'; 'faultscale events' lists them with their masks",
			       pfm_strerror(pfm), name);
	pmu = foreign_pmu(name);
	if (pmu)
		return why_not(why, ENODEV, "an event of another processor, such as %s", pmu);
	return why_not(why, EINVAL, "no such event, with '%s'; 'faultscale events' lists them",
		       name);
}

int perf_event_open_self(const struct perf_event_attr *attr, int group)
{
	/* The kernel takes the attributes to change their size where it knows others. */
	struct perf_event_attr copy = *attr;
	long fd = syscall(SYS_perf_event_open, &copy, 0, -1, group, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int perf_event_paranoid(const char *root)
{
	char *path = xasprintf("%s/proc/sys/kernel/perf_event_paranoid", root), text[16] = "";
	FILE *in = fopen(path, "re");

	free(path);
	if (!in)
		return -2;
	if (!fgets(text, sizeof(text), in))
		text[0] = '\0';
	fclose(in);
	return (int)strtol(text, NULL, 10);
}

static int explain_access(int err, const struct perf_event_attr *attr, const char *root,
			  struct why *why)
{
	int paranoid = perf_event_paranoid(root);

	if (paranoid > 2)
		return why_not(why, err,
			       "kernel.perf_event_paranoid is %d: needs CAP_PERFMON, or 'sysctl "
			       "kernel.perf_event_paranoid=2', 1 for events of the kernel",
			       paranoid);
	if (paranoid == 2 && !attr->exclude_kernel)
		return why_not(why, err,
			       "kernel.perf_event_paranoid is 2: events of the kernel need "
			       "CAP_PERFMON, or 'sysctl kernel.perf_event_paranoid=1'; those of "
			       "user mode alone (:u) need neither");
	return why_not(why, err,
		       "perf_event_open is not permitted: a container's seccomp filter or a "
		       "security module; needs CAP_PERFMON and that filter out of the way");
}

int perf_event_explain(int err, const struct perf_event_attr *attr, const char *root,
		       struct why *why)
{
	bool hardware = attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE ||
			attr->type == PERF_TYPE_RAW;

	switch (err) {
	case EACCES:
	case EPERM:
		return explain_access(err, attr, root, why);
	case ENOENT:
	case EOPNOTSUPP:
		if (hardware && !perf_sysfs_has_cpu(root))
			return why_not(why, err,
				       "no hardware PMU in this machine (perf_event_open: %s); a "
				       "VM needs a virtual one of its host",
				       strerrorname_np(err));
		return why_not(why, err, "this PMU does not count it (perf_event_open: %s)",
			       strerrorname_np(err));
	case EINVAL:
		return why_not(why, err,
			       hardware ? "the PMU does not take it with these masks and "
					  "modifiers (perf_event_open: EINVAL)"
					: "counts for whole CPUs, not for one thread "
					  "(perf_event_open: EINVAL)");
	case EMFILE:
		return why_not(why, err, "too many open files; see 'ulimit -n'");
	case EBUSY:
		return why_not(why, err, "the PMU is held by another user of it");
	case ENOSYS:
		return why_not(why, err, "a kernel without perf events (CONFIG_PERF_EVENTS)");
	default:
		return why_not(why, err, "perf_event_open: %s", strerror(err));
	}
}
