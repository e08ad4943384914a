/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/kswap_machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "pft/content.h"
#include "pft/kswap_area.h"
#include "pft/run.h"

#define PAGE_CLUSTER "/proc/sys/vm/page-cluster"

const char *const kswap_backends[NR_KSWAP_BACKENDS] = {
	[KSWAP_ZSWAP_FILE] = "zswap",
	[KSWAP_ZRAM_DEVICE] = "zram",
	[KSWAP_PLAIN_FILE] = "file",
};

int kswap_machine_probe(struct why *why)
{
	struct kswap_hierarchy hierarchy;
	int err;

	if (sysconf(_SC_PAGESIZE) != CONTENT_PAGE)
		return why_not(why, ENOSYS, "its pages have %d bytes, this kernel's %ld",
			       CONTENT_PAGE, sysconf(_SC_PAGESIZE));
	if (geteuid())
		return why_not(why, EPERM, "only root may make cgroups and swap");
	if (access("/proc/swaps", F_OK))
		return why_not(why, ENOSYS, "the kernel has no swap (CONFIG_SWAP)");
	err = kswap_hierarchy_find(&hierarchy, "/proc/self/mounts", "/proc/self/cgroup", why);
	kswap_hierarchy_release(&hierarchy);
	return err;
}

/* Options that mean nothing to the backend are refused, as a workload refuses them. */
static int check_options(const struct run *run, enum kswap_backend backend, struct why *why)
{
	static const unsigned zswap_only = 1 << SWAP_POOL | 1 << SWAP_ZSWAP_MAX |
					   1 << SWAP_POOL_MAX | 1 << SWAP_ACCEPT |
					   1 << SWAP_SHRINKER;
	static const unsigned none[NR_KSWAP_BACKENDS] = {
		[KSWAP_ZRAM_DEVICE] = zswap_only | 1 << SWAP_FILE,
		[KSWAP_PLAIN_FILE] = zswap_only | 1 << SWAP_CODEC,
	};
	const struct swap_settings *s = &run->settings->swap;

	for (unsigned i = 0; i < NR_SWAP_OPTIONS; i++)
		if (s->given & none[backend] & 1u << i)
			return why_not(why, EINVAL, "backend '%s' has no use for option %s",
				       kswap_backends[backend], swap_options[i].name);
	if (strchr(s->codec, ':'))
		return why_not(why, EINVAL,
			       "the kernel's codecs are used at their own level, not '%s'",
			       s->codec);
	return 0;
}

/* The parameter @name, of which the values are @yes and @no. */
static int read_either(const struct run *run, const char *name, const char *yes, const char *no,
		       bool *value, struct why *why)
{
	const char *text = run_param(run, name);

	*value = !strcmp(text, yes);
	if (*value || !strcmp(text, no))
		return 0;
	return why_not(why, EINVAL, "%s is %s or %s, not '%s'", name, yes, no, text);
}

int kswap_machine_init(struct kswap_machine *machine, enum kswap_backend backend,
		       const struct run *run, struct why *why)
{
	const char *cluster = run_param(run, "page-cluster");
	uint64_t ignored;
	int err;

	*machine = (struct kswap_machine){.backend = backend, .undo = {.fd = -1, .alive = -1}};
	err = check_options(run, backend, why);
	if (!err && strcmp(cluster, "as-is"))
		err = number_parse(cluster, 0, 6, &ignored, why);
	if (!err)
		err = read_either(run, "verify", "all", "accessed", &machine->verify_all, why);
	return err ? err
		   : read_either(run, "zswap-writeback", "on", "off", &machine->writeback, why);
}

static int set_page_cluster(struct kswap_machine *machine, const char *wanted, struct why *why)
{
	int err = kswap_read(PAGE_CLUSTER, machine->page_cluster, sizeof(machine->page_cluster));

	if (err || !strcmp(wanted, "as-is"))
		return 0;
	err = kswap_undo_note(&machine->undo, KSWAP_WRITE, PAGE_CLUSTER, machine->page_cluster,
			      why);
	if (err)
		return err;
	err = kswap_write(PAGE_CLUSTER, wanted);
	if (err)
		return why_not(why, -err, "cannot write '%s' into '%s': %s", wanted, PAGE_CLUSTER,
			       strerror(-err));
	snprintf(machine->page_cluster, sizeof(machine->page_cluster), "%s", wanted);
	return 0;
}

/* zswap sits before any swap: it has to be off for the others. */
static int make_swap(struct kswap_machine *machine, const struct run *run, struct why *why)
{
	const struct swap_settings *s = &run->settings->swap;
	uint64_t size = swap_settings_size(run);
	int err;

	snprintf(machine->codec, sizeof(machine->codec), "%s",
		 machine->backend == KSWAP_PLAIN_FILE ? "" : s->codec);
	if (machine->backend == KSWAP_ZSWAP_FILE)
		err = kswap_zswap_on(s, &machine->undo, why);
	else
		err = kswap_zswap_off(&machine->undo, why);
	if (err)
		return err;
	if (machine->backend == KSWAP_ZRAM_DEVICE)
		return kswap_area_zram(s->codec, size, &machine->undo, &machine->zram, why);
	return kswap_area_file(s->file, size, &machine->undo, why);
}

int kswap_machine_change(struct kswap_machine *machine, const struct run *run, struct why *why)
{
	int err = kswap_hierarchy_find(&machine->hierarchy, "/proc/self/mounts",
				       "/proc/self/cgroup", why);

	if (!err)
		err = kswap_undo_start(&machine->undo, KSWAP_UNDO_LOG, why);
	if (!err)
		err = set_page_cluster(machine, run_param(run, "page-cluster"), why);
	return err ? err : make_swap(machine, run, why);
}

void kswap_machine_release(struct kswap_machine *machine)
{
	kswap_hierarchy_release(&machine->hierarchy);
}
