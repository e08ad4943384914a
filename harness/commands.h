/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands of faultscale that plan and run. argv[0] is "faultscale NAME"; each returns the
 * exit code. */
#ifndef HARNESS_COMMANDS_H
#define HARNESS_COMMANDS_H

struct judge;
struct whatif_printer;

int cmd_run(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_topology(int argc, char **argv);
int cmd_machine(int argc, char **argv);
int cmd_prefetch(int argc, char **argv);
int cmd_events(int argc, char **argv);

/* What `guest compare` ends with: a table of both runs, and what follows from it, boot by boot. */
struct guest_teller {
	int (*compare)(int argc, char **argv);
	int (*judge)(const char *results, char *names[2]);
};

/* @teller is called at the end of `guest compare`. */
int cmd_guest(int argc, char **argv, const struct guest_teller *teller);

/* @printer prints what was simulated. */
int cmd_whatif(int argc, char **argv, const struct whatif_printer *printer);

/* @judge decides when the rounds are enough, and what they say. */
int cmd_ab(int argc, char **argv, const struct judge *judge);

#endif
