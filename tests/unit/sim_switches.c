/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sim_model leaves on or off is off or on here: the model's other rules, on two sockets with two
 * cores of two threads each. */
#include "tests/unit/sim_rig.h"

#include "pft/base/memory.h"
#include "pft/base/node_memory.h"

static const struct machine machine = {
	.name = "test",
	.sockets = 2,
	.cores = 2,
	.threads = 2,
	.llc_cores = 2,
	.nodes = 2,
	.l1 = {4096, 1, 1}, /* 64 sets of one line */
	.l2 = {8192, 2, 4},
	.llc = {16384, 4, 20},
	.same_llc_ns = 40,
	.same_socket_ns = 40,
	.cross_ns = 100,
	.memory_ns = 80,
	.memory_remote_ns = 150,
	.atomic_ns = 5,
	.store_buffer = 2,
	.prefetch_adjacent = true,
	.smt_factor = 1.5,
	.memory_gbs = 4,
};

/* CPUs: two threads of a core, one of the core beside it, one on the other socket. */
enum { CPU, SIBLING, BESIDE = 2, FAR = 4 };

/* Pages of the memory below, by what they are for, and one to be cleared; each on node 0. */
enum { FORWARD, OWNERSHIP, STORES, CLEARED, NR_PAGES };
static char *memory;

static char *line(unsigned page, unsigned i)
{
	return memory + page * 4096 + i * ARCH_LINE;
}

static void load(void *address)
{
	model_access(vcpu_self, address, SIM_LOAD);
}

static void atomic(void *address)
{
	model_access(vcpu_self, address, SIM_ATOMIC);
}

static struct {
	uint64_t forward, ownership, stores, third, drained;
	uint64_t sibling_alone, sibling_both[2];
	uint64_t clear, copy, clear_both[2];
} got;

static void clear_pages(void *nr)
{
	for (uintptr_t i = 0; i < (uintptr_t)nr; i++)
		model_stream(vcpu_self, line(CLEARED, 0), 4096, 0, false);
}

/* Two cores have copies, the last-level cache has not: with forward one of them would give the line. */
static void no_forward(void)
{
	sim_alone(CPU, load, line(FORWARD, 0));
	sim_alone(BESIDE, load, line(FORWARD, 0));
	sim_alone(BESIDE, clear_pages, (void *)4);
	got.forward = sim_alone(FAR, load, line(FORWARD, 0));
}

/* Who writes one line of a pair gets a copy of the other, which its owner keeps. */
static void no_ownership(void)
{
	sim_alone(CPU, load, line(OWNERSHIP, 1));
	sim_alone(FAR, atomic, line(OWNERSHIP, 0));
	got.ownership = sim_alone(CPU, load, line(OWNERSHIP, 1));
}

/* Stores to two lines that others are just taking, one to a third: there is room for two. */
static void store(void *unused)
{
	uint64_t start = vcpu_self->event.time;

	(void)unused;
	vcpu_self->event.time += NS; /* until the others have asked */
	vcpu_yield();
	for (unsigned i = 0; i < 2; i++)
		model_access(vcpu_self, line(STORES, 2 * i), SIM_STORE);
	got.stores = vcpu_self->event.time - start;
	model_access(vcpu_self, line(STORES, 4), SIM_STORE);
	got.third = vcpu_self->event.time - start;
	model_access(vcpu_self, line(STORES, 6), SIM_ATOMIC);
	got.drained = vcpu_self->event.time - start;
}

static void full_store_buffer(void)
{
	struct sim_step steps[] = {
		{.cpu = FAR, .act = atomic, .arg = line(STORES, 0)},
		{.cpu = FAR + 2, .act = atomic, .arg = line(STORES, 2)},
		{.cpu = CPU, .act = store},
	};

	for (unsigned i = 0; i < 4; i++)
		sim_alone(BESIDE, atomic, line(STORES, 2 * i));
	sim_steps(steps, 3);
}

static void work(void *unused)
{
	(void)unused;
	vcpu_self->event.time += NS; /* until the other one is there */
	vcpu_yield();
	model_work(vcpu_self, 100 * NS);
}

static void siblings(void)
{
	struct sim_step both[] = {{.cpu = CPU, .act = work}, {.cpu = SIBLING, .act = work}};

	got.sibling_alone = sim_alone(CPU, work, NULL);
	sim_steps(both, 2);
	for (unsigned i = 0; i < 2; i++)
		got.sibling_both[i] = both[i].ps;
}

static void copy_page(void *unused)
{
	(void)unused;
	model_stream(vcpu_self, line(CLEARED, 0), 4096, 0, true);
}

/* 4 bytes a ns for all of a node together. */
static void bandwidth(void)
{
	struct sim_step both[] = {{.cpu = CPU, .act = clear_pages, .arg = (void *)1},
				  {.cpu = FAR, .act = clear_pages, .arg = (void *)1}};

	got.clear = sim_alone(CPU, clear_pages, (void *)1);
	got.copy = sim_alone(CPU, copy_page, NULL);
	sim_steps(both, 2);
	for (unsigned i = 0; i < 2; i++)
		got.clear_both[i] = both[i].ps;
}

static void run_all(void *unused)
{
	(void)unused;
	memory = memory_map((size_t)NR_PAGES * 4096);
	no_forward();
	no_ownership();
	full_store_buffer();
	siblings();
	bandwidth();
}

static void copies_come_from_memory_without_forward(void **state)
{
	(void)state;
	assert_int_equal(got.forward, 150 * NS);
}

static void prefetch_leaves_the_owner_a_copy(void **state)
{
	(void)state;
	assert_int_equal(got.ownership, 1 * NS);
}

static void stores_wait_for_room(void **state)
{
	(void)state;
	assert_int_equal(got.stores, (1 + 1 + 1) * NS);
	/* both lines were 105 ns under way to the other socket, and are 100 ns under way to here */
	assert_int_equal(got.third, (5 + 100 + 100) * NS);
	assert_int_equal(got.drained, got.third + (40 + 5 + 40) * NS);
}

static void siblings_slow_each_other_down(void **state)
{
	(void)state;
	assert_int_equal(got.sibling_alone, (1 + 100) * NS);
	assert_int_equal(got.sibling_both[0], (1 + 150) * NS);
	assert_int_equal(got.sibling_both[1], (1 + 150) * NS);
}

static void a_node_has_so_much_bandwidth(void **state)
{
	(void)state;
	assert_int_equal(got.clear, 1024 * NS);
	assert_int_equal(got.copy, 2048 * NS);
	assert_int_equal(got.clear_both[0], 1024 * NS);
	assert_int_equal(got.clear_both[1], 2048 * NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_come_from_memory_without_forward),
		cmocka_unit_test(prefetch_leaves_the_owner_a_copy),
		cmocka_unit_test(stores_wait_for_room),
		cmocka_unit_test(siblings_slow_each_other_down),
		cmocka_unit_test(a_node_has_so_much_bandwidth),
	};

#ifdef __SANITIZE_THREAD__
	print_message("[  SKIPPED ] ThreadSanitizer keeps the simulator's addresses\n");
	return 77;
#endif
	model_init(&machine);
	vcpus_run(run_all, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
