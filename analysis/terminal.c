/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void terminal_init(struct terminal *terminal, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
	struct winsize size;

	*terminal = (struct terminal){
		.is_one = isatty(fd),
		.columns = 80,
		.unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
	if (terminal->is_one && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		terminal->columns = size.ws_col;
	terminal->color = terminal->is_one && !(no_color && *no_color) && kind && *kind &&
			  strcmp(kind, "dumb");
}
