/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/topology.h"
#include "common/xalloc.h"
#include "harness/config.h"
#include "harness/guest/accel.h"
#include "harness/guest_command.h"
#include "harness/plan.h"
#include "harness/result.h"

/* The first iteration that is not done of all cells. */
static unsigned next_of(const struct plan *plan, const bool *done)
{
	unsigned next = plan->iterations;

	for (size_t i = 0; i < plan->nr_steps; i++)
		if (!done[i] && plan->steps[i].iteration < next)
			next = plan->steps[i].iteration;
	return next;
}

static int reopen(struct guest_run *r, struct why *why)
{
	struct result *result = &r->receiver.result;
	struct result_progress before = {0};
	struct plan plan = {0};
	struct meta meta = {0}, guest = {0};
	char *path;
	int err = result_open(result, r->receiver.results, r->name, why);

	if (err)
		return err;
	path = result_path(result, "plan.tsv");
	err = plan_read(&plan, path, why);
	free(path);
	if (!err)
		err = result_recover(result, &plan, &before, why);
	if (!err) {
		r->iterations = plan.iterations;
		r->next_iteration = next_of(&plan, before.done);
		path = result_path(result, "meta.tsv");
		err = meta_read(&meta, path, why);
		free(path);
	}
	if (!err) {
		const char *status = meta_get(&meta, "status");

		r->complete = status && !strcmp(status, "complete") && !before.nr_failed;
		path = result_path(result, RECEIVER_GUEST);
		meta_read(&guest, path, NULL); /* without it there was no guest */
		free(path);
		if (guest_options_recall(&r->options, &guest, why))
			err = why_within(why, EINVAL, "cannot go on with '%s'", result->dir);
	}
	meta_release(&meta);
	free(before.done);
	plan_release(&plan);
	return err;
}

/* The guest as topology_init() knows it, if its nodes are alike. */
static char *topology_of(const struct shape *s)
{
	unsigned cores = s->sockets * s->cores;

	return cores % s->nr_nodes
		       ? NULL
		       : xasprintf("pack:%u [numa(memory=%llu)] core:%u pu:%u", s->nr_nodes,
				   (unsigned long long)(s->bytes / s->nr_nodes),
				   cores / s->nr_nodes, s->threads);
}

/* A mistake in the config shows before the guest boots, as far as it does not depend on the guest. */
static int check_config(struct guest_run *r, struct why *why)
{
	const struct run_options *o = &r->options.run;
	char *text = topology_of(&r->shape);
	struct topology topology;
	struct config config;
	struct plan plan;
	int err = topology_init(&topology, text, why);

	if (err) {
		free(text);
		return err;
	}
	config_init(&config, &topology);
	for (size_t i = 0; i < o->nr_sets && !err; i++)
		err = config_set(&config, o->sets[i], why);
	if (!err)
		err = config_read(&config, o->config, why);
	if (!err)
		r->iterations = config_number(&config, PFT_ITERATIONS) *
				config_number(&config, MMTEST_ITERATIONS);
	if (!err && text) {
		err = plan_init(&plan, &config, &topology, why);
		plan_release(&plan);
	}
	config_release(&config);
	topology_release(&topology);
	free(text);
	return err;
}

int guest_run_init(struct guest_run *r, const struct guest_options *options, const char *name,
		   bool resume, struct stop *stop, struct why *why)
{
	int err;

	*r = (struct guest_run){.options = *options,
				.given = options,
				.name = name,
				.resume = resume,
				.stop = stop,
				.qemu.initramfs_fd = -1};
	r->options.facts = (struct meta){0};
	receiver_init(&r->receiver, options->run.results, name);
	err = resume ? reopen(r, why) : result_check_new(options->run.results, name, why);
	if (!err && access(r->options.kernels[0], R_OK))
		err = why_not(why, ENOENT, "cannot read the kernel '%s': %s", r->options.kernels[0],
			      strerror(errno));
	if (!err)
		err = shape_init(&r->shape, &r->options.shape, why);
	if (!err && !resume)
		err = check_config(r, why);
	return err;
}

