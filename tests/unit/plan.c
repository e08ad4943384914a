/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a config to cells and steps, and through plan.tsv and back. */
#include "harness/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/units.h"
#include "common/xalloc.h"
#include "harness/config.h"

#define SEED_MACHINE "pack:2 [numa(memory=4GiB)] core:14 pu:2"

static int make(struct plan *plan, const char *machine, const char *text, struct why *why)
{
	struct topology topology;
	struct config config;
	int err;

	assert_int_equal(topology_init(&topology, machine, why), 0);
	config_init(&config, &topology);
	err = config_parse(&config, "f", text, strlen(text), why);
	assert_string_equal(why->text, "");
	assert_int_equal(err, 0);
	err = plan_init(plan, &config, &topology, why);
	config_release(&config);
	topology_release(&topology);
	return err;
}

static struct plan good(const char *machine, const char *text)
{
	struct why why = WHY_INIT;
	struct plan plan;
	int err = make(&plan, machine, text, &why);

	assert_string_equal(why.text, "");
	assert_int_equal(err, 0);
	return plan;
}

static void refuse(const char *machine, const char *text, const char *reason)
{
	struct why why = WHY_INIT;
	struct plan plan;

	if (!make(&plan, machine, text, &why))
		fail_msg("'%s' was taken", text);
	if (!strstr(why.text, reason))
		fail_msg("'%s' says '%s', not '%s'", text, why.text, reason);
	assert_null(plan.cells);
}

static void test_defaults(void **state)
{
	struct plan plan = good(SEED_MACHINE, "");
	static const unsigned clients[] = {1, 4, 7, 12, 21, 30, 48, 56};

	(void)state;
	assert_int_equal(plan.nr_cells, 8);
	assert_int_equal(plan.iterations, 30);
	assert_int_equal(plan.nr_steps, 240);
	assert_int_equal(plan.order, ORDER_INTERLEAVED);
	assert_int_equal(plan.seed, 1);
	assert_int_equal(plan.warmup, 0);
	assert_true(plan.timeout_s >= 60);
	for (unsigned i = 0; i < 8; i++) {
		const struct plan_cell *cell = &plan.cells[i];

		assert_int_equal(cell->clients, clients[i]);
		assert_string_equal(cell->variant, "anon");
		assert_string_equal(cell->workload, "anon");
		assert_string_equal(cell->pin, "none");
		assert_string_equal(cell->mem, "default");
		assert_string_equal(cell->pagesize, "base");
		assert_string_equal(cell->extra, "");
		assert_false(cell->processes);
		assert_null(cell->cpus);
		assert_null(cell->nodes);
		assert_true(cell->bytes == (8ULL << 30) / 5);
	}
	plan_release(&plan);
}

static void test_variants(void **state)
{
	static const char *const names[] = {
		"anon-compact-mem.default-threads", "anon-compact-mem.default-processes",
		"anon-compact-bind.0_1-threads",    "anon-compact-bind.0_1-processes",
		"anon-node.1-mem.default-threads",  "anon-node.1-mem.default-processes",
		"anon-node.1-bind.0_1-threads",	    "anon-node.1-bind.0_1-processes",
	};
	struct plan plan =
		good(SEED_MACHINE, "PFT_CLIENTS='2 3' PFT_ITERATIONS=1\n"
				   "PFT_PIN='compact node:1' PFT_MEM='default bind:0,1'\n"
				   "PFT_USE_PROCESSES='no yes'");

	(void)state;
	assert_int_equal(plan.nr_cells, 16);
	for (unsigned i = 0; i < 16; i++) {
		assert_string_equal(plan.cells[i].variant, names[i / 2]);
		assert_int_equal(plan.cells[i].clients, 2 + i % 2);
		assert_int_equal(plan.cells[i].processes, i / 2 % 2);
	}
	assert_int_equal(plan.cells[15].cpus[2], 32);
	assert_int_equal(plan.cells[15].nodes[2], 1);
	plan_release(&plan);

	plan = good(SEED_MACHINE, "PFT_WORKLOADS='null anon-private-map' PFT_CLIENTS=1\n"
				  "PFT_PAGESIZES='base transhuge'");
	assert_string_equal(plan.cells[0].variant, "null-base");
	assert_string_equal(plan.cells[3].variant, "anon-private-map-transhuge");
	plan_release(&plan);
}

