/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/sampler.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/sample/spe.h"
#include "harness/sysfs.h"

/* What kernel.perf_event_mlock_kb lets everybody have per CPU. */
#define RING_BYTES ((size_t)512 << 10)
#define RING_LEAST ((size_t)16 << 10)
#define AUX_BYTES  (2 * RING_BYTES) /* of records of SPE, 64 bytes or less each */

struct sampler_ring {
	int fd;
	void *map; /* the control page, then the ring */
	size_t page, size; /* bytes of both */
	void *aux; /* NULL: samples are in the ring */
	size_t aux_size;
};

static struct sampler *sampler_of(struct child_watch *watch)
{
	return (struct sampler *)((char *)watch - offsetof(struct sampler, watch));
}

/* Take the pieces of the AUX area that the ring told of: what they hold is older than the records that tell
 * of them, which were read with acquire. The tail says that the area may be written again. */
static void drain_aux(struct sampler *s, struct sampler_ring *r)
{
	struct perf_event_mmap_page *control = r->map;
	struct spe_clock now;

	spe_clock_now(&now);
	for (size_t i = 0; r->aux && i < s->log.nr_aux; i++) {
		const struct sample_aux *a = &s->log.aux[i];
		size_t n =
			ring_copy(s->scratch, r->aux, r->aux_size, a->offset, a->offset + a->size);

		spe_decode(&s->log, s->scratch, n, a, &now, s->event->spe_sources);
		__atomic_store_n(&control->aux_tail, a->offset + a->size, __ATOMIC_RELEASE);
	}
	s->log.nr_aux = 0;
}

/* Take what the ring holds. The kernel's head is written after the records that it counts: acquire pairs
 * with its release in perf_output_put_handle(); the tail says that they may be overwritten. */
static void drain(struct sampler *s, struct sampler_ring *r)
{
	struct perf_event_mmap_page *control = r->map;
	uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = control->data_tail;
	size_t n = ring_copy(s->scratch, (char *)r->map + r->page, r->size, tail, head);

	__atomic_store_n(&control->data_tail, head, __ATOMIC_RELEASE);
	if (!s->err)
		s->err = sample_log_decode(&s->log, s->scratch, n, &s->why);
	drain_aux(s, r);
}

static void on_readable(struct child_watch *watch)
{
	struct sampler *s = sampler_of(watch);
	struct epoll_event ignored[16];

	/* The rings are edges to epoll, and few: look at all of them. */
	while (epoll_wait(watch->fd, ignored, 16, 0) == 16)
		;
	for (unsigned i = 0; i < s->nr_rings; i++)
		drain(s, &s->rings[i]);
}

static int cannot_map(struct why *why)
{
	return why_not(
		why, errno,
		"cannot map a ring buffer: %s; see kernel.perf_event_mlock_kb and 'ulimit -l'",
		strerror(errno));
}

/* As much as the limit on locked memory allows. */
static int map_ring(struct sampler_ring *r, struct why *why)
{
	r->page = (size_t)sysconf(_SC_PAGESIZE);
	for (r->size = RING_BYTES; r->size >= RING_LEAST; r->size /= 2) {
		r->map =
			mmap(NULL, r->page + r->size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
		if (r->map != MAP_FAILED)
			return 0;
		if (errno != EPERM && errno != ENOMEM)
			break;
	}
	r->map = NULL;
	return cannot_map(why);
}

/* The AUX area lies behind the ring; the control page has to say where, and how long, before. */
static int map_aux(struct sampler_ring *r, struct why *why)
{
	struct perf_event_mmap_page *control = r->map;
	size_t least = 2 * r->page; /* of SPE's driver */

	control->aux_offset = r->page + r->size;
	for (r->aux_size = AUX_BYTES; r->aux_size >= least; r->aux_size /= 2) {
		control->aux_size = r->aux_size;
		r->aux = mmap(NULL, r->aux_size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
			      (off_t)control->aux_offset);
		if (r->aux != MAP_FAILED)
			return 0;
		if (errno != EPERM && errno != ENOMEM)
			break;
	}
	r->aux = NULL;
	return cannot_map(why);
}

static int open_ring(struct sampler *s, pid_t pid, unsigned cpu, struct why *why)
{
	struct perf_event_attr attr = s->event->attr;
	struct epoll_event in = {.events = EPOLLIN};
	struct sampler_ring *r = &s->rings[s->nr_rings];
	int err;

	attr.inherit = 1;
	attr.enable_on_exec = 1;
	attr.mmap = 1;
	attr.mmap2 = 1;
	attr.watermark = 1;
	attr.wakeup_watermark = RING_LEAST / 2;
	*r = (struct sampler_ring){0};
	r->fd = (int)syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (r->fd < 0 && errno == ENOENT && s->event->spe)
		return 0; /* one of the cores without it */
	if (r->fd < 0)
		return why_not(why, errno, "cannot sample '%s' on CPU %u: %s", s->event->name, cpu,
			       strerror(errno));
	s->nr_rings++;
	if (epoll_ctl(s->watch.fd, EPOLL_CTL_ADD, r->fd, &in))
		return why_not(why, errno, "cannot watch a ring buffer: %s", strerror(errno));
	err = map_ring(r, why);
	return err || !s->event->spe ? err : map_aux(r, why);
}

static int on_forked(struct child_watch *watch, pid_t pid, struct why *why)
{
	struct sampler *s = sampler_of(watch);
	char *online = sysfs_read("", "/sys/devices/system/cpu/online");
	struct id_list cpus = {0};
	int err = id_list_parse(online ? online : "", &cpus, why);

	free(online);
	if (err)
		return why_within(why, -err, "which CPUs are online");
	watch->fd = epoll_create1(EPOLL_CLOEXEC);
	if (watch->fd < 0)
		err = why_not(why, errno, "cannot watch ring buffers: %s", strerror(errno));
	s->rings = xcalloc(cpus.nr, sizeof(*s->rings));
	s->scratch = xmalloc(s->event->spe ? AUX_BYTES : RING_BYTES);
	for (size_t i = 0; i < cpus.nr && !err; i++)
		err = open_ring(s, pid, cpus.ids[i], why);
	id_list_release(&cpus);
	return err;
}

void sampler_init(struct sampler *s, const struct sample_event *event)
{
	*s = (struct sampler){.event = event};
	s->watch = (struct child_watch){.forked = on_forked, .readable = on_readable, .fd = -1};
	sample_log_init(&s->log, event->attr.sample_type);
}

int sampler_finish(struct sampler *s, struct why *why)
{
	if (s->watch.fd >= 0)
		on_readable(&s->watch);
	return s->err ? why_not(why, -s->err, "%s", s->why.text) : 0;
}

void sampler_release(struct sampler *s)
{
	for (unsigned i = 0; i < s->nr_rings; i++) {
		if (s->rings[i].aux)
			munmap(s->rings[i].aux, s->rings[i].aux_size);
		if (s->rings[i].map)
			munmap(s->rings[i].map, s->rings[i].page + s->rings[i].size);
		close(s->rings[i].fd);
	}
	if (s->watch.fd >= 0)
		close(s->watch.fd);
	free(s->rings);
	free(s->scratch);
	sample_log_release(&s->log);
	s->watch.fd = -1;
	s->rings = NULL;
	s->scratch = NULL;
	s->nr_rings = 0;
}
