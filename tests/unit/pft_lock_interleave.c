/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A writer at every instruction of a fault. The fault's taking and dropping of the VMA is run one
 * machine instruction at a time (the trap flag), and before the n-th one a writer does its work, or
 * as much of it as the fault lets it; for n from 1 until the fault is over first. So each window
 * that one preemption can open is tried, without luck. Not a test of memory ordering: all is
 * sequential.
 */
#include "tests/unit/lock_mm_stub.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

#include "pft/base/rcu.h"

/* The sanitizers have too many instructions, and their own ideas of signals. */
#if defined(__x86_64__) && !ARCH_TSAN && !defined(__SANITIZE_ADDRESS__)
#define CAN_STEP 1
#else
#define CAN_STEP 0
#endif

static const struct lock_design *design;
static struct lock_domain domain;
static struct stub_mm mm, other;
static struct region region, foreign;

/* The stepping, and the writer's state. */
static unsigned steps, stop_at;
static uint32_t go; /* the writer may begin */
static uint32_t inside; /* it has write-locked the VMA and is changing it */
static uint32_t leave; /* it may end that */
static uint32_t done;

static unsigned long *pgoff_of(struct vma *vma)
{
	return layout_at(vma, design->vma->vm_pgoff, unsigned long);
}

/* Take the trap flag out of what the handler returns to. */
static void clear_trap(void *context)
{
#if CAN_STEP
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
#else
	(void)context;
#endif
}

/* Let the writer run until it is done, or inside, or waits for the fault. */
static void let_writer_run(void)
{
	arch_store_release(&go, 1);
	while (!arch_load_acquire(&done) && !arch_load_acquire(&inside) && arch_on_cpu(1))
		sched_yield();
}

static void on_step(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	if (++steps < stop_at)
		return;
	let_writer_run();
	/* The rest at full speed. */
	clear_trap(context);
}

/* Set or clear the trap flag; over the red zone. */
static inline __attribute__((always_inline)) void step(bool on)
{
#if CAN_STEP
	if (on)
		__asm__ __volatile__("lea -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq;"
				     "lea 128(%%rsp), %%rsp" ::
					     : "memory", "cc");
	else
		__asm__ __volatile__("lea -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); popfq;"
				     "lea 128(%%rsp), %%rsp" ::
					     : "memory", "cc");
#else
	(void)on;
#endif
}

/* mprotect(), caught in the middle. */
static void change(void)
{
	struct vma *vma = mm.index[0];

	lock_mmap_write(&mm.lock);
	lock_vma_start_write(&mm.lock, vma);
	arch_write_once(pgoff_of(vma), 5UL);
	arch_store_release(&inside, 1);
	while (!arch_load_acquire(&leave))
		sched_yield();
	arch_write_once(pgoff_of(vma), 10UL);
	arch_store_release(&inside, 0);
	lock_mmap_write_unlock(&mm.lock);
}

/* munmap(), and mmap() of the same range in another mm, of the same object if that can be. */
static void move_away(void)
{
	struct vma *vma;

	lock_mmap_write(&mm.lock);
	vma = mm.index[0];
	stub_unmap(&mm, vma);
	stub_zap(&mm, vma);
	lock_mmap_write_unlock(&mm.lock);
	lock_mmap_write(&other.lock);
	stub_map(&other, 0, 1, &foreign);
	lock_mmap_write_unlock(&other.lock);
}

static void come_back(void)
{
	lock_mmap_write(&other.lock);
	stub_unmap(&other, other.index[0]);
	foreign.alive = 0;
	lock_mmap_write_unlock(&other.lock);
}

static void *writer(void *fn)
{
	arch_slot_enter(1);
	rcu_register_thread();
	while (!arch_load_acquire(&go))
		sched_yield();
	((void (*)(void))(uintptr_t)fn)();
	arch_store_release(&done, 1);
	rcu_unregister_thread();
	return NULL;
}

