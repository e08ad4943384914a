/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap_device: a file of 4 KiB slots on a real file system; what swap_info_struct and mm/page_io.c
 * are to the kernel, below its slot map. Contents are volatile: nothing survives a close.
 *
 * The file's first page is a header, as a swap area's is; slot 0 follows it. The file is locked for
 * as long as it is open, so that a second run is told so, and removed at close. What a killed run left
 * is known by its header and by nobody holding its lock: the next open takes it over.
 *
 * Writeback is asynchronous through io_uring. The device has a thread of its own, which is its
 * interrupt handler: it alone touches the ring, submits what workers queued, reaps, and calls done().
 * So no worker ever waits for another's completion to be reaped, and one that submits and leaves, or
 * ends, leaves nothing behind. Without io_uring (no such kernel, seccomp, or asked for), or when more
 * than SWAP_DEVICE_DEPTH requests are out, swap_device_submit() writes by pwrite(2) in the caller.
 *
 * A short transfer goes on where it stopped. EIO, ENOSPC and the like go to the caller or its done(),
 * with the page as it was; a slot whose write failed holds anything.
 *
 * The device's one lock, of the queue to its thread, is innermost.
 */
#ifndef PFT_ZSWAP_SWAP_DEVICE_H
#define PFT_ZSWAP_SWAP_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/say.h"
#include "pft/base/arch.h"
#include "pft/base/fault_inject.h"
#include "pft/base/stat.h"

enum {
	SWAP_SLOT_SHIFT = 12,
	SWAP_SLOT_SIZE = 1 << SWAP_SLOT_SHIFT,
	SWAP_DEVICE_DEPTH = 256, /* most asynchronous requests that are out at once */
};

/* How swap_device_submit() writes. */
enum swap_io {
	SWAP_IO_AUTO, /* io_uring where the kernel lets us, else pwrite(2) */
	SWAP_IO_URING, /* io_uring, or the open fails */
	SWAP_IO_PWRITE, /* pwrite(2) in the caller; no thread */
};

struct swap_device_options {
	const char *path; /* of the file; made by the open, removed by the close */
	uint64_t size; /* bytes of slots, a multiple of SWAP_SLOT_SIZE */
	enum swap_io io;
	bool buffered; /* no O_DIRECT even where the file system has it */
	bool sparse; /* do not allocate the blocks before use: writes may meet ENOSPC */
	unsigned slot; /* of arch.h, for the device's thread: done() runs in it; taken by no worker */
};

/* What the device counts, in the row of who did it. */
enum swap_device_event {
	SWAP_DEVICE_READ, /* pages read */
	SWAP_DEVICE_WRITE, /* pages written by the caller itself */
	SWAP_DEVICE_WRITE_ASYNC, /* pages written through the ring */
	SWAP_DEVICE_FULL_QUEUE, /* submits that found SWAP_DEVICE_DEPTH requests out and wrote themselves */
	SWAP_DEVICE_BATCH, /* system calls of the ring: each submits what is queued, and waits */
	SWAP_DEVICE_SHORT, /* transfers that stopped early and were continued */
	SWAP_DEVICE_READ_ERROR, /* reads that failed */
	SWAP_DEVICE_WRITE_ERROR, /* writes that failed */
	NR_SWAP_DEVICE_EVENTS
};

struct swap_ring;

struct swap_device {
	int fd;
	uint64_t nr_slots;
	/* What the file system and the kernel gave: for rows, so that results say it. */
	bool direct; /* O_DIRECT */
	bool uring; /* asynchronous writes by io_uring */
	bool allocated; /* all blocks before the first write */
	bool taken_over; /* a file that a killed run left */
	uint32_t align; /* bytes to which an offset in a slot must be aligned; 1 without O_DIRECT */
	char *path;
	struct stat_table stat; /* enum swap_device_event */
	struct swap_ring *ring; /* NULL without io_uring */
	/* Asynchronous writes whose done() has not returned; swap_device_drain() sleeps on it. */
	uint32_t out __attribute__((aligned(ARCH_PAIR)));
};

/*
 * Every transfer asks it (a resumed one again); a failing one behaves as fault_io_kind says. Its
 * `only` is the struct swap_device.
 */
extern struct fault_inject fault_inject_io;
enum fault_io {
	FAULT_IO_EIO,
	FAULT_IO_ENOSPC, /* writes only: reads do not ask then */
	FAULT_IO_SHORT, /* half of it is transferred */
};
/* Which (enum fault_io); set by arch_write_once() before fault_inject_io is armed. */
extern uint32_t fault_io_kind;

/*
 * Make the file, lock it, and start the device's thread. Returns 0, or -errno with one line for a
 * person in @why: -EBUSY if another run has the file, -EEXIST if it is somebody's file and no swap
 * file, -ENOSPC if the disk has no room, -EINVAL for a size of no slots.
 */
int swap_device_open(struct swap_device *device, const struct swap_device_options *options,
		     struct why *why);

/* Wait for all asynchronous writes, end the thread, remove the file. No call may be under way. */
void swap_device_close(struct swap_device *device);

/* Read slot @slot into @page (4 KiB, aligned to that) now: 0 or -EIO and the like, @page then holding
 * anything. Any worker, holding no spinlock. swap_read_folio(). */
int swap_device_read(struct swap_device *device, uint64_t slot, void *page);

/* Write @page to slot @slot now: 0, -EIO, -ENOSPC, ... Any worker, holding no spinlock. */
int swap_device_write(struct swap_device *device, uint64_t slot, const void *page);

/*
 * Write @page to slot @slot; then done(@arg, 0 or -errno), once: in the device's thread later, or in
 * the caller before this returns. @page stays as it is until then. done() may take spinlocks and wake
 * workers; it must not wait for a worker that may wait for I/O. Any worker, holding no spinlock, nor
 * anything that done() takes. swap_writepage_bdev_async().
 */
void swap_device_submit(struct swap_device *device, uint64_t slot, const void *page,
			void (*done)(void *arg, int error), void *arg);

/* Wait until nothing that was submitted is out: every done() has returned. Not from done(). */
void swap_device_drain(struct swap_device *device);

#endif
