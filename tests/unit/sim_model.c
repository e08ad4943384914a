/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model's rules, access by access, on a machine of two sockets with two cores each and round numbers. */
#include "tests/unit/sim_rig.h"

#include "pft/base/memory.h"

static const struct machine machine = {
	.name = "test",
	.sockets = 2,
	.cores = 2,
	.threads = 1,
	.llc_cores = 2,
	.nodes = 2,
	.l1 = {4096, 1, 1}, /* 64 sets of one line */
	.l2 = {8192, 2, 4},
	.llc = {16384, 4, 20},
	.llc_inclusive = true,
	.forward = true,
	.same_llc_ns = 40,
	.same_socket_ns = 40,
	.cross_ns = 100,
	.memory_ns = 80,
	.memory_remote_ns = 150,
	.prefetch_adjacent = true,
	.prefetch_ownership = true,
	.smt_factor = 1,
};

enum { LINES = 64 };

/* What happens on a CPU of its own, and the ps that it takes. */
struct step {
	unsigned cpu;
	enum sim_access kind;
	unsigned line; /* of the memory below */
	unsigned stream; /* bytes that are cleared first */
	uint64_t want_ns, ps;
	const char *why;
};

static struct step steps[] = {
	{0, SIM_LOAD, 0, 0, 80, 0, "a line that nobody has comes from memory"},
	{0, SIM_LOAD, 0, 0, 1, 0, "then it is in L1"},
	{0, SIM_LOAD, 1, 0, 1, 0, "and the other of its pair, which was prefetched"},
	{0, SIM_STORE, 0, 0, 1, 0, "who has it alone may write it at once"},
	{1, SIM_LOAD, 0, 0, 40, 0, "a core beside it gets a copy from its cache"},
	{1, SIM_LOAD, 0, 0, 1, 0, "which it has then"},
	{0, SIM_STORE, 0, 0, 40, 0, "a write takes the copy away"},
	{1, SIM_LOAD, 0, 0, 40, 0, "so that the other has to fetch it again"},
	{2, SIM_STORE, 0, 0, 100, 0,
	 "a write from the other socket is as far as the farthest copy"},
	{2, SIM_STORE, 1, 0, 1, 0, "and the prefetch behind it took the other line as well"},
	{0, SIM_LOAD, 1, 0, 100, 0, "from who had it"},
	{0, SIM_ATOMIC, 2, 0, 80, 0, "an atomic needs the line for itself"},
	{3, SIM_LOAD, 4, 0, 150, 0, "memory of the other node is farther away"},
	{3, SIM_LOAD, 4, 4096, 4, 0, "what was cleared threw the line out of L1, not of L2"},
	{3, SIM_LOAD, 4, 2 * 4096, 20, 0, "twice as much out of L2, not of the last-level cache"},
	{3, SIM_LOAD, 4, 4096, 4, 0, "where it is used now"},
	{3, SIM_LOAD, 4, 4096, 4, 0, "but then by L2 alone, which does not tell"},
	{3, SIM_LOAD, 4, 4096, 4, 0, "for as long as that cache has it"},
	{3, SIM_LOAD, 4, 4096, 150, 0, "so that it is thrown out although it is in use"},
};
#define NR_STEPS (sizeof(steps) / sizeof(*steps))

static char *memory, *page;

static void clear_pages(void *arg)
{
	const struct step *step = arg;

	for (unsigned done = 0; done < step->stream; done += 4096)
		model_stream(vcpu_self, page, 4096, 0, false);
}

static void access_line(void *arg)
{
	const struct step *step = arg;

	model_access(vcpu_self, memory + (size_t)step->line * ARCH_LINE, step->kind);
}

/* All write one line at the same time. */
static struct step turn = {.kind = SIM_STORE, .line = 32};
static struct sim_step turns[] = {
	{.cpu = 0, .act = access_line, .arg = &turn},
	{.cpu = 1, .act = access_line, .arg = &turn},
	{.cpu = 2, .act = access_line, .arg = &turn},
};

static void run_all(void *arg)
{
	(void)arg;
	memory = memory_alloc(LINES * ARCH_LINE);
	page = memory_map(4096);
	for (unsigned i = 0; i < NR_STEPS; i++) {
		sim_alone(steps[i].cpu, clear_pages, &steps[i]);
		steps[i].ps = sim_alone(steps[i].cpu, access_line, &steps[i]);
	}
	sim_steps(turns, 3);
}

static void accesses_cost_what_the_model_says(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NR_STEPS; i++)
		if (steps[i].ps != steps[i].want_ns * NS)
			fail_msg("step %u, %s: %lu ps, not %lu ns", i, steps[i].why,
				 (unsigned long)steps[i].ps, (unsigned long)steps[i].want_ns);
}

static void a_line_is_under_way_to_one_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(turns[0].ps, 80 * NS); /* from memory; nobody has to give it away */
	assert_int_equal(turns[1].ps, 40 * NS);
	assert_int_equal(turns[2].ps, (40 + 100) * NS); /* behind the other, and farther away */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accesses_cost_what_the_model_says),
		cmocka_unit_test(a_line_is_under_way_to_one_at_a_time),
	};

#ifdef __SANITIZE_THREAD__
	print_message("[  SKIPPED ] ThreadSanitizer keeps the simulator's addresses\n");
	return 77;
#endif
	model_init(&machine);
	vcpus_run(run_all, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
