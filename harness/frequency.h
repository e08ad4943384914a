/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frequency: how fast the clocks of CPUs run, as the kernel tells it in /sys. */
#ifndef HARNESS_FREQUENCY_H
#define HARNESS_FREQUENCY_H

#include <stddef.h>

/*
 * The mean frequency, in Hz, of @cpus[@nr], or with NULL of the @nr fastest CPUs of all, below @root. To be
 * asked right behind the work: the kernel tells what it measured in the last milliseconds, of a CPU that
 * was idle for longer what it set. Returns 0 where it tells nothing, as in most guests.
 */
double frequency_look(const char *root, const unsigned *cpus, size_t nr);

#endif
