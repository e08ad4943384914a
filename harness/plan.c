/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/pin_plan.h"
#include "common/rng.h"
#include "common/units.h"
#include "common/xalloc.h"
#include "harness/axis.h"
#include "harness/config.h"
#include "harness/ladder.h"
#include "harness/step.h"

/* A year of steps of three seconds. */
#define MAX_STEPS 10000000

/* What the cells are built from. */
struct builder {
	struct plan *plan;
	const struct config *config;
	const struct topology *topology;
	struct why *why;
	struct axes axes;
	struct ladder ladder;
	char *extra;
};

/* A worker count that the config names. */
static int read_clients(struct builder *builder)
{
	size_t nr;
	char **words = config_words(builder->config, PFT_CLIENTS, &nr);
	struct ladder *ladder = &builder->ladder;
	uint64_t clients;
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++) {
		err = number_parse(words[i], 1, 65536, &clients, builder->why);
		for (size_t j = 0; !err && j < ladder->nr; j++)
			if (ladder->clients[j] == clients)
				err = why_not(builder->why, EINVAL, "named twice, with '%s'",
					      words[i]);
		if (err)
			break;
		XGROW(ladder->clients, ladder->nr, ladder->cap);
		ladder->clients[ladder->nr++] = clients;
	}
	config_words_free(words, nr);
	return err ? config_bad(builder->config, PFT_CLIENTS, EINVAL, builder->why) : 0;
}

static int make_ladder(struct builder *builder)
{
	const struct config *config = builder->config;
	const struct ladder_limits limits = {
		.min = config_number(config, PFT_MIN_CLIENTS),
		.max = config_number(config, PFT_MAX_CLIENTS),
		.nr_cpus = builder->topology->nr_cpus,
		.cap = config_number(config, PFT_MAX_CLIENTS_CAP),
		.cutoff = config_number(config, MMTESTS_THREAD_CUTOFF),
	};

	if (*config_text(config, PFT_CLIENTS))
		return read_clients(builder);
	if (ladder_init(&builder->ladder, &limits, builder->why))
		return config_bad(config, PFT_MIN_CLIENTS, EINVAL, builder->why);
	return 0;
}

static int check_mem(const struct topology *topology, const char *policy, struct why *why)
{
	struct id_list nodes;
	int err = 0;

	if (!strcmp(policy, "default") || !strcmp(policy, "local") || !strcmp(policy, "remote") ||
	    !strcmp(policy, "interleave"))
		return 0;
	if (strncmp(policy, "bind:", 5))
		return why_not(why, EINVAL,
			       "no such memory policy, with '%s': give default, local, "
			       "remote, interleave or bind:LIST",
			       policy);
	if (id_list_parse(policy + 5, &nodes, why))
		return -EINVAL;
	for (size_t i = 0; !err && i < nodes.nr; i++) {
		unsigned rank = 0;

		while (rank < topology->nr_nodes && topology->os_nodes[rank] != nodes.ids[i])
			rank++;
		if (rank == topology->nr_nodes)
			err = topology_no_node(topology, nodes.ids[i], why);
	}
	id_list_release(&nodes);
	return err;
}

static int check_mems(struct builder *builder)
{
	const struct axis *axis = &builder->axes.axes[AXIS_MEM];

	for (size_t i = 0; i < axis->nr; i++) {
		if (check_mem(builder->topology, axis->words[i], builder->why))
			return config_bad(builder->config, PFT_MEM, EINVAL, builder->why);
		if (!strcmp(axis->words[i], "remote") && builder->topology->nr_nodes < 2) {
			why_not(builder->why, EINVAL,
				"'remote' needs a second node, and there is none");
			return config_bad(builder->config, PFT_MEM, EINVAL, builder->why);
		}
	}
	return 0;
}

static int place(struct builder *builder, struct plan_cell *cell)
{
	struct pin_plan pin;
	int err = pin_plan_parse(&pin, cell->pin, builder->why);

	if (err)
		return config_bad(builder->config, PFT_PIN, EINVAL, builder->why);
	if (pin.kind != PIN_NONE) {
		cell->cpus = xcalloc(cell->clients, sizeof(*cell->cpus));
		cell->nodes = xcalloc(cell->clients, sizeof(*cell->nodes));
		err = pin_plan_cpus(&pin, builder->topology, cell->clients, cell->cpus,
				    builder->why);
		for (unsigned i = 0; !err && i < cell->clients; i++)
			cell->nodes[i] = topology_find(builder->topology, cell->cpus[i])->os_node;
	}
	pin_plan_release(&pin);
	return err ? config_bad(builder->config, PFT_PIN, EINVAL, builder->why) : 0;
}

