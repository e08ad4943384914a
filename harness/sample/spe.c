/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/spe.h"

#include <linux/perf_event.h>
#include <string.h>
#include <time.h>

#include "common/xalloc.h"

enum packet_kind {
	PACKET_PAD,
	PACKET_END, /* of a record without a timestamp */
	PACKET_TIMESTAMP, /* and end of the record */
	PACKET_EVENTS,
	PACKET_SOURCE, /* where the data came from */
	PACKET_OPERATION,
	PACKET_COUNTER, /* cycles */
	PACKET_ADDRESS,
	PACKET_OTHER, /* passed over */
};

struct packet {
	enum packet_kind kind;
	unsigned index; /* which counter or address, class of an operation */
	uint64_t payload;
};

/* The kinds whose header says how long the payload is, by the bits of the header that are fixed. */
static const struct {
	unsigned char mask, value;
	enum packet_kind kind;
	unsigned char index; /* bits of the header that are one */
} headers[] = {
	{0xff, 0x71, PACKET_TIMESTAMP, 0}, {0xcf, 0x42, PACKET_EVENTS, 0},
	{0xcf, 0x43, PACKET_SOURCE, 0},	   {0xfc, 0x48, PACKET_OPERATION, 3},
	{0xf8, 0x98, PACKET_COUNTER, 7},   {0xf8, 0xb0, PACKET_ADDRESS, 7},
};

#define HEADER_PAD	0x00
#define HEADER_END	0x01
#define HEADER_EXTENDED 0x20 /* with two more bits of an index; another byte follows */
#define CLASS_MEMORY	1 /* of operations: loads, stores, atomics */

enum { ADDRESS_PC = 0, ADDRESS_DATA = 2 };
enum { COUNTER_TOTAL = 0 };

/* Bits of the payload of PACKET_EVENTS. */
#define EVENT_L1D_ACCESS (1 << 2)
#define EVENT_L1D_REFILL (1 << 3)
#define EVENT_LLC_ACCESS (1 << 8)
#define EVENT_LLC_MISS	 (1 << 9)
#define EVENT_REMOTE	 (1 << 10)

/* One record, while it is read. */
struct record {
	bool begun, memory, store, sourced;
	uint64_t pc, address, latency, events, source, ticks;
};

static void identify(struct packet *p, unsigned header, unsigned extension)
{
	p->kind = PACKET_OTHER;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if ((header & headers[i].mask) != headers[i].value)
			continue;
		p->kind = headers[i].kind;
		p->index = (extension & 3) << 3 | (header & headers[i].index);
	}
}

/*
 * Take the packet that begins with @bytes, of which @left are there, at byte @position of the AUX area.
 * Returns its length; 0 if it is cut off, or of a form that this architecture does not have.
 */
static size_t take_packet(struct packet *p, const unsigned char *bytes, size_t left,
			  uint64_t position)
{
	unsigned extension = 0;
	size_t at = 1, len;

	*p = (struct packet){.kind = PACKET_PAD};
	if (bytes[0] == HEADER_PAD)
		return 1;
	if (bytes[0] == HEADER_END) {
		p->kind = PACKET_END;
		return 1;
	}
	if ((bytes[0] & 0xfc) == HEADER_EXTENDED) {
		if (left < 2)
			return 0;
		extension = bytes[0];
		at = 2;
		if (!bytes[1]) { /* up to the next multiple of a power of two */
			len = (size_t)2 << (bytes[0] & 0xf);
			len -= position & (len - 1);
			return len <= left ? len : 0;
		}
	}
	if (bytes[at - 1] < 0x40)
		return 0;
	len = (size_t)1 << (bytes[at - 1] >> 4 & 3);
	if (left < at + len)
		return 0;
	identify(p, bytes[at - 1], extension);
	for (size_t i = 0; i < len; i++) /* little-endian on every machine */
		p->payload |= (uint64_t)bytes[at + i] << 8 * i;
	return at + len;
}

static void add_packet(struct record *r, const struct packet *p)
{
	r->begun |= p->kind != PACKET_PAD;
	switch (p->kind) {
	case PACKET_TIMESTAMP:
		r->ticks = p->payload;
		break;
	case PACKET_EVENTS:
		r->events = p->payload;
		break;
	case PACKET_SOURCE:
		r->source = p->payload;
		r->sourced = true;
		break;
	case PACKET_OPERATION:
		r->memory = p->index == CLASS_MEMORY;
		r->store = p->payload & 1;
		break;
	case PACKET_COUNTER:
		if (p->index == COUNTER_TOTAL)
			r->latency = p->payload;
		break;
	case PACKET_ADDRESS:
		if (p->index == ADDRESS_PC)
			r->pc = p->payload;
		if (p->index == ADDRESS_DATA)
			r->address = p->payload;
		break;
	default:
		break;
	}
}

/* Bits 61 and 62 of a PC are the exception level: 0 for user code. */
static unsigned level_of(uint64_t pc)
{
	return pc >> 61 & 3;
}

/* Bits 56 and above of an address are no part of it: they are those of the half that it lies in. */
static uint64_t address_of(uint64_t payload, bool upper)
{
	uint64_t low = payload & (~(uint64_t)0 >> 8);

	return upper ? low | (uint64_t)0xff << 56 : low;
}

/* Where data came from, as Arm's cores number it, in the words of perf_event_open(2). Another core's cache
 * is a peer: whether it had changed the line is not told. */
