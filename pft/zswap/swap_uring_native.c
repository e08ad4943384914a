/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous writes by io_uring. One thread of the device owns the ring: workers put requests into
 * a queue, it takes the whole queue, submits it in one system call and waits in the same call for the first
 * completion; while it waits the next batch gathers. So the batches grow with the load by themselves,
 * the ring needs no lock, and the kernel's rule that requests of a thread that ends are cancelled
 * cannot hit a worker's.
 */
#include <errno.h>
#include <liburing.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "pft/base/rcu.h"
#include "pft/base/spinlock.h"
#include "pft/zswap/swap_device_native.h"

/* One write that is out. */
struct swap_request {
	struct swap_request *next; /* in a list */
	uint64_t slot;
	const char *page;
	void (*done)(void *arg, int error);
	void *arg;
};

struct swap_ring {
	struct swap_device *device;
	struct io_uring uring; /* the thread's alone */
	pthread_t thread;
	unsigned slot; /* the thread's */
	unsigned submitted; /* requests in the kernel's hands; the thread's alone */
	uint32_t stop; /* the thread is to end when nothing is out */
	/* Guards the two lists; innermost. */
	struct spinlock lock __attribute__((aligned(ARCH_PAIR)));
	struct swap_request *free;
	struct swap_request *queue, **queue_end; /* oldest first */
	/* Changes with each request that is queued; what the thread sleeps on when nothing is out. */
	uint32_t queued;
	uint32_t sleeps; /* the thread does, or is about to: queueing has to wake it */
	struct swap_request requests[SWAP_DEVICE_DEPTH];
};

bool swap_ring_queue(struct swap_ring *ring, uint64_t slot, const void *page,
		     void (*done)(void *arg, int error), void *arg)
{
	struct swap_request *request;

	spin_lock(&ring->lock);
	request = ring->free;
	if (request) {
		ring->free = request->next;
		*request = (struct swap_request){
			.slot = slot, .page = page, .done = done, .arg = arg};
		*ring->queue_end = request;
		ring->queue_end = &request->next;
		arch_xadd_relaxed(&ring->device->out, 1);
	}
	spin_unlock(&ring->lock);
	if (!request)
		return false;
	/* Full: the thread says that it sleeps before it looks at queued; pairs with sleep_until_queued(). */
	arch_xadd_full(&ring->queued, 1);
	if (arch_xadd_full(&ring->sleeps, 0))
		arch_wake(&ring->queued, 1);
	return true;
}

/* Take all that is queued. */
static struct swap_request *take_queue(struct swap_ring *ring)
{
	struct swap_request *queue;

	spin_lock(&ring->lock);
	queue = ring->queue;
	ring->queue = NULL;
	ring->queue_end = &ring->queue;
	spin_unlock(&ring->lock);
	return queue;
}

/* The end of a write: tell whoever asked for it, in this order: the request is free before done() may
 * submit the next one; it is out until done() has returned. */
static void request_end(struct swap_ring *ring, struct swap_request *request, int error)
{
	struct swap_device *device = ring->device;
	void (*done)(void *arg, int error) = request->done;
	void *arg = request->arg;

	swap_write_ended(device, SWAP_DEVICE_WRITE_ASYNC, error);
	spin_lock(&ring->lock);
	request->next = ring->free;
	ring->free = request;
	spin_unlock(&ring->lock);
	done(arg, error);
	/* Release: pairs with swap_device_drain(). */
	if (arch_xadd_release(&device->out, (uint32_t)-1) == 1)
		arch_wake(&device->out, INT_MAX);
}

/* Put a request into the submission queue, which has room for all that can be out. */
static void prepare(struct swap_ring *ring, struct swap_request *request)
{
	size_t len = SWAP_SLOT_SIZE;
	struct io_uring_sqe *sqe;
	int rc = swap_fault(ring->device, true, &len);

	if (rc) {
		request_end(ring, request, rc);
		return;
	}
	sqe = io_uring_get_sqe(&ring->uring);
	if (!sqe)
		BUG("no room in a ring for %u requests", SWAP_DEVICE_DEPTH);
	io_uring_prep_write(sqe, ring->device->fd, request->page, len,
			    swap_slot_offset(request->slot));
	io_uring_sqe_set_data(sqe, request);
	ring->submitted++;
}

/* What the kernel says of @request: all of it, a part, or an error. What was not tried, or only begun,
 * is finished here; a rare path, so by plain system calls. */
