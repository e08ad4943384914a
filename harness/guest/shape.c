/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/shape.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"

#define NODE_BYTES ((uint64_t)1 << 30) /* where nothing is said */
#define ALIGN	   ((uint64_t)2 << 20) /* of a node's memory: what the emulator and the kernel take */
#define LOCAL	   10 /* the distance of a node to itself; a larger one is farther */
#define FARTHEST   254

/* Words of @text between @sep, in memory that free_words() frees. */
static char **split(const char *text, const char *sep, size_t *nr)
{
	char *copy = xstrdup(text), *rest = copy, *word, **words = NULL;
	size_t cap = 0;

	*nr = 0;
	while ((word = strsep(&rest, sep))) {
		XGROW(words, *nr, cap);
		words[(*nr)++] = xstrdup(word);
	}
	free(copy);
	return words;
}

static void free_words(char **words, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(words[i]);
	free(words);
}

static int parse_bytes(const char *text, uint64_t *bytes, struct why *why)
{
	int err = size_parse(text, 4096, bytes, why);

	if (!err && *bytes % ALIGN)
		err = why_not(why, EINVAL, "memory comes in multiples of 2M, not '%s'", text);
	return err;
}

/* "CPUS:SIZE" */
static int parse_node(char *word, struct shape_node *node, struct why *why)
{
	char *bytes = word, *cpus = strsep(&bytes, ":");

	if (!bytes)
		return why_not(why, EINVAL, "a node is CPUS:SIZE, as 0-3:1G, not '%s'", word);
	if (strcmp(cpus, "-") && id_list_parse(cpus, &node->cpus, why))
		return -EINVAL;
	return parse_bytes(bytes, &node->bytes, why);
}

/* Every number up to the largest is a CPU of one node. */
static int check_cpus(const struct shape *s, struct why *why)
{
	bool seen[SHAPE_CPUS_MAX] = {false};
	unsigned nr = shape_cpus(s);

	if (!nr || nr > SHAPE_CPUS_MAX)
		return why_not(why, EINVAL, "a guest has 1 to %u CPUs, not %u", SHAPE_CPUS_MAX, nr);
	for (unsigned i = 0; i < s->nr_nodes; i++) {
		for (size_t j = 0; j < s->nodes[i].cpus.nr; j++) {
			unsigned cpu = s->nodes[i].cpus.ids[j];

			if (cpu >= nr || seen[cpu])
				return why_not(
					why, EINVAL,
					"CPUs of the nodes are 0 to %u, each once, but there "
					"is CPU %u",
					nr - 1, cpu);
			seen[cpu] = true;
		}
	}
	return s->bytes ? 0 : why_not(why, EINVAL, "no node has memory");
}

static int parse_nodes(struct shape *s, const char *text, struct why *why)
{
	size_t nr;
	char **words = split(text, "/", &nr);
	int err = 0;

	s->nodes = xcalloc(nr, sizeof(*s->nodes));
	for (size_t i = 0; i < nr && !err; i++) {
		err = parse_node(words[i], &s->nodes[s->nr_nodes++], why);
		s->bytes += s->nodes[i].bytes;
	}
	free_words(words, nr);
	if (!err && nr > SHAPE_NODES_MAX)
		err = why_not(why, EINVAL, "a guest has 1 to %u nodes", SHAPE_NODES_MAX);
	return err ? err : check_cpus(s, why);
}

/* "M" or "S,C,T"; 0 sockets for M. */
static int parse_cpus(const char *text, unsigned smp[3], struct why *why)
{
	size_t nr;
	char **words = split(text, ",", &nr);
	uint64_t number;
	int err = 0;

	if (nr != 1 && nr != 3)
		err = why_not(why, EINVAL, "CPUs are a number or SOCKETS,CORES,THREADS, not '%s'",
			      text);
	for (size_t i = 0; i < nr && !err; i++) {
		err = number_parse(words[i], 1, SHAPE_CPUS_MAX, &number, why);
		smp[i] = number;
	}
	if (!err && nr == 1) {
		smp[1] = smp[0];
		smp[0] = 0;
		smp[2] = 1;
	}
	free_words(words, nr);
	return err;
}

static unsigned nodes_with_cpus(const struct shape *s)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < s->nr_nodes; i++)
		nr += s->nodes[i].cpus.nr > 0;
	return nr;
}

/* A socket for each node that has CPUs, or for each CPU if that does not come out even. */
static void fill_sockets(struct shape *s, unsigned nr_cpus)
{
	s->sockets = nodes_with_cpus(s);
	if (nr_cpus % s->sockets)
		s->sockets = nr_cpus;
	s->cores = nr_cpus / s->sockets;
	s->threads = 1;
}

