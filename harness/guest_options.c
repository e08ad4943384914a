/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest_options.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/guest/accel.h"

#define SILENCE_S     120
#define SILENCE_MIN_S 10 /* the guest speaks every two seconds */
#define BOOTS	      6 /* of each kernel */

enum {
	KEY_KERNEL = 0x200,
	KEY_NODES,
	KEY_CPUS,
	KEY_MEMORY,
	KEY_DISTANCE,
	KEY_APPEND,
	KEY_ROOTFS,
	KEY_SYSROOT,
	KEY_ACCEL,
	KEY_WRITE,
	KEY_ICOUNT,
	KEY_TIMEOUT,
	KEY_BOOTS,
	KEY_MODULES,
	KEY_LOAD,
};

static const struct argp_option argp_options[] = {
	{NULL, 0, NULL, 0, "The guest:", 1},
	{"kernel", KEY_KERNEL, "IMAGE", 0, "the kernel to boot: a bzImage, a vmlinuz", 1},
	{"nodes", KEY_NODES, "N", 0,
	 "NUMA nodes (1), or CPUs and memory of each: 0-1:512M/2:0/-:256M", 1},
	{"cpus", KEY_CPUS, "N", 0,
	 "CPUs, or SOCKETS,CORES,THREADS (as many as here, a socket for each node)", 1},
	{"memory", KEY_MEMORY, "SIZE", 0, "of all nodes (1G a node)", 1},
	{"distance", KEY_DISTANCE, "N", 0,
	 "from any node to any other, or a row for each: 10,21/21,10", 1},
	{"append", KEY_APPEND, "WORDS", 0, "to the kernel's command line", 1},
	{"write", KEY_WRITE, "PATH=VALUE", 0,
	 "write to a file of /proc or /sys before the run; may be repeated", 1},
	{"modules", KEY_MODULES, "DIR", 0, "the kernel's modules, as in /lib/modules", 1},
	{"load", KEY_LOAD, "MODULE", 0,
	 "load this one, and what it needs, before the run; may be repeated", 1},
	{"rootfs", KEY_ROOTFS, "PATH", 0,
	 "a folder, or a cpio archive, whose files the guest has as well", 1},
	{"sysroot", KEY_SYSROOT, "DIR", 0,
	 "where the libraries of programs for another processor lie", 1},
	{"accel", KEY_ACCEL, "kvm|tcg", 0, "how code runs (kvm where it works, else tcg)", 1},
	{"icount", KEY_ICOUNT, NULL, 0,
	 "count instructions: time in the guest is how many it executed; implies tcg", 1},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0, "of silence, until the guest counts as hung (120)",
	 1},
	{"boots", KEY_BOOTS, "N", 0, "of compare: of each kernel, which share the iterations (6)",
	 1},
	{NULL, 0, NULL, 0, "The run in it, as with faultscale run:", 2},
	{0},
};

/* Options of one text each that a run keeps: fact "guest_NAME". */
static const struct {
	const char *fact;
	int key;
	size_t offset;
} kept[] = {
	{"guest_kernel", KEY_KERNEL, offsetof(struct guest_options, kernels[0])},
	{"guest_nodes", KEY_NODES, offsetof(struct guest_options, shape.nodes)},
	{"guest_cpus", KEY_CPUS, offsetof(struct guest_options, shape.cpus)},
	{"guest_memory", KEY_MEMORY, offsetof(struct guest_options, shape.memory)},
	{"guest_distance", KEY_DISTANCE, offsetof(struct guest_options, shape.distance)},
	{"guest_append", KEY_APPEND, offsetof(struct guest_options, append)},
	{"guest_modules", KEY_MODULES, offsetof(struct guest_options, modules)},
	{"guest_rootfs", KEY_ROOTFS, offsetof(struct guest_options, rootfs)},
	{"guest_sysroot", KEY_SYSROOT, offsetof(struct guest_options, sysroot)},
	{"guest_pft", 0, offsetof(struct guest_options, run.pft)},
	{"accel", KEY_ACCEL, offsetof(struct guest_options, accel)},
};
#define NR_KEPT (sizeof(kept) / sizeof(kept[0]))

static const char **text_of(const struct guest_options *o, size_t i)
{
	return (const char **)((char *)o + kept[i].offset);
}

/* How many instructions the walk to a VMA takes depends on where the mappings of a process happen to lie:
 * 2 % of those of a fault, on Linux 6.12. */
#define KEEP_LAYOUT "/proc/sys/kernel/randomize_va_space=0"

static void add_write(struct guest_options *o, const char *text)
{
	XGROW(o->writes, o->nr_writes, o->cap_writes);
	o->writes[o->nr_writes++] = text;
}

static void add_load(struct guest_options *o, const char *text)
{
	XGROW(o->loads, o->nr_loads, o->cap_loads);
	o->loads[o->nr_loads++] = text;
}

