/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/guest/port.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "harness/guest/wire.h"

/* /dev/vportNpM whose name in sysfs is ours. Returns a descriptor, or -1. */
static int open_virtio(void)
{
	glob_t names;
	int fd = -1;

	if (glob("/sys/class/virtio-ports/*/name", 0, NULL, &names))
		return -1;
	for (size_t i = 0; i < names.gl_pathc && fd < 0; i++) {
		char name[64] = "", *path = names.gl_pathv[i], *folder, *dev;
		FILE *in = fopen(path, "re");
		bool ours = in && fgets(name, sizeof(name), in) &&
			    !strncmp(name, WIRE_PORT, strlen(WIRE_PORT));

		if (in)
			fclose(in);
		if (!ours)
			continue;
		*strrchr(path, '/') = '\0';
		folder = strrchr(path, '/') + 1;
		dev = xasprintf("/dev/%s", folder);
		fd = open(dev, O_RDWR | O_CLOEXEC);
		free(dev);
	}
	globfree(&names);
	return fd;
}

int port_open(void)
{
	/* A machine of arm64 has its console on another chip, and so its first line free. */
	const char *line = access("/dev/ttyAMA0", F_OK) ? "/dev/ttyS1" : "/dev/ttyS0";
	struct termios raw;
	int fd = open_virtio();

	if (fd >= 0)
		return fd;
	fd = open(line, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		raw.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}