/* The options of the engine are dimensions, and none of a workload that has no use for them. */
static void test_engine(void **state)
{
	static const char *const names[] = {"anon",
					    "engine-anon-spf-spin.on",
					    "engine-anon-spf-spin.off",
					    "engine-anon-vma-refcnt-spin.on",
					    "engine-anon-vma-refcnt-spin.off",
					    "engine-mixed-spf-spin.on-writers.0",
					    "engine-mixed-spf-spin.on-writers.2",
					    "engine-mixed-spf-spin.off-writers.0",
					    "engine-mixed-spf-spin.off-writers.2",
					    "engine-mixed-vma-refcnt-spin.on-writers.0",
					    "engine-mixed-vma-refcnt-spin.on-writers.2",
					    "engine-mixed-vma-refcnt-spin.off-writers.0",
					    "engine-mixed-vma-refcnt-spin.off-writers.2"};
	const size_t nr = sizeof(names) / sizeof(names[0]);
	struct plan plan = good(SEED_MACHINE, "PFT_WORKLOADS='anon engine-anon engine-mixed'\n"
					      "PFT_LOCKS='spf vma-refcnt' PFT_WRITERS='0 2'\n"
					      "PFT_RWSEM_SPIN='on off' PFT_NODES=4 PFT_CLIENTS=1\n"
					      "PFT_VMA_CLASS=mix PFT_EXTRA='--warmup 1'");

	(void)state;
	assert_int_equal(plan.nr_cells, nr);
	for (size_t i = 0; i < nr; i++)
		assert_string_equal(plan.cells[i].variant, names[i]);
	assert_string_equal(plan.cells[0].extra, "--warmup 1");
	assert_string_equal(plan.cells[3].extra, "--warmup 1 --lock vma-refcnt --rwsem-spin on "
						 "--nodes 4 --vma-class mix");
	assert_string_equal(plan.cells[8].extra, "--warmup 1 --lock spf --rwsem-spin off "
						 "--writers 2 --nodes 4 --vma-class mix");
	plan_release(&plan);
	refuse(SEED_MACHINE, "PFT_LOCKS=Spf", "f:1: PFT_LOCKS: not the name of a lock design");
	refuse(SEED_MACHINE, "PFT_WRITERS=-1", "f:1: PFT_WRITERS: not a number, with '-1'");
	refuse(SEED_MACHINE, "PFT_NODES=0", "f:1: PFT_NODES: ");
	refuse(SEED_MACHINE, "PFT_VMA_CLASS=128", "f:1: PFT_VMA_CLASS: not a start modulo 128");
}

/* Prefetchers are a dimension of every workload, and what is done is done by the step. */
static void test_prefetch(void **state)
{
	struct plan plan =
		good(SEED_MACHINE, "PFT_WORKLOADS=cow PFT_CLIENTS=1 PFT_PREFETCH='default "
				   "adjacent=off l2-stream,adjacent=off all=on'");

	(void)state;
	assert_int_equal(plan.nr_cells, 4);
	assert_string_equal(plan.cells[0].variant, "cow-prefetch.default");
	assert_string_equal(plan.cells[1].variant, "cow-prefetch.adjacent.off");
	assert_string_equal(plan.cells[2].variant, "cow-prefetch.l2-stream_adjacent.off");
	assert_string_equal(plan.cells[3].variant, "cow-prefetch.all.on");
	assert_string_equal(plan.cells[1].extra, "--prefetch adjacent=off");
	plan_release(&plan);
	refuse(SEED_MACHINE, "PFT_PREFETCH=off",
	       "f:1: PFT_PREFETCH: not a switch of prefetchers, with 'off'");
	refuse(SEED_MACHINE, "PFT_PREFETCH=adjacent=no", "f:1: PFT_PREFETCH: ");
}

