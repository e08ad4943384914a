/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/kswap_counts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/emit.h"
#include "pft/kswap_undo.h"

/* Where a counter is to be read. */
enum source {
	VMSTAT,
	DEBUGFS, /* a file each */
	GROUP_STAT, /* lines of memory.stat */
	GROUP_FILE, /* a file each, in the group */
	GROUP_IO, /* words of io.stat, of all devices */
	ZRAM_STAT, /* columns of mm_stat */
	NR_SOURCES
};

/* Why there is none. */
static const char *const none[NR_SOURCES] = {
	[VMSTAT] = "this kernel does not count it",
	[DEBUGFS] = "zswap of this kernel does not count it in debugfs",
	[GROUP_STAT] = "a cgroup of this version does not count it",
	[GROUP_FILE] = "a cgroup of this version does not count it",
	[GROUP_IO] = "no io controller of cgroup version 2 counts for this group",
	[ZRAM_STAT] = "this swap is no zram device",
};

/* clang-format off */
static const struct {
	const char *metric; /* of the row */
	enum source source;
	const char *name; /* there */
	const char *unit;
	bool level; /* how much there is, not what has happened */
} counters[NR_KSWAP_COUNTERS] = {
	{"zswpin", VMSTAT, "zswpin", "1", false},
	{"zswpout", VMSTAT, "zswpout", "1", false},
	{"zswpwb", VMSTAT, "zswpwb", "1", false},
	{"pswpin", VMSTAT, "pswpin", "1", false},
	{"pswpout", VMSTAT, "pswpout", "1", false},
	{"swpin_zero", VMSTAT, "swpin_zero", "1", false},
	{"swpout_zero", VMSTAT, "swpout_zero", "1", false},
	{"swap_ra", VMSTAT, "swap_ra", "1", false},
	{"swap_ra_hit", VMSTAT, "swap_ra_hit", "1", false},
	{"pgmajfault", VMSTAT, "pgmajfault", "1", false},
	{"pgscan_anon", VMSTAT, "pgscan_anon", "1", false},
	{"pgsteal_anon", VMSTAT, "pgsteal_anon", "1", false},
	{"workingset_refault_anon", VMSTAT, "workingset_refault_anon", "1", false},
	{"zswap_written_back_pages", DEBUGFS, "written_back_pages", "1", false},
	{"zswap_pool_limit_hit", DEBUGFS, "pool_limit_hit", "1", false},
	{"zswap_reject_reclaim_fail", DEBUGFS, "reject_reclaim_fail", "1", false},
	{"zswap_reject_compress_fail", DEBUGFS, "reject_compress_fail", "1", false},
	{"zswap_reject_compress_poor", DEBUGFS, "reject_compress_poor", "1", false},
	{"zswap_reject_alloc_fail", DEBUGFS, "reject_alloc_fail", "1", false},
	{"zswap_reject_kmemcache_fail", DEBUGFS, "reject_kmemcache_fail", "1", false},
	{"zswap_decompress_fail", DEBUGFS, "decompress_fail", "1", false},
	{"zswap_stored_pages", DEBUGFS, "stored_pages", "1", true},
	{"zswap_stored_incompressible", DEBUGFS, "stored_incompressible_pages", "1", true},
	{"zswap_pool_bytes", DEBUGFS, "pool_total_size", "B", true},
	{"group_zswpin", GROUP_STAT, "zswpin", "1", false},
	{"group_zswpout", GROUP_STAT, "zswpout", "1", false},
	{"group_zswpwb", GROUP_STAT, "zswpwb", "1", false},
	{"group_pgmajfault", GROUP_STAT, "pgmajfault", "1", false},
	{"group_zswap_bytes", GROUP_STAT, "zswap", "B", true},
	{"group_zswapped_bytes", GROUP_STAT, "zswapped", "B", true},
	{"group_failcnt", GROUP_FILE, "memory.failcnt", "1", false},
	{"group_usage_bytes", GROUP_FILE, "memory.usage_in_bytes memory.current", "B", true},
	{"group_read_bytes", GROUP_IO, "rbytes=", "B", false},
	{"group_written_bytes", GROUP_IO, "wbytes=", "B", false},
	{"group_peak_bytes", GROUP_FILE, "memory.max_usage_in_bytes memory.peak", "B", true},
	{"zram_stored_bytes", ZRAM_STAT, "1", "B", true},
	{"zram_compressed_bytes", ZRAM_STAT, "2", "B", true},
	{"zram_pool_bytes", ZRAM_STAT, "3", "B", true},
	{"zram_same_pages", ZRAM_STAT, "6", "1", true},
	{"zram_huge_pages", ZRAM_STAT, "8", "1", true},
};
/* clang-format on */

/* A debugfs of our own: a mount without a place (Linux 5.2), that goes with its last descriptor. */
static int open_debugfs(void)
{
	int fs = fsopen("debugfs", FSOPEN_CLOEXEC), mount = -1, directory = -1;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount >= 0)
		directory = openat(mount, "zswap", O_DIRECTORY | O_PATH | O_CLOEXEC);
	if (mount >= 0)
		close(mount);
	if (fs >= 0)
		close(fs);
	return directory;
}

void kswap_gauge_init(struct kswap_gauge *gauge, const char *group, int zram)
{
	*gauge = (struct kswap_gauge){
		.debugfs = open_debugfs(),
		.group = group ? xstrdup(group) : NULL,
		.zram = zram,
	};
}

void kswap_gauge_release(struct kswap_gauge *gauge)
{
	if (gauge->debugfs >= 0)
		close(gauge->debugfs);
	free(gauge->group);
	*gauge = (struct kswap_gauge){.debugfs = -1, .zram = -1};
}

