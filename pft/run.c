/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "pft/base/arch.h"
#include "pft/counters/counter.h"
#include "pft/pin.h"
#include "pft/thread.h"
#include "pft/worker.h"
#include "pft/workload.h"

#define STACK_BYTES (512 * 1024)

/* The crew of a round: handles of the workers that were started. */
struct crew {
	struct run *run;
	unsigned started;
	struct thread *threads; /* one of the two */
	pid_t *pids; /* 0 once reaped */
};

/* Whom the SIGCHLD handler pokes. */
static struct barrier *child_barrier;

static void on_child(int signal)
{
	int saved = errno;

	(void)signal;
	barrier_poke(child_barrier);
	errno = saved;
}

static void *thread_main(void *worker)
{
	worker_round(worker);
	return NULL;
}

static int start_threads(struct crew *crew, struct why *why)
{
	struct run *run = crew->run;
	int err = 0;

	crew->threads = xcalloc(run->settings->nr_workers, sizeof(*crew->threads));
	while (crew->started < run->settings->nr_workers && !err) {
		err = -thread_start(&crew->threads[crew->started], thread_main,
				    &run->workers[crew->started], STACK_BYTES);
		crew->started += !err;
	}
	if (err)
		return why_not(why, err, "cannot create thread %u: %s; see 'ulimit -u'",
			       crew->started, strerror(err));
	return 0;
}

/* A worker process lives no longer than its parent, however that ends. */
static _Noreturn void process_main(struct worker *worker, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	worker_round(worker);
	_exit(worker->err ? EXIT_FAILED : EXIT_GOOD);
}

static int start_processes(struct crew *crew, struct why *why)
{
	struct run *run = crew->run;
	struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
	pid_t parent = getpid(), pid;

	crew->pids = xcalloc(run->settings->nr_workers, sizeof(*crew->pids));
	child_barrier = &run->control->barrier;
	sigaction(SIGCHLD, &action, NULL);
	fflush(NULL);
	while (crew->started < run->settings->nr_workers) {
		pid = fork();
		if (!pid)
			process_main(&run->workers[crew->started], parent);
		if (pid < 0)
			return why_not(why, errno, "cannot create process %u: %s; see 'ulimit -u'",
				       crew->started, strerror(errno));
		crew->pids[crew->started++] = pid;
	}
	return 0;
}

