/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/transfer.h"

#include "common/say.h"
#include "common/xalloc.h"
#include "pft/base/compiler.h"
#include "pft/sim/truth.h"

/* Who waits for a line. */
struct waiter {
	struct waiter *next;
	struct vcpu *vcpu;
	enum request request;
	uint64_t since;
	uintptr_t cause;
};

/* The waiters for one line, and the moment when the first of them has his turn. */
struct line_queue {
	struct event event;
	struct line *line;
	struct waiter *first;
	struct line_queue *next; /* of those not in use */
};

/* After the CPUs, of what happens at the same time: who has just got the line uses it first. */
#define ORDER_LINES 0x80000000u

static struct waiter *free_waiters;
static struct line_queue *free_queues;
static uint32_t nr_queues;

static uint64_t memory_ps, memory_remote_ps, hold_ps;
static bool forward, prefetch, prefetch_ownership;
static struct rng chance;

void transfer_init(const struct machine *m)
{
	memory_ps = ps_of(m->memory_ns);
	memory_remote_ps = ps_of(m->memory_remote_ns);
	hold_ps = ps_of(m->hold_ns);
	rng_init(&chance, m->seed);
	forward = m->forward;
	prefetch = m->prefetch_adjacent;
	prefetch_ownership = m->prefetch_ownership;
}

/* What an inclusive cache has thrown out, the cores below it have lost. */
static bool lost_inclusion(struct line *line, unsigned llc)
{
	struct core_set *below = &caches.llcs[llc].cores;
	bool lost = false;

	if (!caches.inclusive || !line->llc[llc] || llc_has(llc, line))
		return false;
	for (unsigned i = 0; i < CORE_WORDS; i++) {
		lost |= line->sharers.bits[i] & below->bits[i];
		line->sharers.bits[i] &= ~below->bits[i];
	}
	if (line->owner >= 0 && caches.cores[line->owner].llc == llc)
		line->owner = -1;
	line->llc[llc] = 0;
	return lost;
}

bool transfer_hit(struct core *core, struct line *line, bool write, struct vcpu *vcpu,
		  uint64_t *cost)
{
	enum cache_level level;

	if (write ? line->owner != (int32_t)core->number
		  : !core_set_has(&line->sharers, core->number))
		return false;
	if (unlikely(lost_inclusion(line, core->llc))) {
		vcpu->counts.victims += vcpu->counting;
		return false;
	}
	level = core_lookup(core, line);
	if (unlikely(level == CACHE_NONE)) {
		/* Thrown out; what was written went to the last-level cache. */
		core_set_del(&line->sharers, core->number);
		if (line->owner == (int32_t)core->number)
			line->owner = -1;
		llc_fill(core->llc, line);
		return false;
	}
	*cost = level == CACHE_L1 ? caches.l1.ps : caches.l2.ps;
	if (level == CACHE_L1)
		vcpu->counts.l1_hits += vcpu->counting;
	else
		vcpu->counts.l2_hits += vcpu->counting;
	return true;
}

/* The owner of @line, if it still has it. */
static struct core *owner_of(struct line *line)
{
	struct core *owner;

	if (line->owner < 0)
		return NULL;
	owner = &caches.cores[line->owner];
	if (core_has(owner, line))
		return owner;
	core_set_del(&line->sharers, owner->number);
	line->owner = -1;
	llc_fill(owner->llc, line);
	return NULL;
}

static void count_transfer(struct vcpu *vcpu, uint64_t cost)
{
	if (!vcpu->counting)
		return;
	if (cost == caches.cross_ps && caches.nr_sockets > 1)
		vcpu->counts.transfers_cross++;
	else if (cost == caches.same_llc_ps)
		vcpu->counts.transfers_llc++;
	else
		vcpu->counts.transfers_socket++;
}

static bool is_prefetch(enum request request)
{
	return request >= REQUEST_PREFETCH;
}

/* Where a copy comes from that no core has for itself. */
static uint64_t fetch(struct vcpu *vcpu, struct line *line, const struct core_set *others)
{
	struct core *core = vcpu->core;
	uint64_t cost = forward ? core_nearest(core, others) : 0;
	bool local = line->node == core->node;

	if (llc_has(core->llc, line)) {
		vcpu->counts.llc_hits += vcpu->counting;
		return caches.llc.ps;
	}
	for (unsigned i = 0; i < caches.nr_llcs && !cost; i++)
		if (i != core->llc && llc_has(i, line))
			cost = core_nearest(core, &caches.llcs[i].cores);
	if (cost) {
		count_transfer(vcpu, cost);
		return cost;
	}
	if (vcpu->counting && local)
		vcpu->counts.memory++;
	else if (vcpu->counting)
		vcpu->counts.memory_remote++;
	return local ? memory_ps : memory_remote_ps;
}

