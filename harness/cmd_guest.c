/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale guest: a sweep in an emulated machine with a kernel and a topology of one's choice. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/meta.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/commands.h"
#include "harness/config.h"
#include "harness/guest/accel.h"
#include "harness/guest/boot.h"
#include "harness/guest/console.h"
#include "harness/guest/initramfs.h"
#include "harness/guest/orders.h"
#include "harness/guest/qemu.h"
#include "harness/guest/receiver.h"
#include "harness/guest/shape.h"
#include "harness/guest/watcher.h"
#include "harness/guest_options.h"
#include "harness/plan.h"
#include "harness/result.h"
#include "harness/stop.h"

#define CONSOLE_LINES 40

struct session {
	struct guest_options *options;
	const char *name;
	struct stop stop;
	struct shape shape;
	struct receiver receiver;
	struct watcher watcher;
	struct initramfs parts;
	struct qemu qemu;
	struct meta facts; /* that the run in the guest is to keep */
};

/* What is wrong with names, files and words is for a person to mend. */
static _Noreturn void give_up(int err, const struct why *why)
{
	bool input = err == -EINVAL || err == -EEXIST || err == -ENOENT || err == -ERANGE ||
		     err == -ENOTSUP;

	die(input ? EXIT_USAGE : EXIT_FAILED, "%s", why->text);
}

/* Lock a run that goes on, cut off what a kill has left, and recall which guest it was. */
static void reopen(struct session *s)
{
	struct guest_options *o = s->options;
	struct result *result = &s->receiver.result;
	struct result_progress before = {0};
	struct plan plan = {0};
	struct meta meta = {0};
	struct why why = WHY_INIT;
	char *path;
	int err = result_open(result, o->run.results, s->name, &why);

	if (err)
		give_up(err, &why);
	path = result_path(result, "plan.tsv");
	err = plan_read(&plan, path, &why);
	free(path);
	path = result_path(result, "meta.tsv");
	if (!err)
		err = result_recover(result, &plan, &before, &why);
	if (!err)
		err = meta_read(&meta, path, &why);
	if (!err && guest_options_recall(o, &meta, &why))
		die(EXIT_USAGE, "cannot go on with '%s': %s", result->dir, why.text);
	if (err)
		give_up(err, &why);
	free(path);
	free(before.done);
	plan_release(&plan);
}

/* A mistake in the config shows before the guest boots, as far as it does not depend on the guest. */
static void check_config(const struct session *s)
{
	const struct shape *shape = &s->shape;
	const struct run_options *o = &s->options->run;
	struct topology topology;
	struct config config;
	struct plan plan;
	struct why why = WHY_INIT;
	int err = 0;
	char *text = xasprintf("pack:%u [numa(memory=%llu)] core:%u pu:%u", shape->nr_nodes,
			       (unsigned long long)(shape->bytes / shape->nr_nodes),
			       shape->sockets * shape->cores / shape->nr_nodes, shape->threads);

	if (shape->sockets * shape->cores % shape->nr_nodes ||
	    topology_init(&topology, text, NULL)) {
		free(text);
		return;
	}
	config_init(&config, &topology);
	for (size_t i = 0; i < o->nr_sets && !err; i++)
		err = config_set(&config, o->sets[i], &why);
	if (!err)
		err = config_read(&config, o->config, &why);
	if (!err)
		err = plan_init(&plan, &config, &topology, &why);
	if (err)
		die(EXIT_USAGE, "%s", why.text);
	plan_release(&plan);
	config_release(&config);
	topology_release(&topology);
	free(text);
}

/* Choose what runs the guest's code. */
static void choose_accel(struct session *s)
{
	struct guest_options *o = s->options;
	struct why why = WHY_INIT;
	int err;

	if (o->icount || (o->accel && !strcmp(o->accel, ACCEL_TCG))) {
		o->accel = ACCEL_TCG;
		return;
	}
	if (qemu_is_native(s->qemu.machine))
		err = accel_try_kvm(&why);
	else
		err = why_not(&why, ENOTSUP, "the guest's programs are for another processor");
	if (err && o->accel)
		die(EXIT_FAILED, "cannot use kvm: %s", why.text);
	if (err)
		warn("no kvm (%s): the guest's code is translated, and its times mean nothing",
		     why.text);
	o->accel = err ? ACCEL_TCG : ACCEL_KVM;
	s->qemu.kvm = !err;
}