/* So are those of swap, for the workloads that have them. */
static void test_swap(void **state)
{
	static const char *const names[] = {
		"anon", "kernel-swap-lzo-uniform", "kernel-swap-lzo-zipf.0.9",
		"kernel-swap-zstd.3-uniform", "kernel-swap-zstd.3-zipf.0.9"};
	struct plan plan =
		good(SEED_MACHINE, "PFT_WORKLOADS='anon kernel-swap' PFT_CLIENTS=1\n"
				   "PFT_CODECS='lzo zstd:3' PFT_LIMIT=64M\n"
				   "PFT_ACCESS='uniform zipf:0.9' PFT_LRU='global memcg'\n"
				   "PFT_LRU_LOCK=node PFT_MEMCGS='1 8' PFT_ZSWAP_SHRINKER=off");

	(void)state;
	assert_int_equal(plan.nr_cells, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(plan.cells[i].variant, names[i]);
	assert_string_equal(plan.cells[0].extra, "");
	assert_string_equal(plan.cells[4].extra, "--limit 64M --codec zstd:3 --access zipf:0.9 "
						 "--zswap-shrinker off");
	plan_release(&plan);
	plan = good(SEED_MACHINE,
		    "PFT_WORKLOADS=engine-memcgs PFT_CLIENTS=1\n"
		    "PFT_LRU='global memcg' PFT_MEMCGS='1 8' PFT_WORKING_SET='1G 2G'");
	assert_int_equal(plan.nr_cells, 8);
	assert_string_equal(plan.cells[7].variant, "engine-memcgs-set.2G-memcg-memcgs.8");
	assert_string_equal(plan.cells[7].extra, "--working-set 2G --lru memcg --memcgs 8");
	plan_release(&plan);
	plan = good(SEED_MACHINE, "PFT_WORKLOADS='kernel-swap engine-swap' PFT_CLIENTS=1\n"
				  "PFT_LRU=memcg PFT_LRU_LOCK='policy node list'");
	assert_int_equal(plan.nr_cells, 4);
	assert_string_equal(plan.cells[0].extra, "");
	assert_string_equal(plan.cells[3].variant, "engine-swap-lru-lock.list");
	assert_string_equal(plan.cells[3].extra, "--lru memcg --lru-lock list");
	plan_release(&plan);
	refuse(SEED_MACHINE, "PFT_LIMIT=0", "f:1: PFT_LIMIT: no memory at all, with '0'");
	refuse(SEED_MACHINE, "PFT_WORKING_SET=1Q", "f:1: PFT_WORKING_SET: ");
	refuse(SEED_MACHINE, "PFT_CODECS=LZO", "f:1: PFT_CODECS: not the name of a codec");
	refuse(SEED_MACHINE, "PFT_LRU=a:b", "f:1: PFT_LRU: not the name of a policy");
	refuse(SEED_MACHINE, "PFT_MEMCGS=0", "f:1: PFT_MEMCGS: ");
	refuse(SEED_MACHINE, "PFT_ACCESS=Seq", "f:1: PFT_ACCESS: not the name of a kind of access");
}

static void test_options(void **state)
{
	struct plan plan = good(SEED_MACHINE, "PFT_PREFAULT=yes PFT_EXTRA='-c 8' PFT_WARMUP=3\n"
					      "PFT_TIMEOUT=7 PFT_ITERATIONS=2 PFT_SEED=99\n"
					      "MMTEST_ITERATIONS=3");

	(void)state;
	assert_string_equal(plan.cells[0].extra, "--prefault -c 8");
	assert_int_equal(plan.warmup, 3);
	assert_int_equal(plan.timeout_s, 7);
	assert_int_equal(plan.iterations, 6);
	assert_int_equal(plan.seed, 99);
	plan_release(&plan);
}

/* The order as "cell.iteration ..." in memory that the caller frees. */
static char *order_text(const struct plan *plan)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < plan->nr_steps; i++) {
		char *longer = xasprintf("%s%s%u.%u", text, i ? " " : "", plan->steps[i].cell,
					 plan->steps[i].iteration);

		free(text);
		text = longer;
	}
	return text;
}

static char *order_of(const char *config)
{
	struct plan plan = good("core:4 pu:1", config);
	char *text = order_text(&plan);

	plan_release(&plan);
	return text;
}

#define THREE "PFT_ITERATIONS=2 PFT_CLIENTS='1 2 3' "

static void test_order(void **state)
{
	char *text, *again, *other;

	(void)state;
	text = order_of(THREE "PFT_ORDER=sequential");
	assert_string_equal(text, "0.0 0.1 1.0 1.1 2.0 2.1");
	free(text);
	text = order_of(THREE);
	assert_string_equal(text, "0.0 1.0 2.0 0.1 1.1 2.1");
	free(text);
	text = order_of("PFT_ITERATIONS=30 PFT_ORDER=random PFT_SEED=5");
	again = order_of("PFT_ITERATIONS=30 PFT_ORDER=random PFT_SEED=5");
	other = order_of("PFT_ITERATIONS=30 PFT_ORDER=random PFT_SEED=6");
	assert_string_equal(text, again);
	assert_string_not_equal(text, other);
	free(other);
	free(again);
	free(text);
}

