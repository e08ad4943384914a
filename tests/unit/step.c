/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xalloc.h"
#include "harness/progress.h"
#include "harness/step.h"
#include "harness/sysfs.h"

#define HEAD "# faultscale rows 1\nmetric\tthread\tunit\tvalue\tstatus\n"
#define RATE "faults/sec\tall\t1/s\t1234.5\tok\n"
#define LINE "   0    4   1     0.01s     0.10s     0.11s  562941.838 613025.340"

static char variant[] = "anon-compact", anon[] = "anon", compact[] = "compact", none[] = "none";
static char preset[] = "default", base[] = "base", empty[] = "", cow[] = "cow",
	    huge[] = "transhuge";
static char remote[] = "remote", extra[] = " --prefault  -c 2 ";
static unsigned cpus[] = {0, 1, 2, 8}, nodes[] = {0, 0, 0, 1};

static struct plan_cell plain = {.variant = anon,
				 .workload = anon,
				 .pin = none,
				 .mem = preset,
				 .pagesize = base,
				 .clients = 4,
				 .bytes = 268435456,
				 .extra = empty};
static struct plan_cell rich = {.variant = variant,
				.workload = cow,
				.pin = compact,
				.mem = remote,
				.pagesize = huge,
				.processes = true,
				.clients = 4,
				.bytes = 4096,
				.cpus = cpus,
				.nodes = nodes,
				.extra = extra};

static void check_command(const struct plan_cell *cell, unsigned nr_cpus, const char *want)
{
	struct step_argv a;
	char text[512] = "";

	step_argv_init(&a, cell, "./pft", nr_cpus);
	for (size_t i = 0; i < a.nr; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 a.argv[i]);
	assert_null(a.argv[a.nr]);
	assert_string_equal(text, want);
	step_argv_release(&a);
}

static void prefetchers_are_switched_around_pft(void **state)
{
	static char off[] = "-c 2 --prefetch adjacent=off -z", all[] = "--prefetch all=on",
		    leave[] = "--prefetch default --once", name[] = "--prefetcher 3";
	struct plan_cell cell = plain;

	(void)state;
	cell.extra = off;
	check_command(&cell, 8,
		      "/proc/self/exe prefetch off --only adjacent -- ./pft -m 268435456 -t 4 "
		      "--rows /dev/fd/3 -c 2 -z");
	check_command(&cell, 0,
		      "faultscale prefetch off --only adjacent -- ./pft -m 268435456 -t 4 -c 2 -z");
	cell.extra = all;
	check_command(&cell, 0, "faultscale prefetch on -- ./pft -m 268435456 -t 4");
	cell.extra = leave;
	check_command(&cell, 0, "./pft -m 268435456 -t 4 --once");
	cell.extra = name;
	check_command(&cell, 0, "./pft -m 268435456 -t 4 --prefetcher 3");
}

/* A simulator switches its own prefetcher, and says itself how many CPUs its machine has. */
static void a_simulated_cell_is_called_without_the_machine(void **state)
{
	static char simulated[] = "--machine x --prefetch adjacent=off";
	struct plan_cell cell = plain;

	(void)state;
	assert_false(step_is_simulated(&cell));
	cell.extra = simulated;
	assert_true(step_is_simulated(&cell));
	check_command(&cell, 2,
		      "./pft -m 268435456 -t 4 --workload anon --rows /dev/fd/3 --machine x "
		      "--prefetch adjacent=off");
}

static void a_plain_cell_is_called_as_mmtests_does(void **state)
{
	char *command = step_command(&plain, "./pft");

	(void)state;
	assert_string_equal(command, "./pft -m 268435456 -t 4");
	free(command);
	check_command(&plain, 4, "./pft -m 268435456 -t 4 --rows /dev/fd/3");
}

static void clients_above_the_cpus_are_not_clipped(void **state)
{
	(void)state;
	check_command(&plain, 3, "./pft -m 268435456 -t 4 --oversubscribe --rows /dev/fd/3");
}

static void every_part_of_a_cell_is_an_option(void **state)
{
	(void)state;
	check_command(&rich, 2,
		      "./pft -m 4096 -n 4 --workload cow --pin cpus:0-2,8 --mem remote "
		      "--pagesize transhuge --rows /dev/fd/3 --prefault -c 2");
}

/* What step_write() makes of these texts; the caller frees. */
static char *write_step(const char *rows, const char *out, const char *err,
			struct step_outcome *outcome)
{
	struct plan_step step = {0, 7};
	struct plan plan = {
		.cells = &plain, .nr_cells = 1, .steps = &step, .nr_steps = 1, .timeout_s = 9};
	struct child_result child = {
		.rows = {xstrdup(rows), strlen(rows), 0, 0},
		.out = {xstrdup(out), strlen(out), 0, 0},
		.err = {xstrdup(err), strlen(err), 0, 0},
		.started_s = 1000.25,
		.elapsed_s = 2,
		.usage = {.ru_utime = {0, 500000},
			  .ru_stime = {1, 0},
			  .ru_maxrss = 77,
			  .ru_minflt = 5},
	};
	const struct disturbance others = {
		.known = true, .steal = 1.25, .foreign = 30, .frequency = 2.5e9};
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	step_write(to, &plan, 0, &child, &others, outcome);
	fclose(to);
	child_result_release(&child);
	return text;
}

/* The line about this machine's boot is there, and taken out. */
static void cut_boot(char *text)
{
	char *id = sysfs_read("", "/proc/sys/kernel/random/boot_id");
	char *line = xasprintf("0\tanon\t4\t7\ttime_boot\tall\t1\t%lu\tok\n",
			       strtoul(id, NULL, 16));
	char *at = strstr(text, line);

	assert_non_null(at);
	memmove(at, at + strlen(line), strlen(at + strlen(line)) + 1);
	free(line);
	free(id);
}