/* The number that @text begins with. */
static uint64_t number_at(const char *text)
{
	return isdigit((unsigned char)*text) ? strtoull(text, NULL, 10) : KSWAP_NONE;
}

/* Take the counters of @source out of the lines "NAME NUMBER" of the file @path. */
static void read_lines(struct kswap_counts *counts, enum source source, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[128];

	while (in && fgets(line, sizeof(line), in)) {
		char *blank = strchr(line, ' ');

		if (!blank)
			continue;
		*blank = 0;
		for (unsigned i = 0; i < NR_KSWAP_COUNTERS; i++)
			if (counters[i].source == source && !strcmp(counters[i].name, line))
				counts->values[i] = number_at(blank + 1);
	}
	if (in)
		fclose(in);
}

static uint64_t read_debugfs(int directory, const char *name)
{
	int fd = directory < 0 ? -1 : openat(directory, name, O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	if (fd < 0)
		return KSWAP_NONE;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return number_at(text);
}

/* The first of the files @names in the directory @group that there is. */
static uint64_t read_group_file(const char *group, const char *names)
{
	uint64_t value = KSWAP_NONE;

	for (const char *p = names; *p && value == KSWAP_NONE; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		char *path = xasprintf("%s/%.*s", group, (int)len, p), text[32];

		if (!kswap_read(path, text, sizeof(text)))
			value = number_at(text);
		free(path);
		p += len;
	}
	return value;
}

/* "8:0 rbytes=4096 wbytes=0 ...", a line for each device that the group has used: the sum of what
 * follows @word. A group that has used none has an empty file. */
static uint64_t read_group_io(const char *group, const char *word)
{
	char *path = xasprintf("%s/io.stat", group), line[256];
	FILE *in = fopen(path, "re");
	uint64_t sum = in ? 0 : KSWAP_NONE;

	while (in && fgets(line, sizeof(line), in)) {
		const char *found = strstr(line, word);

		sum += found ? strtoull(found + strlen(word), NULL, 10) : 0;
	}
	if (in)
		fclose(in);
	free(path);
	return sum;
}

/* Column @column, from 1, of the device's mm_stat. */
static uint64_t read_zram(int number, unsigned column)
{
	char *path = xasprintf("/sys/block/zram%d/mm_stat", number), line[256];
	const char *p = line;
	int err = kswap_read(path, line, sizeof(line));

	free(path);
	if (err)
		return KSWAP_NONE;
	for (p += strspn(p, " "); --column; p += strspn(p, " "))
		p += strcspn(p, " ");
	return number_at(p);
}

static uint64_t read_one(const struct kswap_gauge *gauge, unsigned i, uint64_t otherwise)
{
	switch (counters[i].source) {
	case DEBUGFS:
		return read_debugfs(gauge->debugfs, counters[i].name);
	case GROUP_FILE:
		return gauge->group ? read_group_file(gauge->group, counters[i].name) : otherwise;
	case GROUP_IO:
		return gauge->group ? read_group_io(gauge->group, counters[i].name) : otherwise;
	case ZRAM_STAT:
		return gauge->zram >= 0 ? read_zram(gauge->zram, number_at(counters[i].name))
					: otherwise;
	default: /* read already */
		return otherwise;
	}
}

void kswap_gauge_read(const struct kswap_gauge *gauge, struct kswap_counts *counts)
{
	counts->of_group = gauge->group;
	for (unsigned i = 0; i < NR_KSWAP_COUNTERS; i++)
		counts->values[i] = KSWAP_NONE;
	read_lines(counts, VMSTAT, "/proc/vmstat");
	if (gauge->group) {
		char *path = xasprintf("%s/memory.stat", gauge->group);

		read_lines(counts, GROUP_STAT, path);
		free(path);
	}
	for (unsigned i = 0; i < NR_KSWAP_COUNTERS; i++)
		counts->values[i] = read_one(gauge, i, counts->values[i]);
}

static unsigned find(const char *metric)
{
	for (unsigned i = 0; i < NR_KSWAP_COUNTERS; i++)
		if (!strcmp(counters[i].metric, metric))
			return i;
	BUG("no counter '%s'", metric);
}

uint64_t kswap_count(const struct kswap_counts *counts, const char *metric)
{
	return counts->values[find(metric)];
}

static uint64_t between(const struct kswap_counts *from, const struct kswap_counts *to, unsigned i)
{
	if (from->values[i] == KSWAP_NONE || to->values[i] == KSWAP_NONE)
		return KSWAP_NONE;
	return to->values[i] - from->values[i];
}

uint64_t kswap_count_between(const struct kswap_counts *from, const struct kswap_counts *to,
			     const char *metric)
{
	return between(from, to, find(metric));
}

static bool is_of_group(unsigned i)
{
	enum source s = counters[i].source;

	return s == GROUP_STAT || s == GROUP_FILE || s == GROUP_IO;
}

void kswap_counts_rows(struct emit *emit, const char *prefix, const struct kswap_counts *from,
		       const struct kswap_counts *to)
{
	char metric[64];

	for (unsigned i = 0; i < NR_KSWAP_COUNTERS; i++) {
		uint64_t value = counters[i].level ? to->values[i] : between(from, to, i);

		if ((counters[i].level && *prefix) || (is_of_group(i) && !to->of_group))
			continue;
		snprintf(metric, sizeof(metric), "%s%s", prefix, counters[i].metric);
		if (value == KSWAP_NONE)
			emit_none(emit, metric, EMIT_ALL, counters[i].unit,
				  none[counters[i].source]);
		else
			emit_count(emit, metric, EMIT_ALL, counters[i].unit, value);
	}
}