/* Random, but each round holds every cell once. */
static void test_random_rounds(void **state)
{
	struct plan plan = good(SEED_MACHINE, "PFT_ITERATIONS=20 PFT_ORDER=random");

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		unsigned seen = 0;

		for (size_t i = 0; i < plan.nr_cells; i++) {
			const struct plan_step *step = &plan.steps[round * plan.nr_cells + i];

			assert_int_equal(step->iteration, round);
			seen |= 1u << step->cell;
		}
		assert_int_equal(seen, (1u << plan.nr_cells) - 1);
	}
	plan_release(&plan);
}

static void test_large_machines(void **state)
{
	static const struct {
		const char *machine;
		unsigned cpus, cells;
	} cases[] = {
		{"pack:2 [numa] core:32 pu:2", 128, 10},
		{"pack:2 [numa] core:48 pu:2", 192, 12},
		{"pack:2 group:4 [numa] core:16 pu:2", 256, 14},
		{"pack:8 [numa] core:32 pu:2", 512, 22},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plan plan = good(cases[i].machine, "PFT_PIN='compact spread cores' "
							  "PFT_ITERATIONS=3 PFT_MAPPING_SIZE=1G");
		const struct plan_cell *last = &plan.cells[plan.nr_cells - 1];

		assert_int_equal(plan.nr_cells, 3 * cases[i].cells);
		assert_int_equal(last->clients, cases[i].cpus);
		assert_int_equal(last->cpus[last->clients - 1], cases[i].cpus - 1);
		plan_release(&plan);
	}
}

static void test_refusals(void **state)
{
	(void)state;
	refuse(SEED_MACHINE, "\nPFT_PIN='compact scatter'",
	       "f:2: PFT_PIN: no such pin plan, with 'scatter'");
	refuse(SEED_MACHINE, "PFT_PIN=cpus:56", "f:1: PFT_PIN: no such CPU here");
	refuse(SEED_MACHINE, "PFT_MEM=remot", "f:1: PFT_MEM: no such memory policy, with 'remot'");
	refuse(SEED_MACHINE, "PFT_MEM=bind:0-2",
	       "f:1: PFT_MEM: no such node here, with '2'; there are 0-1");
	refuse(SEED_MACHINE, "PFT_MEM=bind:", "f:1: PFT_MEM: ");
	refuse("core:4 pu:1", "PFT_MEM=remote", "f:1: PFT_MEM: 'remote' needs a second node");
	refuse(SEED_MACHINE, "PFT_WORKLOADS='anon ../x'",
	       "f:1: PFT_WORKLOADS: not the name of a workload, with '../x'");
	refuse(SEED_MACHINE, "PFT_CLIENTS='1 two'", "f:1: PFT_CLIENTS: not a number, with 'two'");
	refuse(SEED_MACHINE, "PFT_CLIENTS='2 02'", "f:1: PFT_CLIENTS: named twice, with '02'");
	refuse(SEED_MACHINE, "PFT_CLIENTS=0", "f:1: PFT_CLIENTS: number not in 1..65536");
	refuse(SEED_MACHINE, "PFT_MIN_CLIENTS=57",
	       "f:1: PFT_MIN_CLIENTS: no worker count from 57 up to 56");
	refuse(SEED_MACHINE, "PFT_MAPPING_SIZE=8P",
	       "f:1: PFT_MAPPING_SIZE: 32768 bytes are less than a page for each of 12 workers");
	refuse(SEED_MACHINE, "PFT_ITERATIONS=1000000 MMTEST_ITERATIONS=1000",
	       "f:1: PFT_ITERATIONS: 8 cells");
}

static char *temporary(void)
{
	char path[] = "/tmp/plan-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	return xstrdup(path);
}

