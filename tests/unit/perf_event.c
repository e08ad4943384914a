/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of perf events: modifiers, the kernel's files, and reasons for what cannot be opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/perf_event.h"
#include "common/perf_sysfs.h"
#include "tests/unit/tree.h"

/* Modifiers, whoever encodes. */
static void test_modifiers(void **state)
{
	static const struct {
		const char *name;
		bool user, kernel;
	} cases[] = {
		{"cycles", true, true},		{"cycles:u", true, false},
		{"cycles:k", false, true},	{"cycles:uk", true, true},
		{"page-faults:u", true, false}, {"LLC-loads:k", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct perf_event_attr attr;
		char *full;

		assert_int_equal(perf_event_encode(cases[i].name, &attr, &full, NULL), 0);
		assert_int_equal(attr.exclude_user, !cases[i].user);
		assert_int_equal(attr.exclude_kernel, !cases[i].kernel);
		free(full);
	}
}

static void refuse(const char *name, int err, const char *text)
{
	struct perf_event_attr attr;
	struct why why = WHY_INIT;
	char *full;

	assert_int_equal(perf_event_encode(name, &attr, &full, &why), err);
	if (!strstr(why.text, text))
		fail_msg("'%s': '%s' instead of '%s'", name, why.text, text);
}

static void test_unknown(void **state)
{
	(void)state;
	refuse("nosuch", -EINVAL, "no such event, with 'nosuch'");
	refuse("cycles:z", -EINVAL, "with 'cycles:z'");
	refuse("cpu-migrations:u", -EINVAL, "happens in the kernel only");
	refuse("", -EINVAL, "");
#ifdef __x86_64__
	/* A table of no processor that runs this test. */
	refuse("netburst::GLOBAL_POWER_EVENTS:RUNNING", -ENODEV,
	       "another processor, such as netburst");
#endif
}

static void test_sysfs(void **state)
{
	char *root = tree_make();
	struct perf_event_attr attr;
	struct why why;
	char *full, **names;
	size_t nr;

	(void)state;
	assert_false(perf_sysfs_has_cpu(root));
#define DEV "/sys/bus/event_source/devices/"
	tree_put(root, DEV "uncore_imc/type", "17\n");
	tree_put(root, DEV "uncore_imc/events/reads", "event=0x4\n");
	tree_put(root, DEV "uncore_imc/events/reads.scale", "6.1e-5\n");
	tree_put(root, DEV "uncore_imc/format/event", "config:0-7\n");
	assert_false(perf_sysfs_has_cpu(root));
	tree_put(root, DEV "cpu/type", "4\n");
	tree_put(root, DEV "cpu/events/mem-loads", "event=0xcd,umask=0x1,ldlat=3,edge\n");
	tree_put(root, DEV "cpu/events/far", "event=0x1ff\n");
	tree_put(root, DEV "cpu/events/odd", "nosuch=1\n");
	tree_put(root, DEV "cpu/format/event", "config:0-7,32-35\n");
	tree_put(root, DEV "cpu/format/umask", "config:8-15\n");
	tree_put(root, DEV "cpu/format/edge", "config:18\n");
	tree_put(root, DEV "cpu/format/ldlat", "config1:0-15\n");
	assert_true(perf_sysfs_has_cpu(root));

	assert_int_equal(perf_sysfs_encode(root, "cpu/mem-loads/", &attr, &full, &why), 0);
	assert_int_equal(attr.type, 4);
	assert_int_equal(attr.config, 0x401cd);
	assert_int_equal(attr.config1, 3);
	assert_string_equal(full, "cpu/mem-loads/");
	free(full);
	assert_int_equal(perf_sysfs_encode(root, "far", &attr, &full, &why), 0);
	assert_int_equal(attr.config, 0x1000000ff);
	free(full);
	assert_int_equal(perf_sysfs_encode(root, "reads", &attr, &full, &why), 0);
	assert_int_equal(attr.type, 17);
	assert_string_equal(full, "uncore_imc/reads/");
	free(full);
	assert_int_equal(perf_sysfs_encode(root, "cpu/odd/", &attr, &full, &why), -EINVAL);
	assert_int_equal(perf_sysfs_encode(root, "cpu/none/", &attr, &full, &why), -ENOENT);
	assert_int_equal(perf_sysfs_encode(root, "none", &attr, &full, &why), -ENOENT);
	names = perf_sysfs_names(root, "uncore_imc", &nr);
	assert_int_equal(nr, 1);
	assert_string_equal(names[0], "reads");
	perf_sysfs_free(names, nr);
	tree_remove(root);
}

static void explained(const char *root, int err, const struct perf_event_attr *attr,
		      const char *text)
{
	struct why why = WHY_INIT;

	assert_int_equal(perf_event_explain(err, attr, root, &why), -err);
	if (!strstr(why.text, text))
		fail_msg("'%s' instead of '%s'", why.text, text);
	assert_null(strchr(why.text, '\n'));
}

static void test_reasons(void **state)
{
	const struct perf_event_attr both = {.type = PERF_TYPE_HARDWARE},
				     user = {.type = PERF_TYPE_HARDWARE, .exclude_kernel = 1},
				     other = {.type = 17};
	char *root = tree_make();

	(void)state;
	assert_int_equal(perf_event_paranoid(root), -2);
	explained(root, ENOENT, &both, "no hardware PMU in this machine (perf_event_open: ENOENT)");
	explained(root, ENOENT, &other, "this PMU does not count it");
	tree_put(root, DEV "armv8_pmuv3_0/type", "8\n");
	explained(root, ENOENT, &both, "this PMU does not count it");
	tree_put(root, "/proc/sys/kernel/perf_event_paranoid", "3\n");
	assert_int_equal(perf_event_paranoid(root), 3);
	explained(root, EACCES, &user,
		  "kernel.perf_event_paranoid is 3: needs CAP_PERFMON, or 'sysctl "
		  "kernel.perf_event_paranoid=2', 1 for events of the kernel");
	tree_put(root, "/proc/sys/kernel/perf_event_paranoid", "2\n");
	explained(root, EACCES, &both, "or 'sysctl kernel.perf_event_paranoid=1'");
	explained(root, EPERM, &user, "a container's seccomp filter");
	tree_put(root, "/proc/sys/kernel/perf_event_paranoid", "-1\n");
	assert_int_equal(perf_event_paranoid(root), -1);
	explained(root, EACCES, &both, "a container's seccomp filter");
	explained(root, EINVAL, &other, "for whole CPUs");
	explained(root, EINVAL, &both, "masks and modifiers");
	explained(root, EMFILE, &both, "ulimit -n");
	explained(root, EBUSY, &both, "another user");
	explained(root, ENOSYS, &both, "CONFIG_PERF_EVENTS");
	explained(root, E2BIG, &both, "Argument list too long");
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modifiers),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_sysfs),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
