/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/measure_machine.h"

#include <errno.h>
#include <hwloc.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "harness/measure.h"

#define MEMORY_LEAST (64ul << 20) /* of a buffer that is to be in memory */
#define MEMORY_MOST  (512ul << 20)

struct cache {
	uint64_t bytes;
	unsigned ways;
	bool inclusive;
	unsigned cores; /* that share it */
};

struct shape {
	const struct topology *topology;
	struct cache l1, l2, llc;
	unsigned cores; /* of a socket */
	unsigned threads;
};

/* The cache of @level over the first CPU; none leaves it 0. */
static struct cache cache_of(hwloc_topology_t hwloc, hwloc_obj_type_t type)
{
	hwloc_obj_t obj = hwloc_get_obj_by_type(hwloc, type, 0);
	struct cache cache = {0};
	const char *inclusive;

	if (!obj)
		return cache;
	inclusive = hwloc_obj_get_info_by_name(obj, "Inclusive");
	cache.bytes = obj->attr->cache.size;
	cache.ways = obj->attr->cache.associativity > 0 ? obj->attr->cache.associativity : 16;
	cache.inclusive = inclusive && *inclusive == '1';
	cache.cores = hwloc_get_nbobjs_inside_cpuset_by_type(hwloc, obj->cpuset, HWLOC_OBJ_CORE);
	return cache;
}

static int shape_init(struct shape *s, const struct topology *t, struct why *why)
{
	*s = (struct shape){.topology = t,
			    .l1 = cache_of(t->hwloc, HWLOC_OBJ_L1CACHE),
			    .l2 = cache_of(t->hwloc, HWLOC_OBJ_L2CACHE),
			    .llc = cache_of(t->hwloc, HWLOC_OBJ_L3CACHE),
			    .cores = t->nr_cores / t->nr_packages,
			    .threads = t->nr_cpus / t->nr_cores};
	if (s->cores * t->nr_packages != t->nr_cores || s->threads * t->nr_cores != t->nr_cpus)
		return why_not(why, EINVAL,
			       "%s: a model has as many cores in each socket, and as many CPUs in "
			       "each core",
			       t->text);
	if (!s->l1.bytes)
		return why_not(why, EINVAL, "nothing tells the size of the caches here");
	return 0;
}

static void write_cache(FILE *out, const char *name, const struct cache *cache)
{
	fprintf(out, "%s_size = %lluK\n%s_ways = %u\n", name,
		(unsigned long long)cache->bytes / 1024, name, cache->ways ? cache->ways : 16);
}

static void write_shape(FILE *out, const struct shape *s)
{
	fprintf(out,
		"# What does a change of the fault path's locks cost on this machine?\n"
		"# Written by 'faultscale machine measure' on %s.\n"
		"sockets = %u\ncores = %u\nthreads = %u\nnodes = %u\n\n# Shape and sizes: hwloc.\n",
		s->topology->text, s->topology->nr_packages, s->cores, s->threads,
		s->topology->nr_nodes);
	if (s->llc.cores && s->llc.cores < s->cores)
		fprintf(out, "llc_cores = %u\n", s->llc.cores);
	write_cache(out, "l1", &s->l1);
	write_cache(out, "l2", &s->l2);
	write_cache(out, "llc", &s->llc);
	fprintf(out, "llc_inclusive = %s\n", s->llc.inclusive ? "yes" : "no");
}

/* A buffer that fits into @cache beside what else is there, in a guest maybe others' lines, but not into the
 * one below. */
static int write_level(FILE *out, const char *name, const struct shape *s,
		       const struct cache *cache, const struct cache *below, struct why *why)
{
	unsigned cpu = s->topology->cpus[0].os_cpu;
	size_t bytes = cache->bytes / 2, enough = 4 * below->bytes;
	double ns;
	int err;

	if (!cache->bytes) {
		fprintf(out, "%s_ns = 0 # there is none\n", name);
		return 0;
	}
	bytes = enough && enough < bytes ? enough : bytes;
	err = measure_chase(cpu, cpu, bytes, &ns, why);
	if (!err)
		fprintf(out, "%s_ns = %.1f # dependent loads from %zu KiB\n", name, ns,
			bytes / 1024);
	return err;
}

/* The first CPU of another node, or NULL. */
static const struct topology_cpu *other_node(const struct topology *t)
{
	for (unsigned i = 1; i < t->nr_cpus; i++)
		if (t->cpus[i].node != t->cpus[0].node)
			return &t->cpus[i];
	return NULL;
}

static int write_memory(FILE *out, const struct shape *s, struct why *why)
{
	const struct topology_cpu *cpu = s->topology->cpus, *other = other_node(s->topology);
	size_t bytes = 4 * s->llc.bytes;
	double ns;
	int err;

	bytes = bytes < MEMORY_LEAST ? MEMORY_LEAST : bytes > MEMORY_MOST ? MEMORY_MOST : bytes;
	err = measure_chase(cpu->os_cpu, cpu->os_cpu, bytes, &ns, why);
	if (err)
		return err;
	fprintf(out, "memory_ns = %.1f # dependent loads from %zu MiB\n", ns, bytes >> 20);
	if (!other) {
		fprintf(out, "# memory_remote_ns: there is one node\n");
		return 0;
	}
	err = measure_chase(cpu->os_cpu, other->os_cpu, bytes, &ns, why);
	if (!err)
		fprintf(out, "memory_remote_ns = %.1f # the same from node %u\n", ns,
			other->os_node);
	return err;
}

/* How far two CPUs are apart. */
enum distance { SAME_CORE, SAME_LLC, SAME_SOCKET, CROSS };

