/* SPDX-License-Identifier: GPL-2.0-or-later */
/* latency: how long single page faults take, by request; latency.tsv. */
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/probes/maps.h"
#include "harness/probes/probe.h"
#include "harness/probes/latency.skel.h"

/* Run the program at each event @config of @cpu. */
static int attach_event(struct probe *p, int cpu, uint64_t config, struct why *why)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = config,
				       .sample_period = 1};
	long fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == ENODEV) /* this CPU is off */
		return 0;
	if (fd < 0)
		return why_not(why, errno, "perf_event_open: %s", strerror(errno));
	return probe_keep_link(
		p,
		bpf_program__attach_perf_event(
			bpf_object__find_program_by_name(p->object, "latency_end"), (int)fd),
		"minor-faults", why);
}

static int latency_attach(struct probe *p, struct why *why)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;

	for (int cpu = 0; cpu < cpus && !err; cpu++) {
		err = attach_event(p, cpu, PERF_COUNT_SW_PAGE_FAULTS_MIN, why);
		if (!err)
			err = attach_event(p, cpu, PERF_COUNT_SW_PAGE_FAULTS_MAJ, why);
	}
	return err;
}

static uint64_t latency_read(struct probe *p, uint32_t phase, struct symbols *symbols,
			     struct tables *tables)
{
	const size_t numbers = sizeof(struct latency_value) / sizeof(uint64_t);
	int faults = probe_map(p, "faults");
	struct latency_value value;

	(void)symbols;
	map_sum(faults, &phase, (uint64_t *)&value, numbers, numbers);
	for (unsigned i = 0; i < WAIT_SLOTS; i++)
		if (value.slots[i])
			fprintf(tables_record(tables, TABLE_LATENCY), "%u\t%" PRIu64 "\n", i,
				(uint64_t)value.slots[i]);
	map_forget(faults, sizeof(phase), &phase, 1);
	return value.entered;
}

static const struct probe_hook hooks[] = {
	{"latency_begin", "page_fault_user", 3, NULL,
	 "Linux on x86 with its exceptions tracepoints"},
	{0},
};

const struct probe_ops latency_probe = {
	.name = "latency",
	.summary = "how long single page faults take; slows each of them down",
	.by_request = true,
	.elf = latency_bpf__elf_bytes,
	.hooks = hooks,
	.attach = latency_attach,
	.read = latency_read,
};
