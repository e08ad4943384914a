/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swap_device on a file of the machine: opening, and transfers by the caller itself. */
#include "pft/zswap/swap_device_native.h"

#include <errno.h>
#include <unistd.h>

enum { STALLS_MAX = 4 }; /* transfers of nothing, one after the other, before it is an error */

int swap_transfer(struct swap_device *device, uint64_t slot, char *page, size_t from, bool writing)
{
	off_t start = swap_slot_offset(slot);
	unsigned stalls = 0;

	while (from < SWAP_SLOT_SIZE) {
		size_t len = SWAP_SLOT_SIZE - from, next;
		ssize_t n;
		int rc = swap_fault(device, writing, &len);

		if (rc)
			return rc;
		n = writing ? pwrite(device->fd, page + from, len, start + from) :
			      pread(device->fd, page + from, len, start + from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (from + n == SWAP_SLOT_SIZE)
			break;
		stat_inc(&device->stat, SWAP_DEVICE_SHORT);
		next = swap_resume_at(device, from + n);
		stalls = next > from ? 0 : stalls + 1;
		if (stalls == STALLS_MAX)
			return -EIO; /* a read behind the end of a file that somebody cut off ends here */
		from = next;
	}
	return 0;
}

int swap_write_ended(struct swap_device *device, enum swap_device_event event, int error)
{
	stat_inc(&device->stat, error ? SWAP_DEVICE_WRITE_ERROR : event);
	return error;
}

/* Start the ring where it is wanted; with SWAP_IO_AUTO it may be missing. */
static int start_ring(struct swap_device *device, const struct swap_device_options *options,
		      struct why *why)
{
	int rc;

	if (options->io == SWAP_IO_PWRITE)
		return 0;
	rc = swap_ring_start(device, options->slot, options->io == SWAP_IO_URING ? why : NULL);
	device->uring = !rc;
	return options->io == SWAP_IO_URING ? rc : 0;
}

int swap_device_open(struct swap_device *device, const struct swap_device_options *options,
		     struct why *why)
{
	int rc;

	*device = (struct swap_device){.nr_slots = options->size >> SWAP_SLOT_SHIFT};
	if (!options->size || options->size % SWAP_SLOT_SIZE || options->size > INT64_MAX / 2)
		return why_not(why, EINVAL,
			       "a swap file of %llu bytes: give a multiple of %u, and not 0",
			       (unsigned long long)options->size, SWAP_SLOT_SIZE);
	if (stat_init(&device->stat, swap_device_events, NR_SWAP_DEVICE_EVENTS))
		return why_not(why, ENOMEM, "no memory for the counters of swap file '%s'",
			       options->path);
	rc = swap_file_open(device, options, why);
	if (rc)
		goto free_stat;
	rc = start_ring(device, options, why);
	if (rc)
		goto close_file;
	return 0;

close_file:
	swap_file_close(device);
free_stat:
	stat_release(&device->stat);
	return rc;
}

void swap_device_close(struct swap_device *device)
{
	if (device->ring)
		swap_ring_stop(device);
	swap_file_close(device);
	stat_release(&device->stat);
}

int swap_device_read(struct swap_device *device, uint64_t slot, void *page)
{
	int rc;

	swap_check_slot(device, slot);
	rc = swap_transfer(device, slot, page, 0, false);
	stat_inc(&device->stat, rc ? SWAP_DEVICE_READ_ERROR : SWAP_DEVICE_READ);
	return rc;
}

int swap_device_write(struct swap_device *device, uint64_t slot, const void *page)
{
	swap_check_slot(device, slot);
	return swap_write_ended(device, SWAP_DEVICE_WRITE,
				swap_transfer(device, slot, (char *)page, 0, true));
}

void swap_device_submit(struct swap_device *device, uint64_t slot, const void *page,
			void (*done)(void *arg, int error), void *arg)
{
	swap_check_slot(device, slot);
	if (device->ring) {
		if (swap_ring_queue(device->ring, slot, page, done, arg))
			return;
		stat_inc(&device->stat, SWAP_DEVICE_FULL_QUEUE);
	}
	done(arg, swap_device_write(device, slot, page));
}
