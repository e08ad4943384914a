/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/probes/stacks.h"

#include <bpf/bpf.h>
#include <stdbool.h>
#include <string.h>

#include "common/xalloc.h"

/* How the names of the frames begin that lie between a tracepoint and a program attached to it. */
static const char *const tracing[] = {"bpf_prog_",     "bpf_trace_run",	 "__bpf_trace_",
				      "__traceiter_",  "trace_call_bpf", "__bpf_prog_",
				      "bpf_get_stack", "bpf_trampoline_"};

static bool is_tracing(const char *name)
{
	for (size_t i = 0; i < sizeof(tracing) / sizeof(tracing[0]); i++)
		if (!strncmp(name, tracing[i], strlen(tracing[i])))
			return true;
	return false;
}

static bool read_frames(int fd, uint64_t hash, uint64_t frames[STACK_FRAMES])
{
	return hash && !bpf_map_lookup_elem(fd, &hash, frames);
}

void stack_kernel(struct stack_names *s, int fd, uint64_t hash, const struct symbols *symbols)
{
	uint64_t frames[STACK_FRAMES];

	s->nr = 0;
	if (!read_frames(fd, hash, frames))
		return;
	for (unsigned i = 0; i < STACK_FRAMES && frames[i]; i++) {
		const char *name = symbols_kernel(symbols, frames[i]);

		/* A program has no name where kallsyms was read before it was loaded. */
		if (is_tracing(name))
			s->nr = 0;
		else
			s->names[s->nr++] = name;
	}
}

void stack_user(struct stack_names *s, int fd, uint64_t hash, const struct symbols *symbols)
{
	uint64_t frames[STACK_FRAMES];

	s->nr = 0;
	if (!read_frames(fd, hash, frames))
		return;
	for (unsigned i = 0; i < STACK_FRAMES && frames[i]; i++)
		s->names[s->nr++] = symbols_user(symbols, frames[i]);
}

char *stack_fold(const struct stack_names *s)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	if (!s->nr)
		fputc('-', out);
	for (unsigned i = s->nr; i-- > 0;) {
		/* The two signs that mean something in a folded stack. */
		for (const char *c = s->names[i]; *c; c++)
			fputc(*c == ';' || *c == ' ' ? '_' : *c, out);
		if (i)
			fputc(';', out);
	}
	fclose(out);
	return text;
}