static const struct {
	unsigned source, level, peer, remote;
} sources_of_arm[] = {
	{0x0, PERF_MEM_LVLNUM_L1, 0, 0},
	{0x8, PERF_MEM_LVLNUM_L2, 0, 0},
	{0x9, PERF_MEM_LVLNUM_ANY_CACHE, PERF_MEM_SNOOPX_PEER, 0}, /* core of this cluster */
	{0xa, PERF_MEM_LVLNUM_L3, PERF_MEM_SNOOPX_PEER, 0}, /* this cluster */
	{0xb, PERF_MEM_LVLNUM_L3, 0, 0}, /* cache of the system */
	{0xc, PERF_MEM_LVLNUM_L3, PERF_MEM_SNOOPX_PEER, 0}, /* another cluster */
	{0xd, PERF_MEM_LVLNUM_ANY_CACHE, PERF_MEM_SNOOPX_PEER, 1}, /* another socket */
	{0xe, PERF_MEM_LVLNUM_RAM, 0, 0},
};

/* By the events alone, which every SPE has; an access that missed no cache was near. */
static unsigned level_by_events(uint64_t events)
{
	if (events & EVENT_LLC_MISS)
		return PERF_MEM_LVLNUM_RAM;
	if (events & EVENT_REMOTE)
		return PERF_MEM_LVLNUM_ANY_CACHE;
	if (events & EVENT_LLC_ACCESS)
		return PERF_MEM_LVLNUM_L3;
	if (events & EVENT_L1D_REFILL)
		return PERF_MEM_LVLNUM_L2;
	return events & EVENT_L1D_ACCESS ? PERF_MEM_LVLNUM_L1 : PERF_MEM_LVLNUM_NA;
}

static uint64_t source_of(const struct record *r, bool sources)
{
	union perf_mem_data_src s = {
		.mem_op = r->store ? PERF_MEM_OP_STORE : PERF_MEM_OP_LOAD,
		.mem_lvl_num = level_by_events(r->events),
		.mem_remote = !!(r->events & EVENT_REMOTE),
	};

	for (size_t i = 0; i < sizeof(sources_of_arm) / sizeof(sources_of_arm[0]); i++)
		if (sources && r->sourced && r->source == sources_of_arm[i].source) {
			s.mem_lvl_num = sources_of_arm[i].level;
			s.mem_snoopx = sources_of_arm[i].peer;
			s.mem_remote = sources_of_arm[i].remote;
		}
	return s.val;
}

static uint64_t ns_of(const struct spe_clock *clock, uint64_t ticks)
{
	__int128 passed = (int64_t)(ticks - clock->ticks);

	return clock->ns + (uint64_t)(passed * 1000000000 / (__int128)clock->hz);
}

static void add_record(struct sample_log *log, const struct record *r,
		       const struct sample_aux *from, const struct spe_clock *clock, bool sources)
{
	unsigned el = level_of(r->pc);
	struct sample s = {
		.ip = address_of(r->pc, el > 0),
		.kernel = el == 1 || el == 2, /* 2: the kernel of a host */
		.foreign = el == 3,
		.exact = true,
		.pid = from->who.pid,
		.tid = from->who.tid,
		.ns = r->ticks ? ns_of(clock, r->ticks) : from->who.ns,
		.address = address_of(r->address, (r->address >> 52 & 0xf) == 0xf),
		.weight = r->latency,
		.source = source_of(r, sources),
		.cpu = from->who.cpu,
	};

	if (!r->memory || !r->pc)
		return;
	sample_log_on_cpu(log, &s);
	XGROW(log->samples, log->nr_samples, log->cap_samples);
	log->samples[log->nr_samples++] = s;
}

void spe_decode(struct sample_log *log, const void *data, size_t size,
		const struct sample_aux *from, const struct spe_clock *clock, bool sources)
{
	const unsigned char *bytes = data;
	struct record r = {0};
	struct packet p;
	size_t at, len;

	for (at = 0; at < size; at += len) {
		len = take_packet(&p, bytes + at, size - at, from->offset + at);
		if (!len)
			break;
		add_packet(&r, &p);
		if (p.kind == PACKET_END || p.kind == PACKET_TIMESTAMP) {
			add_record(log, &r, from, clock, sources);
			r = (struct record){0};
		}
	}
	log->lost += r.begun || at < size;
}

bool spe_has_sources(uint64_t midr)
{
	/* Neoverse N1, N2, N3, V1, V2, V3; Cortex-A720, A725, X1C, X3, X925. */
	static const unsigned parts[] = {0xd0c, 0xd49, 0xd8e, 0xd40, 0xd4f, 0xd84,
					 0xd81, 0xd87, 0xd4c, 0xd4e, 0xd85};

	if ((midr >> 24 & 0xff) != 0x41) /* Arm */
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if ((midr >> 4 & 0xfff) == parts[i])
			return true;
	return false;
}

bool spe_clock_now(struct spe_clock *clock)
{
#ifdef __aarch64__
	struct timespec now;

	__asm__ __volatile__("isb; mrs %0, cntvct_el0" : "=r"(clock->ticks)::"memory");
	clock_gettime(CLOCK_MONOTONIC, &now);
	__asm__ __volatile__("mrs %0, cntfrq_el0" : "=r"(clock->hz));
	clock->ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	return true;
#else
	*clock = (struct spe_clock){.hz = 1000000000};
	return false;
#endif
}
