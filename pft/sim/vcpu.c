/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/sim/vcpu.h"

#include <errno.h>
#include <sys/mman.h>

#include "common/say.h"
#include "common/xalloc.h"
#include "pft/base/compiler.h"
#include "pft/sim/context.h"
#include "pft/sim/model.h"
#include "pft/sim/schedule.h"

#define STACK_BYTES (512UL << 10)
/* Where neither loaders nor the shadow of AddressSanitizer put anything, below the memory of arena.c. */
#define STACKS ((char *)0x200000000000)
#define CHAINS 256

struct vcpu *vcpu_self;
struct vcpu *vcpus[VCPUS_MAX];
unsigned nr_vcpus;
unsigned arch_this_slot;

/* The queue of events: a binary heap, queue[1] being the next. */
static struct event *queue[4 * VCPUS_MAX];
static unsigned queued;

static struct vcpu *sleepers[CHAINS]; /* in arch_wait(), by their word */
static void *host; /* who called vcpus_run() */

static inline bool before(const struct event *a, const struct event *b)
{
	return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static inline void put(struct event *event, unsigned place)
{
	queue[place] = event;
	event->place = place;
}

static void sift_up(struct event *event, unsigned place)
{
	for (; place > 1 && before(event, queue[place / 2]); place /= 2)
		put(queue[place / 2], place);
	put(event, place);
}

static void sift_down(struct event *event, unsigned place)
{
	unsigned child;

	for (; (child = 2 * place) <= queued; place = child) {
		if (child < queued && before(queue[child + 1], queue[child]))
			child++;
		if (!before(queue[child], event))
			break;
		put(queue[child], place);
	}
	put(event, place);
}

void event_add(struct event *event)
{
	if (event->place || queued + 1 == sizeof(queue) / sizeof(*queue))
		BUG("an event is in the queue already, or is one too many");
	sift_up(event, ++queued);
}

void event_del(struct event *event)
{
	unsigned place = event->place;
	struct event *last = queue[queued--];

	event->place = 0;
	if (last == event)
		return;
	if (place > 1 && before(last, queue[place / 2]))
		sift_up(last, place);
	else
		sift_down(last, place);
}

static _Noreturn void stuck(void)
{
	for (unsigned i = 0; i < nr_vcpus; i++)
		if (!vcpus[i]->done)
			BUG("all virtual CPUs sleep for ever, number %u in slot %u among them", i,
			    vcpus[i]->slot);
	BUG("no virtual CPU is left");
}

/* Let events happen in their order until one is a CPU's: who goes next. */
static struct vcpu *next_vcpu(void)
{
	for (;;) {
		struct event *event = queue[1];

		if (unlikely(!queued))
			stuck();
		if (unlikely(schedule_explores))
			event = schedule_next(queue + 1, queued);
		event_del(event);
		if (!event->happen)
			return container_of(event, struct vcpu, event);
		event->happen(event);
	}
}

static void switch_to(struct vcpu *next)
{
	struct vcpu *self = vcpu_self;

	if (next == self)
		return;
	vcpu_self = next;
	arch_this_slot = next->slot;
	context_switch(&self->sp, next->sp);
}

void vcpu_yield(void)
{
	struct event *event = &vcpu_self->event;

	if (unlikely(schedule_explores)) {
		if (!schedule_preempts(vcpu_self, queue + 1, queued))
			return;
	} else if (likely(!queued || before(event, queue[1]))) {
		return;
	}
	event_add(event);
	switch_to(next_vcpu());
}

void vcpu_block(void)
{
	switch_to(next_vcpu());
}

/* The first thing that a new CPU does. */
static void begin(void)
{
	struct vcpu *self = vcpu_self;

	self->run(self->arg);
	model_drain(self); /* nothing may point here when the number is another one's */
	vcpu_yield(); /* who is behind in time finds its sibling still there */
	self->done = true;
	model_leave(self);
	if (self->joiner) {
		self->joiner->event.time = self->event.time;
		event_add(&self->joiner->event);
	}
	if (!self->number)
		context_switch(&self->sp, host);
	vcpu_block();
	BUG("virtual CPU %u goes on after its end", self->number);
}

static void make_stack(struct vcpu *vcpu)
{
	char *stack = STACKS + vcpu->number * STACK_BYTES;
	void *got = mmap(stack, STACK_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got != stack || mprotect(stack, 4096, PROT_NONE))
		BUG("no memory for the stack of virtual CPU %u", vcpu->number);
	vcpu->sp = context_make(stack, STACK_BYTES, begin);
}

/* The first number that nobody has any more, or a new one: each round of a run starts its workers anew. */
static struct vcpu *vcpu_new(void)
{
	unsigned number = 0;

	while (number < nr_vcpus && !vcpus[number]->joined)
		number++;
	if (number == VCPUS_MAX)
		BUG("more than %u threads in a simulation", VCPUS_MAX);
	if (number == nr_vcpus)
		vcpus[nr_vcpus++] = xcalloc(1, sizeof(struct vcpu));
	*vcpus[number] = (struct vcpu){.number = number};
	return vcpus[number];
}

struct vcpu *vcpu_start(int node, void (*run)(void *arg), void *arg)
{
	struct vcpu *vcpu = vcpu_new();

	vcpu->event.order = vcpu->number;
	vcpu->event.time = vcpu_self ? vcpu_self->event.time : 0;
	vcpu->run = run;
	vcpu->arg = arg;
	make_stack(vcpu);
	model_enter(vcpu, node);
	event_add(&vcpu->event);
	return vcpu;
}

void vcpu_join(struct vcpu *vcpu)
{
	if (!vcpu->done) {
		vcpu->joiner = vcpu_self;
		vcpu_block();
	}
	munmap(STACKS + vcpu->number * STACK_BYTES, STACK_BYTES);
	vcpu->joined = true;
}

void vcpus_run(void (*main)(void *arg), void *arg)
{
	struct vcpu *first = vcpu_start(0, main, arg);

	vcpu_self = next_vcpu();
	context_switch(&host, first->sp);
	vcpu_self = NULL;
}

struct vcpu *vcpu_of_stack(uintptr_t address)
{
	uintptr_t offset = address - (uintptr_t)STACKS;

	return offset < nr_vcpus * STACK_BYTES ? vcpus[offset / STACK_BYTES] : NULL;
}

static struct vcpu **chain_of(const uint32_t *word)
{
	return &sleepers[((uintptr_t)word >> 2) % CHAINS];
}

static void unchain(struct vcpu *vcpu)
{
	struct vcpu **link = chain_of(vcpu->word);

	while (*link != vcpu)
		link = &(*link)->next;
	*link = vcpu->next;
	vcpu->word = NULL;
}

int vcpu_wait(uint32_t *word, uint32_t value, uint64_t timeout_ps)
{
	struct vcpu *self = vcpu_self, **link = chain_of(word);

	if (*(volatile uint32_t *)word != value)
		return 0;
	while (*link)
		link = &(*link)->next;
	*link = self;
	self->next = NULL;
	self->word = word;
	self->asleep = true;
	self->asleep_since = self->event.time;
	self->counts.sleeps += self->counting;
	if (timeout_ps) {
		self->event.time += timeout_ps;
		event_add(&self->event);
	}
	vcpu_block();
	self->asleep = false;
	self->slept_ps += self->event.time - self->asleep_since;
	if (!self->word)
		return 0;
	unchain(self);
	return -ETIMEDOUT;
}

void vcpu_wake(uint32_t *word, unsigned nr, uint64_t cost_ps, uint64_t delay_ps)
{
	struct vcpu *self = vcpu_self, *sleeper, *next;

	for (sleeper = *chain_of(word); sleeper && nr; sleeper = next) {
		next = sleeper->next;
		if (sleeper->word != word)
			continue;
		unchain(sleeper);
		if (sleeper->event.place)
			event_del(&sleeper->event);
		self->event.time += cost_ps;
		sleeper->event.time =
			(self->event.time > sleeper->asleep_since ? self->event.time
								  : sleeper->asleep_since) +
			delay_ps;
		event_add(&sleeper->event);
		nr--;
	}
}
