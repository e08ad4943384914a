/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/port.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

int port_open(void)
{
	/* A machine of arm64 has its console on another chip, and so its first line free. */
	const char *line = access("/dev/ttyAMA0", F_OK) ? "/dev/ttyS1" : "/dev/ttyS0";
	int fd = open(line, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd < 0)
		return -errno;
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		raw.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}
