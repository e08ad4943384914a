/* SPDX-License-Identifier: GPL-2.0-or-later */
/* faultscale: plans and runs sweeps of pft, reads and compares the results. The table of commands. */
#include <stdio.h>
#include <string.h>

#include "analysis/commands.h"
#include "analysis/judge.h"
#include "analysis/whatif.h"
#include "common/say.h"
#include "harness/commands.h"
#include "version.h"

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is "faultscale NAME"; returns the exit code */
};

/* Rounds are run by the harness and judged by the analysis, which know nothing of each other. */
static int ab(int argc, char **argv)
{
	return cmd_ab(argc, argv, &judge);
}

static int calibrate(int argc, char **argv)
{
	return cmd_ab(argc, argv, &calibrator);
}

static int whatif(int argc, char **argv)
{
	return cmd_whatif(argc, argv, &whatif_printer);
}

/* Likewise the boots of two kernels. */
static int guest(int argc, char **argv)
{
	static const struct guest_teller teller = {cmd_compare, cmd_gate_kernels};

	return cmd_guest(argc, argv, &teller);
}

static const struct command commands[] = {
	{"run", "run a sweep that a config file describes", cmd_run},
	{"plan", "print what a config would run, without running it", cmd_plan},
	{"topology", "draw this machine, or one described in words", cmd_topology},
	{"machine", "list, show and measure models of machines for the simulator", cmd_machine},
	{"whatif", "simulate lock designs on a machine that is not here", whatif},
	{"prefetch", "show or switch the processor's prefetchers", cmd_prefetch},
	{"events", "list the events that can be counted here, and why not the others", cmd_events},
	{"guest", "run a sweep in an emulated machine, with a kernel of your choice", guest},
	{"ab", "compare two variants in randomised rounds until the verdict is clear", ab},
	{"calibrate", "show this machine's noise, and what can be seen through it", calibrate},
	{"gate", "tell by exit code whether a run is slower than an earlier one", cmd_gate},
	{"import", "take what another program measured as a run", cmd_import},
	{"show", "show a run or two: a table, and curves on a terminal", cmd_show},
	{"history", "index runs by commit, and find where a branch changed", cmd_history},
	{"compare", "compare runs, as compare-mmtests.pl prints it", cmd_compare},
	{"report", "write one HTML page about runs: verdict, charts, tables", cmd_report},
	{"plot", "draw one chart into an SVG or PNG file", cmd_plot},
	{"extract", "print every sample, as extract-mmtests.pl prints it", cmd_extract},
	{"export", "write a run, or a verdict, for CI and other programs", cmd_export},
	{"offcpu", "tell where threads are off-CPU, in one run or two", cmd_offcpu},
	{"contention", "tell which locks of the kernel threads contend for", cmd_contention},
	{"misses", "print which instructions were sampled, and what changed", cmd_misses},
};

static void usage(FILE *out)
{
	fprintf(out, "Usage: faultscale COMMAND [OPTION...]\n\n"
		     "Measures how page faults scale, and why they don't.\n\nCommands:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\n'faultscale COMMAND --help' lists a command's options; "
		     "see also faultscale(1).\n");
}

static int run_command(const struct command *command, int argc, char **argv)
{
	char name[64];
	int code;

	snprintf(name, sizeof(name), "faultscale %s", command->name);
	say_as(name);
	argv[0] = name;
	code = command->run(argc, argv);
	check_stdout();
	return code;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	say_as("faultscale");
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		usage(stdout);
		check_stdout();
		return EXIT_GOOD;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("faultscale " FAULTSCALE_VERSION);
		check_stdout();
		return EXIT_GOOD;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(name, commands[i].name))
			return run_command(&commands[i], argc - 1, argv + 1);
	if (*name)
		die(EXIT_USAGE, "no such command, with '%s'; 'faultscale --help' lists them", name);
	usage(stderr);
	return EXIT_USAGE;
}
