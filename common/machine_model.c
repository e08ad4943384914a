/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/machine_model.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/shipped.h"
#include "common/units.h"
#include "common/xalloc.h"

#define MODELS "configs/machines" /* where the models are */

/* From NS on they are fractions. */
enum kind { COUNT, SIZE, SWITCH, NS, RATE, PERCENT, FACTOR };

static const char *const units[] = {"1", "bytes", "yes|no", "ns", "GB/s", "%", "1"};

/* A key of the file. */
struct key {
	const char *name;
	enum kind kind;
	size_t offset; /* in struct machine */
	double min, max;
	const char *preset; /* NULL: it has to be given */
	const char *help;
};

#define KEY(name, kind, field, min, max, preset, help) \
	{ \
		name, kind, offsetof(struct machine, field), min, max, preset, help \
	}
#define GIB 1073741824.0
#define MS  1e6

static const struct key keys[] = {
	KEY("sockets", COUNT, sockets, 1, MACHINE_SOCKETS_MAX, NULL, "packages"),
	KEY("cores", COUNT, cores, 1, MACHINE_CORES_MAX, NULL, "cores of a socket"),
	KEY("threads", COUNT, threads, 1, MACHINE_THREADS_MAX, "1", "hardware threads of a core"),
	KEY("llc_cores", COUNT, llc_cores, 0, MACHINE_CORES_MAX, "0",
	    "cores that share a last-level cache; 0: all of a socket"),
	KEY("nodes", COUNT, nodes, 0, MACHINE_NODES_MAX, "0", "NUMA nodes; 0: one a socket"),
	KEY("l1_size", SIZE, l1.bytes, 0, GIB, NULL, "data cache of a core; 0: there is none"),
	KEY("l1_ways", COUNT, l1.ways, 1, 64, "8", "its associativity"),
	KEY("l1_ns", NS, l1.ns, 0, 1000, NULL, "a hit in it"),
	KEY("l2_size", SIZE, l2.bytes, 0, GIB, NULL,
	    "second cache of a core; 0: it holds everything"),
	KEY("l2_ways", COUNT, l2.ways, 1, 64, "8", "its associativity"),
	KEY("l2_ns", NS, l2.ns, 0, 1000, NULL, "a hit in it"),
	KEY("llc_size", SIZE, llc.bytes, 0, 4 * GIB, NULL,
	    "each last-level cache; 0: it holds everything"),
	KEY("llc_ways", COUNT, llc.ways, 1, 64, "16", "its associativity"),
	KEY("llc_ns", NS, llc.ns, 0, 1000, NULL, "a hit in it"),
	KEY("llc_inclusive", SWITCH, llc_inclusive, 0, 1, "no",
	    "what it throws out is lost to the cores' own caches too"),
	KEY("same_llc_ns", NS, same_llc_ns, 0, 10000, NULL,
	    "a line from another core under the same last-level cache"),
	KEY("same_socket_ns", NS, same_socket_ns, 0, 10000, "0",
	    "from under another one of the socket; 0: as same_llc_ns"),
	KEY("cross_ns", NS, cross_ns, 0, 10000, "0", "from another socket; needed if there is one"),
	KEY("memory_ns", NS, memory_ns, 0, 10000, NULL, "a line from memory of the node"),
	KEY("memory_remote_ns", NS, memory_remote_ns, 0, 10000, "0",
	    "from another node's; 0: as memory_ns"),
	KEY("hold_ns", NS, hold_ns, 0, 10000, "12",
	    "how long a core keeps a line that it has waited for, on average"),
	KEY("forward", SWITCH, forward, 0, 1, "yes",
	    "lines that several caches have come from the nearest, not from memory"),
	KEY("atomic_ns", NS, atomic_ns, 0, 1000, "0", "a locked instruction, above a store"),
	KEY("store_buffer", COUNT, store_buffer, 0, MACHINE_STORES_MAX, "0",
	    "stores of a thread that may wait for lines at once; 0: it waits for each"),
	KEY("prefetch_adjacent", SWITCH, prefetch_adjacent, 0, 1, "no",
	    "a miss fetches the other line of its 128 bytes too"),
	KEY("prefetch_ownership", SWITCH, prefetch_ownership, 0, 1, "no",
	    "and for writing, if the miss was a write"),
	KEY("pause_ns", NS, pause_ns, 0, 1000, "4", "cpu_relax()"),
	KEY("spin_looks", COUNT, spin_looks, 1, 1000000, "1000",
	    "looks before the waiter for a spinlock sleeps"),
	KEY("clock_ns", NS, clock_ns, 0, 1000, "10", "a look at the clock"),
	KEY("work_ns", NS, work_ns, 0, MS, "0",
	    "of each fault: the trap, and all that the engine leaves out"),
	KEY("work_spread", PERCENT, work_spread, 0, 100, "0",
	    "it is so much more or less, by chance"),
	KEY("smt_factor", FACTOR, smt_factor, 1, 8, "1",
	    "how much longer work takes while the core's other thread is busy too"),
	KEY("clear_gbs", RATE, clear_gbs, 0, 1000, "0",
	    "clearing by one thread; 0: it takes no time"),
	KEY("copy_gbs", RATE, copy_gbs, 0, 1000, "0", "copying by one thread; 0: it takes no time"),
	KEY("memory_gbs", RATE, memory_gbs, 0, 10000, "0",
	    "of all threads together to the memory of a node; 0: no limit"),
	KEY("compress_ns", NS, compress_ns, 0, MS, "0", "compressing a page"),
	KEY("decompress_ns", NS, decompress_ns, 0, MS, "0", "decompressing a page"),
	KEY("shootdown_ns", NS, shootdown_ns, 0, MS, "0", "a TLB shootdown"),
	KEY("shootdown_cpu_ns", NS, shootdown_cpu_ns, 0, MS, "0",
	    "and for each CPU that it interrupts"),
	KEY("sleep_ns", NS, sleep_ns, 0, MS, "0", "from going to sleep to being off the CPU"),
	KEY("wake_ns", NS, wake_ns, 0, MS, "0", "waking somebody"),
	KEY("wakeup_ns", NS, wakeup_ns, 0, MS, "0", "until who was woken runs"),
	KEY("grace_ns", NS, grace_ns, 0, 1e9, "0",
	    "an RCU grace period, above waiting for readers"),
	KEY("swap_read_ns", NS, swap_read_ns, 0, 1e9, "80000",
	    "reading a page from the swap device"),
	KEY("swap_write_ns", NS, swap_write_ns, 0, 1e9, "20000", "writing a page to it"),
	KEY("swap_gbs", RATE, swap_gbs, 0, 1000, "2", "all that the device can do; 0: no limit"),
	KEY("seed", COUNT, seed, 0, 1e15, "1", "of chance"),
};
#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