static void a_good_step_keeps_everything(void **state)
{
	struct step_outcome outcome;
	char *text = write_step(HEAD RATE "worker_wall_s\t3\ts\t-\tunavailable: x\\ty\n",
				"title\n" LINE "\n", "pft: warning: a\tb\n", &outcome);

	(void)state;
	assert_false(outcome.failed);
	assert_true(outcome.faults_per_sec == 1234.5);
	cut_boot(text);
	assert_string_equal(text, "0\tanon\t4\t7\t" RATE
				  "0\tanon\t4\t7\tworker_wall_s\t3\ts\t-\tunavailable: x\\ty\n"
				  "0\tanon\t4\t7\tclassic\tall\ttext\t" LINE "\tok\n"
				  "0\tanon\t4\t7\tstderr\tall\ttext\tpft: warning: a\\tb\tok\n"
				  "0\tanon\t4\t7\ttime_started\tall\ts\t1000.250\tok\n"
				  "0\tanon\t4\t7\ttime_user_s\tall\ts\t0.500000\tok\n"
				  "0\tanon\t4\t7\ttime_system_s\tall\ts\t1.000000\tok\n"
				  "0\tanon\t4\t7\ttime_elapsed_s\tall\ts\t2.000000\tok\n"
				  "0\tanon\t4\t7\ttime_cpu\tall\t%\t75.0\tok\n"
				  "0\tanon\t4\t7\ttime_max_rss\tall\tKiB\t77\tok\n"
				  "0\tanon\t4\t7\ttime_major_faults\tall\t1\t0\tok\n"
				  "0\tanon\t4\t7\ttime_minor_faults\tall\t1\t5\tok\n"
				  "0\tanon\t4\t7\ttime_voluntary_switches\tall\t1\t0\tok\n"
				  "0\tanon\t4\t7\ttime_involuntary_switches\tall\t1\t0\tok\n"
				  "0\tanon\t4\t7\ttime_frequency\tall\t1/s\t2500000000\tok\n"
				  "0\tanon\t4\t7\ttime_steal\tall\t%\t1.2\tok\n"
				  "0\tanon\t4\t7\ttime_foreign\tall\t%\t30.0\tok\n"
				  "0\tanon\t4\t7\tstep\tall\ttext\tdone\tok\n");
	free(text);
}

static void a_step_without_sound_rows_failed(void **state)
{
	static const char *const bad[][2] = {
		{"", "it wrote no rows"},
		{HEAD, "it wrote no rows"},
		{"hello\n", "rows:1: not a faultscale table"},
		{"# faultscale rows 2\nmetric\tthread\tunit\tvalue\tstatus\n" RATE, "version '2'"},
		{HEAD RATE "faults/cpu\tall", "rows:4: half a row"},
		{HEAD "faults/sec\tall\t1/s\n", "rows:3: 3 fields"},
		{HEAD "faults/sec\tall\t1/s\tinf\tok\n", "'inf' of faults/sec is not a number"},
		{HEAD "faults/sec\tall\t1/s\t1e3x\tok\n", "'1e3x' of faults/sec is not a number"},
		{HEAD "faults/sec\tall\t1/s\t\tok\n", "'' of faults/sec is not a number"},
		{HEAD "step\tall\ttext\tdone\tok\n", "no name for a metric of pft, 'step'"},
		{HEAD "time_cpu\tall\t%\t1\tok\n", "no name for a metric of pft, 'time_cpu'"},
		{HEAD "\tall\t%\t1\tok\n", "no name for a metric of pft, ''"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct step_outcome outcome;
		char *text = write_step(bad[i][0], LINE "\n", "", &outcome);

		assert_true(outcome.failed);
		if (!strstr(outcome.why.text, bad[i][1]))
			fail_msg("row %zu: %s", i, outcome.why.text);
		assert_null(strstr(text, "faults/sec\tall"));
		assert_non_null(strstr(text, "\tstep\tall\ttext\tfailed\tfailed: "));
		assert_non_null(strstr(text, "\ttime_cpu\t"));
		free(text);
	}
}

static void time_left_follows_what_steps_took(void **state)
{
	struct plan_step steps[4] = {{0, 0}, {0, 1}, {0, 2}, {0, 3}};
	struct plan plan = {.cells = &plain, .nr_cells = 1, .steps = steps, .nr_steps = 4};
	const bool done[4] = {true, false, false, false};
	struct progress p;

	(void)state;
	progress_init(&p, stderr, &plan, done);
	assert_int_equal(p.nr_done, 1);
	progress_step(&p, &plain, 10, 0);
	assert_true(progress_left_s(&p) > 19.9 && progress_left_s(&p) < 20.1);
	progress_step(&p, &plain, 30, 0);
	assert_true(progress_left_s(&p) > 19.9 && progress_left_s(&p) < 20.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_simulated_cell_is_called_without_the_machine),
		cmocka_unit_test(a_plain_cell_is_called_as_mmtests_does),
		cmocka_unit_test(prefetchers_are_switched_around_pft),
		cmocka_unit_test(clients_above_the_cpus_are_not_clipped),
		cmocka_unit_test(every_part_of_a_cell_is_an_option),
		cmocka_unit_test(a_good_step_keeps_everything),
		cmocka_unit_test(a_step_without_sound_rows_failed),
		cmocka_unit_test(time_left_follows_what_steps_took),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
