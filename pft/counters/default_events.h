/* SPDX-License-Identifier: GPL-2.0-or-later */
/* default_events: what 'pft --events default' counts, and by which event on which processor. */
#ifndef PFT_COUNTERS_DEFAULT_EVENTS_H
#define PFT_COUNTERS_DEFAULT_EVENTS_H

#define MOST_CANDIDATES 6

/* A question, and the events that answer it or come nearest, best first; what a processor does not
 * have cannot be encoded there, so the order between vendors does not matter. */
struct default_event {
	const char *name; /* of the row, the same on every machine */
	unsigned group; /* as in struct listed_event */
	const char *candidates[MOST_CANDIDATES]; /* end with NULL if fewer */
};

extern const struct default_event default_events[];
extern const unsigned nr_default_events;

#endif