/* Choose what runs the guest's code. */
static int choose_accel(struct guest_run *r, struct why *why)
{
	struct guest_options *o = &r->options;
	int err;

	if (o->icount || (o->accel && !strcmp(o->accel, ACCEL_TCG))) {
		o->accel = ACCEL_TCG;
		return 0;
	}
	if (qemu_is_native(r->qemu.machine))
		err = accel_try_kvm(&r->no_kvm);
	else
		err = why_not(&r->no_kvm, ENOTSUP,
			      "the guest's programs are for another processor");
	if (err && o->accel)
		return why_not(why, EINVAL, "cannot use kvm: %s", r->no_kvm.text);
	o->accel = err ? ACCEL_TCG : ACCEL_KVM;
	r->qemu.kvm = !err;
	return 0;
}

static void add_facts(struct guest_run *r)
{
	const struct run_options *o = &r->options.run;
	char *text = qemu_version(&r->qemu, r->stop);

	guest_options_facts(&r->options, &r->facts);
	meta_add(&r->facts, "qemu", "%s", text);
	free(text);
	text = xstrdup(o->argv[0]);
	for (int i = 1; i < o->argc; i++) {
		char *longer = xasprintf("%s %s", text, o->argv[i]);

		free(text);
		text = longer;
	}
	meta_add(&r->facts, "guest_command", "%s", text);
	free(text);
}

int guest_run_prepare(struct guest_run *r, struct why *why)
{
	const struct guest_options *o = &r->options;
	unsigned machine;
	char *orders;
	int err = initramfs_programs(&r->parts, o->run.pft, &machine, why);

	if (!err)
		err = qemu_find(&r->qemu, machine, why);
	if (!err)
		err = choose_accel(r, why);
	if (!err && o->nr_loads)
		err = modules_init(&r->modules, o->modules, o->kernels[0], why);
	for (size_t i = 0; i < o->nr_loads && !err; i++)
		err = modules_add(&r->modules, o->loads[i], why);
	if (err)
		return err;
	r->parts.modules = &r->modules;
	if (!r->resume)
		add_facts(r);
	r->receiver.guest = &r->facts;
	r->parts.sysroot = o->sysroot ? o->sysroot : "";
	r->parts.rootfs = o->rootfs;
	r->parts.config = o->run.config;
	r->parts.run_dir = r->receiver.result.dir;
	orders = guest_command(o, &r->modules, r->name, r->resume, &r->facts);
	r->parts.orders = orders;
	r->qemu.initramfs_fd = initramfs_build(&r->parts, why);
	free(orders);
	r->parts.orders = NULL;
	r->qemu.kernel = o->kernels[0];
	r->qemu.append = o->append;
	r->qemu.icount = o->icount;
	r->qemu.shape = &r->shape;
	return r->qemu.initramfs_fd < 0 ? r->qemu.initramfs_fd : 0;
}

int guest_run_boot(struct guest_run *r, struct why *why)
{
	char *said = NULL;
	size_t len;
	FILE *kept = r->quiet_out || r->quiet_err ? xmemstream(&said, &len) : NULL;
	int err;

	r->boot = (struct boot){.qemu = &r->qemu,
				.receiver = &r->receiver,
				.watcher = &r->watcher,
				.timeout_s = r->options.timeout_s,
				.out = r->quiet_out ? kept : stdout,
				.err = r->quiet_err ? kept : stderr,
				.stop = r->stop};
	watcher_init(&r->watcher, stderr, r->label);
	err = boot_run(&r->boot, why);
	if (kept) {
		fclose(kept);
		if (err || r->boot.end != BOOT_DONE || r->boot.code)
			fputs(said, stderr);
		free(said);
	}
	return err;
}

void guest_run_release(struct guest_run *r)
{
	if (r->qemu.initramfs_fd >= 0)
		close(r->qemu.initramfs_fd);
	boot_release(&r->boot);
	watcher_release(&r->watcher);
	free(r->qemu.path);
	initramfs_release(&r->parts);
	receiver_release(&r->receiver);
	shape_release(&r->shape);
	meta_release(&r->facts);
	modules_release(&r->modules);
	if (r->options.loads != r->given->loads)
		free(r->options.loads);
	if (r->options.writes != r->given->writes)
		free(r->options.writes);
	meta_release(&r->options.facts);
}
