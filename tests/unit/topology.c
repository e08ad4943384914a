/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topology as hwloc tells it: this machine, words, XML, and odd machines. */
#include "common/topology.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <hwloc.h>

static struct topology load(const char *description)
{
	struct topology t;
	struct why why = WHY_INIT;
	int err = topology_init(&t, description, &why);

	assert_string_equal(why.text, "");
	assert_int_equal(err, 0);
	return t;
}

static void test_two_sockets(void **state)
{
	struct topology t = load("pack:2 [numa] core:14 pu:2");

	(void)state;
	assert_false(t.this_system);
	assert_int_equal(t.nr_packages, 2);
	assert_int_equal(t.nr_nodes, 2);
	assert_int_equal(t.nr_cores, 28);
	assert_int_equal(t.nr_cpus, 56);
	assert_string_equal(t.text, "2 packages, 2 nodes, 28 cores, 56 CPUs, 2 GiB");
	for (unsigned i = 0; i < 56; i++) {
		const struct topology_cpu *cpu = topology_find(&t, i);

		assert_non_null(cpu);
		assert_int_equal(cpu->os_cpu, i);
		assert_int_equal(cpu->core, i / 2);
		assert_int_equal(cpu->smt, i % 2);
		assert_int_equal(cpu->node, i / 28);
		assert_int_equal(cpu->package, i / 28);
	}
	assert_null(topology_find(&t, 56));
	topology_release(&t);
}

/* Intel and AMD number the first thread of every core, then the second. */
static void test_kernel_numbers(void **state)
{
	struct topology t = load("pack:2 [numa] core:2 pu:2(indexes=0,4,1,5,2,6,3,7)");

	(void)state;
	assert_int_equal(topology_find(&t, 4)->core, 0);
	assert_int_equal(topology_find(&t, 4)->smt, 1);
	assert_int_equal(topology_find(&t, 6)->node, 1);
	assert_int_equal(topology_find(&t, 6)->core, 2);
	topology_release(&t);
}

static void test_node_numbers_and_memory(void **state)
{
	struct topology t = load("pack:2 [numa(memory=8GB indexes=3,1)] core:2 pu:1");

	(void)state;
	assert_int_equal(t.os_nodes[0], 1);
	assert_int_equal(t.os_nodes[1], 3);
	assert_int_equal(topology_find(&t, 0)->os_node, 3);
	assert_int_equal(topology_find(&t, 0)->node, 1);
	assert_int_equal(t.cpus[0].os_cpu, 2); /* sorted by node */
	assert_true(t.bytes == 16000000000 || t.bytes == 16ULL << 30);
	assert_true(t.node_bytes[0] == t.bytes / 2);
	topology_release(&t);
}

static void test_one_node(void **state)
{
	struct topology t = load("core:3 pu:1");

	(void)state;
	assert_int_equal(t.nr_nodes, 1);
	assert_int_equal(t.nr_packages, 1);
	assert_int_equal(t.nr_cores, 3);
	topology_release(&t);
	t = load("pu:1");
	assert_int_equal(t.nr_cores, 1);
	assert_string_equal(t.text, "1 package, 1 node, 1 core, 1 CPU, 1 GiB");
	topology_release(&t);
}

/* Two nodes at one package: the CPUs' own is the first, the other has no CPU. */
static void test_node_without_cpu(void **state)
{
	struct topology t = load("pack:2 [numa] [numa] core:2 pu:1");
	unsigned of_node[4] = {0};

	(void)state;
	assert_int_equal(t.nr_nodes, 4);
	for (unsigned i = 0; i < t.nr_cpus; i++)
		of_node[t.cpus[i].node]++;
	assert_int_equal(of_node[0], 2);
	assert_int_equal(of_node[1], 0);
	assert_int_equal(of_node[2], 2);
	assert_int_equal(of_node[3], 0);
	topology_release(&t);
}

static void test_large(void **state)
{
	struct topology t = load("pack:8 [numa] core:32 pu:2");

	(void)state;
	assert_int_equal(t.nr_cpus, 512);
	assert_int_equal(t.nr_nodes, 8);
	assert_int_equal(topology_find(&t, 511)->node, 7);
	topology_release(&t);
}

/* MemTotal of /proc/meminfo in bytes. */
static uint64_t memtotal(void)
{
	FILE *in = fopen("/proc/meminfo", "r");
	unsigned long long kib = 0;

	assert_non_null(in);
	assert_int_equal(fscanf(in, "MemTotal: %llu kB", &kib), 1);
	fclose(in);
	return kib << 10;
}

static void test_this_machine(void **state)
{
	struct topology t;
	cpu_set_t all, one;
	int last = -1;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	t = load(NULL);
	assert_true(t.this_system);
	assert_int_equal(t.nr_cpus, CPU_COUNT(&all));
	for (unsigned i = 0; i < t.nr_cpus; i++)
		assert_true(CPU_ISSET(t.cpus[i].os_cpu, &all));
	assert_true(t.bytes == memtotal());
	topology_release(&t);

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all))
			last = cpu;
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	t = load(NULL);
	assert_int_equal(t.nr_cpus, 1);
	assert_int_equal(t.cpus[0].os_cpu, last);
	assert_int_equal(t.cpus[0].smt, 0);
	topology_release(&t);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_xml(void **state)
{
	struct topology words = load("pack:2 [numa(memory=1GB)] core:3 pu:2"), t;
	char path[] = "/tmp/topology-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(hwloc_topology_export_xml(words.hwloc, path, 0), 0);
	t = load(path);
	assert_false(t.this_system);
	assert_string_equal(t.text, words.text);
	for (unsigned i = 0; i < t.nr_cpus; i++)
		assert_memory_equal(&t.cpus[i], &words.cpus[i], sizeof(t.cpus[i]));
	topology_release(&t);
	topology_release(&words);
	unlink(path);
}

static void refuse(const char *description, int err, const char *text)
{
	struct topology t;
	struct why why = WHY_INIT;

	assert_int_equal(topology_init(&t, description, &why), -err);
	if (!strstr(why.text, text))
		fail_msg("'%s' does not say '%s'", why.text, text);
	assert_null(t.hwloc);
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("pack:2 [numa core:14", EINVAL, "not a topology, with 'pack:2 [numa core:14'");
	refuse("", EINVAL, "not a topology");
	refuse("bananas", EINVAL, "not a topology, with 'bananas'");
	refuse("./no-such.xml", ENOENT, "cannot read the topology './no-such.xml'");
	refuse("/dev/null", EINVAL, "'/dev/null'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_sockets),
		cmocka_unit_test(test_kernel_numbers),
		cmocka_unit_test(test_node_numbers_and_memory),
		cmocka_unit_test(test_one_node),
		cmocka_unit_test(test_node_without_cpu),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_this_machine),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
