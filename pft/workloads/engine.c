/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "pft/base/kthread.h"
#include "pft/base/node_memory.h"
#include "pft/base/rcu.h"
#include "pft/pin.h"
#include "pft/thread.h"

/* Frames that a worker's own lists may hold back while others have none left (mm/frame.h). */
#define FRAMES_HELD 512

size_t engine_unit(const struct run *run)
{
	(void)run;
	return ENGINE_PAGE;
}

const char *engine_error(int err)
{
	switch (err) {
	case -ENOMEM:
		return "the arena has no page frame left";
	case -EFAULT:
		return "nothing is mapped there";
	default:
		return strerror(-err);
	}
}

/* MemAvailable of /proc/meminfo in bytes; UINT64_MAX if it cannot be read. */
static uint64_t memory_available(void)
{
	FILE *in = fopen("/proc/meminfo", "re");
	uint64_t kib = UINT64_MAX / 1024;
	char line[128];

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
			break;
	if (in)
		fclose(in);
	return kib * 1024;
}

/* The kernel's node of a worker's CPU, or of the CPU it starts on. */
static unsigned real_node(const struct run *run, unsigned i)
{
	const struct id_list *allowed = &run->allowed;
	int cpu = i < run->settings->nr_workers ? run->workers[i].cpu : -1;

	return pin_node(cpu >= 0 ? (unsigned)cpu : allowed->ids[i % allowed->nr]);
}

/* The logical node of worker or helper @i: in turn those that stand for its CPU's. */
static unsigned logical_node(const struct run *run, unsigned i)
{
	unsigned real = real_node(run, i), nr = 0, pick;

	for (unsigned node = 0; node < node_memory_nodes(); node++)
		nr += node_memory_real(node) == real;
	pick = nr ? i % nr : 0;
	for (unsigned node = 0; nr && node < node_memory_nodes(); node++)
		if (node_memory_real(node) == real && !pick--)
			return node;
	return 0;
}

/* Bytes of frames: nodes have equal shares, and the one with the most workers must have enough. */
static size_t arena_size(const struct run *run, uint64_t pages, unsigned helpers)
{
	unsigned workers = run->settings->nr_workers, nodes = node_memory_nodes(), most = 1;
	unsigned crew[NODE_MEMORY_MAX] = {0};
	uint64_t frames = pages + (workers + helpers + 1ULL) * FRAMES_HELD;

	for (unsigned i = 0; i < workers; i++) {
		unsigned *nr = &crew[logical_node(run, i)];

		most = ++*nr > most ? *nr : most;
	}
	return (frames + workers - 1) / workers * most * nodes * ENGINE_PAGE;
}

static int check_memory(const struct engine *engine, struct why *why)
{
	uint64_t available = memory_available();
	char want[32], have[32];

	if (engine->arena <= available)
		return 0;
	return why_not(why, ENOMEM,
		       "the engine wants %s for page frames and %s are available; "
		       "give a smaller -m",
		       size_format(want, sizeof(want), engine->arena),
		       size_format(have, sizeof(have), available));
}

static int read_params(const struct run *run, struct engine *engine, struct mm_options *options,
		       struct why *why)
{
	const char *check = run_param(run, "check");
	uint64_t levels;
	int err = number_parse(run_param(run, "memcg"), 0, 8, &levels, why);

	if (err)
		return why_within(why, EINVAL, "--param memcg");
	options->memcg_levels = levels;
	engine->check = !strcmp(check, "yes");
	if (!engine->check && strcmp(check, "no"))
		return why_not(why, EINVAL, "neither yes nor no, with '--param check=%s'", check);
	return 0;
}

static int enter_parent(struct engine *engine, struct why *why)
{
	engine->slot = kthread_slot_get();
	if (!engine->slot)
		return why_not(why, EAGAIN, "the engine has no slot left for this thread");
	engine_worker_enter(engine->slot, 0);
	engine->entered = true;
	return 0;
}

int engine_init_options(struct run *run, struct engine *engine, struct mm_options *options,
			uint64_t pages, unsigned helpers, struct why *why)
{
	const struct settings *s = run->settings;
	/* Swap has threads of the engine's own, and the parent is as one of them. */
	unsigned room = RCU_SLOT - (options->swap ? KTHREAD_SLOTS : 1);
	int err;

	*engine = (struct engine){0};
	options->design = s->engine.design;
	options->vma_class = s->engine.vma_class;
	options->rwsem_spin = s->engine.rwsem_spin;
	options->prefault = true;
	for (unsigned i = 0; i < s->nr_workers; i++)
		run->workers[i].kernel_least = 0;
	err = read_params(run, engine, options, why);
	if (!err && s->nr_workers + helpers > room)
		err = why_not(why, EINVAL,
			      "%u workers and %u threads beside them are more than the %u that the "
			      "engine has room for",
			      s->nr_workers, helpers, room);
	if (!err)
		err = engine_init(s->engine.nodes, why);
	if (!err)
		err = enter_parent(engine, why);
	if (err)
		return err;
	engine->map_flags = s->mem.kind == MEM_INTERLEAVE ? MM_INTERLEAVE : 0;
	engine->arena = options->arena = arena_size(run, pages, helpers);
	err = check_memory(engine, why);
	return err ? err : mm_new(&engine->mm, options, why);
}

int engine_init_run(struct run *run, struct engine *engine, uint64_t pages, unsigned helpers,
		    struct why *why)
{
	struct mm_options options = {0};

	return engine_init_options(run, engine, &options, pages, helpers, why);
}

void engine_release(struct run *run, struct engine *engine)
{
	(void)run;
	if (engine->mm && engine->check)
		mm_check(engine->mm);
	if (engine->mm)
		mm_free(engine->mm);
	if (!engine->entered)
		return;
	engine_worker_leave();
	engine_exit();
	kthread_slot_put(engine->slot);
}

int engine_map(struct engine *engine, size_t length, unsigned flags, unsigned long *address,
	       struct why *why)
{
	int err =
		mm_mmap(engine->mm, length, MM_READ | MM_WRITE, engine->map_flags | flags, address);

	if (err)
		return why_not(why, -err, "the engine cannot map %zu bytes: %s", length,
			       strerror(-err));
	return 0;
}

/* The thread's flag says that it has a slot: teardowns come also where no set-up was. */
static void enter(const struct run *run, unsigned slot)
{
	engine_worker_enter(slot, logical_node(run, slot));
	*thread_flag() = true;
}

void engine_enter(struct worker *worker)
{
	enter(worker->run, worker->id);
}

void engine_enter_helper(const struct run *run, unsigned i)
{
	pin_helper(&run->allowed, run->settings->nr_workers + i);
	enter(run, run->settings->nr_workers + i);
}

void engine_leave(void)
{
	if (*thread_flag())
		engine_worker_leave();
	*thread_flag() = false;
}
