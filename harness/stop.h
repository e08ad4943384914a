/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stop: SIGINT, SIGTERM and SIGHUP as something to poll for, so that no handler races with the
 * work. */
#ifndef HARNESS_STOP_H
#define HARNESS_STOP_H

#include <signal.h>

#include "common/say.h"

struct stop {
	int fd; /* a signalfd: readable when somebody asked to stop */
	unsigned asked; /* how often they did */
	int signal; /* the first one's number */
	sigset_t before; /* the mask to give back, and the one that children get */
};

/* Block the signals and watch them; a SIGHUP that is ignored stays so. Returns 0 or -errno with the
 * reason in @why. */
int stop_init(struct stop *stop, struct why *why);

/* Take the signals that came so far, without waiting. Returns how many came since stop_init(). */
unsigned stop_take(struct stop *stop);

/* Sleep for @ms milliseconds or until somebody asks to stop. Returns as stop_take(). */
unsigned stop_sleep(struct stop *stop, int ms);

/* Give the signals back. */
void stop_release(struct stop *stop);

#endif
