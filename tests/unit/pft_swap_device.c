/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The swap device: contents by every way of writing, each transfer failed once, a full disk. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/rng.h"
#include "pft/zswap/swap_device.h"
#include "tests/unit/pft_workers.h"

#define SLOTS 512
#define DEVICE_SLOT 63

static char dir[] = "/var/tmp/pft_swap_device.XXXXXX", path[64], mounted[64], file[80];

/* The ways in which a device can be opened. */
static const struct way {
	enum swap_io io;
	bool buffered, sparse;
} ways[] = {
	{SWAP_IO_URING, false, false}, {SWAP_IO_URING, true, true},  {SWAP_IO_URING, true, false},
	{SWAP_IO_PWRITE, false, true}, {SWAP_IO_PWRITE, true, false},
};
#define NR_WAYS (sizeof(ways) / sizeof(*ways))

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/swap", dir);
	snprintf(mounted, sizeof(mounted), "%s/full", dir);
	snprintf(file, sizeof(file), "%s/swap", mounted);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	if (!rmdir(dir))
		return 0;
	/* A test failed, or left its file. */
	unlink(path);
	umount2(mounted, MNT_DETACH);
	rmdir(mounted);
	rmdir(dir);
	return -1;
}

static void open_way(struct swap_device *device, const struct way *way)
{
	struct swap_device_options options = {.path = path,
					      .size = SLOTS * SWAP_SLOT_SIZE,
					      .io = way->io,
					      .buffered = way->buffered,
					      .sparse = way->sparse,
					      .slot = DEVICE_SLOT};
	struct why why = WHY_INIT;

	if (swap_device_open(device, &options, &why))
		fail_msg("%s", why.text);
	assert_int_equal(device->uring, way->io == SWAP_IO_URING);
	assert_int_equal(device->align == 1, !device->direct);
	if (way->buffered)
		assert_false(device->direct);
	if (way->sparse)
		assert_false(device->allocated);
}

static void close_and_look(struct swap_device *device)
{
	swap_device_close(device);
	assert_int_equal(access(path, F_OK), -1);
}

/* A page that tells of which slot and which write it is in every word. */
static void fill(uint64_t *page, uint64_t slot, uint64_t version)
{
	unsigned i;

	for (i = 0; i < SWAP_SLOT_SIZE / 8; i++)
		page[i] = slot << 40 ^ version << 16 ^ i;
}

static bool is_filled(const uint64_t *page, uint64_t slot, uint64_t version)
{
	uint64_t expected[SWAP_SLOT_SIZE / 8];

	fill(expected, slot, version);
	return !memcmp(page, expected, sizeof(expected));
}

static uint64_t *pages_of(unsigned nr)
{
	void *pages = aligned_alloc(SWAP_SLOT_SIZE, (size_t)nr * SWAP_SLOT_SIZE);

	assert_non_null(pages);
	return pages;
}

/* One worker's share of the slots, and a buffer for each write that is out. */
struct writer {
	struct swap_device *device;
	uint64_t *pages;
	uint64_t versions[SLOTS]; /* what each slot was last written */
	struct pending {
		uint32_t out;
		int error;
	} pending[SLOTS];
	uint32_t ended;
};

static void written(void *arg, int error)
{
	struct pending *pending = arg;

	pending->error = error;
	arch_store_release(&pending->out, 0); /* the worker may write the slot's page again */
	arch_wake(&pending->out, 1);
}

static void wait_for(struct pending *pending)
{
	while (arch_load_acquire(&pending->out))
		arch_wait(&pending->out, 1, 0);
}

static uint64_t *page_of(struct writer *writer, uint64_t slot)
{
	return writer->pages + slot * SWAP_SLOT_SIZE / 8;
}

