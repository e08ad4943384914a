/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uffd-anon: anon, with the engine serving the real faults of this process. The workers touch
 * memory that the kernel leaves to us by userfaultfd(2); the engine finds the VMA under its lock,
 * takes a frame, clears and charges it, and the frame's contents become the page that the worker
 * touched.
 *
 * The engine's frames are not the pages themselves: shared memory shows a file in one order only
 * (UFFDIO_CONTINUE); a mapping per page costs mmap_lock for writing and a VMA each; moving the page
 * (UFFDIO_MOVE) leaves a hole in the arena and flushes the TLBs of all CPUs that run us, and made
 * half of the faults per second. So a page is copied (UFFDIO_COPY).
 *
 * The thread that faults serves itself, by SIGBUS: a handler thread costs two switches of context a
 * fault.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "pft/base/arch.h"
#include "pft/touch.h"
#include "pft/workloads/engine.h"
#include "pft/workloads/uffd.h"

struct uffd_anon {
	struct engine engine;
	struct uffd uffd;
	unsigned long start; /* in the engine, of what is uffd.area here */
	enum uffd_handler handler;
	unsigned nr_handlers, started; /* threads */
	pthread_t *handlers;
	int stop;
	bool signalled; /* on_fault() is the handler of SIGBUS, in place of */
	struct sigaction before;
	int err; /* the first failure of anyone who served: -errno */
};

/* For the signal handler. */
static struct uffd_anon *serving;

static const struct workload_param uffd_params[] = {
	{"handler", "sigbus", "who serves: sigbus (the faulting thread) or thread (others)"},
	{"handlers", "0", "how many threads serve with handler=thread; 0: as many as workers"},
	ENGINE_PARAMS,
	{NULL, NULL, NULL},
};

/* Serve the fault at @offset: the engine's fault, then its page. With check=yes the page says whose
 * it is. On failure all faults go back to the kernel, and the run fails at its end. */
static void serve(struct uffd_anon *u, size_t offset)
{
	struct mm *mm = u->engine.mm;
	unsigned long address = u->start + offset;
	void *page = NULL;
	int err = mm_fault(mm, address, true), good = 0;

	if (!err && u->engine.check)
		err = mm_write(mm, address + sizeof(address), &address, sizeof(address));
	if (!err) {
		page = mm_page(mm, address);
		err = page ? uffd_put(&u->uffd, offset, page) : -EFAULT;
	}
	if (!err)
		return;
	arch_cmpxchg_relaxed(&u->err, &good, err);
	uffd_give_up(&u->uffd);
}

/* SIGBUS in a worker. What is not ours goes to the handler before, at its second try. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
	struct uffd_anon *u = serving;
	size_t offset = (char *)info->si_addr - u->uffd.area;
	int saved = errno;

	(void)context;
	if (offset < u->uffd.length)
		serve(u, offset & ~(ENGINE_PAGE - 1));
	else
		sigaction(signal, &u->before, NULL);
	errno = saved;
}

struct handler_start {
	struct uffd_anon *u;
	const struct run *run;
	unsigned index;
};

/* Serve until a signal comes and it is time to stop. */
static void *handler_main(void *arg)
{
	struct handler_start start = *(struct handler_start *)arg;
	struct uffd_anon *u = start.u;

	free(arg);
	engine_enter_helper(start.run, start.index);
	while (!arch_read_once(&u->stop)) {
		long offset = uffd_wait(&u->uffd);

		if (offset >= 0)
			serve(u, offset);
		else if (offset != -EINTR)
			break;
	}
	engine_leave();
	return NULL;
}

/* There is nothing to do: read(2) returns. */
static void on_stop(int signal)
{
	(void)signal;
}

static int start_handlers(struct run *run, struct uffd_anon *u, struct why *why)
{
	int err = 0;

	sigaction(SIGURG, &(struct sigaction){.sa_handler = on_stop}, NULL);
	u->handlers = xcalloc(u->nr_handlers, sizeof(*u->handlers));
	while (u->started < u->nr_handlers && !err) {
		struct handler_start *start = xcalloc(1, sizeof(*start));

		*start = (struct handler_start){u, run, u->started};
		err = pthread_create(&u->handlers[u->started], NULL, handler_main, start);
		if (err)
			free(start);
		u->started += !err;
	}
	if (err)
		return why_not(why, err, "cannot create handler %u: %s; see 'ulimit -u'",
			       u->started, strerror(err));
	return 0;
}

/* Once is enough. A signal that comes just before read(2) is lost, so there are more. */
static void stop_handlers(struct uffd_anon *u)
{
	arch_write_once(&u->stop, 1);
	for (unsigned i = 0; i < u->started; i++) {
		while (pthread_tryjoin_np(u->handlers[i], NULL)) {
			pthread_kill(u->handlers[i], SIGURG);
			usleep(100);
		}
	}
	u->started = 0;
}

