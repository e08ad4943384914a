/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/perf_event.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/sample/record.h"
#include "harness/sample/spe.h"
#include "harness/sysfs.h"

#define DEVICES	       "/sys/bus/event_source/devices/"
#define IBS_CNT_CTL    (1 << 19) /* count dispatched ops, not cycles */
#define MIDR	       "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1"
#define DEFAULT_PERIOD 4001
#define CLOCK_PERIOD   499979 /* ns: not in step with ticks */

/* One way to sample. */
struct way {
	const char *name; /* for perf_event_encode(), unless ->pmu */
	unsigned precise; /* precise_ip */
	uint64_t tells; /* of SAMPLE_TYPE_DATA */
	bool far_only;
	uint64_t period;
	bool pmu; /* ->name is a PMU without events, this its ->config and ->config2 */
	bool spe;
	uint64_t config, config2;
};

/* The first that opens is taken. IBS wants multiples of 16 ops, SPE of 256. */
static const struct way miss_ways[] = {
	{.name = "ibs_op",
	 .pmu = true,
	 .config = IBS_CNT_CTL,
	 .tells = SAMPLE_TYPE_DATA,
	 .far_only = true,
	 .period = 65520},
	{.name = "arm_spe_0",
	 .pmu = true,
	 .spe = true,
	 .config = SPE_TIMESTAMPS | SPE_JITTER | SPE_LOADS | SPE_STORES,
	 .config2 = SPE_LATENCY_LEAST,
	 .far_only = true,
	 .period = 4096},
	{.name = "MEM_TRANS_RETIRED:LOAD_LATENCY:ldlat=30",
	 .precise = 2,
	 .tells = SAMPLE_TYPE_DATA,
	 .far_only = true,
	 .period = 1009},
	{.name = "MEM_LOAD_RETIRED:L3_MISS",
	 .precise = 2,
	 .tells = SAMPLE_TYPE_DATA,
	 .period = DEFAULT_PERIOD},
	{.name = "cache-misses", .period = DEFAULT_PERIOD},
};
#define NR_MISS_WAYS (sizeof(miss_ways) / sizeof(miss_ways[0]))

/* A PMU that is sampled as a whole. */
static int encode_pmu(struct sample_event *e, const struct way *way, const char *root,
		      struct why *why)
{
	char *path = xasprintf(DEVICES "%s/type", way->name);
	long long type;
	bool found = sysfs_number(root, path, &type);

	free(path);
	if (!found)
		return why_not(why, ENOENT, "no %s in this machine", way->name);
	e->attr.type = (__u32)type;
	e->attr.config = way->config;
	e->attr.config2 = way->config2;
	return 0;
}

/* Whether this processor, as cpu0 says, numbers sources as we know them. */
static bool has_spe_sources(const char *root)
{
	char *midr = sysfs_read(root, MIDR);
	bool has = midr && spe_has_sources(strtoull(midr, NULL, 16));

	free(midr);
	return has;
}

static int encode(struct sample_event *e, const struct way *way, const char *root, struct why *why)
{
	free(e->name);
	e->name = NULL;
	memset(&e->attr, 0, sizeof(e->attr));
	if (!way->pmu)
		return perf_event_encode(way->name, &e->attr, &e->name, why);
	return encode_pmu(e, way, root, why);
}

/* What all sampling has in common. */
static void complete(struct perf_event_attr *attr, const struct way *way, uint64_t period)
{
	attr->size = sizeof(*attr);
	attr->precise_ip = way->precise;
	attr->sample_type = SAMPLE_TYPE_BASE | way->tells;
	attr->sample_period = period ? period : way->period;
	attr->freq = 0;
	attr->disabled = 1;
	attr->exclude_hv = 0; /* IBS takes no exclusion at all */
	attr->context_switch = way->spe; /* its samples do not say whose they are */
	attr->sample_id_all = 1;
	attr->use_clockid = 1;
	attr->clockid = CLOCK_MONOTONIC; /* pft's */
}

/* Open and close it; where the kernel's side is not permitted, the user's side alone. */
static int try_open(struct sample_event *e, sample_open_fn *open, struct why *why)
{
	int fd = open(&e->attr, -1), denied = fd;

	if ((fd == -EACCES || fd == -EPERM) && !e->attr.exclude_kernel) {
		e->attr.exclude_kernel = 1;
		fd = open(&e->attr, -1);
		if (fd >= 0)
			perf_event_explain(-denied, &(struct perf_event_attr){.type = e->attr.type},
					   "", &e->note);
	}
	if (fd < 0)
		return perf_event_explain(-fd, &e->attr, "", why);
	close(fd);
	return 0;
}

/* The name is shown in each row: as it was asked for, not in libpfm4's long spelling. */
static void shorten_name(struct sample_event *e, const struct way *way)
{
	free(e->name);
	e->name = xstrdup(way->name);
}

