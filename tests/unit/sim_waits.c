/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What waiting takes on the simulated machine: for a futex, for readers, for the swap device. */
#include "tests/unit/sim_rig.h"

#include <errno.h>
#include <stdlib.h>

#include "pft/base/rcu.h"
#include "pft/zswap/swap_device.h"

static const struct machine machine = {
	.name = "test",
	.sockets = 1,
	.cores = 4,
	.threads = 1,
	.llc_cores = 4,
	.nodes = 1,
	.l1.ways = 1, /* none: accesses cost nothing */
	.l2.ways = 1,
	.llc.ways = 1,
	.sleep_ns = 10,
	.wake_ns = 3,
	.wakeup_ns = 20,
	.grace_ns = 70,
	.swap_read_ns = 500,
	.swap_write_ns = 300,
	.swap_gbs = 4.096, /* 1000 ns a page */
};

enum { PAGES = 3 };

static struct {
	uint64_t woken, waker, timeout, slept;
	int timeout_rc, woken_rc;
	uint64_t grace, grace_alone;
	uint64_t read, reads[2], write, submit, drain, done[PAGES];
	unsigned nr_done;
} got;

static uint32_t word;

static void sleep_on(void *unused)
{
	(void)unused;
	got.woken_rc = arch_wait(&word, 0, 0);
}

static void wake(void *unused)
{
	(void)unused;
	vcpu_self->event.time += 100 * NS;
	vcpu_yield();
	arch_write_once(&word, 1u);
	arch_wake(&word, 1);
}

static void time_out(void *unused)
{
	uint64_t slept = vcpu_self->slept_ps;

	(void)unused;
	got.timeout_rc = arch_wait(&word, 1, 40);
	got.slept = vcpu_self->slept_ps - slept;
}

static void futexes(void)
{
	struct sim_step steps[] = {{.cpu = 0, .act = sleep_on}, {.cpu = 1, .act = wake}};

	sim_steps(steps, 2);
	got.woken = steps[0].ps;
	got.waker = steps[1].ps;
	got.timeout = sim_alone(0, time_out, NULL);
}

static void read_long(void *unused)
{
	(void)unused;
	rcu_read_lock();
	rcu_read_lock();
	vcpu_self->event.time += 200 * NS;
	vcpu_yield();
	rcu_read_unlock();
	vcpu_self->event.time += 200 * NS;
	vcpu_yield();
	rcu_read_unlock();
}

static void wait_for_readers(void *unused)
{
	(void)unused;
	vcpu_self->event.time += 10 * NS;
	synchronize_rcu();
}

static void grace_periods(void)
{
	struct sim_step steps[] = {{.cpu = 0, .act = read_long},
				   {.cpu = 1, .act = wait_for_readers}};

	got.grace_alone = sim_alone(0, wait_for_readers, NULL);
	sim_steps(steps, 2);
	got.grace = steps[1].ps;
}

static struct swap_device device;
static char page[SWAP_SLOT_SIZE];

static void read_slot(void *slot)
{
	char here[SWAP_SLOT_SIZE];

	swap_device_read(&device, (uintptr_t)slot, here);
}

static void write_slot(void *slot)
{
	swap_device_write(&device, (uintptr_t)slot, page);
}

static void written(void *start, int error)
{
	got.done[got.nr_done++] = error ? 0 : vcpu_self->event.time - *(uint64_t *)start;
}

static void submit_all(void *unused)
{
	static uint64_t start;

	(void)unused;
	start = vcpu_self->event.time;
	for (unsigned i = 0; i < PAGES; i++)
		swap_device_submit(&device, i, page, written, &start);
	got.submit = vcpu_self->event.time - start;
	swap_device_drain(&device);
	got.drain = vcpu_self->event.time - start;
}

static void transfers(void)
{
	const struct swap_device_options options = {
		.path = "none", .size = 16 * SWAP_SLOT_SIZE, .slot = 5};
	struct sim_step both[] = {{.cpu = 0, .act = read_slot, .arg = (void *)1},
				  {.cpu = 1, .act = read_slot, .arg = (void *)2}};
	struct why why = WHY_INIT;

	if (swap_device_open(&device, &options, &why))
		BUG("%s", why.text);
	got.write = sim_alone(0, write_slot, NULL);
	got.read = sim_alone(0, read_slot, NULL);
	sim_steps(both, 2);
	for (unsigned i = 0; i < 2; i++)
		got.reads[i] = both[i].ps;
	sim_alone(0, submit_all, NULL);
	swap_device_close(&device);
}

static void run_all(void *unused)
{
	(void)unused;
	arch_slot_enter(1);
	futexes();
	grace_periods();
	transfers();
}

static void who_sleeps_goes_on_after_the_wake_up(void **state)
{
	(void)state;
	assert_int_equal(got.woken_rc, 0);
	assert_int_equal(got.waker, (100 + 3) * NS);
	assert_int_equal(got.woken, (100 + 3 + 20) * NS);
}

static void who_is_not_woken_goes_on_in_time(void **state)
{
	(void)state;
	assert_int_equal(got.timeout_rc, -ETIMEDOUT);
	assert_int_equal(got.timeout, (10 + 40) * NS);
	assert_int_equal(got.slept, 40 * NS);
}

static void grace_periods_wait_for_readers(void **state)
{
	(void)state;
	assert_int_equal(got.grace_alone, (10 + 70) * NS);
	assert_int_equal(got.grace, (400 + 70) * NS);
}

static void the_device_has_a_latency_and_a_bandwidth(void **state)
{
	(void)state;
	assert_int_equal(got.write, (1000 + 300) * NS);
	assert_int_equal(got.read, (1000 + 500) * NS);
	assert_int_equal(got.reads[0], (1000 + 500) * NS);
	assert_int_equal(got.reads[1], (2000 + 500) * NS);
}

static void writes_are_queued(void **state)
{
	(void)state;
	assert_int_equal(got.submit, 0);
	assert_int_equal(got.nr_done, PAGES);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(got.done[i], ((i + 1) * 1000 + 300) * NS);
	/* the thread's wake-up of who waits for the last */
	assert_int_equal(got.drain, got.done[PAGES - 1] + (3 + 20) * NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_sleeps_goes_on_after_the_wake_up),
		cmocka_unit_test(who_is_not_woken_goes_on_in_time),
		cmocka_unit_test(grace_periods_wait_for_readers),
		cmocka_unit_test(the_device_has_a_latency_and_a_bandwidth),
		cmocka_unit_test(writes_are_queued),
	};

#ifdef __SANITIZE_THREAD__
	print_message("[  SKIPPED ] ThreadSanitizer keeps the simulator's addresses\n");
	return 77;
#endif
	model_init(&machine);
	vcpus_run(run_all, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
