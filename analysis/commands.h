/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands of faultscale that read results. argv[0] is "faultscale NAME"; each returns the
 * exit code. */
#ifndef ANALYSIS_COMMANDS_H
#define ANALYSIS_COMMANDS_H

int cmd_compare(int argc, char **argv);
int cmd_extract(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_gate(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_offcpu(int argc, char **argv);
int cmd_contention(int argc, char **argv);
int cmd_misses(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_plot(int argc, char **argv);

/* What faultscale guest compare ends with: the gate's verdict on the second of two kernels, by the
 * runs @names of @directory. */
int cmd_gate_kernels(const char *directory, char *names[2]);

#endif