static void catch_signals(struct uffd_anon *u)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};

	serving = u;
	sigaction(SIGBUS, &action, &u->before);
	u->signalled = true;
}

static int choice(const struct run *run, const char *name, const char *first, const char *second,
		  struct why *why)
{
	const char *value = run_param(run, name);

	if (!strcmp(value, first))
		return 0;
	if (!strcmp(value, second))
		return 1;
	return why_not(why, EINVAL, "neither %s nor %s, with '--param %s=%s'", first, second, name,
		       value);
}

static int prepare(struct run *run, struct uffd_anon *u, struct why *why)
{
	uint64_t handlers, pages = run->units_per_worker * run->settings->nr_workers;
	int err = number_parse(run_param(run, "handlers"), 0, 256, &handlers, why);

	if (err)
		return why_within(why, EINVAL, "--param handlers");
	if (u->handler == UFFD_THREAD)
		u->nr_handlers = handlers ? handlers : run->settings->nr_workers;
	err = engine_init_run(run, &u->engine, pages, u->nr_handlers, why);
	if (!err)
		err = engine_map(&u->engine, pages * ENGINE_PAGE, 0, &u->start, why);
	if (!err)
		err = uffd_init(&u->uffd, pages * ENGINE_PAGE, u->handler, why);
	return err;
}

static int uffd_setup(struct run *run, struct why *why)
{
	struct uffd_anon *u = xcalloc(1, sizeof(*u));
	int handler = choice(run, "handler", "sigbus", "thread", why);
	int err;

	run->private = u;
	u->uffd.fd = -1;
	if (handler < 0)
		return -EINVAL;
	u->handler = handler;
	err = prepare(run, u, why);
	if (err)
		return err;
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		struct worker *worker = &run->workers[i];

		worker->length = run->units_per_worker * ENGINE_PAGE;
		worker->start = u->uffd.area + i * worker->length;
	}
	engine_ready(&u->engine);
	if (u->handler == UFFD_THREAD)
		return start_handlers(run, u, why);
	catch_signals(u);
	return 0;
}

static int uffd_thread_setup(struct worker *worker)
{
	engine_enter(worker);
	return 0;
}

static int uffd_pass(struct worker *worker)
{
	const struct uffd_anon *u = worker->run->private;
	int err;

	touch_write(worker->start, worker->start + worker->length, ENGINE_PAGE);
	err = arch_read_once(&u->err);
	if (err)
		return worker_fails(worker, -err, "a fault could not be served: %s",
				    engine_error(err));
	worker->faults = worker->planned;
	return 0;
}

/* Whether each page is what the engine made, and the touch: 1, the address, zeroes. */
static int check_pages(struct worker *worker)
{
	static const char zeroes[ENGINE_PAGE];
	const struct uffd_anon *u = worker->run->private;
	unsigned long address = u->start + (worker->start - u->uffd.area), found;
	const size_t head = 2 * sizeof(address);

	for (char *p = worker->start; p < worker->start + worker->length; p += ENGINE_PAGE) {
		memcpy(&found, p + sizeof(found), sizeof(found));
		if (*p != 1 || memcmp(p + 1, zeroes, sizeof(found) - 1) || found != address ||
		    memcmp(p + head, zeroes, ENGINE_PAGE - head))
			return worker_fails(worker, EPROTO, "page %zu is not the engine's",
					    (size_t)(p - worker->start) / ENGINE_PAGE);
		address += ENGINE_PAGE;
	}
	return 0;
}

/* All passes are over: worker 0 ends the handlers, so that the rows are of one moment. */
static void uffd_thread_teardown(struct worker *worker)
{
	struct uffd_anon *u = worker->run->private;

	if (!worker->id)
		stop_handlers(u);
	if (u->engine.check && worker->faults && !worker->err)
		worker->err = check_pages(worker);
	engine_leave();
}

static void uffd_teardown(struct run *run)
{
	struct uffd_anon *u = run->private;

	stop_handlers(u);
	if (u->signalled)
		sigaction(SIGBUS, &u->before, NULL);
	uffd_release(&u->uffd);
	engine_release(run, &u->engine);
	free(u->handlers);
	free(u);
}

static int uffd_anon_probe(struct why *why)
{
	return uffd_probe(UFFD_SIGBUS, why);
}

const struct workload workload_uffd_anon = {
	.name = "uffd-anon",
	.summary = "anon, its faults served by the engine through userfaultfd",
	.flags = ENGINE_FLAGS,
	.params = uffd_params,
	.probe = uffd_anon_probe,
	.unit = engine_unit,
	.setup = uffd_setup,
	.thread_setup = uffd_thread_setup,
	.pass = uffd_pass,
	.thread_teardown = uffd_thread_teardown,
	.teardown = uffd_teardown,
	.rows = engine_rows,
};
