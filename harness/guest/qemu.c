/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/qemu.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/child.h"
#include "harness/guest/orders.h"
#include "harness/guest/wire.h"

/* What differs between processors. */
struct processor {
	unsigned machine;
	const char *program, *package; /* of Debian */
	const char *board;
	const char *console; /* as the kernel calls it */
	const char *cpu; /* under TCG */
};
static const struct processor processors[] = {
	/* The emulator has SMT siblings only of Intel's CPUs. */
	{EM_X86_64, "qemu-system-x86_64", "qemu-system-x86", "pc", "ttyS0",
	 "max,vendor=GenuineIntel"},
	{EM_AARCH64, "qemu-system-aarch64", "qemu-system-arm", "virt", "ttyAMA0",
	 "max,pauth-impdef=on"},
};

static const struct processor *processor_of(unsigned machine)
{
	for (size_t i = 0; i < sizeof(processors) / sizeof(processors[0]); i++)
		if (processors[i].machine == machine)
			return &processors[i];
	return NULL;
}

bool qemu_is_native(unsigned machine)
{
#if defined(__x86_64__)
	return machine == EM_X86_64;
#elif defined(__aarch64__)
	return machine == EM_AARCH64;
#else
	return !machine;
#endif
}

/* PATH's first folder with @program in it. */
static char *find_program(const char *program)
{
	const char *path = getenv("PATH");
	char *copy = xstrdup(path ? path : "/usr/bin:/bin"), *rest = copy, *folder, *found = NULL;

	while (!found && (folder = strsep(&rest, ":"))) {
		found = xasprintf("%s/%s", *folder ? folder : ".", program);
		if (access(found, X_OK)) {
			free(found);
			found = NULL;
		}
	}
	free(copy);
	return found;
}

int qemu_find(struct qemu *q, unsigned machine, struct why *why)
{
	const struct processor *p = processor_of(machine);

	if (!p)
		return why_not(why, ENOTSUP,
			       "no guest for this processor (ELF machine %u); x86_64 and arm64 "
			       "are known",
			       machine);
	q->machine = machine;
	q->path = find_program(p->program);
	if (!q->path)
		return why_not(why, ENOENT,
			       "there is no '%s' here, which runs the guest; install it "
			       "(Debian: apt-get install %s)",
			       p->program, p->package);
	return 0;
}

char *qemu_version(const struct qemu *q, struct stop *stop)
{
	char option[] = "--version";
	char *argv[] = {q->path, option, NULL}, *text;
	struct child_result child;
	struct why why = WHY_INIT;

	if (child_run(argv, 10, stop, &child, &why) || child_verdict(&child, 10, &why))
		text = xasprintf("unavailable: %s", why.text);
	else
		text = xstrndup(child.out.data, strcspn(child.out.data, "\n"));
	child_result_release(&child);
	return text;
}

struct words {
	char **words;
	size_t nr, cap;
};

static void __attribute__((format(printf, 2, 3))) add(struct words *w, const char *fmt, ...)
{
	char *word = NULL;
	va_list ap;

	XGROW(w->words, w->nr, w->cap);
	if (fmt) {
		va_start(ap, fmt);
		word = xvasprintf(fmt, ap);
		va_end(ap);
	}
	w->words[w->nr++] = word;
}

/* @text as a value of one of the emulator's options, where a comma is written twice. */
static char *escaped(const char *text)
{
	char *all = xmalloc(2 * strlen(text) + 1), *to = all;

	for (; *text; text++) {
		if (*text == ',')
			*to++ = ',';
		*to++ = *text;
	}
	*to = '\0';
	return all;
}

static void add_nodes(struct words *w, const struct qemu *q)
{
	const struct shape *s = q->shape;

	for (unsigned i = 0; i < s->nr_nodes; i++) {
		const struct shape_node *node = &s->nodes[i];
		char *cpus = xstrdup("");

		for (size_t j = 0; j < node->cpus.nr; j++) {
			char *more = xasprintf("%s,cpus=%u", cpus, node->cpus.ids[j]);

			free(cpus);
			cpus = more;
		}
		if (node->bytes) {
			add(w, "-object");
			/* Memory that the host has not backed yet would cost the guest's first touch a fault
			 * of the host as well. */
			add(w, "memory-backend-ram,id=m%u,size=%" PRIu64 "%s", i, node->bytes,
			    q->kvm ? ",prealloc=on" : "");
		}
		add(w, "-numa");
		if (node->bytes)
			add(w, "node,nodeid=%u%s,memdev=m%u", i, cpus, i);
		else
			add(w, "node,nodeid=%u%s", i, cpus);
		free(cpus);
	}
	for (unsigned i = 0; s->distances && i < s->nr_nodes * s->nr_nodes; i++) {
		add(w, "-numa");
		add(w, "dist,src=%u,dst=%u,val=%u", i / s->nr_nodes, i % s->nr_nodes,
		    s->distances[i]);
	}
}

static void add_speed(struct words *w, const struct qemu *q, const struct processor *p)
{
	add(w, "-accel");
	if (q->kvm)
		add(w, "kvm");
	else
		add(w, "tcg,thread=%s", q->icount ? "single" : "multi");
	add(w, "-cpu");
	add(w, "%s", q->kvm ? "host" : p->cpu);
	if (q->icount) {
		add(w, "-icount");
		add(w, "shift=0,sleep=off");
	}
}

/* The console is the first serial line, the results' port a second one. */
static void add_lines(struct words *w, const struct qemu *q)
{
	add(w, "-chardev");
	add(w, "stdio,id=console,signal=off");
	add(w, "-serial");
	add(w, "chardev:console");
	add(w, "-chardev");
	add(w, "socket,id=port,fd=%d", q->port_fd);
	if (q->machine == EM_X86_64) {
		add(w, "-serial");
		add(w, "chardev:port");
	} else {
		add(w, "-device");
		add(w, "pci-serial,chardev=port");
	}
}

static void add_kernel(struct words *w, const struct qemu *q, const struct processor *p)
{
	char *kernel = escaped(q->kernel);

	add(w, "-kernel");
	add(w, "%s", kernel);
	add(w, "-initrd");
	add(w, "/proc/self/fd/%d", q->initramfs_fd);
	add(w, "-append");
	add(w, "console=%s panic=-1 oops=panic quiet cryptomgr.notests rdinit=" GUEST_INIT "%s%s",
	    p->console, q->append ? " " : "", q->append ? q->append : "");
	free(kernel);
}

char **qemu_argv(const struct qemu *q)
{
	const struct processor *p = processor_of(q->machine);
	const struct shape *s = q->shape;
	struct words w = {0};

	add(&w, "%s", q->path);
	add(&w, "-nodefaults");
	add(&w, "-no-user-config");
	add(&w, "-no-reboot");
	add(&w, "-display");
	add(&w, "none");
	add(&w, "-machine");
	add(&w, "%s", p->board);
	add_speed(&w, q, p);
	add(&w, "-m");
	add(&w, "%" PRIu64 "M", s->bytes >> 20);
	add(&w, "-smp");
	add(&w, "%u,sockets=%u,cores=%u,threads=%u", shape_cpus(s), s->sockets, s->cores,
	    s->threads);
	add_nodes(&w, q);
	add_lines(&w, q);
	add_kernel(&w, q, p);
	add(&w, NULL);
	return w.words;
}

void qemu_argv_free(char **argv)
{
	for (char **word = argv; *word; word++)
		free(*word);
	free(argv);
}