static void order(FILE *out, const char *key, const char *value)
{
	/* An order is a line: options with a newline in them were refused. */
	fprintf(out, "%s %s\n", key, value);
}

static void order_option(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	order(out, ORDER_ARGUMENT, name);
	order(out, ORDER_ARGUMENT, value);
}

/* The run's command line in the guest. */
static void order_run(FILE *out, const struct session *s)
{
	const struct run_options *o = &s->options->run;
	char *number;

	order(out, ORDER_ARGUMENT, GUEST_FOLDER "/faultscale");
	order(out, ORDER_ARGUMENT, "run");
	order_option(out, "--pft", GUEST_FOLDER "/pft");
	order_option(out, "--checkpoint", ORDERS_CHECKPOINT);
	order_option(out, "--results", o->results);
	order_option(out, o->resume ? "--resume" : "--name", s->name);
	if (o->config) {
		char *path = initramfs_path(o->config);

		/* as it was typed, for messages and the record, where it lies there */
		order_option(out, "--config", strcmp(path, "/config") ? o->config : path);
		free(path);
	}
	for (size_t i = 0; i < o->nr_sets; i++)
		order_option(out, "--set", o->sets[i]);
	for (size_t i = 0; i < o->nr_facts; i++)
		order_option(out, "--fact", o->facts[i]);
	if (o->usage)
		order(out, ORDER_ARGUMENT, "--time");
	if (o->retry_failed)
		order(out, ORDER_ARGUMENT, "--retry-failed");
	if (o->explain) {
		char *word = xasprintf("--explain%s%s", o->probes ? "=" : "",
				       o->probes ? o->probes : "");

		order(out, ORDER_ARGUMENT, word);
		free(word);
	}
	order_option(out, "--sample", o->sample);
	if (o->explained) {
		number = xasprintf("%u", o->explained);
		order_option(out, "--explain-iterations", number);
		free(number);
	}
	if (o->max_steps) {
		number = xasprintf("%zu", o->max_steps);
		order_option(out, "--max-steps", number);
		free(number);
	}
	for (size_t i = 0; i < s->facts.nr; i++) {
		char *fact = xasprintf("%s=%s", s->facts.facts[i].key, s->facts.facts[i].value);

		order_option(out, "--fact", fact);
		free(fact);
	}
}

/* Returns text that the caller frees. */
static char *make_orders(const struct session *s)
{
	const struct guest_options *o = s->options;
	char *text, *dir = xasprintf("%s/%s", o->run.results, s->name);
	size_t len;
	FILE *out = xmemstream(&text, &len);

	for (size_t i = 0; i < o->nr_writes; i++) {
		const char *value = strchr(o->writes[i], '=');

		fprintf(out, "%s %.*s %s\n", ORDER_WRITE, (int)(value - o->writes[i]), o->writes[i],
			value + 1);
	}
	order(out, ORDER_RESULTS, dir);
	order_run(out, s);
	fclose(out);
	free(dir);
	return text;
}

static void add_facts(struct session *s)
{
	char *version;

	if (s->options->run.resume)
		return;
	guest_options_facts(s->options, &s->facts);
	version = qemu_version(&s->qemu, &s->stop);
	meta_add(&s->facts, "qemu", "%s", version);
	free(version);
}