static enum distance distance(const struct shape *s, const struct topology_cpu *a,
			      const struct topology_cpu *b)
{
	hwloc_topology_t hwloc = s->topology->hwloc;
	hwloc_obj_t pu_a = hwloc_get_pu_obj_by_os_index(hwloc, a->os_cpu);
	hwloc_obj_t pu_b = hwloc_get_pu_obj_by_os_index(hwloc, b->os_cpu);
	hwloc_obj_t llc_a = hwloc_get_ancestor_obj_by_type(hwloc, HWLOC_OBJ_L3CACHE, pu_a);
	hwloc_obj_t llc_b = hwloc_get_ancestor_obj_by_type(hwloc, HWLOC_OBJ_L3CACHE, pu_b);

	if (a->core == b->core)
		return SAME_CORE;
	if (a->package != b->package)
		return CROSS;
	return llc_a == llc_b ? SAME_LLC : SAME_SOCKET;
}

/* The latencies between cores, and what is written where no two CPUs are that far apart. */
static const struct {
	const char *key;
	enum distance distance;
	const char *none;
} lines[] = {
	{"same_llc_ns", SAME_LLC,
	 "same_llc_ns = 45 # not measured: no two cores share a last-level cache"},
	{"same_socket_ns", SAME_SOCKET,
	 "# same_socket_ns: all of a socket share one last-level cache"},
	{"cross_ns", CROSS, "# cross_ns: there is one socket"},
};

static int write_line(FILE *out, const struct shape *s, size_t line, struct why *why)
{
	const struct topology *t = s->topology;
	unsigned from = t->cpus[0].os_cpu;
	double ns;
	int err;

	for (unsigned i = 1; i < t->nr_cpus; i++) {
		if (distance(s, &t->cpus[0], &t->cpus[i]) != lines[line].distance)
			continue;
		err = measure_bounce(from, t->cpus[i].os_cpu, &ns, why);
		if (!err)
			fprintf(out, "%s = %.1f # a line to and fro between CPUs %u and %u\n",
				lines[line].key, ns, from, t->cpus[i].os_cpu);
		return err;
	}
	fprintf(out, "%s\n", lines[line].none);
	return 0;
}

static int write_lines(FILE *out, const struct shape *s, struct why *why)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(lines) / sizeof(lines[0]); i++)
		err = write_line(out, s, i, why);
	return err;
}

static int write_instructions(FILE *out, const struct shape *s, struct why *why)
{
	double atomic_ns, pause_ns, clock_ns;
	int err = measure_instructions(s->topology->cpus[0].os_cpu, &atomic_ns, &pause_ns,
				       &clock_ns, why);

	if (!err)
		fprintf(out,
			"atomic_ns = %.1f # compare and exchange above a store\n"
			"pause_ns = %.1f\nclock_ns = %.1f\n",
			atomic_ns, pause_ns, clock_ns);
	return err;
}

static int write_streams(FILE *out, const struct shape *s, struct why *why)
{
	const struct topology *t = s->topology;
	unsigned *cpus = xcalloc(t->nr_cpus, sizeof(*cpus)), nr = 0;
	double clear = 0, copy = 0, all = 0;
	int err;

	for (unsigned i = 0; i < t->nr_cpus; i++)
		if (t->cpus[i].node == t->cpus[0].node && !t->cpus[i].smt)
			cpus[nr++] = t->cpus[i].os_cpu;
	err = measure_clear(cpus, 1, &clear, why);
	if (!err)
		err = measure_copy(cpus, 1, &copy, why);
	if (!err)
		err = measure_clear(cpus, nr, &all, why);
	if (!err)
		fprintf(out,
			"clear_gbs = %.1f # memset(3)\ncopy_gbs = %.1f # memcpy(3)\n"
			"memory_gbs = %.1f # memset(3) by %u CPUs of a node\n",
			clear, copy, all > clear ? all : clear, nr);
	free(cpus);
	return err;
}

/* What no loop here tells; the values are those of configs/machines/broadwell-2x14x2. */
static void write_rest(FILE *out)
{
	fputs("\n# Not measured, as in broadwell-2x14x2:\n"
	      "store_buffer = 42\nprefetch_adjacent = yes # Intel's; AMD has none by pairs\n"
	      "prefetch_ownership = yes\nsmt_factor = 1.6\nwork_spread = 10\nshootdown_ns = 2000\n"
	      "shootdown_cpu_ns = 150\nsleep_ns = 1200\nwake_ns = 800\nwakeup_ns = 2500\n"
	      "grace_ns = 20000\ncompress_ns = 8000\ndecompress_ns = 2500\n"
	      "# Not measured: set it so that faults/cpu of one thread is what this machine has.\n"
	      "work_ns = 1000\n",
	      out);
}

int measure_machine(FILE *out, const struct topology *topology, struct why *why)
{
	static const struct cache none;
	struct shape s;
	int err = shape_init(&s, topology, why);

	if (err)
		return err;
	write_shape(out, &s);
	fputs("\n# Measured.\n", out);
	err = write_level(out, "l1", &s, &s.l1, &none, why);
	if (!err)
		err = write_level(out, "l2", &s, &s.l2, &s.l1, why);
	if (!err)
		err = write_level(out, "llc", &s, &s.llc, &s.l2, why);
	if (!err)
		err = write_lines(out, &s, why);
	if (!err)
		err = write_memory(out, &s, why);
	if (!err)
		err = write_instructions(out, &s, why);
	if (!err)
		err = write_streams(out, &s, why);
	if (!err)
		write_rest(out);
	return err;
}