static error_t parse_kernel(struct guest_options *o, const char *arg, struct argp_state *state)
{
	if (o->nr_kernels == 2)
		argp_error(state, "--kernel is given more than twice");
	o->kernels[o->nr_kernels++] = arg;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct guest_options *o = state->input;
	uint64_t number;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->run;
		return 0;
	case KEY_KERNEL:
		return parse_kernel(o, arg, state);
	case KEY_ACCEL:
		if (strcmp(arg, ACCEL_KVM) && strcmp(arg, ACCEL_TCG))
			argp_error(state, "--accel is kvm or tcg, not '%s'", arg);
		o->accel = arg;
		return 0;
	case KEY_ICOUNT:
		o->icount = true;
		add_write(o, KEEP_LAYOUT); /* a --write behind it may say otherwise */
		return 0;
	case KEY_TIMEOUT:
		if (number_parse(arg, SILENCE_MIN_S, INT_MAX, &number, NULL))
			argp_error(state, "--timeout takes seconds, %d at least, not '%s'",
				   SILENCE_MIN_S, arg);
		o->timeout_s = (unsigned)number;
		return 0;
	case KEY_LOAD:
		add_load(o, arg);
		return 0;
	case KEY_BOOTS:
		if (number_parse(arg, 1, 1000, &number, NULL))
			argp_error(state, "--boots takes a number from 1 to 1000, not '%s'", arg);
		o->boots = (unsigned)number;
		return 0;
	case KEY_WRITE:
		if (*arg != '/' || !strchr(arg, '=') || strchr(arg, '\n'))
			argp_error(state, "--write takes PATH=VALUE, not '%s'", arg);
		add_write(o, arg);
		return 0;
	default:
		for (size_t i = 0; i < NR_KEPT; i++) {
			if (key && kept[i].key == key) {
				*text_of(o, i) = arg;
				return 0;
			}
		}
		return ARGP_ERR_UNKNOWN;
	}
}

static int check(const struct guest_options *o, bool compare, struct why *why)
{
	int err = run_options_check(&o->run, why);

	if (err)
		return err;
	for (int i = 1; i < o->run.argc; i++)
		if (strchr(o->run.argv[i], '\n'))
			return why_not(why, EINVAL, "a word of the command line has a line break");
	if (!compare && o->boots)
		return why_not(why, EINVAL, "--boots is for faultscale guest compare");
	if (!compare && o->nr_kernels > 1)
		return why_not(why, EINVAL, "two kernels are for faultscale guest compare");
	if (compare && o->nr_kernels != 2)
		return why_not(why, EINVAL, "name two kernels: --kernel A --kernel B");
	if (compare && o->run.resume)
		return why_not(why, EINVAL,
			       "a comparison goes on when the same command is given again");
	if (!o->run.resume && !o->nr_kernels)
		return why_not(why, EINVAL, "no kernel to boot; name one with --kernel IMAGE");
	if (o->run.max_iterations && compare)
		return why_not(why, EINVAL,
			       "--boots shares the iterations out, not "
			       "--max-iterations");
	if (o->nr_loads && !o->modules && !o->run.resume)
		return why_not(why, EINVAL, "--load needs the kernel's modules: --modules DIR");
	if (o->icount && o->accel && !strcmp(o->accel, ACCEL_KVM))
		return why_not(why, EINVAL, "--icount counts under tcg; leave out --accel kvm");
	return 0;
}

int guest_options_parse(struct guest_options *o, int argc, char **argv, bool compare,
			struct why *why)
{
	static const struct argp_child children[] = {{&run_options_argp, 0, NULL, 2}, {0}};
	static const struct argp argp = {
		argp_options,
		parse_option,
		"--kernel IMAGE --config FILE --name NAME\n--resume NAME\n"
		"compare --kernel A --kernel B --config FILE --name NAME",
		"Boot a kernel in an emulated machine with NUMA nodes and run a sweep in it; its "
		"samples are an ordinary run, DIR/NAME.",
		children,
		NULL,
		NULL};
	int next, err;

	*o = (struct guest_options){.run = {.results = "results", .argc = argc, .argv = argv},
				    .timeout_s = SILENCE_S};
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, &next, o))
		return why_not(why, EINVAL, "cannot read the command line");
	if (next < argc)
		return why_not(why, EINVAL, "unexpected argument, with '%s'; see --help",
			       argv[next]);
	err = check(o, compare, why);
	if (!o->boots)
		o->boots = BOOTS;
	return err;
}

int guest_options_recall(struct guest_options *o, struct meta *facts, struct why *why)
{
	o->facts = *facts;
	*facts = (struct meta){0};
	if (!meta_get(&o->facts, "guest_kernel"))
		return why_not(why, EINVAL,
			       "it was not measured in a guest; go on with it by faultscale run");
	for (size_t i = 0; i < NR_KEPT; i++)
		if (!*text_of(o, i))
			*text_of(o, i) = meta_get(&o->facts, kept[i].fact);
	if (!o->nr_writes)
		for (size_t i = 0; i < o->facts.nr; i++)
			if (!strcmp(o->facts.facts[i].key, "guest_write"))
				add_write(o, o->facts.facts[i].value);
	if (!o->nr_loads)
		for (size_t i = 0; i < o->facts.nr; i++)
			if (!strcmp(o->facts.facts[i].key, "guest_load"))
				add_load(o, o->facts.facts[i].value);
	o->nr_kernels = 1;
	o->icount |= meta_get(&o->facts, "icount") != NULL;
	return 0;
}

void guest_options_facts(const struct guest_options *o, struct meta *facts)
{
	for (size_t i = 0; i < NR_KEPT; i++)
		if (*text_of(o, i))
			meta_add(facts, kept[i].fact, "%s", *text_of(o, i));
	for (size_t i = 0; i < o->nr_writes; i++)
		meta_add(facts, "guest_write", "%s", o->writes[i]);
	for (size_t i = 0; i < o->nr_loads; i++)
		meta_add(facts, "guest_load", "%s", o->loads[i]);
	if (o->icount)
		meta_add(facts, "icount", GUEST_ICOUNT);
}

void guest_options_release(struct guest_options *o)
{
	free(o->writes);
	free(o->loads);
	run_options_release(&o->run);
	meta_release(&o->facts);
	*o = (struct guest_options){0};
}