void machine_list_keys(FILE *out)
{
	for (size_t i = 0; i < NR_KEYS; i++)
		fprintf(out, "%-19s %-7s %-10s %s\n", keys[i].name, units[keys[i].kind],
			keys[i].preset ? keys[i].preset : "(needed)", keys[i].help);
}

static int read_double(const char *text, double *value, struct why *why)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	if (end == text || *end || errno || !isfinite(*value))
		return why_not(why, EINVAL, "not a number, with '%s'", text);
	return 0;
}

static int read_switch(const char *text, bool *value, struct why *why)
{
	*value = !strcmp(text, "yes") || !strcmp(text, "on");
	if (*value || !strcmp(text, "no") || !strcmp(text, "off"))
		return 0;
	return why_not(why, EINVAL, "neither yes nor no, with '%s'", text);
}

static int set(struct machine *machine, const struct key *key, const char *text, struct why *why)
{
	void *field = (char *)machine + key->offset;
	const char *unit = units[key->kind];
	bool fraction = key->kind >= NS;
	uint64_t whole = 0;
	double value = 0;
	int err;

	if (key->kind == SWITCH)
		return read_switch(text, field, why);
	if (fraction)
		err = read_double(text, &value, why);
	else if (key->kind == SIZE)
		err = size_parse(text, 4096, &whole, why);
	else
		err = number_parse(text, 0, UINT64_MAX, &whole, why);
	if (err)
		return err;
	if (!fraction)
		value = (double)whole;
	if (value < key->min || value > key->max)
		return why_not(why, EINVAL, "not in %.15g to %.15g%s%s, with '%s'", key->min,
			       key->max, *unit == '1' ? "" : " ", *unit == '1' ? "" : unit, text);
	if (fraction)
		*(double *)field = value;
	else
		*(uint64_t *)field = whole;
	return 0;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = 0;
	return text;
}

/* One line of the file; @given notes which keys there were. */
static int read_line(struct machine *machine, char *line, bool *given, struct why *why)
{
	char *equals, *name;
	size_t i;
	int err;

	line[strcspn(line, "#")] = 0;
	line = trim(line);
	if (!*line)
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return why_not(why, EINVAL, "not 'key = value', with '%s'", line);
	*equals = 0;
	name = trim(line);
	for (i = 0; i < NR_KEYS && strcmp(keys[i].name, name); i++)
		;
	if (i == NR_KEYS)
		return why_not(why, EINVAL,
			       "no such key, with '%s': 'pft-sim --list machine-keys' lists them",
			       name);
	if (given[i])
		return why_not(why, EINVAL, "'%s' is given twice", name);
	given[i] = true;
	err = set(machine, &keys[i], trim(equals + 1), why);
	return err ? why_within(why, -err, "%s", name) : 0;
}

static int check_cache(const struct machine_cache *cache, const char *name, struct why *why)
{
	uint64_t sets = cache->bytes / 64 / cache->ways;

	if (cache->bytes && (!sets || sets % 64 || sets * 64 * cache->ways != cache->bytes))
		return why_not(why, EINVAL,
			       "%s_size of %llu bytes in %llu ways is not a multiple of 64 sets of "
			       "64-byte lines",
			       name, (unsigned long long)cache->bytes,
			       (unsigned long long)cache->ways);
	return 0;
}

