/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "pft/measured.h"
#include "pft/pin.h"
#include "pft/placement.h"
#include "pft/thread.h"
#include "pft/workload.h"

/*
 * Workers that are woken together pile up on a CPU or two until the load balancer finds time for
 * them, which can take longer than a small pass. So each starts on a CPU of its own, and one
 * without a pin is set free as soon as it runs there.
 */
static int start_cpu(const struct worker *worker)
{
	const struct id_list *allowed = &worker->run->allowed;

	return worker->cpu >= 0 ? worker->cpu : (int)allowed->ids[worker->id % allowed->nr];
}

static int worker_prepare(struct worker *worker)
{
	const struct run *run = worker->run;
	struct snapshot rehearsal;
	int err = pin_self(start_cpu(worker), &worker->why);

	if (!err)
		err = mem_policy_apply(&run->settings->mem, &worker->why);
	if (!err)
		err = run->workload->thread_setup(worker);
	worker->counting = counters_prepare(&run->counters, &worker->measure,
					    run_counter_values(run, worker->id));
	/* So that neither its code nor this stack faults for the first time when it counts. */
	snapshot_start(&rehearsal);
	snapshot_end(&rehearsal);
	worker->measure.tid = thread_id();
	worker->measure.migrations = pin_migrations();
	return err;
}

/* The kernel counts what our own stack and libc touch as well: what is above the plan is not the
 * workload's. */
static void worker_count(struct worker *worker)
{
	const struct measure *m = &worker->measure;
	uint64_t kernel = m->end.minor_faults + m->end.major_faults - m->start.minor_faults -
			  m->start.major_faults;

	if (!(worker->run->workload->flags & WL_COUNTS))
		worker->faults = kernel < worker->planned ? kernel : worker->planned;
}

static void worker_measure(struct worker *worker)
{
	struct measure *m = &worker->measure;
	int64_t migrations = m->migrations;

	if (worker->cpu < 0)
		worker->err = pin_release(&worker->run->allowed, &worker->why);
	if (worker->err)
		return;
	if (worker->run->last)
		measured_name(true);
	counters_start(worker->counting);
	snapshot_start(&m->start);
	worker->err = worker->run->workload->pass(worker);
	snapshot_end(&m->end);
	counters_stop(worker->counting);
	if (worker->run->last)
		measured_name(false);
	if (migrations >= 0)
		m->migrations = pin_migrations() - migrations;
	worker_count(worker);
}

/* While nobody measures: closing a counter can disturb other CPUs. */
static void worker_uncount(struct worker *worker)
{
	counters_finish(worker->counting);
	worker->counting = NULL;
}

void worker_round(struct worker *worker)
{
	const struct run *run = worker->run;
	struct barrier *barrier = &run->control->barrier;

	worker->err = worker_prepare(worker);
	if (barrier_arrive(barrier)) {
		worker_measure(worker);
		if (barrier_arrive(barrier)) {
			placement_sample(worker);
			worker_uncount(worker);
			barrier_arrive(barrier);
		}
	}
	worker_uncount(worker);
	run->workload->thread_teardown(worker);
	if (worker->id && !worker->err)
		sleep(run->settings->sleep_s);
}

int worker_verify(const struct worker *worker, struct why *why)
{
	const struct measure *m = &worker->measure;
	uint64_t kernel = m->end.minor_faults + m->end.major_faults - m->start.minor_faults -
			  m->start.major_faults;

	if (worker->err)
		return why_not(why, -worker->err, "worker %u: %s", worker->id, worker->why.text);
	if (kernel < worker->kernel_least || kernel > worker->kernel_most)
		return why_not(why, EPROTO,
			       "worker %u took %" PRIu64 " page faults where %" PRIu64
			       " were planned",
			       worker->id, kernel, worker->planned);
	if (worker->run->workload->flags & WL_COUNTS && worker->faults < worker->planned)
		return why_not(why, EPROTO,
			       "worker %u made %" PRIu64 " faults where %" PRIu64 " were planned",
			       worker->id, worker->faults, worker->planned);
	if (worker->cpu >= 0 &&
	    ((int)m->start.cpu != worker->cpu || (int)m->end.cpu != worker->cpu))
		return why_not(why, EPROTO,
			       "worker %u was pinned to CPU %d and ran on CPUs %u and %u",
			       worker->id, worker->cpu, m->start.cpu, m->end.cpu);
	if (m->pages_astray)
		return why_not(why, EPROTO,
			       "worker %u: %u of %u pages are not on the node that --mem asks for",
			       worker->id, m->pages_astray, m->pages_sampled);
	return 0;
}