/* Note how worker process @i ended. Returns 0, or -errno with the reason in @why. */
static int judge_process(struct crew *crew, unsigned i, int status, struct why *why)
{
	const struct worker *worker = &crew->run->workers[i];

	crew->pids[i] = 0;
	if (WIFSIGNALED(status))
		return why_not(why, ECHILD, "worker %u was killed by signal %d (%s)", i,
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (worker->err)
		return why_not(why, -worker->err, "worker %u: %s", i, worker->why.text);
	if (WEXITSTATUS(status))
		return why_not(why, ECHILD, "worker %u ended with exit code %d", i,
			       WEXITSTATUS(status));
	return 0;
}

/* Look for a worker process that has ended although nobody should have yet. */
static int look_for_dead(struct crew *crew, struct why *why)
{
	int status, err;

	for (unsigned i = 0; crew->pids && i < crew->started; i++) {
		if (!crew->pids[i] || waitpid(crew->pids[i], &status, WNOHANG) != crew->pids[i])
			continue;
		err = judge_process(crew, i, status, why);
		return err ? err : why_not(why, ECHILD, "worker %u ended too early", i);
	}
	return 0;
}

/* Sleep until all workers have arrived, or one has died. */
static int await_crew(struct crew *crew, struct why *why)
{
	struct barrier *barrier = &crew->run->control->barrier;

	for (;;) {
		uint32_t seen = barrier_events(barrier);
		int err = look_for_dead(crew, why);

		if (err || barrier_complete(barrier))
			return err;
		barrier_wait(barrier, seen);
	}
}

static int first_error(const struct run *run, struct why *why)
{
	for (unsigned i = 0; i < run->settings->nr_workers; i++)
		if (run->workers[i].err)
			return why_not(why, -run->workers[i].err, "worker %u: %s", i,
				       run->workers[i].why.text);
	return 0;
}

/* End what is left of the crew. @kill_them: something went wrong, so do not let processes finish. */
static int dismiss(struct crew *crew, bool kill_them, struct why *why)
{
	int err = 0, status;

	if (kill_them)
		barrier_abort(&crew->run->control->barrier);
	for (unsigned i = 0; i < crew->started; i++) {
		if (crew->threads) {
			thread_join(&crew->threads[i]);
			continue;
		}
		if (!crew->pids[i])
			continue;
		if (kill_them)
			kill(crew->pids[i], SIGKILL);
		while (waitpid(crew->pids[i], &status, 0) < 0 && errno == EINTR)
			;
		if (!kill_them && !err)
			err = judge_process(crew, i, status, why);
	}
	if (crew->pids)
		sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	free(crew->threads);
	free(crew->pids);
	return err;
}

/* The three phases: ready and released; done; verified, and free to clean up. */
static int lead(struct crew *crew, bool last, struct why *why)
{
	struct run *run = crew->run;
	struct barrier *barrier = &run->control->barrier;
	int err = await_crew(crew, why);

	if (!err)
		err = first_error(run, why);
	if (err)
		return err;
	if (run->workload->ready)
		run->workload->ready(run);
	run->setup_ns = arch_now_ns() - run->setup_ns;
	counters_start(run->counting);
	barrier_open(barrier);
	err = await_crew(crew, why);
	counters_stop(run->counting);
	if (!err)
		err = first_error(run, why);
	if (err)
		return err;
	if (run->workload->passed)
		run->workload->passed(run);
	barrier_open(barrier);
	err = await_crew(crew, why);
	if (err)
		return err;
	if (last && run->settings->inspect)
		run->settings->inspect(run, crew->pids ? crew->pids[0] : getpid());
	run->teardown_ns = arch_now_ns();
	barrier_open(barrier);
	return 0;
}

static void reset_workers(struct run *run)
{
	for (unsigned i = 0; i < run->settings->nr_workers; i++) {
		struct worker *w = &run->workers[i];

		memset(&w->measure, 0, sizeof(w->measure));
		w->start = NULL;
		w->length = 0;
		w->planned = w->kernel_least = run->units_per_worker;
		w->kernel_most = UINT64_MAX;
		w->faults = 0;
		w->private = NULL;
		w->err = 0;
		w->why.text[0] = 0;
		if (run->workload->state_size)
			memset(w->state, 0, run->workload->state_size);
	}
	run->private = NULL;
	memset(run->control->pages_on_node, 0, sizeof(run->control->pages_on_node));
	barrier_init(&run->control->barrier, run->settings->nr_workers);
}

static void size_round(struct run *run, const struct workload *workload)
{
	uint64_t units;

	run->workload = workload;
	run->unit = workload->unit(run);
	units = (run->settings->bytes + run->unit - 1) / run->unit;
	run->units_per_worker = (units + run->settings->nr_workers - 1) / run->settings->nr_workers;
}

/* The workload's own rows are made while what it set up is still there. */
static int collect_rows(struct run *run, struct why *why)
{
	size_t size;
	struct emit emit = {.out = open_memstream(&run->rows, &size)};

	if (!emit.out)
		return why_not(why, errno, "cannot keep rows: %s", strerror(errno));
	run->workload->rows(run, &emit);
	if (fclose(emit.out))
		return why_not(why, errno, "cannot keep rows: %s", strerror(errno));
	return 0;
}

/* What the machine was like before is owed to it in any case; @err is that of the round so far. */
static int restore(struct run *run, int err, struct why *why)
{
	struct why ignored;
	int restored = 0;

	if (run->workload->restore)
		restored = run->workload->restore(run, err ? &ignored : why);
	return err ? err : restored;
}

static int run_round(struct run *run, const struct workload *workload, bool last, struct why *why)
{
	struct crew crew = {.run = run};
	struct why ignored;
	int err, reaped;

	size_round(run, workload);
	reset_workers(run);
	run->counting = counters_prepare(&run->counters, NULL, run->run_values);
	run->last = last;
	run->setup_ns = arch_now_ns();
	err = workload->setup(run, why);
	if (!err) {
		err = run->settings->processes ? start_processes(&crew, why)
					       : start_threads(&crew, why);
		if (!err)
			err = lead(&crew, last, why);
		reaped = dismiss(&crew, err, err ? &ignored : why);
		err = err ? err : reaped;
	}
	for (unsigned i = 0; i < run->settings->nr_workers && !err; i++)
		err = worker_verify(&run->workers[i], why);
	if (last && !err && workload->rows)
		err = collect_rows(run, why);
	err = restore(run, err, why);
	workload->teardown(run);
	run->teardown_ns = arch_now_ns() - run->teardown_ns;
	counters_finish(run->counting);
	return err;
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* One shared mapping: control, workers, their states. */
static int allocate_shared(struct run *run, struct why *why)
{
	unsigned n = run->settings->nr_workers;
	size_t state_size = round_up(run->settings->workload->state_size, 128);
	size_t control_size = round_up(sizeof(struct control), 128);
	size_t values_size = run->counters.nr_worker_values * sizeof(struct counter_value);
	char *p;

	run->shared_size = control_size + n * (sizeof(struct worker) + state_size + values_size);
	p = mmap(NULL, run->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return why_not(why, errno, "cannot map %zu bytes for %u workers: %s",
			       run->shared_size, n, strerror(errno));
	run->control = (struct control *)p;
	run->workers = (struct worker *)(p + control_size);
	p += control_size + n * sizeof(struct worker);
	for (unsigned i = 0; i < n; i++) {
		run->workers[i].run = run;
		run->workers[i].id = i;
		run->workers[i].state = p + i * state_size;
	}
	run->worker_values = (struct counter_value *)(p + n * state_size);
	run->run_values = xcalloc(run->counters.nr_run_values + 1, sizeof(*run->run_values));
	return 0;
}

static int assign_cpus(struct run *run, struct why *why)
{
	unsigned n = run->settings->nr_workers;
	int *cpus = xcalloc(n, sizeof(*cpus));
	int err = pin_workers(&run->settings->pin, n, cpus, why);

	for (unsigned i = 0; i < n; i++)
		run->workers[i].cpu = cpus[i];
	free(cpus);
	return err;
}

int run_init(struct run *run, const struct settings *settings, struct why *why)
{
	long line = sysconf(_SC_LEVEL1_DCACHE_LINESIZE);
	int err;

	memset(run, 0, sizeof(*run));
	run->settings = settings;
	run->page_size = sysconf(_SC_PAGESIZE);
	run->cacheline = line > 0 ? line : 64;
	err = pin_allowed(&run->allowed, why);
	if (!err)
		err = counters_init(&run->counters, &settings->counters, why);
	if (!err)
		err = allocate_shared(run, why);
	return err ? err : assign_cpus(run, why);
}

int run_rounds(struct run *run, struct why *why)
{
	const struct settings *s = run->settings;
	int err = 0;

	if (s->prefault)
		err = run_round(run, workload_find(workload_default), false, why);
	for (unsigned i = 0; i < s->warmup && !err; i++)
		err = run_round(run, s->workload, false, why);
	return err ? err : run_round(run, s->workload, true, why);
}

void run_release(struct run *run)
{
	if (run->control)
		munmap(run->control, run->shared_size);
	id_list_release(&run->allowed);
	counters_release(&run->counters);
	free(run->run_values);
	free(run->rows);
	memset(run, 0, sizeof(*run));
}

struct counter_value *run_counter_values(const struct run *run, unsigned id)
{
	return run->worker_values + id * run->counters.nr_worker_values;
}

const char *run_param(const struct run *run, const char *name)
{
	const struct settings *s = run->settings;

	for (size_t i = s->nr_params; i-- > 0;)
		if (!strcmp(s->params[i].name, name))
			return s->params[i].value;
	for (const struct workload_param *p = run->workload->params; p && p->name; p++)
		if (!strcmp(p->name, name))
			return p->value;
	BUG("workload '%s' has no parameter '%s'", run->workload->name, name);
}
