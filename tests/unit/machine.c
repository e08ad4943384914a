/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/frequency.h"
#include "harness/machine.h"
#include "harness/noise.h"
#include "tests/unit/tree.h"

/* A server as one would like it: nothing to warn of. */
static char *quiet_server(void)
{
	static const char *const files[][2] = {
		{"/proc/sys/kernel/osrelease", "6.18.1\n"},
		{"/proc/sys/kernel/version", "#1 SMP\n"},
		{"/proc/sys/kernel/hostname", "big\n"},
		{"/proc/sys/kernel/numa_balancing", "0\n"},
		{"/proc/cmdline", "quiet\n"},
		{"/proc/loadavg", "0.10 0.05 0.01 1/300 4242\n"},
		{"/proc/cpuinfo",
		 "processor\t: 0\nmodel name\t: Great CPU @ 2.0GHz\nmicrocode\t: 0xb1\n"
		 "flags\t\t: fpu sse2 nohypervisors\n\nprocessor\t: 1\n"},
		{"/proc/meminfo",
		 "MemTotal:       1000 kB\nMemAvailable:    900 kB\nSwapTotal: 0 kB\n"
		 "HugePages_Total:       0\nHugepagesize:       2048 kB\n"},
		{"/proc/stat", "cpu  100 0 100 1000 0 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"},
		{"/proc/self/cgroup", "0::/user/me\n"},
		{"/sys/fs/cgroup/user/cpu.max", "max 100000\n"},
		{"/sys/fs/cgroup/user/me/cpu.max", "max 100000\n"},
		{"/sys/fs/cgroup/user/memory.max", "max\n"},
		{"/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"},
		{"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n"},
		{"/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n"},
		{"/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"},
		{"/sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI\n"},
		{"/sys/bus/virtio/devices/virtio0/device", "0x0001\n"},
		{"/sys/bus/virtio/devices/virtio0/features", "1111111100000000\n"},
		{"/sys/class/dmi/id/sys_vendor", "Maker\n"},
		{"/sys/class/dmi/id/product_name", "Box 1\n"},
	};
	char *root = tree_make();

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tree_put(root, files[i][0], files[i][1]);
	return root;
}

static void facts_are_read(void **state)
{
	static const char *const want[][2] = {
		{"cpu_model", "Great CPU @ 2.0GHz"},
		{"microcode", "0xb1"},
		{"governor", "performance"},
		{"turbo", "off"},
		{"thp", "madvise"},
		{"machine", "bare metal: Maker Box 1"},
		{"mitigation_meltdown", "Mitigation: PTI"},
		{"cgroup_cpus", "no limit"},
		{"free_page_reporting", "off"},
		{"memory_total", "1000 kB"},
		{"hostname", "big"},
	};
	char *root = quiet_server();
	struct meta meta = {0};

	(void)state;
	machine_facts(&meta, root);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_non_null(meta_get(&meta, want[i][0]));
		assert_string_equal(meta_get(&meta, want[i][0]), want[i][1]);
	}
	assert_int_equal(strncmp(meta_get(&meta, "kernel"), "Linux 6.18.1 #1 SMP ", 20), 0);
	assert_string_equal(
		meta_get(&meta, "zswap"),
		"unavailable: /sys/module/zswap/parameters/enabled: No such file or directory");
	meta_release(&meta);
	tree_remove(root);
}

static void an_empty_machine_has_reasons_only(void **state)
{
	char *root = tree_make();
	struct meta meta = {0};

	(void)state;
	machine_facts(&meta, root);
	assert_true(meta.nr > 25);
	for (size_t i = 0; i < meta.nr; i++) {
		const char *key = meta.facts[i].key, *value = meta.facts[i].value;

		if (strncmp(key, "cgroup_", 7) && strcmp(key, "free_page_reporting"))
			assert_int_equal(strncmp(value, "unavailable: ", 13), 0);
	}
	meta_release(&meta);
	tree_remove(root);
}

static void another_kernel_is_another_machine(void **state)
{
	struct meta before = {0}, now = {0};
	struct why why = WHY_INIT;

	(void)state;
	meta_add(&before, "kernel", "Linux 6.1");
	meta_add(&before, "cpu_model", "c");
	meta_add(&before, "cpus", "2");
	meta_add(&before, "version_pft", "pft 1");
	meta_add(&now, "kernel", "Linux 6.1");
	meta_add(&now, "cpu_model", "c");
	meta_add(&now, "cpus", "2");
	meta_add(&now, "version_pft", "pft 1");
	assert_int_equal(machine_same(&before, &now, &why), 0);
	meta_drop(&now, "kernel");
	meta_add(&now, "kernel", "Linux 6.2");
	assert_int_equal(machine_same(&before, &now, &why), -EINVAL);
	assert_non_null(strstr(why.text, "kernel"));
	assert_non_null(strstr(why.text, "'Linux 6.2' now, 'Linux 6.1' then"));
	meta_drop(&now, "kernel");
	meta_add(&now, "kernel", "Linux 6.1");
	meta_drop(&now, "version_pft");
	assert_int_equal(machine_same(&before, &now, &why), -EINVAL);
	assert_non_null(strstr(why.text, "the version_pft is not the one the run began with"));
	meta_release(&before);
	meta_release(&now);
}

