/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/sample/record.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

_Static_assert(SAMPLE_TYPE_BASE ==
		       (PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU),
	       "as in the kernel");
_Static_assert(SAMPLE_TYPE_DATA == (PERF_SAMPLE_ADDR | PERF_SAMPLE_WEIGHT | PERF_SAMPLE_DATA_SRC),
	       "as in the kernel");

/* Bytes behind each record but samples (sample_id_all): pid and tid, time, CPU. */
#define TRAILER 24

/* A record's body, while it is read. */
struct body {
	const unsigned char *next;
	size_t left;
	bool ended; /* something was wanted behind its end */
};

static uint64_t take_u64(struct body *b)
{
	uint64_t value = 0;

	if (b->left < sizeof(value)) {
		b->ended = true;
		return 0;
	}
	memcpy(&value, b->next, sizeof(value));
	b->next += sizeof(value);
	b->left -= sizeof(value);
	return value;
}

/* Two numbers of 32 bits. */
static void take_pair(struct body *b, uint32_t pair[2])
{
	uint64_t both = take_u64(b);

	memcpy(pair, &both, sizeof(both));
}

/* The order is that of perf_output_sample(). */
static bool decode_sample(struct sample_log *log, const struct perf_event_header *header,
			  struct body *b)
{
	unsigned mode = header->misc & PERF_RECORD_MISC_CPUMODE_MASK;
	struct sample s = {
		.kernel = mode == PERF_RECORD_MISC_KERNEL,
		.foreign = mode != PERF_RECORD_MISC_KERNEL && mode != PERF_RECORD_MISC_USER,
		.exact = header->misc & PERF_RECORD_MISC_EXACT_IP,
	};
	uint32_t pair[2];

	s.ip = take_u64(b);
	take_pair(b, pair);
	s.pid = (int)pair[0];
	s.tid = (int)pair[1];
	s.ns = take_u64(b);
	if (log->sample_type & PERF_SAMPLE_ADDR)
		s.address = take_u64(b);
	take_pair(b, pair);
	s.cpu = pair[0];
	if (log->sample_type & PERF_SAMPLE_WEIGHT)
		s.weight = take_u64(b);
	if (log->sample_type & PERF_SAMPLE_DATA_SRC)
		s.source = take_u64(b);
	if (b->ended)
		return false;
	XGROW(log->samples, log->nr_samples, log->cap_samples);
	log->samples[log->nr_samples++] = s;
	return true;
}

/* What stands behind each record but samples. Returns false if something was cut off. */
static bool decode_trailer(const struct body *b, struct sample_who *who)
{
	struct body trailer;
	uint32_t pair[2];

	if (b->ended || b->left < TRAILER)
		return false;
	trailer = (struct body){.next = b->next + b->left - TRAILER, .left = TRAILER};
	take_pair(&trailer, pair);
	who->pid = (int)pair[0];
	who->tid = (int)pair[1];
	who->ns = take_u64(&trailer);
	take_pair(&trailer, pair);
	who->cpu = pair[0];
	return true;
}

/* PERF_RECORD_MMAP2: pid, tid, start, length, offset, 24 bytes of inode or build id, protection and flags,
 * the path; then the trailer. */
static bool decode_map(struct sample_log *log, struct body *b)
{
	struct sample_map m = {0};
	uint32_t pair[2];
	struct sample_who who;
	size_t len;

	take_pair(b, pair);
	m.pid = (int)pair[0];
	m.start = take_u64(b);
	m.length = take_u64(b);
	m.offset = take_u64(b);
	for (int i = 0; i < 4; i++)
		take_u64(b);
	if (!decode_trailer(b, &who))
		return false;
	m.ns = who.ns;
	len = strnlen((const char *)b->next, b->left - TRAILER);
	if (len == b->left - TRAILER)
		return false;
	m.path = xstrndup((const char *)b->next, len);
	XGROW(log->maps, log->nr_maps, log->cap_maps);
	log->maps[log->nr_maps++] = m;
	return true;
}

/* PERF_RECORD_AUX: offset, size, flags; then the trailer. */
static bool decode_aux(struct sample_log *log, struct body *b)
{
	struct sample_aux a;
	uint64_t flags;

	a.offset = take_u64(b);
	a.size = take_u64(b);
	flags = take_u64(b);
	if (!decode_trailer(b, &a.who))
		return false;
	log->lost += !!(flags & (PERF_AUX_FLAG_TRUNCATED | PERF_AUX_FLAG_PARTIAL));
	XGROW(log->aux, log->nr_aux, log->cap_aux);
	log->aux[log->nr_aux++] = a;
	return true;
}

/* PERF_RECORD_SWITCH: nothing but the trailer. */
static bool decode_switch(struct sample_log *log, const struct perf_event_header *header,
			  struct body *b)
{
	struct sample_who who;

	if (!decode_trailer(b, &who))
		return false;
	if (header->misc & PERF_RECORD_MISC_SWITCH_OUT)
		return true;
	XGROW(log->switches, log->nr_switches, log->cap_switches);
	log->switches[log->nr_switches++] = who;
	return true;
}

