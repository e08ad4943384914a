/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watcher: how far the run in a guest is, out of the files that it sends, for one line on a terminal. */
#ifndef HARNESS_GUEST_WATCHER_H
#define HARNESS_GUEST_WATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/guest/receiver.h"
#include "harness/plan.h"
#include "harness/progress.h"

struct watcher {
	FILE *out;
	bool shown; /* @out is a terminal */
	const char *label; /* which kernel, with a colon behind it, or "" */
	struct plan plan; /* ->cells NULL: not known yet */
	struct progress progress;
	bool *done; /* [nr_steps] */
	uint64_t step_ns; /* when the step under way began */
};

/* Begin; @label is kept. */
void watcher_init(struct watcher *watcher, FILE *out, const char *label);

/* Say what the guest does before it runs anything: "boots", ... */
void watcher_say(struct watcher *watcher, const char *what);

/* Take the steps that @receiver is about to write. */
void watcher_take(struct watcher *watcher, const struct receiver *receiver);

/* Show what the guest does now that @receiver has written; the first time read the plan. */
void watcher_show(struct watcher *watcher, const struct receiver *receiver);

/* Wipe the line. */
void watcher_clear(struct watcher *watcher);

/* Free what the struct holds. */
void watcher_release(struct watcher *watcher);

#endif