/* A copy for the core of @vcpu: MESI's read. Returns its cost; *@taken: from who had it for itself. */
static uint64_t read_line(struct vcpu *vcpu, struct line *line, bool *taken)
{
	struct core *core = vcpu->core, *owner = owner_of(line);
	struct core_set others = line->sharers;
	uint64_t cost;
	bool alone = true;

	core_set_del(&others, core->number);
	if (owner) {
		cost = core_farthest(core, &others);
		count_transfer(vcpu, cost);
		llc_fill(owner->llc, line);
		line->owner = -1;
		*taken = true;
		alone = false;
	} else {
		cost = fetch(vcpu, line, &others);
		for (unsigned i = 0; i < CORE_WORDS; i++)
			alone &= !others.bits[i];
	}
	llc_fill(core->llc, line);
	core_fill(core, line);
	core_set_add(&line->sharers, core->number);
	if (alone)
		line->owner = (int32_t)core->number; /* exclusive */
	return cost;
}

/* The line for the core of @vcpu alone: a read for ownership. The same. */
static uint64_t write_line(struct vcpu *vcpu, struct line *line, bool *taken)
{
	struct core *core = vcpu->core;
	struct core_set others = line->sharers;
	uint64_t cost, copies = 0;
	bool have;

	owner_of(line);
	have = core_set_has(&line->sharers, core->number) && core_has(core, line);
	core_set_del(&others, core->number);
	for (unsigned i = 0; i < CORE_WORDS; i++)
		copies += (unsigned)__builtin_popcountl(others.bits[i]);
	if (copies) {
		cost = core_farthest(core, &others);
		count_transfer(vcpu, cost);
		if (vcpu->counting)
			vcpu->counts.invalidations += copies;
		*taken = true;
	} else {
		cost = have ? caches.llc.ps : fetch(vcpu, line, &others);
	}
	for (unsigned i = 0; i < caches.nr_llcs; i++)
		if (i != core->llc)
			line->llc[i] = 0;
	llc_fill(core->llc, line);
	core_fill(core, line);
	line->sharers = (struct core_set){{0}};
	core_set_add(&line->sharers, core->number);
	line->owner = (int32_t)core->number;
	return cost;
}

/* What an access at @cause, or the prefetch behind it, has done. */
static void note(struct vcpu *vcpu, uintptr_t cause, enum request request,
		 const struct sim_counts *before)
{
	uintptr_t at = cause & ~(uintptr_t)(ARCH_LINE - 1);
	struct truth *truth = truth_of(cause, is_prefetch(request) ? at ^ ARCH_LINE : at);

	truth->misses++;
	truth->local += vcpu->counts.transfers_llc + vcpu->counts.transfers_socket -
			before->transfers_llc - before->transfers_socket;
	truth->remote += vcpu->counts.transfers_cross - before->transfers_cross;
	truth->invalidations += vcpu->counts.invalidations - before->invalidations;
}

/* Let @vcpu have the line at @time, for its access at @cause; returns when it has it. */
static uint64_t grant(struct vcpu *vcpu, struct line *line, enum request request, uintptr_t cause,
		      uint64_t time)
{
	struct sim_counts before = vcpu->counts;
	bool write = request != REQUEST_READ && request != REQUEST_PREFETCH, taken = false;
	uint64_t cost;

	for (unsigned i = 0; caches.inclusive && i < caches.nr_llcs; i++)
		lost_inclusion(line, i);
	/* A thread beside it on the core may have got the line meanwhile. */
	if (write ? line->owner == (int32_t)vcpu->core->number
		  : core_set_has(&line->sharers, vcpu->core->number))
		if (core_lookup(vcpu->core, line) != CACHE_NONE)
			return time + caches.l1.ps;
	cost = write ? write_line(vcpu, line, &taken) : read_line(vcpu, line, &taken);
	if (unlikely(truth_started()) && vcpu->counting)
		note(vcpu, cause, request, &before);
	if (taken)
		line->busy_until = time + cost + (hold_ps ? rng_below(&chance, 2 * hold_ps) : 0);
	if (is_prefetch(request) && vcpu->counting) {
		vcpu->counts.prefetches++;
		vcpu->counts.steals += taken;
	}
	return time + cost;
}