/* What must be true when the fault has taken the VMA. */
static void check_taken(struct fault *fault)
{
	bool good;

	if (fault->held == FAULT_SPECULATIVE) {
		good = *pgoff_of(fault->vma) % 10 == 0 &&
		       !(lock_fault_commit(fault) &&
			 (arch_load_acquire(&inside) || arch_load_acquire(&done)));
	} else {
		good = !arch_load_acquire(&inside) &&
		       arch_read_once(layout_at(fault->vma, design->vma->vm_mm,
						struct lock_mm *)) == &mm.lock &&
		       region_of(&mm.lock, fault->vma) == &region && arch_read_once(&region.alive);
	}
	if (!good)
		fail_msg("%s: a writer after %u instructions is not seen", design->name, stop_at);
}

/* One fault with the writer @fn before its @n-th instruction. False: it was over before. */
static bool fault_with_writer(void (*fn)(void), unsigned n)
{
	struct fault fault = {.mm = &mm.lock, .address = 8};
	pthread_t thread;
	bool got;

	steps = 0;
	stop_at = n;
	go = inside = leave = done = 0;
	assert_int_equal(pthread_create(&thread, NULL, writer, (void *)(uintptr_t)fn), 0);
	step(true);
	got = mm.lock.fault_try(&fault);
	step(false);
	if (got) {
		check_taken(&fault);
		step(steps < n);
		mm.lock.fault_put(&fault);
		step(false);
	}
	arch_store_release(&leave, 1);
	arch_store_release(&go, 1);
	/* A writer whose wake-up was lost hangs here. */
	assert_int_equal(pthread_join(thread, NULL), 0);
	return steps >= n;
}

static void start_mms(void)
{
	struct lock_options options = {.vma_class = -1, .rwsem_spin = false};
	struct sigaction act = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};

	arch_slot_enter(0);
	assert_int_equal(sigaction(SIGTRAP, &act, NULL), 0);
	assert_int_equal(lock_domain_init(&domain, design, &options, NULL), 0);
	stub_mm_init(&mm, &domain);
	stub_mm_init(&other, &domain);
	lock_mmap_write(&mm.lock);
	stub_map(&mm, 0, 1, &region);
	lock_mmap_write_unlock(&mm.lock);
}

static void stop_mms(void)
{
	stub_mm_release(&mm);
	stub_mm_release(&other);
	stub_domain_release(&domain);
}

static void a_change_at_every_instruction(void **state)
{
	unsigned n = 1;

	design = *state;
	start_mms();
	while (fault_with_writer(change, n))
		n++;
	assert_true(!CAN_STEP || n > 20);
	stop_mms();
}

static void a_reuse_at_every_instruction(void **state)
{
	struct vma *gone;
	unsigned n = 1;

	design = *state;
	start_mms();
	while (fault_with_writer(move_away, n)) {
		gone = other.index[0];
		come_back();
		stub_zap(&other, gone);
		lock_mmap_write(&mm.lock);
		stub_map(&mm, 0, 1, &region);
		lock_mmap_write_unlock(&mm.lock);
		n++;
	}
	assert_true(!CAN_STEP || n > 20);
	stop_mms();
}

#define TESTS_MAX 64

int main(void)
{
	struct CMUnitTest tests[TESTS_MAX];
	static char names[TESTS_MAX][100];
	unsigned nr = 0;

	if (!CAN_STEP) {
		printf("1..1\nok 1 # SKIP needs x86-64 and a build without sanitizers\n");
		return 0;
	}
	alarm(60);
	rcu_register_thread();
	for (unsigned i = 0; i < nr_lock_designs; i++) {
		const struct lock_design *d = lock_designs[i];

		if (!(d->flags & (LD_PER_VMA | LD_SPECULATIVE)))
			continue;
		snprintf(names[nr], sizeof(*names), "%s: a_change_at_every_instruction", d->name);
		tests[nr] = (struct CMUnitTest){names[nr], a_change_at_every_instruction, NULL,
						NULL, (void *)d};
		nr++;
		snprintf(names[nr], sizeof(*names), "%s: a_reuse_at_every_instruction", d->name);
		tests[nr] = (struct CMUnitTest){names[nr], a_reuse_at_every_instruction, NULL, NULL,
						(void *)d};
		nr++;
	}
	return _cmocka_run_group_tests("lock designs, stepped", tests, nr, NULL, NULL);
}