static int add_cell(struct builder *builder, const char *variant, unsigned clients)
{
	struct plan *plan = builder->plan;
	struct plan_cell *cell = &plan->cells[plan->nr_cells++];

	*cell = (struct plan_cell){
		.variant = xstrdup(variant),
		.workload = xstrdup(axis_word(&builder->axes, AXIS_WORKLOAD)),
		.pin = xstrdup(axis_word(&builder->axes, AXIS_PIN)),
		.mem = xstrdup(axis_word(&builder->axes, AXIS_MEM)),
		.pagesize = xstrdup(axis_word(&builder->axes, AXIS_PAGESIZE)),
		.processes = !strcmp(axis_word(&builder->axes, AXIS_MODE), "yes"),
		.clients = clients,
		.bytes = config_number(builder->config, PFT_MAPPING_SIZE),
		.extra = axes_options(&builder->axes, builder->extra),
	};
	if (cell->bytes / clients < (uint64_t)sysconf(_SC_PAGESIZE)) {
		why_not(builder->why, EINVAL,
			"%llu bytes are less than a page for each of %u workers",
			(unsigned long long)cell->bytes, clients);
		return config_bad(builder->config, PFT_MAPPING_SIZE, EINVAL, builder->why);
	}
	return place(builder, cell);
}

static int add_variant(struct builder *builder)
{
	struct plan *plan = builder->plan;
	char *variant = axes_name(&builder->axes);
	int err = 0;

	for (size_t i = 0; !err && i < plan->nr_cells; i++)
		if (!strcmp(plan->cells[i].variant, variant))
			err = why_not(builder->why, EINVAL, "two variants are named '%s'", variant);
	for (size_t i = 0; !err && i < builder->ladder.nr; i++)
		err = add_cell(builder, variant, builder->ladder.clients[i]);
	free(variant);
	return err;
}

static int add_cells(struct builder *builder)
{
	size_t nr = builder->ladder.nr * axes_product(&builder->axes);
	int err;

	builder->plan->cells = xcalloc(nr, sizeof(*builder->plan->cells));
	do {
		err = add_variant(builder);
	} while (!err && axes_next(&builder->axes));
	return err;
}

static void add_steps(struct plan *plan)
{
	unsigned *cells = xcalloc(plan->nr_cells, sizeof(*cells));
	struct plan_step *step;
	struct rng rng;

	rng_init(&rng, plan->seed);
	for (size_t i = 0; i < plan->nr_cells; i++)
		cells[i] = i;
	plan->nr_steps = plan->nr_cells * plan->iterations;
	plan->steps = step = xcalloc(plan->nr_steps, sizeof(*plan->steps));
	for (unsigned round = 0; plan->order != ORDER_SEQUENTIAL && round < plan->iterations;
	     round++) {
		if (plan->order == ORDER_RANDOM)
			rng_shuffle(&rng, cells, plan->nr_cells, sizeof(*cells));
		for (size_t i = 0; i < plan->nr_cells; i++)
			*step++ = (struct plan_step){.cell = cells[i], .iteration = round};
	}
	for (size_t i = 0; plan->order == ORDER_SEQUENTIAL && i < plan->nr_steps; i++)
		*step++ = (struct plan_step){.cell = i / plan->iterations,
					     .iteration = i % plan->iterations};
	free(cells);
}

static enum plan_order order_of(const char *text)
{
	if (!strcmp(text, "sequential"))
		return ORDER_SEQUENTIAL;
	return strcmp(text, "random") ? ORDER_INTERLEAVED : ORDER_RANDOM;
}

/* The wanted seconds, or so many that only a hang, not a slow machine, takes longer. */
static unsigned timeout_of(const struct plan *plan, const struct config *config)
{
	uint64_t wanted = config_number(config, PFT_TIMEOUT);
	double longest = 0;

	for (size_t i = 0; i < plan->nr_cells; i++)
		longest = fmax(longest, plan_estimate_s(&plan->cells[i]));
	return wanted ? wanted : (unsigned)fmin(60 + 20 * longest, 1e6);
}

