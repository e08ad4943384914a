/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a swap file: made, locked, removed; taken over after a kill; other people's left alone. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pft/zswap/swap_device.h"

#define SIZE (1 << 20)

static char dir[] = "/var/tmp/pft_swap_file.XXXXXX", path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/swap", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	if (!rmdir(dir))
		return 0;
	unlink(path); /* a test failed, or left its file */
	rmdir(dir);
	return -1;
}

static int open_device(struct swap_device *device, uint64_t size, struct why *why)
{
	struct swap_device_options options = {.path = path, .size = size, .slot = 63};

	return swap_device_open(device, &options, why);
}

/* The open fails with @rc and one line that says @text, and changes nothing at the path. */
static void refused(uint64_t size, int rc, const char *text)
{
	struct swap_device device;
	struct stat before, after;
	struct why why = WHY_INIT;
	bool was = !lstat(path, &before);

	assert_int_equal(open_device(&device, size, &why), rc);
	if (!strstr(why.text, text) || strchr(why.text, '\n'))
		fail_msg("'%s' does not say '%s'", why.text, text);
	assert_int_equal(!lstat(path, &after), was);
	if (was) {
		assert_int_equal(before.st_ino, after.st_ino);
		assert_int_equal(before.st_size, after.st_size);
	}
}

static void put_file(const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	close(fd);
}

/* A run of its own: it opens the file, says whether that went well, and stays until it is killed. */
static pid_t run_of_its_own(void)
{
	struct swap_device device;
	char said = 0;
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		said = open_device(&device, SIZE, NULL) ? 'n' : 'y';
		if (write(pipes[1], &said, 1) == 1)
			pause();
		_exit(1);
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &said, 1), 1);
	assert_int_equal(said, 'y');
	close(pipes[0]);
	return pid;
}

static void private_and_removed(void **state)
{
	struct swap_device device;
	struct why why = WHY_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(open_device(&device, SIZE, &why), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_size, SIZE + SWAP_SLOT_SIZE);
	assert_int_equal(device.nr_slots, SIZE / SWAP_SLOT_SIZE);
	assert_false(device.taken_over);
	if (device.allocated)
		assert_true(st.st_blocks * 512 >= st.st_size);
	swap_device_close(&device);
	assert_int_equal(lstat(path, &st), -1);
}

static void second_run(void **state)
{
	struct swap_device device;
	struct why why = WHY_INIT;
	char process[32];
	pid_t pid = run_of_its_own();

	(void)state;
	snprintf(process, sizeof(process), "by process %d:", pid);
	refused(SIZE, -EBUSY, process);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);

	/* What it left is of use to the next one, and goes with it. */
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(open_device(&device, 2 * SIZE, &why), 0);
	assert_true(device.taken_over);
	assert_int_equal(device.nr_slots, 2 * SIZE / SWAP_SLOT_SIZE);
	swap_device_close(&device);
	assert_int_equal(access(path, F_OK), -1);
}

static void taken_over_file_is_in_use(void **state)
{
	struct swap_device device;
	struct why why = WHY_INIT;

	(void)state;
	put_file("", 0); /* killed before it wrote the header */
	assert_int_equal(open_device(&device, SIZE, &why), 0);
	assert_true(device.taken_over);
	refused(SIZE, -EBUSY, "is in use by process");
	swap_device_close(&device);
}

static void files_of_others(void **state)
{
	static char page[SWAP_SLOT_SIZE] = "SQLite format 3";
	char target[80];

	(void)state;
	put_file("a diary", 7);
	refused(SIZE, -EEXIST, "is no swap file of pft");
	unlink(path);
	put_file(page, sizeof(page));
	refused(SIZE, -EEXIST, "is no swap file of pft");
	unlink(path);

	assert_int_equal(mkfifo(path, 0600), 0);
	refused(SIZE, -EEXIST, "is no swap file of pft");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	refused(SIZE, -EISDIR, "cannot make swap file '/var/tmp");
	rmdir(path);

	/* A link, though it leads to a file that could be taken. */
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(symlink(target, path), 0);
	refused(SIZE, -ELOOP, "cannot make swap file '/var/tmp");
	assert_int_equal(access(target, F_OK), -1);
	unlink(path);
}

/* Somebody removed our file and put another there: that one stays. */
static void replaced_while_open(void **state)
{
	struct swap_device device;
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(open_device(&device, SIZE, &why), 0);
	unlink(path);
	put_file("a diary", 7);
	swap_device_close(&device);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

static void sizes(void **state)
{
	(void)state;
	refused(0, -EINVAL, "of 0 bytes");
	refused(SIZE + 1, -EINVAL, "of 1048577 bytes");
	refused(UINT64_MAX - 4095, -EINVAL, "give a multiple of 4096");
	refused(1ULL << 61, -EFBIG, "make it smaller");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_and_removed),
		cmocka_unit_test(second_run),
		cmocka_unit_test(taken_over_file_is_in_use),
		cmocka_unit_test(files_of_others),
		cmocka_unit_test(replaced_while_open),
		cmocka_unit_test(sizes),
	};

	alarm(60);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