static bool decode_record(struct sample_log *log, const struct perf_event_header *header,
			  struct body *b)
{
	switch (header->type) {
	case PERF_RECORD_SAMPLE:
		return decode_sample(log, header, b);
	case PERF_RECORD_MMAP2:
		return decode_map(log, b);
	case PERF_RECORD_AUX:
		return decode_aux(log, b);
	case PERF_RECORD_SWITCH:
		return decode_switch(log, header, b);
	case PERF_RECORD_LOST: /* id, number */
		take_u64(b);
		log->lost += take_u64(b);
		return !b->ended;
	case PERF_RECORD_LOST_SAMPLES: /* number; of those that the processor dropped */
		log->lost += take_u64(b);
		return !b->ended;
	case PERF_RECORD_THROTTLE:
		log->throttled++;
		return true;
	default:
		return true;
	}
}

void sample_log_init(struct sample_log *log, uint64_t sample_type)
{
	if ((sample_type & SAMPLE_TYPE_BASE) != SAMPLE_TYPE_BASE ||
	    sample_type & ~(uint64_t)(SAMPLE_TYPE_BASE | SAMPLE_TYPE_DATA))
		BUG("samples of type %#llx are not decoded", (unsigned long long)sample_type);
	*log = (struct sample_log){.sample_type = sample_type};
}

int sample_log_decode(struct sample_log *log, const void *data, size_t size, struct why *why)
{
	const unsigned char *bytes = data;
	size_t at = 0;

	while (at < size) {
		struct perf_event_header header;
		struct body body;

		if (size - at < sizeof(header))
			return why_not(why, EINVAL, "samples: half a record, at byte %zu", at);
		memcpy(&header, bytes + at, sizeof(header));
		if (header.size < sizeof(header) || header.size > size - at)
			return why_not(why, EINVAL, "samples: a record of %u bytes, at byte %zu",
				       header.size, at);
		body = (struct body){.next = bytes + at + sizeof(header),
				     .left = header.size - sizeof(header)};
		if (!decode_record(log, &header, &body))
			return why_not(why, EINVAL,
				       "samples: a record of kind %u is too short, at byte %zu",
				       header.type, at);
		at += header.size;
	}
	return 0;
}

void sample_log_on_cpu(const struct sample_log *log, struct sample *sample)
{
	/* What is looked for has just come: it is near the end. */
	for (size_t i = log->nr_switches; i-- > 0;) {
		const struct sample_who *s = &log->switches[i];

		if (s->cpu != sample->cpu || s->ns > sample->ns)
			continue;
		sample->pid = s->pid;
		sample->tid = s->tid;
		return;
	}
}

void sample_log_release(struct sample_log *log)
{
	for (size_t i = 0; i < log->nr_maps; i++)
		free(log->maps[i].path);
	free(log->maps);
	free(log->aux);
	free(log->switches);
	free(log->samples);
	*log = (struct sample_log){0};
}

size_t ring_copy(void *to, const void *ring, size_t size, uint64_t tail, uint64_t head)
{
	size_t start = tail & (size - 1), wanted = head - tail, first;

	if (head - tail > size)
		return 0;
	first = wanted < size - start ? wanted : size - start;
	memcpy(to, (const char *)ring + start, first);
	memcpy((char *)to + first, ring, wanted - first);
	return wanted;
}

/* Where the newer field of the level is filled, it is the exact one. */
static enum source_level level_of(union perf_mem_data_src s)
{
	switch (s.mem_lvl_num) {
	case PERF_MEM_LVLNUM_L1:
	case PERF_MEM_LVLNUM_L2:
	case PERF_MEM_LVLNUM_LFB:
		return SOURCE_NEAR;
	case PERF_MEM_LVLNUM_L3:
	case PERF_MEM_LVLNUM_L4:
	case PERF_MEM_LVLNUM_CXL:
	case PERF_MEM_LVLNUM_ANY_CACHE:
	case PERF_MEM_LVLNUM_RAM:
	case PERF_MEM_LVLNUM_PMEM:
		return SOURCE_FAR;
	default:
		break;
	}
	if (s.mem_lvl & (PERF_MEM_LVL_L3 | PERF_MEM_LVL_LOC_RAM | PERF_MEM_LVL_REM_RAM1 |
			 PERF_MEM_LVL_REM_RAM2 | PERF_MEM_LVL_REM_CCE1 | PERF_MEM_LVL_REM_CCE2))
		return SOURCE_FAR;
	/* "L1 miss" is all that older processors say of stores. */
	if (s.mem_lvl & PERF_MEM_LVL_MISS)
		return SOURCE_FAR;
	if (s.mem_lvl & (PERF_MEM_LVL_L1 | PERF_MEM_LVL_L2 | PERF_MEM_LVL_LFB))
		return SOURCE_NEAR;
	return SOURCE_UNKNOWN;
}

struct source source_decode(uint64_t source)
{
	union perf_mem_data_src s = {.val = source};
	bool changed = s.mem_snoop & PERF_MEM_SNOOP_HITM || s.mem_snoopx & PERF_MEM_SNOOPX_PEER;
	bool remote = s.mem_remote || s.mem_lvl & (PERF_MEM_LVL_REM_CCE1 | PERF_MEM_LVL_REM_CCE2 |
						   PERF_MEM_LVL_REM_RAM1 | PERF_MEM_LVL_REM_RAM2);

	return (struct source){
		.load = s.mem_op & PERF_MEM_OP_LOAD,
		.store = s.mem_op & PERF_MEM_OP_STORE,
		.level = level_of(s),
		.hitm_local = changed && !remote,
		.hitm_remote = changed && remote,
	};
}