static void complete(struct swap_ring *ring, struct swap_request *request, int res)
{
	int error = res < 0 ? res : 0;

	ring->submitted--;
	if (res == -EAGAIN || res == -EINTR || res == -ECANCELED)
		res = 0;
	if (res >= 0 && res < SWAP_SLOT_SIZE) {
		stat_inc(&ring->device->stat, SWAP_DEVICE_SHORT);
		error = swap_transfer(ring->device, request->slot, (char *)request->page,
				      swap_resume_at(ring->device, res), true);
	}
	request_end(ring, request, error);
}

/* Give the kernel what was prepared, wait until something is complete, and end all that is. */
static void submit_and_reap(struct swap_ring *ring)
{
	struct io_uring_cqe *cqe;
	int rc = io_uring_submit_and_wait(&ring->uring, 1);

	/* What it could not take for want of memory stays in the queue for the next time. */
	if (rc < 0 && rc != -EINTR && rc != -EAGAIN && rc != -EBUSY)
		BUG("io_uring_enter() failed: %s", strerror(-rc));
	stat_inc(&ring->device->stat, SWAP_DEVICE_BATCH);
	while (!io_uring_peek_cqe(&ring->uring, &cqe)) {
		struct swap_request *request = io_uring_cqe_get_data(cqe);
		int res = cqe->res;

		io_uring_cqe_seen(&ring->uring, cqe);
		complete(ring, request, res);
	}
}

/* Sleep until something is queued after @seen of queued was read. */
static void sleep_until_queued(struct swap_ring *ring, uint32_t seen)
{
	/* Full: pairs with swap_ring_queue(), which changes queued before it looks at sleeps. */
	arch_xchg_full(&ring->sleeps, 1);
	if (arch_xadd_full(&ring->queued, 0) == seen)
		arch_wait(&ring->queued, seen, 0);
	arch_write_once(&ring->sleeps, 0);
}

static void *ring_thread(void *opaque)
{
	struct swap_ring *ring = opaque;

	arch_slot_enter(ring->slot);
	rcu_register_thread(); /* for done() */
	/* io_uring_enable_rings(), which liburing 2.3 declares and does not export. */
	if (io_uring_register(ring->uring.ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0) < 0)
		BUG("a ring that was just made cannot be enabled");
	for (;;) {
		/* Acquire: what was queued up to this number is in the queue, and stop. */
		uint32_t seen = arch_load_acquire(&ring->queued);
		struct swap_request *request = take_queue(ring), *next;

		if (!request && !ring->submitted) {
			if (arch_load_acquire(&ring->stop))
				break;
			sleep_until_queued(ring, seen);
			continue;
		}
		for (; request; request = next) {
			next = request->next;
			prepare(ring, request);
		}
		if (ring->submitted)
			submit_and_reap(ring);
	}
	rcu_unregister_thread();
	return NULL;
}

/* The kernel's cheapest ring of one submitting thread (6.1), or a plain one (5.10). */
static int ring_init(struct io_uring *uring)
{
	int rc = io_uring_queue_init(SWAP_DEVICE_DEPTH, uring,
				     IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER |
					     IORING_SETUP_DEFER_TASKRUN);

	return rc == -EINVAL ?
		       io_uring_queue_init(SWAP_DEVICE_DEPTH, uring, IORING_SETUP_R_DISABLED) :
		       rc;
}

int swap_ring_start(struct swap_device *device, unsigned slot, struct why *why)
{
	struct swap_ring *ring = aligned_alloc(ARCH_PAIR, sizeof(*ring));
	unsigned i;
	int rc;

	if (!ring)
		return why_not(why, ENOMEM, "no memory for a ring");
	*ring = (struct swap_ring){.device = device, .slot = slot, .queue_end = &ring->queue};
	for (i = 0; i < SWAP_DEVICE_DEPTH; i++) {
		ring->requests[i].next = ring->free;
		ring->free = &ring->requests[i];
	}
	rc = ring_init(&ring->uring);
	if (rc) {
		free(ring);
		return why_not(why, -rc, "the kernel gives no io_uring: %s: let pwrite do it",
			       strerror(-rc));
	}
	rc = pthread_create(&ring->thread, NULL, ring_thread, ring);
	if (rc) {
		io_uring_queue_exit(&ring->uring);
		free(ring);
		return why_not(why, rc, "no thread for the swap device: %s", strerror(rc));
	}
	device->ring = ring;
	return 0;
}

void swap_ring_stop(struct swap_device *device)
{
	struct swap_ring *ring = device->ring;

	arch_store_release(&ring->stop, 1);
	arch_xadd_full(&ring->queued, 1); /* pairs with sleep_until_queued() */
	arch_wake(&ring->queued, 1);
	pthread_join(ring->thread, NULL);
	io_uring_queue_exit(&ring->uring);
	free(ring);
	device->ring = NULL;
}
