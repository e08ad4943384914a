/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"

extern char **environ;

/* The child's standard descriptors. They are files in memory: with pipes, who reads and writes would have
 * to be taken in turns. */
struct streams {
	int fds[3];
};

static int streams_init(struct streams *s, const char *script, struct why *why)
{
	size_t len = strlen(script), done = 0;
	ssize_t n;

	for (size_t i = 0; i < 3; i++) {
		s->fds[i] = memfd_create("gnuplot", MFD_CLOEXEC);
		if (s->fds[i] < 0)
			return why_not(why, errno, "cannot make a file in memory: %s",
				       strerror(errno));
	}
	for (; done < len; done += n) {
		n = write(s->fds[0], script + done, len - done);
		if (n <= 0)
			return why_not(why, errno, "cannot write to memory: %s", strerror(errno));
	}
	lseek(s->fds[0], 0, SEEK_SET);
	return 0;
}

static void streams_release(struct streams *s)
{
	for (size_t i = 0; i < 3; i++)
		if (s->fds[i] >= 0)
			close(s->fds[i]);
}

static char *read_all(int fd, size_t *len)
{
	struct stat st;
	char *text;
	ssize_t n = 0;

	*len = 0;
	if (fstat(fd, &st))
		return xstrdup("");
	text = xmalloc(st.st_size + 1);
	while (*len < (size_t)st.st_size &&
	       (n = pread(fd, text + *len, st.st_size - *len, *len)) > 0)
		*len += n;
	text[*len] = '\0';
	return text;
}

/* The words that say what is wrong: gnuplot prints the line, a caret below it, then the reason, and
 * warnings around them. */
static int complain(const struct streams *s, int status, struct why *why)
{
	size_t len;
	char *text = read_all(s->fds[2], &len), *reason = text, *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		if (strspn(line, " \t^") < strlen(line) && strncasecmp(line, "warning:", 8))
			reason = line;
	reason += strspn(reason, " \t");
	why_not(why, EIO, "gnuplot failed (%s %d): %.200s", WIFSIGNALED(status) ? "signal" : "exit",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		*reason ? reason : "it said nothing");
	free(text);
	return -EIO;
}

static int spawn(const struct streams *s, pid_t *pid, struct why *why)
{
	/* -d: the user's own settings would change the picture. */
	char *const argv[] = {"gnuplot", "-d", NULL};
	posix_spawn_file_actions_t actions;
	int err;

	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&actions, s->fds[i], i);
	err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err == ENOENT)
		return why_not(why, err,
			       "there is no gnuplot to draw with: apt-get install gnuplot-nox");
	return err ? why_not(why, err, "cannot run 'gnuplot': %s", strerror(err)) : 0;
}

int gnuplot_run(const char *script, char **text, size_t *len, struct why *why)
{
	struct streams s = {{-1, -1, -1}};
	int err = streams_init(&s, script, why), status = 0;
	pid_t pid;

	*text = NULL;
	if (!err)
		err = spawn(&s, &pid, why);
	if (!err) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (status)
			err = complain(&s, status, why);
		else
			*text = read_all(s.fds[1], len);
	}
	streams_release(&s);
	return err;
}
