/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Models of machines: those that are shipped are well formed, and what is wrong in others is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/machine_model.h"
#include "common/topology.h"
#include "common/xalloc.h"

#define LEAST "sockets = 1\n" REST
#define REST \
	"cores = 4\nl1_size = 32K\nl1_ns = 1\nl2_size = 0\nl2_ns = 0\nllc_size = 0\nllc_ns = 0\n" \
	"same_llc_ns = 20\nmemory_ns = 90\n"

static int parse(struct machine *machine, const char *text, struct why *why)
{
	char *copy = xstrdup(text);
	FILE *in = fmemopen(copy, strlen(copy), "r");
	int err = machine_parse(machine, "some/model", in, why);

	fclose(in);
	free(copy);
	return err;
}

static void test_shipped(void **state)
{
	size_t nr;
	char **names = machine_names(&nr);

	(void)state;
	assert_true(nr >= 6);
	for (size_t i = 0; i < nr; i++) {
		struct why why = WHY_INIT;
		struct topology topology;
		struct machine m;
		char *shape;

		if (machine_read(&m, names[i], &why))
			fail_msg("%s: %s", names[i], why.text);
		assert_string_equal(m.name, names[i]);
		shape = machine_synthetic(&m);
		if (topology_init(&topology, shape, &why))
			fail_msg("%s: %s", shape, why.text);
		assert_int_equal(topology.nr_cpus, machine_cpus(&m));
		assert_int_equal(topology.nr_cores, machine_cores(&m));
		assert_int_equal(topology.nr_nodes, m.nodes);
		/* further away takes longer */
		assert_true(m.l1.ns < m.l2.ns && m.l2.ns < m.llc.ns && m.llc.ns < m.memory_ns);
		assert_true(m.same_llc_ns <= m.same_socket_ns);
		assert_true(m.sockets == 1 || m.same_socket_ns < m.cross_ns);
		assert_true(m.memory_ns <= m.memory_remote_ns);
		topology_release(&topology);
		free(shape);
	}
	machine_names_free(names, nr);
}

static void test_shape(void **state)
{
	struct why why = WHY_INIT;
	struct machine m;
	char *shape;

	(void)state;
	assert_int_equal(parse(&m, LEAST "threads = 2 # as usual\n\nnodes = 2\n", &why), 0);
	assert_string_equal(m.name, "model");
	assert_int_equal(machine_cpus(&m), 8);
	assert_int_equal(m.llc_cores, 4); /* all of the socket */
	shape = machine_synthetic(&m);
	assert_string_equal(shape, "pack:1 group:2 [numa] core:2 pu:2");
	free(shape);
}

static void refuse(const char *text, const char *wanted)
{
	struct why why = WHY_INIT;
	struct machine m;

	assert_int_not_equal(parse(&m, text, &why), 0);
	if (!strstr(why.text, wanted))
		fail_msg("'%s' is not in '%s'", wanted, why.text);
}

static void test_refused(void **state)
{
	struct why why = WHY_INIT;
	struct machine m;

	(void)state;
	refuse("sockets = 1\n", "some/model: 'cores' is missing");
	refuse(LEAST "sockets = 2\n", "some/model:11: 'sockets' is given twice");
	refuse(LEAST "colour = red\n", "some/model:11: no such key, with 'colour'");
	refuse(LEAST "threads\n", "not 'key = value', with 'threads'");
	refuse(LEAST "threads = 9\n", "threads: not in 1 to 8, with '9'");
	refuse(LEAST "cross_ns = 10001\n", "cross_ns: not in 0 to 10000 ns, with '10001'");
	refuse(LEAST "smt_factor = 0.9\n", "smt_factor: not in 1 to 8, with '0.9'");
	refuse(LEAST "cross_ns = x\n", "cross_ns: not a number, with 'x'");
	refuse("sockets = 2\n" REST, "cross_ns is needed: there are 2 sockets");
	refuse(LEAST "llc_ways = 3\nllc_cores = 3\n", "llc_cores of 3 is no part of the 4 cores");
	refuse(LEAST "l1_ways = 3\n",
	       "l1_size of 32768 bytes in 3 ways is not a multiple of 64 sets");
	refuse(LEAST "nodes = 3\n", "4 cores of 1 socket cannot be shared equally by 3 nodes");
	refuse("sockets = 2\n" REST "cross_ns = 100\nnodes = 1\n",
	       "8 cores of 2 sockets cannot be shared equally by 1 nodes");
	assert_int_equal(machine_read(&m, "nowhere", &why), -EINVAL);
	assert_non_null(strstr(why.text, "cannot read the machine 'nowhere'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
