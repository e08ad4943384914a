/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "harness/stop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int stop_init(struct stop *stop, struct why *why)
{
	struct sigaction hangup;
	sigset_t set;

	*stop = (struct stop){.fd = -1};
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* blocked, it would come through in spite of nohup(1) */
	if (sigaction(SIGHUP, NULL, &hangup) || hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	stop->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (stop->fd < 0)
		return why_not(why, errno, "cannot watch for signals: %s", strerror(errno));
	sigprocmask(SIG_BLOCK, &set, &stop->before);
	return 0;
}

unsigned stop_take(struct stop *stop)
{
	struct signalfd_siginfo info;

	while (read(stop->fd, &info, sizeof(info)) == sizeof(info)) {
		if (!stop->asked++)
			stop->signal = (int)info.ssi_signo;
	}
	return stop->asked;
}

unsigned stop_sleep(struct stop *stop, int ms)
{
	struct pollfd p = {.fd = stop->fd, .events = POLLIN};

	poll(&p, 1, ms);
	return stop_take(stop);
}

void stop_release(struct stop *stop)
{
	if (stop->fd < 0)
		return;
	stop_take(stop);
	close(stop->fd);
	stop->fd = -1;
	sigprocmask(SIG_SETMASK, &stop->before, NULL);
}