static int try_way(struct sample_event *e, const struct way *way, uint64_t period, const char *root,
		   sample_open_fn *open, struct why *why)
{
	int err = encode(e, way, root, why);

	if (err)
		return err;
	shorten_name(e, way);
	complete(&e->attr, way, period);
	e->far_only = way->far_only;
	e->spe = way->spe;
	e->spe_sources = way->spe && has_spe_sources(root);
	return try_open(e, open, why);
}

/* Hot instructions for want of missing ones. */
static int fall_back(struct sample_event *e, const char *wanted, uint64_t period, const char *root,
		     sample_open_fn *open, struct why *why)
{
	const struct way clock = {.name = "cpu-clock", .period = CLOCK_PERIOD};
	struct why reason = *why, user;
	int err = try_way(e, &clock, period, root, open, why);

	if (err)
		return err;
	user = e->note;
	why_not(&e->note, 0,
		"cannot sample '%s': %.200s; cpu-clock instead: hot instructions, not missing "
		"ones%s%.*s",
		wanted, reason.text, *user.text ? "; user side only: " : "",
		(int)strcspn(user.text, ";"), user.text);
	return 0;
}

/* Whether the machine lacks it, rather than that it must not be used or is no event at all. */
static bool is_lacking(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -EOPNOTSUPP || err == -ENODATA ||
	       err == -EBUSY || err == -ENOSYS;
}

static int choose_misses(struct sample_event *e, uint64_t period, const char *root,
			 sample_open_fn *open, struct why *why)
{
	int err = 0;

	for (size_t i = 0; i < NR_MISS_WAYS; i++) {
		/* A period for one way means nothing for another, but for the plain counter. */
		err = try_way(e, &miss_ways[i], period, root, open, why);
		if (!err)
			return 0;
	}
	return is_lacking(err) ? fall_back(e, "cache-misses", 0, root, open, why) : err;
}

/* What somebody asked for by name: with as much detail as it gives. */
static int choose_named(struct sample_event *e, const char *name, uint64_t period, const char *root,
			sample_open_fn *open, struct why *why)
{
	struct way way = {
		.name = name, .precise = 2, .tells = SAMPLE_TYPE_DATA, .period = DEFAULT_PERIOD};
	int err = encode(e, &way, root, why);

	if (err)
		return is_lacking(err) ? fall_back(e, name, 0, root, open, why) : err;
	if (e->attr.type == PERF_TYPE_SOFTWARE) {
		bool clock = e->attr.config == PERF_COUNT_SW_CPU_CLOCK ||
			     e->attr.config == PERF_COUNT_SW_TASK_CLOCK;

		way = (struct way){.name = name,
				   .tells = clock ? 0 : SAMPLE_TYPE_DATA & PERF_SAMPLE_ADDR,
				   .period = clock ? CLOCK_PERIOD : 97};
	} else if (!try_way(e, &way, period, root, open, why)) {
		return 0;
	} else {
		way.precise = 0;
		way.tells = 0;
	}
	err = try_way(e, &way, period, root, open, why);
	return is_lacking(err) ? fall_back(e, name, 0, root, open, why) : err;
}

/* Cut ",NAME=N" off the end of @spec. Returns whether it was there; -ERANGE, -EINVAL for no number. */
static int cut_number(char *spec, const char *name, uint64_t max, uint64_t *value, struct why *why)
{
	char *comma = strrchr(spec, ',');
	size_t len = strlen(name);

	if (!comma || strncmp(comma + 1, name, len) || comma[1 + len] != '=')
		return 0;
	if (number_parse(comma + len + 2, 1, max, value, why))
		return why_within(why, EINVAL, "--sample %s", comma + 1);
	*comma = '\0';
	return 1;
}

static int cut_numbers(char *spec, uint64_t *period, uint64_t *iterations, struct why *why)
{
	int got;

	do {
		got = cut_number(spec, "period", UINT64_MAX / 2, period, why);
		if (!got)
			got = cut_number(spec, "iterations", 1000, iterations, why);
	} while (got > 0);
	if (!got && !*spec)
		return why_not(why, EINVAL, "no event to sample; for instance cache-misses");
	return got;
}

int sample_event_init(struct sample_event *e, const char *spec, const char *root,
		      sample_open_fn *open, struct why *why)
{
	char *name = xstrdup(spec);
	uint64_t period = 0, iterations = 1;
	int err = cut_numbers(name, &period, &iterations, why);

	*e = (struct sample_event){.iterations = (unsigned)iterations};
	if (!err && !strcmp(name, "transfers")) {
		e->transfers = true;
		e->name = xstrdup(name);
	} else if (!err && !strcmp(name, "cache-misses")) {
		err = choose_misses(e, period, root, open, why);
	} else if (!err) {
		err = choose_named(e, name, period, root, open, why);
	}
	free(name);
	return err;
}

void sample_event_release(struct sample_event *e)
{
	free(e->name);
	e->name = NULL;
}