/* Random writes of both kinds and reads of slots that are @slot modulo the workers' number. */
static void write_and_read(unsigned worker, void *arg)
{
	struct writer *writer = arg;
	uint64_t *got = pages_of(1), slot;
	struct rng rng;
	unsigned i;

	rng_init(&rng, worker);
	for (i = 0; i < 600; i++) {
		slot = rng_below(&rng, SLOTS / 2) * 2 + worker - 1;
		wait_for(&writer->pending[slot]);
		if (rng_below(&rng, 3) == 0) {
			if (!writer->versions[slot])
				continue;
			assert_int_equal(swap_device_read(writer->device, slot, got), 0);
			assert_true(is_filled(got, slot, writer->versions[slot]));
			continue;
		}
		fill(page_of(writer, slot), slot, ++writer->versions[slot]);
		if (rng_below(&rng, 4) == 0) {
			assert_int_equal(swap_device_write(writer->device, slot,
							   page_of(writer, slot)), 0);
			continue;
		}
		arch_write_once(&writer->pending[slot].out, 1);
		swap_device_submit(writer->device, slot, page_of(writer, slot), written,
				   &writer->pending[slot]);
	}
	/* It leaves while its writes are out. */
	free(got);
}

static void random_contents(void **state)
{
	static struct writer writer;
	struct swap_device device;
	uint64_t slot, *got = pages_of(1), async, sync;
	unsigned i;

	(void)state;
	for (i = 0; i < NR_WAYS; i++) {
		open_way(&device, &ways[i]);
		memset(&writer, 0, sizeof(writer));
		writer.device = &device;
		writer.pages = pages_of(SLOTS);
		workers_run(2, write_and_read, &writer);
		swap_device_drain(&device);
		assert_int_equal(device.out, 0);
		for (slot = 0; slot < SLOTS; slot++) {
			assert_int_equal(writer.pending[slot].out, 0);
			assert_int_equal(writer.pending[slot].error, 0);
			if (!writer.versions[slot])
				continue;
			assert_int_equal(swap_device_read(&device, slot, got), 0);
			assert_true(is_filled(got, slot, writer.versions[slot]));
		}
		async = stat_sum(&device.stat, SWAP_DEVICE_WRITE_ASYNC);
		sync = stat_sum(&device.stat, SWAP_DEVICE_WRITE);
		assert_true(sync > 0);
		assert_int_equal(async > 0, device.uring);
		assert_int_equal(stat_sum(&device.stat, SWAP_DEVICE_WRITE_ERROR), 0);
		free(writer.pages);
		close_and_look(&device);
	}
	free(got);
}

/* More at once than may be out: the rest is written by the caller, and nobody waits for ever. */
static void count_ended(void *arg, int error)
{
	struct writer *writer = arg;

	assert_int_equal(error, 0);
	arch_xadd_relaxed(&writer->ended, 1);
}

static void more_than_the_queue_holds(void **state)
{
	static struct writer writer;
	struct swap_device device;
	uint64_t *got = pages_of(1), slot;
	unsigned round;

	(void)state;
	open_way(&device, &ways[0]);
	memset(&writer, 0, sizeof(writer));
	writer.pages = pages_of(SLOTS);
	for (slot = 0; slot < SLOTS; slot++)
		fill(page_of(&writer, slot), slot, 7);
	for (round = 0; round < 20 && !stat_sum(&device.stat, SWAP_DEVICE_FULL_QUEUE); round++)
		for (slot = 0; slot < SLOTS; slot++)
			swap_device_submit(&device, slot, page_of(&writer, slot), count_ended,
					   &writer);
	swap_device_drain(&device);
	assert_int_equal(writer.ended, round * SLOTS);
	assert_true(stat_sum(&device.stat, SWAP_DEVICE_FULL_QUEUE) > 0);
	for (slot = 0; slot < SLOTS; slot++) {
		assert_int_equal(swap_device_read(&device, slot, got), 0);
		assert_true(is_filled(got, slot, 7));
	}
	close_and_look(&device);
	free(writer.pages);
	free(got);
}

/* A write that is out when the device is closed is written and told first. */
static void close_waits(void **state)
{
	static struct writer writer;
	struct swap_device device;
	uint64_t slot;

	(void)state;
	open_way(&device, &ways[0]);
	memset(&writer, 0, sizeof(writer));
	writer.pages = pages_of(1);
	fill(writer.pages, 0, 0);
	for (slot = 0; slot < 100; slot++)
		swap_device_submit(&device, slot, writer.pages, count_ended, &writer);
	close_and_look(&device);
	assert_int_equal(writer.ended, 100);
	free(writer.pages);
}

