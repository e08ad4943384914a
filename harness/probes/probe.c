/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/xalloc.h"

#define TASKS_MAP "tasks"

/* libbpf would print hints that are wrong here (RLIMIT_MEMLOCK, which no kernel from 5.11 on looks at). */
static int say_nothing(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

/* The function that a tracepoint calls, context first; NULL if this kernel has no such tracepoint. */
static const struct btf_type *tracepoint_proto(const struct btf *btf, const char *tracepoint)
{
	char *name = xasprintf("btf_trace_%s", tracepoint);
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;

	free(name);
	while (type && (btf_is_typedef(type) || btf_is_ptr(type)))
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) ? type : NULL;
}

/* Whether the third argument points to a structure of this name. */
static bool points_to(const struct btf *btf, const struct btf_type *proto, const char *name)
{
	const struct btf_type *type;

	if (btf_vlen(proto) < 4)
		return false;
	type = btf__type_by_id(btf, btf_params(proto)[3].type);
	if (!type || !btf_is_ptr(type))
		return false;
	type = btf__type_by_id(btf, type->type);
	while (type && btf_is_mod(type))
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_struct(type) &&
	       !strcmp(btf__name_by_offset(btf, type->name_off), name);
}

static bool hook_fits(const struct btf *btf, const struct probe_hook *hook)
{
	const struct btf_type *proto = tracepoint_proto(btf, hook->tracepoint);

	if (!proto)
		return false;
	if (hook->nr_args && btf_vlen(proto) != hook->nr_args + 1)
		return false;
	return !hook->arg_struct || points_to(btf, proto, hook->arg_struct);
}

/* Load, of the programs for each tracepoint, the one that fits. */
static int choose_variants(struct probe *p, const struct btf *btf, struct why *why)
{
	for (const struct probe_hook *h = p->ops->hooks; h->program; h++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(p->object, h->program);
		const struct probe_hook *other = p->ops->hooks;

		if (!program)
			BUG("no program '%s' in probe '%s'", h->program, p->ops->name);
		bpf_program__set_autoload(program, hook_fits(btf, h));
		while (other->program &&
		       (strcmp(other->tracepoint, h->tracepoint) || !hook_fits(btf, other)))
			other++;
		if (!other->program)
			return why_not(why, ENOENT,
				       "this kernel has no tracepoint '%s' as %s has it",
				       h->tracepoint, h->since);
	}
	return 0;
}

static int open_object(struct probe *p, struct why *why)
{
	size_t size;
	const void *bytes = p->ops->elf(&size);

	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = p->ops->name);
	libbpf_set_print(say_nothing);
	p->object = bpf_object__open_mem(bytes, size, &opts);
	return p->object ? 0 : why_not(why, errno, "cannot open the object: %s", strerror(errno));
}

static int load_object(struct probe *p, int tasks, struct why *why)
{
	int err;

	if (tasks >= 0 &&
	    bpf_map__reuse_fd(bpf_object__find_map_by_name(p->object, TASKS_MAP), tasks))
		return why_not(why, errno, "cannot share the marks: %s", strerror(errno));
	err = bpf_object__load(p->object);
	if (err == -EPERM)
		return why_not(
			why, -err,
			"the kernel refuses the programs: CAP_BPF and CAP_PERFMON are needed");
	return err ? why_not(why, -err, "cannot load the programs: %s", strerror(-err)) : 0;
}

/* The object's .bss, shared with the programs. */
static int map_control(struct probe *p, struct why *why)
{
	struct bpf_map *map;
	void *at;

	bpf_object__for_each_map(map, p->object) if (strstr(bpf_map__name(map), ".bss")) break;
	if (!map || bpf_map__value_size(map) < sizeof(*p->control))
		BUG("probe '%s' has no control", p->ops->name);
	at = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED,
		  bpf_map__fd(map), 0);
	if (at == MAP_FAILED)
		return why_not(why, errno, "cannot map the control: %s", strerror(errno));
	p->control = at;
	return 0;
}

