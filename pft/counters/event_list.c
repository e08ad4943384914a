/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pft/counters/event_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static int add(struct event_list *list, const char *name, size_t len, unsigned group,
	       struct why *why)
{
	if (!len)
		return why_not(why, EINVAL, "an event without a name");
	XGROW(list->events, list->nr, list->cap);
	list->events[list->nr++] = (struct listed_event){xstrndup(name, len), group};
	return 0;
}

/* What stands behind the braces, ":k", goes behind the name of each event in them. */
static void modify(struct event_list *list, unsigned group, const char *mods, size_t len)
{
	for (size_t i = 0; len && i < list->nr; i++) {
		char *name = list->events[i].name;

		if (list->events[i].group != group)
			continue;
		list->events[i].name = xasprintf("%s%.*s", name, (int)len, mods);
		free(name);
	}
}

/* Behind '{' up to ',' or the end; @text goes on behind it. */
static int parse_group(struct event_list *list, const char **text, unsigned group, struct why *why)
{
	const char *p = *text;
	size_t len;
	int err;

	do {
		len = strcspn(p, ",{}");
		err = add(list, p, len, group, why);
		p += len;
	} while (!err && *p == ',' && p++);
	if (err)
		return err;
	if (*p == '{')
		return why_not(why, EINVAL, "a group in a group");
	if (!*p)
		return why_not(why, EINVAL, "a group without its '}'");
	len = strcspn(++p, ",");
	if (len && *p != ':')
		return why_not(why, EINVAL, "'%.*s' behind a group; modifiers begin with ':'",
			       (int)len, p);
	modify(list, group, p, len);
	*text = p + len;
	return 0;
}

static int check_twice(const struct event_list *list, struct why *why)
{
	for (size_t i = 0; i < list->nr; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(list->events[i].name, list->events[j].name))
				return why_not(why, EINVAL, "event '%s' twice",
					       list->events[i].name);
	return 0;
}

int event_list_parse(struct event_list *list, const char *text, struct why *why)
{
	unsigned groups = 0;
	int err;

	*list = (struct event_list){0};
	for (;;) {
		if (*text == '{') {
			text++;
			err = parse_group(list, &text, ++groups, why);
		} else {
			size_t len = strcspn(text, ",{}");

			err = add(list, text, len, 0, why);
			text += len;
			if (!err && *text && *text != ',')
				err = why_not(why, EINVAL, "a '%c' that begins or ends no group",
					      *text);
		}
		if (err || !*text)
			return err ? err : check_twice(list, why);
		text++;
	}
}

void event_list_release(struct event_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->events[i].name);
	free(list->events);
	*list = (struct event_list){0};
}