static void record(void *arg, int error)
{
	*(int *)arg = error;
}

/* Some transfers of each sort; the errors of each in @errors. */
enum { NR_TRANSFERS = 6 };
static void transfers(struct swap_device *device, uint64_t *pages, int errors[NR_TRANSFERS])
{
	unsigned i;

	for (i = 0; i < 2; i++)
		errors[i] = swap_device_write(device, i, pages + i * SWAP_SLOT_SIZE / 8);
	for (; i < 4; i++) {
		swap_device_submit(device, i, pages + i * SWAP_SLOT_SIZE / 8, record, &errors[i]);
		swap_device_drain(device); /* one at a time: the nth is always the same one */
	}
	for (; i < NR_TRANSFERS; i++)
		errors[i] = swap_device_read(device, i - 4, pages + i * SWAP_SLOT_SIZE / 8);
}

/* The nth transfer fails, and that one alone, in its own way; a second attempt succeeds. */
static void fail_each(struct swap_device *device, enum fault_io kind, int expected)
{
	uint64_t *pages = pages_of(NR_TRANSFERS), n, shorts;
	int errors[NR_TRANSFERS];
	unsigned i, failed = 0;

	for (n = 1;; n++) {
		for (i = 0; i < NR_TRANSFERS; i++)
			fill(pages + i * SWAP_SLOT_SIZE / 8, i, n);
		shorts = stat_sum(&device->stat, SWAP_DEVICE_SHORT);
		arch_write_once(&fault_io_kind, kind);
		fault_inject_nth(&fault_inject_io, n, device);
		transfers(device, pages, errors);
		if (!fault_inject_stop(&fault_inject_io))
			break;
		failed++;
		for (i = 0; i < NR_TRANSFERS; i++)
			assert_int_equal(errors[i], n == i + 1 ? expected : 0);
		assert_int_equal(stat_sum(&device->stat, SWAP_DEVICE_SHORT) - shorts,
				 kind == FAULT_IO_SHORT);
		for (i = 0; i < 4; i++) /* what was to be written is as it was */
			assert_true(is_filled(pages + i * SWAP_SLOT_SIZE / 8, i, n));
		if (expected) {
			transfers(device, pages, errors);
			for (i = 0; i < NR_TRANSFERS; i++)
				assert_int_equal(errors[i], 0);
		}
		for (i = 4; i < NR_TRANSFERS; i++)
			assert_true(is_filled(pages + i * SWAP_SLOT_SIZE / 8, i - 4, n));
		assert_int_equal(swap_device_read(device, 3, pages + 3 * SWAP_SLOT_SIZE / 8), 0);
		assert_true(is_filled(pages + 3 * SWAP_SLOT_SIZE / 8, 3, n));
	}
	/* ENOSPC is for writes. A short transfer is two, but only one of them fails. */
	assert_int_equal(failed, kind == FAULT_IO_ENOSPC ? 4 : NR_TRANSFERS);
	free(pages);
}

static void each_transfer_fails_once(void **state)
{
	struct swap_device device;
	unsigned i;

	(void)state;
	for (i = 0; i < NR_WAYS; i++) {
		open_way(&device, &ways[i]);
		fail_each(&device, FAULT_IO_EIO, -EIO);
		fail_each(&device, FAULT_IO_ENOSPC, -ENOSPC);
		fail_each(&device, FAULT_IO_SHORT, 0);
		close_and_look(&device);
	}
}

/* A kernel that gives no io_uring: here, for want of a file descriptor. */
static void without_io_uring(void **state)
{
	struct swap_device_options options = {.path = path, .size = SLOTS * SWAP_SLOT_SIZE};
	struct swap_device device;
	struct rlimit limit, narrow;
	struct why why = WHY_INIT;
	uint64_t *page = pages_of(1);
	int next = open("/dev/null", O_RDONLY), error = 1;

	(void)state;
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	narrow = limit;
	narrow.rlim_cur = next + 1; /* the file, and no more */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &narrow), 0);
	options.io = SWAP_IO_URING;
	assert_int_equal(swap_device_open(&device, &options, &why), -EMFILE);
	assert_non_null(strstr(why.text, "the kernel gives no io_uring"));
	assert_int_equal(access(path, F_OK), -1);

	options.io = SWAP_IO_AUTO;
	assert_int_equal(swap_device_open(&device, &options, &why), 0);
	assert_false(device.uring);
	fill(page, 5, 1);
	swap_device_submit(&device, 5, page, record, &error);
	assert_int_equal(error, 0); /* already */
	assert_int_equal(swap_device_read(&device, 5, page), 0);
	assert_true(is_filled(page, 5, 1));
	close_and_look(&device);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	free(page);
}