static void the_lowest_limit_holds(void **state)
{
	struct machine_limits l;
	char *root = tree_make();

	(void)state;
	tree_put(root, "/proc/self/cgroup", "4:memory:/box\n1:cpu,cpuacct:/\n0::/a/b\n");
	tree_put(root, "/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
	tree_put(root, "/sys/fs/cgroup/a/b/cpu.max", "400000 100000\n");
	tree_put(root, "/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "4096\n");
	tree_put(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	machine_limits(&l, root);
	assert_true(l.cpus == 1.5);
	assert_true(l.bytes == 4096);
	tree_put(root, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
	tree_put(root, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
	machine_limits(&l, root);
	assert_true(l.cpus == 0.5);
	tree_remove(root);
}

/* The warnings of a machine at rest, its facts read anew; the caller frees. */
static struct meta warnings(const char *root, bool prefault)
{
	struct meta meta = {0};
	struct activity before, after;

	machine_facts(&meta, root);
	activity_look(&before, root);
	activity_look(&after, root);
	noise_before(&meta, root, &before, &after, 2, prefault);
	activity_release(&before);
	activity_release(&after);
	return meta;
}

static size_t nr_warnings(const char *root, bool prefault, const char *word)
{
	struct meta meta = warnings(root, prefault);
	size_t nr = 0;

	for (size_t i = 0; i < meta.nr; i++)
		nr += !strcmp(meta.facts[i].key, "warning");
	if (word) {
		assert_non_null(meta_get(&meta, "warning"));
		assert_non_null(strstr(meta_get(&meta, "warning"), word));
	}
	meta_release(&meta);
	return nr;
}

static void a_quiet_server_gets_no_warning(void **state)
{
	char *root = quiet_server();

	(void)state;
	assert_int_equal(nr_warnings(root, false, NULL), 0);
	tree_remove(root);
}

static void each_noise_gets_its_warning(void **state)
{
	static const char *const noises[][3] = {
		{"/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n",
		 "governor is 'performance, powersave'"},
		{"/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n", "turbo is on"},
		{"/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n",
		 "huge pages"},
		{"/proc/sys/kernel/numa_balancing", "1\n", "NUMA balancing"},
		{"/proc/loadavg", "3.00 1.00 1.00 1/1 1\n", "load 3.00 on 2 CPUs"},
		{"/sys/fs/cgroup/user/cpu.max", "100000 100000\n", "1.00 of 2 CPUs"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(noises) / sizeof(noises[0]); i++) {
		char *root = quiet_server();

		tree_put(root, noises[i][0], noises[i][1]);
		assert_int_equal(nr_warnings(root, false, noises[i][2]), 1);
		tree_remove(root);
	}
}

static void free_page_reporting_asks_for_prefault(void **state)
{
	char *root = quiet_server();

	(void)state;
	tree_put(root, "/sys/bus/virtio/devices/virtio3/device", "0x0005\n");
	tree_put(root, "/sys/bus/virtio/devices/virtio3/features", "1111101100000000\n");
	assert_int_equal(nr_warnings(root, false, NULL), 0);
	tree_put(root, "/sys/bus/virtio/devices/virtio3/features", "0000010000000000\n");
	assert_int_equal(nr_warnings(root, false, "PFT_PREFAULT"), 1);
	assert_int_equal(nr_warnings(root, true, NULL), 0);
	tree_remove(root);
}

static void a_guest_is_told_from_a_machine(void **state)
{
	char *root = quiet_server();
	struct meta meta = {0};

	(void)state;
	tree_put(root, "/proc/cpuinfo", "flags\t: fpu hypervisor lahf\n");
	machine_facts(&meta, root);
	assert_string_equal(meta_get(&meta, "machine"), "virtual: Maker Box 1");
	meta_release(&meta);
	tree_remove(root);
}

static void busy_processes_and_stolen_time(void **state)
{
	char *root = tree_make(), *text;
	const struct activity_process *busiest;
	struct activity before, after;
	double percent = 0;

	(void)state;
	tree_put(root, "/proc/stat", "cpu  100 0 100 1000 0 0 0 0 0 0\n");
	tree_put(root, "/proc/7/stat", "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 10 10 0 0\n");
	tree_put(root, "/proc/8/stat", "8 (me) R 1 8 8 0 -1 0 0 0 0 0 10 10 0 0\n");
	activity_look(&before, root);
	tree_put(root, "/proc/stat", "cpu  130 0 110 1040 0 0 0 20 0 0\n");
	tree_put(root, "/proc/7/stat", "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 30 10 0 0\n");
	tree_put(root, "/proc/8/stat", "8 (me) R 1 8 8 0 -1 0 0 0 0 0 90 10 0 0\n");
	tree_put(root, "/proc/9/stat", "9 (new) R 1 9 9 0 -1 0 0 0 0 0 99 10 0 0\n");
	activity_look(&after, root);
	busiest = activity_busiest(&before, &after, 2, 8, &percent);
	assert_non_null(busiest);
	assert_int_equal(busiest->pid, 7);
	assert_string_equal(busiest->name, "a) b");
	assert_true(percent == 40.0); /* 20 ticks of the 50 that each of two CPUs had */
	assert_true(activity_steal(&before, &after) == 20.0);
	text = noise_stolen(&before, &after);
	assert_non_null(text);
	assert_non_null(strstr(text, "20.0%"));
	free(text);
	assert_null(noise_stolen(&before, &before));
	assert_null(noise_stolen(&(struct activity){0}, &after)); /* no look before the run */
	activity_release(&before);
	activity_release(&after);
	tree_remove(root);
}

/* 60 ticks of others: 100 busy ones, less 20 of the step, 15 of ours, 5 of the kernel's. */
static void what_others_did_meanwhile(void **state)
{
	char *root = tree_make(), *line = xasprintf("/proc/%d/stat", (int)getpid());
	double own_s = 20.0 / (double)sysconf(_SC_CLK_TCK);
	struct activity before, after;
	struct disturbance d;

	(void)state;
	tree_put(root, "/proc/stat", "cpu  100 0 100 1000 0 7 0 0 0 0\n");
	tree_put(root, "/proc/5/stat", "5 (kswapd0) S 2 0 0 0 -1 10758144 0 0 0 0 10 10 0 0\n");
	tree_put(root, line, "1 (me) R 1 8 8 0 -1 4194304 0 0 0 0 10 10 0 0\n");
	activity_look(&before, root);
	tree_put(root, "/proc/stat", "cpu  160 10 130 1060 0 27 0 20 0 0\n");
	tree_put(root, "/proc/5/stat", "5 (kswapd0) S 2 0 0 0 -1 10758144 0 0 0 0 10 15 0 0\n");
	tree_put(root, line, "1 (me) R 1 8 8 0 -1 4194304 0 0 0 0 20 15 0 0\n");
	activity_look(&after, root);
	activity_disturbance(&d, &before, &after, 2, own_s);
	assert_true(d.known);
	assert_true(d.steal == 10.0);
	assert_true(fabs(d.foreign - 60.0) < 1e-9); /* of the 100 ticks that each CPU had */
	activity_disturbance(&d, &before, &after, 2, 10 * own_s);
	assert_true(d.foreign == 0);
	activity_disturbance(&d, &before, &after, 40, own_s);
	assert_false(d.known); /* 5 ticks each */
	activity_release(&before);
	activity_release(&after);
	free(line);
	tree_remove(root);
}

/* What was measured goes before what was set; without pinning the fastest CPUs are those that worked. */
static void frequencies_are_those_of_the_cpus(void **state)
{
	static const unsigned cpus[] = {0, 1};
	char *root = tree_make();

	(void)state;
	assert_true(frequency_look(root, cpus, 2) == 0);
	assert_true(frequency_look(root, NULL, 1) == 0);
	tree_put(root, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2000000\n");
	assert_true(frequency_look(root, cpus, 2) == 2e9);
	tree_put(root, "/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3000000\n");
	assert_true(frequency_look(root, cpus, 2) == 2.5e9);
	assert_true(frequency_look(root, cpus, 1) == 2e9);
	tree_put(root, "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_avg_freq", "3500000\n");
	assert_true(frequency_look(root, cpus, 1) == 3.5e9);
	assert_true(frequency_look(root, NULL, 1) == 3.5e9);
	tree_put(root, "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_avg_freq", "<unknown>\n");
	assert_true(frequency_look(root, cpus, 1) == 2e9);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_read),
		cmocka_unit_test(an_empty_machine_has_reasons_only),
		cmocka_unit_test(another_kernel_is_another_machine),
		cmocka_unit_test(the_lowest_limit_holds),
		cmocka_unit_test(a_quiet_server_gets_no_warning),
		cmocka_unit_test(each_noise_gets_its_warning),
		cmocka_unit_test(free_page_reporting_asks_for_prefault),
		cmocka_unit_test(a_guest_is_told_from_a_machine),
		cmocka_unit_test(busy_processes_and_stolen_time),
		cmocka_unit_test(what_others_did_meanwhile),
		cmocka_unit_test(frequencies_are_those_of_the_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