/* What only the keys together tell. */
static int settle(struct machine *m, struct why *why)
{
	int err = check_cache(&m->l1, "l1", why);

	if (!err)
		err = check_cache(&m->l2, "l2", why);
	if (!err)
		err = check_cache(&m->llc, "llc", why);
	if (err)
		return err;
	m->llc_cores = m->llc_cores ? m->llc_cores : m->cores;
	m->nodes = m->nodes ? m->nodes : m->sockets;
	m->same_socket_ns = m->same_socket_ns > 0 ? m->same_socket_ns : m->same_llc_ns;
	m->memory_remote_ns = m->memory_remote_ns > 0 ? m->memory_remote_ns : m->memory_ns;
	if (machine_cores(m) > MACHINE_CORES_MAX || machine_cpus(m) > MACHINE_CPUS_MAX)
		return why_not(why, EINVAL, "%u cores with %u CPUs are more than %u with %u",
			       machine_cores(m), machine_cpus(m), MACHINE_CORES_MAX,
			       MACHINE_CPUS_MAX);
	if (m->cores % m->llc_cores || machine_cores(m) / m->llc_cores > MACHINE_LLCS_MAX)
		return why_not(why, EINVAL,
			       "llc_cores of %u is no part of the %u cores of a socket, or more "
			       "than %u caches",
			       (unsigned)m->llc_cores, (unsigned)m->cores, MACHINE_LLCS_MAX);
	if (m->nodes % m->sockets || machine_cores(m) % m->nodes)
		return why_not(why, EINVAL,
			       "%u cores of %u socket%s cannot be shared equally by %u nodes",
			       machine_cores(m), (unsigned)m->sockets, m->sockets > 1 ? "s" : "",
			       (unsigned)m->nodes);
	if (m->sockets > 1 && m->cross_ns <= 0)
		return why_not(why, EINVAL, "cross_ns is needed: there are %u sockets",
			       (unsigned)m->sockets);
	return 0;
}

/* machine_parse() that also tells which keys were in the file. */
static int parse(struct machine *machine, const char *path, FILE *in, bool *given, struct why *why)
{
	const char *base = strrchr(path, '/');
	unsigned number = 0;
	char *line = NULL;
	size_t cap = 0;
	int err = 0;

	*machine = (struct machine){.name = ""};
	snprintf(machine->name, sizeof(machine->name), "%s", base ? base + 1 : path);
	for (size_t i = 0; i < NR_KEYS; i++)
		if (keys[i].preset && set(machine, &keys[i], keys[i].preset, why))
			BUG("default of %s: %s", keys[i].name, why->text);
	while (!err && getline(&line, &cap, in) >= 0) {
		number++;
		err = read_line(machine, line, given, why);
		if (err)
			why_within(why, -err, "%s:%u", path, number);
	}
	if (!err && ferror(in))
		err = why_not(why, EIO, "cannot read '%s'", path);
	free(line);
	for (size_t i = 0; i < NR_KEYS && !err; i++)
		if (!keys[i].preset && !given[i])
			err = why_not(why, EINVAL, "%s: '%s' is missing: %s", path, keys[i].name,
				      keys[i].help);
	if (err)
		return err;
	err = settle(machine, why);
	return err ? why_within(why, -err, "%s", path) : 0;
}

int machine_parse(struct machine *machine, const char *path, FILE *in, struct why *why)
{
	bool given[NR_KEYS] = {false};

	return parse(machine, path, in, given, why);
}

/* The model's file: as named, below the current folder, or as it came with the program. */
static char *find(const char *name)
{
	char *path = xasprintf(MODELS "/%s", name), *shipped;

	if (strchr(name, '/')) {
		free(path);
		return xstrdup(name);
	}
	shipped = access(path, R_OK) ? shipped_path(path) : NULL;
	if (!shipped)
		return path;
	free(path);
	return shipped;
}

static int open_model(const char *name, FILE **in, char **path, struct why *why)
{
	*path = find(name);
	*in = fopen(*path, "re");
	if (*in)
		return 0;
	free(*path);
	return why_not(why, errno == ENOENT ? EINVAL : errno,
		       "cannot read the machine '%s': %s; 'faultscale machine list' lists some",
		       name, strerror(errno));
}

int machine_read(struct machine *machine, const char *name, struct why *why)
{
	char *path;
	FILE *in;
	int err = open_model(name, &in, &path, why);

	if (err)
		return err;
	err = machine_parse(machine, path, in, why);
	fclose(in);
	free(path);
	return err;
}

int machine_print(const char *name, FILE *out, struct why *why)
{
	bool given[NR_KEYS] = {false};
	struct machine machine;
	char *path;
	FILE *in;
	int err = open_model(name, &in, &path, why), c;

	if (err)
		return err;
	err = parse(&machine, path, in, given, why);
	rewind(in);
	while (!err && (c = getc(in)) != EOF)
		putc(c, out);
	fclose(in);
	free(path);
	for (size_t i = 0; !err && i < NR_KEYS; i++)
		if (!given[i])
			fprintf(out, "# default: %s = %s # %s\n", keys[i].name, keys[i].preset,
				keys[i].help);
	return err;
}