/* Nothing but short transfers: they stop getting anywhere, and that is an error, not a loop. */
static void a_device_that_transfers_nothing(void **state)
{
	struct swap_device device;
	uint64_t *page = pages_of(1);
	int error = 0;
	unsigned i;

	(void)state;
	fill(page, 1, 1);
	for (i = 0; i < NR_WAYS; i++) {
		open_way(&device, &ways[i]);
		arch_write_once(&fault_io_kind, FAULT_IO_SHORT);
		fault_inject_share(&fault_inject_io, 1000000, 1, &device);
		assert_int_equal(swap_device_write(&device, 1, page), -EIO);
		swap_device_submit(&device, 1, page, record, &error);
		swap_device_drain(&device);
		assert_int_equal(error, -EIO);
		assert_int_equal(swap_device_read(&device, 1, page), -EIO);
		fault_inject_stop(&fault_inject_io);
		/* The same without injection: somebody cut the file off. */
		assert_int_equal(truncate(path, SWAP_SLOT_SIZE), 0);
		assert_int_equal(swap_device_read(&device, 1, page), -EIO);
		close_and_look(&device);
	}
	free(page);
}

/* A real disk without room: a small file system, and a file that promises more. */
static void full_disk(void **state)
{
	struct swap_device_options options = {.size = SLOTS * SWAP_SLOT_SIZE, .slot = DEVICE_SLOT};
	uint64_t *page = pages_of(1), slot;
	int error, errors[2] = {0};
	struct swap_device device;
	struct why why = WHY_INIT;

	(void)state;
	options.path = file;
	assert_int_equal(mkdir(mounted, 0700), 0);
	if (mount("none", mounted, "tmpfs", 0, "size=1m")) {
		error = errno;
		rmdir(mounted);
		free(page);
		print_message("a tmpfs cannot be mounted: %s\n", strerror(error));
		skip();
	}
	assert_int_equal(swap_device_open(&device, &options, &why), -ENOSPC);
	assert_non_null(strstr(why.text, "make it smaller"));
	assert_int_equal(access(file, F_OK), -1);

	options.sparse = true;
	assert_int_equal(swap_device_open(&device, &options, &why), 0);
	for (slot = 0; slot < SLOTS && !errors[0]; slot++) {
		fill(page, slot, 1);
		errors[0] = swap_device_write(&device, slot, page);
	}
	assert_int_equal(errors[0], -ENOSPC);
	swap_device_submit(&device, slot, page, record, &errors[1]);
	swap_device_drain(&device);
	assert_int_equal(errors[1], -ENOSPC);
	assert_int_equal(stat_sum(&device.stat, SWAP_DEVICE_WRITE_ERROR), 2);
	/* What was written is there; and its slots can be written again. */
	assert_int_equal(swap_device_read(&device, slot - 2, page), 0);
	assert_true(is_filled(page, slot - 2, 1));
	assert_int_equal(swap_device_write(&device, 0, page), 0);
	swap_device_close(&device);
	assert_int_equal(umount(mounted), 0);
	assert_int_equal(rmdir(mounted), 0);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_contents),
		cmocka_unit_test(more_than_the_queue_holds),
		cmocka_unit_test(close_waits),
		cmocka_unit_test(each_transfer_fails_once),
		cmocka_unit_test(without_io_uring),
		cmocka_unit_test(a_device_that_transfers_nothing),
		cmocka_unit_test(full_disk),
	};

	rcu_register_thread();
	alarm(120); /* a lost completion hangs: red, not silent */
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
