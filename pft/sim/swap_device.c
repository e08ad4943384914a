/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap_device: a device of the simulated machine, in the host's memory. A transfer takes its latency and its
 * share of the device's bandwidth; the caller sleeps meanwhile. Asynchronous writes are queued to a thread,
 * as the machine's own are, and done() runs in that.
 */
#include "pft/zswap/swap_device_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/xalloc.h"
#include "pft/base/compiler.h"
#include "pft/sim/model.h"

/* A write under way. */
struct write {
	void (*done)(void *arg, int error);
	void *arg;
	uint64_t end; /* ps */
};

/* What struct swap_device calls its ring: the writes under way, in their order, and the thread that ends
 * them. */
struct swap_ring {
	struct swap_device *device;
	struct vcpu *thread;
	unsigned slot;
	uint32_t queued; /* writes ever queued, or a stop; the thread sleeps on it */
	uint32_t ended;
	bool stop;
	char *slots; /* contents */
	uint64_t busy_until; /* ps */
	struct write writes[SWAP_DEVICE_DEPTH];
};

/* When a transfer that is asked for now will be over. */
static uint64_t end_of(struct swap_ring *ring, double ns)
{
	const struct machine *m = model_machine();
	uint64_t now = vcpu_self->event.time;

	if (ring->busy_until < now)
		ring->busy_until = now;
	if (m->swap_gbs > 0)
		ring->busy_until += ps_of(SWAP_SLOT_SIZE / m->swap_gbs);
	return ring->busy_until + ps_of(ns);
}

/* Sleep until @time. */
static void sleep_until(uint64_t time)
{
	uint32_t word = 0;

	if (time > vcpu_self->event.time)
		vcpu_wait(&word, 0, time - vcpu_self->event.time);
}

/* End the writes in their order. */
static void end_writes(void *arg)
{
	struct swap_ring *ring = arg;
	struct write write;

	arch_slot_enter(ring->slot);
	for (;;) {
		while (ring->ended == ring->queued && !ring->stop)
			vcpu_wait(&ring->queued, ring->ended, 0);
		if (ring->ended == ring->queued)
			return;
		write = ring->writes[ring->ended % SWAP_DEVICE_DEPTH];
		sleep_until(write.end);
		ring->ended++;
		stat_inc(&ring->device->stat, SWAP_DEVICE_WRITE_ASYNC);
		write.done(write.arg, 0);
		if (arch_xadd_release(&ring->device->out, -1u) == 1)
			arch_wake(&ring->device->out, UINT32_MAX);
	}
}

int swap_device_open(struct swap_device *device, const struct swap_device_options *options,
		     struct why *why)
{
	struct swap_ring *ring;

	*device = (struct swap_device){.fd = -1,
				       .nr_slots = options->size >> SWAP_SLOT_SHIFT,
				       .uring = options->io != SWAP_IO_PWRITE,
				       .align = 1};
	if (!options->size || options->size % SWAP_SLOT_SIZE)
		return why_not(why, EINVAL,
			       "a swap device of %llu bytes: give a multiple of %u, and not 0",
			       (unsigned long long)options->size, SWAP_SLOT_SIZE);
	if (stat_init(&device->stat, swap_device_events, NR_SWAP_DEVICE_EVENTS))
		return why_not(why, ENOMEM, "no memory for the counters of the swap device");
	ring = xcalloc(1, sizeof(*ring));
	device->ring = ring;
	ring->device = device;
	ring->slot = options->slot;
	ring->slots = mmap(NULL, options->size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ring->slots == MAP_FAILED) {
		stat_release(&device->stat);
		free(ring);
		return why_not(why, ENOMEM, "no memory for a swap device of %llu bytes",
			       (unsigned long long)options->size);
	}
	device->path = xstrdup("simulated");
	if (device->uring)
		ring->thread = vcpu_start(0, end_writes, ring);
	return 0;
}

void swap_device_close(struct swap_device *device)
{
	struct swap_ring *ring = device->ring;

	if (ring->thread) {
		ring->stop = true;
		vcpu_wake(&ring->queued, 1, 0, 0);
		vcpu_join(ring->thread);
	}
	munmap(ring->slots, device->nr_slots << SWAP_SLOT_SHIFT);
	free(ring);
	free(device->path);
	stat_release(&device->stat);
}

static char *contents(struct swap_device *device, uint64_t slot)
{
	swap_check_slot(device, slot);
	return device->ring->slots + (slot << SWAP_SLOT_SHIFT);
}

int swap_device_read(struct swap_device *device, uint64_t slot, void *page)
{
	size_t len =
		SWAP_SLOT_SIZE; /* a transfer that stops goes on here at once: nothing is short */
	int rc = swap_fault(device, false, &len);

	vcpu_yield();
	sleep_until(end_of(device->ring, model_machine()->swap_read_ns));
	if (!rc)
		memcpy(page, contents(device, slot), SWAP_SLOT_SIZE);
	stat_inc(&device->stat, rc ? SWAP_DEVICE_READ_ERROR : SWAP_DEVICE_READ);
	return rc;
}

int swap_device_write(struct swap_device *device, uint64_t slot, const void *page)
{
	size_t len = SWAP_SLOT_SIZE; /* as above */
	int rc = swap_fault(device, true, &len);

	vcpu_yield();
	if (!rc)
		memcpy(contents(device, slot), page, SWAP_SLOT_SIZE);
	sleep_until(end_of(device->ring, model_machine()->swap_write_ns));
	stat_inc(&device->stat, rc ? SWAP_DEVICE_WRITE_ERROR : SWAP_DEVICE_WRITE);
	return rc;
}

void swap_device_submit(struct swap_device *device, uint64_t slot, const void *page,
			void (*done)(void *arg, int error), void *arg)
{
	struct swap_ring *ring = device->ring;

	vcpu_yield();
	if (!ring->thread || fault_inject_armed(&fault_inject_io)) {
		done(arg, swap_device_write(device, slot, page));
		return;
	}
	if (ring->queued - ring->ended == SWAP_DEVICE_DEPTH) {
		stat_inc(&device->stat, SWAP_DEVICE_FULL_QUEUE);
		done(arg, swap_device_write(device, slot, page));
		return;
	}
	memcpy(contents(device, slot), page, SWAP_SLOT_SIZE);
	arch_xadd_relaxed(&device->out, 1u);
	ring->writes[ring->queued % SWAP_DEVICE_DEPTH] =
		(struct write){done, arg, end_of(ring, model_machine()->swap_write_ns)};
	ring->queued++;
	vcpu_wake(&ring->queued, 1, 0, 0);
}
