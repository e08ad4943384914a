/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is noted is taken back, by whoever is left; and where the memory controller is. On files of a
 * directory of the test's own; tests/cli/pft_kernel_swap.sh does it with the kernel. */
#include "pft/kswap_undo.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pft/emit.h"
#include "pft/kswap_counts.h"
#include "pft/kswap_group.h"
#include "pft/swap_settings.h"

static char directory[] = "/tmp/pft-kswap-XXXXXX";

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void assert_file(const char *name, const char *expected)
{
	char line[256];

	assert_int_equal(kswap_read(name, line, sizeof(line)), 0);
	assert_string_equal(line, expected);
}

static int setup(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return chdir("/") || nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Overwrite @name with "new", noted as having been @before. */
static void change(struct kswap_undo *undo, const char *name, const char *before)
{
	struct why why = WHY_INIT;

	assert_int_equal(kswap_undo_note(undo, KSWAP_WRITE, name, before, &why), 0);
	put(name, "new");
}

static void test_finish(void **state)
{
	struct kswap_undo undo;
	struct why why = WHY_INIT;

	(void)state;
	put("a", "old");
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	change(&undo, "a", "old");
	change(&undo, "a", "middle"); /* the latest is taken back first */
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	assert_file("a", "old");
	assert_int_equal(access("log", F_OK), -1);
	assert_int_equal(kswap_undo_finish(&undo, &why), 0); /* there is nothing any more */
}

/* Only the very file that was made is removed. */
static void test_file(void **state)
{
	struct kswap_undo undo;
	struct why why = WHY_INIT;
	char identity[64];
	struct stat st;

	(void)state;
	put("made", "");
	put("other", "");
	assert_int_equal(stat("made", &st), 0);
	snprintf(identity, sizeof(identity), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	assert_int_equal(kswap_undo_note(&undo, KSWAP_FILE, "made", identity, &why), 0);
	assert_int_equal(kswap_undo_note(&undo, KSWAP_FILE, "other", identity, &why), 0);
	assert_int_equal(kswap_undo_note(&undo, KSWAP_FILE, "none", identity, &why), 0);
	assert_int_equal(kswap_undo_note(&undo, KSWAP_FILE, "a\tb", identity, &why), -EINVAL);
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	assert_int_equal(access("made", F_OK), -1);
	assert_int_equal(access("other", F_OK), 0);
}

/* What cannot be taken back stays in the log, for later; the rest is done, and not done again. */
static void test_failure(void **state)
{
	struct kswap_undo undo;
	struct why why = WHY_INIT;

	(void)state;
	put("a", "old");
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	change(&undo, "a", "old");
	assert_int_equal(kswap_undo_note(&undo, KSWAP_WRITE, "folder", "x", &why), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(kswap_undo_finish(&undo, &why), -EISDIR);
	assert_non_null(strstr(why.text, "cannot write 'x' back into 'folder'"));
	assert_file("a", "old");
	put("a", "somebody else's");
	assert_int_equal(kswap_undo_start(&undo, "log", &why), -EISDIR);
	assert_non_null(strstr(why.text, "was killed and left its swap, see 'log'"));
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	assert_int_equal(rmdir("folder"), 0);
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	assert_file("a", "somebody else's");
}

/* A process that changes "a" and is killed, its watcher before it if @both. */
static void killed(bool both)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct kswap_undo undo;
		struct why why;

		if (kswap_undo_start(&undo, "log", &why))
			_exit(1);
		change(&undo, "a", "old");
		if (both) {
			kill(undo.watcher, SIGKILL);
			waitpid(undo.watcher, NULL, 0);
		}
		kill(undo.watcher, SIGTERM); /* has no effect on it */
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void test_killed(void **state)
{
	struct kswap_undo undo;
	struct why why = WHY_INIT;

	(void)state;
	put("a", "old");
	killed(false);
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0); /* waits for the watcher */
	assert_file("a", "old");
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	killed(true);
	assert_file("a", "new");
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	assert_file("a", "old");
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
}

static void assert_hierarchy(const char *mounts, const char *membership, int version,
			     const char *mount, const char *home)
{
	struct kswap_hierarchy h;
	struct why why = WHY_INIT;

	put("mounts", mounts);
	put("membership", membership);
	assert_int_equal(kswap_hierarchy_find(&h, "mounts", "membership", &why), 0);
	assert_int_equal(h.version, version);
	assert_string_equal(h.mount, mount);
	assert_string_equal(h.home, home);
	kswap_hierarchy_release(&h);
}

#define V1_OTHER "cgroup v1/cpu cgroup rw,cpu 0 0\n"
#define V1	 "cgroup v1/memory cgroup rw,relatime,memory 0 0\n"
#define V2	 "cgroup2 v2 cgroup2 rw,nosuid 0 0\n"

static void test_hierarchies(void **state)
{
	struct kswap_hierarchy h;
	struct why why = WHY_INIT;

	(void)state;
	assert_false(mkdir("v1", 0700) || mkdir("v1/memory", 0700) || mkdir("v1/memory/a", 0700) ||
		     mkdir("v2", 0700) || mkdir("v2/b", 0700));
	put("v1/memory/a/cgroup.procs", "");
	put("v2/b/cgroup.procs", "");
	put("v2/cgroup.controllers", "cpu memory pids\n");
	assert_hierarchy(V1_OTHER V1, "5:cpu:/x\n4:memory:/a\n0::/b\n", 1, "v1/memory",
			 "v1/memory/a");
	assert_hierarchy(V1_OTHER V2, "5:cpu:/x\n0::/b\n", 2, "v2", "v2/b");
	assert_hierarchy(V2, "0::/\n", 2, "v2", "v2");
	assert_hierarchy(V2, "0::/../elsewhere\n", 2, "v2", "v2");
	put("v2/cgroup.controllers", "cpu pids memory2\n");
	assert_hierarchy(V2 V1, "4:cpu,memory:/a\n0::/b\n", 1, "v1/memory", "v1/memory/a");
	put("mounts", V2 V1_OTHER);
	assert_int_equal(kswap_hierarchy_find(&h, "mounts", "membership", &why), -ENOSYS);
	assert_non_null(strstr(why.text, "no mounted cgroup hierarchy has the memory controller"));
	kswap_hierarchy_release(&h);
}

/* Version 2, as far as a plain directory can play it: the controller is handed down, and that is taken
 * back; there is no file for the limit. */
static void test_version_2(void **state)
{
	const struct kswap_limits limits = {.memory = 1 << 20, .zswap = 5};
	struct kswap_hierarchy h;
	struct kswap_undo undo;
	struct why why = WHY_INIT;
	char *group = NULL;

	(void)state;
	put("v2/cgroup.controllers", "memory\n");
	put("v2/cgroup.subtree_control", "cpu\n");
	put("mounts", V2);
	assert_int_equal(kswap_hierarchy_find(&h, "mounts", "membership", &why), 0);
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	assert_int_equal(kswap_group_make(&h, "", &limits, &undo, &group, &why), -ENOENT);
	assert_string_equal(why.text, "cgroups of this kernel have no 'memory.zswap.max'");
	assert_int_equal(access(group, F_OK), 0);
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	assert_int_equal(access(group, F_OK), -1);
	assert_file("v2/cgroup.subtree_control", "-memory");
	kswap_hierarchy_release(&h);
	free(group);
}

/* Make a group with @limits in the hierarchy of @mounts, and take it back: what it says, or "". */
static void assert_made(const char *mounts, const struct kswap_limits *limits, const char *wanted)
{
	struct kswap_hierarchy h;
	struct kswap_undo undo;
	struct why why = WHY_INIT;
	char *group = NULL;

	put("mounts", mounts);
	assert_int_equal(kswap_hierarchy_find(&h, "mounts", "membership", &why), 0);
	assert_int_equal(kswap_undo_start(&undo, "log", &why), 0);
	assert_int_equal(!kswap_group_make(&h, "", limits, &undo, &group, &why), !*wanted);
	if (!strstr(why.text, wanted))
		fail_msg("'%s' is not in '%s'", wanted, why.text);
	assert_int_equal(kswap_undo_finish(&undo, &why), 0);
	assert_int_equal(access(group, F_OK), -1);
	kswap_hierarchy_release(&h);
	free(group);
}

/* What is not limited is left as the kernel has it: a plain directory has no files to write to. */
static void test_limits(void **state)
{
	const struct kswap_limits none = {SWAP_UNLIMITED, SWAP_UNLIMITED, false};
	const struct kswap_limits zswap = {SWAP_UNLIMITED, 5, false};
	const struct kswap_limits no_writeback = {SWAP_UNLIMITED, SWAP_UNLIMITED, true};

	(void)state;
	put("membership", "4:memory:/a\n0::/b\n");
	put("v2/cgroup.controllers", "memory io\n");
	put("v2/cgroup.subtree_control", "memory\n");
	assert_made(V2, &none, "");
	assert_file("v2/cgroup.subtree_control", "-io"); /* it was handed down, and taken back */
	assert_made(V2, &no_writeback, "cgroups of this kernel have no 'memory.zswap.writeback'");
	assert_made(V1, &none, "");
	assert_made(V1, &zswap, "--zswap-max is for cgroup version 2");
	assert_made(V1, &no_writeback, "zswap-writeback=off is for cgroup version 2");
}

/* What a group has read and written is the sum of its devices; without a group there are no rows of one. */
static void test_group_counts(void **state)
{
	struct kswap_gauge gauge = {.debugfs = -1, .zram = -1};
	struct kswap_counts before, after;
	struct emit emit;
	size_t size;
	char *text;

	(void)state;
	assert_int_equal(mkdir("group", 0700), 0);
	put("group/io.stat", "");
	gauge.group = strdup("group");
	kswap_gauge_read(&gauge, &before);
	put("group/io.stat", "8:0 rbytes=4096 wbytes=100 rios=1\n8:16 rbytes=1 wbytes=2 rios=1\n");
	kswap_gauge_read(&gauge, &after);
	assert_int_equal(kswap_count_between(&before, &after, "group_read_bytes"), 4097);
	assert_int_equal(kswap_count_between(&before, &after, "group_written_bytes"), 102);
	assert_true(kswap_count(&after, "group_usage_bytes") == KSWAP_NONE);
	kswap_gauge_release(&gauge);

	for (unsigned i = 0; i < 2; i++) {
		emit.out = open_memstream(&text, &size);
		kswap_counts_rows(&emit, "", &before, &after);
		fclose(emit.out);
		assert_int_equal(!!strstr(text, "group_written_bytes\tall\tB\t102\tok\n"), !i);
		assert_int_equal(!!strstr(text, "group_"), !i);
		free(text);
		after.of_group = false;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finish),	    cmocka_unit_test(test_file),
		cmocka_unit_test(test_failure),	    cmocka_unit_test(test_killed),
		cmocka_unit_test(test_hierarchies), cmocka_unit_test(test_version_2),
		cmocka_unit_test(test_limits),	    cmocka_unit_test(test_group_counts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
