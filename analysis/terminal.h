/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal: what can be shown where the output goes. */
#ifndef ANALYSIS_TERMINAL_H
#define ANALYSIS_TERMINAL_H

#include <stdbool.h>

struct terminal {
	bool is_one; /* a person looks at it, now */
	unsigned columns; /* 80 where it does not say */
	bool unicode; /* the locale's characters are UTF-8 */
	bool color; /* and NO_COLOR (no-color.org) is not set */
};

/* Look at @fd, at the environment and at the locale, which setlocale(3) has set. */
void terminal_init(struct terminal *terminal, int fd);

#endif