/* A store's line has come, or will at @done. */
static void store_granted(struct vcpu *vcpu, struct line *line, uint64_t done)
{
	unsigned i;

	if (done > vcpu->stores_done)
		vcpu->stores_done = done;
	for (i = 0; vcpu->pending[i] != line; i++)
		;
	vcpu->pending[i] = vcpu->pending[--vcpu->nr_pending];
	if (!vcpu->draining || vcpu->nr_pending)
		return;
	vcpu->draining = false;
	if (vcpu->stores_done > vcpu->event.time)
		vcpu->event.time = vcpu->stores_done;
	event_add(&vcpu->event);
}

/* The turn of the first who waits, and of others that need not wait behind him. */
static void turn(struct event *event)
{
	struct line_queue *queue = container_of(event, struct line_queue, event);
	struct line *line = queue->line;
	uint64_t now = event->time, done;

	while (queue->first && line->busy_until <= now) {
		struct waiter *waiter = queue->first;
		struct vcpu *vcpu = waiter->vcpu;

		queue->first = waiter->next;
		done = grant(vcpu, line, waiter->request, waiter->cause, now);
		if (unlikely(truth_started()) && vcpu->counting)
			truth_of(waiter->cause, waiter->cause & ~(uintptr_t)(ARCH_LINE - 1))
				->wait_ps += now - waiter->since;
		if (waiter->request == REQUEST_STORE) {
			store_granted(vcpu, line, done);
		} else if (!is_prefetch(waiter->request)) {
			if (vcpu->counting)
				vcpu->counts.wait_ps += now - waiter->since;
			vcpu->event.time = done;
			event_add(&vcpu->event);
		}
		waiter->next = free_waiters;
		free_waiters = waiter;
	}
	if (queue->first) {
		event->time = line->busy_until;
		event_add(event);
		return;
	}
	line->queue = NULL;
	queue->next = free_queues;
	free_queues = queue;
}

static struct line_queue *queue_new(struct line *line)
{
	struct line_queue *queue = free_queues;

	if (queue) {
		free_queues = queue->next;
	} else {
		queue = xcalloc(1, sizeof(*queue));
		queue->event.order = ORDER_LINES + nr_queues++;
		queue->event.happen = turn;
	}
	queue->line = line;
	queue->first = NULL;
	queue->event.time = line->busy_until;
	event_add(&queue->event);
	line->queue = queue;
	return queue;
}

static void wait_for(struct vcpu *vcpu, struct line *line, enum request request)
{
	struct line_queue *queue = line->queue ? line->queue : queue_new(line);
	struct waiter *waiter = free_waiters, **end = &queue->first;

	if (waiter)
		free_waiters = waiter->next;
	else
		waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct waiter){
		.vcpu = vcpu, .request = request, .since = vcpu->event.time, .cause = vcpu->cause};
	while (*end)
		end = &(*end)->next;
	*end = waiter;
}

/* The adjacent-line prefetcher: who misses a line gets the other of its pair too. */
static void fetch_buddy(struct vcpu *vcpu, const struct line *line, bool write)
{
	struct line *buddy = line_buddy(line);
	enum request request =
		write && prefetch_ownership ? REQUEST_PREFETCH_WRITE : REQUEST_PREFETCH;

	if (!buddy)
		return;
	if (request == REQUEST_PREFETCH_WRITE ? buddy->owner == (int32_t)vcpu->core->number
					      : core_set_has(&buddy->sharers, vcpu->core->number))
		if (core_has(vcpu->core, buddy))
			return;
	if (buddy->queue || buddy->busy_until > vcpu->event.time)
		wait_for(vcpu, buddy, request);
	else
		grant(vcpu, buddy, request, vcpu->cause, vcpu->event.time);
}

void transfer_request(struct vcpu *vcpu, struct line *line, enum request request)
{
	bool miss = !core_set_has(&line->sharers, vcpu->core->number);
	uint64_t done;

	if (prefetch && miss)
		fetch_buddy(vcpu, line, request != REQUEST_READ);
	if (request == REQUEST_STORE)
		vcpu->pending[vcpu->nr_pending++] = line;
	if (line->queue || line->busy_until > vcpu->event.time) {
		wait_for(vcpu, line, request);
		if (request != REQUEST_STORE)
			vcpu_block();
		return;
	}
	done = grant(vcpu, line, request, vcpu->cause, vcpu->event.time);
	if (request == REQUEST_STORE)
		store_granted(vcpu, line, done);
	else
		vcpu->event.time = done;
}
