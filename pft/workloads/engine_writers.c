/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/workloads/engine_writers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/base/arch.h"
#include "pft/measured.h"
#include "pft/thread.h"

static const char *const op_names[NR_WRITER_OPS] = {"mmap", "mprotect", "munmap", "fork", "exit"};

/* What a writer has done and how long it took. */
struct op_stat {
	uint64_t nr, ns, max_ns;
};

struct writer {
	struct writers *writers;
	unsigned index;
	struct thread thread;
	struct op_stat ops[NR_WRITER_OPS];
	int err;
	struct why why;
} __attribute__((aligned(ARCH_PAIR)));

struct writers {
	const struct run *run;
	struct mm *mm;
	unsigned map_flags;
	struct writers_options options;
	unsigned started;
	/* Written once a pass by each worker, read once an operation by each writer. */
	uint32_t passes __attribute__((aligned(ARCH_PAIR))); /* under way */
	uint32_t stop; /* futex word that writers sleep on between operations */
	struct writer writer[];
};

void writers_pass_begins(struct writers *writers)
{
	arch_xadd_relaxed(&writers->passes, 1);
}

void writers_pass_ends(struct writers *writers)
{
	arch_xadd_relaxed(&writers->passes, -1u);
}

/* Note that @op, begun at @start, is done. What began or ended outside of all passes does not
 * count. */
static void note_op(struct writer *writer, enum writer_op op, bool counts, uint64_t start)
{
	struct op_stat *stat = &writer->ops[op];
	uint64_t ns = arch_now_ns() - start;

	if (!counts || !arch_read_once(&writer->writers->passes))
		return;
	stat->nr++;
	stat->ns += ns;
	stat->max_ns = ns > stat->max_ns ? ns : stat->max_ns;
}

/* Sleep until @due; false if it is time to stop. */
static bool await(struct writers *writers, uint64_t due)
{
	uint64_t now;

	while (!arch_read_once(&writers->stop)) {
		now = arch_now_ns();
		if (now >= due)
			return true;
		arch_wait(&writers->stop, 0, due - now);
	}
	return false;
}

static int fault_in(struct mm *mm, unsigned long address, uint64_t length)
{
	int err = 0;

	for (uint64_t at = 0; at < length && !err; at += ENGINE_PAGE)
		err = mm_fault(mm, address + at, true);
	return err;
}

/* One operation. @address is the region between mmap and munmap, @child what fork made. */
static int do_op(struct writer *writer, enum writer_op op, unsigned long *address,
		 struct mm **child)
{
	const struct writers *w = writer->writers;
	uint64_t length = w->options.region, start = arch_now_ns();
	bool counts = arch_read_once(&w->passes);
	int err = 0;

	switch (op) {
	case WRITER_MMAP:
		err = mm_mmap(w->mm, length, MM_READ | MM_WRITE, w->map_flags | MM_NO_MERGE,
			      address);
		break;
	case WRITER_MPROTECT:
		err = mm_mprotect(w->mm, *address, length, MM_READ);
		break;
	case WRITER_MUNMAP:
		err = mm_munmap(w->mm, *address, length);
		break;
	case WRITER_FORK:
		err = mm_fork(w->mm, child);
		break;
	case WRITER_EXIT:
		mm_free(*child);
		*child = NULL;
		break;
	default:
		BUG("writers have no operation %d", op);
	}
	note_op(writer, op, counts, start);
	if (err)
		return why_not(&writer->why, -err, "writer %u: %s: %s", writer->index, op_names[op],
			       strerror(-err));
	return 0;
}

/* Operations in turn until it is time to stop; whatever is open is closed. */
static void write_on(struct writer *writer)
{
	struct writers *w = writer->writers;
	uint64_t gap = w->options.rate ? 1000000000 / w->options.rate : 0, due = arch_now_ns();
	enum writer_op first = w->options.fork ? WRITER_FORK : WRITER_MMAP;
	enum writer_op last = w->options.fork ? WRITER_EXIT : WRITER_MUNMAP, op = first;
	unsigned long address = 0;
	struct mm *child = NULL;

	while (!writer->err && await(w, due)) {
		/* Costs an operation what a system call costs, so only where somebody looks on. */
		bool named = w->run->settings->mappings && arch_read_once(&w->passes);

		if (named)
			measured_name(true);
		writer->err = do_op(writer, op, &address, &child);
		if (named)
			measured_name(false);
		if (!writer->err && op == WRITER_MMAP)
			writer->err = fault_in(w->mm, address, w->options.region);
		op = op == last ? first : op + 1;
		due += gap;
		if (due + 1000000000 < arch_now_ns()) /* it cannot keep up: do not save it up */
			due = arch_now_ns();
	}
	if (child)
		mm_free(child);
}