/* All that a boot needs. */
static void prepare(struct session *s)
{
	const struct guest_options *o = s->options;
	struct why why = WHY_INIT;
	char *orders;
	unsigned machine;
	int err;

	s->parts.sysroot = o->sysroot ? o->sysroot : "";
	s->parts.rootfs = o->rootfs;
	s->parts.config = o->run.config;
	s->parts.run_dir = s->receiver.result.dir;
	err = initramfs_programs(&s->parts, o->run.pft, &machine, &why);
	if (!err)
		err = qemu_find(&s->qemu, machine, &why);
	if (err)
		give_up(err, &why);
	choose_accel(s);
	add_facts(s);
	orders = make_orders(s);
	s->parts.orders = orders;
	s->qemu.initramfs_fd = initramfs_build(&s->parts, &why);
	if (s->qemu.initramfs_fd < 0)
		give_up(s->qemu.initramfs_fd, &why);
	free(orders);
	s->qemu.kernel = o->kernels[0];
	s->qemu.append = o->append;
	s->qemu.icount = o->icount;
	s->qemu.shape = &s->shape;
}

/* What became of the boot, for people. Returns the exit code. */
static int report(const struct session *s, const struct boot *boot)
{
	const char *dir = s->receiver.result.dir;

	if (boot->end == BOOT_DONE)
		return boot->code;
	console_print(stderr, boot->child.out.data, boot->child.out.len, CONSOLE_LINES);
	if (*boot->child.err.data)
		fprintf(stderr, "%s", boot->child.err.data);
	fprintf(stderr, "%s: %s\n", say_name(), boot->why.text);
	if (dir)
		fprintf(stderr,
			"%s: '%s' holds the steps that were done; go on with: faultscale guest "
			"--resume %s --results %s\n",
			say_name(), dir, s->name, s->options->run.results);
	return EXIT_USAGE;
}

/* Returns the exit code. */
static int boot_once(struct session *s)
{
	struct boot boot = {.qemu = &s->qemu,
			    .receiver = &s->receiver,
			    .watcher = &s->watcher,
			    .timeout_s = s->options->timeout_s,
			    .out = stdout,
			    .err = stderr,
			    .stop = &s->stop};
	struct why why = WHY_INIT;
	int err, code;

	prepare(s);
	watcher_init(&s->watcher, stderr, "");
	err = boot_run(&boot, &why);
	if (err == -EINTR)
		fprintf(stderr, "%s: interrupted%s%s%s%s\n", say_name(),
			s->receiver.result.dir ? "; go on with: faultscale guest --resume " : "",
			s->receiver.result.dir ? s->name : "",
			s->receiver.result.dir ? " --results " : "",
			s->receiver.result.dir ? s->options->run.results : "");
	else if (err)
		fprintf(stderr, "%s: %s\n", say_name(), why.text);
	code = err ? EXIT_FAILED : report(s, &boot);
	boot_release(&boot);
	watcher_release(&s->watcher);
	close(s->qemu.initramfs_fd);
	return code;
}

static void session_release(struct session *s)
{
	free(s->qemu.path);
	initramfs_release(&s->parts);
	receiver_release(&s->receiver);
	shape_release(&s->shape);
	meta_release(&s->facts);
	stop_release(&s->stop);
	guest_options_release(s->options);
}

int cmd_guest(int argc, char **argv)
{
	struct guest_options options;
	struct session s = {.options = &options};
	struct why why = WHY_INIT;
	int err, code;

	if (guest_options_parse(&options, argc, argv, &why))
		die(EXIT_USAGE, "%s", why.text);
	s.name = options.run.resume ? options.run.resume : options.run.name;
	receiver_init(&s.receiver, options.run.results, s.name);
	if (options.run.resume)
		reopen(&s);
	else if ((err = result_check_new(options.run.results, s.name, &why)))
		give_up(err, &why);
	if (access(options.kernels[0], R_OK))
		die(EXIT_USAGE, "cannot read the kernel '%s': %s", options.kernels[0],
		    strerror(errno));
	if (shape_init(&s.shape, &options.shape, &why))
		die(EXIT_USAGE, "%s", why.text);
	if (!options.run.resume)
		check_config(&s);
	if (stop_init(&s.stop, &why))
		die(EXIT_FAILED, "%s", why.text);
	code = boot_once(&s);
	session_release(&s);
	return code;
}