static void test_file(void **state)
{
	struct plan plan = good(SEED_MACHINE, "PFT_PIN='compact spread none' PFT_ITERATIONS=2 "
					      "PFT_ORDER=random PFT_EXTRA='-c 8'");
	struct plan back;
	char *path = temporary();
	struct why why = WHY_INIT;

	(void)state;
	assert_int_equal(plan_write(&plan, path, &why), 0);
	assert_int_equal(plan_read(&back, path, &why), 0);
	assert_int_equal(back.nr_cells, plan.nr_cells);
	assert_int_equal(back.iterations, 2);
	for (size_t i = 0; i < back.nr_steps; i++) {
		const struct plan_cell *a = &plan.cells[plan.steps[i].cell],
				       *b = &back.cells[back.steps[i].cell];

		assert_int_equal(plan.steps[i].iteration, back.steps[i].iteration);
		assert_string_equal(a->variant, b->variant);
		assert_string_equal(a->pin, b->pin);
		assert_string_equal(a->extra, b->extra);
		assert_int_equal(a->clients, b->clients);
		assert_int_equal(!a->cpus, !b->cpus);
		if (a->cpus) {
			assert_memory_equal(a->cpus, b->cpus, a->clients * sizeof(*a->cpus));
			assert_memory_equal(a->nodes, b->nodes, a->clients * sizeof(*a->nodes));
		}
	}
	plan_release(&plan);
	plan_release(&back);
	unlink(path);
	assert_int_equal(plan_read(&back, path, &why), -ENOENT);
	assert_null(back.cells);
	free(path);
}

/* The columns from variant to pagesize, of a plan without pinning. */
#define ROW "a\ta\tnone\tdefault\tbase\t"

#define HEAD \
	"# faultscale plan 1\n" \
	"step\tvariant\tworkload\tpin\tmem\tpagesize\tmode\tclients\titeration\t" \
	"bytes\tcpus\tnodes\textra\n"

static void refuse_file(const char *text, const char *reason)
{
	char *path = temporary();
	FILE *out = fopen(path, "wx");
	struct why why = WHY_INIT;
	struct plan plan;

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
	assert_true(plan_read(&plan, path, &why) < 0);
	if (!strstr(why.text, reason) || !strstr(why.text, path))
		fail_msg("'%s', not '%s'", why.text, reason);
	assert_null(plan.cells);
	unlink(path);
	free(path);
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *rows, *reason;
	} cases[] = {
		{"", "a plan without steps"},
		{"1\t" ROW "threads\t1\t0\t4096\t-\t-\t-\n", "step 0 was expected"},
		{"0\ta\033[2J\tanon\tcompact\tdefault\tbase\tthreads\t1\t0\t4096\t-\t-\t-\n",
		 "control character in column 'variant'"},
		{"0\t" ROW "fibres\t1\t0\t4096\t-\t-\t-\n", "no such mode"},
		{"0\t" ROW "threads\t0\t0\t4096\t-\t-\t-\n", "without workers"},
		{"0\t" ROW "threads\t2\t0\tmuch\t-\t-\t-\n", "column 'bytes'"},
		{"0\t" ROW "threads\t2\t0\t4096\t1\t0\t-\n", "column 'cpus' is not a list of 2"},
		{"0\t" ROW "threads\t1\t0\t4096\t0\t-\t-\n", "do not match"},
		{"0\t" ROW "threads\t1\t1\t4096\t-\t-\t-\n", "not every cell has 2 iterations"},
		{"0\t" ROW "threads\t1\t1\t4096\t-\t-\t-\n"
		 "1\t" ROW "threads\t1\t1\t4096\t-\t-\t-\n",
		 "step 1 is there twice"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = xasprintf("%s%s", HEAD, cases[i].rows);

		refuse_file(text, cases[i].reason);
		free(text);
	}
	refuse_file("# faultscale plan 2\nstep\n", "2");
}

static void test_estimate(void **state)
{
	struct plan_cell cell = {.workload = "anon", .clients = 1, .bytes = 1 << 30, .extra = ""};
	double one = plan_estimate_s(&cell), null;

	(void)state;
	cell.clients = 4;
	assert_true(plan_estimate_s(&cell) < one);
	cell.extra = "--prefault";
	assert_true(plan_estimate_s(&cell) > one / 2);
	cell.workload = "null";
	null = plan_estimate_s(&cell);
	assert_true(null > 0 && null < one / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),       cmocka_unit_test(test_variants),
		cmocka_unit_test(test_engine),	       cmocka_unit_test(test_swap),
		cmocka_unit_test(test_prefetch),       cmocka_unit_test(test_options),
		cmocka_unit_test(test_order),	       cmocka_unit_test(test_random_rounds),
		cmocka_unit_test(test_large_machines), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_file),	       cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_estimate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