static void *writer_main(void *arg)
{
	struct writer *writer = arg;

	engine_enter_helper(writer->writers->run, writer->index);
	write_on(writer);
	engine_leave();
	return NULL;
}

int writers_start(struct writers **result, const struct run *run, struct engine *engine,
		  const struct writers_options *options, struct why *why)
{
	size_t size = sizeof(struct writers) + options->nr * sizeof(struct writer);
	struct writers *w = aligned_alloc(ARCH_PAIR, size);
	int err = 0;

	if (!w)
		return why_not(why, ENOMEM, "no memory for %u writers", options->nr);
	memset(w, 0, size);
	*result = w;
	w->run = run;
	w->mm = engine->mm;
	w->map_flags = engine->map_flags;
	w->options = *options;
	while (w->started < options->nr && !err) {
		struct writer *writer = &w->writer[w->started];

		writer->writers = w;
		writer->index = w->started;
		err = -thread_start(&writer->thread, writer_main, writer, 0);
		w->started += !err;
	}
	if (err)
		return why_not(why, err, "cannot create writer %u: %s; see 'ulimit -u'", w->started,
			       strerror(err));
	return 0;
}

int writers_stop(struct writers *w, struct why *why)
{
	unsigned nr = w->started;
	int err = 0;

	arch_write_once(&w->stop, 1u);
	arch_wake(&w->stop, nr);
	for (unsigned i = 0; i < nr; i++) {
		struct writer *writer = &w->writer[i];

		thread_join(&writer->thread);
		if (writer->err && !err)
			err = why_not(why, -writer->err, "%s", writer->why.text);
	}
	w->started = 0;
	return err;
}

static void emit_op(const struct writers *w, enum writer_op op, struct emit *emit)
{
	struct op_stat sum = {0};
	char metric[48];

	for (unsigned i = 0; i < w->options.nr; i++) {
		const struct op_stat *stat = &w->writer[i].ops[op];

		sum.nr += stat->nr;
		sum.ns += stat->ns;
		sum.max_ns = stat->max_ns > sum.max_ns ? stat->max_ns : sum.max_ns;
	}
	snprintf(metric, sizeof(metric), "writer_%ss", op_names[op]);
	emit_count(emit, metric, EMIT_ALL, "1", sum.nr);
	snprintf(metric, sizeof(metric), "writer_%s_ns", op_names[op]);
	if (sum.nr)
		emit_number(emit, metric, EMIT_ALL, "ns", (double)sum.ns / sum.nr);
	else
		emit_none(emit, metric, EMIT_ALL, "ns", "no such operation while workers faulted");
	snprintf(metric, sizeof(metric), "writer_%s_max_ns", op_names[op]);
	if (sum.nr)
		emit_count(emit, metric, EMIT_ALL, "ns", sum.max_ns);
	else
		emit_none(emit, metric, EMIT_ALL, "ns", "no such operation while workers faulted");
}

void writers_rows(const struct writers *w, const struct run *run, struct emit *emit)
{
	enum writer_op first = w->options.fork ? WRITER_FORK : WRITER_MMAP;
	enum writer_op last = w->options.fork ? WRITER_EXIT : WRITER_MUNMAP;
	struct totals totals;
	uint64_t nr = 0;

	totals_of(run, &totals);
	for (unsigned i = 0; i < w->options.nr; i++)
		for (unsigned op = first; op <= last; op++)
			nr += w->writer[i].ops[op].nr;
	emit_count(emit, "writers", EMIT_ALL, "1", w->options.nr);
	emit_count(emit, "writer_ops", EMIT_ALL, "1", nr);
	emit_number(emit, "writer_ops/sec", EMIT_ALL, "1/s", nr / totals.wall_s);
	for (unsigned op = first; op <= last; op++)
		emit_op(w, op, emit);
}

void writers_free(struct writers *w)
{
	free(w);
}
