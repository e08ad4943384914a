/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_list: what --events says: "cycles:k,{LLC-loads,LLC-load-misses}:u" is three events, the last
 * two in one group. */
#ifndef PFT_COUNTERS_EVENT_LIST_H
#define PFT_COUNTERS_EVENT_LIST_H

#include <stddef.h>

#include "common/say.h"

struct event_list {
	struct listed_event {
		char *name; /* with its modifiers, those behind the braces included */
		unsigned group; /* 1.. for each pair of braces; 0: alone */
	} * events;
	size_t nr, cap;
};

/* Cut @text up at commas and braces. Returns 0, or -EINVAL with the reason in @why; the caller
 * releases the list in any case. */
int event_list_parse(struct event_list *list, const char *text, struct why *why);

/* Free what the list holds. */
void event_list_release(struct event_list *list);

#endif