/* Put @more behind the options @text, which are freed. */
static char *join(char *text, const char *separator, const char *more)
{
	char *longer = xasprintf("%s%s%s", text, *text && *more ? separator : "", more);

	free(text);
	return longer;
}

/* The option @name with the words of @id as a list, or nothing. To be freed. */
static char *list_option(const struct config *config, enum config_id id, const char *name)
{
	size_t nr = 0;
	char **words = config_words(config, id, &nr), *list = xstrdup(""), *option;

	for (size_t i = 0; words && i < nr; i++)
		list = join(list, ",", words[i]);
	if (words)
		config_words_free(words, nr);
	option = *list ? xasprintf("%s %s", name, list) : xstrdup("");
	free(list);
	return option;
}

static char *extra_options(const struct config *config)
{
	bool prefault = !strcmp(config_text(config, PFT_PREFAULT), "yes");
	char *counters = list_option(config, PFT_COUNTERS, "--counters");
	char *events = list_option(config, PFT_EVENTS, "--events");
	char *machine = list_option(config, PFT_MACHINE, STEP_MACHINE);
	char *text = xstrdup(prefault ? "--prefault" : "");

	text = join(text, " ", machine);

	text = join(text, " ", counters);
	text = join(text, " ", events);
	free(counters);
	free(events);
	free(machine);
	return join(text, " ", config_text(config, PFT_EXTRA));
}

static int check_size(struct builder *builder)
{
	const struct plan *plan = builder->plan;

	if ((uint64_t)plan->nr_cells * plan->iterations <= MAX_STEPS)
		return 0;
	why_not(builder->why, EINVAL, "%zu cells of %u iterations are more than %d steps",
		plan->nr_cells, plan->iterations, MAX_STEPS);
	return config_bad(builder->config, PFT_ITERATIONS, EINVAL, builder->why);
}

static int build(struct builder *builder)
{
	struct plan *plan = builder->plan;
	const struct config *config = builder->config;
	int err;

	plan->iterations =
		config_number(config, PFT_ITERATIONS) * config_number(config, MMTEST_ITERATIONS);
	plan->warmup = config_number(config, PFT_WARMUP);
	plan->seed = config_number(config, PFT_SEED);
	plan->order = order_of(config_text(config, PFT_ORDER));
	err = axes_init(&builder->axes, config, builder->why);
	if (!err)
		err = check_mems(builder);
	if (!err)
		err = make_ladder(builder);
	if (!err)
		err = add_cells(builder);
	if (!err)
		err = check_size(builder);
	if (err)
		return err;
	plan->timeout_s = timeout_of(plan, config);
	add_steps(plan);
	return 0;
}

int plan_init(struct plan *plan, const struct config *config, const struct topology *topology,
	      struct why *why)
{
	struct builder builder = {
		.plan = plan,
		.config = config,
		.topology = topology,
		.why = why,
		.extra = extra_options(config),
	};
	int err;

	*plan = (struct plan){0};
	err = build(&builder);
	axes_release(&builder.axes);
	ladder_release(&builder.ladder);
	free(builder.extra);
	if (err)
		plan_release(plan);
	return err;
}

void plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		struct plan_cell *cell = &plan->cells[i];

		free(cell->variant);
		free(cell->workload);
		free(cell->pin);
		free(cell->mem);
		free(cell->pagesize);
		free(cell->cpus);
		free(cell->nodes);
		free(cell->extra);
	}
	free(plan->cells);
	free(plan->steps);
	*plan = (struct plan){0};
}

double plan_estimate_s(const struct plan_cell *cell)
{
	const double start_s = 0.03, worker_s = 0.0005, bytes_per_s = 400 << 20;
	/* Workers share locks and memory channels: twice as fast with four times as many. */
	double touch_s = cell->bytes / (bytes_per_s * sqrt(cell->clients));

	if (!strcmp(cell->workload, "null"))
		touch_s = 0;
	if (strstr(cell->extra, "--prefault"))
		touch_s *= 2;
	return start_s + worker_s * cell->clients + touch_s;
}