int probe_keep_link(struct probe *p, struct bpf_link *link, const char *what, struct why *why)
{
	if (!link)
		return why_not(why, errno, "cannot attach to '%s': %s", what, strerror(errno));
	XGROW(p->links, p->nr_links, p->cap_links);
	p->links[p->nr_links++] = link;
	return 0;
}

static int attach(struct probe *p, struct why *why)
{
	int err = 0;

	for (const struct probe_hook *h = p->ops->hooks; h->program && !err; h++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(p->object, h->program);

		if (bpf_program__autoload(program))
			err = probe_keep_link(p, bpf_program__attach(program), h->tracepoint, why);
	}
	return err || !p->ops->attach ? err : p->ops->attach(p, why);
}

int probe_prepare(struct probe *p, const struct probe_ops *ops, int tasks)
{
	struct btf *btf;
	int err;

	*p = (struct probe){.ops = ops};
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return why_not(&p->why, errno,
			       "this kernel does not describe itself (no /sys/kernel/btf/vmlinux)");
	err = open_object(p, &p->why);
	if (!err)
		err = choose_variants(p, btf, &p->why);
	if (!err)
		err = load_object(p, tasks, &p->why);
	if (!err)
		err = map_control(p, &p->why);
	if (!err)
		err = attach(p, &p->why);
	btf__free(btf);
	if (err)
		probe_finish(p);
	return err;
}

void probe_start(struct probe *p, uint32_t phase)
{
	if (p->object)
		__atomic_store_n(&p->control->phase, phase, __ATOMIC_RELEASE);
}

void probe_stop(struct probe *p)
{
	probe_start(p, 0);
}

int probe_map(const struct probe *p, const char *name)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, name);

	if (fd < 0)
		BUG("no map '%s' in probe '%s'", name, p->ops->name);
	return fd;
}

/* What the programs have cost so far; both 0 where the kernel does not count. */
static void look_at_cost(const struct probe *p, uint64_t *runs, uint64_t *ns)
{
	struct bpf_program *program;

	*runs = *ns = 0;
	bpf_object__for_each_program(program, p->object)
	{
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		*runs += info.run_cnt;
		*ns += info.run_time_ns;
	}
}

/* The probe's line of probes.tsv. What could not be counted is '-'. */
static void write_status(struct probe *p, uint64_t events, struct tables *tables)
{
	FILE *out = tables_record(tables, TABLE_PROBES);
	uint64_t runs, ns, lost;

	fprintf(out, "%s\t", p->ops->name);
	if (!p->object) {
		char *status = xasprintf("unsupported:%s", p->why.text);

		tsv_write_field(out, status, '\t');
		fputs("-\t-\t-\t-\n", out);
		free(status);
		return;
	}
	lost = p->control->lost_stacks + p->control->lost_events;
	look_at_cost(p, &runs, &ns);
	fprintf(out, "%s\t%llu\t%llu", lost > p->lost ? "lost" : "ok", (unsigned long long)events,
		(unsigned long long)(lost - p->lost));
	if (runs)
		fprintf(out, "\t%llu\t%llu\n", (unsigned long long)(runs - p->runs),
			(unsigned long long)(ns - p->run_ns));
	else
		fputs("\t-\t-\n", out);
	p->lost = lost;
	p->runs = runs;
	p->run_ns = ns;
}

void probe_read(struct probe *p, uint32_t phase, struct symbols *symbols, struct tables *tables)
{
	uint64_t events = p->object ? p->ops->read(p, phase, symbols, tables) : 0;

	write_status(p, events, tables);
}

void probe_finish(struct probe *p)
{
	for (size_t i = 0; i < p->nr_links; i++)
		bpf_link__destroy(p->links[i]);
	free(p->links);
	if (p->control)
		munmap(p->control, sysconf(_SC_PAGESIZE));
	bpf_object__close(p->object);
	p->object = NULL;
	p->control = NULL;
	p->links = NULL;
	p->nr_links = p->cap_links = 0;
}