/* @nr nodes that are alike. */
static int even_nodes(struct shape *s, unsigned nr, unsigned nr_cpus, uint64_t bytes,
		      struct why *why)
{
	unsigned cpu = 0;

	if (nr_cpus % nr)
		return why_not(why, EINVAL,
			       "%u CPUs cannot be shared evenly by %u nodes; say which each has: "
			       "--nodes 0-1:1G/2:1G",
			       nr_cpus, nr);
	if (bytes / nr % ALIGN || bytes % nr)
		return why_not(why, EINVAL, "the memory cannot be shared evenly by %u nodes", nr);
	s->nodes = xcalloc(nr, sizeof(*s->nodes));
	s->nr_nodes = nr;
	for (unsigned i = 0; i < nr; i++) {
		struct shape_node *node = &s->nodes[i];

		node->bytes = bytes / nr;
		node->cpus.nr = nr_cpus / nr;
		node->cpus.ids = xcalloc(node->cpus.nr, sizeof(*node->cpus.ids));
		for (size_t j = 0; j < node->cpus.nr; j++)
			node->cpus.ids[j] = cpu++;
	}
	s->bytes = bytes;
	return check_cpus(s, why);
}

static int init_even(struct shape *s, const struct shape_words *w, const unsigned smp[3],
		     struct why *why)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned nr_cpus = online > 0 ? (unsigned)online : 1;
	uint64_t nr = 1, bytes;

	if (w->nodes && number_parse(w->nodes, 1, SHAPE_NODES_MAX, &nr, why))
		return -EINVAL;
	bytes = nr * NODE_BYTES;
	if (w->memory && parse_bytes(w->memory, &bytes, why))
		return -EINVAL;
	nr_cpus = (nr_cpus + nr - 1) / nr * nr;
	if (w->cpus)
		nr_cpus = (smp[0] ? smp[0] : 1) * smp[1] * smp[2];
	return even_nodes(s, nr, nr_cpus, bytes, why);
}

static int parse_distances(struct shape *s, const char *text, struct why *why)
{
	unsigned nr = s->nr_nodes;
	size_t nr_rows, nr_cells = 0;
	char **rows = split(text, "/", &nr_rows);
	bool one = nr_rows == 1 && !strchr(text, ',');
	int err = 0;

	s->distances = xcalloc((size_t)nr * nr, sizeof(*s->distances));
	for (size_t i = 0; i < nr && !err; i++) {
		char **cells = split(one ? text : rows[i < nr_rows ? i : 0], ",", &nr_cells);

		if (!one && (nr_rows != nr || nr_cells != nr))
			err = why_not(why, EINVAL,
				      "distances are one number, or %u rows of %u: 10,20/20,10", nr,
				      nr);
		for (size_t j = 0; j < nr && !err; j++) {
			uint64_t d = LOCAL;

			if (!one || i != j)
				err = number_parse(cells[one ? 0 : j], i == j ? LOCAL : LOCAL + 1,
						   i == j ? LOCAL : FARTHEST, &d, why);
			s->distances[i * nr + j] = (unsigned)d;
		}
		free_words(cells, nr_cells);
	}
	free_words(rows, nr_rows);
	return err;
}

int shape_init(struct shape *s, const struct shape_words *w, struct why *why)
{
	bool uneven = w->nodes && strchr(w->nodes, ':');
	unsigned smp[3] = {0};
	int err = 0;

	*s = (struct shape){0};
	if (w->cpus && parse_cpus(w->cpus, smp, why))
		return why_within(why, EINVAL, "--cpus");
	if (uneven && w->memory)
		return why_not(why, EINVAL,
			       "--nodes says how much memory each has; leave out "
			       "--memory");
	err = uneven ? parse_nodes(s, w->nodes, why) : init_even(s, w, smp, why);
	if (err)
		return why_within(why, -err, "--nodes");
	if (uneven && w->cpus && (smp[0] ? smp[0] : 1) * smp[1] * smp[2] != shape_cpus(s))
		return why_not(why, EINVAL, "--nodes has %u CPUs, --cpus others", shape_cpus(s));
	fill_sockets(s, shape_cpus(s));
	if (smp[0]) {
		s->sockets = smp[0];
		s->cores = smp[1];
		s->threads = smp[2];
	}
	if (w->distance && parse_distances(s, w->distance, why))
		return why_within(why, EINVAL, "--distance");
	return 0;
}

void shape_release(struct shape *s)
{
	for (unsigned i = 0; i < s->nr_nodes; i++)
		id_list_release(&s->nodes[i].cpus);
	free(s->nodes);
	free(s->distances);
	*s = (struct shape){0};
}

unsigned shape_cpus(const struct shape *s)
{
	size_t nr = 0;

	for (unsigned i = 0; i < s->nr_nodes; i++)
		nr += s->nodes[i].cpus.nr;
	return (unsigned)nr;
}
