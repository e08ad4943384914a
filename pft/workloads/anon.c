/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anon: the classic. One anonymous private mapping made by the parent; each worker writes its own
 * slice of it for the first time. Threads share one mm, and so its locks and counters; processes
 * have each a copy of the mapping.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pft/fill.h"
#include "pft/map.h"
#include "pft/workload.h"

/* With huge pages one fault can bring this much: the largest PMD size there is (64 KiB pages). */
#define HUGE_FAULT (512UL << 20)

static int anon_setup(struct run *run, struct why *why)
{
	const struct settings *s = run->settings;
	int fd = -1, err;

	if (s->dev_zero) {
		fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return why_not(why, errno, "cannot open '/dev/zero': %s", strerror(errno));
	}
	err = map_setup(run, MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, why);
	if (fd >= 0)
		close(fd);
	for (unsigned i = 0; i < s->nr_workers && s->pagesize != PAGESIZE_BASE; i++)
		run->workers[i].kernel_least = (map_slice_bytes(run) + HUGE_FAULT - 1) / HUGE_FAULT;
	return err;
}

const struct workload workload_anon = {
	.name = "anon",
	.summary = "first write to each page of a slice of one anonymous mapping (the classic)",
	.flags = WL_CACHELINES | WL_CLEAR | WL_MLOCK | WL_DEV_ZERO | WL_PAGESIZE,
	.unit = workload_base_unit,
	.setup = anon_setup,
	.thread_setup = workload_no_thread_setup,
	.pass = fill_or_lock_slice,
	.thread_teardown = workload_no_thread_teardown,
	.teardown = map_teardown,
};
